"""Where faults show: names of metrics, the places they strike, and when all is well again."""

from lab.world.faults.fault import Health
from lab.world.shop.topology import HOST_NAMES, NODES, SERVICES

REQUESTS = "http_requests_total"
DURATION = "http_request_duration_seconds"
MEMORY = "process_resident_memory_bytes"
UP = "up"

INNER = tuple(name for name in SERVICES if name != "edge")
STORES = tuple(node.name for node in NODES if node.kind != "service")
ANYWHERE = (*INNER, *STORES)
HOSTS = HOST_NAMES

DAY = 1440  # minutes
MIB = 1024.0**2
GIB = 1024.0**3

ERRORS_GONE = Health(REQUESTS, "error_ratio", below=0.03)
FAST_AGAIN = Health(DURATION, "slowness", below=1.8)
