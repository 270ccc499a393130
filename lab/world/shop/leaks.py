"""Memory that is not given back: it grows, makes the host swap, and ends in a restart."""

from dataclasses import dataclass

import numpy as np

from lab.world.shop.controls import Controls
from lab.world.shop.sizes import MEMORY, REPLICA_MEMORY, SWAP
from lab.world.shop.topology import HOSTS, NODE_AT, NODE_HOST, NODES
from lab.world.signals import Array, Flags

SYSTEM_SHARE = 0.06  # of a host's memory, for the system itself
SWAP_FROM = 0.96  # share of memory in use from which a host swaps


@dataclass(frozen=True)
class Memory:
    """Leaks and what they do, minute by minute.

    Attributes:
        leaked: Bytes leaked and not given back, shape (T, N).
        restarted: Whether the node was restarted, shape (T, N).
        away: Whether it was away meanwhile, shape (T, N).
        swap: Swap in use, shape (T, H).
    """

    leaked: Array
    restarted: Flags
    away: Flags
    swap: Array


class Leaks:
    """What every node has leaked so far."""

    def __init__(self) -> None:
        """Begin without leaks."""
        self.leaked = [0.0] * len(NODES)

    def advance(self, knobs: dict[str, Array], replicas: Array, controls: Controls) -> Memory:
        """Go on for some minutes.

        A leak that stops was repaired by a new version, and so by a restart of one replica after
        the other. A host without memory and swap kills what has leaked most.

        Args:
            knobs: Values of every knob.
            replicas: Replicas that run, shape (T, N).
            controls: Restarts that were ordered.

        Returns:
            What happened to memory.
        """
        base = used_without_leaks(replicas, knobs["memory_taken"])
        shape = replicas.shape
        leaked, restarted, away = np.zeros(shape), np.zeros(shape, bool), np.zeros(shape, bool)
        for name in controls.restart + controls.roll_back:
            place = NODE_AT[name]
            self.leaked[place], restarted[0, place] = 0.0, True
            away[0, place] = name in controls.restart
        growth = knobs["leak_bytes"] * replicas
        if growth.any() or any(self.leaked):
            stops = knobs["leak_bytes"] == 0
            for minute in range(len(growth)):
                self._repair(stops[minute].tolist(), restarted[minute])
                self._grow(growth[minute].tolist())
                for victim in self._out_of_memory(base[minute].tolist()):
                    restarted[minute, victim] = away[minute, victim] = True
                leaked[minute] = self.leaked
        return Memory(leaked, restarted, away, _swap(base + by_host(leaked)))

    def _repair(self, stops: list[bool], restarted: Flags) -> None:
        for place, stopped in enumerate(stops):
            if stopped and self.leaked[place]:
                self.leaked[place], restarted[place] = 0.0, True

    def _grow(self, growth: list[float]) -> None:
        self.leaked = [held + more for held, more in zip(self.leaked, growth, strict=True)]

    def _out_of_memory(self, base: list[float]) -> list[int]:
        victims = []
        for place, host in enumerate(HOSTS):
            nodes = [n for n, at in enumerate(NODE_HOST) if at == place]
            worst = max(nodes, key=self.leaked.__getitem__)
            held = base[place] + sum(self.leaked[n] for n in nodes)
            if self.leaked[worst] and held > SWAP_FROM * host.memory_bytes + host.swap_bytes:
                self.leaked[worst] = 0.0
                victims.append(worst)
        return victims


def by_host(values: Array) -> Array:
    """Return sums over the nodes of each host.

    Args:
        values: Shape (T, N).

    Returns:
        Shape (T, H).
    """
    sums = np.zeros((len(values), len(HOSTS)))
    for node, host in enumerate(NODE_HOST):
        sums[:, host] += values[:, node]
    return sums


def used_without_leaks(replicas: Array, taken: Array) -> Array:
    """Return the memory that a host needs for its system, its nodes and what else takes some.

    Args:
        replicas: Replicas that run, shape (T, N).
        taken: Share of memory that something else takes, shape (T, H).

    Returns:
        Bytes, shape (T, H).
    """
    return np.asarray(by_host(replicas * REPLICA_MEMORY) + (taken + SYSTEM_SHARE) * MEMORY)


def _swap(wanted: Array) -> Array:
    return np.clip(wanted - SWAP_FROM * MEMORY, 0.0, SWAP)
