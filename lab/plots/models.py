"""Pictures of models: what they said against what came, fold by fold, and run against run.

Every function takes a table and gives a figure; the sentence that says the same is beside it in
``lab.flows.runs``.
"""

from typing import TYPE_CHECKING

from lab.plots.template import ACTION, GOOD, NEUTRAL, QUIET, SERIES, figure

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

MOST_DOTS = 2000


def holdout_chart(predictions: "pd.DataFrame", time: str, target: str) -> "go.Figure":
    """Actual, predicted and seasonal-naive totals over the holdout.

    Args:
        predictions: Columns ``time``, ``actual``, ``predicted`` and ``baseline``; groups are
            summed up, so that a table of many series still makes one readable line.
        time: Name of the time column.
        target: What was predicted, with its unit, for the axis.

    Returns:
        A line chart over time.
    """
    totals = predictions.groupby(time)[["actual", "predicted", "baseline"]].sum().reset_index()
    chart = figure("Holdout: what came and what was predicted", "", f"{target} in all", legend=True)
    looks = {
        "baseline": ("Seasonal naive", QUIET, "dot", 1.5),
        "actual": ("Actual", NEUTRAL["actual"], "solid", 2.5),
        "predicted": ("Predicted", ACTION, "solid", 2.5),
    }
    for column, (name, colour, dash, width) in looks.items():
        chart.add_scatter(
            x=totals[time], y=totals[column], name=name, mode="lines",
            line={"color": colour, "dash": dash, "width": width},
            hovertemplate=f"{name}: %{{y:,.4~g}}<extra></extra>",
        )  # fmt: skip
    return chart


def scatter_chart(predictions: "pd.DataFrame", target: str) -> "go.Figure":
    """Predicted against actual, one dot per row; a perfect model lies on the line.

    Args:
        predictions: Columns ``actual`` and ``predicted``; at most 2,000 rows are drawn.
        target: What was predicted, for the axes.

    Returns:
        A scatter chart with the diagonal.
    """
    low = float(predictions[["actual", "predicted"]].min().min())
    high = float(predictions[["actual", "predicted"]].max().max())
    # At random: every n-th row of a table ordered by group would show some groups only.
    shown = predictions.sample(min(MOST_DOTS, len(predictions)), random_state=0)
    chart = figure("Row by row", f"Actual {target}", f"Predicted {target}")
    chart.add_scatter(
        x=[low, high], y=[low, high], mode="lines", hoverinfo="skip",
        line={"color": QUIET, "dash": "dot", "width": 1.5},
    )  # fmt: skip
    chart.add_scatter(
        x=shown["actual"], y=shown["predicted"], mode="markers",
        marker={"color": ACTION, "size": 5, "opacity": 0.45},
        hovertemplate="%{x:,.4~g} came, %{y:,.4~g} was predicted<extra></extra>",
    )  # fmt: skip
    return chart.update_layout(hovermode="closest")


def fold_chart(folds: "pd.DataFrame", target: str) -> "go.Figure":
    """Error of each fold beside the baseline's.

    Args:
        folds: Columns ``fold``, ``mae``, ``baseline_mae``, ``test_start`` and ``test_end``.
        target: What was predicted; the error has its unit.

    Returns:
        Grouped bars, in order of time.
    """
    chart = figure("Error by fold, the earliest first", "", f"Mean error ({target})", legend=True)
    when = [
        f"{a:%d %b %Y} to {b:%d %b %Y}"
        for a, b in zip(folds["test_start"], folds["test_end"], strict=True)
    ]
    for column, name, colour in (
        ("baseline_mae", "Seasonal naive", QUIET),
        ("mae", "Model", ACTION),
    ):
        chart.add_bar(
            x=[str(fold).capitalize() for fold in folds["fold"]], y=folds[column], name=name,
            marker={"color": colour}, customdata=when,
            hovertemplate=f"{name}: %{{y:.4~g}} on %{{customdata}}<extra></extra>",
        )  # fmt: skip
    return chart.update_layout(barmode="group", bargap=0.35)


def importance_chart(importance: "pd.DataFrame", target: str) -> "go.Figure":
    """How much worse a model gets without each feature.

    Args:
        importance: Columns ``feature`` and ``rise``, highest first; the top twelve are drawn.
        target: What was predicted; the rise has its unit.

    Returns:
        Horizontal bars, the longest on top.
    """
    top = importance.head(12).iloc[::-1]
    chart = figure("What the model leans on", f"Rise of the error when shuffled ({target})", "")
    chart.add_bar(
        x=top["rise"], y=top["feature"], orientation="h", marker={"color": ACTION},
        hovertemplate="Without %{y} the error grows by %{x:.3~g}<extra></extra>",
    )  # fmt: skip
    return chart.update_layout(hovermode="closest")


def comparison_chart(runs: "pd.DataFrame", target: str) -> "go.Figure":
    """Holdout error of several runs, best first, each beside its own baseline.

    Args:
        runs: Columns ``name``, ``mae`` and ``baseline_mae``.
        target: What was predicted; the error has its unit.

    Returns:
        Horizontal bars with the baseline as a mark; the best bar has its own colour.
    """
    ordered = runs.dropna(subset=["mae"]).sort_values("mae", ascending=False)
    best = [GOOD if mae == ordered["mae"].min() else SERIES[4] for mae in ordered["mae"]]
    chart = figure(
        "Holdout error, the best on top",
        f"Mean error ({target})",
        "",
        height=max(240, 96 + 40 * len(ordered)),
        legend=True,
    )
    chart.add_bar(
        x=ordered["mae"], y=ordered["name"], orientation="h", name="Model",
        marker={"color": best}, hovertemplate="%{y}: %{x:.4~g}<extra></extra>",
    )  # fmt: skip
    chart.add_scatter(
        x=ordered["baseline_mae"], y=ordered["name"], mode="markers", name="Seasonal naive",
        marker={"symbol": "line-ns-open", "size": 22, "color": QUIET, "line": {"width": 3}},
        hovertemplate="Seasonal naive on the same rows: %{x:.4~g}<extra></extra>",
    )  # fmt: skip
    return chart.update_layout(hovermode="closest")


def fold_lines_chart(folds: "pd.DataFrame", target: str) -> "go.Figure":
    """The error of several runs fold by fold; a good run is low everywhere, not once.

    Args:
        folds: Columns ``name``, ``fold`` (1 and up, in order of time) and ``mae``.
        target: What was predicted; the error has its unit.

    Returns:
        One line per run.
    """
    names = list(dict.fromkeys(folds["name"]))
    chart = figure("Error by fold, the earliest first", "Fold", f"Mean error ({target})",
                   legend=len(names) > 1)  # fmt: skip
    for number, name in enumerate(names):
        line = folds[folds["name"] == name]
        chart.add_scatter(
            x=line["fold"], y=line["mae"], name=name, mode="lines+markers",
            line={"color": SERIES[number % len(SERIES)], "width": 2},
            hovertemplate=f"{name}: %{{y:.4~g}}<extra></extra>",
        )  # fmt: skip
    # Beside the lines: a legend of many runs above them would run into the title.
    beside = {"orientation": "v", "x": 1.02, "y": 1, "yanchor": "top"}
    return chart.update_xaxes(dtick=1).update_layout(legend=beside)
