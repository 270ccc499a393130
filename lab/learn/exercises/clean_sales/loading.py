"""What the loads of a table say: which file, which rows were turned away, the same twice."""

import hashlib
import json
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.core.errors import LabError
from lab.core.words import counted
from lab.core.workspace import open_workspace
from lab.flows.ingest import ingest
from lab.learn.contract import Finding, Findings, Task, judge
from lab.learn.exercises.clean_sales.world import Batch, sealed_batch

WORDS = {
    "missing_units": "have no units",
    "negative_units": "have negative units",
    "bad_date": "have a day that does not exist",
    "text_in_number": "have words for units",
    "misspelt_product": "have a product that does not exist",
    "price_in_pence": "have a price a hundred times too high",
    "duplicate_key": "repeat an earlier row",
}


@dataclass(frozen=True)
class Load:
    """One load of a file.

    Args:
        load_id: Its id.
        content_hash: Hash of the rows that landed.
        mapping: The mapping it used.
    """

    load_id: str
    content_hash: str
    mapping: dict[str, Any]


def last_loads(task: Task, name: str, csv: str) -> list[Load]:
    """Loads of exactly this file into a table, the newest first."""
    if not task.ws.store.has("loads") or not task.ws.store.has(name):
        return []
    found = task.ws.store.rows(
        "SELECT load_id, content_hash, mapping FROM loads "
        "WHERE dataset = ? AND kind = 'table' AND sha256 = ? ORDER BY loaded_at DESC",
        [name, _sha256(csv)],
    )
    return [Load(load_id, content, json.loads(mapping)) for load_id, content, mapping in found]


def loaded(task: Task, name: str, loads: list[Load], csv: str) -> Finding:
    """Whether this file is in this table."""
    said = f"loaded {counted(len(loads), 'time')}" if loads else _elsewhere(task, name, csv)
    evidence = f"SELECT * FROM loads WHERE dataset = '{name}' ORDER BY loaded_at DESC"
    return judge("loaded", bool(loads), f"{name}.csv in table {name}", said, evidence)


def quarantine(task: Task, check: str, load: Load, batch: Batch) -> Finding:
    """Whether exactly the bad rows were turned away."""
    rows = task.ws.store.rows(
        "SELECT line, min(reason) FROM rejects WHERE load_id = ? GROUP BY line", [load.load_id]
    )
    away = dict(rows)
    missed, extra = batch.bad_lines - away.keys(), away.keys() - batch.bad_lines
    said = f"{counted(len(away), 'row')} in quarantine, each one bad"
    if missed:
        said = f"{counted(len(missed), 'bad row')} landed: {_kinds(batch, missed)}"
    elif extra:
        line = min(extra)
        said = f"{counted(len(extra), 'good row')} turned away, such as line {line}: {away[line]}"
    expected = f"the {len(batch.bad_lines)} bad rows, and no other"
    evidence = f"SELECT line, reason, text FROM rejects WHERE load_id = '{load.load_id}'"
    return judge(check, not missed and not extra, expected, said, evidence)


def twice(loads: list[Load]) -> Finding:
    """Whether the last two loads landed the same rows."""
    evidence = "SELECT loaded_at, content_hash FROM loads ORDER BY loaded_at DESC"
    said = "the same hash twice"
    if len(loads) < 2:
        said = "loaded once; load it again in the same way"
    elif loads[0].content_hash != loads[1].content_hash:
        said = "the last two loads landed different rows; load it once more"
    same = said == "the same hash twice"
    return judge("twice", same, "two loads that land the same rows", said, evidence)


def sealed(task: Task, load: Load) -> Findings:
    """Whether the recorded mapping also holds on a batch that nobody has seen."""
    batch = sealed_batch(task)
    expected = "the recorded contract turns away exactly the bad rows of a batch you do not see"
    with tempfile.TemporaryDirectory(dir=task.ws.staging) as place:
        path = Path(place) / "sealed.csv"
        path.write_text(batch.csv, encoding="utf-8")
        scratch = open_workspace(Path(place) / "scratch", task.ws.settings)
        try:
            yield from ingest(scratch, path, {**load.mapping, "dataset": "sealed"})
        except LabError as error:
            yield judge("sealed", False, expected, f"it cannot be loaded: {error.message}")
            return
        away = {line for (line,) in scratch.store.rows("SELECT DISTINCT line FROM rejects")}
    missed, extra = len(batch.bad_lines - away), len(away - batch.bad_lines)
    said = "exactly those"
    if missed:
        said = f"{missed} of {counted(len(batch.bad_lines), 'bad row')} would land"
    elif extra:
        said = f"{counted(extra, 'good row')} would be turned away; a rule is too tight"
    yield judge("sealed", not missed and not extra, expected, said)


def _kinds(batch: Batch, lines: frozenset[int]) -> str:
    """The commonest fault among some lines, with one of them."""
    found = batch.truth[batch.truth["line"].isin(lines)]
    reason, count = Counter(found["reason"].tolist()).most_common(1)[0]
    first = found.loc[found["reason"] == reason, "line"].min()
    return f"{count} {WORDS[reason]}, such as line {first}"


def _elsewhere(task: Task, name: str, csv: str) -> str:
    """Where the file went, if it went anywhere."""
    if not task.ws.store.has("loads"):
        return "nothing is loaded yet"
    if task.ws.store.has(name):
        return f"{name} came from another file; load the one you were given, unchanged"
    sql = "SELECT dataset, kind FROM loads WHERE sha256 = ? ORDER BY loaded_at DESC LIMIT 1"
    found = task.ws.store.rows(sql, [_sha256(csv)])
    if found:
        dataset, kind = found[0]
        return f"it was loaded as {kind} under the name {dataset}"
    return "this file is not loaded yet"


def _sha256(csv: str) -> str:
    return hashlib.sha256(csv.encode()).hexdigest()
