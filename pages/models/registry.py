"""Registry: take a run to the gate, see who is champion and why, promote, roll back."""

import streamlit as st

from lab import ui
from lab.flows import registry
from lab.flows.training_view import finished_runs

TARGET = "lab.flows.registry:register"
CODE = """import lab
from lab.flows.registry import rollback

ws = lab.open_workspace()
verdict = lab.register(ws, {run_id!r}, {name!r})
print(verdict.message)
print(lab.champion(ws, {name!r}))
# rollback(ws, {name!r})"""
VERSIONS = {
    "version": "Version",
    "aliases": "Alias",
    "model": "Model",
    "mae": st.column_config.NumberColumn("Error", format="%.3f"),
    "baseline_mae": st.column_config.NumberColumn("Seasonal naive", format="%.3f"),
    "improvement": st.column_config.NumberColumn("Error gone", format="percent"),
    "created": st.column_config.DatetimeColumn("Registered (UTC)", format="YYYY-MM-DD HH:mm"),
    "run_id": None,
}
MOVES = {
    "acted_at": st.column_config.DatetimeColumn("When (UTC)", format="YYYY-MM-DD HH:mm:ss"),
    "actor": "Who",
    "verb": "What",
    "from": "From",
    "to": "To",
    "reason": "Why",
}
ws = ui.workspace()


def gate(runs: dict[str, str]) -> None:
    """The form that takes a run to the gate, and what the gate said last."""
    with st.form("registry.form", border=False):
        name = st.text_input("Register as", registry.NAME, key="registry.name", max_chars=64)
        # Named by how many there are, so that a new run is offered first.
        run_id = st.selectbox("Run", runs, format_func=runs.get, key=f"registry.run.{len(runs)}")
        if st.form_submit_button("Ask the gate", type="primary", icon=":material/gavel:"):
            ui.start_job(TARGET, label=f"Gate of {name}", writes=False,
                         run_id=run_id, name=name)  # fmt: skip
    st.caption(ui.explain("gate"))
    ui.same_in_code(CODE.format(run_id=run_id, name=name))


def answer() -> None:
    """The last verdict, check by check."""
    job = ui.watch_job(TARGET)
    if job:
        ui.verdict(job.result["passed"], "Passed" if job.result["passed"] else "Refused")
        st.markdown(job.result["message"])
        checks = {"name": "Check", "passed": "Passed", "expected": "Expected", "found": "Found"}
        ui.table(job.result["checks"], key="registry.checks", config=checks)


def versions(name: str) -> None:
    """Every version, who is champion, and the ways to change that."""
    table = ui.read(registry.versions, name)
    sitting = ui.read(registry.champion_number, name)
    st.subheader(
        f"Version {sitting} of {name} is champion" if sitting else f"{name} has no champion",
        anchor=False,
    )
    ui.table(table, key="registry.versions", config=VERSIONS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Version", table["version"], key=f"registry.version.{name}", width=160
        )
        reason = st.text_input("Why", key="registry.reason", placeholder="For the log")
        if st.button(
            "Make champion",
            key="registry.promote",
            icon=":material/upgrade:",
            disabled=chosen == sitting,
        ):
            registry.set_alias(ws, chosen, name, reason)
            st.rerun()
        if st.button(
            "Roll back",
            key="registry.rollback",
            icon=":material/undo:",
            disabled=not ui.read(registry.has_earlier, name),
            help="Makes the champion before this one champion again.",
        ):
            registry.rollback(ws, name, reason)
            st.rerun()
    st.subheader("What happened", anchor=False)
    ui.table(ui.read(registry.moves, name), key="registry.log", config=MOVES)


ui.head("Registry", "What may serve: versions that passed the gate, and who is champion.")
runs = ui.read(finished_runs)
names = ui.read(registry.names)
if runs:
    form, result = st.columns([1, 3], gap="medium")
    with form:
        gate(runs)
    with result:
        answer()
        if names:
            versions(st.selectbox("Model", names, key="registry.model"))
        else:
            st.info("No model is registered yet. Take a run to the gate.")
else:
    ui.empty("No model was trained yet, so there is nothing to register.",
             "pages/models/train.py", "Train a model")  # fmt: skip
    ui.same_in_code(CODE.format(run_id="RUN_ID", name=registry.NAME))
