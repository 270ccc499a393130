"""Events of a live world, landed once each: rows and the cursor they were read to in one change."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from lab.core.schemas import LIVE_CURSORS, TABLES
from lab.core.sql import write_rows
from lab.core.workspace import Workspace
from lab.flows.live_steer import ask

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

Batch = dict[str, Any]


class EventReader:
    """Reads on where the workspace has read to.

    Args:
        ws: The workspace.
        world: Name of the live world; also the data set of what lands.
    """

    def __init__(self, ws: Workspace, world: str) -> None:
        """Begin at what has landed."""
        self.ws, self.world = ws, world
        self.landed: Counter[str] = Counter()
        self.missed: Counter[str] = Counter()
        self.cursors = self._known()

    def read(self, streams: list[str]) -> None:
        """Land every event that is not there yet.

        Args:
            streams: Tables that have events; those not declared are left out.
        """
        batches = {name: self._fetch(name) for name in streams if name in TABLES}
        new = {name: batch for name, batch in batches.items()
               if batch["cursor"] != self.cursors.get(name, 0)}  # fmt: skip
        if not new:
            return
        if not self.ws.store.change(lambda shared: self._land(shared, new)):
            self.cursors = self._known()  # someone else has read on; the next round goes on there
            return
        for name, batch in new.items():
            self.cursors[name] = batch["cursor"]
            self.landed[name] += len(batch["events"])
            self.missed[name] += batch["missed"]

    def _fetch(self, stream: str) -> Batch:
        """All events after the cursor, in as many answers as it takes."""
        whole: Batch = {"events": [], "missed": 0, "cursor": self.cursors.get(stream, 0)}
        while True:
            part = ask(self.ws, f"/events/{stream}", since=whole["cursor"])
            if part["world"] != self.world or part["cursor"] == whole["cursor"]:
                return whole
            whole["events"] += part["events"]
            whole["missed"] += part["missed"]
            whole["cursor"] = part["cursor"]

    def _known(self) -> dict[str, int]:
        if not self.ws.store.has(LIVE_CURSORS.name):
            return {}
        return dict(self.ws.store.rows(
            "SELECT stream, read_to FROM live_cursors WHERE world = ?", [self.world]
        ))  # fmt: skip

    def _land(self, shared: "duckdb.DuckDBPyConnection", new: dict[str, Batch]) -> bool:
        """Write everything, unless another reader was faster."""
        import pandas as pd

        shared.execute(LIVE_CURSORS.ddl())
        found = shared.execute(
            "SELECT stream, read_to FROM live_cursors WHERE world = ?", [self.world]
        ).fetchall()
        if dict(found) != self.cursors:
            return False
        for name, batch in new.items():
            write_rows(shared, name, _rows(batch["events"], name, self.world))
        read = [{"world": self.world, "stream": name, "read_to": batch["cursor"]}
                for name, batch in new.items()]  # fmt: skip
        write_rows(shared, LIVE_CURSORS.name, pd.DataFrame(read), "upsert")
        return True


def _rows(events: list[dict[str, Any]], table: str, dataset: str) -> "pd.DataFrame":
    import pandas as pd

    declared = TABLES[table]
    rows = pd.DataFrame(events, columns=[name for name in declared.names if name != "dataset"])
    if "dataset" in declared.names:
        rows["dataset"] = dataset
    for column in declared.columns:
        if column.type == "TIMESTAMPTZ":
            rows[column.name] = pd.to_datetime(rows[column.name], utc=True, format="ISO8601")
    return rows
