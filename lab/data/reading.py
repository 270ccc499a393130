"""What a person says about a file that holds more than one table, or leaves open how it is read."""

from collections.abc import Mapping as Dict
from dataclasses import dataclass, fields
from typing import Any, Literal

from lab.core.errors import BadInput, check_known, unknown

LAYOUTS = ("flat", "documents")
Layout = Literal["", "flat", "documents"]


@dataclass(frozen=True)
class Reading:
    """Which part of a file is read, and how.

    Args:
        part: Sheet of a workbook, table of a database, file in an archive, or path to the list
            in a JSON document; may be left out where there is one.
        layout: JSON records as ``flat`` columns with dotted names, or kept as ``documents``;
            chosen by their shape when empty.
        pattern: How the lines of a log are written, such as
            ``<time> <level> [<component>] <message>``; guessed when empty.
        year: Year of log times that name none; guessed when 0.
    """

    part: str = ""
    layout: Layout = ""
    pattern: str = ""
    year: int = 0

    def __post_init__(self) -> None:
        if self.layout and self.layout not in LAYOUTS:
            raise unknown("layout", self.layout, LAYOUTS)
        if self.year and not 1970 <= self.year <= 2100:
            raise BadInput(f"{self.year} is no year of a log.", "Give one such as 2026.")


def reading(given: "Reading | Dict[str, Any] | None") -> Reading:
    """Read a reading from plain values.

    Args:
        given: Fields of ``Reading`` by name, or a reading.

    Raises:
        NotFound: A field does not exist.

    >>> reading({"part": "Sheet2"})
    Reading(part='Sheet2', layout='', pattern='', year=0)
    """
    if isinstance(given, Reading):
        return given
    check_known("way of reading", given or {}, [field.name for field in fields(Reading)])
    return Reading(**(given or {}))
