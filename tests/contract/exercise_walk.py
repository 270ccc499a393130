"""Walk through an exercise as an author must: every state, every foreseen mistake.

``python -m tests.contract.exercise_walk`` writes the golden transcripts again; read the
difference before it is committed.
"""

import logging
import re
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from lab.core.progress import drain
from lab.core.workspace import Workspace, open_workspace
from lab.learn import engine
from lab.learn.attempts import going_on
from lab.learn.checking import inspect
from lab.learn.contract import SubCheck, Task, Verdict, Wrong
from lab.learn.discovery import Listing, listing, listings

TRANSCRIPTS = Path(__file__).parent / "transcripts"
NONCE = "ab12cd"
STATES = ("fresh", "solved", "broken", "fixed")


@dataclass
class Walk:
    """An exercise in a workspace of its own.

    Args:
        ws: The workspace.
        about: The exercise.
        seed: Seed it is set up with.
    """

    ws: Workspace
    about: Listing
    seed: int = 1

    @property
    def task(self) -> Task:
        """The attempt that is going on."""
        return going_on(self.ws, self.about.id).task(self.ws, self.about.id)

    def start(self) -> None:
        """A fresh attempt."""
        drain(engine.start(self.ws, self.about.id, self.seed, NONCE))

    def do(self, function: str) -> None:
        """Call one of the six functions, to its end."""
        task = replace(self.task, broken=True) if function == "break_" else self.task
        outcome = getattr(self.about.module(), function)(task)
        if hasattr(outcome, "send"):
            drain(outcome)

    def break_it(self) -> None:
        """Break it as the engine does."""
        drain(engine.break_it(self.ws, self.about.id))

    def check(self) -> Verdict:
        """The verdict, with no trace in the history."""
        return drain(inspect(self.about, self.task))

    def mistake(self, wrong: Wrong) -> Verdict:
        """The verdict on a wrong solution, from a fresh start."""
        self.start()
        if wrong.broken:
            self.do("solve")
            self.break_it()
        wrong.act(self.task)
        return self.check()


def states(walk: Walk) -> dict[str, Verdict]:
    """The verdicts of one whole life: fresh, solved, broken, fixed."""
    walk.start()
    found = {"fresh": walk.check()}
    walk.do("solve")
    found["solved"] = walk.check()
    walk.break_it()
    found["broken"] = walk.check()
    walk.do("solve_break")
    found["fixed"] = walk.check()
    return found


def transcript(verdicts: dict[str, Verdict]) -> str:
    """Every message in every state, with numbers and ids masked; after a mistake, only failures."""
    lines = []
    for state, verdict in verdicts.items():
        lines.append(f"# {state}")
        whole = state in STATES
        for check in verdict.checks:
            if whole or check.status in ("fail", "error"):
                lines += _lines(check)
    return "\n".join(lines) + "\n"


def _lines(check: SubCheck) -> list[str]:
    said = [("expected", check.expected), ("found", check.found)]
    told = [f"  {label}: {masked(text)}" for label, text in said if text]
    head = f"{check.status} {check.id}: {check.title}"
    return [head, *([] if check.status == "skipped" else told)]


def masked(text: str) -> str:
    """A message without what differs from machine to machine."""
    text = text.replace(NONCE, "NONCE")
    text = re.sub(r"\b[0-9a-f]{8,64}\b", "ID", text)
    return re.sub(r"\d[\d,.:\- ]*(?<![,.:\- ])", "#", text)


def whole_walk(ws: Workspace, about: Listing) -> dict[str, Verdict]:
    """The verdicts of a life and of every foreseen mistake."""
    walk = Walk(ws, about)
    found = states(walk)
    for wrong in about.wrong():
        found[wrong.name] = walk.mistake(wrong)
    return found


def main(names: list[str]) -> None:
    """Write transcripts again."""
    TRANSCRIPTS.mkdir(exist_ok=True)
    for about in [listing(name) for name in names] or listings():
        with tempfile.TemporaryDirectory() as root:
            text = transcript(whole_walk(open_workspace(root), about))
        (TRANSCRIPTS / f"{about.id}.txt").write_text(text, encoding="utf-8")
        logging.getLogger(__name__).info("wrote %s", about.id)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main(sys.argv[1:])
