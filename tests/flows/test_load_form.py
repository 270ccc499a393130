"""From a filled-in form to a mapping, and the words of a load."""

from pathlib import Path

import pandas as pd
import pytest

from lab.core.workspace import Workspace
from lab.data.preview import Preview, preview
from lab.flows import load_form, load_report

TEXT = "time;host;cpu\n2026-01-01 00:00;a;1,5\n2026-01-01 00:01;b;2,5\n"


@pytest.fixture
def found(ws: Workspace, tmp_path: Path) -> Preview:
    """A look at metrics with a naive clock and decimal commas."""
    (tmp_path / "my metrics.csv").write_text(TEXT, encoding="utf-8")
    return preview(ws, tmp_path / "my metrics.csv")


def test_only_what_differs_is_said(found: Preview) -> None:
    types = load_form.schema_rows(found)
    same = {"types": types, "time_column": "time", "values": ["cpu"], "labels": ["host"]}
    assert load_form.form_mapping(found, "metrics", " my_metrics ", **same) == {
        "dataset": "my_metrics"
    }
    changed = load_form.form_mapping(
        found, "metrics", "m", **{**same, "labels": []}, answers={"timezone": "UTC"}
    )
    assert changed == {"dataset": "m", "label_columns": [], "timezone": "UTC"}


def test_types_and_kind_that_a_person_changed(found: Preview) -> None:
    types = load_form.schema_rows(found)
    types.loc[types["column"] == "cpu", "type"] = "text"
    mapping = load_form.form_mapping(found, "table", "t", types=types, key=["time", "host"])
    assert mapping == {
        "kind": "table", "dataset": "t", "types": {"cpu": "text"}, "key": ["time", "host"],
    } | {k: v for k, v in mapping.items() if k == "rules"}  # fmt: skip
    assert set(types["type"]) <= set(load_form.type_options(found))


def test_no_answer_is_no_answer(found: Preview) -> None:
    types = load_form.schema_rows(found)
    mapping = load_form.form_mapping(
        found, "metrics", "m", types=types, time_column="time", values=["cpu"], labels=["host"],
        answers={"timezone": None},
    )  # fmt: skip
    assert "timezone" not in mapping
    assert [question.key for question in load_form.questions(found, "metrics")] == ["timezone"]


def test_words(found: Preview) -> None:
    said = load_form.facts(found)
    assert said == "Delimited text · parted by semicolon · UTF-8 · 3 lines · 3 columns"
    assert load_form.zones("Europe/Paris")[:2] == ["UTC", "Europe/Paris"]
    assert load_form.file_stamp("host_metrics") == ""
    assert load_form.file_stamp(str(found.source.path))
    assert set(load_form.cards()) == {"host_metrics", "shop_sales"}
    assert isinstance(load_form.problem_rows(found), pd.DataFrame)


def test_nothing_loaded_is_an_empty_list(ws: Workspace) -> None:
    assert load_report.loads(ws).empty
