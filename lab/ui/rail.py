"""The exercise rail: goal, live sub-checks, hints, beside the page the exercise is about."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal

import streamlit as st

from lab.core.config import PROJECT
from lab.core.jobs import Job, Jobs
from lab.learn.choice import open_exercise, opened
from lab.learn.panel import Panel, panel
from lab.ui.frame import guard, read, workspace
from lab.ui.rail_parts import TIERS, checks, hints, lesson, more, steps

WIDTH = 344
# A check writes its own verdict; changes this close to it are taken for that.
REST_SECONDS = 3.0
ENGINE = "lab.learn.engine:"
COMMANDS = tuple(ENGINE + command for command in ("start", "check", "solve", "break_it"))


@contextmanager
def exercise_mode() -> Iterator[None]:
    """Give the page the room the rail leaves, and draw the rail beside it."""
    exercise = opened(workspace())
    if exercise is None:
        yield
        return
    with st.container(horizontal=True, gap="medium", wrap=False):
        with st.container():
            yield
        with st.container(width=WIDTH, border=True, key="rail"):
            _rail(exercise)


def beside_rail() -> bool:
    """Whether the rail takes part of the page's width."""
    return opened(workspace()) is not None


def enter(exercise: str, page: str) -> None:
    """Open an exercise in the rail and go to the page it is about.

    Args:
        exercise: Its id.
        page: Name of the page, such as ``load``.
    """
    open_exercise(workspace(), exercise)
    st.switch_page(page_path(page))


def page_path(name: str) -> str:
    """Path of a page by its name, as Streamlit's navigation wants it."""
    found: Path = next((PROJECT / "pages").rglob(f"{name}.py"))
    return found.relative_to(PROJECT).as_posix()


@st.fragment(run_every="2s")
def _rail(exercise: str) -> None:
    with guard():
        _draw(exercise)


def _draw(exercise: str) -> None:
    about, job = read(panel, exercise), _job(exercise)
    _title(about)
    if job is not None and job.active:
        st.progress(job.fraction or 0.0, text=f"{job.label}: {job.message}")
    elif job is not None and job.state in ("failed", "interrupted"):
        st.warning(f"{job.label}: {job.message}  \n{job.hint}")
    busy = job is not None and job.active
    if not about.active:
        _button("start", "Start", about, busy)
        lesson(about)
        return
    _recheck(about, busy)
    lesson(about)
    steps(about)
    checks(about)
    if about.passed and not about.broken:
        _button("break_it", "Break it", about, busy, primary=not about.recovered)
        st.caption(about.break_effect)
    _button("check", "Check now", about, busy)
    hints(about)
    more(about, busy, run=_run)


def _title(about: Panel) -> None:
    name, leave = st.columns([5, 1], vertical_alignment="center")
    name.markdown(f"**{about.number}. {about.title}**")
    if leave.button("", icon=":material/close:", key="rail.leave", type="tertiary",
                    help="Hide the rail; your progress stays"):  # fmt: skip
        open_exercise(workspace(), None)
        st.rerun()
    st.caption(f"{about.goal} About {about.minutes} min, {TIERS[about.tier]}.")


def _button(command: str, label: str, about: Panel, busy: bool, *, primary: bool = False) -> None:
    kind: Literal["primary", "secondary"]
    kind = "primary" if primary or not about.passed else "secondary"
    if st.button(label, key=f"rail.{command}", type=kind, width="stretch", disabled=busy):
        _run(command, about, f"{label}: {about.title}")


def _run(command: str, about: Panel, label: str) -> None:
    _submit(command, about, label)
    st.rerun(scope="fragment")


def _submit(command: str, about: Panel, label: str) -> None:
    Jobs(workspace()).submit(
        ENGINE + command,
        label=label,
        writes=command != "check",
        exercise_id=about.id,
    )


def _recheck(about: Panel, busy: bool) -> None:
    """Check again by itself once the workspace has changed since the last check, and rests."""
    if busy or not about.checked:
        return
    ws = workspace()
    since_check = ws.changed_at() - datetime.fromisoformat(about.checked).timestamp()
    resting = time.time() - ws.changed_at() > REST_SECONDS
    if since_check > REST_SECONDS and resting and not any(j.active for j in Jobs(ws).recent(5)):
        # The page may be drawing all of itself, where a fragment must not ask to be run again.
        _submit("check", about, f"Check: {about.title}")


def _job(exercise: str) -> Job | None:
    jobs = (job for job in Jobs(workspace()).newest_first() if job.target in COMMANDS)
    return next((job for job in jobs if job.arguments.get("exercise_id") == exercise), None)
