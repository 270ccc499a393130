"""Clean sales, done wrong in the ways people do it."""

from typing import Any

from lab.core.progress import drain
from lab.core.sql import quoted
from lab.flows.ingest import ingest
from lab.learn.contract import Task, Wrong
from lab.learn.exercises.clean_sales import exercise
from lab.learn.exercises.clean_sales.world import KEY, RENAMED, first_batch, next_batch


def _load(task: Task, times: int = 2, **changes: Any) -> None:
    path = task.file(f"{exercise.name(task)}.csv")
    for _ in range(times):
        drain(ingest(task.ws, path, {**exercise.contract(task), **changes}))


def _ruled(task: Task, column: str, **rule: Any) -> dict[str, Any]:
    """The right rules but for one column."""
    rules: dict[str, Any] = exercise.contract(task)["rules"]
    return {**rules, column: rule}


def _under_its_guessed_name(task: Task) -> None:
    _load(task, dataset="sales")


def _a_mended_copy(task: Task) -> None:
    """Cleaned by hand in a spreadsheet, then loaded."""
    path, batch = task.file("mended.csv"), first_batch(task)
    lines = batch.csv.splitlines(keepends=True)
    good = [line for i, line in enumerate(lines, 1) if i not in batch.bad_lines]
    path.write_text("".join(good), encoding="utf-8")
    drain(ingest(task.ws, path, exercise.contract(task)))


def _everything_as_text(task: Task) -> None:
    _load(task, types={"units": "text"}, rules=_ruled(task, "units", required=True))


def _no_rules(task: Task) -> None:
    _load(task, rules={})


def _no_key(task: Task) -> None:
    rules = {**exercise.contract(task)["rules"], "date": {"required": True}}
    _load(task, key=[], rules=rules)


def _units_may_be_empty(task: Task) -> None:
    _load(task, rules=_ruled(task, "units", least=0))


def _price_too_tight(task: Task) -> None:
    _load(task, rules=_ruled(task, "price", most=4))


def _filtered_afterwards(task: Task) -> None:
    """Loaded as it is, bad rows deleted in SQL: looks right, is no contract."""
    _load(task, rules={})
    bad = "units IS NULL OR units < 0 OR price > 20"
    task.ws.store.execute(f"DELETE FROM {quoted(exercise.name(task))} WHERE {bad}")


def _deleted_too_much(task: Task) -> None:
    _load(task)
    task.ws.store.execute(f"DELETE FROM {quoted(exercise.name(task))} WHERE units > 200")


def _changed_a_value(task: Task) -> None:
    _load(task)
    task.ws.store.execute(f"UPDATE {quoted(exercise.name(task))} SET price = price * 1.2")


def _only_once(task: Task) -> None:
    _load(task, times=1)


def _not_the_same_twice(task: Task) -> None:
    _load(task, times=1, rules={})
    _load(task, times=1)


def _fitted_to_the_file(task: Task) -> None:
    """The range of this file's days: right here, wrong for the next file."""
    most = float(first_batch(task).good["price"].max())
    rules = _ruled(task, "price", required=True, least=0.01, most=most)
    cold, warm = first_batch(task).good["temperature_c"].agg(["min", "max"]).tolist()
    _load(task, rules={**rules, "temperature_c": {"least": cold, "most": warm}})


def _april(task: Task, mode: str = "add", **changes: Any) -> None:
    path = task.file(f"{exercise.name(task)}_april.csv")
    mapping = {**exercise.next_contract(task), **changes}
    drain(ingest(task.ws, path, mapping, mode="add" if mode == "add" else "replace"))


def _forgets_april(task: Task) -> None:
    del task


def _april_as_it_is(task: Task) -> None:
    _april(task, mode="replace", rules={}, key=list(KEY))


def _april_in_pence(task: Task) -> None:
    _april(task, rules={**exercise.next_contract(task)["rules"], RENAMED: {"name": "price"}},
           types={RENAMED: "number"})  # fmt: skip


def _april_without_rules(task: Task) -> None:
    _april(task, rules={RENAMED: {"name": "price", "divide_by": 100}})


def _april_by_hand(task: Task) -> None:
    """The file mended in an editor: it works once, and leaves no contract behind."""
    path, batch = task.file("april_mended.csv"), next_batch(task)
    lines = batch.csv.splitlines(keepends=True)
    path.write_text(
        "".join(line for i, line in enumerate(lines, 1) if i not in batch.bad_lines),
        encoding="utf-8",
    )
    drain(ingest(task.ws, path, exercise.next_contract(task), mode="add"))


def _april_in_place_of_the_rest(task: Task) -> None:
    _april(task, mode="replace")


WRONG = (
    Wrong("keeps the guessed name", _under_its_guessed_name, "loaded", "under the name sales"),
    Wrong("loads a copy mended by hand", _a_mended_copy, "loaded", "unchanged"),
    Wrong("takes units for text", _everything_as_text, "columns", "units is VARCHAR"),
    Wrong("states no rules", _no_rules, "quarantine", "bad rows landed"),
    Wrong("states no key", _no_key, "quarantine", "repeat an earlier row"),
    Wrong("lets units be empty", _units_may_be_empty, "quarantine", "have no units"),
    Wrong("draws the range too tight", _price_too_tight, "quarantine", "turned away, such as"),
    Wrong("deletes too much", _deleted_too_much, "good", "missing"),
    Wrong("changes values", _changed_a_value, "good", "other values than in the file in price"),
    Wrong("lets bad rows into the table", _no_rules, "ranges", "with negative units"),
    Wrong("loads it once", _only_once, "twice", "loaded once"),
    Wrong("loads it in two ways", _not_the_same_twice, "twice", "load it once more"),
    Wrong("deletes in place of rejecting", _filtered_afterwards, "sealed", "would land"),
    Wrong("fits the rules to one file", _fitted_to_the_file, "sealed", "too tight"),
    Wrong("forgets April", _forgets_april, "next_rows", "no row of April", True),
    Wrong(
        "loads April as it is",
        _april_as_it_is,
        "columns",
        "price is missing; unit_price is not asked for",
        True,
    ),
    Wrong("takes pence for pounds", _april_in_pence, "units", "it is in pence", True),
    Wrong("adds April without rules", _april_without_rules, "next_quarantine", "landed", True),
    Wrong("mends April by hand", _april_by_hand, "next_quarantine", "not from the file", True),
    Wrong("replaces the rest by April", _april_in_place_of_the_rest, "good", "no row of", True),
)
