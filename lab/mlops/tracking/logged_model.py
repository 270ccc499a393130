"""The model of a run in MLflow's own form, so that its UI and its tools know it too.

We never load from it: ``lab.mlops.models.artifact`` keeps the copy that is verified.
"""

import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.core.keras_loading import load_keras
from lab.mlops.tracking.engine import translated
from lab.mlops.tracking.heartbeat import WORKSPACE
from lab.mlops.tracking.run import Run

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def log_sklearn(
    run: Run,
    model: Any,
    *,
    name: str,
    example: "pd.DataFrame",
    trusted: Sequence[str],
    params: "dict[str, str] | None" = None,
) -> str:
    """Log a scikit-learn model as skops, with its signature and its requirements.

    Args:
        run: The run that made it.
        model: A fitted estimator or pipeline.
        name: What to call it, without ``/ : . % " '``.
        example: A few rows it takes, without gaps.
        trusted: Types that skops may load beyond its own; the same list we load with.
        params: Parameters shown with the model.

    Returns:
        MLflow's id of it (``m-…``).
    """
    from mlflow.models import infer_signature
    from mlflow.sklearn import save_model

    def save(folder: Path, card: Any) -> None:
        save_model(
            model,
            str(folder),
            mlflow_model=card,
            signature=infer_signature(example, model.predict(example)),
            # Given, since MLflow would start a process for seven seconds to guess them.
            pip_requirements=_pins("scikit-learn", "skops", "pandas", "numpy"),
            skops_trusted_types=list(trusted),
        )

    return _log(run, name, "sklearn", params, save)


def log_keras(
    run: Run,
    net: Any,
    *,
    name: str,
    example: "np.ndarray",
    params: "dict[str, str] | None" = None,
) -> str:
    """Log a Keras network with its signature and its requirements.

    Args:
        run: The run that made it.
        net: A fitted network.
        name: What to call it.
        example: A few rows of the matrix it takes, (n, columns).
        params: Parameters shown with the model.

    Returns:
        MLflow's id of it.
    """
    import numpy as np
    from mlflow.models import infer_signature

    load_keras()  # quietly, before mlflow.tensorflow imports it
    from mlflow.tensorflow import save_model

    def save(folder: Path, card: Any) -> None:
        save_model(
            net,
            str(folder),
            mlflow_model=card,
            signature=infer_signature(example, np.asarray(net(example))),
            pip_requirements=[*_pins("keras", "numpy"), f"tensorflow=={_tensorflow()}"],
        )

    return _log(run, name, "keras", params, save)


def _log(
    run: Run,
    name: str,
    kind: str,
    params: "dict[str, str] | None",
    save: Callable[[Path, Any], None],
) -> str:
    """The model appears READY and whole, or stays PENDING for the sweep to fail."""
    from mlflow.entities import LoggedModelOutput
    from mlflow.models import Model

    mark = _mark(run)
    with translated("Logging the model"), tempfile.TemporaryDirectory() as scratch:
        logged = run.client.create_logged_model(
            run.experiment_id, name, run.run_id, tags=mark, params=params, model_type=kind
        )
        folder = Path(scratch) / "model"
        card = Model(
            artifact_path=logged.artifact_location, run_id=run.run_id, model_id=logged.model_id
        )
        save(folder, card)
        run.client.log_model_artifacts(logged.model_id, str(folder))
        run.client.finalize_logged_model(logged.model_id, "READY")
        run.client.log_outputs(run.run_id, [LoggedModelOutput(logged.model_id, step=0)])
        return str(logged.model_id)


def _mark(run: Run) -> dict[str, str]:
    """The tag by which the sweep knows a model of this workspace."""
    return {WORKSPACE: run.client.get_run(run.run_id).data.tags.get(WORKSPACE, "")}


def _pins(*packages: str) -> list[str]:
    return [f"{package}=={version(package)}" for package in packages]


def _tensorflow() -> str:
    import tensorflow

    return str(tensorflow.__version__)
