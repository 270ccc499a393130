"""MLflow itself: imported late, without telemetry, its errors put in our words."""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType

from lab.core.errors import NotFound, Unavailable

# Read by MLflow when it is imported. A server that is down must answer in seconds, not minutes.
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_ALLOW_HTTP_REDIRECTS": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


@cache
def load_mlflow() -> ModuleType:
    """Import MLflow with telemetry off and return it."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings():
        # A notebook without widgets cannot draw MLflow's progress bars; the lab draws none.
        warnings.filterwarnings("ignore", "IProgress not found")
        import mlflow

    for noisy in ("alembic", "mlflow.store.db.utils"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # An environment made by uv has no pip, and MLflow says so at every model; it matters to no one.
    logging.getLogger("mlflow.utils.environment").setLevel(logging.ERROR)
    loaded: ModuleType = mlflow
    return loaded


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Put MLflow's errors in our words.

    Args:
        what: What was being done, to begin the message with, such as ``"Reading the runs"``.

    Raises:
        NotFound: MLflow has no such thing.
        Unavailable: The tracking store cannot be reached or refused the call.
    """
    load_mlflow()
    from mlflow.exceptions import MlflowException, RestException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except SQLAlchemyError as error:
        raise Unavailable(
            f"{what} failed: {str(error).splitlines()[0][:300]}",
            "Check the disk, or restore mlflow.db from a copy.",
        ) from error
    except MlflowException as error:
        text = str(error).splitlines()[0][:300]
        if getattr(error, "error_code", "") == "RESOURCE_DOES_NOT_EXIST":
            raise NotFound(f"{what} found nothing: {text}", "List what there is first.") from error
        if "out-of-date database schema" in text:
            raise Unavailable(
                f"{what} failed: mlflow.db was made by another MLflow version.",
                "Copy mlflow.db to a safe place, then run: mlflow db upgrade sqlite:///PATH",
            ) from error
        hint = (
            "Read the message of the tracking server."
            if isinstance(error, RestException)
            else "Check the disk and the setting mlflow_tracking_uri."
        )
        raise Unavailable(f"{what} failed: {text}", hint) from error
