"""A chart over time in which a stretch can be marked, to be read again in full."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from lab.ui.show import CONFIG, table

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

MOMENT = "%Y-%m-%d %H:%M:%S"
# Marking is what dragging does here, so its button stays in the bar.
KEPT = {**CONFIG, "modeBarButtonsToRemove": ["lasso2d", "zoom2d", "autoScale2d", "resetScale2d"]}


def zoomed(key: str) -> tuple[datetime, datetime] | None:
    """The stretch that was marked last in a chart, with a way back to all of it.

    Args:
        key: Key of the chart; another one when something else is drawn.

    Returns:
        First moment and first moment after, tz-aware; ``None`` while all is shown.
    """
    found: tuple[datetime, datetime] | None = st.session_state.get(f"{key}.window")
    if found is None:
        st.caption("The line that all samples draw. Drag across it to read a part again in full.")
        return None
    said, back = st.columns([4, 1], vertical_alignment="center")
    said.caption(f"From {found[0]:{MOMENT}} to {found[1]:{MOMENT}} UTC, read again in full.")
    back.button("Show all", icon=":material/zoom_out_map:", key=f"{key}.back", width="stretch",
                on_click=_forget, args=(key,))  # fmt: skip
    return found


def zoom_chart(figure: "go.Figure", twin: str, data: "pd.DataFrame", *, key: str) -> None:
    """Show a figure over time with its twin; a stretch marked in it is kept for ``zoomed``.

    Args:
        figure: From ``lab.plots``, its times in UTC.
        twin: What the picture says, in a sentence.
        data: The numbers behind it.
        key: As for ``zoomed``.
    """
    figure.update_layout(dragmode="select", selectdirection="h")
    window = st.session_state.get(f"{key}.window")
    if window:
        figure.update_xaxes(range=[moment.replace(tzinfo=None) for moment in window])
    # A key of its own for each window: the mark of the last one is gone.
    drawn = f"{key}.chart.{window[0].timestamp() if window else 'all'}"
    st.plotly_chart(figure, key=drawn, config=KEPT, alt=twin, selection_mode="box",
                    on_select=lambda: _mark(key, drawn))  # fmt: skip
    st.caption(twin)
    with st.expander("The numbers", icon=":material/table_rows:"):
        table(data, key=f"{key}.numbers")


def _mark(key: str, drawn: str) -> None:
    boxes = st.session_state[drawn]["selection"]["box"]
    if not boxes:
        return
    start, end = sorted(datetime.fromisoformat(str(x)).replace(tzinfo=UTC) for x in boxes[0]["x"])
    if start < end:
        st.session_state[f"{key}.window"] = (start, end)


def _forget(key: str) -> None:
    st.session_state.pop(f"{key}.window", None)
