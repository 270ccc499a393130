"""How columns reach a model: scaled and one-hot for sums, coded and untouched for trees."""

from typing import Any

from lab.mlops.models.recipe import Recipe


def scaled(recipe: Recipe) -> Any:
    """Columns for linear models and networks.

    Args:
        recipe: Which columns are labels, calendar and numbers.

    Returns:
        A transformer to a dense matrix: labels and calendar one-hot, numbers filled with their
        median and scaled to mean 0 and deviation 1. A label never seen before is all zeros.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    numbers = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()
    )
    return ColumnTransformer([
        ("labels", one_hot, [*recipe.labels, *recipe.calendar]),
        ("numbers", numbers, list(recipe.numbers)),
    ])  # fmt: skip


def coded(recipe: Recipe) -> Any:
    """Columns for trees.

    Args:
        recipe: Which columns are labels, calendar and numbers.

    Returns:
        A transformer to a dense matrix: labels as codes (-1 for one never seen), all else as it
        is, gaps included.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OrdinalEncoder

    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return ColumnTransformer([
        ("labels", codes, list(recipe.labels)),
        ("numbers", "passthrough", [*recipe.calendar, *recipe.numbers]),
    ])  # fmt: skip
