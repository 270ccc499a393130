"""A recipe as YAML, as a person writes it and as it is kept with what it learnt."""

import yaml

from lab.core.yaml_models import read_model
from lab.data.recipes.recipe import Recipe

NOUN = "a recipe"


def read_recipe(text: str) -> Recipe:
    r"""Read a recipe.

    Args:
        text: YAML.

    Raises:
        BadInput: It is no recipe; the message names the first lines at fault.

    >>> read_recipe("table: sales\nsteps: [{drop: {columns: [rain_mm]}}]").table
    'sales'
    """
    return read_model(text, Recipe, NOUN)


def recipe_yaml(recipe: Recipe) -> str:
    """Write a recipe; numbers it learnt keep every digit."""
    plain = recipe.model_dump(mode="json", exclude_defaults=True)
    text: str = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100,
                               default_flow_style=None)  # fmt: skip
    return text
