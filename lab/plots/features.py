"""A feature through time, as it was known at each moment."""

from typing import TYPE_CHECKING

from lab.plots.template import ACTION, figure, wall_clock

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def course_chart(course: "pd.DataFrame", feature: str, entity: str) -> "go.Figure":
    """One feature of one entity; where it had expired there is a gap.

    Args:
        course: Columns ``at`` (tz-aware) and the feature.
        feature: Its name.
        entity: What to call the entity.
    """
    expired = float(course[feature].isna().mean())
    told = f", expired {expired:.0%} of the time" if expired else ""
    chart = figure(f"{feature} of {entity}{told}", "Time (UTC)", feature)
    chart.add_scatter(
        x=wall_clock(course["at"], "UTC"),
        y=course[feature].astype("Float64").to_numpy("float64", na_value=float("nan")),
        mode="lines", line={"color": ACTION, "width": 2, "shape": "hv"}, connectgaps=False,
        hovertemplate="%{x|%Y-%m-%d %H:%M}: %{y:.4g}<extra></extra>",
    )  # fmt: skip
    return chart.update_layout(hovermode="closest")
