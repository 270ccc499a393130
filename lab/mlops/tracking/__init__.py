"""Runs, models and versions in MLflow: the SQLite store of the workspace, or a server by setting.

Conventions: every call names its experiment by id (MLflow's active experiment is process-global
and mixes up threads); every run of ours carries a heartbeat, so that a run cut off by a crash is
told from a living one; a number that is not finite becomes a tag, never a metric.
"""

from lab.mlops.tracking.experiments import experiment_id
from lab.mlops.tracking.run import Run, track
from lab.mlops.tracking.store import client, tracking_uri
from lab.mlops.tracking.sweep import sweep

__all__ = ["Run", "client", "experiment_id", "sweep", "track", "tracking_uri"]
