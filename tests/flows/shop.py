"""A workspace with a small shop to train on, and a tracking file made only once."""

from lab.core.progress import drain
from lab.flows.train import train
from tests.mlops.models.sample import sales
from tests.tracking_file import tracked

SMALL = {"folds": 2, "holdout_days": 14}


def opened(ws, days=160, groups=2):
    """The workspace with a sales-like table ``shop`` and an empty tracking file."""
    ws.store.write("shop", sales(days, groups))
    return tracked(ws)


def trained(ws, model="ridge", **more):
    return drain(train(ws, "shop", "units", model, **{**SMALL, **more}))
