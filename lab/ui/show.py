"""What a result is made of: figures with a text twin, tables, facts, and the code that made it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from lab.core.words import counted, grouped
from lab.ui.glossary import meaning
from lab.ui.words import literal

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go
    from pandas.io.formats.style import Styler

    from lab.core.yaml_models import Problem

# Tables up to this many rows show all of them.
ALL_SHOWN = 16
MISTAKES = 8
# Charts and images are built anew when they change, which flickers; this replaces what is drawn.
REPLACE = """export default function ({ data, parentElement }) {
  parentElement.querySelector("div").innerHTML = data
}"""
CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}


def chart(figure: "go.Figure", twin: str, data: "pd.DataFrame | None" = None, *, key: str) -> None:
    """Show a figure with its twin in words and, folded away, in numbers.

    Args:
        figure: From ``lab.plots``.
        twin: What the picture says, in a sentence.
        data: The numbers behind it.
        key: Unique on the page.
    """
    st.plotly_chart(figure, key=key, config=CONFIG, alt=twin)
    st.caption(twin)
    if data is not None:
        with st.expander("The numbers", icon=":material/table_rows:"):
            table(data, key=f"{key}.numbers")


def drawn(draw: "Callable[..., go.Figure]", content: object, **how: Any) -> "go.Figure":
    """A figure of many parts, drawn once for the same content and not on each rerun.

    Args:
        draw: From ``lab.plots``.
        content: What it draws.
        **how: Plain values for ``draw``.

    Returns:
        The figure; it is shared, so show it as it is.
    """
    return _kept_drawing(f"{draw.__module__}.{draw.__qualname__}", content, how, _draw=draw)


@st.cache_resource(max_entries=20, ttl="1h", show_spinner=False)
def _kept_drawing(
    name: str, content: object, how: dict[str, Any], *, _draw: "Callable[..., go.Figure]"
) -> "go.Figure":
    del name  # it is part of the cache key
    return _draw(content, **how)


def picture(drawing: str, twin: str, *, key: str) -> None:
    """Show a drawing that changes every few seconds, with its twin in words.

    Args:
        drawing: SVG from ``lab.plots``.
        twin: What the picture says, in a sentence.
        key: Unique on the page.
    """
    canvas = st.components.v2.component("lab_drawing", html="<div></div>", js=REPLACE)
    canvas(data=drawing, key=key, height="content")
    st.caption(twin)


def table(
    data: "pd.DataFrame | Sequence[Any]",
    *,
    key: str,
    config: Mapping[str, Any] | None = None,
    counts: Sequence[str] = (),
) -> None:
    """Show rows without an index, in full width; headings that are field terms are explained.

    Args:
        data: A frame, or a sequence of dataclasses or mappings.
        key: Unique on the page.
        config: Streamlit's column configuration or heading, by column.
        counts: Columns of numbers so large that their thousands are parted; no ids, no years.
    """
    rows = [_plain(row) for row in data] if isinstance(data, (list, tuple)) else data
    height: Literal["content", "auto"] = "content" if len(rows) <= ALL_SHOWN else "auto"
    explained = {name: _explained(column) for name, column in (config or {}).items()}
    st.dataframe(
        _parted(rows, counts) if counts else rows,
        key=key, hide_index=True, column_config=explained, height=height, placeholder="–",
    )  # fmt: skip


def _explained(column: Any) -> Any:
    if column is None:  # it is not shown
        return None
    named = {"label": column} if isinstance(column, str) else column
    return {**named, "help": named.get("help") or meaning(named.get("label") or "")}


def _parted(rows: Any, counts: Sequence[str]) -> "Styler":
    """The same numbers, to be shown as everywhere: Streamlit's own formats know no thin space."""
    import pandas as pd

    frame = pd.DataFrame(rows)
    shown: dict[Any, str | Callable[[object], str] | None] = {
        **dict.fromkeys(frame.select_dtypes("float"), "{:.15g}"),
        **dict.fromkeys(counts, lambda value: grouped(float(str(value)), ".0f")),
    }
    return frame.style.format(shown, na_rep="–")


def _plain(row: Any) -> Any:
    return asdict(row) if is_dataclass(row) and not isinstance(row, type) else row


def facts(values: Mapping[str, str], notes: Mapping[str, str] | None = None) -> None:
    """A row of the few numbers that matter; labels that are field terms are explained.

    Args:
        values: Label and formatted value, with its unit.
        notes: An explanation for some of the other labels.
    """
    for column, (label, value) in zip(st.columns(len(values)), values.items(), strict=True):
        column.metric(label, value, help=(notes or {}).get(label) or meaning(label))


def verdict(good: bool, text: str) -> None:
    """A verdict by shape, word and colour."""
    if good:
        st.badge(text, icon=":material/check_circle:", color="green")
    else:
        st.badge(text, icon=":material/error:", color="orange")


def failed(message: str, hint: str, *, about: str = "") -> None:
    """Say what went wrong and what to do about it, in words that are no markup.

    Args:
        message: What happened.
        hint: The next action.
        about: What did not work, where that is not plain from the message.
    """
    said = f"**{literal(about)}:** {literal(message)}" if about else f"**{literal(message)}**"
    st.error(f"{said}  \n{literal(hint)}", icon=":material/error:")


def refused(mistakes: "Sequence[Problem]") -> bool:
    """Show the mistakes in a text that a person wrote, by line, if there are any.

    Args:
        mistakes: In the order of their lines.

    Returns:
        Whether there are any.
    """
    if mistakes:
        lines = [f"- Line {one.line}: {literal(one.message)}." for one in mistakes[:MISTAKES]]
        more = len(mistakes) - len(lines)
        lines += [f"- and {counted(more, 'mistake')} more"] if more else []
        st.error("\n".join(["**Not kept.**", *lines]), icon=":material/error:")
    return bool(mistakes)


def empty(sentence: str, page: str, label: str) -> None:
    """An empty state that names the page that fills it.

    Args:
        sentence: What is missing and why it matters, in the second person.
        page: Path of the page that fills it, such as ``pages/data/load.py``.
        label: What the person will do there.
    """
    with st.container(border=True, height=240, horizontal_alignment="center",
                      vertical_alignment="center"):  # fmt: skip
        st.markdown(sentence, text_alignment="center")
        st.page_link(page, label=label, icon=":material/arrow_forward:")


def same_in_code(code: str) -> None:
    """The ``lab`` call that does what was just clicked."""
    with st.expander("Same in code", icon=":material/code:"):
        st.code(code, language="python")


def html_report(document: str, *, height: int = 900, name: str) -> None:
    """Show a report of ours in a frame that is already sandboxed, with a download beside it.

    Args:
        document: The frame as HTML, made safe by ``lab.mlops.drift``.
        height: Height in pixels.
        name: What the frame shows, for people who cannot see it.
    """
    st.iframe(document, height=height, alt=name)
