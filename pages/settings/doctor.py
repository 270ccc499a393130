"""What the app found on this machine, and every setting with where its value came from."""

import streamlit as st

from lab import ui
from lab.flows.doctor import diagnose

ui.head("Settings", "What the lab found on this machine, and what it was told.")
ws = ui.workspace()

with st.spinner("Looking around …"):
    findings = diagnose(ws)
troubles = [finding for finding in findings if finding.status != "ok"]

st.subheader("What it found", anchor=False)
ui.verdict(not troubles, "All there" if not troubles else f"{len(troubles)} to look at")
ui.table(
    findings,
    key="doctor.findings",
    config={
        "name": st.column_config.TextColumn("Part", width="small"),
        "status": st.column_config.TextColumn("State", width="small"),
        "found": st.column_config.TextColumn("Found", width="large"),
        "fix": st.column_config.TextColumn("What to do", width="large"),
    },
)
st.caption("A missing part only greys out what needs it; everything else works.")

st.subheader("What it was told", anchor=False)
ui.table(
    ws.settings.table(),
    key="doctor.settings",
    config={
        "setting": st.column_config.TextColumn("Setting"),
        "value": st.column_config.TextColumn("Value", width="medium"),
        "origin": st.column_config.TextColumn("From"),
        "variable": st.column_config.TextColumn("Variable"),
        "about": st.column_config.TextColumn("What it is for", width="large"),
    },
)
st.caption(
    "An environment variable wins over lab.toml, which wins over the default. "
    "A change takes effect when the app starts again."
)

ui.same_in_code(
    "import lab\n\nfor finding in lab.diagnose(lab.open_workspace()):\n    print(finding)"
)
