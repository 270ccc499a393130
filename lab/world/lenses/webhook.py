"""Notifications in the words of Alertmanager's webhook, version 4."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from lab.core.errors import BadInput

NEVER = "0001-01-01T00:00:00Z"  # how Go writes a time that is not set


def webhook(alerts: "pd.DataFrame | Sequence[Mapping[str, Any]]") -> dict[str, Any]:
    """Return what Alertmanager would post about some alerts.

    Args:
        alerts: One or more rows of table ``alerts``, as a frame or as plain values.

    Returns:
        The body: one group with what its alerts have in common. It fires while any of them does.

    Raises:
        BadInput: There are no alerts.
    """
    rows: list[Any] = list(
        alerts.to_dict("records") if isinstance(alerts, pd.DataFrame) else alerts
    )
    if not rows:
        raise BadInput("There are no alerts to send.", "Give at least one.")
    told = [_alert(row) for row in rows]
    common = _common([one["labels"] for one in told])
    group = {name: common[name] for name in ("alertname",) if name in common}
    return {
        "version": "4",
        "groupKey": "{}:{" + ", ".join(f'{k}="{v}"' for k, v in group.items()) + "}",
        "truncatedAlerts": 0,
        "status": "firing" if any(one["status"] == "firing" for one in told) else "resolved",
        "receiver": "lab",
        "groupLabels": group,
        "commonLabels": common,
        "commonAnnotations": _common([one["annotations"] for one in told]),
        "externalURL": "",
        "alerts": told,
    }


def _alert(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "status": row["status"],
        "labels": json.loads(row["labels"]),
        "annotations": json.loads(row["annotations"]),
        "startsAt": _moment(row["starts_at"]),
        "endsAt": _moment(row["ends_at"]),
        "generatorURL": row["generator_url"],
        "fingerprint": row["fingerprint"],
    }


def _moment(time: Any) -> str:
    if time is None or pd.isna(time):
        return NEVER
    return pd.Timestamp(time).tz_convert("UTC").isoformat().replace("+00:00", "Z")


def _common(maps: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """What every one of them says alike."""
    return {k: v for k, v in maps[0].items() if all(one.get(k) == v for one in maps)}
