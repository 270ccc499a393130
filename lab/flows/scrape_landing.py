"""What scrapes bring, landed round by round: each sample once, with the counts so far."""

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lab.core.sql import write_rows
from lab.core.workspace import Workspace
from lab.data.scrape import Scraped, rows_of
from lab.data.scrape_config import Target

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

# Enough to see what is wrong; the count says how many there were.
MOST_REJECTS = 200


@dataclass(frozen=True)
class TargetReport:
    """How one target did.

    Args:
        target: What a person calls it.
        url: Its address.
        scrapes: How often it was asked.
        up: How often it answered with a page of metrics.
        problem: Why it last did not; empty if it always did.
        hint: What to do about it.
    """

    target: str
    url: str
    scrapes: int
    up: int
    problem: str = ""
    hint: str = ""


@dataclass(frozen=True)
class ScrapeSummary:
    """What a stretch of scraping brought.

    Args:
        load_id: Its id in the table ``loads``.
        dataset: Data set it went into.
        rows_loaded: Samples that landed; one met again at the same time counts once.
        rows_rejected: Samples that were turned away.
        series: Different series.
        targets: How each target did.
    """

    load_id: str
    dataset: str
    rows_loaded: int
    rows_rejected: int
    series: int
    targets: tuple[TargetReport, ...]


@dataclass
class Landing:
    """What lands scrape by scrape, and the counts so far.

    Args:
        ws: The workspace.
        dataset: Data set it goes into.
        source: Where it comes from, for the table ``loads``.
        load_id: Its id there.
        started: When scraping began.
        loaded: Samples that landed so far.
        rejected: Samples turned away so far.
        seen: Series that landed.
        asked: How often each target was asked.
        up: How often each answered with metrics.
        troubles: What last went wrong, by target.
    """

    ws: Workspace
    dataset: str
    source: str
    load_id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    loaded: int = 0
    rejected: int = 0
    seen: set[str] = field(default_factory=set)
    asked: Counter[Target] = field(default_factory=Counter)
    up: Counter[Target] = field(default_factory=Counter)
    troubles: dict[Target, Scraped] = field(default_factory=dict)

    def land(self, scraped: list[Scraped]) -> int:
        """Land what one round of scrapes gave, all of it or nothing.

        Args:
            scraped: One outcome per target.

        Returns:
            Samples that were not there before.
        """
        rejects = [entry for one in scraped for entry in one.rejected]
        room = max(0, MOST_REJECTS - self.rejected)
        frames = _frames(self.dataset, scraped)
        fresh = self.ws.store.change(
            lambda shared: self._write(shared, frames, rejects[:room], len(rejects))
        )
        self.loaded += fresh
        self.rejected += len(rejects)
        self.seen.update(frames[1]["series_id"])
        for one in scraped:
            self.asked[one.target] += 1
            self.up[one.target] += not one.problem
            if one.problem:
                self.troubles[one.target] = one
        return fresh

    def summary(self) -> ScrapeSummary:
        """The counts so far."""
        return ScrapeSummary(
            self.load_id, self.dataset, self.loaded, self.rejected, len(self.seen),
            tuple(self._report(target) for target in self.asked),
        )  # fmt: skip

    def _report(self, target: Target) -> TargetReport:
        trouble = self.troubles.get(target)
        said = (trouble.problem, trouble.hint) if trouble else ("", "")
        return TargetReport(target.name, target.url, self.asked[target], self.up[target], *said)

    def _write(
        self,
        shared: "duckdb.DuckDBPyConnection",
        frames: "tuple[pd.DataFrame, pd.DataFrame]",
        rejects: list[tuple[str, str]],
        rejected: int,
    ) -> int:
        import pandas as pd

        before = _count(shared)
        for table, frame in zip(("observations", "series"), frames, strict=True):
            write_rows(shared, table, frame, "upsert")
        fresh = _count(shared) - before
        record = {
            "load_id": self.load_id, "loaded_at": self.started, "dataset": self.dataset,
            "kind": "metrics", "source": self.source,
            # There is no file: the hash stands for whom was asked.
            "sha256": hashlib.sha256(self.source.encode()).hexdigest(),
            "rows_loaded": self.loaded + fresh,
            "rows_read": self.loaded + fresh + self.rejected + rejected,
            "rows_rejected": self.rejected + rejected,
        }  # fmt: skip
        write_rows(shared, "loads", pd.DataFrame([record]), "upsert")
        if rejects:
            lines = [{"load_id": self.load_id, "column_name": "value", "reason": reason,
                      "text": text} for text, reason in rejects]  # fmt: skip
            write_rows(shared, "rejects", pd.DataFrame(lines))
        return fresh


def _count(shared: "duckdb.DuckDBPyConnection") -> int:
    tables = shared.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'observations'"
    ).fetchall()
    if not tables[0][0]:
        return 0
    return int(shared.execute("SELECT count(*) FROM observations").fetchall()[0][0])


def _frames(dataset: str, scraped: Iterable[Scraped]) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Rows of the two tables; a series met at two targets at the same time keeps one sample."""
    import pandas as pd

    rows = list(rows_of(scraped))
    observations = pd.DataFrame(
        {
            "dataset": dataset,
            "timestamp": pd.to_datetime([row.time_ms for row in rows], unit="ms", utc=True),
            "series_id": [row.series_id for row in rows],
            "value": [row.value for row in rows],
        }
    )
    series = pd.DataFrame(
        {
            "dataset": dataset,
            "series_id": [row.series_id for row in rows],
            "metric": [row.metric for row in rows],
            "labels": [json.dumps(dict(row.labels), sort_keys=True) for row in rows],
        }
    )
    return (
        observations.drop_duplicates(["series_id", "timestamp"]),
        series.drop_duplicates("series_id"),
    )
