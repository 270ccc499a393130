"""Jobs on a page: start one, watch it live, cancel it, meet its result again after a reload."""

from typing import Any

import streamlit as st

from lab.core.jobs import Job, Jobs
from lab.ui.frame import workspace
from lab.ui.words import duration, literal

DISMISSED = "jobs.dismissed"


def start_job(target: str, /, *, label: str, writes: bool = True, **arguments: Any) -> None:
    """Start a flow in a process of its own; ``watch_job`` shows it.

    Args:
        target: ``lab.flows.module:function``.
        label: What it does, in the words of the person, such as "Train the sales model".
        writes: Whether it changes data; such jobs take turns.
        **arguments: Plain values for the flow.

    Raises:
        Busy: The same job is already waiting or running.
    """
    Jobs(workspace()).submit(target, label=label, writes=writes, **arguments)


def watch_job(target: str, *, plot: str = "") -> Job | None:
    """Show how the newest job of a flow is doing.

    Args:
        target: The flow, as in ``start_job``.
        plot: Name of a number it reports, to be drawn live.

    Returns:
        The job once it is done, whether it was started a moment ago or before a reload;
        ``None`` while it runs, when it failed, or when there never was one.
    """
    job = Jobs(workspace()).newest(target)
    if job is None:
        return None
    if job.active:
        _running(job.id, plot)
        return None
    if job.state == "done":
        return job
    _ended_badly(job)
    return None


@st.fragment(run_every="500ms")
def _running(job_id: str, plot: str) -> None:
    jobs = Jobs(workspace())
    job = jobs.get(job_id)
    if not job.active:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.fraction or 0.0, text=f"{job.label}: {job.message} {_left(job)}")
        if st.button("Cancel", key=f"cancel.{job_id}", icon=":material/close:"):
            jobs.cancel(job_id)
            st.toast("Stopping. Nothing half-done is kept.")
    points = [row[plot] for row in jobs.history(job_id) if plot in row] if plot else []
    if len(points) > 1:
        st.line_chart(points, x_label="step", y_label=plot.replace("_", " "), height=200)


def _left(job: Job) -> str:
    if not job.fraction or job.fraction < 0.05:
        return ""
    seconds = job.elapsed_seconds * (1 / job.fraction - 1)
    return f"· about {duration(round(seconds))} left" if seconds >= 1 else ""


def _ended_badly(job: Job) -> None:
    dismissed = st.session_state.setdefault(DISMISSED, set())
    if job.id in dismissed:
        return
    show = st.error if job.state == "failed" else st.warning
    said = f": {literal(job.message)}  \n{literal(job.hint)}"
    why = "." if job.state == "cancelled" else said
    with st.container(horizontal=True, vertical_alignment="center"):
        show(f"**{job.label}** {_word(job)}{why}")
        if st.button("Dismiss", key=f"dismiss.{job.id}"):
            dismissed.add(job.id)
            st.rerun()


def _word(job: Job) -> str:
    words = {"failed": "failed", "cancelled": "was cancelled", "interrupted": "was interrupted"}
    return words[job.state]
