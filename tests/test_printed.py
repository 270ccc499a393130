"""Results of every shape, as JSON that any program reads and as text that people read."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lab.printed import as_json, as_text


@dataclass(frozen=True)
class Inner:
    """A part."""

    value: float


@dataclass(frozen=True)
class Outer:
    """A whole."""

    name: str
    parts: tuple[Inner, ...]


@dataclass(frozen=True)
class Spoken(Outer):
    """One with words of its own."""

    def __str__(self) -> str:
        return f"I am {self.name}."


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (float("nan"), None),
        (float("inf"), "inf"),
        (np.float64(1.5), 1.5),
        (np.bool_(True), True),
        (pd.NaT, None),
        (pd.NA, None),
        (Decimal("1.50"), "1.50"),
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2, tzinfo=UTC), "2026-03-02T00:00:00+00:00"),
        (Path("a/b"), "a/b"),
        ({1: (2, 3)}, {"1": [2, 3]}),
        (Outer("x", (Inner(1.0),)), {"name": "x", "parts": [{"value": 1.0}]}),
        (pd.DataFrame({"a": [1, 2], "b": [np.nan, 0.5]}),
         [{"a": 1, "b": None}, {"a": 2, "b": 0.5}]),
        (None, None),
    ],
    ids=str,
)  # fmt: skip
def test_json(given: Any, expected: Any) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    assert json.loads(as_json(given), parse_constant=refuse) == expected


def test_table_is_aligned_and_bounded() -> None:
    rows = pd.DataFrame({"name": ["a", "b" * 100], "note": ["one\ntwo", None]})
    assert as_text(rows).splitlines() == [
        f"{'name':<60}  note", f"{'a':<60}  one two", f"{'b' * 59}…",
    ]  # fmt: skip


def test_one_result_is_a_list_of_facts_unless_it_speaks_for_itself() -> None:
    assert as_text(Outer("x", ())).splitlines() == ["name   x", "parts"]
    parts = (Inner(1.0), Inner(2.5))
    assert as_text(Outer("x", parts)) == "name   x\n\nparts:\nvalue\n1.0\n2.5"
    assert as_text(Spoken("x", ())) == "I am x."


@pytest.mark.parametrize(
    ("given", "text"),
    [([], "Nothing yet."), (["a", "b"], "a\nb"), ("done", "done"), (True, "True"), (None, "")],
)
def test_plain_values(given: Any, text: str) -> None:
    assert as_text(given) == text
