"""The exercise rail: goal, live sub-checks, hints, beside the page the exercise is about."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def exercise_mode() -> Iterator[None]:
    """Give the page the room the rail leaves, and draw the rail beside it."""
    with st.container():
        yield
