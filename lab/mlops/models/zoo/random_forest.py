"""Random forest: many trees, each on its own sample, averaged."""

from collections.abc import Mapping

from lab.mlops.models.columns import coded
from lab.mlops.models.kinds import Estimator, ModelKind, Number
from lab.mlops.models.recipe import Recipe


def build(recipe: Recipe, params: Mapping[str, Number], seed: int) -> Estimator:
    """An unfitted pipeline."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.pipeline import make_pipeline

    forest = RandomForestRegressor(
        n_estimators=int(params["trees"]),
        min_samples_leaf=int(params["rows_per_leaf"]),
        max_features=params["share_of_features"],
        max_samples=params["share_of_rows"],
        random_state=seed,
    )
    pipeline: Estimator = make_pipeline(coded(recipe), forest)
    return pipeline


MODEL = ModelKind(
    name="random_forest",
    title="Random forest",
    about="Many trees on random parts of the data, averaged. Steady, with little to set.",
    build=build,
    rank=3,
    defaults={"trees": 30, "rows_per_leaf": 4, "share_of_features": 0.4, "share_of_rows": 0.5},
)
