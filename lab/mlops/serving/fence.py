"""The fence around a model container, as one template without a field for the caller.

A container can answer requests on one loopback port and nothing else: no root, no
capabilities, nothing to write to but a small /tmp, no way out to the network, bounded memory,
processes and processor.
"""

from typing import TYPE_CHECKING, Any

from lab.mlops.serving.recipe import PORT, USER

if TYPE_CHECKING:
    from docker import DockerClient

NETWORK = "lab-serving"
MEMORY = "1g"
PIDS = 256


def hardened(port: int = 0) -> dict[str, Any]:
    """The options every model container runs with.

    Args:
        port: Loopback port; 0 takes a free one.

    Returns:
        Keyword arguments of the Docker SDK's ``containers.create``.
    """
    from docker.types import LogConfig, Ulimit

    return {
        "user": USER,
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "mem_limit": MEMORY,
        "memswap_limit": MEMORY,
        "nano_cpus": 1_000_000_000,
        "pids_limit": PIDS,
        "init": True,
        "tmpfs": {"/tmp": "rw,noexec,nosuid,nodev,size=64m"},  # noqa: S108  in the container
        "ports": {f"{PORT}/tcp": ("127.0.0.1", port or None)},
        "network": NETWORK,
        "log_config": LogConfig(type="json-file", config={"max-size": "10m", "max-file": "2"}),
        "ulimits": [Ulimit(name="nofile", soft=1024, hard=1024)],
        "environment": {},
        "restart_policy": {"Name": "no"},
    }


def shared(network: str) -> dict[str, Any]:
    """The same fence for a caller that is itself in a container.

    Args:
        network: An internal network the caller is a member of; it replaces the published port.

    Returns:
        Keyword arguments of the Docker SDK's ``containers.create``.
    """
    options = hardened()
    del options["ports"]
    return {**options, "network": network}


def ensure_network(client: "DockerClient") -> None:
    """A bridge whose members reach neither the internet nor each other."""
    import docker

    if client.networks.list(names=[NETWORK]):
        return
    try:
        client.networks.create(
            NETWORK,
            driver="bridge",
            check_duplicate=True,
            options={
                "com.docker.network.bridge.enable_ip_masquerade": "false",
                "com.docker.network.bridge.enable_icc": "false",
            },
            labels={"lab.network": "serving"},
        )
    except docker.errors.APIError as error:
        if error.status_code != 409:  # somebody else was faster
            raise
