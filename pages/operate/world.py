"""Watch the shop: a live world that breathes, its changes and alerts, and two ways to meddle."""

import streamlit as st

from lab import ui
from lab.flows import live_steer as steer
from lab.flows import live_view as view
from lab.flows.live_world import running_world, stop_world
from lab.plots.golden import golden_drawing
from lab.plots.topology import topology_drawing

TARGET = "lab.flows.live_world:start_world"
SPEED = "world.speed"
FEED = {
    "time": st.column_config.DatetimeColumn("UTC", format="HH:mm", timezone="UTC", width=50),
    "service": st.column_config.TextColumn("Where", width=80),
    "what": st.column_config.TextColumn("What happened", width=195),
}  # fmt: skip
NODES = {
    "name": "Part", "health": "Health", "kind": "Kind", "host": "Host", "replicas": "Replicas",
    "latency_ms": st.column_config.NumberColumn("Latency p95 (ms)", format="%.0f"),
    "traffic": st.column_config.NumberColumn("Traffic (1/s)", format="%.1f"),
    "errors": st.column_config.NumberColumn("Errors", format="percent"),
    "saturation": st.column_config.NumberColumn("Saturation", format="percent"),
}  # fmt: skip
CODE = """import lab
from lab.flows import live_steer, live_view
from lab.flows.live_world import start_world, stop_world

ws = lab.open_workspace()
world = lab.drain(start_world(ws, seed=7, speed=60))
print(live_view.watch(ws).sentence)
live_steer.operate(ws, "restart", "payment")
print(world.url, world.prometheus_config)
stop_world(ws)"""
ws = ui.workspace()


def start() -> None:
    """The empty state: what a live world is, and the button that starts one."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(
            "No shop is open. Open one to watch six services live through a day in minutes, "
            "with metrics that Prometheus can scrape.", text_alignment="center",
        )  # fmt: skip
        with st.form("world.start", border=False, width=480):
            seed = st.number_input("Seed", 0, 10_000, 7, help="The same seed, the same shop.")
            collect = st.checkbox("Collect what it shows into this workspace", value=True)
            pressed = st.form_submit_button("Open the shop", type="primary",
                                            icon=":material/play_arrow:")  # fmt: skip
    if pressed:
        ui.start_job(TARGET, label="Open the shop", writes=False, seed=int(seed), collect=collect)
        st.rerun()
    if ui.watch_job(TARGET) and running_world(ws):
        st.rerun()


def change_speed() -> None:
    """What the speed buttons do; the button pressed twice leaves it as it is."""
    # Heard once more after closing, in a fragment's run, where a refusal drawn blanks the page.
    if (chosen := st.session_state[SPEED]) is not None and running_world(ws):
        with ui.guard():
            steer.set_speed(ws, chosen)


def operate() -> None:
    """What an operator can do."""
    order = st.selectbox("Do", view.ORDERS, format_func=view.order_words, key="world.order")
    st.caption(view.DOES[order])
    with st.form("world.operate", border=False):
        target = st.selectbox("To", view.TARGETS[order])
        amount = None
        if order in view.AMOUNTS:
            label, usual, least, most, step = view.AMOUNTS[order]
            amount = st.number_input(label, least, most, usual, step, format="%g")
        if st.form_submit_button("Do it", type="primary"):
            steer.operate(ws, order, target, amount)
            st.toast("Done. Watch whether it helps.")


def dial() -> None:
    """The instructor's fault dial, and what it has set going."""
    faults = view.faults()
    kind = st.selectbox("Fault", faults, format_func=faults.get, key="world.kind")
    with st.form("world.inject", border=False):
        target = st.selectbox("Where", view.targets_of(kind))
        severity = st.slider("Severity", 0.0, 1.0, 0.7, 0.05)
        if st.form_submit_button("Inject", type="primary", icon=":material/bolt:"):
            steer.inject(ws, kind, target, severity)
    for one in view.running_incidents(ws):
        st.markdown(f"**{one['title']}** · {one['target']}")
        if st.button("Recover", key=f"world.recover.{one['incident_id']}"):
            steer.recover(ws, one["incident_id"])
            st.rerun()


def steering(speed: float | None) -> None:
    """The slim row of what can be done."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control("Speed", view.SPEEDS, format_func=view.SPEEDS.get, default=speed,
                             key=SPEED, on_change=change_speed)  # fmt: skip
        with st.popover("Operator", icon=":material/construction:"), ui.guard():
            operate()
        with st.popover("Instructor", icon=":material/school:"), ui.guard():
            dial()
        if st.button("Close the shop", icon=":material/stop:"):
            stop_world(ws)
            st.rerun()


@st.fragment(run_every="2s")
def breathing() -> None:
    """All that moves."""
    if running_world(ws) is None:
        st.rerun()
    with ui.guard():
        seen = view.watch(ws)
        ui.facts({"World time": seen.time, "Pace": seen.pace,
                  "Customers": seen.customers, "Not well": seen.unwell})  # fmt: skip
        left, right = st.columns([2, 1], gap="medium")
        with left:
            ui.picture(topology_drawing(seen.nodes, seen.edges, seen.sentence), seen.sentence,
                       key="world.topology")  # fmt: skip
        with right:
            happened(seen.happened)
        st.markdown("**The last hour** :gray[· each line from zero to its own highest]")
        ui.picture(golden_drawing(seen.signals, seen.health, seen.busiest), seen.busiest,
                   key="world.golden")  # fmt: skip
        with st.expander("The numbers", icon=":material/table_rows:"):
            ui.table(seen.nodes, key="world.nodes", config=NODES)


def happened(rows: object) -> None:
    """Alerts and changes in one feed, since one is often why of the other."""
    st.markdown("**Alerts and changes**")
    if len(rows):
        ui.table(rows, key="world.happened", config=FEED)
    else:
        st.caption("No alert yet, and nothing was changed.")


ui.head("Watch the shop", "A live shop, its signals, and what happens when something breaks.")
if (world := running_world(ws)) is None:
    start()
else:
    steering(view.offered_speed(ws))
    breathing()
    st.caption(f"{world.world} answers at {world.url}/state · Its configuration for Prometheus: "
               f"`{world.prometheus_config}`")  # fmt: skip
ui.same_in_code(CODE)
