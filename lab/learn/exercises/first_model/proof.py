"""What the model does, tried again: on a month nobody saw, once more, and on shuffled answers."""

from typing import TYPE_CHECKING

import numpy as np

from lab.core.errors import LabError
from lab.flows.trained_run import MODEL_FOLDER
from lab.learn.contract import Finding, Task, judge
from lab.learn.exercises.first_model.claims import Claim
from lab.learn.exercises.first_model.world import TARGET, TIME, sealed
from lab.world.signals import generator

if TYPE_CHECKING:
    import pandas as pd

    from lab.mlops.models.artifact import LoadedModel

BETTER_BY, ROUNDING = 0.20, 1e-6
SHUFFLE_STREAM = 530_023


def sealed_month(task: Task, claim: Claim, kept: "pd.DataFrame") -> Finding:
    """The saved model against the seasonal-naive forecast in the four weeks after the table."""
    from lab.mlops.models.artifact import load_model
    from lab.mlops.tracking.artifacts import cached

    expected = f"{BETTER_BY:.0%} less error than the naive forecast, or better"
    target = claim.order.as_recipe().target
    if target != TARGET:
        return judge("sealed", False, expected, f"the model predicts {target}, not {TARGET}")
    try:
        folder = cached(task.ws, claim.run_id, MODEL_FOLDER)
        model = load_model(folder, expected=claim.fingerprint)
    except LabError as error:
        said = error.message.replace(f"{task.ws.root}/", "")
        return judge("sealed", False, expected, said)
    gone = _gone(task, claim, kept, model)
    folds = 1 - claim.metrics["cv_mae"] / claim.metrics["cv_baseline_mae"]
    said = f"{_share(gone)} error on the sealed month; its folds had promised {_share(folds)}"
    return judge("sealed", gone >= BETTER_BY, expected, said)


def repeat(claim: Claim, kept: "pd.DataFrame") -> Finding:
    """Carry the logged order out again and hold the score against the logged one."""
    again, _ = _refit(claim, kept)
    logged = claim.metrics.get("mae", float("nan"))
    same = abs(again - logged) <= ROUNDING * max(1.0, again)
    said = f"logged {logged:.6f}, again {again:.6f}"
    return judge("repeat", same, "the same error, to one millionth", said)


def probe(task: Task, claim: Claim, kept: "pd.DataFrame") -> Finding:
    """Fit the same model on shuffled answers: whoever still wins did not learn from the past."""
    mae, naive = _refit(claim, kept, generator(task.seed, SHUFFLE_STREAM))
    gone = 1 - mae / naive
    said = f"{-gone:.0%} worse than it"
    if gone > 0:
        said = f"still {gone:.0%} better: the naive forecast of this target is no bar, it is noise"
    expected = "learned from shuffled answers, worse than the naive forecast"
    return judge("probe", gone <= 0, expected, said)


def _share(gone: float) -> str:
    return f"{gone:.0%} less" if gone >= 0 else f"{-gone:.0%} more"


def _gone(task: Task, claim: Claim, kept: "pd.DataFrame", model: "LoadedModel") -> float:
    """Share of the baseline's error that is gone in the sealed month."""
    import pandas as pd

    from lab.mlops.models.features import design
    from lab.mlops.models.score import improvement, score
    from lab.mlops.models.train import single_thread

    # Columns that the sealed month does not have are empty in it, as they are on the day.
    later = sealed(task)
    data = design(pd.concat([kept, later], ignore_index=True), claim.order.as_recipe())
    month = data.part((data.times >= later[TIME].min()) & data.baseline.notna())
    with single_thread():
        said = model.answer(month.x)
    naive = score(month.y, month.baseline.to_numpy()).mae
    return improvement(score(month.y, said).mae, naive)


def _refit(
    claim: Claim, kept: "pd.DataFrame", shuffled: np.random.Generator | None = None
) -> tuple[float, float]:
    """Error of the order's model on its holdout, fitted anew, and the baseline's."""
    import pandas as pd

    from lab.mlops.models.features import design
    from lab.mlops.models.kinds import model_kind
    from lab.mlops.models.score import score
    from lab.mlops.models.train import predict, scorable, single_thread, splits

    order, recipe = claim.order, claim.order.as_recipe()
    data = design(kept, recipe)
    last, _ = splits(data.times, recipe, order.folds, order.holdout_days)
    past, test = data.part(last.train.holds(data.times)), scorable(data, last)
    answers = past.y
    if shuffled is not None:
        answers = pd.Series(shuffled.permutation(past.y.to_numpy()), past.y.index, name=past.y.name)
    kind = model_kind(order.model)
    model = kind.build(recipe, kind.parameters(order.params), order.seed)
    with single_thread():
        model.fit(past.x, answers)
    naive = score(test.y, test.baseline.to_numpy()).mae
    return score(test.y, predict(model, test.x)).mae, naive
