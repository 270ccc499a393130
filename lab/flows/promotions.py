"""Who promoted what, and when: an append-only log beside the registry."""

import json
from collections.abc import Mapping

import pandas as pd

from lab.core.workspace import Workspace
from lab.flows.audit import record

OBJECT = "model "  # what the object column of the audit log starts with
INTENT = "about to be "


def move(ws: Workspace, verb: str, name: str, detail: Mapping[str, object]) -> None:
    """Append one line.

    Args:
        ws: The workspace.
        verb: What is about to happen or has happened.
        name: Registered name.
        detail: The circumstances.
    """
    record(ws, verb, OBJECT + name, detail)


def promotions(ws: Workspace, name: str) -> pd.DataFrame:
    """Every move of a name's aliases and every refusal, oldest first.

    Returns:
        Columns ``acted_at`` (UTC), ``actor``, ``verb``, ``from``, ``to`` and ``reason``.
    """
    columns = ["acted_at", "actor", "verb", "from", "to", "reason"]
    if not ws.store.has("actions"):
        return pd.DataFrame(columns=columns)
    found = ws.store.read(
        "SELECT acted_at, actor, verb, detail FROM actions WHERE object = ? ORDER BY acted_at",
        [OBJECT + name],
    )
    details = [json.loads(text) for text in found["detail"]]
    found["from"] = [d.get("from") or "" for d in details]
    found["to"] = [d.get("to") or "" for d in details]
    found["reason"] = [d.get("reason") or d.get("because", "") for d in details]
    return found[columns]


def moves(ws: Workspace, name: str) -> pd.DataFrame:
    """What happened, newest first: as ``promotions``, without intents that were carried out.

    An intent that stays was cut off by a crash before the alias moved.
    """
    log = promotions(ws, name)
    intent = log["verb"].str.startswith(INTENT)
    carried_out = intent & ~intent.shift(-1, fill_value=True)
    return log[~carried_out].iloc[::-1].reset_index(drop=True)


def history(ws: Workspace, name: str) -> list[str]:
    """Champions in order, as a way back: a rollback takes the last one off.

    Returns:
        Version numbers, the present champion last.
    """
    champions: list[str] = []
    log = promotions(ws, name)
    for verb, to in zip(log["verb"], log["to"], strict=True):
        if verb == "rolled back":
            champions = champions[:-1]
        elif verb == "promoted" and champions[-1:] != [to]:
            champions.append(to)
    return champions
