"""Train one model honestly: folds in order of time, then a holdout nobody learned from."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from lab.core.errors import BadInput
from lab.core.progress import Progress, Steps, mapped, rescaled
from lab.core.words import grouped
from lab.mlops.models.features import Design, design
from lab.mlops.models.importance import permutation_importance
from lab.mlops.models.kinds import Estimator, ModelKind, Number, model_kind
from lab.mlops.models.recipe import DAY_SECONDS, Recipe
from lab.mlops.models.score import Scores, improvement, score
from lab.mlops.models.split import Split, expanding, holdout

FEWEST_ROWS = 60
EXAMPLE_ROWS = 5
# Waiting threads cost more than they give on tables of this size: on two busy cores boosting
# took 41 s with all threads and 3.6 s with one.
THREADS = 1


@dataclass(frozen=True)
class TrainedModel:
    """A fitted model with the evidence for it.

    Args:
        kind: What kind it is.
        recipe: What it learned from.
        params: All parameters it was built with.
        seed: Seed of everything random.
        model: The fitted estimator; it learned only from rows before the holdout.
        folds: One row per fold: windows, ``mae``, ``rmse``, ``mape``, ``baseline_mae``, ``rows``.
        split: The holdout split.
        scores: Errors on the holdout.
        baseline: Errors of the seasonal-naive forecast on the same rows.
        predictions: Holdout rows: time, groups, ``actual``, ``predicted``, ``baseline``.
        importance: ``feature`` and ``rise``: how much the error grows without its information.
        example: A few rows of features, as the model takes them.
    """

    kind: ModelKind
    recipe: Recipe
    params: Mapping[str, Number]
    seed: int
    model: Estimator
    folds: pd.DataFrame
    split: Split
    scores: Scores
    baseline: Scores
    predictions: pd.DataFrame
    importance: pd.DataFrame
    example: pd.DataFrame

    @property
    def improvement(self) -> float:
        """Share of the baseline's holdout error that is gone."""
        return improvement(self.scores.mae, self.baseline.mae)


def train(
    table: pd.DataFrame,
    recipe: Recipe,
    model: str = "hist_gradient_boosting",
    *,
    seed: int = 0,
    folds: int = 5,
    holdout_days: float = 28.0,
    params: Mapping[str, Number] | None = None,
) -> Steps[TrainedModel]:
    """Score a model fold by fold, fit it on all rows before the holdout, and score it there.

    Args:
        table: One row per time and group.
        recipe: What to learn from it.
        model: Name of a kind in ``model_kinds()``.
        seed: Fixes everything random.
        folds: Expanding-window folds before the holdout, at least 2.
        holdout_days: Length of the holdout and of each fold's test window, in days.
        params: Parameters other than the defaults.

    Yields:
        Progress; its metrics hold ``fold`` and ``mae`` beside ``baseline_mae`` after each fold,
        and ``loss`` after each epoch where there are epochs.

    Returns:
        The fitted model with its scores.

    Raises:
        BadInput: The table is too short for that many folds.
        Unavailable: The kind needs a library that is not installed.
    """
    kind = model_kind(model)
    filled = kind.parameters(params)
    units = folds + 3.0  # features, folds, final fit, what it leans on
    yield Progress(0, units, "Making features")
    data = design(table, recipe)
    if len(data.y) < FEWEST_ROWS:
        raise BadInput(
            f"{len(data.y)} rows with a complete past are too few to learn from.",
            f"Load a table with at least {FEWEST_ROWS}.",
        )
    last, earlier = splits(data.times, recipe, folds, holdout_days)
    scored = []
    for number, split in enumerate(earlier, start=1):
        part, test = data.part(split.train.holds(data.times)), scorable(data, split)
        fitted = yield from _fit(kind.build(recipe, filled, seed), part, number, units, split.name)
        scores, naive = score(test.y, predict(fitted, test.x)), _naive(test)
        scored.append(_fold_row(split, scores, naive))
        yield Progress(
            number + 1, units, f"Scored {split.name} of {folds}: error {scores.mae:.3g}",
            {"fold": float(number), "mae": scores.mae, "baseline_mae": naive.mae},
        )  # fmt: skip
    part, test = data.part(last.train.holds(data.times)), scorable(data, last)
    final = yield from _fit(kind.build(recipe, filled, seed), part, folds + 1, units, "all folds")
    yield Progress(folds + 2, units, "Asking what it leans on")
    predicted = predict(final, test.x)
    with single_thread():
        importance = permutation_importance(final, test.x, test.y, seed)
    return TrainedModel(
        kind=kind,
        recipe=recipe,
        params=filled,
        seed=seed,
        model=final,
        folds=pd.DataFrame(scored),
        split=last,
        scores=score(test.y, predicted),
        baseline=_naive(test),
        predictions=test.keys.assign(actual=test.y, predicted=predicted, baseline=test.baseline),
        importance=importance,
        example=test.x.dropna().head(EXAMPLE_ROWS),
    )


@contextmanager
def single_thread() -> Iterator[None]:
    """Work on one thread, and so faster on a busy machine and in the same order of sums."""
    with threadpool_limits(THREADS):
        yield


def predict(model: Estimator, x: pd.DataFrame) -> np.ndarray:
    """Predict (n,) from features (n, k), on one thread as it learned."""
    with single_thread():
        return model.predict(x)


def splits(
    times: pd.Series, recipe: Recipe, folds: int, holdout_days: float
) -> tuple[Split, tuple[Split, ...]]:
    """The holdout and the folds before it.

    Args:
        times: Time of each row of the design.
        recipe: Its horizon decides the gap between learning and testing.
        folds: How many folds, at least 2.
        holdout_days: Length of every test window, in days.
    """
    length = pd.Timedelta(seconds=holdout_days * DAY_SECONDS)
    step = pd.Timedelta(seconds=recipe.step_seconds)
    gap = (recipe.horizon - 1) * step
    last = holdout(times, length, gap, step)
    return last, expanding(times, folds, length, gap, last.test.start)


def _fit(model: Estimator, part: Design, at: float, units: float, name: str) -> Steps[Estimator]:
    yield Progress(at, units, f"Learning {name} from {grouped(len(part.y))} rows")
    if not hasattr(model, "fit_steps"):
        with single_thread():
            model.fit(part.x, part.y)
        return model

    def told(step: Progress) -> Progress:
        inside = rescaled(step, at, at + 1, units)
        return replace(inside, message=f"{name.capitalize()}: {step.message}")

    steps: Steps[Estimator] = model.fit_steps(part.x, part.y)
    return (yield from mapped(steps, told))


def scorable(data: Design, split: Split) -> Design:
    """Test rows that the baseline can answer too, so that both are scored on the same.

    Raises:
        BadInput: There is none.
    """
    rows = data.part(split.test.holds(data.times) & data.baseline.notna())
    if rows.y.empty:
        raise BadInput(
            f"No row from {split.test} has a value one season before it.",
            "Fill the gap in the table, or move the holdout.",
        )
    return rows


def _naive(rows: Design) -> Scores:
    return score(rows.y, rows.baseline.to_numpy())


def _fold_row(split: Split, scores: Scores, naive: Scores) -> dict[str, object]:
    return {
        "fold": split.name,
        "train_start": split.train.start,
        "train_end": split.train.end,
        "test_start": split.test.start,
        "test_end": split.test.end,
        **scores.to_dict(),
        "baseline_mae": naive.mae,
    }
