"""Read metrics from Prometheus: ask in parts, stage, and land whole or not at all."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from lab.core.errors import BadInput, NotFound, unknown
from lab.core.names import checked_name
from lab.core.progress import Progress, Steps
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.data.content import content_hash
from lab.data.landed import MODES, land_load
from lab.data.prometheus import Reader, check_count, connected
from lab.data.prometheus_grid import Grid, grid
from lab.data.prometheus_staging import Staged, arrange, make_tables, stage
from lab.data.staging import staged_database
from lab.flows.prometheus_summary import ReadSummary, asked, load_record, summarise

if TYPE_CHECKING:
    import duckdb

# Beyond it a longer step serves better; staged and landed this takes about 2 GB.
MOST_SAMPLES = 20_000_000
SAMPLE_BYTES = 100


def read_prometheus(
    ws: Workspace,
    query: str,
    dataset: str,
    start: str | None = None,
    end: str | None = None,
    step_seconds: int = 60,
    *,
    name: str = "",
    mode: Literal["replace", "add"] = "replace",
) -> Steps[ReadSummary]:
    """Load what a PromQL query gives, from the Prometheus of the settings.

    The query is asked at multiples of the step in the half-open window, as often as needed to
    keep each answer small; infinite values are rejected, NaN stays a gap.

    Args:
        ws: The workspace; its settings say which server.
        query: PromQL.
        dataset: Name of the data set it becomes.
        start: First moment as ISO 8601, UTC when it names no zone; or how long before the end,
            such as ``6h``; a day when not given.
        end: First moment after, as ISO 8601; now when not given.
        step_seconds: Seconds from one sample to the next, at least 1.
        name: Metric name of series that the query leaves without one; the query when not given.
        mode: ``replace`` what is there under that name, or ``add`` samples by series and time.

    Yields:
        Progress.

    Returns:
        The counts.

    Raises:
        BadInput: Prometheus refuses the query, or it gives too much; nothing is loaded.
        NotFound: It gives nothing in that window.
        Unavailable: No server is set, or it is down, slow, or no Prometheus.
        Busy: Somebody else held the database all the time.
    """
    if mode not in MODES:
        raise unknown("way of loading", mode, MODES)
    query, dataset = checked_query(query), checked_name(dataset.strip(), "data set name")
    moments = grid(start, end, step_seconds, datetime.now(UTC))
    yield Progress(0, moments.points, "Asking how many series there are")
    ws.store.sweep()
    with connected(ws.settings) as reader, ws.store.stage() as path:
        series = reader.series_count(query, moments)
        _check_size(ws, series, moments)
        with staged_database(ws, path, path) as connection:
            make_tables(connection)
            requests = yield from _asked(connection, reader, query, moments, series, name.strip())
            staged = arrange(connection, dataset)
            found = content_hash(connection, "observations")
        _check_staged(staged, moments)
        yield Progress(moments.points, moments.points, f"Landing {grouped(staged.loaded)} samples")
        question = asked(query, dataset, moments)
        summary = summarise(question, staged, moments, requests, found)
        record = load_record(summary, reader.place, question)
        ws.store.publish(path, {}, lambda shared: land_load(shared, record, question, mode, None))
    return summary


def checked_query(query: str) -> str:
    """Return a query without the space around it.

    Raises:
        BadInput: Nothing is left.
    """
    if not query.strip():
        raise BadInput("The query is empty.", "Write PromQL, such as up or node_load1.")
    return query.strip()


def nothing_found(moments: Grid) -> NotFound:
    """The error for a query without an answer."""
    return NotFound(
        f"The query gives nothing from {moments.words}.",
        "Check the names of metric and labels, or choose another window.",
    )


def _asked(
    connection: "duckdb.DuckDBPyConnection",
    reader: Reader,
    query: str,
    moments: Grid,
    series: int,
    name: str,
) -> Steps[int]:
    kept, requests, places = 0, 0, dict[str, int]()
    rest: Grid | None = moments
    while rest:
        # Series come and go: over the whole window there may be more than at any one moment.
        part, rest = rest.split(max(series, len(places)))
        kept += stage(connection, reader.ask(query, part, name), places)
        check_count(len(places))
        requests += 1
        done = moments.points - (rest.points if rest else 0)
        yield Progress(done, moments.points, f"{grouped(kept)} samples of {len(places)} series")
    return requests


def _check_size(ws: Workspace, series: int, moments: Grid) -> None:
    samples = series * moments.points
    if samples > MOST_SAMPLES:
        raise BadInput(
            f"{grouped(series)} series at {grouped(moments.points)} moments are "
            f"{grouped(samples)} samples; at most {grouped(MOST_SAMPLES)} are read at once.",
            "Choose a longer step or a shorter window.",
        )
    ws.need_space(samples * SAMPLE_BYTES)


def _check_staged(staged: Staged, moments: Grid) -> None:
    if staged.loaded:
        return
    if staged.rejected:
        raise BadInput(
            f"All {grouped(staged.rejected)} samples are infinite.",
            "Look at a division in the query.",
        )
    raise nothing_found(moments)
