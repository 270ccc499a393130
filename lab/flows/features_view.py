"""Features and recipes on a page: texts to begin with, and values to look at."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from lab.core.sql import is_number, is_time, quoted
from lab.core.words import counted
from lab.core.workspace import Workspace
from lab.core.yaml_models import Problem, mistakes, try_model
from lab.data.features import NOUN, FeatureSet
from lab.flows.drift_windows import comparable_tables
from lab.flows.feature_values import offline_features
from lab.flows.features import feature_set, feature_text
from lab.flows.features_online import read_online

MOST_ENTITIES = 200
POINTS = 240
MINUTE = "%Y-%m-%d %H:%M"
NEW = "A new one"
FEATURES = """name: {table}_features
source: {table}
entity: {entity}  # whose features these are
event_time: {time}
delay: {delay}  # it is known so long after it happened
ttl: 30d  # what is older counts as missing
features:
{more}
  events_7d: {{how: count, window: 7d}}
"""
RECIPE = """table: {table}
time: {time}
by: {entity}
steps:
{more}"""


def tables(ws: Workspace) -> list[str]:
    """Tables with a time, which features and recipes can be made from."""
    return comparable_tables(ws) if ws.database.exists() else []


def sets(ws: Workspace) -> list[str]:
    """Names of the kept sets of features."""
    return sorted(path.stem for path in ws.folder("features").glob("*.yaml"))


def kept_recipes(ws: Workspace) -> list[str]:
    """Names of the kept recipes."""
    return sorted(path.stem for path in ws.folder("recipes").glob("*.yaml"))


def features_text(ws: Workspace, name: str, table: str) -> str:
    """The definition of a kept set, or one to begin with for a table."""
    if name != NEW:
        return feature_text(ws, name)
    roles = _roles(ws, table)
    lines = [
        f"  {column}_7d: {{how: mean, window: 7d, column: {column}}}" for column in roles["numbers"]
    ]
    delay = "1d" if roles["daily"] else "0s"
    return FEATURES.format(delay=delay, more="\n".join(lines), **roles)


def recipe_text(ws: Workspace, name: str, table: str) -> str:
    """The text of a kept recipe, or one to begin with for a table."""
    from lab.data.recipes.reading import recipe_yaml
    from lab.flows.recipes import kept_recipe

    if name != NEW:
        return recipe_yaml(kept_recipe(ws, name).model_copy(update={"learnt": None}))
    roles = _roles(ws, table)
    columns = f"[{', '.join(roles['numbers'])}]"
    lines = [f"- clip: {{columns: {columns}, quantiles: [0.01, 0.99]}}",
             f"- normalise: {{columns: {columns}, method: robust}}",
             f"- encode: {{columns: {roles['entity']}}}"]  # fmt: skip
    return RECIPE.format(more="\n".join(lines), **roles)


def wrong_features(text: str) -> list[Problem]:
    """What is wrong in the definition of a set of features, by line."""
    return mistakes(try_model(text, FeatureSet, NOUN))


def wrong_recipe(text: str) -> list[Problem]:
    """What is wrong in a recipe, by line."""
    from lab.data.recipes.reading import NOUN as RECIPE_NOUN
    from lab.data.recipes.recipe import Recipe

    return mistakes(try_model(text, Recipe, RECIPE_NOUN))


def keep_recipe_text(ws: Workspace, name: str, text: str) -> None:
    """Keep a recipe from its text, forgetting what one of that name had learnt."""
    from lab.data.recipes.reading import read_recipe
    from lab.flows.recipes import keep_recipe

    keep_recipe(ws, name, read_recipe(text))


def entities(ws: Workspace, name: str) -> list[dict[str, Any]]:
    """Entities of a set of features, at most 200."""
    wanted = feature_set(ws, name)
    names = ", ".join(map(quoted, wanted.entity))
    found = ws.store.read(
        f"SELECT DISTINCT {names} FROM {quoted(wanted.source)} ORDER BY ALL LIMIT {MOST_ENTITIES}"
    )
    return [{str(k): v for k, v in row.items()} for row in found.to_dict("records")]


def looked_up(ws: Workspace, name: str, now: str) -> pd.DataFrame:
    """The newest features of the entities of a set, as read by somebody at a time."""
    return read_online(ws, name, entities(ws, name), now)


def last_time(ws: Workspace, name: str) -> str:
    """The end of the events of a set: its newest event and the delay after it, in UTC."""
    wanted = feature_set(ws, name)
    sql = (
        f"SELECT max(CAST({quoted(wanted.event_time)} AS TIMESTAMPTZ)) FROM {quoted(wanted.source)}"
    )
    newest = ws.store.rows(sql)[0][0]
    known = pd.Timestamp(newest) + pd.Timedelta(seconds=wanted.delay) if newest else None
    return known.strftime(MINUTE) if known is not None else ""


def looked_up_words(result: Mapping[str, Any]) -> str:
    """What became ready to be looked up, in a sentence.

    Args:
        result: Of ``lab.flows.features_online.materialise``.
    """
    at = pd.Timestamp(result["as_of"]).strftime(MINUTE)
    entities = counted(result["entities"], "entity", "entities")
    return f"As looked up at {at} UTC: {entities}, {result['expired']} expired."


def course(ws: Workspace, name: str, entity: dict[str, Any]) -> pd.DataFrame:
    """The features of one entity through time, as they were known at each moment.

    Args:
        ws: The workspace.
        name: A kept set of features.
        entity: The entity's columns.

    Returns:
        240 rows over the last tenth of the source's time: ``at`` and the features.
    """
    wanted = feature_set(ws, name)
    time = f"CAST({quoted(wanted.event_time)} AS TIMESTAMPTZ)"
    first, last = ws.store.rows(f"SELECT min({time}), max({time}) FROM {quoted(wanted.source)}")[0]
    end = pd.Timestamp(last) + pd.Timedelta(seconds=wanted.delay)
    begin = end - max((end - pd.Timestamp(first)) / 10, pd.Timedelta(seconds=wanted.ttl))
    moments = pd.date_range(begin, end, periods=POINTS)
    rows = pd.DataFrame({**entity, "at": moments})
    return offline_features(ws, name, rows).drop(columns=list(wanted.entity))


def _roles(ws: Workspace, table: str) -> dict[str, Any]:
    """Which columns look like time, entity and numbers."""
    columns = {info.name: info.columns for info in ws.store.tables()}[table]
    times = [(name, kind) for name, kind in columns if is_time(kind)]
    texts = [name for name, kind in columns if kind == "VARCHAR"]
    return {
        "table": table,
        "time": times[0][0],
        "daily": times[0][1] == "DATE",
        "entity": f"[{', '.join(texts[:2])}]",
        "numbers": [name for name, kind in columns if is_number(kind)][-3:],
    }
