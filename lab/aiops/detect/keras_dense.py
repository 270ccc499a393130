"""The one place where a detector meets TensorFlow."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from lab.core.errors import Unavailable
from lab.core.keras_loading import load_keras, quiet_stderr

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def available() -> str:
    """Say why TensorFlow cannot be used.

    Returns:
        An empty text when it can, else the reason in one sentence.
    """
    if find_spec("tensorflow") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return (
            f"TensorFlow is not installed (it has no package for every platform; Python {version})."
        )
    return ""


def train_dense(
    inputs: NDArray[np.float64], sizes: tuple[int, ...], epochs: int, seed: int
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Train a dense network to give its input back.

    Args:
        inputs: Array (n, width), around 0 with a spread of about 1.
        sizes: Widths of the hidden layers.
        epochs: Most passes over the data; stops early on a tenth held out.
        seed: Seed of weights and order.

    Returns:
        Weights and biases of each layer as plain arrays, in order.

    Raises:
        Unavailable: TensorFlow is not installed.
    """
    reason = available()
    if reason:
        raise Unavailable(reason, "Choose another detector, or use Python 3.11 to 3.13.")
    import numpy as np

    keras = load_keras()
    with quiet_stderr():
        keras.utils.set_random_seed(seed)
        data = np.random.default_rng(seed).permutation(inputs.astype("float32"))
        network = _network(keras, inputs.shape[1], sizes)
        held = max(1, len(data) // 10)
        network.fit(
            data[held:],
            data[held:],
            validation_data=(data[:held], data[:held]),
            epochs=epochs,
            # Few windows still get a few dozen steps an epoch.
            batch_size=int(np.clip(len(data) // 20, 16, 256)),
            verbose=0,
            callbacks=[keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)],
        )
        arrays = [np.asarray(weight, dtype=float) for weight in network.get_weights()]
    return list(zip(arrays[::2], arrays[1::2], strict=True))


def _network(keras: Any, width: int, sizes: tuple[int, ...]) -> Any:
    layers = [keras.layers.Dense(size, activation="relu") for size in sizes]
    network = keras.Sequential([keras.Input((width,)), *layers, keras.layers.Dense(width)])
    # Huber: a few faults in the training window must not teach the network to rebuild faults.
    network.compile(optimizer=keras.optimizers.Adam(2e-3), loss=keras.losses.Huber())
    return network
