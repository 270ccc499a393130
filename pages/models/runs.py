"""Compare runs: all of them in a table, the chosen ones side by side, and MLflow's own UI."""

import streamlit as st

from lab import ui
from lab.flows import mlflow_ui
from lab.flows.comparison import RUN_COLUMNS, comparison
from lab.flows.runs import runs
from lab.plots.models import comparison_chart, fold_lines_chart

OPEN = "lab.flows.mlflow_ui:open_mlflow"
CODE = """import lab
from lab.flows.runs import compare

ws = lab.open_workspace()
table = lab.runs(ws)
print(compare(ws, table["run_id"].head(2)))"""
CONFIG = {
    "name": "Run",
    "started": st.column_config.DatetimeColumn("Started (UTC)", format="YYYY-MM-DD HH:mm"),
    "status": "Status",
    "model": "Model",
    "table": "Table",
    "target": "Target",
    "seed": "Seed",
    "dataset": st.column_config.TextColumn("Snapshot", help=ui.explain("snapshot")),
    "mae": st.column_config.NumberColumn("Error", format="%.3f"),
    "baseline_mae": st.column_config.NumberColumn("Seasonal naive", format="%.3f"),
    "improvement": st.column_config.NumberColumn("Error gone", format="percent"),
    "cv_mae": st.column_config.NumberColumn("Error over folds", format="%.3f"),
    "training_seconds": st.column_config.NumberColumn("Seconds", format="%.1f"),
}


def mlflow_button() -> None:
    """Open the real MLflow UI: a link while it runs, a button that starts it otherwise."""
    ws = ui.workspace()
    ui.watch_job(OPEN)
    address = mlflow_ui.mlflow_address(ws)
    with st.container(horizontal=True):
        if address:
            st.link_button("Open MLflow", address, icon=":material/open_in_new:", type="primary")
            if mlflow_ui.is_ours(ws) and st.button("Stop MLflow", icon=":material/stop_circle:"):
                mlflow_ui.close_mlflow(ws)
                st.rerun()
        elif st.button("Start MLflow", key="runs.mlflow", icon=":material/play_arrow:"):
            ui.start_job(OPEN, label="Start the MLflow UI", writes=False)
            st.rerun()


def side_by_side(chosen: tuple[str, ...]) -> None:
    """The chosen runs: their errors, what differs between them, and their path through it all."""
    found = ui.read(comparison, chosen)
    st.subheader(found.sentence, anchor=False)
    if found.warning:
        st.warning(found.warning, icon=":material/warning:")
    picture = comparison_chart(found.runs, found.target)
    ui.chart(picture, found.sentence, found.scores, key="runs.bars")
    if found.differences is not None:
        picture = fold_lines_chart(found.folds, found.target)
        ui.chart(picture, "A good run is low in every fold, not in one.", found.folds,
                 key="runs.folds")  # fmt: skip
        st.subheader("What differs", anchor=False)
        ui.table(found.differences, key="runs.differences", config={"kind": "Kind", "name": "Name"})


ui.head("Compare runs", "Every training with its parameters and scores; choose some to compare.")
table = ui.read(runs)
if len(table):
    mlflow_button()
    picked = st.dataframe(
        table,
        key="runs.table",
        hide_index=True,
        column_order=RUN_COLUMNS,
        column_config=CONFIG,
        on_select="rerun",
        selection_mode="multi-row",
    )
    st.caption("Tick runs to compare them; without a tick the best ten are shown.")
    side_by_side(tuple(table["run_id"].iloc[picked.selection.rows]))
else:
    ui.empty("No model was trained yet, so there is nothing to compare.",
             "pages/models/train.py", "Train a model")  # fmt: skip
ui.same_in_code(CODE)
