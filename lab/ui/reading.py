"""The few questions that a file of many parts or of log lines asks before it is looked at."""

from typing import Any

import streamlit as st

from lab.flows import load_parts
from lab.ui.frame import read


def ask_reading(source: str, stamp: str) -> dict[str, Any]:
    """Ask which part of a file is meant and how its records are written; nothing for most files.

    Args:
        source: A path, or the name of a bundled data set.
        stamp: See ``lab.flows.load_form.file_stamp``.

    Returns:
        Fields of ``lab.data.reading.Reading``.
    """
    found = read(load_parts.parts, source, stamp)
    given: dict[str, Any] = {}
    if found.names:
        given["part"] = st.selectbox(found.word, found.names, key=f"load.part.{source}")
    guess = read(load_parts.manner, source, given.get("part", ""), stamp)
    if guess.pattern:
        given["pattern"] = st.text_input(
            "How its lines are written", guess.pattern, help=load_parts.PATTERN_HELP,
            key=f"load.pattern.{source}",
        )  # fmt: skip
    if guess.year:
        given["year"] = st.number_input(
            "Year of its times", 1970, 2100, guess.year, key=f"load.year.{source}"
        )
    if guess.layout:
        names = list(load_parts.LAYOUTS)
        given["layout"] = st.radio(
            "Records", names, names.index(guess.layout), format_func=load_parts.LAYOUTS.get,
            horizontal=True, key=f"load.layout.{source}",
        )  # fmt: skip
    if given.get("layout") == "documents":
        st.caption("Ask for a field in SQL as `doc->>'$.name'`.")
    return given
