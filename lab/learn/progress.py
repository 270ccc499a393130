"""Where a learner stands: attempted and proven are two numbers that are never mixed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lab.core.workspace import Workspace
from lab.learn.attempts import Event, events, session
from lab.learn.discovery import PACKAGE, Listing, listings

State = Literal["not started", "attempted", "assisted", "proven", "was proven"]


@dataclass(frozen=True)
class Standing:
    """Where a learner stands in one exercise.

    Args:
        state: *attempted* is begun but not proven; *assisted* was solved by the lab; *was
            proven* has failed, been broken or been reset since.
        proven_at: When it was proven last, without the lab's help, UTC.
        recovered_at: When it was last recovered from *break it* without the lab's help, UTC.
        active: Whether an attempt is going on.
        broken: Whether it is broken and not yet recovered.
    """

    state: State
    proven_at: datetime | None = None
    recovered_at: datetime | None = None
    active: bool = False
    broken: bool = False


@dataclass(frozen=True)
class Card:
    """An exercise on the roadmap."""

    id: str
    number: int
    title: str
    goal: str
    minutes: int
    tier: str
    page: str
    standing: Standing


@dataclass(frozen=True)
class Stage:
    """A stage of the roadmap with the exercises there are."""

    id: str
    title: str
    goal: str
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Roadmap:
    """The whole way.

    Args:
        stages: In order; one without exercises shows what it is for.
        total: Exercises there are.
        attempted: Exercises ever begun.
        proven: Exercises ever proven without the lab's help.
        assisted: Exercises the lab solved and the learner has not proven.
        next_id: The exercise that comes next: the first that is not proven now; empty at the end.
    """

    stages: tuple[Stage, ...]
    total: int
    attempted: int
    proven: int
    assisted: int
    next_id: str


STAGES = (
    ("see", "See", "Get the signals of a running shop into tables you can trust."),
    ("learn", "Learn from it", "Train honest models and detectors on what you see."),
    ("operate", "Operate", "Turn alarms into few incidents with a cause and a remedy."),
    ("ship", "Ship models", "Put a model in front of users, through gates, repeatably."),
    ("keep", "Keep them alive", "Notice when a model goes stale, and close the loop."),
    ("game-day", "Game day", "Run an incident end to end, as a team."),
)


def roadmap(ws: Workspace, package: str = PACKAGE) -> Roadmap:
    """The stages in order, each exercise with where the learner stands.

    Args:
        ws: The workspace.
        package: Where exercises are.
    """
    done = standings(ws, package)
    cards = [_card(each, done[each.id]) for each in listings(package)]
    stage_of = {each.id: each.stage for each in listings(package)}
    stages = tuple(
        Stage(key, title, goal, tuple(card for card in cards if stage_of[card.id] == key))
        for key, title, goal in STAGES
    )
    states = [card.standing.state for card in cards]
    return Roadmap(
        stages=stages,
        total=len(cards),
        attempted=sum(state != "not started" for state in states),
        proven=sum(state in ("proven", "was proven") for state in states),
        assisted=states.count("assisted"),
        next_id=next((card.id for card in cards if card.standing.state != "proven"), ""),
    )


def standings(ws: Workspace, package: str = PACKAGE) -> dict[str, Standing]:
    """Where the learner stands, by exercise id."""
    history = events(ws)
    return {
        each.id: standing([event for event in history if event.exercise == each.id])
        for each in listings(package)
    }


def standing(history: Sequence[Event]) -> Standing:
    """Where the events of one exercise lead.

    Args:
        history: Its events, oldest first.

    >>> standing([]).state
    'not started'
    """
    proven_at = recovered_at = None
    state: State = "not started"
    was_helped = False
    for event in history:
        helped, passed = bool(event.detail.get("assisted")), bool(event.passed)
        alone = not event.detail.get("recovery_assisted")
        match event.event:
            case "recovered" if alone and not helped:
                recovered_at = event.happened_at
            case "checked" if passed and helped:
                was_helped, state = True, "was proven" if proven_at else "assisted"
            case "checked" if passed:
                proven_at, state = event.happened_at if alone else proven_at, "proven"
            case "hint" | "assisted" | "recovered":
                continue
            case _:  # failed, started, broken, reset or restored: to be proven again
                state = _fallen(proven_at, was_helped)
    now = session(history)
    broken = now is not None and now.broken and not now.recovered
    return Standing(state, proven_at, recovered_at, now is not None, broken)


def _fallen(proven_at: datetime | None, was_helped: bool) -> State:
    if proven_at is not None:
        return "was proven"
    return "assisted" if was_helped else "attempted"


def _card(about: Listing, standing: Standing) -> Card:
    return Card(
        about.id,
        about.number,
        about.title,
        about.goal,
        about.minutes,
        about.tier,
        about.page,
        standing,
    )
