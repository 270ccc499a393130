"""The recipe of a model image: first an image of locked packages, then the server and the model.

The packages are an image of their own because they are the same for every model: a second
model builds in a second and without a network. An image holds what it needs to answer and
nothing else: the few modules of the server, no tracker, no store, no credential.
"""

import io
import json
import re
import tarfile
from collections.abc import Mapping
from pathlib import Path

from lab.core.config import PROJECT
from lab.core.errors import BadInput
from lab.mlops.models.artifact import fingerprint, read_manifest
from lab.mlops.models.manifest import MANIFEST_FILE, Flavor
from lab.mlops.serving.dependencies import serving_lock
from lab.mlops.serving.program import ENTRY, program_files

PORT = 8080
INSIDE = "0.0.0.0"  # noqa: S104  within the container; published on loopback only
USER = "65534:65534"
CHECK = (
    "import urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8080/health'), timeout=2)"
)
PACKAGES = """\
FROM {base}
COPY requirements.txt /build/requirements.txt
RUN python -m venv --without-pip /opt/venv \\
 && python -m pip --python /opt/venv/bin/python install --no-cache-dir --no-deps \\
    --only-binary :all: --require-hashes --progress-bar off -r /build/requirements.txt \\
 && python -m pip --python /opt/venv/bin/python check \\
 && find /opt/venv -type d -name tests -prune -exec rm -rf {{}} +
"""
MODEL = """\
FROM {packages}
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin PYTHONPATH=/srv PYTHONUNBUFFERED=1 \\
    PYTHONDONTWRITEBYTECODE=1 HOME=/tmp OMP_NUM_THREADS=1 TF_CPP_MIN_LOG_LEVEL=3 \\
    TF_ENABLE_ONEDNN_OPTS=0 CUDA_VISIBLE_DEVICES=-1
COPY lab /srv/lab
COPY model /srv/model
WORKDIR /srv
USER {user}
EXPOSE {port}
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD {check}
CMD {command}
"""
BASE = re.compile(r"[a-z0-9][a-z0-9._/:@-]{0,255}")


def packages_files(base: str, flavor: Flavor) -> dict[str, bytes]:
    """What the image of packages is built from.

    Args:
        base: Image to begin with; must hold Python 3.11 or later with pip.
        flavor: Flavor of the models it is for.

    Returns:
        Contents by file name.

    Raises:
        BadInput: ``base`` is not an image name.
    """
    if not BASE.fullmatch(base):
        raise BadInput(f"{base!r} is not an image name.", "Correct docker_base_image.")
    lock = (PROJECT / "requirements.txt").read_text(encoding="utf-8")
    return {
        "Dockerfile": PACKAGES.format(base=base).encode(),
        "requirements.txt": serving_lock(lock, flavor).encode(),
    }


def model_files(model: Path, packages: str) -> dict[str, bytes]:
    """What the image of a model is built from.

    Args:
        model: A stamped model folder; only what its manifest lists is taken.
        packages: The image of packages.

    Returns:
        Contents by file name.
    """
    files = {"Dockerfile": _dockerfile(packages, fingerprint(model)).encode()}
    files.update(program_files())
    for name in (MANIFEST_FILE, *read_manifest(model).files):
        files[f"model/{name}"] = (model / name).read_bytes()
    return files


def archive(files: Mapping[str, bytes]) -> bytes:
    """Pack files as the engine wants them.

    Args:
        files: Contents by file name.

    Returns:
        A tar; the same bytes for the same files (no time, no owner), so that layers are found.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def _dockerfile(packages: str, expected: str) -> str:
    # The fingerprint is in the command: the server refuses any other model.
    command = [
        *("python", "-m", ENTRY, "--model", "/srv/model"),
        *("--host", INSIDE, "--port", str(PORT), "--fingerprint", expected),
    ]
    check = ["python", "-I", "-c", CHECK]
    return MODEL.format(
        packages=packages,
        user=USER,
        port=PORT,
        check=json.dumps(check),
        command=json.dumps(command),
    )
