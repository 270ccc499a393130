"""Looking at files: schema, guessed mapping, and only the questions that must be asked."""

from pathlib import Path

import pandas as pd
import pytest

from lab.core.errors import BadInput, LabError, NotFound
from lab.core.workspace import Workspace
from lab.data.catalog import card
from lab.data.mapping import Mapping
from lab.data.mapping_checks import checked_mapping
from lab.data.preview import Preview, answered, open_questions, preview, resolve, suggested


def look(ws: Workspace, tmp_path: Path, text: str, name: str = "x.csv") -> Preview:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return preview(ws, path)


def test_bundled_metrics(ws: Workspace) -> None:
    found = preview(ws, card("host_metrics").path)
    assert (found.source.format.name, found.source.rows, found.physical_lines) == (
        "parquet", 201_600, 0,
    )  # fmt: skip
    mapping = found.mapping
    assert (mapping.kind, mapping.time_column) == ("metrics", "timestamp")
    assert mapping.label_columns == ("instance", "job")
    assert len(mapping.value_columns) == 5
    assert found.questions == ()
    assert len(found.rows) == 20


def test_bundled_sales(ws: Workspace) -> None:
    found = preview(ws, card("shop_sales").path)
    assert (found.mapping.kind, found.mapping.dataset) == ("table", "sales")
    assert found.physical_lines == 32_881
    assert found.doubts == found.questions == ()


def test_naive_times_are_asked_about_and_zoned_ones_not(ws: Workspace, tmp_path: Path) -> None:
    asked = look(ws, tmp_path, "time,cpu\n2026-01-01 00:00,1\n")
    assert [question.key for question in asked.questions] == ["timezone"]
    assert not look(ws, tmp_path, "time,cpu\n2026-01-01T00:00Z,1\n").questions
    assert not look(ws, tmp_path, "time,cpu\n1767225600,1\n").questions
    # The days of a table are days wherever one is.
    assert not look(ws, tmp_path, "day,name\n2026-01-01,a\n").questions


def test_answers_close_questions(ws: Workspace, tmp_path: Path) -> None:
    found = look(ws, tmp_path, "time;size\n02/03/2026 10:00;1,500\n03/04/2026 10:00;2,250\n")
    keys = [question.key for question in found.questions]
    assert keys == ["type:time", "type:size", "timezone"]
    with pytest.raises(BadInput, match="two ways"):
        resolve(found, None)
    answers = {
        "type:time": "time:%d/%m/%Y %H:%M",
        "type:size": "number:comma",
        "timezone": "Europe/Paris",
    }
    mapping = answered(found.mapping, answers)
    assert open_questions(found.columns, mapping) == ()
    assert checked_mapping(mapping, found.source.columns) == mapping


def test_problems_of_the_first_rows_are_shown(ws: Workspace, tmp_path: Path) -> None:
    found = look(ws, tmp_path, "a,b\n1,2\n3\n5,6\n")
    assert found.problems == ((3, "has 1 cells where the header has 2"),)
    assert len(found.rows) == 2


def test_it_can_be_taken_as_the_other_kind(ws: Workspace, tmp_path: Path) -> None:
    found = look(ws, tmp_path, "time,host,cpu\n2026-01-01T00:00Z,a,1\n", "my load.csv")
    assert found.mapping.kind == "metrics"
    table = suggested(found, "table")
    assert (table.kind, table.dataset) == ("table", "my_load")
    assert list(table.types) == ["time", "host", "cpu"]
    daily = look(ws, tmp_path, "day,cpu\n2026-01-01,1\n")
    assert suggested(daily, "metrics").time_column == "day"


def test_json_lines_keep_every_digit(ws: Workspace, tmp_path: Path) -> None:
    text = '{"t": "2026-01-01T00:00Z", "v": 0.1000000000000000055, "tags": {"a": [1]}}\n'
    found = look(ws, tmp_path, text, "x.jsonl")
    assert found.rows[0] == ("2026-01-01T00:00Z", "0.1000000000000000055", '{"a": [1]}')


def test_odd_parquet_types_become_text(ws: Workspace, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"a": [[1, 2], [3]], "b": pd.to_timedelta(["1h", "2h"]), "c": [True, None]}
    )
    frame.to_parquet(tmp_path / "x.parquet")
    found = preview(ws, tmp_path / "x.parquet")
    assert found.rows[0][0] == "[1, 2]"
    assert found.columns[2].type == "boolean"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"kind": "graph"}, "kind of data set"),
        ({"time_colum": "time"}, "Did you mean time_column"),
        ({"time_column": "when"}, "no column named 'when'"),
        ({"types": {"cpu": "float"}}, "column type"),
        ({"time_column": "host"}, "not time"),
        ({"value_columns": ["host"]}, "not numbers"),
        ({"value_columns": []}, "value column"),
        ({"metric_column": "host"}, "value column"),
        ({"timezone": "Mars/Base"}, "time zone"),
        ({"dataset": "../../etc"}, "cannot be used"),
        ({"kind": "table", "dataset": "drop table"}, "cannot be used"),
        ({"kind": "table", "dataset": "attempts"}, "kept by the lab"),
    ],
)
def test_wrong_mappings_say_what_is_wrong(
    ws: Workspace, tmp_path: Path, given: dict[str, object], error: str
) -> None:
    found = look(ws, tmp_path, "time,host,cpu\n2026-01-01T00:00Z,a,1\n")
    with pytest.raises(LabError, match=error) as refused:
        checked_mapping(found.mapping.changed(given), found.source.columns)
    assert refused.value.hint


def test_mapping_goes_through_json(ws: Workspace, tmp_path: Path) -> None:
    import json

    found = look(ws, tmp_path, "time,host,cpu\n2026-01-01T00:00Z,a,1\n")
    plain = json.loads(json.dumps(found.mapping.as_dict()))
    assert Mapping("table", "y").changed(plain) == found.mapping


def test_missing_file(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        preview(ws, tmp_path / "none.csv")


def test_rows_that_share_their_time_are_a_table_and_lose_nothing(ws, tmp_path):
    path = tmp_path / "events.csv"
    rows = [f"2026-03-01T00:{i // 2:02d}:00Z,web,{i}" for i in range(60)]
    path.write_text("\n".join(["at,service,size", *rows]) + "\n", encoding="utf-8")
    assert preview(ws, path).mapping.kind == "table"
    rows[1] = rows[0]
    path.write_text("\n".join(["at,service,size", *rows[::2]]) + "\n", encoding="utf-8")
    assert preview(ws, path).mapping.kind == "metrics"


def test_columns_without_a_value_yet_are_no_labels(ws: Workspace, tmp_path: Path) -> None:
    rows = "".join(f"2026-01-01T00:{i:02d}Z,web,{i},NaN,\n" for i in range(9))
    found = look(ws, tmp_path, "time,host,cpu,heat,note\n" + rows)
    assert found.mapping.label_columns == ("host",)
    assert found.mapping.value_columns == ("cpu", "heat")
    (doubt,) = found.doubts
    assert "'note' is empty" in doubt
