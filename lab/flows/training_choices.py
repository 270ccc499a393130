"""What a person can choose from before training: tables, targets, features, kinds of model."""

from dataclasses import dataclass

from lab.core.schemas import SALES, TABLES
from lab.core.sql import is_number, is_time
from lab.core.workspace import Workspace


@dataclass(frozen=True)
class Columns:
    """Columns of a table from a trainer's point of view.

    Args:
        targets: Number columns, the likeliest target first.
        others: Every column; any of them can be left out.
    """

    targets: tuple[str, ...]
    others: tuple[str, ...]


def trainable_tables(ws: Workspace) -> list[str]:
    """Tables with a number and something that can be a time; the bundled sales first.

    The lab's own bookkeeping is left out.
    """
    inner = set(TABLES) - {SALES.name}
    found = [
        info.name
        for info in ws.store.tables()
        if info.name not in inner
        and info.rows
        and any(is_number(kind) for _, kind in info.columns)
        # Text may hold times; training says when it does not.
        and any(is_time(kind) or kind == "VARCHAR" for _, kind in info.columns)
    ]
    return sorted(found, key=lambda name: (name != SALES.name, name))


def training_columns(ws: Workspace, table: str) -> Columns:
    """What could be predicted in a table.

    Args:
        ws: The workspace.
        table: One of ``trainable_tables``.
    """
    columns = next(info.columns for info in ws.store.tables() if info.name == table)
    numbers = [name for name, kind in columns if is_number(kind)]
    # Counts are what people most often predict, and they tend to stand last.
    likely = sorted(numbers, key=lambda name: (name != "units", -numbers.index(name)))
    return Columns(tuple(likely), tuple(name for name, _ in columns))


def usable_models() -> dict[str, str]:
    """Title by name of the kinds of model that can be trained here, the simplest first."""
    from lab.mlops.models.kinds import model_kinds

    return {name: kind.title for name, kind in model_kinds().items() if not kind.absent}


def unusable_models() -> dict[str, str]:
    """Reason by title for the kinds of model that cannot be trained here."""
    from lab.mlops.models.kinds import model_kinds

    return {kind.title: kind.absent for kind in model_kinds().values() if kind.absent}


def about_models() -> dict[str, str]:
    """What each usable kind is, in a sentence, by title."""
    from lab.mlops.models.kinds import model_kinds

    return {kind.title: kind.about for kind in model_kinds().values() if not kind.absent}


def live_number(model: str) -> str:
    """The number a kind of model reports most often while it learns."""
    from lab.mlops.models.kinds import model_kind

    return "loss" if "epochs" in model_kind(model).defaults else "mae"
