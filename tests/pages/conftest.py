"""A page runs on the workspace of its test, and nothing is remembered from another test."""

from collections.abc import Callable, Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lab.core.jobs import Jobs
from lab.core.workspace import Workspace
from lab.ui.launch import _navigation_owns_pages
from tests.pages.visit import visit


@pytest.fixture
def opened(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], AppTest]]:
    """Opens a page by its path; the app's own tidying, a process for each test, is left out."""
    monkeypatch.setenv("LAB_WORKSPACE", str(ws.root))
    submit = Jobs.submit

    def untidied(jobs: Jobs, target: str, /, **arguments: object) -> object:
        return submit(jobs, target, **arguments) if "upkeep" not in target else None

    monkeypatch.setattr(Jobs, "submit", untidied)
    _navigation_owns_pages()
    _forget()
    yield visit
    _forget()


def _forget() -> None:
    st.cache_resource.clear()
    st.cache_data.clear()
