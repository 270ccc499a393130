"""The lab workbench as a module: the whole main job with ``import lab`` alone.

>>> import lab
>>> len(lab.__all__) <= 25
True

Every flow takes the workspace first. Long work is a generator of progress; run it to its
end with ``drain``::

    import lab

    ws = lab.open_workspace()
    lab.drain(lab.ingest(ws, "shop_sales"))
    run = lab.drain(lab.train(ws, table="sales"))
    lab.register(ws, run.run_id)

Names are loaded when they are first used, so that importing this module costs next to nothing.
"""

from importlib import import_module
from typing import Any

# What the whole main job needs, in its order. ``__init__.pyi`` says the same to type checkers.
__version__ = "0.1.0"

_HOME = {
    "LabError": "lab.core.errors",
    "drain": "lab.core.progress",
    "open_workspace": "lab.core.workspace",
    "preview": "lab.flows.ingest",
    "ingest": "lab.flows.ingest",
    "tables": "lab.flows.explore",
    "query": "lab.flows.explore",
    "detect": "lab.flows.detect",
    "detection": "lab.flows.detections",
    "train": "lab.flows.train",
    "runs": "lab.flows.runs",
    "register": "lab.flows.registry",
    "champion": "lab.flows.registry",
    "drift": "lab.flows.drift",
    "chart": "lab.flows.chart",
    "launch": "lab.flows.serve",
    "sample_rows": "lab.flows.serve",
    "predict": "lab.flows.serve",
    "compare_with_local": "lab.flows.serve",
    "stop": "lab.flows.serve",
    "diagnose": "lab.flows.doctor",
    "exercises": "lab.learn.api",
    "start": "lab.learn.api",
    "check": "lab.learn.api",
    "hint": "lab.learn.api",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lab' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
