"""The lab workbench: which pages there are, in the order of the roadmap, inside one frame."""

import streamlit as st

from lab import ui

HOME = st.Page(
    "pages/learn/roadmap.py", title="Roadmap", icon=":material/route:", url_path="", default=True,
)  # fmt: skip
SETTINGS = st.Page("pages/settings/doctor.py", title="Settings", icon=":material/settings:")
PAGES = {
    "Data": [
        st.Page("pages/data/catalogue.py", title="Find data", icon=":material/travel_explore:"),
        st.Page("pages/data/load.py", title="Load data", icon=":material/upload:"),
        st.Page("pages/data/prometheus.py", title="Read Prometheus", icon=":material/stream:"),
        st.Page("pages/data/stream.py", title="Stream data", icon=":material/input:"),
        st.Page("pages/data/quality.py", title="Check quality", icon=":material/rule:"),
        st.Page("pages/data/features.py", title="Shape features", icon=":material/function:"),
        st.Page("pages/data/explore.py", title="Explore", icon=":material/table_view:"),
    ],
    "Operate": [
        st.Page("pages/operate/world.py", title="Watch the shop", icon=":material/storefront:"),
        st.Page("pages/operate/anomalies.py", title="Find anomalies", icon=":material/monitoring:"),
        st.Page(
            "pages/operate/rehearse.py", title="Rehearse faults", icon=":material/theater_comedy:"
        ),
    ],
    "Models": [
        st.Page("pages/models/train.py", title="Train a model", icon=":material/model_training:"),
        st.Page("pages/models/runs.py", title="Compare runs", icon=":material/compare_arrows:"),
        st.Page("pages/models/registry.py", title="Registry", icon=":material/inventory_2:"),
    ],
    "Serve": [
        st.Page("pages/serve/serve.py", title="Serve a model", icon=":material/deployed_code:"),
    ],
    "Monitor": [
        st.Page("pages/monitor/drift.py", title="Inspect drift", icon=":material/difference:"),
    ],
}

ui.frame()
page = ui.navigation(HOME, PAGES, SETTINGS)
with ui.exercise_mode(), ui.guard():
    page.run()
