"""MLflow's scoring protocol: a request body in, a checked frame out, or a refusal with a reason.

Two kinds of refusal: 400 when the body itself cannot be read, 422 when it can and does not fit
the model. Anything a JSON reader would silently bend is refused: NaN, a key given twice,
a number too large to hold.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput
from lab.mlops.models.model_input import (
    SHOWN,
    ModelInput,
    check_names,
    checked_frame,
    parsed_text,
    shortened,
)

if TYPE_CHECKING:
    import pandas as pd

MAX_ROWS = 1000
Cells = tuple[list[str], list[list[Any]]]  # names (k,) and rows (n, k)
FORMS = ("dataframe_split", "dataframe_records", "inputs")


class Refusal(Exception):
    """An answer to a request that cannot be served.

    Args:
        status: HTTP status.
        code: One word for programs.
        message: What was wrong, for people.
        hint: The next action.
    """

    def __init__(self, status: int, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "hint": hint}


@dataclass(frozen=True)
class Reader:
    """Reads request bodies for one model.

    Args:
        inputs: Columns the model declares.
        max_rows: Most rows in one request.
    """

    inputs: Sequence[ModelInput]
    max_rows: int = MAX_ROWS

    def read(self, body: bytes, content_type: str) -> "pd.DataFrame":
        """Turn a request body into the frame the model takes.

        Args:
            body: The raw bytes.
            content_type: Its ``Content-Type``; parameters such as a charset are allowed.

        Returns:
            The checked frame, shape (n, k), 1 <= n <= ``max_rows``.

        Raises:
            Refusal: 400 malformed, 415 unknown content type, 422 does not fit the model.
        """
        kind = content_type.partition(";")[0].strip().lower()
        if kind not in ("application/json", "text/csv"):
            raise Refusal(
                415,
                "unknown_content_type",
                f"Content type {shortened(kind)} is not served.",
                "Send application/json or text/csv.",
            )
        names, rows = _from_csv(body) if kind == "text/csv" else _from_json(body)
        if len(rows) > self.max_rows:
            raise Refusal(
                422,
                "too_many_rows",
                f"{len(rows)} rows were sent; the most is {self.max_rows}.",
                "Send them in several requests.",
            )
        try:
            # Names first: a body of many thousand columns never becomes a frame.
            check_names(names, self.inputs)
            frame = _frame(names, rows)
            given = parsed_text(frame, self.inputs) if kind == "text/csv" else frame
            return checked_frame(given, self.inputs)
        except BadInput as error:
            raise Refusal(422, "does_not_fit", error.message, error.hint) from error


def malformed(message: str) -> Refusal:
    """The refusal of a body that cannot be read at all."""
    return Refusal(400, "malformed", message, f"Use one of {', '.join(FORMS)}, or CSV.")


def _from_csv(body: bytes) -> Cells:
    # Not pandas: it guesses types ("007" may be a name), makes an extra field an index and
    # fills a short row.
    try:
        reader = csv.reader(io.StringIO(_decoded(body), newline=""), strict=True)
        lines = [line for line in reader if line]
    except csv.Error as error:
        raise malformed(f"The CSV cannot be read: {error}.") from error
    if not lines:
        raise malformed("The CSV is empty.")
    return _even(lines[0], lines[1:])


def _from_json(body: bytes) -> Cells:
    payload = _json(body)
    if not isinstance(payload, dict):
        raise malformed("The body must be a JSON object.")
    if len(payload) != 1 or not set(payload) <= set(FORMS):
        given = ", ".join(map(shortened, list(payload)[:SHOWN])) or "none"
        raise malformed(f"The body must have exactly one of the known keys; it has {given}.")
    form, content = next(iter(payload.items()))
    build = {"dataframe_split": _split, "dataframe_records": _records, "inputs": _columns}
    return build[form](content)


def _split(content: Any) -> Cells:
    if not isinstance(content, dict) or not {"columns", "data"} <= set(content):
        raise malformed("dataframe_split needs 'columns' and 'data'.")
    if extra := sorted(set(content) - {"columns", "data", "index"}):
        raise malformed(f"dataframe_split does not know {shortened(extra[0])}.")
    columns, rows = content["columns"], content["data"]
    if not _list_of(columns, str) or not _list_of(rows, list):
        raise malformed("dataframe_split needs a list of names and a list of rows.")
    return _even(columns, rows)


def _records(content: Any) -> Cells:
    if not _list_of(content, dict):
        raise malformed("dataframe_records needs a list of objects.")
    names = list(content[0]) if content else []
    for number, row in enumerate(content):
        if set(row) != set(names):
            odd = ", ".join(map(shortened, sorted(set(row) ^ set(names))[:SHOWN]))
            raise Refusal(
                422,
                "does_not_fit",
                f"Row {number} does not have the columns of row 0: {odd}.",
                "Give every row the same columns.",
            )
    return names, [[row[name] for name in names] for row in content]


def _columns(content: Any) -> Cells:
    if not isinstance(content, dict) or not all(isinstance(v, list) for v in content.values()):
        raise malformed("inputs needs an object of lists, one per column.")
    lengths = {len(values) for values in content.values()}
    if len(lengths) > 1:
        raise malformed("The lists in inputs have different lengths.")
    return list(content), [list(row) for row in zip(*content.values(), strict=True)]


def _even(names: list[str], rows: list[list[Any]]) -> Cells:
    for number, row in enumerate(rows):
        if len(row) != len(names):
            raise malformed(f"Row {number} has {len(row)} values for {len(names)} columns.")
    return names, rows


def _frame(names: list[str], rows: list[list[Any]]) -> "pd.DataFrame":
    import pandas as pd

    # dtype object: what was sent is judged as it was sent, not as pandas would guess it.
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return pd.DataFrame(
        {
            name: pd.Series(list(cells), dtype=object)
            for name, cells in zip(names, columns, strict=True)
        }
    )


def _json(body: bytes) -> Any:
    try:
        return json.loads(
            _decoded(body), parse_constant=_no_constant, object_pairs_hook=_each_key_once
        )
    except RecursionError as error:
        raise malformed("The JSON is nested too deep.") from error
    except ValueError as error:
        raise malformed(f"The JSON cannot be read: {_first_line(error)}") from error


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise malformed("The body is not UTF-8 text.") from error


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a key is given twice")
    return content


def _list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(item, kind) for item in value)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
