"""The parts of the exercise rail."""

import re
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
TIERS = {"process": "no Docker needed", "containers": "uses Docker", "kubernetes": "uses a cluster"}
# How a step begins that belongs to the second half of an exercise.
LATER = "After *Break it*:"
WORDS = {"error": "the checker broke; this is not your fault", "skipped": "not reached yet"}


def lesson(about: Panel) -> None:
    """The lesson, open until the exercise has been started."""
    with st.expander("Lesson", expanded=not about.active, icon=":material/menu_book:"):
        st.markdown(about.lesson)


def steps(about: Panel) -> None:
    """What to do, in order: first the way to the proof, and once it is broken the way back."""
    if about.broken:
        st.warning(f"It is broken: {about.break_effect}", icon=":material/bolt:")
    first = [step for step in about.steps if not step.startswith(LATER)]
    later = [step.removeprefix(LATER).strip() for step in about.steps if step not in first]
    if later and (about.broken or about.recovered):
        with st.expander("The steps so far", icon=":material/history:"):
            _list(first, about.folder)
        _list(later, about.folder)
    else:
        _list(first, about.folder)


def _list(steps: list[str], folder: str) -> None:
    """Numbered steps; a path is named by its file, and stands in full below, to be copied."""
    text = "\n".join(f"{n}. {step[0].upper()}{step[1:]}" for n, step in enumerate(steps, 1))
    st.markdown(text.replace(f"`{folder}/", "`"))
    for path in dict.fromkeys(re.findall(f"`({re.escape(folder)}/[^`]*)`", text)):
        st.code(path, language=None, wrap_lines=True)


def checks(about: Panel) -> None:
    """Every sub-check with what was expected and found."""
    if about.passed:
        word = "Solved by the lab" if about.assisted else "Proven"
        more = " Recovered." if about.recovered else ""
        st.success(f"{word}.{more}", icon=":material/verified:")
    with st.container(key="rail.checks"):
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
    """Have it solved, start over, undo that; folded away."""
    fold = st.expander(
        "Solve it for me, start over",
        icon=":material/more_horiz:",
        key="rail.more",
        on_change="rerun",
    )
    if not fold.open:
        return
    with fold:
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
