"""Sets of features of a workspace: defined in YAML, kept, listed."""

from pathlib import Path
from typing import Any

import pandas as pd

from lab.core.errors import unknown
from lab.core.files import write_whole
from lab.core.names import checked_name, inside
from lab.core.schemas import ONLINE_FEATURES
from lab.core.workspace import Workspace
from lab.core.yaml_models import text_of
from lab.data.features import NOUN, FeatureSet, read_features
from lab.flows.audit import record


def feature_sets(ws: Workspace) -> pd.DataFrame:
    """List the sets of features that are kept in the workspace.

    Args:
        ws: The workspace.

    Returns:
        One row per set: ``name``, ``source``, ``entity``, ``features``, and ``as_of``: until
        when it is materialised.
    """
    times: dict[str, Any] = {}
    if ws.database.exists() and ws.store.has(ONLINE_FEATURES.name):
        sql = "SELECT feature_set, max(as_of) FROM online_features GROUP BY feature_set"
        times = {name: moment.isoformat() for name, moment in ws.store.rows(sql)}
    sets = [feature_set(ws, path.stem) for path in sorted(_folder(ws).glob("*.yaml"))]
    rows = [
        [one.name, one.source, ", ".join(one.entity), ", ".join(one.features),
         times.get(one.name, "")] for one in sets
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["name", "source", "entity", "features", "as_of"])


def define_features(ws: Workspace, file: str) -> str:
    """Keep a set of features that a YAML file defines.

    Args:
        ws: The workspace.
        file: The file.

    Returns:
        The name of the set.

    Raises:
        NotFound: There is no such file, or its source has no such column.
        BadInput: It defines no set of features.
    """
    return keep_features(ws, text_of(file, NOUN))


def keep_features(ws: Workspace, text: str) -> str:
    """Keep a set of features from its text; returns its name."""
    wanted = read_features(text)
    source_types(ws, wanted)
    write_whole(_folder(ws) / f"{wanted.name}.yaml", text)
    record(ws, "kept", f"features {wanted.name}", {"text": text})
    return wanted.name


def feature_set(ws: Workspace, name: str) -> FeatureSet:
    """A set of features that is kept in the workspace.

    Raises:
        NotFound: There is none of that name.
    """
    return read_features(feature_text(ws, name))


def feature_text(ws: Workspace, name: str) -> str:
    """The definition of a set of features as it was written."""
    place = inside(_folder(ws), f"{checked_name(name)}.yaml")
    if not place.is_file():
        raise unknown("set of features", name, [path.stem for path in _folder(ws).glob("*.yaml")])
    return place.read_text(encoding="utf-8")


def source_types(ws: Workspace, wanted: FeatureSet) -> dict[str, str]:
    """DuckDB types of the columns of a set's source.

    Raises:
        NotFound: The source or a column of it is not there.
    """
    tables = {info.name: dict(info.columns) for info in ws.store.tables()}
    if wanted.source not in tables:
        raise unknown("table", wanted.source, tables)
    for column in wanted.columns:
        if column not in tables[wanted.source]:
            raise unknown(f"column of {wanted.source}", column, tables[wanted.source])
    return tables[wanted.source]


def _folder(ws: Workspace) -> Path:
    return ws.folder("features")
