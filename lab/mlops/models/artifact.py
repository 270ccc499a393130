"""A model on disk: a flat folder, a manifest with the hash of every file, and a strict reader.

Loading a model file is running a program, so nothing is read before it is known to be what
``save_model`` wrote: every file is listed and hashed, scikit-learn models come from skops with
a list of types that is a constant here (never a list that travels with the model), and Keras
networks come from ``.keras`` with safe mode on. A network that was trained on a scaled target
ends in a ``Rescaling`` layer, so that every model answers in the target's own unit.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput, NotFound
from lab.mlops.models.formats import (
    TRUSTED_TYPES,
    Estimator,
    Network,
    from_keras,
    from_skops,
    write_parts,
)
from lab.mlops.models.manifest import (
    KERAS_FILE,
    MANIFEST_FILE,
    PREPROCESS_FILE,
    SKOPS_FILE,
    Flavor,
    Manifest,
    check_folder,
    copy_model,
    lab_version,
    read_manifest,
    refused,
    stamp,
    write_manifest,
)
from lab.mlops.models.model_input import ModelInput, checked_frame, inputs_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = [
    "TRUSTED_TYPES", "Flavor", "LoadedModel", "Manifest", "ModelInput", "copy_model", "fingerprint",
    "inputs_of", "load_model", "read_manifest", "save_model", "stamp",
    "verify_model",
]  # fmt: skip


@dataclass(frozen=True)
class LoadedModel:
    """A verified model, ready to answer.

    Args:
        manifest: What it is and what it takes.
        answer: Takes a checked frame (n, k) and gives predictions (n,).
    """

    manifest: Manifest
    answer: "Callable[[pd.DataFrame], np.ndarray[Any, Any]]"

    def predict(self, frame: "pd.DataFrame") -> "np.ndarray[Any, Any]":
        """Predict one value per row.

        Args:
            frame: Rows to predict, shape (n, k), columns in any order.

        Returns:
            Predictions, shape (n,), in the target's unit.

        Raises:
            BadInput: The frame does not fit the declared inputs; the message names the column.
        """
        return self.answer(checked_frame(frame, self.manifest.inputs))


def save_model(
    model: Any,
    folder: Path | str,
    *,
    inputs: Sequence[ModelInput],
    target: str,
    flavor: Flavor,
    name: str,
    created_at: datetime,
    preprocess: Any = None,
    version: str | None = None,
    run_id: str | None = None,
) -> Manifest:
    """Write a fitted model and its manifest; the folder appears whole or not at all.

    Args:
        model: A fitted scikit-learn estimator or pipeline, or a Keras network.
        folder: Where to; must not exist or be empty.
        inputs: Columns the model takes, see ``inputs_of``.
        target: Name of what it predicts.
        flavor: ``sklearn`` or ``keras``.
        name: Name of the model.
        created_at: When it was trained, tz-aware.
        preprocess: For ``keras``: fitted transformer from the frame to a dense matrix.
        version: Registered version, if it has one.
        run_id: Tracking run that made it, if there is one.

    Returns:
        The manifest that was written.

    Raises:
        BadInput: The folder is in use, or the model holds types that we do not load.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} is not empty.", "Save the model into a new folder.")
    if (flavor == "keras") != (preprocess is not None):
        raise BadInput(f"A {flavor} model {'needs' if flavor == 'keras' else 'has no'} preprocess.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".saving-") as scratch:
        part = Path(scratch) / "model"
        part.mkdir(mode=0o755)
        write_parts(model, preprocess, part, flavor)
        manifest = Manifest(
            flavor=flavor,
            name=name,
            version=version,
            run_id=run_id,
            target=target,
            inputs=tuple(inputs),
            files={p.name: _sha256(p.read_bytes()) for p in sorted(part.iterdir())},
            lab_version=lab_version(),
            created_at=created_at.isoformat(),
        )
        write_manifest(manifest, part)
        if folder.exists():
            folder.rmdir()
        shutil.move(part, folder)
    return manifest


def load_model(folder: Path | str, *, expected: str | None = None) -> LoadedModel:
    """Verify a model folder file by file, then load it.

    Args:
        folder: A folder that ``save_model`` wrote.
        expected: Its ``fingerprint`` as the registry remembers it, to be checked too.

    Returns:
        The model, ready to predict.

    Raises:
        NotFound: There is no model there.
        BadInput: A file is changed, missing, unknown or would run code; nothing was loaded.
        Unavailable: The model needs TensorFlow and it is not installed.
    """
    folder = Path(folder)
    manifest, contents = _read_verified(folder, expected)
    if manifest.flavor == "sklearn":
        return LoadedModel(manifest, Estimator(from_skops(contents[SKOPS_FILE], folder)))
    preprocess = from_skops(contents[PREPROCESS_FILE], folder)
    return LoadedModel(manifest, Network(preprocess, from_keras(contents[KERAS_FILE], folder)))


def verify_model(folder: Path | str, *, expected: str | None = None) -> Manifest:
    """Verify a model folder file by file without loading it.

    Args:
        folder: A folder that ``save_model`` wrote.
        expected: Its ``fingerprint`` as the registry remembers it, to be checked too.

    Returns:
        Its manifest.

    Raises:
        NotFound: There is no model there.
        BadInput: A file is changed, missing, unknown or would run code.
    """
    return _read_verified(Path(folder), expected)[0]


def fingerprint(folder: Path | str) -> str:
    """Hash the manifest, and through it every file: one value that names a saved model.

    Args:
        folder: A folder that ``save_model`` wrote.

    Returns:
        64 hexadecimal digits (SHA-256).

    Raises:
        NotFound: There is no model there.
    """
    path = Path(folder) / MANIFEST_FILE
    if not path.is_file():
        raise NotFound(f"There is no model in {folder}.", "Train and register a model first.")
    return _sha256(path.read_bytes())


def _read_verified(folder: Path, expected: str | None) -> tuple[Manifest, dict[str, bytes]]:
    if expected is not None and fingerprint(folder) != expected:
        raise refused(folder, "its manifest is not the one that was registered")
    manifest = read_manifest(folder)
    check_folder(folder, manifest)
    contents = {file: (folder / file).read_bytes() for file in manifest.files}
    for file, digest in manifest.files.items():
        if _sha256(contents[file]) != digest:
            raise refused(folder, f"{file} is not the file that was saved")
    return manifest, contents


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
