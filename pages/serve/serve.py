"""Serve a model: build its image, launch it, ask it, compare, read its log, take it down."""

import streamlit as st

from lab import ui
from lab.core.jobs import Jobs
from lab.flows import serve

BUILD, LAUNCH = "lab.flows.serve:build", "lab.flows.serve:launch"
SHAPES = {
    "healthy": ("green", ":material/check_circle:"),
    "starting": ("blue", ":material/hourglass_top:"),
    "refused": ("red", ":material/block:"),
    "stopped": ("gray", ":material/stop_circle:"),
}
ws = ui.workspace()


def show_champion(model: serve.ModelVersion, choice: serve.Choice) -> None:
    """Which model it is, where it will run, and the two steps that take it there."""
    kind = "Container" if choice.backend == "docker" else "Local process"
    ui.facts({
        "Champion": model.name,
        "Version": model.version,
        "Trained in run": model.run_id[:8],
        "Runs as": kind,
    }, {"Champion": ui.explain("champion")})  # fmt: skip
    st.caption(choice.reason)
    with st.container(horizontal=True):
        build = st.button(
            "Build image",
            key="serve.build",
            icon=":material/deployed_code:",
            disabled=not choice.builds,
            help="Needs Docker. The first build fetches packages; the next takes seconds.",
        )
        launch = st.button(
            "Launch", key="serve.launch", icon=":material/play_arrow:", type="primary"
        )
        local = choice.backend == "docker" and st.button(
            "Launch without Docker",
            key="serve.local",
            icon=":material/terminal:",
            help="The same server as a local process: quicker, without the container's fence.",
        )
    if build:
        ui.start_job(
            BUILD,
            label=f"Build {model.name} version {model.version}",
            writes=False,
            name=model.name,
            version=model.version,
        )
    if launch or local:
        ui.start_job(
            LAUNCH,
            label=f"Launch {model.name} version {model.version}",
            writes=False,
            name=model.name,
            version=model.version,
            backend="process" if local else choice.backend,
        )
    ui.watch_job(BUILD)
    ui.watch_job(LAUNCH)


def show_build_log(model: serve.ModelVersion) -> None:
    """The build log, line by line while it grows."""
    jobs = [Jobs(ws).newest(BUILD), Jobs(ws).newest(LAUNCH)]
    working = any(job is not None and job.active for job in jobs)
    with st.expander("Build log", icon=":material/article:", expanded=working):
        st.fragment(log_lines, run_every="1s" if working else None)(model)


def log_lines(model: serve.ModelVersion) -> None:
    """The end of the build log as it stands."""
    text = serve.build_log(ws, model.name, model.version, lines=12)
    st.code(text or "No image was built yet.", language=None, height=280)


def show_endpoint(info: serve.EndpointInfo) -> None:
    """One endpoint: its state, its address, its log, and its end."""
    colour, icon = SHAPES[info.state]
    with st.container(border=True):
        name, state, stop, remove = st.columns([6, 2, 1, 1], vertical_alignment="center")
        name.markdown(f"**{info.id}** · version {info.version} · {info.detail}")
        state.badge(info.state.capitalize(), icon=icon, color=colour)
        if stop.button("Stop", key=f"serve.stop.{info.id}", disabled=info.state == "stopped"):
            serve.stop(ws, info.id)
            st.rerun()
        if remove.button("Remove", key=f"serve.remove.{info.id}"):
            serve.remove(ws, info.id)
            st.rerun()
        if info.url:
            st.code(f"curl {info.url}/health", language="bash")
        with st.expander("Log", icon=":material/article:"):
            st.code(serve.logs(ws, info.id, lines=40), language=None)


def show_prediction(info: serve.EndpointInfo) -> None:
    """A form of rows to ask, and the endpoint's answer beside the local model's."""
    st.subheader("Ask it", anchor=False)
    rows = ui.read(serve.sample_rows, info.model, info.version)
    ask, answer = st.columns([3, 2])
    with ask, st.form("serve.ask"):
        st.caption(f"Rows of the holdout; change any cell, then ask {info.url}.")
        given = st.data_editor(rows, key=f"serve.rows.{info.id}", num_rows="dynamic")
        sent = st.form_submit_button("Predict", icon=":material/send:", type="primary")
    if not sent:
        return
    with answer, st.spinner("Asking the endpoint and the local model"):
        comparison = serve.compare_with_local(ws, info.id, given)
        ui.verdict(comparison.equal, comparison.verdict)
        ui.table(serve.comparison_table(comparison), key="serve.answer")
        st.caption(f"{comparison.served.title} It is stored in the table predictions.")


ui.head("Serve a model", "Put the champion behind an address, ask it, and take it down again.")
models = ui.read(serve.champions)
if not models:
    ui.empty(
        "No model is champion yet. Register one that beats its baseline; it is served from here.",
        "pages/models/registry.py",
        "Register a model",
    )
else:
    model = models[0]
    if len(models) > 1:
        model = st.selectbox("Model", models, key="serve.model", format_func=serve.title_of)
    show_champion(model, serve.backend_for(ws))
    show_build_log(model)
    served = serve.endpoints(ws)
    healthy = [info for info in served if info.state == "healthy" and info.model == model.name]
    if healthy:
        show_prediction(healthy[0])
    if served:
        st.subheader("Endpoints", anchor=False)
    for info in served:
        show_endpoint(info)
ui.same_in_code(
    """import lab
from lab.flows import serve

ws = lab.open_workspace()
endpoint = lab.drain(lab.launch(ws))          # builds the image first if there is Docker
rows = serve.sample_rows(ws, endpoint.model, endpoint.version)
print(serve.compare_with_local(ws, endpoint.id, rows))
lab.stop(ws, endpoint.id)
"""
)
