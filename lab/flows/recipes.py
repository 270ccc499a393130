"""Recipes at work: learn one from a table, keep it, and replay it on new rows."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lab.core.errors import BadInput, unknown
from lab.core.files import write_whole
from lab.core.names import checked_name, checked_table, inside
from lab.core.progress import Progress, Steps
from lab.core.schemas import TABLES
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.core.yaml_models import text_of
from lab.data.recipes.reading import NOUN, read_recipe, recipe_yaml
from lab.data.recipes.recipe import Recipe, fit, replay
from lab.flows.training_rows import read_table

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Shaped:
    """What a recipe made.

    Args:
        recipe: Name it is kept under.
        table: Table the rows came from.
        into: Table that was written.
        fitted: Whether it learnt from these rows; otherwise it replayed what it knew.
        rows_before: Rows read.
        rows: Rows written.
        columns: Their columns.
    """

    recipe: str
    table: str
    into: str
    fitted: bool
    rows_before: int
    rows: int
    columns: tuple[str, ...]


def shape(ws: Workspace, recipe: str, into: str = "", table: str = "") -> Steps[Shaped]:
    """Clean and shape a table by a recipe.

    A recipe from a file is learnt from the table it names, and kept with what it learnt under
    the name of the file. A recipe given by its name replays: it learns nothing, so new rows
    get the same columns by the same numbers.

    Args:
        ws: The workspace.
        recipe: A YAML file, or the name of a kept recipe.
        into: Table to write; its name is that of the recipe when not given.
        table: Table to read instead of the one the recipe names.

    Yields:
        Progress.

    Returns:
        What was written.

    Raises:
        NotFound: There is no such recipe, table or column.
        BadInput: The recipe is none, or cannot use the rows it meets.
    """
    is_file = Path(recipe).suffix in SUFFIXES
    name = checked_name(Path(recipe).stem if is_file else recipe, "recipe")
    plan = read_recipe(text_of(recipe, NOUN)) if is_file else kept_recipe(ws, name)
    source, target = table or plan.table, _target(plan, into or name, table)
    yield Progress(0, 3, f"Reading {source}")
    rows, others = read_table(ws, source), {one: read_table(ws, one) for one in plan.joined}
    learns = is_file or plan.learnt is None
    yield Progress(1, 3, f"{'Learning from' if learns else 'Shaping'} {grouped(len(rows))} rows")
    if learns:
        plan, shaped = fit(plan, rows, others)
    else:
        shaped = replay(plan, rows, others)
    _check(shaped, name)
    yield Progress(2, 3, f"Writing {grouped(len(shaped))} rows to {target}")
    ws.store.write(target, shaped)
    if learns:
        keep_recipe(ws, name, plan)
    yield Progress(3, 3, "Done")
    return Shaped(name, source, target, learns, len(rows), len(shaped), tuple(shaped.columns))


def recipes(ws: Workspace) -> pd.DataFrame:
    """List the recipes that are kept.

    Args:
        ws: The workspace.

    Returns:
        Columns ``recipe``, ``table``, ``steps`` and ``fit_until``, by name.
    """
    rows = []
    for place in sorted(ws.folder("recipes").glob("*.yaml")):
        plan = read_recipe(place.read_text(encoding="utf-8"))
        kinds = ", ".join(kind for step in plan.steps for kind in step)
        until = plan.fit_until.isoformat() if plan.fit_until else ""
        rows.append((place.stem, plan.table, kinds, until))
    return pd.DataFrame(rows, columns=["recipe", "table", "steps", "fit_until"])


def kept_recipe(ws: Workspace, name: str) -> Recipe:
    """A recipe with what it learnt.

    Raises:
        NotFound: None is kept under that name.
    """
    place = _place(ws, name)
    if not place.is_file():
        raise unknown("recipe", name, [one.stem for one in ws.folder("recipes").glob("*.yaml")])
    return read_recipe(place.read_text(encoding="utf-8"))


def keep_recipe(ws: Workspace, name: str, recipe: Recipe) -> None:
    """Keep a recipe with what it learnt, in place of one of the same name."""
    write_whole(_place(ws, name), recipe_yaml(recipe))


def _place(ws: Workspace, name: str) -> Path:
    return inside(ws.folder("recipes"), f"{checked_name(name, 'recipe')}.yaml")


def _target(plan: Recipe, into: str, table: str) -> str:
    target = checked_table(into)
    if target in {plan.table, table, *plan.joined} or target in TABLES:
        raise BadInput(
            f"A recipe may not write over table {target!r}.",
            "Choose a new name with 'into', so that the rows it came from stay as they are.",
        )
    return target


def _check(shaped: pd.DataFrame, name: str) -> None:
    if shaped.empty or not len(shaped.columns):
        raise BadInput(
            f"Recipe {name} leaves no rows.", "Look at its 'keep' steps, or load more rows."
        )
