"""Settings: environment over file over default, each remembering where it came from."""

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lab.core.errors import BadInput

PROJECT = Path(__file__).resolve().parents[2]
PREFIX = "LAB_"
# Read by the tests and the launcher, never settings.
RESERVED = frozenset({"LAB_CONFIG", "LAB_REQUIRE", "LAB_BENCH_DATA"})
HIDDEN = "••••"  # what is shown of a secret


def _setting(default: Any, about: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"about": about, "secret": secret}, repr=not secret)


@dataclass(frozen=True)
class Settings:
    """Everything that can be set, read once at the edge and passed in."""

    workspace: Path = _setting(PROJECT / "workspace", "Folder that holds all data, runs and models")
    owner: str = _setting("me", "Name put on containers and model versions")
    mlflow_tracking_uri: str = _setting("", "MLflow server to use; empty: SQLite in the workspace")
    prometheus_url: str = _setting("", "Prometheus to read from; empty: none")
    prometheus_user: str = _setting("", "User name, where Prometheus asks for one")
    prometheus_password: str = _setting("", "Password of that user", secret=True)
    prometheus_token: str = _setting("", "Bearer token, in place of a user", secret=True)
    catalogue_mirror: str = _setting("", "Web address of a mirror of the public data sets")
    launcher_url: str = _setting("", "Launcher that holds the Docker socket for us; empty: none")
    docker_base_image: str = _setting("python:3.11-slim", "Base image of model containers")
    timezone: str = _setting("UTC", "Time zone offered for files whose times name none")
    max_upload_mb: int = _setting(50, "Largest file that may be uploaded, in MB")
    store_wait_seconds: float = _setting(15.0, "How long to wait for a busy database")
    store_memory_mb: int = _setting(1024, "Memory DuckDB may use, in MB")
    sql_timeout_seconds: float = _setting(8.0, "Longest a query in the SQL box may run")
    sql_memory_mb: int = _setting(512, "Memory a query in the SQL box may use, in MB")
    sql_max_rows: int = _setting(10_000, "Most rows a query in the SQL box shows")
    origins: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def origin(self, name: str) -> str:
        """Where the value of a setting came from: environment, file or default."""
        return self.origins.get(name, "default")

    def as_environment(self) -> dict[str, str]:
        """Every setting as a variable, for a child process that reads none of our files."""
        return {
            PREFIX + f.name.upper(): str(getattr(self, f.name)) for f in fields(self) if f.metadata
        }

    def table(self) -> list[dict[str, str]]:
        """One row per setting: name, value without secrets, origin, variable, what it is for."""
        return [
            {
                "setting": f.name,
                "value": _shown(str(getattr(self, f.name)), f.metadata["secret"]),
                "origin": self.origin(f.name),
                "variable": PREFIX + f.name.upper(),
                "about": f.metadata["about"],
            }
            for f in fields(self)
            if f.metadata
        ]


def _shown(value: str, secret: bool) -> str:
    """A value as it may be seen: no secret, and no password of an address."""
    if secret:
        return HIDDEN if value else ""
    bare = without_login(value)
    return value if bare == value else bare.replace("://", f"://{HIDDEN}@", 1)


def without_login(address: str) -> str:
    """An address without the user and password in it; any other text as it is.

    >>> without_login("http://me:p@ss@mlflow:5000/x"), without_login("sqlite:////home/a@b/x.db")
    ('http://mlflow:5000/x', 'sqlite:////home/a@b/x.db')
    """
    scheme, middle, rest = address.partition("://")
    if not middle or rest.startswith("/"):  # a path, which may hold an @ of its own
        return address
    # The last @, since a careless password may hold one itself.
    return f"{scheme}{middle}{rest.rpartition('@')[2]}"


def load_settings(environ: Mapping[str, str] | None = None, file: Path | None = None) -> Settings:
    """Read settings from ``LAB_*`` variables, then ``lab.toml``, then defaults.

    Args:
        environ: Variables to read; the process environment when not given.
        file: The settings file; ``LAB_CONFIG`` or ``lab.toml`` beside the app when not given.

    Returns:
        Frozen settings that remember the origin of each value.

    Raises:
        BadInput: A key is unknown or a value has the wrong type.
    """
    environ = os.environ if environ is None else environ
    file = file or Path(environ.get("LAB_CONFIG", PROJECT / "lab.toml"))
    types = {f.name: type(f.default) for f in fields(Settings) if f.metadata}
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, given in ((str(file), _from_file(file)), ("environment", _from_env(environ))):
        for name, raw in given.items():
            values[name] = _cast(name, raw, types, origin)
            origins[name] = origin
    if "workspace" in values:
        values["workspace"] = values["workspace"].expanduser().absolute()
    return Settings(**values, origins=origins)


def _from_env(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        key.removeprefix(PREFIX).lower(): value
        for key, value in environ.items()
        if key.startswith(PREFIX) and key not in RESERVED
    }


def _from_file(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:  # wrong TOML, or not UTF-8
        raise BadInput(f"{file} is not valid TOML: {error}.", "Correct that line.") from error


def _secrets() -> set[str]:
    return {f.name for f in fields(Settings) if f.metadata and f.metadata["secret"]}


def _fits(kind: type, raw: Any) -> bool:
    """Whether a value may become a type without losing anything; text always may try."""
    if isinstance(raw, str):
        return bool(raw.strip()) or kind is not Path  # an empty path would be the working folder
    fitting = {int: (int,), float: (int, float)}.get(kind, ())
    return isinstance(raw, fitting) and not isinstance(raw, bool)


def _cast(name: str, raw: Any, types: Mapping[str, type], origin: str) -> Any:
    if name not in types:
        near = get_close_matches(name, types, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(sorted(types))}."
        raise BadInput(f"Unknown setting {name!r} in {origin}.", hint)
    kind = Path if issubclass(types[name], Path) else types[name]
    try:
        if not _fits(kind, raw):
            raise TypeError(raw)
        value = kind(raw)
    except (TypeError, ValueError) as error:
        given = HIDDEN if name in _secrets() else repr(raw)
        raise BadInput(
            f"Setting {name!r} in {origin} must be {kind.__name__}; it is {given}.",
            "Correct it and start again.",
        ) from error
    if isinstance(value, (int, float)) and not 0 < value < math.inf:
        raise BadInput(f"Setting {name!r} in {origin} must be above 0; it is {value}.", "Raise it.")
    return value
