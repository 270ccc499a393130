"""One series of metrics."""

from dataclasses import dataclass
from typing import Literal

from lab.world.signals import Array

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True)
class Series:
    """One series.

    Attributes:
        metric: Metric name.
        labels: Its labels, those of the target included.
        kind: ``counter``, ``gauge`` or ``histogram`` for the parts of one.
        values: One sample a minute, shape (T,); NaN where nothing could be scraped.
    """

    metric: str
    labels: dict[str, str]
    kind: Kind
    values: Array
