"""Who did what, and when: one line of the append-only audit log."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from lab.core.workspace import Workspace


def record(ws: Workspace, verb: str, what: str, detail: Mapping[str, object]) -> None:
    """Append one line to the table ``actions``.

    Args:
        ws: The workspace; its owner is the actor.
        verb: What was done, such as ``"launched"``.
        what: To what, such as ``"endpoint sales-1f2e3d"``.
        detail: The circumstances, as plain values.
    """
    import pandas as pd

    row = {
        "action_id": uuid.uuid4().hex,
        "acted_at": datetime.now(UTC),
        "actor": ws.settings.owner,
        "verb": verb,
        "object": what,
        "detail": json.dumps(detail),
    }
    ws.store.write("actions", pd.DataFrame([row]), mode="append")
