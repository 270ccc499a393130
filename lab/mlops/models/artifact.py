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

from lab.core.errors import BadInput, NotFound, Unavailable
from lab.mlops.models.manifest import (
    KERAS_FILE,
    MANIFEST_FILE,
    PREPROCESS_FILE,
    SKOPS_FILE,
    Flavor,
    Manifest,
    check_folder,
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
    "TRUSTED_TYPES", "Flavor", "LoadedModel", "Manifest", "ModelInput", "fingerprint",
    "inputs_of", "load_model", "read_manifest", "save_model", "stamp",
]  # fmt: skip

# Types of ours and scikit-learn's that skops does not trust by itself. All are plain data
# holders without code of the writer's; nothing that calls a given function may be added.
TRUSTED_TYPES: tuple[str, ...] = (
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
)
PREDICT_ROWS = 4096  # rows a network sees at once, to bound memory


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
        _write_parts(model, preprocess, part, flavor)
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
    if expected is not None and fingerprint(folder) != expected:
        raise refused(folder, "its manifest is not the one that was registered")
    manifest = read_manifest(folder)
    check_folder(folder, manifest)
    contents = {file: (folder / file).read_bytes() for file in manifest.files}
    for file, digest in manifest.files.items():
        if _sha256(contents[file]) != digest:
            raise refused(folder, f"{file} is not the file that was saved")
    if manifest.flavor == "sklearn":
        return LoadedModel(manifest, _Estimator(_from_skops(contents[SKOPS_FILE], folder)))
    preprocess = _from_skops(contents[PREPROCESS_FILE], folder)
    return LoadedModel(manifest, _Network(preprocess, _from_keras(contents[KERAS_FILE], folder)))


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


@dataclass(frozen=True)
class _Estimator:
    model: Any

    def __call__(self, frame: "pd.DataFrame") -> "np.ndarray[Any, Any]":
        import numpy as np

        return np.asarray(self.model.predict(frame)).reshape(-1)


@dataclass(frozen=True)
class _Network:
    preprocess: Any
    net: Any

    def __call__(self, frame: "pd.DataFrame") -> "np.ndarray[Any, Any]":
        import numpy as np

        matrix = np.asarray(self.preprocess.transform(frame), dtype="float32")  # (n, features)
        # Called, not .predict(): that one costs 0.3 s per call.
        parts = [
            np.asarray(self.net(matrix[start : start + PREDICT_ROWS], training=False))
            for start in range(0, len(matrix), PREDICT_ROWS)
        ]
        return np.concatenate(parts).reshape(-1).astype("float64")


def _write_parts(model: Any, preprocess: Any, part: Path, flavor: Flavor) -> None:
    if flavor == "keras":
        model.save(part / KERAS_FILE)
    estimator, file = (preprocess, PREPROCESS_FILE) if flavor == "keras" else (model, SKOPS_FILE)
    import skops.io

    data = skops.io.dumps(estimator)
    strange = sorted(set(skops.io.get_untrusted_types(data=data)) - set(TRUSTED_TYPES))
    if strange:
        raise BadInput(
            f"The model holds types that are not loaded again: {', '.join(strange)}.",
            "Use estimators from scikit-learn without functions of your own.",
        )
    (part / file).write_bytes(data)


def _from_skops(data: bytes, folder: Path) -> Any:
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        return skops.io.loads(data, trusted=list(TRUSTED_TYPES))
    except UntrustedTypesFoundException as error:
        raise refused(folder, f"it holds untrusted types ({error})") from error
    except Exception as error:  # skops raises whatever the broken file provokes
        raise refused(folder, f"it cannot be read ({type(error).__name__})") from error


def _from_keras(data: bytes, folder: Path) -> Any:
    try:
        import keras
    except ImportError as error:
        raise Unavailable(
            "This model needs TensorFlow, which is not installed.",
            "Choose a scikit-learn model, or install TensorFlow.",
        ) from error
    with tempfile.TemporaryDirectory() as scratch:
        # From the bytes that were hashed: the file itself could have changed since.
        path = Path(scratch) / KERAS_FILE
        path.write_bytes(data)
        try:
            return keras.models.load_model(path, safe_mode=True, compile=False)
        except Exception as error:  # keras raises whatever the file provokes
            raise refused(folder, f"Keras cannot load it safely ({error})") from error


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
