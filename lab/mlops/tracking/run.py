"""One tracked run, from its start to an honest end."""

import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.core.errors import Cancelled
from lab.core.workspace import Workspace
from lab.mlops.tracking.engine import translated
from lab.mlops.tracking.experiments import experiment_id
from lab.mlops.tracking.heartbeat import Heartbeat, signs
from lab.mlops.tracking.store import client

if TYPE_CHECKING:
    from mlflow import MlflowClient

NOT_FINITE = "lab.not_finite."
ERROR = "lab.error"
LONGEST = 5000  # MLflow refuses longer values of parameters and tags


class NotFiniteMetric(UserWarning):
    """A metric came out as NaN or infinite and was stored as a tag."""


@dataclass(frozen=True)
class Run:
    """A run that is being written.

    Args:
        client: MLflow's client, bound to the store.
        run_id: The id MLflow gave it.
        experiment_id: The experiment it is in.
    """

    client: "MlflowClient"
    run_id: str
    experiment_id: str

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Log parameters; values become text."""
        from mlflow.entities import Param

        entries = [Param(name, str(value)[:LONGEST]) for name, value in params.items()]
        with translated("Logging parameters"):
            for first in range(0, len(entries), 100):  # MLflow's limit of one batch
                self.client.log_batch(self.run_id, params=entries[first : first + 100])

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Set tags; values become text."""
        from mlflow.entities import RunTag

        entries = [RunTag(name, str(value)[:LONGEST]) for name, value in tags.items()]
        with translated("Setting tags"):
            self.client.log_batch(self.run_id, tags=entries)

    def log_metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        """Log numbers in one write.

        Args:
            metrics: Name and value. One that is NaN or infinite becomes the tag
                ``lab.not_finite.<name>`` and a warning: MLflow would give back 1.8e308.
            step: Position on the metric's own axis, such as a fold or an epoch.
        """
        import time

        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        finite = {name: float(v) for name, v in metrics.items() if math.isfinite(v)}
        with translated("Logging metrics"):
            self.client.log_batch(
                self.run_id, metrics=[Metric(k, v, now, step) for k, v in finite.items()]
            )
        for name in metrics.keys() - finite.keys():
            self.set_tags({NOT_FINITE + name: metrics[name]})
            warnings.warn(f"{name} is {metrics[name]}", NotFiniteMetric, stacklevel=2)

    def log_figure(self, html: str, path: str) -> None:
        """Store a figure as an HTML file of the run.

        Args:
            html: A whole page that needs nothing from the network.
            path: File name within the run, such as ``"plots/holdout.html"``.
        """
        self.log_text(html, path)

    def log_text(self, text: str, path: str) -> None:
        """Store text as a file of the run, such as ``"folds.csv"``."""
        with translated(f"Storing {path}"):
            self.client.log_text(self.run_id, text, path)

    def log_dict(self, values: Mapping[str, Any], path: str) -> None:
        """Store a mapping as a JSON file of the run, such as ``"fold_scores.json"``."""
        with translated(f"Storing {path}"):
            self.client.log_dict(self.run_id, dict(values), path)

    def log_folder(self, folder: Path, path: str) -> None:
        """Copy a folder into the run, such as ``"lab_model"``."""
        with translated(f"Storing {path}"):
            self.client.log_artifacts(self.run_id, str(folder), path)


@contextmanager
def track(
    ws: Workspace,
    experiment: str,
    run_name: str,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
) -> Iterator[Run]:
    """Open a run, keep its heartbeat, and close it as what it was.

    Args:
        ws: The workspace.
        experiment: Experiment to put it in; made on first use.
        run_name: What to call it.
        params: Parameters to log at once.
        tags: Tags to set at once.

    Yields:
        The run to log to. It ends FINISHED, FAILED when an error passes through (its text in the
        tag ``lab.error``), or KILLED when the work was cancelled.
    """
    mlflow, where = client(ws), experiment_id(ws, experiment)
    given = {"mlflow.user": ws.settings.owner, **(tags or {}), **signs(ws)}
    first_tags = {name: str(value)[:LONGEST] for name, value in given.items()}
    with translated("Starting a run"):
        run_id = mlflow.create_run(where, tags=first_tags, run_name=run_name).info.run_id
    run, heart = Run(mlflow, run_id, where), Heartbeat(mlflow, run_id)
    heart.start()
    status = "KILLED"  # whatever is neither an end nor an Exception stopped us from outside
    try:
        run.log_params(params or {})
        yield run
        status = "FINISHED"
    except Cancelled:
        raise
    except Exception as error:
        status = "FAILED"
        run.set_tags({ERROR: error})
        raise
    finally:
        heart.stop()
        with translated("Closing the run"):
            mlflow.set_terminated(run_id, status)
