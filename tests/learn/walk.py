"""The toy exercise, ready to be walked through."""

from functools import partial

from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.learn import engine
from lab.learn.contract import Verdict

TOYS = "tests.learn.toys"
TOY = "add_numbers"


class Walk:
    """Every command of the engine on the toy exercise."""

    def __init__(self, ws: Workspace) -> None:
        self.ws = ws
        self.hint = partial(engine.hint, ws, TOY, package=TOYS)
        self.preview = partial(engine.preview, ws, TOY, package=TOYS)
        self.reset = partial(engine.reset, ws, TOY, package=TOYS)
        self.undo = partial(engine.undo, ws, TOY, package=TOYS)

    def start(self, seed: int = 1, nonce: str = "aa11") -> engine.Started:
        return drain(engine.start(self.ws, TOY, seed, nonce, package=TOYS))

    def check(self) -> Verdict:
        return drain(engine.check(self.ws, TOY, package=TOYS))

    def solve(self) -> Verdict:
        return drain(engine.solve(self.ws, TOY, package=TOYS))

    def break_it(self) -> str:
        return drain(engine.break_it(self.ws, TOY, package=TOYS))

    def answer(self, value: int, nonce: str = "aa11") -> None:
        """What a learner does, right or wrong."""
        self.ws.store.execute(f"CREATE OR REPLACE TABLE sum_{nonce} AS SELECT {value} AS sum")

    def right(self) -> int:
        text = (self.ws.root / "exercises" / TOY / "numbers.csv").read_text(encoding="utf-8")
        return sum(map(int, text.split()))
