import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from lab.aiops.detect import keras_dense
from lab.aiops.detect.autoencoder import Autoencoder, forward
from lab.core.errors import BadInput, Unavailable
from tests.needs import needs


def a_table(rows=400):
    index = pd.date_range("2026-03-02", periods=rows, freq="5min", tz="UTC")
    rng = np.random.default_rng(1)
    cpu = np.sin(np.arange(rows) / 20) + rng.normal(0, 0.05, rows)
    return pd.DataFrame({"cpu": cpu, "load": 2 * cpu + rng.normal(0, 0.05, rows)}, index=index)


def test_forward_equals_a_loop_over_units():
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=(3, 4)), rng.normal(size=4)), (rng.normal(size=(4, 2)), np.ones(2))]
    inputs = rng.normal(size=(5, 3))
    for row, got in zip(inputs, forward(inputs, layers), strict=True):
        values = list(row)
        for depth, (weights, biases) in enumerate(layers):
            sums = [
                sum(v * weights[i, j] for i, v in enumerate(values)) + biases[j]
                for j in range(len(biases))
            ]
            values = sums if depth == 1 else [max(0.0, total) for total in sums]
        np.testing.assert_allclose(got, values)


@needs("tensorflow")
def test_the_plain_arrays_give_what_keras_gives(monkeypatch):
    kept = {}
    build = keras_dense._network

    def spy(*args):
        kept["network"] = build(*args)
        return kept["network"]

    monkeypatch.setattr(keras_dense, "_network", spy)
    inputs = np.random.default_rng(0).normal(size=(200, 6))
    layers = keras_dense.train_dense(inputs, (5, 3, 5), epochs=2, seed=1)
    np.testing.assert_allclose(
        forward(inputs, layers), kept["network"](inputs.astype("float32")).numpy(), atol=1e-4
    )


@needs("tensorflow")
def test_a_broken_relation_scores_though_each_value_is_usual():
    fitted = Autoencoder(epochs=12, code=8).fit(a_table(1500))
    frame = a_table(1500)
    swapped = frame.copy()
    swapped.iloc[200:215, 1] = -frame.iloc[200:215, 1]
    assert fitted.score(swapped).score.iloc[200:215].max() > fitted.score(frame).score.max()


@needs("tensorflow")
def test_too_few_whole_rows_are_refused():
    table = a_table(80)
    table.iloc[:35, 0] = np.nan
    table.iloc[40:75, 1] = np.nan
    with pytest.raises(BadInput, match="Only 10 rows have every column"):
        Autoencoder().fit(table)


def test_without_tensorflow_it_says_so_before_any_work(monkeypatch):
    monkeypatch.setattr(keras_dense, "find_spec", lambda _: None)
    assert "TensorFlow is not installed" in keras_dense.available()
    with pytest.raises(Unavailable, match="TensorFlow is not installed"):
        Autoencoder().fit(a_table())


@needs("tensorflow")
def test_fitting_writes_nothing_to_stderr():
    code = (
        "import numpy as np\n"
        "from lab.aiops.detect.keras_dense import train_dense\n"
        "train_dense(np.random.default_rng(0).normal(size=(60, 4)), (3,), 1, 1)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout == ""
