"""What the page of streams shows: those that run, what has landed, and how to send a batch."""

import json
import shlex
from dataclasses import dataclass, replace

import pandas as pd

from lab.core.jobs import Job, Jobs
from lab.core.names import IDENTIFIER
from lab.core.workspace import Workspace
from lab.data.stream import load_id
from lab.flows.load_report import rejects
from lab.flows.stream import PORT
from lab.flows.stream_places import address_file, token_file

WAYS = {"folder": "Watch a folder", "http": "Take batches over HTTP"}
TARGETS = {"folder": "lab.flows.stream:stream_folder", "http": "lab.flows.stream:stream_http"}
LANDED = {
    "stream": "Stream",
    "dataset": "Table",
    "batches": "Batches",
    "rows": "Rows",
    "rejected": "Rejected",
    "failed": "Failed",
    "last": "Last batch (UTC)",
}


@dataclass(frozen=True)
class Running:
    """A stream that runs in a process of its own.

    Args:
        job_id: The job that runs it.
        label: What the person called it.
        message: What it is doing.
        url: Where batches are posted; empty for a folder.
        command: A shell command that posts one; empty for a folder.
    """

    job_id: str
    label: str
    message: str
    url: str = ""
    command: str = ""


def running(ws: Workspace) -> list[Running]:
    """The streams that run, newest first."""
    return [_running(ws, job) for job in _jobs(ws) if job.active]


def ended_badly(ws: Workspace) -> Job | None:
    """The newest stream, when it ended by itself in a failure."""
    newest = next(iter(_jobs(ws)), None)
    return newest if newest and newest.state in ("failed", "interrupted") else None


def stop(ws: Workspace, job_id: str) -> None:
    """End a stream; what has landed stays, and the next start goes on from there."""
    Jobs(ws).cancel(job_id)


def landed(ws: Workspace) -> pd.DataFrame:
    """What each stream has landed so far, the latest first."""
    if not ws.store.has("stream_offsets"):
        return pd.DataFrame(columns=list(LANDED))
    return ws.store.read(
        "SELECT stream, dataset, count(*) FILTER (problem = '') AS batches, "
        "sum(rows_loaded)::BIGINT AS rows, sum(rows_rejected)::BIGINT AS rejected, "
        "count(*) FILTER (problem <> '') AS failed, "
        "strftime(max(landed_at), '%Y-%m-%d %H:%M:%S') AS last "
        "FROM stream_offsets GROUP BY ALL ORDER BY last DESC"
    )


def with_rejects(landed: pd.DataFrame) -> list[str]:
    """Streams of ``landed`` some of whose records were turned away."""
    return list(landed.loc[landed["rejected"] > 0, "stream"])


def turned_away(ws: Workspace, stream: str) -> pd.DataFrame:
    """Records of a stream that were turned away, with their place in the batch and the reason."""
    return rejects(ws, load_id(stream))


def curl(ws: Workspace, table: str, url: str = "") -> str:
    """A shell command that posts one batch.

    Args:
        ws: The workspace, which holds the token.
        table: The table of the stream.
        url: Where it listens; the usual place when empty.
    """
    token = shlex.quote(str(token_file(ws, table or "events")))
    return (
        f"curl {url or f'http://127.0.0.1:{PORT}/rows'} \\\n"
        f'  -H "Authorization: Bearer $(cat {token})" \\\n'
        '  -H "Idempotency-Key: batch-1" \\\n'
        """  --data-binary '{"time": "2026-03-02T10:00:00Z", "host": "a", "value": 1.5}'"""
    )


def _jobs(ws: Workspace) -> list[Job]:
    return [job for job in Jobs(ws).all() if job.target in TARGETS.values()]


def _running(ws: Workspace, job: Job) -> Running:
    table, shown = str(job.arguments.get("table", "")), Running(job.id, job.label, job.message)
    if job.target != TARGETS["http"] or not IDENTIFIER.fullmatch(table):
        return shown
    try:
        note = json.loads(address_file(ws, table).read_text(encoding="utf-8"))
    except FileNotFoundError:  # it does not listen yet, or no longer
        return shown
    return replace(shown, url=str(note["url"]), command=curl(ws, table, str(note["url"])))
