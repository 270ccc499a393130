"""Stream data: rows that keep coming land in a table, each exactly once."""

import streamlit as st

from lab import ui
from lab.flows import load_form, stream_view
from lab.flows.load_report import REJECTED

CODE = """import lab
from lab.flows.stream import {flow}

ws = lab.open_workspace()
lab.drain({flow}(ws, {arguments}))  # until it is interrupted"""
ABOUT = (
    "A stream runs until you stop it, also when this page is closed. Whatever is killed or sent "
    "again, no row is lost and none is there twice. Rows that break the contract of their table "
    f"are turned away. A new table has the columns of its first {ui.number(1000)} rows; after "
    "that, a contract that names another column adds it."
)
UNSAID = "Times carry their own zone"


def ask() -> None:
    """The form, what starts the stream, and the same in code."""
    way = st.radio("How rows come", stream_view.WAYS, format_func=stream_view.WAYS.get,
                   key="stream.way")  # fmt: skip
    with st.form(f"stream.form.{way}", border=False):
        given = {"table": st.text_input("Table", "events").strip()}
        if way == "folder":
            given["folder"] = st.text_input("Folder on this machine", placeholder="/data/incoming")
            st.caption("Any file that can be loaded. A file that has landed moves to `done`, one "
                       "that cannot be read to `failed` with the reason.")  # fmt: skip
        else:
            given["port"] = st.number_input("Port on 127.0.0.1", 1024, 65535, stream_view.PORT)
            st.caption("JSON lines or an array of objects. A batch that is sent again under the "
                       "same key lands no second time.")  # fmt: skip
        zones = [UNSAID, *load_form.zones(ui.workspace().settings.timezone)]
        zone = st.selectbox("Time zone of times that name none", zones)
        given["timezone"] = "" if zone == UNSAID else zone
        if st.form_submit_button("Start", type="primary", icon=":material/play_arrow:"):
            ui.start_job(stream_view.TARGETS[way], label=f"Stream into {given['table']}",
                         writes=False, **given)  # fmt: skip
    told = ", ".join(f"{name}={value!r}" for name, value in given.items() if value)
    ui.same_in_code(CODE.format(flow=f"stream_{way}", arguments=told))


@st.fragment(run_every="1s")
def watch() -> None:
    """The streams that run, each with what it did and a way to stop it."""
    ws = ui.workspace()
    # In here, or a stream that ends a moment after it was started would not be seen to.
    if broken := stream_view.ended_badly(ws):
        ui.failed(broken.message, broken.hint, about=broken.label)
    for one in stream_view.running(ws):
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{one.label}**", width="stretch")
                if st.button("Stop", key=f"stream.stop.{one.job_id}", icon=":material/stop:"):
                    stream_view.stop(ws, one.job_id)
                    st.toast("Stopping. What has landed stays.")
            st.caption(one.message)
            if one.command:
                st.code(one.command, language="bash", wrap_lines=True)
    show()


def show() -> None:
    """What has landed, and what was turned away."""
    found = ui.read(stream_view.landed)
    if not len(found):
        st.info("Nothing has landed yet. Start a stream, and each batch appears here.")
        return
    st.subheader("What has landed", anchor=False)
    ui.table(found, key="stream.landed", config=stream_view.LANDED,
             counts=["batches", "rows", "rejected", "failed"])  # fmt: skip
    if with_bad := stream_view.with_rejects(found):
        with st.expander("Records turned away, with the reason", icon=":material/rule:"):
            stream = st.selectbox("Stream", with_bad, key="stream.bad")
            headings = {**REJECTED, "line": "Record", "text": "Record as it stands"}
            rejected = ui.read(stream_view.turned_away, stream)
            ui.table(rejected, key="stream.rejects", config=headings)
    st.page_link("pages/data/explore.py", label="Explore it", icon=":material/table_view:")


ui.head("Stream data", "Rows that keep coming land in a table, each exactly once.")
form, work = st.columns([1, 2], gap="large")
with form:
    ask()
with work:
    watch()
    st.caption(ABOUT, help=ui.explain("contract"))
