"""Drift reports that were made: kept whole in files, a table and a tracking run, and read back."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lab.core.errors import NotFound
from lab.core.names import inside
from lab.core.process import write_json
from lab.core.words import grouped
from lab.core.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from lab.mlops.drift import DriftReport

EXPERIMENT = "drift"


@dataclass(frozen=True)
class Windows:
    """What was compared.

    Args:
        table: Name of the table.
        reference: Start and end of the reference window, half-open.
        current: Start and end of the current window, half-open.
        rows_reference: Rows in the reference window.
        rows_current: Rows in the current window.
        earlier: How many earlier pairs of windows said what is usual.
    """

    table: str
    reference: tuple[str, str]
    current: tuple[str, str]
    rows_reference: int
    rows_current: int
    earlier: int = 0


@dataclass(frozen=True)
class DriftSummary:
    """What a comparison found, as plain values.

    Args:
        report_id: Its id, which sorts by time.
        created_at: When it was made, ISO, UTC.
        table: Table compared.
        reference: Start and end of the reference window, half-open.
        current: Start and end of the current window, half-open.
        rows_reference: Rows in the reference window.
        rows_current: Rows in the current window.
        rows_used: Most rows used of either.
        drifted: Names of the columns that drifted.
        verdicts: One per compared column, as ``ColumnVerdict`` with the method's title.
        not_compared: Columns without a verdict: ``column`` and ``reason``.
        missing: Changed shares of missing values: ``column``, ``reference``, ``current``.
        shares: How each column spreads, as ``lab.mlops.drift.Shares``.
        earlier: How many earlier pairs of windows said what is usual.
        run_id: Tracking run that holds the report.
        report: The HTML report, relative to the workspace; show it in ``safe_html.frame`` only.
    """

    report_id: str
    created_at: str
    table: str
    reference: Sequence[str]
    current: Sequence[str]
    rows_reference: int
    rows_current: int
    rows_used: int
    drifted: Sequence[str]
    verdicts: Sequence[Mapping[str, Any]]
    not_compared: Sequence[Mapping[str, str]]
    missing: Sequence[Mapping[str, Any]]
    shares: Sequence[Mapping[str, Any]]
    earlier: int
    run_id: str
    report: str

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        compared = len(self.verdicts)
        if not self.drifted:
            return f"None of the {compared} compared columns drifted."
        return f"{len(self.drifted)} of {compared} columns drifted: {', '.join(self.drifted)}."

    @property
    def compared(self) -> list[str]:
        """Names of the compared columns, drifted ones first."""
        return [str(verdict["column"]) for verdict in self.verdicts]

    @property
    def missing_sentences(self) -> list[str]:
        """Changes in missing values, in words; a finding about quality, not drift."""
        return [
            f"{entry['column']}: {entry['reference']:.1%} of the values were missing, now "
            f"{entry['current']:.1%}. Mend the data before you judge drift."
            for entry in self.missing
        ]

    @property
    def facts(self) -> dict[str, str]:
        """The few numbers that matter, formatted."""
        return {
            "Columns drifted": f"{len(self.drifted)} of {len(self.verdicts)}",
            "Reference rows": grouped(self.rows_reference),
            "Current rows": grouped(self.rows_current),
            "Earlier pairs": str(self.earlier),
        }


def keep(ws: Workspace, windows: Windows, found: "DriftReport") -> DriftSummary:
    """Write the run, then the files, then the table; only the table makes a report exist.

    Args:
        ws: The workspace.
        windows: What was compared.
        found: What was found.

    Returns:
        The same as plain values.
    """
    from lab.mlops.tracking import track

    now = datetime.now(UTC)
    report_id = f"drift-{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}"
    params = {
        "table": windows.table,
        "reference": " to ".join(windows.reference),
        "current": " to ".join(windows.current),
        "report_id": report_id,
    }
    name = f"{windows.table}, {params['current']}"
    with track(ws, EXPERIMENT, name, params=params) as run:
        outcome = _summary(windows, found, report_id, now, run.run_id)
        run.log_metrics({"drifted": len(found.drifted), "compared": len(found.verdicts)})
        run.log_dict(asdict(outcome), "drift.json")
        run.log_figure(found.html, "drift_report.html")
        ws.need_space(len(found.html))
        inside(ws.reports, f"{report_id}.html").write_text(found.html, encoding="utf-8")
        write_json(inside(ws.reports, f"{report_id}.json"), asdict(outcome))
        ws.store.write("drift_results", _rows(outcome, now), mode="append")
    return outcome


def reports(ws: Workspace) -> "pd.DataFrame":
    """Every report, newest first.

    Returns:
        Columns ``report_id``, ``created_at``, ``dataset``, the four window edges, ``compared``
        and ``drifted`` (numbers of columns), ``run_id``.
    """
    import pandas as pd

    if not ws.store.has("drift_results"):
        return pd.DataFrame()
    return ws.store.read(
        "SELECT report_id, any_value(created_at) AS created_at, any_value(dataset) AS dataset, "
        "any_value(reference_start) AS reference_start, any_value(reference_end) AS reference_end, "
        "any_value(current_start) AS current_start, any_value(current_end) AS current_end, "
        "count(*) AS compared, count_if(drifted) AS drifted, any_value(run_id) AS run_id "
        "FROM drift_results GROUP BY report_id ORDER BY created_at DESC, report_id DESC"
    )


def summary(ws: Workspace, report_id: str) -> DriftSummary:
    """One report as it was found.

    Raises:
        NotFound: It is not in this workspace.
    """
    return DriftSummary(**json.loads(_kept(ws, f"{report_id}.json")))


def page(ws: Workspace, report_id: str) -> str:
    """The Evidently report as HTML, with its content security policy.

    Raises:
        NotFound: It is not in this workspace.
    """
    return _kept(ws, f"{report_id}.html")


def _kept(ws: Workspace, name: str) -> str:
    path = inside(ws.reports, name)
    if not path.is_file():
        raise NotFound(f"There is no drift report {path.stem}.", "Make it again.")
    return path.read_text(encoding="utf-8")


def _summary(
    windows: Windows, found: "DriftReport", report_id: str, now: datetime, run_id: str
) -> DriftSummary:
    from lab.mlops.drift import METHODS

    verdicts = [asdict(v) | {"title": METHODS[v.method].title} for v in found.verdicts]
    return DriftSummary(
        report_id=report_id,
        created_at=now.isoformat(),
        **asdict(windows),
        rows_used=found.rows_used,
        drifted=found.drifted,
        verdicts=verdicts,
        not_compared=[asdict(entry) for entry in found.not_compared],
        missing=[asdict(entry) for entry in found.missing],
        shares=[asdict(entry) for entry in found.shares],
        run_id=run_id,
        report=f"reports/{report_id}.html",
    )


def _rows(outcome: DriftSummary, now: datetime) -> "pd.DataFrame":
    import pandas as pd

    kept = ("method", "statistic", "threshold", "drifted")
    return pd.DataFrame(
        {
            "report_id": outcome.report_id,
            "created_at": pd.Timestamp(now),
            "dataset": outcome.table,
            "reference_start": outcome.reference[0],
            "reference_end": outcome.reference[1],
            "current_start": outcome.current[0],
            "current_end": outcome.current[1],
            "column_name": verdict["column"],
            **{name: verdict[name] for name in kept},
            "run_id": outcome.run_id,
        }
        for verdict in outcome.verdicts
    )
