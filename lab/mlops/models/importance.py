"""Which features a model leans on.

Breiman, Random Forests (2001), section 10: shuffle one feature and see how much worse it gets.
"""

import numpy as np
import pandas as pd

from lab.mlops.models.kinds import Estimator
from lab.mlops.models.score import score

MOST_ROWS = 1000


def permutation_importance(
    model: Estimator, x: pd.DataFrame, y: pd.Series, seed: int, repeats: int = 2
) -> pd.DataFrame:
    """Rise of the error when a feature's values are dealt out at random among the rows.

    Features that say the same share their importance; a low one may still carry information.

    Args:
        model: A fitted model.
        x: Features it has not learned from, (n, k); at most 1,000 rows are used.
        y: Target, (n,).
        seed: Fixes the rows and the shuffles.
        repeats: Shuffles per feature, averaged.

    Returns:
        Columns ``feature`` and ``rise`` (unit of the target), highest first, (k, 2).
    """
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(x))[:MOST_ROWS]
    x, y = x.iloc[chosen], y.iloc[chosen]
    whole = score(y, model.predict(x)).mae
    rises = []
    for name in x.columns:
        worse = [
            score(y, model.predict(x.assign(**{name: rng.permutation(x[name].to_numpy())}))).mae
            for _ in range(repeats)
        ]
        rises.append(float(np.mean(worse)) - whole)
    table = pd.DataFrame({"feature": list(x.columns), "rise": rises})
    return table.sort_values("rise", ascending=False, ignore_index=True)
