"""Clean sales: the foreseen mistakes by name, with what the checker must say and where."""

from collections.abc import Callable

from lab.learn.contract import Task
from lab.learn.exercises.clean_sales.wrong import WRONG as FORESEEN

WRONG: dict[str, tuple[Callable[[Task], object], str, str]] = {
    wrong.name: (wrong.act, wrong.says, wrong.check) for wrong in FORESEEN
}
