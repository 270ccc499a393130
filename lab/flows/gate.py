"""The gate before the registry: what a run claims is worked out again from model and rows."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab.core.errors import LabError
from lab.core.workspace import Workspace
from lab.flows import snapshot
from lab.flows.trained_run import FINGERPRINT, MODEL_FOLDER, Order, read_order

if TYPE_CHECKING:
    import pandas as pd

    from lab.mlops.models.features import Design

MARGIN = 0.05  # a model must take at least this share off the baseline's error
ROUNDING = 1e-6  # relative; the same sum in another order


@dataclass(frozen=True)
class Check:
    """One condition of the gate.

    Args:
        name: What is asked, in a few words.
        passed: Whether it holds.
        expected: What would have passed.
        found: What there was.
    """

    name: str
    passed: bool
    expected: str
    found: str


@dataclass(frozen=True)
class Candidate:
    """A run at the gate.

    Args:
        run_id: The run.
        status: MLflow's status of it.
        fingerprint: Fingerprint it claims for its model; empty when it claims none.
        model_id: MLflow's id of its model.
        mae: Holdout error it claims; ``None`` when it claims none.
    """

    run_id: str
    status: str
    fingerprint: str
    model_id: str
    mae: float | None


def candidate(ws: Workspace, run_id: str) -> Candidate:
    """Read what a run claims.

    Raises:
        NotFound: There is no such run.
    """
    from lab.flows.trained_run import MODEL_ID
    from lab.mlops.tracking import client
    from lab.mlops.tracking.engine import translated

    with translated(f"Reading run {run_id}"):
        run = client(ws).get_run(run_id)
    tags = run.data.tags
    mae = run.data.metrics.get("mae")
    return Candidate(
        run_id, run.info.status, tags.get(FINGERPRINT, ""), tags.get(MODEL_ID, ""), mae
    )


def examine(ws: Workspace, given: Candidate, champion_run: str | None) -> tuple[Check, ...]:
    """Ask everything the gate asks; it stops where an answer makes the rest meaningless.

    Args:
        ws: The workspace.
        given: The run at the gate.
        champion_run: Run of the present champion, if there is one.

    Returns:
        The checks in order, each with what was expected and found.
    """
    whole = given.status == "FINISHED" and bool(given.fingerprint)
    checks = [
        Check("The run is complete", whole, "finished, with a model",
              f"{given.status.lower()}, {'with' if given.fingerprint else 'without'} a model")
    ]  # fmt: skip
    if not whole:
        return tuple(checks)
    folder, found = _verified(ws, given)
    checks.append(
        Check("The model is the one that was saved", folder is not None,
              given.fingerprint[:12], found)
    )  # fmt: skip
    if folder is None:
        return tuple(checks)
    order = read_order(ws, given.run_id)
    rows = snapshot.recall(ws, order.sha256)
    test = holdout_rows(rows, order)
    mae, naive = rescored(folder, test), _naive(test)
    checks.append(_reproduced(given.mae, mae))
    allowed = (1 - MARGIN) * naive
    checks.append(
        Check("It beats the seasonal-naive baseline", mae <= allowed,
              f"error at most {allowed:.4g} ({MARGIN:.0%} below {naive:.4g})", f"{mae:.4g}")
    )  # fmt: skip
    checks.append(_against_champion(ws, order, rows, test, mae, champion_run))
    return tuple(checks)


def holdout_rows(rows: "pd.DataFrame", order: Order) -> "Design":
    """The holdout a run was scored on, worked out again from its rows."""
    from lab.mlops.models.features import design
    from lab.mlops.models.train import scorable, splits

    recipe = order.as_recipe()
    data = design(rows, recipe)
    last, _ = splits(data.times, recipe, order.folds, order.holdout_days)
    return scorable(data, last)


def rescored(folder: Path, test: "Design") -> float:
    """Mean absolute error of a saved model on some rows."""
    from lab.mlops.models.artifact import load_model
    from lab.mlops.models.score import score
    from lab.mlops.models.train import single_thread

    model = load_model(folder)
    with single_thread():
        # Asked directly: these rows are ours, and a gap in their past is allowed here.
        return score(test.y, model.answer(test.x)).mae


def _verified(ws: Workspace, given: Candidate) -> tuple[Path | None, str]:
    from lab.mlops.models.artifact import load_model
    from lab.mlops.tracking.artifacts import cached

    try:
        folder = cached(ws, given.run_id, MODEL_FOLDER)
        load_model(folder, expected=given.fingerprint)
    except LabError as error:
        return None, error.message
    return folder, given.fingerprint[:12]


def _reproduced(claimed: float | None, mae: float) -> Check:
    same = claimed is not None and abs(claimed - mae) <= ROUNDING * max(1.0, mae)
    said = "none" if claimed is None else f"{claimed:.6g}"
    return Check("The logged error is reproduced", same, f"logged: {said}", f"again: {mae:.6g}")


def _against_champion(ws: Workspace, order: Order, rows: "pd.DataFrame", test: "Design",
                      mae: float, champion_run: str | None) -> Check:  # fmt: skip
    name = "It is not worse than the champion"
    if champion_run is None:
        return Check(name, True, "no champion yet", f"{mae:.4g}")
    try:
        theirs = _champion_error(ws, order, rows, test, champion_run)
    except LabError as error:
        return Check(name, False, "the champion can be scored on the same rows", error.message)
    passed = mae <= theirs * (1 + ROUNDING)
    return Check(name, passed, f"error at most {theirs:.4g} on the same rows", f"{mae:.4g}")


def _champion_error(
    ws: Workspace, order: Order, rows: "pd.DataFrame", test: "Design", run_id: str
) -> float:
    from lab.core.errors import BadInput
    from lab.mlops.models.features import design
    from lab.mlops.tracking.artifacts import cached

    theirs, ours = read_order(ws, run_id).as_recipe(), order.as_recipe()
    if (theirs.target, theirs.time, theirs.groups) != (ours.target, ours.time, ours.groups):
        raise BadInput(f"the champion predicts {theirs.target} by {', '.join(theirs.groups)}")
    missing = [c for c in (*theirs.numeric, *theirs.categorical) if c not in rows.columns]
    if missing:
        raise BadInput(f"the rows have no column {missing[0]!r}, which the champion needs")
    seen = design(rows, theirs)
    common = test.y.index.intersection(seen.y.index)
    if len(common) < len(test.y):
        raise BadInput("the champion needs a longer past than these rows have")
    return rescored(
        cached(ws, run_id, MODEL_FOLDER), seen.part(seen.y.index.to_series().isin(common))
    )


def _naive(test: "Design") -> float:
    from lab.mlops.models.score import score

    return score(test.y, test.baseline.to_numpy()).mae
