"""Who calls whom in the shop, and on which host each part runs."""

from dataclasses import dataclass
from typing import Literal

GIB = 1024**3
CallKind = Literal["sync", "async"]


@dataclass(frozen=True)
class Node:
    """A service or a store.

    Attributes:
        name: Its name; the value of label ``service`` everywhere.
        kind: ``service``, ``database``, ``cache`` or ``queue``.
        host: Host it runs on; the value of label ``instance`` of host metrics.
        replicas: How many answer when all is well.
        workers: Requests one replica can work on at a time.
        work_seconds: Mean time one request needs from a worker, without waiting.
        memory_bytes: Memory one replica holds when it has just started.
        timeout_seconds: How long its callers wait for it before they give up.
    """

    name: str
    kind: Literal["service", "database", "cache", "queue"]
    host: str
    replicas: int
    workers: int
    work_seconds: float
    memory_bytes: float
    timeout_seconds: float


@dataclass(frozen=True)
class Call:
    """An edge of the topology.

    Attributes:
        caller: Name of the node that calls.
        callee: Name of the node that is called.
        per_request: Mean calls for one request the caller handles, above 0.
        kind: ``sync`` calls make the caller wait and fail with them; ``async`` ones do not.
        retries: How often the caller tries again after a failure, 0 or more.
        after_miss: Only requests that miss the cache make this call.
    """

    caller: str
    callee: str
    per_request: float
    kind: CallKind = "sync"
    retries: int = 0
    after_miss: bool = False


@dataclass(frozen=True)
class Host:
    """A machine.

    Attributes:
        name: Its name.
        cores: CPU cores.
        memory_bytes: Memory.
        swap_bytes: Swap space.
        disk_bytes: Size of the root file system.
    """

    name: str
    cores: int
    memory_bytes: float
    swap_bytes: float
    disk_bytes: float


HOSTS = (
    Host("host-a", 8, 16 * GIB, 4 * GIB, 80 * GIB),
    Host("host-b", 8, 16 * GIB, 4 * GIB, 80 * GIB),
    Host("host-c", 8, 32 * GIB, 4 * GIB, 100 * GIB),
    Host("host-d", 16, 64 * GIB, 8 * GIB, 500 * GIB),
)

NODES = (
    Node("edge", "service", "host-a", 2, 16, 0.004, 0.4 * GIB, 10.0),
    Node("web", "service", "host-a", 3, 12, 0.030, 0.9 * GIB, 8.0),
    Node("catalogue", "service", "host-b", 3, 4, 0.020, 0.8 * GIB, 3.0),
    Node("cart", "service", "host-b", 2, 6, 0.015, 0.6 * GIB, 3.0),
    Node("payment", "service", "host-c", 2, 3, 0.120, 0.7 * GIB, 5.0),
    Node("recommendation", "service", "host-c", 2, 5, 0.040, 1.2 * GIB, 1.0),
    Node("database", "database", "host-d", 1, 8, 0.020, 24.0 * GIB, 3.0),
    Node("cache", "cache", "host-c", 1, 1, 0.0006, 6.0 * GIB, 0.5),
    Node("queue", "queue", "host-b", 1, 2, 0.200, 1.0 * GIB, 2.0),
)

CALLS = (
    Call("edge", "web", 1.0, retries=1),
    Call("web", "catalogue", 0.80, retries=1),
    Call("web", "cart", 0.30, retries=1),
    Call("web", "recommendation", 0.50),
    Call("catalogue", "cache", 2.0),
    Call("catalogue", "database", 2.0, after_miss=True),
    Call("recommendation", "cache", 1.0),
    Call("cart", "database", 1.2),
    Call("cart", "payment", 0.12, retries=1),
    Call("payment", "database", 1.0),
    Call("payment", "queue", 1.0, "async"),
)

SERVICES = tuple(node.name for node in NODES if node.kind == "service")
NODE_NAMES = tuple(node.name for node in NODES)
HOST_NAMES = tuple(host.name for host in HOSTS)
HOST_OF = {node.name: node.host for node in NODES}
# The same by number: where a node stands among the nodes, and its host among the hosts.
NODE_AT = {name: place for place, name in enumerate(NODE_NAMES)}
NODE_HOST = tuple(HOST_NAMES.index(node.host) for node in NODES)
