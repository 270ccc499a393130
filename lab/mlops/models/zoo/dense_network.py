"""A small dense network in Keras, learning epoch by epoch."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lab.core.keras_loading import load_keras, quiet_stderr
from lab.core.progress import Progress, Steps, drain
from lab.mlops.models.columns import scaled
from lab.mlops.models.kinds import Estimator, ModelKind, Number
from lab.mlops.models.recipe import Recipe

SMALLEST_BATCH, LARGEST_BATCH = 16, 256
BATCHES = 60  # at least so many steps in an epoch, where there are rows for them
PREDICT_ROWS = 4096  # bounds the memory of one pass


class DenseNetwork:
    """Two hidden layers on scaled columns; it answers in the unit of the target.

    Args:
        recipe: Which columns it takes.
        params: ``epochs``, ``units`` per layer and ``learning_rate``.
        seed: Fixes the first weights and the order of the batches.
    """

    def __init__(self, recipe: Recipe, params: Mapping[str, Number], seed: int) -> None:
        self.recipe, self.params, self.seed = recipe, params, seed

    def fit(self, x: pd.DataFrame, y: pd.Series) -> "DenseNetwork":
        """Learn from features (n, k) and target (n,)."""
        return drain(self.fit_steps(x, y))

    def fit_steps(self, x: pd.DataFrame, y: pd.Series) -> "Steps[DenseNetwork]":
        """The same, yielding the loss of each epoch: the squared error of the scaled target."""
        self.preprocess_ = scaled(self.recipe).fit(x)
        inputs = self.preprocess_.transform(x).astype("float32")  # (n, columns)
        centre, spread = float(y.mean()), float(y.std()) or 1.0
        goal = ((y.to_numpy() - centre) / spread).astype("float32")
        core, self.net_ = self._build(inputs.shape[1], centre, spread)
        epochs = int(self.params["epochs"])
        batch = min(LARGEST_BATCH, max(SMALLEST_BATCH, len(goal) // BATCHES))
        for epoch in range(1, epochs + 1):
            with quiet_stderr():
                history = core.fit(inputs, goal, batch_size=batch, epochs=1, verbose=0)
            loss = float(history.history["loss"][0])
            yield Progress(epoch, epochs, f"Epoch {epoch} of {epochs}", {"loss": loss})
        return self

    def predict(self, x: pd.DataFrame) -> np.ndarray:
        """Predict (n,) from features (n, k)."""
        inputs = self.preprocess_.transform(x).astype("float32")
        starts = range(0, len(inputs), PREDICT_ROWS)
        # Called directly: Keras' own predict costs 0.3 s however few the rows.
        parts = [np.asarray(self.net_(inputs[s : s + PREDICT_ROWS])) for s in starts]
        return np.concatenate(parts).reshape(-1).astype("float64")

    def _build(self, width: int, centre: float, spread: float) -> tuple[Any, Any]:
        """The network that learns, and the same one ending in the target's own unit."""
        keras = load_keras()
        import tensorflow as tf

        keras.utils.set_random_seed(self.seed)
        tf.config.experimental.enable_op_determinism()
        units = int(self.params["units"])
        start = keras.Input((width,), name="columns")
        hidden = keras.layers.Dense(units, activation="relu")(start)
        hidden = keras.layers.Dense(units // 2, activation="relu")(hidden)
        end = keras.layers.Dense(1)(hidden)
        core = keras.Model(start, end)
        core.compile(optimizer=keras.optimizers.Adam(self.params["learning_rate"]), loss="mse")
        whole = keras.Model(start, keras.layers.Rescaling(spread, offset=centre)(end))
        return core, whole


def build(recipe: Recipe, params: Mapping[str, Number], seed: int) -> Estimator:
    """An unfitted network."""
    return DenseNetwork(recipe, params, seed)


MODEL = ModelKind(
    name="dense_network",
    title="Dense network (Keras)",
    about="Two layers of neurons, learning epoch by epoch. Slower; watch its loss fall.",
    build=build,
    rank=4,
    defaults={"epochs": 8, "units": 64, "learning_rate": 0.002},
    flavor="keras",
    needs="tensorflow",
)
