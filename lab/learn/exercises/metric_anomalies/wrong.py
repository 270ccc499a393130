"""Anomalies in infrastructure metrics, done wrong in the ways people do it."""

from typing import Any

from lab.core.progress import drain
from lab.flows.detect import detect
from lab.learn.contract import Task, Wrong
from lab.learn.exercises.metric_anomalies.data import calm, noisy

UNTIL = "2026-03-05"
TUNED = 1.4


def _run(task: Task, detector: str, in_noise: bool = False, **more: Any) -> None:
    data = noisy(task) if in_noise else calm(task)
    drain(detect(task.ws, data.name, detector, **{"train_until": UNTIL, **more}))


def _only_one(task: Task) -> None:
    _run(task, "seasonal_robust", threshold=TUNED)


def _static_last(task: Task) -> None:
    _run(task, "static_threshold")


def _one_host(task: Task) -> None:
    _run(task, "seasonal_robust", threshold=TUNED, instances=["host-01"])


def _learns_faults(task: Task) -> None:
    _run(task, "seasonal_robust", threshold=TUNED, train_until="2026-03-05T18:00Z")


def _hair_trigger(task: Task) -> None:
    _run(task, "seasonal_robust", threshold=0.5)


def _deaf(task: Task) -> None:
    _run(task, "seasonal_robust", threshold=1e6)


def _nothing(task: Task) -> None:
    del task


def _learns_faults_in_noise(task: Task) -> None:
    _run(task, "seasonal_robust", True, threshold=TUNED, train_until="2026-03-05T18:00Z")


def _deaf_in_noise(task: Task) -> None:
    _run(task, "seasonal_robust", True, threshold=1e6)


def _static_in_noise(task: Task) -> None:
    _run(task, "static_threshold", True)


WRONG = (
    Wrong("compares nothing", _only_one, "compared", "seasonal_robust"),
    Wrong("watches one host", _one_host, "watching", "5 series"),
    Wrong("learns from the practice day", _learns_faults, "window", "became normal"),
    Wrong("trusts the static threshold", _static_last, "silent", "alarms"),
    Wrong("alarms at a whisper", _hair_trigger, "budget", "false alarms"),
    Wrong("alarms at nothing", _deaf, "recall", "0 of 8"),
    Wrong("does not look at the noisy data", _nothing, "noisy_run", "none", True),
    Wrong("learns faults in the noise", _learns_faults_in_noise, "noisy_run", "normal", True),
    Wrong("alarms at nothing in the noise", _deaf_in_noise, "noisy_recall", "0 of 8", True),
    Wrong("static threshold in the noise", _static_in_noise, "noisy_budget", "alarms", True),
)
