"""The newest features of every entity, computed up to a time and looked up later."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from lab.core.errors import BadInput, unknown
from lab.core.schemas import ONLINE_FEATURES
from lab.core.sql import translated, write_rows
from lab.core.workspace import Workspace
from lab.data.features_sql import asked_query, entities_query
from lab.flows.feature_values import compute, given_rows
from lab.flows.features import feature_set, source_types

if TYPE_CHECKING:
    import duckdb

    from lab.data.features import FeatureSet


@dataclass(frozen=True)
class Materialised:
    """Features made ready to be looked up.

    Args:
        name: The set.
        as_of: Time they are of, ISO 8601 in UTC.
        entities: Entities with features.
        expired: Entities without, since nothing young enough is known of them.
    """

    name: str
    as_of: str
    entities: int
    expired: int


def materialise(ws: Workspace, name: str, until: str = "") -> Materialised:
    """Compute the features of every entity as of a time, and keep them to be looked up.

    Args:
        ws: The workspace.
        name: A kept set of features.
        until: The time, ISO; now when not given. Nothing later goes in.

    Returns:
        How many entities have features.

    Raises:
        NotFound: There is no such set, or its source is not there.
        BadInput: ``until`` is not a time.
    """
    wanted, moment = feature_set(ws, name), _moment(until)
    types = source_types(ws, wanted)

    def work(connection: "duckdb.DuckDBPyConnection") -> Materialised:
        entities = connection.sql(entities_query(wanted)).df().set_axis([*wanted.entity], axis=1)
        given = given_rows(entities, wanted, pd.Series([moment] * len(entities)))
        found = compute(connection, wanted, types, given)
        kept = _online_rows(wanted, entities, found, moment)
        connection.execute(ONLINE_FEATURES.ddl())
        connection.execute("DELETE FROM online_features WHERE feature_set = ?", [wanted.name])
        if len(kept):
            write_rows(connection, ONLINE_FEATURES.name, kept)
        expired = len(entities) - len(kept)
        return Materialised(wanted.name, moment.isoformat(), len(kept), expired)

    return ws.store.change(work)


def read_online(
    ws: Workspace, name: str, entities: Sequence[Mapping[str, Any]], now: str = ""
) -> pd.DataFrame:
    """Look the newest features of entities up.

    Args:
        ws: The workspace.
        name: A kept set of features that was materialised.
        entities: The entity's columns of each row.
        now: The time of the question, ISO; what has expired by then is empty, and so is what
            was materialised for later. The present when not given.

    Returns:
        One row per entity, in order: its columns, ``newest_event`` and the features.

    Raises:
        NotFound: There is no such set, or an entity lacks a column.
        BadInput: The set was changed after it was materialised, or never was.
    """
    wanted, moment = feature_set(ws, name), _moment(now)
    for entity in entities:
        for column in wanted.entity:
            if column not in entity:
                raise unknown("column", column, entity)
    kept, types = _online(ws, wanted), source_types(ws, wanted)
    asked = pd.DataFrame([dict(entity) for entity in entities], columns=list(wanted.entity))
    with ws.store.connect() as connection, translated(ws.database):
        keys = _keys(connection, wanted, types, asked)
    rows = []
    for entity, key in zip(entities, keys, strict=True):
        as_of, newest, text = kept.get(key, (moment, None, "{}"))
        alive = newest and as_of <= moment and (moment - newest).total_seconds() < wanted.ttl
        values = json.loads(text) if alive else {}
        given = {feature: values.get(feature) for feature in wanted.features}
        rows.append({**entity, "newest_event": newest if alive else None, **given})
    frame = pd.DataFrame(rows, columns=[*wanted.entity, "newest_event", *wanted.features])
    return frame.astype({"newest_event": "datetime64[us, UTC]"})


def _keys(
    connection: "duckdb.DuckDBPyConnection",
    wanted: "FeatureSet",
    types: Mapping[str, str],
    asked: pd.DataFrame,
) -> list[str]:
    """The entities of a question as they stand in ``online_features``."""
    given = given_rows(asked, wanted, pd.Series([datetime.now(UTC)] * len(asked)))
    connection.register("given", given)
    sql = asked_query([types[column] for column in wanted.entity])
    cells = ", ".join(f"e{i}" for i in range(len(wanted.entity)))
    rows = connection.sql(f"SELECT {cells} FROM ({sql}) ORDER BY n").fetchall()
    connection.unregister("given")
    return [_text(row) for row in rows]


def _online_rows(
    wanted: "FeatureSet", entities: pd.DataFrame, found: pd.DataFrame, moment: datetime
) -> pd.DataFrame:
    alive = found["newest_event"].notna()
    values = found.loc[alive, list(wanted.features)].to_dict("records")
    texts = [
        json.dumps({str(k): None if pd.isna(v) else _plain(v) for k, v in row.items()})
        for row in values
    ]
    return pd.DataFrame(
        {
            "feature_set": wanted.name,
            "definition": wanted.fingerprint,
            "entity": [_text(row) for row in entities[alive].itertuples(index=False)],
            "as_of": moment,
            "newest_event": found.loc[alive, "newest_event"].to_numpy(),
            "feature_values": texts,
        }
    )


def _online(ws: Workspace, wanted: "FeatureSet") -> dict[str, tuple[datetime, datetime, str]]:
    rows: list[tuple[Any, ...]] = []
    if ws.store.has(ONLINE_FEATURES.name):
        rows = ws.store.rows(
            "SELECT entity, as_of, newest_event, feature_values, definition FROM online_features "
            "WHERE feature_set = ?",
            [wanted.name],
        )
    if not rows or rows[0][4] != wanted.fingerprint:
        why = "was changed since it was" if rows else "is not"
        raise BadInput(
            f"The set of features {wanted.name!r} {why} materialised.",
            f"Run python -m lab features materialise {wanted.name}.",
        )
    return {entity: (as_of, newest, text) for entity, as_of, newest, text, _ in rows}


def _moment(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{text!r} is not a time.", "Write it as 2026-01-31T12:00.") from error
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _plain(value: Any) -> Any:
    """A value as JSON takes it; times as ISO text."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def _text(cells: Sequence[Any]) -> str:
    return json.dumps(list(cells), ensure_ascii=False)
