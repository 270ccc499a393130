"""Predictions of a served model: asked for, stored, and held against the local model."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput, Unavailable
from lab.core.workspace import Workspace
from lab.flows.endpoints import endpoint_of
from lab.flows.registry import NAME, champion, model_version
from lab.mlops.serving.endpoint import Answer, EndpointInfo, invoke

if TYPE_CHECKING:
    import pandas as pd

Rows = Sequence[Mapping[str, Any]]
# Another processor may add up in another order; more than this is another model.
RELATIVE = 1e-6


@dataclass(frozen=True)
class Prediction:
    """What an endpoint answered; it is also in the table ``predictions``.

    Args:
        request_id: The id the endpoint gave the request.
        endpoint: Endpoint that answered.
        model: Name of its model.
        version: Version of its model.
        predictions: One value per row, in the target's unit.
        duration_ms: From sending to the whole answer.
    """

    request_id: str
    endpoint: str
    model: str
    version: str
    predictions: tuple[Any, ...]
    duration_ms: float

    @property
    def title(self) -> str:
        """What was asked of which version, in a sentence."""
        took = f"took {self.duration_ms:.0f} ms"
        return f"Request {self.request_id[:8]} to version {self.version} {took}."


@dataclass(frozen=True)
class Comparison:
    """An endpoint's answer beside that of the registered model on this machine.

    Args:
        served: The stored prediction.
        local: What the registered model says to the same rows.
        largest_difference: Largest absolute difference, in the target's unit.
        equal: Whether every pair agrees to one millionth.
        same_model: Whether the endpoint serves exactly the registered files.
    """

    served: Prediction
    local: tuple[float, ...]
    largest_difference: float
    equal: bool
    same_model: bool

    @property
    def verdict(self) -> str:
        """The outcome in a few words."""
        if self.equal:
            return "Equal to the local model"
        return f"Off by up to {self.largest_difference:.3g} from the local model"


def predict(ws: Workspace, endpoint: str, rows: Rows) -> Prediction:
    """Ask an endpoint and store what it answered.

    Args:
        ws: The workspace.
        endpoint: Id of the endpoint.
        rows: One mapping of column to value per row; a DataFrame is taken as well.

    Returns:
        The answer.

    Raises:
        NotFound: There is no such endpoint.
        BadInput: The rows do not fit the model; the message names the column.
        Unavailable: The endpoint is stopped or does not answer.
    """
    info, given = endpoint_of(ws, endpoint), _plain(rows)
    if not info.url:
        raise Unavailable(f"Endpoint {endpoint} is stopped.", "Launch the model again.")
    answer = invoke(info.url, given)
    _store(ws, info, given, answer)
    return Prediction(
        answer.request_id, info.id, info.model, info.version, answer.predictions,
        answer.duration_ms,
    )  # fmt: skip


def compare_with_local(ws: Workspace, endpoint: str, rows: Rows) -> Comparison:
    """Ask an endpoint and the registered model on this machine the same.

    Args:
        ws: The workspace.
        endpoint: Id of the endpoint.
        rows: One mapping of column to value per row; a DataFrame is taken as well.

    Returns:
        Both answers and how far they are apart.

    Raises:
        NotFound: There is no such endpoint, or its version is not registered any more.
        BadInput: The rows do not fit the model.
        Unavailable: The endpoint is stopped or does not answer.
    """
    import numpy as np
    import pandas as pd

    from lab.mlops.models.artifact import fingerprint, load_model

    info, given = endpoint_of(ws, endpoint), _plain(rows)
    folder = model_version(ws, info.model, info.version).folder
    local = load_model(folder).predict(pd.DataFrame(given))
    served = predict(ws, endpoint, given)
    difference = np.abs(np.asarray(served.predictions, dtype="float64") - local)
    return Comparison(
        served=served,
        local=tuple(float(value) for value in local),
        largest_difference=float(difference.max()),
        equal=bool((difference <= RELATIVE * np.maximum(1.0, np.abs(local))).all()),
        same_model=fingerprint(folder) == info.fingerprint,
    )


def sample_rows(
    ws: Workspace, name: str = NAME, version: str | None = None, count: int = 5
) -> list[dict[str, Any]]:
    """Rows a model can be asked, taken from the holdout it was scored on.

    Args:
        ws: The workspace.
        name: Registered name.
        version: Its version; the champion when not given.
        count: How many rows, evenly spread over the holdout.

    Returns:
        One mapping per row with the model's input columns, without gaps.

    Raises:
        NotFound: There is no such version, or the rows it learned from are not here.
    """
    import numpy as np

    from lab.flows import snapshot
    from lab.flows.gate import holdout_rows
    from lab.flows.trained_run import read_order

    chosen = champion(ws, name) if version is None else model_version(ws, name, version)
    order = read_order(ws, chosen.run_id)
    known = holdout_rows(snapshot.recall(ws, order.sha256), order).x.dropna()
    places = np.unique(np.linspace(0, len(known) - 1, num=min(count, len(known))).astype(int))
    return _plain(known.iloc[places])


def recent(ws: Workspace, model: str = NAME, count: int = 10) -> "pd.DataFrame":
    """The newest stored predictions of a model.

    Args:
        ws: The workspace.
        model: Registered name.
        count: How many rows at most.

    Returns:
        Columns ``predicted_at`` (UTC), ``request_id``, ``row_number``, ``version``,
        ``prediction`` and ``features`` (JSON), newest first; empty when there is none.
    """
    import pandas as pd

    columns = ["predicted_at", "request_id", "row_number", "version", "prediction", "features"]
    if not ws.store.has("predictions"):
        return pd.DataFrame(columns=columns)
    return ws.store.read(
        f"SELECT {', '.join(columns)} FROM predictions WHERE model = ?"
        " ORDER BY predicted_at DESC, row_number LIMIT ?",
        [model, count],
    )


def comparison_table(comparison: Comparison) -> "pd.DataFrame":
    """A comparison as rows: ``row``, ``served``, ``local`` and ``difference``."""
    import pandas as pd

    table = pd.DataFrame({"served": comparison.served.predictions, "local": comparison.local})
    table.insert(0, "row", range(1, len(table) + 1))
    return table.assign(difference=table["served"] - table["local"])


def _plain(rows: Any) -> list[dict[str, Any]]:
    """Rows as plain Python values, so that every number survives the way through JSON."""
    if hasattr(rows, "to_dict"):
        rows = rows.to_dict("records")
    if isinstance(rows, Mapping):
        rows = [rows]
    if not isinstance(rows, Sequence) or not all(isinstance(row, Mapping) for row in rows):
        raise BadInput("Rows must be a list of mappings.", "Give one mapping per row.")
    return [{str(k): v.item() if hasattr(v, "item") else v for k, v in row.items()} for row in rows]


def _store(ws: Workspace, info: EndpointInfo, rows: list[dict[str, Any]], answer: Answer) -> None:
    import pandas as pd

    stored = pd.DataFrame(
        {
            "request_id": answer.request_id,
            "row_number": range(len(rows)),
            "predicted_at": datetime.now(UTC),
            "model": info.model,
            "version": info.version,
            "features": [json.dumps(row, sort_keys=True) for row in rows],
            "prediction": [_number(value) for value in answer.predictions],
        }
    )
    ws.store.write("predictions", stored, mode="append")


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
