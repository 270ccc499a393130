"""Load a file: look, check, stage, reconcile, and land whole or not at all."""

from collections.abc import Mapping as Dict
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lab.core.errors import BadInput, unknown
from lab.core.progress import Progress, Steps, scaled
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.data.catalog import DatasetCard, bundled, card, verify
from lab.data.dialect import Dialect, told_dialect
from lab.data.held_still import HeldStill
from lab.data.landed import MODES, LoadRecord, adopt_load, land_load
from lab.data.landing import build_table, count_rows, forget, type_rows
from lab.data.mapping import Mapping
from lab.data.mapping_checks import checked_mapping
from lab.data.preview import Preview, open_questions, resolve
from lab.data.preview import preview as look_at
from lab.data.quick_blocks import read_blocks
from lab.data.quick_read import read_quickly
from lab.data.reading import reading
from lab.data.rollups import sum_up
from lab.data.samples import BEGUN, build_metrics
from lab.data.source import Source
from lab.data.staging import Tally, stage_rows, staged_database
from lab.flows.contracts import find_contract
from lab.flows.load_report import LoadSummary, summarise

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from lab.data.quality.contract import Contract
    from lab.flows.quality_load import Held

# A text table staged as text, then typed, then landed, takes about this many times its size.
SPACE_FACTOR = 6
HOLDING = "Holding the rows to the contract"
SUMMING_UP = "Summing up long series for charts"


def preview(
    ws: Workspace,
    source: str | Path,
    dialect: Dict[str, Any] | None = None,
    name: str = "",
    asked: Dict[str, Any] | None = None,
) -> Preview:
    """Look at a file or a bundled data set without loading it.

    Args:
        ws: The workspace.
        source: A path, or the name of a bundled data set.
        dialect: How the text is written, where the guess is wrong: fields of
            ``lab.data.records.Dialect``.
        name: What the person calls the file; its own name when not given.
        asked: Which part of the file is read, and how: fields of ``lab.data.reading.Reading``.

    Returns:
        Schema, sample, guessed mapping and open questions.

    Raises:
        NotFound: There is no such file or data set.
        BadInput: It cannot be read as a table.
    """
    bundle = _bundle(source)
    if bundle is None:
        return look_at(ws, source, _dialect({"dialect": dialect}), name, reading(asked))
    found = look_at(ws, bundle.path, None, name)
    mapping = found.mapping.changed(bundle.mapping)
    questions = open_questions(found.columns, mapping)
    return replace(found, mapping=mapping, questions=questions)


def ingest(
    ws: Workspace,
    source: str | Path,
    mapping: Dict[str, Any] | None = None,
    *,
    mode: Literal["replace", "add"] = "replace",
    name: str = "",
    part: str = "",
    contract: str = "",
) -> Steps[LoadSummary]:
    """Load a file or a bundled data set.

    Where a contract is kept for the name, or one is given, rows that break it are turned away,
    and a promise of the whole table that is broken stops the load if the contract says so.

    Args:
        ws: The workspace.
        source: A path, or the name of a bundled data set.
        mapping: Fields of ``lab.data.mapping.Mapping`` that differ from the guess.
        mode: ``replace`` what is there under that name, or ``add`` rows by their key.
        name: What the person calls the file; its own name when not given.
        part: Sheet, table, file in an archive or list in a document, where there are several.
        contract: A YAML file with a contract; the one kept in the workspace when not given.

    Yields:
        Progress.

    Returns:
        The counts, which add up to the lines of the file.

    Raises:
        NotFound: There is no such file, data set or column.
        BadInput: The file cannot be read, a question is open, counts do not add up, or the
            contract is broken; nothing is loaded.
        Busy: Somebody else held the database all the time.
    """
    if mode not in MODES:
        raise unknown("way of loading", mode, MODES)
    given, bundle = dict(mapping or {}), _bundle(source)
    asked = reading(given.pop("reading", None))
    asked = replace(asked, part=part or asked.part)
    path = Path(source).expanduser().absolute()
    if bundle is not None:
        verify(bundle)
        path, given = bundle.path, {**bundle.mapping, **given}
    yield Progress(0, 100, "Looking at the file")
    ws.store.sweep()
    still = HeldStill(path)
    found = look_at(ws, path, _dialect(given), name, asked, counted=False)
    chosen = checked_mapping(resolve(found, given), found.source.columns)
    promised = find_contract(ws, chosen.dataset, contract)
    ws.need_space(SPACE_FACTOR * path.stat().st_size)
    incidents = _incidents(bundle, chosen)
    summary = yield from _loaded(ws, found, chosen, promised, mode, incidents, still)
    if chosen.kind == "metrics" and mode == "add":
        yield Progress(95, 100, SUMMING_UP)
        ws.store.change(lambda shared: sum_up(shared, chosen.dataset))
    yield Progress(100, 100, "Done")
    return replace(summary, incidents=0 if incidents is None else len(incidents))


def _loaded(
    ws: Workspace,
    found: Preview,
    chosen: Mapping,
    promised: "Contract | None",
    mode: Literal["replace", "add"],
    incidents: "pd.DataFrame | None",
    still: HeldStill,
) -> Steps[LoadSummary]:
    """Stage, reconcile and land."""
    with ws.store.stage() as staged:
        with staged_database(ws, staged, found.source.path) as connection:
            hold = None
            if promised:
                from lab.flows.quality_load import Held

                hold = Held(ws, connection, found.source, chosen, promised)
            tally = yield from _read(connection, found.source, chosen, hold, still)
            yield from _arranged(connection, found.source, chosen, tally)
            summary = summarise(connection, chosen, tally, found, still.sha256())
            if chosen.kind == "metrics" and mode == "replace":
                yield Progress(85, 100, SUMMING_UP)
                sum_up(connection, chosen.dataset, BEGUN)
        summary = hold.judged(summary) if hold else summary
        yield Progress(88, 100, f"Landing {grouped(summary.rows_loaded)} rows")
        record = _record(summary)

        def judged(shared: "duckdb.DuckDBPyConnection") -> None:
            if hold:
                hold.land(shared)

        def landing(shared: "duckdb.DuckDBPyConnection") -> None:
            land_load(shared, record, chosen, mode, incidents)
            judged(shared)

        if mode == "add" or not adopt_load(ws.store, staged, record, chosen, incidents, judged):
            ws.store.publish(staged, {}, landing)
    return summary


def _bundle(source: Path | str) -> DatasetCard | None:
    if isinstance(source, Path) or Path(source).suffix or "/" in source or Path(source).exists():
        return None
    if source in {one.name for one in bundled()}:
        return card(source)
    raise unknown("file or bundled data set", source, [one.name for one in bundled()])


def _dialect(given: Dict[str, Any]) -> Dialect | None:
    told = given.get("dialect")
    return told_dialect(Dialect(), told) if isinstance(told, dict) else told


def _read(
    connection: "duckdb.DuckDBPyConnection",
    source: Source,
    mapping: Mapping,
    hold: "Held | None",
    still: HeldStill,
) -> Steps[Tally]:
    """Make typed rows, good and bad, in the quickest way that the file allows."""
    yield Progress(2, 100, "Reading the rows")
    tally = read_quickly(connection, source, mapping, still.hear)
    if tally and hold:
        yield Progress(60, 100, HOLDING)
        if not hold.check():
            forget(connection)
            tally = None
    if tally is None and not hold:
        tally = yield from scaled(read_blocks(connection, source, mapping), 2, 75, 100)
    if tally is None:
        tally = yield from scaled(stage_rows(connection, source), 2, 60, 100)
        yield Progress(60, 100, f"Checking {grouped(tally.rows)} rows")
        type_rows(connection, source, mapping)
        if hold:
            yield Progress(70, 100, HOLDING)
            hold.check()
    return tally


def _arranged(
    connection: "duckdb.DuckDBPyConnection", source: Source, mapping: Mapping, tally: Tally
) -> Steps[None]:
    """Hold the counts against each other, and make the tables that land."""
    loaded, rejected = count_rows(connection)
    tally.check(loaded, rejected)
    if not loaded:
        raise BadInput(f"None of {grouped(tally.rows)} rows can be loaded. {_first(connection)}",
                       "Correct the mapping or the file.")  # fmt: skip
    yield Progress(75, 100, f"Arranging {grouped(loaded)} rows")
    if mapping.kind == "metrics":
        yield from scaled(build_metrics(connection, source, mapping), 75, 85, 100)
    else:
        build_table(connection, source, mapping)


def _record(summary: LoadSummary) -> LoadRecord:
    kept = {f.name: getattr(summary, f.name) for f in fields(LoadRecord) if f.name != "loaded_at"}
    return LoadRecord(**kept, loaded_at=datetime.now(UTC))


def _first(connection: "duckdb.DuckDBPyConnection") -> str:
    found = connection.execute("SELECT line, reason FROM rejects ORDER BY line LIMIT 1").fetchall()
    return f"First: line {found[0][0]}: {found[0][1]}."


def _incidents(bundle: DatasetCard | None, mapping: Mapping) -> "pd.DataFrame | None":
    """The labelled truth of a bundled set of metrics, as rows of table ``incidents``."""
    if bundle is None or bundle.labels_path is None:
        return None
    import pandas as pd

    frame = pd.read_csv(bundle.labels_path, dtype="str", keep_default_na=False)
    for column in ("start", "end"):
        frame[column] = pd.to_datetime(frame[column], utc=True)
    return frame.assign(dataset=mapping.dataset)
