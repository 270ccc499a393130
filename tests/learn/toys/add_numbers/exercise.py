"""Add numbers."""

import random

import pandas as pd

from lab.core.progress import Progress, Steps
from lab.learn.belongings import Belongings, Rows
from lab.learn.contract import Findings, Task, judge


def numbers(task: Task) -> list[int]:
    drawn = [random.Random(f"{task.seed}{task.nonce}").randint(1, 99) for _ in range(5)]
    return [-drawn[0], *drawn[1:]] if task.broken else drawn


def setup(task: Task) -> Steps[str]:
    yield Progress(0, 1, "Writing numbers")
    task.file("numbers.csv").write_text("\n".join(map(str, numbers(task))), encoding="utf-8")
    return "numbers.csv"


def check(task: Task) -> Findings:
    table = f"sum_{task.nonce}"
    there = task.ws.store.has(table)
    yield judge("table", there, table, "it" if there else "no such table")
    if not there:
        return
    found, expected = _sum(task), sum(numbers(task))
    if found == 666:
        raise RuntimeError("boom")
    yield judge("sum", found == expected, "the sum of the file", f"{found}", f"FROM {table}")
    if task.broken:
        yield judge("negative", found == expected, "a smaller sum", f"{found}")


def solve(task: Task) -> None:
    frame = pd.DataFrame({"attempt": [task.nonce], "sum": [sum(numbers(task))]})
    task.ws.store.write(f"sum_{task.nonce}", frame)
    task.ws.store.write("sums", frame, mode="upsert", key=("attempt",))


def break_(task: Task) -> Steps[None]:
    yield from setup(task)


def solve_break(task: Task) -> None:
    solve(task)


def reset(task: Task) -> Belongings:
    return Belongings(rows=(Rows("sums", "attempt", (task.nonce,)),), tables=(f"sum_{task.nonce}",))


def _sum(task: Task) -> int:
    return int(task.ws.store.rows(f"SELECT sum FROM sum_{task.nonce}")[0][0])
