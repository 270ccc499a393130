"""Read Prometheus: see what a PromQL query gives, and load it as a data set."""

import streamlit as st

from lab import ui
from lab.flows import prometheus_view as view
from lab.flows.load_form import MODES
from lab.flows.load_report import REJECTED, rejects
from lab.plots import explore as draw
from lab.plots.anomalies import unit_of

TARGET = "lab.flows.prometheus:read_prometheus"
SHOWN = "prometheus.preview"
COUNTERS = "A counter, such as `…_total`, only grows: ask for its `rate(…[5m])`."
CODE = """import lab
from lab.flows.prometheus import read_prometheus

ws = lab.open_workspace()
done = lab.drain(read_prometheus(
    ws, {query!r}, {dataset!r},
    start={start!r}, end={end!r}, step_seconds={step_seconds!r},
    name={name!r}, mode={mode!r},
))
print(done.rows_loaded, done.gaps, done.content_hash)"""


def window(span: str) -> dict[str, str | None]:
    """Where the window begins and ends; two times are asked for."""
    if span != view.BETWEEN:
        return {"start": view.SPANS[span], "end": None}
    left, right = st.columns(2)
    start = left.text_input("From (UTC)", placeholder="2026-03-09 14:00", key="prometheus.from")
    end = right.text_input("Until (UTC)", placeholder="now", key="prometheus.until")
    return {"start": start or None, "end": end or None}


def ask(server: view.Server) -> dict[str, object] | None:
    """The form, the load it can start, and the same in code; the question to preview, if any."""
    beginnings = server.beginnings
    title = st.selectbox("Begin with", beginnings, key="prometheus.title")
    span = st.selectbox("Window", view.SPANS, 2, key="prometheus.span")
    with st.form("prometheus.form", border=False):
        chosen = window(span)
        # Named by the beginning, so that another one takes the place of the text.
        query = st.text_area("PromQL", beginnings[title], height=120,
                             key=f"prometheus.query.{title}")  # fmt: skip
        st.caption(COUNTERS)
        step = st.selectbox("One sample every", view.STEPS, 1, format_func=view.STEPS.get)
        dataset = st.text_input("Name of the data set", "prometheus")
        name = st.text_input("Name of the metric", placeholder="as in the query",
                             help="Used where the query leaves none, as a rate does.")  # fmt: skip
        mode = st.radio("If the name exists", MODES, format_func=MODES.get)
        left, right = st.columns(2)
        looked = left.form_submit_button("Preview", icon=":material/visibility:", width="stretch")
        pressed = right.form_submit_button("Load", type="primary", icon=":material/download:",
                                           width="stretch")  # fmt: skip
    question = {"query": query, "step_seconds": step, **chosen}
    ui.same_in_code(CODE.format(dataset=dataset, name=name, mode=mode, **question))
    if pressed:
        ui.start_job(TARGET, label=f"Read {dataset} from Prometheus", dataset=dataset, name=name,
                     mode=mode, **question)  # fmt: skip
    return question if looked else None


def look(question: dict[str, object]) -> None:
    """Ask for a preview and keep it; what is wrong is said in its place."""
    st.session_state[SHOWN] = None
    with st.spinner("Asking Prometheus", show_time=True), ui.guard():
        st.session_state[SHOWN] = view.preview_query(ui.workspace(), **question)


def report(result: dict[str, object]) -> None:
    """What the last read did, and where to go with it."""
    with st.container(border=True):
        st.markdown(f"**{result['dataset']}** is loaded.")
        ui.facts(view.figures(result))
        st.caption(view.sentence(result))
        if result["rows_rejected"]:
            with st.expander("Infinite samples", icon=":material/rule:"):
                ui.table(ui.read(rejects, result["load_id"]), key="prometheus.rejects",
                         config={**REJECTED, "line": None})  # fmt: skip
        left, right = st.columns(2)
        left.page_link("pages/operate/anomalies.py", label="Find anomalies",
                       icon=":material/monitoring:")  # fmt: skip
        right.page_link("pages/data/explore.py", label="Explore it", icon=":material/table_view:")


def show(preview: view.Preview) -> None:
    """A query drawn coarsely."""
    twin = draw.series_sentence(preview.points, preview.names, preview.title)
    unit = unit_of(preview.title)
    picture = draw.series_chart(preview.points, preview.names, preview.title, unit)
    ui.chart(picture, twin, preview.points, key="prometheus.lines")
    st.caption(preview.words, help=ui.explain("series"))


ui.head("Read Prometheus", "See what a query gives, then load it beside your other data.")
server = ui.read(view.server, view.stamp())
if not server.is_set:
    ui.empty(
        "No Prometheus is set. Set `LAB_PROMETHEUS_URL`, or `prometheus_url` in `lab.toml`, "
        "to the address of yours, such as `http://127.0.0.1:9090`, and start the app again.",
        "pages/settings/doctor.py", "See the settings",
    )  # fmt: skip
    ui.same_in_code(CODE.format(**view.EXAMPLE))
elif server.problem:
    ui.failed(server.problem, server.hint)
    st.button("Try again", icon=":material/refresh:", on_click=st.cache_data.clear)
    ui.same_in_code(CODE.format(**view.EXAMPLE))
else:
    form, work = st.columns([1, 2], gap="large")
    with form:
        st.caption(f"{server.place} · {ui.number(len(server.names))} metrics")
        question = ask(server)
    with work:
        if question is not None:
            look(question)
        done = ui.watch_job(TARGET)
        if done:
            report(done.result)
        if st.session_state.get(SHOWN):
            show(st.session_state[SHOWN])
        elif not done:
            st.info("Preview a query to see it here. Nothing is stored until you press Load.")
