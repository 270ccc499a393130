"""What to scrape: Prometheus' own static ``scrape_configs``, so that one file configures both."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from lab.core.errors import BadInput, NotFound
from lab.data.scrape_format import MOST_SAMPLES
from lab.data.scrape_http import MOST_BYTES

LARGEST_FILE = 1_000_000
PART = re.compile(r"(\d+)(ms|s|m|h|d)")
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
SIZE = re.compile(r"(\d+)(B|KB|MB)")
BYTES = {"B": 1, "KB": 1 << 10, "MB": 1 << 20}
# The one label that says something about the target itself that we take from a file.
PATH_LABEL = "__metrics_path__"
KNOWN = {"job_name", "scrape_interval", "scrape_timeout", "metrics_path", "scheme", "params",
         "honor_labels", "honor_timestamps", "sample_limit", "body_size_limit",
         "static_configs"}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """One page of metrics that is asked for again and again.

    Args:
        url: Its address.
        labels: Labels every sample gets, ``job`` and ``instance`` among them.
        interval_seconds: Time from one scrape to the next.
        timeout_seconds: Longest a scrape may take.
        honor_labels: Whether its own labels win over ``labels``.
        honor_timestamps: Whether its own times are kept.
        sample_limit: Most samples a page may hold.
        body_limit: Most bytes a page may hold.
    """

    url: str
    labels: Mapping[str, str] = field(hash=False)
    interval_seconds: float = 15.0
    timeout_seconds: float = 10.0
    honor_labels: bool = False
    honor_timestamps: bool = True
    sample_limit: int = MOST_SAMPLES
    body_limit: int = MOST_BYTES

    @property
    def name(self) -> str:
        """What a person calls it."""
        return f"{self.labels['job']} at {self.labels['instance']}"


def read_targets(given: list[str]) -> list[Target]:
    """Targets from files and addresses.

    Args:
        given: Each a YAML file with ``scrape_configs``, or an address on this machine such as
            ``127.0.0.1:9100``; other machines are named in a file.

    Returns:
        The targets.

    Raises:
        NotFound: A file is not there.
        BadInput: A file is no such configuration, an address is not on this machine, or there
            is no target or one is named twice.
    """
    targets: list[Target] = []
    for one in given:
        targets += _from_file(Path(one)) if one.endswith((".yml", ".yaml")) else [_from_url(one)]
    names = [(target.labels["job"], target.labels["instance"], target.url) for target in targets]
    if not targets or len(set(names)) < len(names):
        raise BadInput("There is no target, or one is named twice.", "Name each target once.")
    return targets


def on_this_machine(url: str) -> bool:
    """Whether an address leads to this machine and nowhere else.

    >>> on_this_machine("http://127.0.0.1:9100/metrics"), on_this_machine("http://10.0.0.1:1")
    (True, False)
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
    return local and parts.scheme in ("http", "https")


def _from_url(text: str) -> Target:
    url = text if "://" in text else f"http://{text}"
    if not on_this_machine(url):
        raise BadInput(
            f"{text!r} is not an address on this machine.",
            "Name targets elsewhere in a file with scrape_configs.",
        )
    parts = urlsplit(url)
    whole = parts._replace(path=parts.path or "/metrics").geturl()
    return Target(whole, {"job": "scrape", "instance": parts.netloc})


def _from_file(path: Path) -> list[Target]:
    import yaml

    if not path.is_file():
        raise NotFound(f"There is no file {path}.", "Name a YAML file with scrape_configs.")
    if path.stat().st_size > LARGEST_FILE:
        raise BadInput(f"{path} is larger than 1 MB.", "Split it.")
    try:
        return parse_config(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise BadInput(f"{path} is not YAML: {why}.", "Correct that line.") from error
    except BadInput as error:
        raise BadInput(f"{path.name}: {error.message}", error.hint) from error


def parse_config(given: Any) -> list[Target]:
    """Targets of a configuration as Prometheus reads it.

    Args:
        given: The file as plain values; only ``global`` and ``scrape_configs`` are looked at.

    Returns:
        One target per address, in the order of the file.

    Raises:
        BadInput: Something in it cannot be used; the message names the job.

    >>> jobs = [{"job_name": "a", "static_configs": [{"targets": ["127.0.0.1:1"]}]}]
    >>> parse_config({"scrape_configs": jobs})[0].url
    'http://127.0.0.1:1/metrics'
    """
    if not isinstance(given, dict) or not isinstance(given.get("scrape_configs"), list):
        raise BadInput("There is no list scrape_configs.", "Write it as Prometheus reads it.")
    common = given.get("global") or {}
    targets: list[Target] = []
    for place, job in enumerate(given["scrape_configs"], 1):
        name = job.get("job_name") if isinstance(job, dict) else None
        try:
            targets += _of_job(common, job)
        except (AttributeError, TypeError, ValueError, KeyError) as error:
            raise BadInput(
                f"Job {name or place} is not as Prometheus reads it: {error}.",
                "It needs job_name and static_configs with targets.",
            ) from error
    return targets


def _of_job(common: Mapping[str, Any], job: Mapping[str, Any]) -> Iterator[Target]:
    names = {str(name) for group in job["static_configs"] for name in group.get("labels") or {}}
    extra = sorted((set(job) - KNOWN) | {name for name in names if name.startswith("__")})
    if extra and extra != [PATH_LABEL]:
        raise ValueError(f"{', '.join(extra)} is not understood here")
    params = urlencode(job.get("params") or {}, doseq=True)
    asked = f"?{params}" if params else ""
    for group in job["static_configs"]:
        more = {str(name): str(value) for name, value in (group.get("labels") or {}).items()}
        own = more.pop(PATH_LABEL, str(job.get("metrics_path", "/metrics")))
        for address in group["targets"]:
            yield Target(
                f"{job.get('scheme', 'http')}://{address}{own}{asked}",
                {"job": str(job["job_name"]), "instance": str(address), **more},
                seconds(job.get("scrape_interval", common.get("scrape_interval", "1m"))),
                seconds(job.get("scrape_timeout", common.get("scrape_timeout", "10s"))),
                bool(job.get("honor_labels", False)),
                bool(job.get("honor_timestamps", True)),
                int(job.get("sample_limit", 0)) or MOST_SAMPLES,
                _bytes(job.get("body_size_limit", 0)) or MOST_BYTES,
            )


def seconds(text: str) -> float:
    """A duration as Prometheus writes it.

    >>> seconds("1m30s"), seconds("500ms")
    (90.0, 0.5)
    """
    if not re.fullmatch(f"(?:{PART.pattern})+", str(text)):
        raise ValueError(f"{text!r} is no duration such as 15s")
    total = sum(int(count) * SECONDS[unit] for count, unit in PART.findall(str(text)))
    if not total > 0:
        raise ValueError(f"{text!r} is no time at all")
    return total


def _bytes(text: object) -> int:
    found = SIZE.fullmatch(f"{text}B" if isinstance(text, int) else str(text))
    if not found:
        raise ValueError(f"{text!r} is no size such as 10MB")
    return int(found[1]) * BYTES[found[2]]
