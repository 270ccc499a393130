"""A window of a Prometheus read into a workspace, and what landed of it."""

from dataclasses import replace
from datetime import UTC, datetime

from lab.core.workspace import Workspace

CANARY = "canary-5up3r"


def at(ws: Workspace, url: str, **more: str) -> Workspace:
    return Workspace(ws.root, replace(ws.settings, prometheus_url=url, **more))


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def landed(ws: Workspace, dataset: str = "p") -> dict[str, list[tuple[int, float]]]:
    """Samples by series, as seconds since 1970 and value."""
    found: dict[str, list[tuple[int, float]]] = {}
    for series, seconds, number in ws.store.rows(
        "SELECT series_id, epoch(timestamp)::BIGINT, value FROM observations "
        "WHERE dataset = ? ORDER BY ALL",
        [dataset],
    ):
        found.setdefault(series, []).append((seconds, number))
    return found
