"""The parts of the exercise rail."""

from collections.abc import Callable

import streamlit as st

from lab.learn.contract import SubCheck
from lab.learn.engine import hint, preview, reset, undo
from lab.learn.panel import Panel
from lab.ui.frame import read, workspace

MARKS = {
    "pass": ":green[:material/check_circle:]",
    "fail": ":orange[:material/cancel:]",
    "wait": ":gray[:material/radio_button_unchecked:]",
    "error": ":orange[:material/warning:]",
    "skipped": ":gray[:material/do_not_disturb_on:]",
}
WORDS = {"error": "the checker broke; this is not your fault", "skipped": "not reached yet"}


def lesson(about: Panel) -> None:
    """The lesson, open until the exercise has been started."""
    with st.expander("Lesson", expanded=not about.active, icon=":material/menu_book:"):
        st.markdown(about.lesson)


def steps(about: Panel) -> None:
    """What to do, in order."""
    st.markdown("\n".join(f"{n}. {step}" for n, step in enumerate(about.steps, 1)))
    if about.broken:
        st.warning(f"It is broken: {about.break_effect}", icon=":material/bolt:")


def checks(about: Panel) -> None:
    """Every sub-check with what was expected and found."""
    if about.passed:
        word = "Solved by the lab" if about.assisted else "Proven"
        st.success(f"{word}. {'Recovered.' if about.recovered else ''}", icon=":material/verified:")
    for check in about.checks:
        st.markdown(f"{MARKS[check.status]} {check.title}{_aside(check)}")
        if check.status in ("fail", "error"):
            st.caption(f"Expected: {check.expected}  \nFound: {check.found}")
        if check.evidence and check.status in ("fail", "error"):
            st.code(check.evidence, language="text", wrap_lines=True)


def _aside(check: SubCheck) -> str:
    return f" :gray[({WORDS[check.status]})]" if check.status in WORDS else ""


def hints(about: Panel) -> None:
    """The hints taken, and the offer of the next one."""
    taken = len(about.hints_taken)
    for number, text in enumerate(about.hints_taken, 1):
        with st.expander(f"Hint {number}", expanded=number == taken):
            st.markdown(text)
    if taken < about.hints_total and not about.passed:
        if about.hint_offered:
            st.caption("The same check failed twice. A hint may help; taking one costs nothing.")
        label = f"Hint {taken + 1} of {about.hints_total}"
        if st.button(label, key="rail.hint", icon=":material/lightbulb:", width="stretch"):
            hint(workspace(), about.id)
            st.rerun(scope="fragment")


def more(about: Panel, busy: bool, run: Callable[[str, Panel, str], None]) -> None:
    """Break it, have it solved, reset and undo, folded away."""
    fold = st.expander(
        "Break it, solve it, start over",
        icon=":material/more_horiz:",
        key="rail.more",
        on_change="rerun",
    )
    if not fold.open:
        return
    with fold:
        st.caption(about.break_effect)
        ready = about.passed and not about.broken
        if st.button("Break it", key="rail.break", disabled=busy or not ready, width="stretch",
                     help=None if ready else "Solve it first"):  # fmt: skip
            run("break_it", about, f"Break: {about.title}")
        st.caption("The lab can do it for you; it then counts as assisted, not as proven.")
        if st.button("Solve it for me", key="rail.solve", disabled=busy, width="stretch"):
            run("solve", about, f"Solve: {about.title}")
        _start_over(about, busy)


def _start_over(about: Panel, busy: bool) -> None:
    ws = workspace()
    st.caption("Reset removes: " + ("; ".join(read(preview, about.id)) or "nothing"))
    if st.button("Reset", key="rail.reset", disabled=busy, width="stretch"):
        reset(ws, about.id)
        st.rerun(scope="fragment")
    if about.can_undo and st.button("Undo the reset", key="rail.undo", width="stretch"):
        undo(ws, about.id)
        st.rerun(scope="fragment")
