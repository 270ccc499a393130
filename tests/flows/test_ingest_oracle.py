"""Tables that pandas wrote come back as they were, whichever way they are read."""

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.flows.ingest import ingest

TEXTS = ["a", "b_1", "x, y", 'say "hi"', "é", "1_000", "+-5", "e5", "two\twords", "1e5"]
KINDS = ["integer", "wide", "number", "text", "date", "naive", "zoned", "boolean"]
TYPES = {"wide": "integer", "naive": "time", "zoned": "time"}


def column(kind: str, rows: int, rng: np.random.Generator, dice: random.Random) -> pd.Series:
    """Cells as text, some missing."""
    moments = np.datetime64("2020-01-01T00:00:00.000000") + rng.integers(0, 10**14, rows).astype(
        "timedelta64[us]"
    )
    texts = np.datetime_as_string(moments, unit=dice.choice(["s", "ms", "us"]))
    made = {
        "integer": lambda: rng.integers(-(10**9), 10 ** dice.randint(1, 15), rows).astype(str),
        "wide": lambda: rng.integers(-(2**62), 2**62, rows).astype(str),
        "number": lambda: np.round(rng.normal(size=rows) * 10.0 ** dice.randint(-9, 9), 6),
        "text": lambda: rng.choice(TEXTS[: dice.randint(1, len(TEXTS))], rows),
        "date": lambda: moments.astype("datetime64[D]").astype(str),
        "naive": lambda: np.char.replace(texts, "T", dice.choice("T ")),
        "zoned": lambda: np.char.add(texts, dice.choice(["Z", "+00:00", "+02:00"])),
        "boolean": lambda: rng.choice(["True", "False"], rows),
    }[kind]()
    cells = pd.Series(made).astype(object)
    return cells.mask(rng.random(rows) < dice.choice([0, 0, 0.1, 0.9]))


def as_read(cells: pd.Series, kind: str) -> list[object]:
    """What the cells stand for."""
    match TYPES.get(kind, kind):
        case "integer":
            return list(map(int, cells))
        case "number":
            return list(map(float, cells))
        case "boolean":
            return [str(cell) == "True" for cell in cells]
        case "time":
            return list(pd.to_datetime(cells, utc=True, format="ISO8601").astype("int64"))
        case "date":
            return [str(cell)[:10] for cell in cells]
    return list(cells)


@pytest.mark.parametrize("seed", range(10))
def test_a_table_of_pandas_comes_back(ws: Workspace, tmp_path: Path, seed: int) -> None:
    rng, dice = np.random.default_rng(seed), random.Random(seed)
    rows, kinds = dice.randint(5, 3_000), {f"c{i}": dice.choice(KINDS) for i in range(6)}
    made = pd.DataFrame({name: column(kind, rows, rng, dice) for name, kind in kinds.items()})
    made = made[made.notna().any(axis=1)].reset_index(drop=True)
    path = tmp_path / "made.csv"
    end, mark = dice.choice(["\n", "\r\n"]), dice.choice([",", ";", "\t"])
    made.to_csv(path, index=False, lineterminator=end, sep=mark)
    types = {name: TYPES.get(kind, kind) for name, kind in kinds.items()}
    mapping = {"kind": "table", "dataset": "made", "types": types, "timezone": "UTC"}
    done = drain(ingest(ws, path, mapping))
    assert (done.rows_loaded, done.rows_rejected) == (len(made), 0)
    found = ws.store.read("SELECT * FROM made")
    for name, kind in kinds.items():
        here = made[name].notna()
        assert list(found[name].notna()) == list(here)
        assert as_read(found[name][here], kind) == as_read(made[name][here], kind)
