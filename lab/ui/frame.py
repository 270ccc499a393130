"""The frame around every page: workspace, head, cached reads, error guard."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st

from lab.core.errors import Busy, LabError
from lab.core.jobs import Jobs
from lab.core.workspace import Workspace, open_workspace
from lab.flows.live_world import running_world
from lab.ui.show import failed

P = ParamSpec("P")
T = TypeVar("T")
ASSETS = Path(__file__).parent / "assets"
SIDEBAR = 232  # pixels; the pages need the rest
log = logging.getLogger("lab.ui")


@st.cache_resource(show_spinner=False)
def workspace() -> Workspace:
    """The workspace this app runs on; opened once and tidied in the background."""
    ws = open_workspace()
    with suppress(Busy):  # the app was started again while the last tidying still goes on
        Jobs(ws).submit("lab.flows.upkeep:tidy", label="Tidy the workspace", writes=False)
    return ws


@contextmanager
def guard() -> Iterator[None]:
    """Show what a person can act on as words; log what is our fault, and stay calm."""
    try:
        yield
    except LabError as error:
        failed(error.message, error.hint)
    except Exception:  # the edge of the page: the trace belongs in the log
        log.exception("A page broke")
        st.error(
            "**Something in the lab broke; your data is as it was.**  \n"
            f"Try again. The details are in the log of the app, under {workspace().logs}.",
            icon=":material/error:",
        )


def read(reader: Callable[Concatenate[Workspace, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a reader of a flow, or take its last answer while the workspace is unchanged.

    Args:
        reader: A function of ``lab.flows`` or ``lab.learn`` that takes the workspace first.
        *args: Plain values.
        **kwargs: Plain values.

    Returns:
        What the reader returned.
    """
    ws = workspace()
    name = f"{reader.__module__}.{reader.__qualname__}"
    answer: T = _remembered(name, str(ws.root), ws.version(), args, kwargs, _reader=reader, _ws=ws)
    return answer


@st.cache_data(max_entries=200, ttl="1h", show_spinner=False)
def _remembered(
    name: str,
    root: str,
    version: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    *,
    _reader: Callable[..., Any],
    _ws: Workspace,
) -> Any:
    del name, root, version  # they are the cache key
    return _reader(_ws, *args, **kwargs)


def frame() -> None:
    """Set what all pages share, before any page: title, logo, wide layout.

    The icon of the page is ours and set first; else the browser would ask a font service on the
    internet for the icon of the navigation entry.
    """
    icon = str(ASSETS / "logo.svg")
    st.set_page_config(
        page_title="Lab workbench", page_icon=icon, layout="wide",
        initial_sidebar_state=SIDEBAR,
    )  # fmt: skip
    st.logo(str(ASSETS / "wordmark.svg"), icon_image=icon, size="large")
    st.html(ASSETS / "app.css")


def head(title: str, sentence: str) -> None:
    """The head of a page: the action, what it is for, and the state that matters.

    Args:
        title: The action in sentence case, such as "Find anomalies".
        sentence: What it is for.
    """
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    with left:
        st.title(title, anchor=False)
        st.markdown(f":gray[{sentence}]")
    with right, st.container(horizontal_alignment="right"):
        _state()


@st.fragment(run_every="2s")
def _state() -> None:
    ws = workspace()
    active = [job for job in Jobs(ws).recent(20) if job.active and "upkeep" not in job.target]
    shop = "The shop is open" if running_world(ws) else "Nothing running"
    running = f"{active[0].label} …" if active else shop
    st.caption(f"Workspace **{ws.root.name}** · {running}", text_alignment="right")
