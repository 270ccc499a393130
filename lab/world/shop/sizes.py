"""How large everything in the shop is, as arrays: by host, shape (H,), or by node, shape (N,)."""

import numpy as np

from lab.world.shop.topology import HOSTS, NODES

CORES = np.array([float(host.cores) for host in HOSTS])
MEMORY = np.array([host.memory_bytes for host in HOSTS])
SWAP = np.array([host.swap_bytes for host in HOSTS])
DISK = np.array([host.disk_bytes for host in HOSTS])

REPLICAS = np.array([node.replicas for node in NODES])
REPLICA_MEMORY = np.array([node.memory_bytes for node in NODES])
