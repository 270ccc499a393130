"""Find data: what there is, bundled or public, with its terms before anything is downloaded."""

import streamlit as st

from lab import ui
from lab.flows import catalogue as flow
from lab.flows import load_report

TARGET = "lab.flows.catalogue:fetch"
CODE = """import lab
from lab.flows.catalogue import fetch

ws = lab.open_workspace()
done = lab.drain(fetch(ws, {name!r}, accept_licence=True))
print(done.rows_loaded, done.dataset)"""
BUNDLED_CODE = """import lab

ws = lab.open_workspace()
done = lab.drain(lab.ingest(ws, {name!r}))
print(done.rows_loaded, done.dataset)"""


def terms(entry: flow.Entry) -> None:
    """What a set is, its terms, and the button that gets it."""
    st.subheader(entry.title, anchor=False)
    ui.facts({"Rows": ui.number(entry.rows), "Size": ui.bytes_text(entry.size_bytes),
              "Kind": entry.kind.capitalize()})  # fmt: skip
    if entry.about:
        st.markdown(entry.about)
    st.markdown(f"**Licence** {entry.licence}  \n**From** {entry.origin}")
    if entry.citation:
        st.markdown(f"**Please cite** {entry.citation}")
    st.caption(entry.checksum)
    if entry.where == flow.BUNDLED:
        st.page_link("pages/data/load.py", label="Load it", icon=":material/upload:")
        return
    accepted = st.checkbox("I have read the licence and accept it",
                           key=f"catalogue.accept.{entry.name}")  # fmt: skip
    st.caption(f"Comes from {entry.host}, to this workspace only.")
    if st.button("Download and load", type="primary", icon=":material/cloud_download:",
                 disabled=not accepted):  # fmt: skip
        ui.start_job(TARGET, label=f"Get {entry.title}", name=entry.name, accept_licence=True)


def report(result: dict[str, object]) -> None:
    """What the last download or load did."""
    with st.container(border=True):
        st.markdown(f"**{result['source']}** is in **{result['dataset']}**.")
        st.caption(load_report.sentence(result))
        st.page_link("pages/data/explore.py", label="Explore it", icon=":material/table_view:")


ui.head("Find data", "Bundled sets, and public ones that are downloaded, checked and loaded.")
entries = {entry.name: entry for entry in ui.read(flow.catalogue)}
listing, detail = st.columns([3, 2], gap="large")
with detail:
    titles = {name: entry.title for name, entry in entries.items()}
    name = st.selectbox("Data set", titles, format_func=titles.get, key="catalogue.name")
    terms(entries[name])
    code = BUNDLED_CODE if entries[name].where == flow.BUNDLED else CODE
    ui.same_in_code(code.format(name=name))
with listing:
    ui.table(flow.rows(list(entries.values())), key="catalogue.list", counts=["Rows"])
    # After the button, or what it starts would not be seen.
    done = ui.watch_job(TARGET)
    if done:
        report(done.result)
