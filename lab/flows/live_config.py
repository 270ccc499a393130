"""A Prometheus configuration that scrapes every target of a live world."""

from pathlib import Path
from typing import Any

from lab.core.errors import Unavailable
from lab.core.workspace import Workspace
from lab.data.scrape_config import Target, parse_config
from lab.flows.live_world import LiveWorld, world_of
from lab.world.lenses import metrics_hosts, metrics_nodes
from lab.world.shop.topology import HOST_NAMES, NODE_NAMES

# World time may lie days back; Prometheus takes such samples only where it is told so.
BACK = "8d"
# So many of the newest minutes are shown, so that a scrape which comes late misses none.
MINUTES = 5


def prometheus_config(
    ws: Workspace, out: str = "prometheus.yml", interval_seconds: float = 1.0
) -> str:
    """Write a configuration for Prometheus and the embedded scraper, of the live world that runs.

    Args:
        ws: The workspace.
        out: File to write.
        interval_seconds: Time from one scrape to the next, 1 or more.

    Returns:
        The file.

    Raises:
        NotFound: No live world runs.
        Unavailable: The file cannot be written.
    """
    path = Path(out).expanduser().absolute()
    text = config_text(world_of(ws).url.partition("://")[2], interval_seconds)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be written: {error.strerror}.", "Choose another."
        ) from error
    return str(path)


def config_text(address: str, interval_seconds: float = 1.0, minutes: int = MINUTES) -> str:
    """The configuration as text.

    Args:
        address: Host and port of the world.
        interval_seconds: Time from one scrape to the next.
        minutes: How many of the newest minutes each scrape sees, 1 to 60.
    """
    import yaml

    return yaml.safe_dump(_config(address, interval_seconds, minutes), sort_keys=False)


def world_targets(world: LiveWorld, minutes: int) -> list[Target]:
    """What the embedded scraper asks a live world: the same as Prometheus.

    Args:
        world: The world.
        minutes: How many of the newest minutes each scrape sees, 1 to 60.
    """
    return parse_config(_config(world.url.partition("://")[2], 1.0, minutes))


def _config(address: str, interval_seconds: float, minutes: int) -> dict[str, Any]:
    nodes = {name: f"{name}:{metrics_nodes.PORT}" for name in NODE_NAMES}
    jobs = {metrics_nodes.JOB: nodes, metrics_hosts.JOB: {name: name for name in HOST_NAMES}}
    return {
        "global": {"scrape_interval": f"{interval_seconds * 1000:.0f}ms", "scrape_timeout": "1s"},
        "storage": {"tsdb": {"out_of_order_time_window": BACK}},
        "scrape_configs": [_job(job, names, address, minutes) for job, names in jobs.items()],
    }


def _job(job: str, names: dict[str, str], address: str, minutes: int) -> dict[str, Any]:
    return {
        "job_name": job,
        "params": {"minutes": [str(minutes)]},
        "static_configs": [
            {
                "targets": [address],
                "labels": {"__metrics_path__": f"/metrics/{name}", "instance": instance},
            }
            for name, instance in names.items()
        ],
    }
