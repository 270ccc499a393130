"""What waits in the queue: first in, first out, at the speed of its consumers."""

from collections import deque

import numpy as np

from lab.world.shop.topology import NODES
from lab.world.signals import Array

QUEUE = next(node for node in NODES if node.kind == "queue")


class Backlog:
    """Messages that wait, oldest first."""

    def __init__(self) -> None:
        """Begin empty."""
        self.waiting: deque[tuple[int, float]] = deque()
        self.minute = 0
        self.depth = 0.0

    def advance(self, accepted: Array, speed: Array) -> tuple[Array, Array, Array]:
        """Go on for some minutes.

        Args:
            accepted: Messages that came in, shape (T,).
            speed: Messages that consumers can deal with in a minute, shape (T,).

        Returns:
            Messages waiting at the end of each minute, age of the oldest in seconds, and
            messages dealt with, each of shape (T,).
        """
        rows = []
        for came, can in zip(accepted.tolist(), speed.tolist(), strict=True):
            done = min(self.depth + came, float(int(can)))
            self.depth += came - done
            if came:
                self.waiting.append((self.minute, came))
            self._take(done)
            age = (self.minute + 1 - self.waiting[0][0]) * 60.0 if self.waiting else 0.0
            rows.append((self.depth, age, done))
            self.minute += 1
        depth, age, done_all = np.asarray(rows).T.copy()
        return depth, age, done_all

    def _take(self, done: float) -> None:
        while done and self.waiting:
            minute, oldest = self.waiting.popleft()
            if oldest > done:
                self.waiting.appendleft((minute, oldest - done))
                return
            done -= oldest


def consumer_speed(replicas: Array, factor: Array, slower: Array) -> Array:
    """Return the messages that consumers can deal with in a minute.

    Args:
        replicas: Replicas of the queue that run, shape (T,).
        factor: Knob ``consumers``, shape (T,).
        slower: Factor on the work of a message, shape (T,), 1 or more.

    Returns:
        Shape (T,).
    """
    return np.asarray(60.0 * QUEUE.workers * replicas * factor / (QUEUE.work_seconds * slower))
