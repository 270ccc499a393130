"""Walk through an exercise as an author must: every state, every foreseen mistake.

``python -m tests.contract.exercise_walk`` writes the golden transcripts again; read the
difference before it is committed.
"""

import logging
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lab.core.progress import drain
from lab.core.workspace import Workspace, open_workspace
from lab.flows.endpoints import endpoints, remove
from lab.learn import engine
from lab.learn.attempts import going_on
from lab.learn.checking import inspect
from lab.learn.contract import SubCheck, Task, Verdict
from lab.learn.discovery import Listing, listing, listings
from tests.tracking_file import tracked

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

    def copy(self, place: Path) -> "Walk":
        """The same in a copy of the workspace."""
        shutil.copytree(self.ws.root, place)
        return replace(self, ws=open_workspace(place))


def states(walk: Walk) -> Iterator[tuple[str, Verdict]]:
    """One whole life, a state and its verdict at a time: fresh, solved, broken, fixed."""
    walk.start()
    yield "fresh", walk.check()
    walk.do("solve")
    yield "solved", walk.check()
    walk.break_it()
    yield "broken", walk.check()
    walk.do("solve_break")
    yield "fixed", walk.check()


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
    return re.sub(r"\d[\d,.:\- \u202f]*(?<![,.:\- \u202f])", "#", text)


def whole_walk(place: Path, about: Listing) -> dict[str, Verdict]:
    """The verdicts of a life and of every foreseen mistake.

    Args:
        place: An empty folder to work in.
        about: The exercise.
    """
    life, begun, found = Walk(tracked(open_workspace(place / "life")), about), {}, {}
    for state, found[state] in states(life):
        if not endpoints(life.ws):  # a copy would share what is being served
            begun[state] = life.copy(place / state)
    engine.reset(life.ws, about.id)
    for number, wrong in enumerate(about.wrong()):
        state = "broken" if wrong.broken else "fresh"
        walk = begun.get(state, begun["fresh"]).copy(place / f"mistake-{number}")
        if state not in begun:
            walk.do("solve")
            walk.break_it()
        wrong.act(walk.task)
        found[wrong.name] = walk.check()
        for info in endpoints(walk.ws):
            remove(walk.ws, info.id)
    return found


def main(names: list[str]) -> None:
    """Write transcripts again."""
    TRANSCRIPTS.mkdir(exist_ok=True)
    for about in [listing(name) for name in names] or listings():
        with tempfile.TemporaryDirectory() as root:
            text = transcript(whole_walk(Path(root), about))
        (TRANSCRIPTS / f"{about.id}.txt").write_text(text, encoding="utf-8")
        logging.getLogger(__name__).info("wrote %s", about.id)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main(sys.argv[1:])
