"""Kinds of model, found in ``zoo``: one file each, a new file is a new kind."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd

from lab.core.errors import BadInput, Unavailable, unknown
from lab.mlops.models.recipe import Recipe

Number = int | float


class Estimator(Protocol):
    """What every kind builds: scikit-learn's two verbs.

    One that learns in epochs may also have ``fit_steps(x, y) -> Steps``.
    """

    def fit(self, x: pd.DataFrame, y: pd.Series) -> Any:
        """Learn from features (n, k) and target (n,); returns itself."""

    def predict(self, x: pd.DataFrame) -> np.ndarray:
        """Predict (n,) from features (n, k)."""


@dataclass(frozen=True)
class ModelKind:
    """One kind of model.

    Args:
        name: Its name in code, also the file's.
        title: What a person reads.
        about: One sentence: how it works and when it is a good choice.
        build: Makes an unfitted estimator from the recipe, all parameters and a seed.
        rank: Place in lists, the simplest first.
        defaults: Its parameters with their defaults.
        flavor: How it is saved.
        needs: Library it needs beyond scikit-learn, or empty.
    """

    name: str
    title: str
    about: str
    build: Callable[[Recipe, Mapping[str, Number], int], Estimator]
    rank: int
    defaults: Mapping[str, Number] = field(default_factory=dict)
    flavor: Literal["sklearn", "keras"] = "sklearn"
    needs: str = ""

    @property
    def absent(self) -> str:
        """Why it cannot be used here, or empty when it can."""
        if self.needs and find_spec(self.needs) is None:
            return f"{self.title} needs {self.needs}, which is not installed here."
        return ""

    def parameters(self, given: Mapping[str, Number] | None = None) -> dict[str, Number]:
        """All parameters: the given ones over the defaults.

        Raises:
            BadInput: One is not among the defaults.
        """
        strange = sorted(set(given or {}) - set(self.defaults))
        if strange:
            raise BadInput(
                f"{self.title} has no parameter {strange[0]!r}.",
                f"It has: {', '.join(self.defaults) or 'none'}.",
            )
        return {**self.defaults, **(given or {})}


@cache
def model_kinds() -> Mapping[str, ModelKind]:
    """Every kind by name, the simplest first."""
    from lab.mlops.models import zoo

    names = [module.name for module in pkgutil.iter_modules(zoo.__path__)]
    found = [importlib.import_module(f"{zoo.__name__}.{name}").MODEL for name in names]
    return {kind.name: kind for kind in sorted(found, key=lambda kind: kind.rank)}


def model_kind(name: str) -> ModelKind:
    """One kind that can be used here.

    Raises:
        NotFound: There is none by that name.
        Unavailable: The library it needs is not installed.
    """
    kinds = model_kinds()
    if name not in kinds:
        raise unknown("model", name, kinds)
    if kinds[name].absent:
        raise Unavailable(kinds[name].absent, "Choose another model, or install it.")
    return kinds[name]
