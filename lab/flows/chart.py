"""One picture of what a flow found, for notebooks: the same figures that the pages show."""

from typing import TYPE_CHECKING, TypeAlias

from lab.core.errors import BadInput
from lab.core.workspace import Workspace
from lab.flows.detect import DetectionSummary
from lab.flows.detections import Detection, detection
from lab.flows.drift_reports import DriftSummary
from lab.flows.train import TrainSummary

if TYPE_CHECKING:
    import plotly.graph_objects as go

Found: TypeAlias = DetectionSummary | Detection | TrainSummary | DriftSummary


def chart(
    ws: Workspace, found: Found, *, host: str = "", metric: str = "", column: str = ""
) -> "go.Figure":
    """Draw what ``detect``, ``train`` or ``drift`` found.

    Anomalies: one metric of one host, with what was expected of it, events and labels. A model:
    its holdout, with what it predicted and the seasonal-naive forecast. Drift: how far every
    column moved, or how one spreads in both windows.

    Args:
        ws: The workspace that holds it.
        found: What a flow returned, or what ``detection`` read back.
        host: Host to show; the one with the strongest event when not given.
        metric: Its metric; the one with the highest score when not given.
        column: Column to show; all of them when not given.

    Returns:
        A Plotly figure, which a notebook shows when it is the last line of a cell.

    Raises:
        BadInput: There is no picture of such a thing.
        NotFound: The host, metric or column was not looked at.
    """
    match found:
        case DetectionSummary():
            return _anomalies(ws, detection(ws, found.run_id), host, metric)
        case Detection():
            return _anomalies(ws, found, host, metric)
        case TrainSummary():
            return _holdout(ws, found)
        case DriftSummary():
            return _drift(ws, found.report_id, column)
    raise BadInput(
        f"There is no picture of a {type(found).__name__}.",
        "Give what detect, train or drift returned.",
    )


def _anomalies(ws: Workspace, found: Detection, host: str, metric: str) -> "go.Figure":
    from lab.flows.host_view import host_metrics, host_view
    from lab.plots.anomalies import anomaly_chart

    run_id, host = str(found.run["run_id"]), host or found.hosts[0]
    metric = metric or host_metrics(ws, run_id, host)[0]
    view = host_view(ws, run_id, host, metric)
    return anomaly_chart(view.points, view.events, view.incidents, view.sentence, metric)


def _holdout(ws: Workspace, found: TrainSummary) -> "go.Figure":
    from lab.flows.runs import details
    from lab.plots.models import holdout_chart

    run = details(ws, found.run_id)
    return holdout_chart(run.predictions, run.order.as_recipe().time, found.target)


def _drift(ws: Workspace, report_id: str, column: str) -> "go.Figure":
    from lab.flows.drift_view import distribution, verdict_table
    from lab.plots.drift import distribution_chart, verdict_chart

    if column:
        return distribution_chart(distribution(ws, report_id, column), column)
    return verdict_chart(verdict_table(ws, report_id))
