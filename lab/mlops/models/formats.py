"""The two file formats of a saved model, read so that a file cannot run a program of its own."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput
from lab.core.keras_loading import load_keras
from lab.mlops.models.manifest import KERAS_FILE, PREPROCESS_FILE, SKOPS_FILE, Flavor, refused

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# Types of ours and scikit-learn's that skops does not trust by itself. All are plain data
# holders without code of the writer's; nothing that calls a given function may be added.
TRUSTED_TYPES: tuple[str, ...] = (
    "numpy.dtype",  # what SimpleImputer remembers of its columns
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
)
PREDICT_ROWS = 4096  # rows a network sees at once, to bound memory


@dataclass(frozen=True)
class Estimator:
    """A scikit-learn model as frame (n, k) -> predictions (n,)."""

    model: Any

    def __call__(self, frame: "pd.DataFrame") -> "np.ndarray[Any, Any]":
        """Predict one value per row of a checked frame."""
        import numpy as np

        return np.asarray(self.model.predict(frame)).reshape(-1)


@dataclass(frozen=True)
class Network:
    """A fitted transformer and a Keras network as frame (n, k) -> predictions (n,)."""

    preprocess: Any
    net: Any

    def __call__(self, frame: "pd.DataFrame") -> "np.ndarray[Any, Any]":
        """Predict one value per row of a checked frame, in float64."""
        import numpy as np

        matrix = np.asarray(self.preprocess.transform(frame), dtype="float32")  # (n, features)
        # Called, not .predict(): that one costs 0.3 s per call.
        parts = [
            np.asarray(self.net(matrix[start : start + PREDICT_ROWS], training=False))
            for start in range(0, len(matrix), PREDICT_ROWS)
        ]
        return np.concatenate(parts).reshape(-1).astype("float64")


def write_parts(model: Any, preprocess: Any, part: Path, flavor: Flavor) -> None:
    """Write the files of a model, refusing what ``from_skops`` would not load."""
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


def from_skops(data: bytes, folder: Path) -> Any:
    """Load a scikit-learn object from bytes whose hash was checked."""
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        return skops.io.loads(data, trusted=list(TRUSTED_TYPES))
    except UntrustedTypesFoundException as error:
        raise refused(folder, f"it holds untrusted types ({error})") from error
    except Exception as error:  # skops raises whatever the broken file provokes
        raise refused(folder, f"it cannot be read ({type(error).__name__})") from error


def from_keras(data: bytes, folder: Path) -> Any:
    """Load a Keras network from bytes whose hash was checked."""
    keras = load_keras()
    with tempfile.TemporaryDirectory() as scratch:
        # From the bytes that were hashed: the file itself could have changed since.
        path = Path(scratch) / KERAS_FILE
        path.write_bytes(data)
        try:
            return keras.models.load_model(path, safe_mode=True, compile=False)
        except Exception as error:  # keras raises whatever the file provokes
            raise refused(folder, f"Keras cannot load it safely ({error})") from error
