"""What an operator does to the shop, as opposed to what befalls it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Controls:
    """Orders for one stretch of the shop's life.

    Attributes:
        replicas: Replicas wanted by node; others stay as declared. Holds for the stretch.
        demand: Factor on what customers may ask for, such as 0.7 to shed load. Holds likewise.
        restart: Nodes to restart at the start of the stretch: they are away for a minute and
            come back without what they leaked.
        roll_back: Nodes to replace one replica after the other, without an outage.
        clean_disk: Hosts whose logs and forgotten files are deleted at the start.
    """

    replicas: Mapping[str, int] = field(default_factory=dict)
    demand: float = 1.0
    restart: tuple[str, ...] = ()
    roll_back: tuple[str, ...] = ()
    clean_disk: tuple[str, ...] = ()
