"""What a request may hold, spoken to the real application over a real socket."""

import json

import numpy as np
import pytest

from lab.mlops.models.artifact import load_model
from lab.mlops.serving.app import MAX_BODY_BYTES
from tests.mlops.serving.live import JSON, is_reason, send
from tests.mlops.serving.models import ROW, rows

NAMES = list(ROW)


def csv(frame) -> str:
    return frame.to_csv(index=False)


def forms(frame) -> dict[str, tuple[object, str]]:
    records = frame.to_dict("records")
    return {
        "split": ({"dataframe_split": frame.to_dict("split")}, JSON),
        "split without index": (
            {"dataframe_split": frame.to_dict("split", index=False)},
            "application/json; charset=utf-8",
        ),
        "records": ({"dataframe_records": records}, JSON),
        "inputs": ({"inputs": frame.to_dict("list")}, JSON),
        "csv": (csv(frame), "text/csv"),
        "csv from a spreadsheet": (csv(frame).replace("\n", "\r\n"), "text/csv"),
        "other order": ({"dataframe_records": [dict(reversed(r.items())) for r in records]}, JSON),
    }


@pytest.mark.parametrize("form", list(forms(rows(1))))
def test_each_form_gives_the_local_models_answer(client, model_folder, form):
    frame = rows(20)
    body, kind = forms(frame)[form]
    answer = send(client, body, kind)
    assert answer.status_code == 200, answer.text
    expected = load_model(model_folder).predict(frame)
    np.testing.assert_array_equal(answer.json()["predictions"], expected)


def test_each_prediction_has_an_id_of_its_own(client):
    ids = {send(client, {"dataframe_records": [ROW]}).headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3


def test_most_rows_pass_and_one_more_does_not(client):
    frame = rows(1001)
    body = {"dataframe_split": frame.iloc[:1000].to_dict("split", index=False)}
    assert len(send(client, body).json()["predictions"]) == 1000
    answer = send(client, {"dataframe_split": frame.to_dict("split", index=False)})
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_rows")


DEEP = '{"inputs":' + "[" * 50_000 + "]" * 50_000 + "}"
MALFORMED = {
    "nothing": b"",
    "not json": "{",
    "not an object": [],
    "no known key": {"rows": []},
    "two forms": {"inputs": {}, "dataframe_records": []},
    "further key": {"inputs": {"price": [1]}, "params": {}},
    "NaN literal": '{"inputs": {"price": [NaN]}}',
    "Infinity literal": '{"inputs": {"price": [-Infinity]}}',
    "a key twice": '{"dataframe_records": [{"price": 1, "price": 2}]}',
    "not utf-8": b'{"inputs": "\xff"}',
    "nested too deep": DEEP,
    "endless number": '{"inputs": {"price": [' + "9" * 5000 + "]}}",
    "split: no columns": {"dataframe_split": {"data": []}},
    "split: names are numbers": {"dataframe_split": {"columns": [1], "data": [[1]]}},
    "split: further key": {"dataframe_split": {"columns": [], "data": [], "x": 1}},
    "split: short row": {"dataframe_split": {"columns": NAMES, "data": [[1, 2]]}},
    "split: row is no list": {"dataframe_split": {"columns": NAMES, "data": [1]}},
    "records: no list": {"dataframe_records": ROW},
    "records: no objects": {"dataframe_records": [1]},
    "inputs: a list": {"inputs": [[1]]},
    "inputs: no lists": {"inputs": ROW},
    "inputs: uneven": {"inputs": {"price": [1, 2], "day": [1]}},
}
UNFIT = {
    "no row": {"dataframe_split": {"columns": NAMES, "data": []}},
    "no records": {"dataframe_records": []},
    "empty inputs": {"inputs": {}},
    "missing column": {"dataframe_records": [{"price": 1}]},
    "unknown column": {"dataframe_records": [{**ROW, "colour": "red"}]},
    "column twice": {
        "dataframe_split": {"columns": [*NAMES, "day"], "data": [[1, 1, True, "", 1]]}
    },
    "uneven records": {"dataframe_records": [ROW, {"price": 1}]},
    "text for a number": {"dataframe_records": [{**ROW, "price": "2.5"}]},
    "fraction for a whole": {"dataframe_records": [{**ROW, "day": 2.5}]},
    "number for a boolean": {"dataframe_records": [{**ROW, "promotion": 1}]},
    "number for text": {"dataframe_records": [{**ROW, "store": 7}]},
    "null": {"dataframe_records": [{**ROW, "price": None}]},
    "null text": {"dataframe_records": [{**ROW, "store": None}]},
    "a list in a cell": {"dataframe_records": [{**ROW, "price": [1]}]},
    "an object in a cell": {"dataframe_records": [{**ROW, "store": {"a": 1}}]},
    "beyond a double": json.dumps({"dataframe_records": [{**ROW, "price": 0}]}).replace(
        '"price": 0', '"price": 1e999'
    ),
    "beyond a long": {"dataframe_records": [{**ROW, "day": 2**63}]},
    "huge whole number": {"dataframe_records": [{**ROW, "price": 10**400}]},
    "lone surrogate": {"dataframe_records": [{**ROW, "store": "\ud800"}]},
    "lone surrogate in a name": {"dataframe_records": [{**ROW, "\ud800": 1}]},
    "thousands of columns": {
        "dataframe_split": {
            "columns": [f"c{i}" for i in range(60_000)],
            "data": [[0] * 60_000],
        }
    },
    "category the model never saw": {"dataframe_records": [{**ROW, "store": "moon"}]},
}
CSV = {
    "empty": ("", 400),
    "blank lines": ("\n\n", 400),
    "header only": ("price,day,promotion,store\n", 422),
    "a field too many": ("price,day,promotion,store\n1,1,true,a,9\n", 400),
    "a field too few": ("price,day,promotion,store\n1,1,true\n", 400),
    "a header twice": ("price,day,day,promotion,store\n1,1,1,true,a\n", 422),
    "unclosed quote": ('price,day,promotion,store\n1,1,true,"a\n', 400),
    "text for a number": ("price,day,promotion,store\ndear,1,true,a\n", 422),
    "empty cell": ("price,day,promotion,store\n,1,true,a\n", 422),
    "nan": ("price,day,promotion,store\nnan,1,true,a\n", 422),
    "inf": ("price,day,promotion,store\ninf,1,true,a\n", 422),
    "underscore": ("price,day,promotion,store\n1_0,1,true,a\n", 422),
    "NUL": ("price,day,promotion,store\n1,1,true,\0\n", 422),
    "semicolons": ("price;day;promotion;store\n1;1;true;a\n", 422),
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_body_that_cannot_be_read_is_400_with_a_reason(client, body):
    answer = send(client, body)
    assert answer.status_code == 400, answer.text
    assert is_reason(answer)


@pytest.mark.parametrize("body", UNFIT.values(), ids=UNFIT.keys())
def test_rows_that_do_not_fit_are_422_with_a_reason(client, body):
    answer = send(client, body)
    assert answer.status_code == 422, answer.text
    assert is_reason(answer)
    assert len(answer.text) < 2000


@pytest.mark.parametrize(("body", "status"), CSV.values(), ids=CSV.keys())
def test_bad_csv(client, body, status):
    answer = send(client, body, "text/csv")
    assert answer.status_code == status, answer.text
    assert is_reason(answer)


def test_text_cells_stay_text_in_a_csv(client, model_folder):
    frame = rows(50).query("store == '007'")
    answer = send(client, csv(frame), "text/csv")
    np.testing.assert_array_equal(
        answer.json()["predictions"], load_model(model_folder).predict(frame)
    )


@pytest.mark.parametrize("kind", ["", "application/xml", "application/x-python-pickle", "json"])
def test_unknown_content_type(client, kind):
    answer = send(client, {"dataframe_records": [ROW]}, kind)
    assert (answer.status_code, answer.json()["code"]) == (415, "unknown_content_type")


def test_compressed_body(client):
    answer = client.post("/invocations", data=b"x", headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415


def test_large_body(client):
    assert send(client, b" " * (MAX_BODY_BYTES + 1)).status_code == 413

    def unannounced():
        for _ in range(30):
            yield b" " * 100_000

    answer = client.post("/invocations", data=unannounced(), headers={"Content-Type": JSON})
    assert answer.status_code == 413
