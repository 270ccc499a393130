"""What is taken for plain is what the careful cast gives, for every cell that can be thought of."""

import itertools
import random
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from lab.data.casts import Cast, cast
from lab.data.shortcuts import DAYS, FORGIVEN, Plainly, forms, plainly

# What the scan of the bytes finds wherever a number may be odd.
ODD = re.compile(r"[+,\-./0-9]_[+,\-./0-9]|\+-|[\t\v\f]")
EXPONENT = re.compile(r"[+,\-./0-9][eE][+,\-./0-9]")


EDGES = ("9007199254740991", "9007199254740992", "-9007199254740993", "9223372036854775807",
         "1e400", "nan", "NaN", "inf", "-inf", "Infinity", "NA", "null", "true", "0x1F", "0b1",
         "1d", "1f", "5.000", "-.0")  # fmt: skip
TEXT = Plainly("VARCHAR", "c")


def products(*parts: str) -> list[str]:
    """All ways to write one word of each part, words separated by |."""
    return ["".join(chosen) for chosen in itertools.product(*(part.split("|") for part in parts))]


def numbers() -> list[str]:
    made = ["".join(p) for n in range(1, 5) for p in itertools.product("019_.eE+- x", repeat=n)]
    rng = random.Random(1)
    made += ["".join(rng.choices("0123456789.eE+-_ ", k=rng.randint(5, 22))) for _ in range(20_000)]
    return [*made, *EDGES]


def days() -> list[str]:
    years = "2024|0999|999|1900|02024|20240|24|-2024|+2024| 2024|1000"
    ends = "| |Z|T00:00:00| 00:00:00| (BC)"
    made = products(years, "-|/| -|", "1|01|13|00|1 | 1|001", "-|- ", "1|31|0|05|1 | 9", ends)
    return [*made, *WORDS]


def moments() -> list[str]:
    made = products(
        "2024-01-05|0999-01-01|2024- 1-05",
        "T| |  |T ",
        "10|1| 1|24|001",
        ":00|:0|: 0|:60",
        ":00|:0|: 0||:0Z",
        "|.5|.123|.123456|.1234567|,123|.1 2|. 12|.+05|.12Z|.+5|.",
        "|Z|z| Z|+00:00|-05|+0530| UTC|NZ",
    )
    return [*made, *WORDS, "1900-01-01 00:00:00", "1900-01-01T00:00:00Z"]


WORDS = ["epoch", "Epoch", "infinity", "-infinity", " infinity ", "today", "now", "1900-1-1", "NA"]
TRUTHS = ["".join(p) for n in range(1, 4) for p in itertools.product("tfTrueyno01 ", repeat=n)]
CELLS = {"number": numbers(), "integer": numbers(), "date": days(), "time": moments(),
         "boolean": [*TRUTHS, "true", "false", "TRUE", "yes", "on", "off"]}  # fmt: skip


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        yield opened


def table(path: Path, cells: list[str], way: Plainly = TEXT) -> str:
    """The cells as rows of a file, read in one way; those that cannot be are left out."""
    path.write_text("".join(f"{i}|{cell}\n" for i, cell in enumerate(cells)), newline="")
    form = f", {way.type}format = '{way.form}'" if way.form else ""
    return (
        f"read_csv('{path}', auto_detect = false, header = false, delim = '|', quote = '\"', "
        f"ignore_errors = true, columns = {{'n': 'BIGINT', 'c': '{way.type}'}}{form})"
    )


def careful(kind: str, zoned: bool, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The cast that takes no shortcut."""
    with monkeypatch.context() as patched:
        patched.setattr("lab.data.casts.shortcut", lambda *_: None)
        return cast("c", kind, zone="UTC", zoned=zoned)


def judged(one: Cast, file: str) -> str:
    return f"(SELECT n, c, {one.value} AS v, {one.reason} AS r FROM {file})"


@pytest.mark.parametrize("odd", ["", FORGIVEN])
@pytest.mark.parametrize(
    ("kind", "zoned"), [*((kind, False) for kind in CELLS if kind != "boolean"), ("time", True)]
)
def test_a_shortcut_leads_where_the_careful_way_does(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    zoned: bool,
    odd: str,
) -> None:
    cells = [cell for cell in CELLS[kind] if odd or not ODD.search(cell)]
    file = table(tmp_path / "cells.csv", cells)
    slow = judged(careful(kind, zoned, monkeypatch), file)
    quick = judged(cast("c", kind, zone="UTC", zoned=zoned, odd=odd), file)
    differ = connection.execute(
        f"SELECT s.c, s.v::VARCHAR, s.r, q.v::VARCHAR, q.r FROM {slow} s JOIN {quick} q USING (n) "
        "WHERE s.v IS DISTINCT FROM q.v OR s.r IS DISTINCT FROM q.r LIMIT 9"
    )
    assert differ.fetchall() == []


@pytest.mark.parametrize(
    ("kind", "zoned", "form"),
    [*((kind, False, "") for kind in ("number", "integer", "boolean")), ("date", False, DAYS),
     *(("time", zoned, form) for zoned in (False, True) for form in forms(zoned))],
)  # fmt: skip
def test_what_is_read_plainly_is_what_the_careful_way_gives(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    zoned: bool,
    form: str,
) -> None:
    cells = [cell for cell in CELLS[kind] if not ODD.search(cell)]
    cells = [cell for cell in cells if kind != "integer" or not EXPONENT.search(cell)]
    way = plainly("c", kind, "", form)
    assert way is not None
    slow = judged(careful(kind, zoned, monkeypatch), table(tmp_path / "cells.csv", cells))
    read = table(tmp_path / "again.csv", cells, way)
    value = way.value.replace("CAST(", "TRY_CAST(")  # what fails would end the reading
    never = [way.wrong or "false", *(f"{value} {beyond}" for beyond in way.beyond)]
    connection.execute(
        f"CREATE TABLE plain AS SELECT n, {value} AS v FROM {read} "
        f"WHERE {value} IS NOT NULL AND ({' OR '.join(never)}) IS NOT TRUE"
    )
    differ = connection.execute(
        f"SELECT s.c, s.v::VARCHAR, s.r, p.v::VARCHAR FROM {slow} s JOIN plain p USING (n) "
        "WHERE s.v IS DISTINCT FROM p.v OR s.r IS NOT NULL LIMIT 9"
    )
    assert differ.fetchall() == []
    assert connection.execute("SELECT count(*) > 5 FROM plain").fetchall() == [(True,)]
