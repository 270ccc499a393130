"""The packages a model container needs: the part of the project's lock that its roots pull in.

The lock is the only list of versions and hashes; nothing is resolved again, so a container
runs what the workbench was tested with.
"""

from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, requires

from lab.core.errors import NotFound
from lab.mlops.models.manifest import Flavor

SERVER = ("fastapi", "uvicorn", "prometheus-client", "numpy", "pandas", "scikit-learn", "skops")
# Both: the markers in the lock choose the one there are wheels for.
NETWORK = ("tensorflow-cpu", "tensorflow")
# The machines a container may be; a need of any of them is kept, and pip picks by its markers.
MACHINES = tuple(
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix",
     "platform_machine": machine, "python_version": python, "python_full_version": f"{python}.0"}
    for machine in ("x86_64", "aarch64")
    for python in ("3.11", "3.12", "3.13")
)  # fmt: skip


def roots(flavor: Flavor) -> tuple[str, ...]:
    """The packages a server of this flavor imports itself."""
    return (*SERVER, *NETWORK) if flavor == "keras" else SERVER


def closure(names: Iterable[str]) -> frozenset[str]:
    """Packages and all they need on Linux, as the installed ones declare it.

    Args:
        names: Where to begin. One that is not installed here brings no needs of its own.

    Returns:
        Normalised names, the given ones included.
    """
    found: set[tuple[str, frozenset[str]]] = set()
    waiting = [(_normalised(name), frozenset[str]()) for name in names]
    while waiting:
        need = waiting.pop()
        if need not in found:
            found.add(need)
            waiting += _needs(*need)
    return frozenset(name for name, _ in found)


def subset(lock: str, names: frozenset[str]) -> str:
    r"""Cut a lock down to some packages, hashes and markers kept.

    Args:
        lock: Text of a ``requirements.txt`` with hashes.
        names: Normalised package names; ones the lock does not have must not be needed.

    Returns:
        The text of the smaller lock, ready for ``pip install --require-hashes --no-deps``.

    Raises:
        NotFound: The lock lacks a package other than the alternatives for other machines.

    >>> print(subset("a==1 \\\n    --hash=sha256:0\nb==2\n", frozenset({"a"})), end="")
    a==1 \
        --hash=sha256:0
    """
    entries = list(_entries(lock))  # a package may stand there once per Python version
    missing = sorted(names - {name for name, _ in entries} - set(NETWORK))
    if missing:
        raise NotFound(
            f"requirements.txt does not hold {', '.join(missing)}.",
            "Lock the dependencies again; see CONTRIBUTING.md.",
        )
    return "".join(text for name, text in entries if name in names)


def serving_lock(lock: str, flavor: Flavor) -> str:
    """The lock of a model container.

    Args:
        lock: Text of the project's ``requirements.txt``.
        flavor: Flavor of the model.

    Returns:
        Text of a ``requirements.txt`` with hashes.
    """
    return subset(lock, closure(roots(flavor)))


def _entries(lock: str) -> Iterator[tuple[str, str]]:
    name, lines = "", list[str]()
    for line in [*lock.splitlines(), "end=="]:
        if line[:1].isalnum():
            if name:
                yield name, "\n".join(lines) + "\n"
            name, lines = _normalised(line.partition("==")[0].partition("[")[0].strip()), [line]
        elif line.strip() and not line.strip().startswith("#"):
            lines.append(line)


def _needs(name: str, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    from packaging.requirements import Requirement

    try:
        declared = requires(name) or []
    except PackageNotFoundError:
        return
    for text in declared:
        need = Requirement(text)
        wanted = [{**machine, "extra": extra} for machine in MACHINES for extra in ("", *extras)]
        if need.marker is None or any(need.marker.evaluate(machine) for machine in wanted):
            yield _normalised(need.name), frozenset(need.extras)


def _normalised(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
