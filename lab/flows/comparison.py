"""Some runs side by side, in a sentence, tables and a warning where they cannot be compared."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lab.core.workspace import Workspace
from lab.flows.runs import compare, one_dataset, runs
from lab.flows.trained_run import EXPERIMENT

RUN_COLUMNS = ("name", "started", "status", "mae", "baseline_mae", "improvement", "cv_mae",
               "training_seconds", "table", "target", "seed", "dataset")  # fmt: skip
BEST = 10


@dataclass(frozen=True)
class Comparison:
    """Runs side by side.

    Args:
        runs: The runs, best first, as ``lab.flows.runs.runs`` gives them.
        scores: Their scores only, for reading.
        folds: Their error fold by fold: ``name``, ``fold`` and ``mae``.
        target: What they predict.
        sentence: Which is best and by how much.
        warning: Why their scores cannot be compared; empty when they can.
        differences: Parameters and metrics that are not the same in all; ``None`` for one run.
    """

    runs: pd.DataFrame
    scores: pd.DataFrame
    folds: pd.DataFrame
    target: str
    sentence: str
    warning: str
    differences: pd.DataFrame | None


def comparison(
    ws: Workspace, run_ids: Sequence[str] = (), experiment: str = EXPERIMENT
) -> Comparison:
    """Put runs side by side.

    Args:
        ws: The workspace.
        run_ids: Which; the ten best of those on the newest run's rows when none are named.
        experiment: Experiment they are in.
    """
    table = runs(ws, experiment)
    scored = table[table["mae"].notna()]
    if run_ids:
        chosen = scored[scored["run_id"].isin(run_ids)]
    else:
        chosen = scored[scored["dataset"] == scored["dataset"].head(1).squeeze()]
    chosen = chosen.sort_values("mae", ignore_index=True).head(max(BEST, len(run_ids)))
    same = one_dataset(chosen)
    differences = None
    if len(chosen) > 1:
        both = compare(ws, list(chosen["run_id"]))
        differences = both[both["differs"]].drop(columns="differs")
    return Comparison(
        runs=chosen,
        scores=chosen[["name", "mae", "rmse", "mape", "baseline_mae", "improvement"]],
        folds=_folds(ws, chosen),
        target=str(chosen["target"].iloc[0]) if len(chosen) else "",
        sentence=_sentence(chosen),
        warning=""
        if same
        else "These runs learned from different rows; their errors do not "
        "compare. Choose runs with the same snapshot.",
        differences=differences,
    )


def _folds(ws: Workspace, chosen: pd.DataFrame) -> pd.DataFrame:
    from lab.mlops.tracking import client
    from lab.mlops.tracking.engine import translated

    with translated("Reading the folds"):
        rows = [
            {"name": name, "fold": point.step, "mae": point.value}
            for name, run_id in zip(chosen["name"], chosen["run_id"], strict=True)
            for point in client(ws).get_metric_history(run_id, "fold_mae")
        ]
    return pd.DataFrame(rows, columns=["name", "fold", "mae"])


def _sentence(chosen: pd.DataFrame) -> str:
    if chosen.empty:
        return "None of these runs has a score yet."
    best = chosen.iloc[0]
    said = f"{best['name']} has the smallest error, {best['mae']:.3g} {best['target']}"
    if len(chosen) == 1:
        return f"{said}; the seasonal-naive forecast has {best['baseline_mae']:.3g}."
    return f"{said}; the next has {chosen.iloc[1]['mae']:.3g}."
