"""What a model takes: named, typed columns, and the check every frame passes first."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from lab.core.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

InputType = Literal["double", "long", "boolean", "string"]
SHOWN = 10  # names listed in a message at most
DTYPES: dict[str, str] = {"double": "float64", "long": "int64", "boolean": "bool", "string": "str"}


@dataclass(frozen=True)
class ModelInput:
    """One column a model takes, in the words of MLflow's model signature.

    Args:
        name: Column name.
        type: ``double``, ``long``, ``boolean`` or ``string``.
    """

    name: str
    type: InputType

    def __post_init__(self) -> None:
        if self.type not in get_args(InputType):
            raise BadInput(
                f"Model input {self.name!r} has type {self.type!r}.",
                f"Use one of {', '.join(get_args(InputType))}.",
            )


def inputs_of(frame: "pd.DataFrame") -> tuple[ModelInput, ...]:
    """Read the inputs off the frame a model was trained on.

    Args:
        frame: Feature columns, shape (n, k).

    Returns:
        One input per column, in the frame's order.

    Raises:
        BadInput: A column is neither number, boolean nor text.

    >>> import pandas as pd
    >>> [i.type for i in inputs_of(pd.DataFrame({"price": [1.5], "promotion": [True]}))]
    ['double', 'boolean']
    """
    return tuple(ModelInput(str(name), _type_of(str(name), frame[name])) for name in frame.columns)


def _type_of(name: str, column: "pd.Series[Any]") -> InputType:
    from pandas.api import types

    if types.is_bool_dtype(column):
        return "boolean"
    if types.is_integer_dtype(column):
        return "long"
    if types.is_float_dtype(column):
        return "double"
    if types.is_string_dtype(column):
        return "string"
    raise BadInput(
        f"Column {name!r} has type {column.dtype}, which a model cannot take.",
        "Turn it into a number, a boolean or text first.",
    )


def checked_frame(frame: "pd.DataFrame", inputs: Sequence[ModelInput]) -> "pd.DataFrame":
    """Hold a frame against the declared inputs.

    Columns may come in any order and whole numbers pass for ``double``; nothing else is
    guessed, because a silent cast gives a plausible wrong prediction.

    Args:
        frame: Rows to predict, shape (n, k), n >= 1.
        inputs: What the model declares.

    Returns:
        A new frame with the declared columns, order and types.

    Raises:
        BadInput: A column is missing, unknown, repeated or of another type, a value is missing
            or not finite, or there is no row.
    """
    import pandas as pd

    check_names([str(name) for name in frame.columns], inputs)
    if frame.empty:
        raise BadInput("There is no row to predict.", "Send at least one row.")
    named = frame.set_axis([str(name) for name in frame.columns], axis="columns")
    return pd.DataFrame({given.name: _checked_column(named[given.name], given) for given in inputs})


def check_names(given: Sequence[str], inputs: Sequence[ModelInput]) -> None:
    """Hold column names against the declared inputs, in any order.

    Args:
        given: Names as they came.
        inputs: What the model declares.

    Raises:
        BadInput: A name is missing, unknown or given twice.
    """
    wanted = [expected.name for expected in inputs]
    had, known = set(given), set(wanted)
    faults = {
        "missing": [name for name in wanted if name not in had],
        "unknown": [name for name in given if name not in known],
        "repeated": [name for name, times in Counter(given).items() if times > 1],
    }
    parts = [
        f"{what} {', '.join(map(shortened, names[:SHOWN]))}"
        for what, names in faults.items()
        if names
    ]
    if parts:
        raise BadInput(
            f"The columns do not fit the model: {'; '.join(parts)}.",
            f"Send exactly these columns: {', '.join(wanted)}.",
        )


def parsed_text(frame: "pd.DataFrame", inputs: Sequence[ModelInput]) -> "pd.DataFrame":
    """Read a frame of text cells, as a CSV gives them, by the declared types.

    Args:
        frame: Text cells, shape (n, k); columns that are not declared stay as they are.
        inputs: What the model declares.

    Returns:
        The frame with each declared column as Python values.

    Raises:
        BadInput: A cell cannot be read as its type.
    """
    import pandas as pd

    readers = {given.name: _READERS[given.type] for given in inputs}
    types = {given.name: given.type for given in inputs}
    result = frame.copy()
    for name in set(frame.columns) & set(readers):
        cells = []
        for row, text in enumerate(frame[name]):
            try:
                cells.append(readers[name](text))
            except (TypeError, ValueError, KeyError) as error:
                raise _wrong(name, row, text, types[name]) from error
        result[name] = pd.Series(cells, index=frame.index, dtype=object)
    return result


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text.strip().lower()]


def _number(text: str) -> str:
    # Python reads 1_000 and digits of every script; a CSV does not mean them.
    if "_" in text or not text.isascii():
        raise ValueError(text)
    return text


_READERS: dict[str, Callable[[str], object]] = {
    "double": lambda text: float(_number(text)),
    "long": lambda text: int(_number(text)),
    "boolean": _boolean,
    "string": str,
}


def shortened(value: object) -> str:
    """A value as Python writes it, cut to what fits in a sentence."""
    text = repr(value)
    return text if len(text) <= 40 else text[:40] + "…"


def _checked_column(column: "pd.Series[Any]", given: ModelInput) -> "pd.Series[Any]":
    import numpy as np
    from pandas.api import types

    checks: dict[str, Callable[[Any], bool]] = {
        "double": lambda c: types.is_float_dtype(c) or types.is_integer_dtype(c),
        "long": types.is_integer_dtype,
        "boolean": types.is_bool_dtype,
        "string": types.is_string_dtype,
    }
    surely = checks[given.type](column) and not types.is_object_dtype(column)
    if not surely or types.is_unsigned_integer_dtype(column) or column.isna().any():
        for row, value in enumerate(column):
            _check_cell(value, row, given)
    typed = column.reset_index(drop=True).astype(DTYPES[given.type])  # type: ignore[call-overload]
    if given.type == "double":
        for row in np.flatnonzero(~np.isfinite(typed.to_numpy()))[:1]:
            raise _wrong(given.name, int(row), typed.iloc[row], given.type)
    return typed  # type: ignore[no-any-return]


def _check_cell(value: object, row: int, given: ModelInput) -> None:
    import numpy as np

    is_bool = isinstance(value, bool | np.bool_)
    fits = {
        "double": _int_below(value, 2**1023) or isinstance(value, float | np.floating),
        "long": _int_below(value, 2**63),
        "boolean": is_bool,
        "string": _is_text(value),
    }
    if not fits[given.type]:
        raise _wrong(given.name, row, value, given.type)


def _is_text(value: object) -> bool:
    # A lone surrogate is a str that no encoder takes; JSON can spell one.
    return isinstance(value, str) and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _int_below(value: object, bound: int) -> bool:
    import numpy as np

    is_int = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return is_int and -bound <= int(value) < bound  # type: ignore[call-overload]


def _wrong(name: str, row: int, value: object, kind: str) -> BadInput:
    hints = {
        "double": "Send a finite number.",
        "long": "Send a whole number, without a decimal point.",
        "boolean": "Send true or false.",
        "string": "Send text.",
    }
    return BadInput(f"Column {name!r}, row {row}: {shortened(value)} is not a {kind}.", hints[kind])
