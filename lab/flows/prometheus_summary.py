"""What a read of Prometheus did: its counts, and the rows that remember it."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from lab.data.landed import LoadRecord
from lab.data.prometheus_grid import Grid
from lab.data.prometheus_staging import Question, Staged


@dataclass(frozen=True)
class ReadSummary:
    """What a read did, with counts that add up.

    Args:
        load_id: Its id in tables ``loads`` and ``rejects``.
        dataset: Name of the data set.
        source: ``prometheus:`` and the query.
        series: Series landed.
        rows_read: Samples met: ``rows_loaded`` + ``rows_rejected``.
        rows_loaded: Samples that landed.
        rows_rejected: Infinite samples, kept with their reason.
        gaps: Moments of a series without a number: not scraped, ended, or NaN.
        requests: How many requests the window was parted into.
        start: First moment that landed, ISO 8601.
        end: Last moment that landed.
        step_seconds: Seconds from one moment to the next.
        content_hash: Hash of what landed, whatever its order.
    """

    load_id: str
    dataset: str
    source: str
    series: int
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    gaps: int
    requests: int
    start: str
    end: str
    step_seconds: int
    content_hash: str


def asked(query: str, dataset: str, moments: Grid) -> Question:
    """The question as it is kept with the load."""
    ends = (moments.start, moments.last + moments.step)
    start, end = (datetime.fromtimestamp(t, UTC).isoformat() for t in ends)
    return Question("metrics", dataset, query=query, start=start, end=end,
                    step_seconds=moments.step)  # fmt: skip


def summarise(
    question: Question, staged: Staged, moments: Grid, requests: int, content_hash: str
) -> ReadSummary:
    """Count what is staged, before it lands, under a new load id.

    Args:
        question: What was asked.
        staged: What came of it.
        moments: When it was asked.
        requests: How many requests that took.
        content_hash: Hash of what will land.
    """
    rows = staged.loaded + staged.rejected
    return ReadSummary(
        load_id=uuid.uuid4().hex[:12],
        dataset=question.dataset,
        source=f"prometheus: {question.query}",
        series=staged.series,
        rows_read=rows,
        rows_loaded=staged.loaded,
        rows_rejected=staged.rejected,
        gaps=staged.met * moments.points - rows,
        requests=requests,
        start=staged.first,
        end=staged.last,
        step_seconds=moments.step,
        content_hash=content_hash,
    )


def load_record(summary: ReadSummary, place: str, question: Question) -> LoadRecord:
    """The row of table ``loads``.

    Args:
        summary: What the read did.
        place: The server, without password.
        question: What it was asked.
    """
    # There is no file: the hash stands for the question and whom it was asked.
    parts = [place, question.query, question.start, question.end, question.step_seconds]
    return LoadRecord(
        load_id=summary.load_id,
        loaded_at=datetime.now(UTC),
        source=summary.source,
        sha256=hashlib.sha256(json.dumps(parts).encode()).hexdigest(),
        physical_lines=0,
        rows_read=summary.rows_read,
        rows_loaded=summary.rows_loaded,
        rows_rejected=summary.rows_rejected,
        content_hash=summary.content_hash,
    )
