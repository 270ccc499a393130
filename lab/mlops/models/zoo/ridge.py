"""Ridge regression: a weighted sum of the features, its weights held small."""

from collections.abc import Mapping

from lab.mlops.models.columns import scaled
from lab.mlops.models.kinds import Estimator, ModelKind, Number
from lab.mlops.models.recipe import Recipe


def build(recipe: Recipe, params: Mapping[str, Number], seed: int) -> Estimator:  # noqa: ARG001
    """An unfitted pipeline; it draws nothing at random, so the seed changes nothing."""
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline

    pipeline: Estimator = make_pipeline(scaled(recipe), Ridge(alpha=params["alpha"]))
    return pipeline


MODEL = ModelKind(
    name="ridge",
    title="Ridge regression",
    about="A weighted sum of the features. Fast, easy to read, and a fair bar for the others.",
    build=build,
    rank=1,
    defaults={"alpha": 1.0},
)
