"""Histogram gradient boosting: small trees, each correcting the sum of those before it."""

from collections.abc import Mapping

from lab.mlops.models.columns import coded
from lab.mlops.models.kinds import Estimator, ModelKind, Number
from lab.mlops.models.recipe import Recipe


def build(recipe: Recipe, params: Mapping[str, Number], seed: int) -> Estimator:
    """An unfitted pipeline. Early stopping is off: it would test on rows drawn at random."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.pipeline import make_pipeline

    trees = HistGradientBoostingRegressor(
        max_iter=int(params["trees"]),
        learning_rate=params["learning_rate"],
        max_leaf_nodes=int(params["leaves"]),
        min_samples_leaf=int(params["rows_per_leaf"]),
        early_stopping=False,
        random_state=seed,
    )
    pipeline: Estimator = make_pipeline(coded(recipe), trees)
    return pipeline


MODEL = ModelKind(
    name="hist_gradient_boosting",
    title="Gradient boosting",
    about="Small trees that correct one another. The usual first choice for tables.",
    build=build,
    rank=2,
    defaults={"trees": 200, "learning_rate": 0.06, "leaves": 31, "rows_per_leaf": 20},
)
