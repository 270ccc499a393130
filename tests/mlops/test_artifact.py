import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestRegressor,
)
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from lab.core.errors import BadInput, NotFound
from lab.mlops.models.artifact import (
    Manifest,
    ModelInput,
    copy_model,
    fingerprint,
    inputs_of,
    load_model,
    read_manifest,
    save_model,
    stamp,
    verify_model,
)
from tests.needs import needs

MADE = datetime(2026, 3, 31, tzinfo=UTC)


def sales(rows: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "price": rng.uniform(1, 5, rows),
            "day": rng.integers(0, 7, rows),
            "promotion": rng.random(rows) > 0.5,
            "store": rng.choice(["north", "south", "01"], rows),
        }
    )


def transformer():
    return make_column_transformer(
        (StandardScaler(), ["price", "day"]),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["store"]),
        ("passthrough", ["promotion"]),
    )


def units(frame: pd.DataFrame) -> np.ndarray:
    return (20 - 3 * frame["price"] + 4 * frame["promotion"]).to_numpy()


def saved(folder: Path, model=None) -> Manifest:
    frame = sales()
    model = make_pipeline(
        transformer(), HistGradientBoostingRegressor(max_iter=5) if model is None else model
    )
    model.fit(frame, units(frame))
    return save_model(
        model, folder, inputs=inputs_of(frame), target="units", flavor="sklearn",
        name="sales", created_at=MADE, run_id="r1",
    )  # fmt: skip


@pytest.mark.parametrize(
    "model",
    [
        Ridge(),
        HistGradientBoostingRegressor(max_iter=5, loss="poisson"),
        RandomForestRegressor(5, random_state=0),
        GradientBoostingRegressor(n_estimators=5),
        KNeighborsRegressor(),
        IsolationForest(n_estimators=5, random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
def test_what_was_saved_predicts_the_same(tmp_path, model):
    saved(tmp_path / "m", model)
    frame = sales(30)
    fitted = make_pipeline(transformer(), model).fit(sales(), units(sales()))
    np.testing.assert_allclose(load_model(tmp_path / "m").predict(frame), fitted.predict(frame))


@needs("tensorflow")
def test_keras_network_with_its_preprocessing(tmp_path):
    import keras

    frame = sales()
    preprocess = transformer().fit(frame)
    matrix = preprocess.transform(frame).astype("float32")
    net = keras.Sequential([keras.Input((matrix.shape[1],)), keras.layers.Dense(1)])
    save_model(
        net, tmp_path / "m", inputs=inputs_of(frame), target="units", flavor="keras",
        name="net", created_at=MADE, preprocess=preprocess,
    )  # fmt: skip
    given = load_model(tmp_path / "m").predict(frame[["store", "day", "promotion", "price"]])
    assert given.shape == (len(frame),)
    np.testing.assert_allclose(given, net.predict(matrix, verbose=0).reshape(-1), rtol=1e-5)


@needs("tensorflow")
def test_lambda_layer_is_refused(tmp_path):
    import keras

    frame = sales()[["price", "day"]]
    preprocess = StandardScaler().fit(frame)
    net = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x[:, :1])])
    save_model(
        net, tmp_path / "m", inputs=inputs_of(frame), target="units", flavor="keras",
        name="net", created_at=MADE, preprocess=preprocess,
    )  # fmt: skip
    with pytest.raises(BadInput, match="refused"):
        load_model(tmp_path / "m")


def test_manifest_survives_the_disk_and_takes_a_version(tmp_path):
    written = saved(tmp_path / "m")
    assert read_manifest(tmp_path / "m") == written
    before = fingerprint(tmp_path / "m")
    assert stamp(tmp_path / "m", "3", name="registered").version == "3"
    assert read_manifest(tmp_path / "m").name == "registered"
    assert read_manifest(tmp_path / "m").run_id == "r1"
    assert fingerprint(tmp_path / "m") != before
    with pytest.raises(BadInput, match="registered"):
        load_model(tmp_path / "m", expected=before)
    load_model(tmp_path / "m", expected=fingerprint(tmp_path / "m"))


def test_folder_in_use_is_left_alone(tmp_path):
    saved(tmp_path / "m")
    before = fingerprint(tmp_path / "m")
    with pytest.raises(BadInput, match="not empty"):
        saved(tmp_path / "m")
    assert fingerprint(tmp_path / "m") == before


def test_model_with_a_function_is_not_saved_and_leaves_nothing(tmp_path):
    with pytest.raises(BadInput, match="not loaded again"):
        saved(tmp_path / "m", make_pipeline(FunctionTransformer(_doubled), Ridge()))
    assert list(tmp_path.iterdir()) == []


def _doubled(matrix):
    return 2 * matrix


@pytest.mark.parametrize("file", ["model.skops"])
@pytest.mark.parametrize("place", [0, 0.5, 0.999])
def test_a_flipped_byte_is_refused(tmp_path, file, place):
    saved(tmp_path / "m")
    path = tmp_path / "m" / file
    data = bytearray(path.read_bytes())
    data[int(len(data) * place)] ^= 1
    path.write_bytes(data)
    for call in (load_model, verify_model):
        with pytest.raises(BadInput, match=r"model\.skops is not the file"):
            call(tmp_path / "m")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda m: (m / "model.skops").unlink(), "missing"),
        (lambda m: (m / "extra.py").write_text("x"), "not part of a model"),
        (lambda m: (m / "code").mkdir(), "not part of a model"),
        (lambda m: (m / "manifest.json").write_text("{"), "manifest"),
        (lambda m: (m / "manifest.json").write_text("[]"), "manifest"),
        (lambda m: _edit(m, format=2), "format"),
        (lambda m: _edit(m, flavor="pickle"), "flavor"),
        (lambda m: _edit(m, trusted=["posix.system"]), "manifest"),
        (lambda m: _edit(m, files={"../x": "0"}), "model.skops"),
        (lambda m: _edit(m, inputs=[{"name": "x", "type": "tensor"}]), "tensor"),
        (lambda m: (m / "MLmodel").write_text("flavors: {python_function: {code: code}}"), "code"),
        (lambda m: (m / "MLmodel").write_text("model_code_path: run.py"), "code"),
        (lambda m: (m / "MLmodel").write_text("loader_module: evil_loader"), "evil_loader"),
        (lambda m: (m / "MLmodel").write_text("a: [b"), "MLmodel"),
    ],
)
def test_a_folder_that_is_not_as_saved_is_refused(tmp_path, change, reason):
    saved(tmp_path / "m")
    change(tmp_path / "m")
    with pytest.raises(BadInput, match=reason):
        load_model(tmp_path / "m")


def _edit(folder: Path, **fields) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def test_a_link_is_refused(tmp_path):
    saved(tmp_path / "m")
    (tmp_path / "m" / "model.skops").rename(tmp_path / "real.skops")
    (tmp_path / "m" / "model.skops").symlink_to(tmp_path / "real.skops")
    with pytest.raises(BadInput, match="plain file"):
        load_model(tmp_path / "m")


def test_untrusted_types_stay_untrusted_whatever_stands_beside(tmp_path):
    """A model file that would run a program, with correct hashes and a list that trusts it."""
    import hashlib

    import skops.io

    saved(tmp_path / "m")
    marker = tmp_path / "marker"
    data = skops.io.dumps(FunctionTransformer(_doubled, kw_args={"path": str(marker)}))
    (tmp_path / "m" / "model.skops").write_bytes(data)
    _edit(tmp_path / "m", files={"model.skops": hashlib.sha256(data).hexdigest()})
    (tmp_path / "m" / "MLmodel").write_text(
        "flavors: {sklearn: {skops_trusted_types: [test_artifact._doubled, posix.system]}}"
    )
    with pytest.raises(BadInput, match="untrusted types"):
        load_model(tmp_path / "m")
    assert not marker.exists()


def test_mlflows_own_neighbours_are_tolerated(tmp_path):
    saved(tmp_path / "m")
    (tmp_path / "m" / "requirements.txt").write_text("scikit-learn\n")
    (tmp_path / "m" / "MLmodel").write_text(
        "flavors: {python_function: {loader_module: mlflow.sklearn}, sklearn: {code: null}}"
    )
    load_model(tmp_path / "m")


def test_no_model_there(tmp_path):
    for call in (load_model, fingerprint, read_manifest):
        with pytest.raises(NotFound, match="no model"):
            call(tmp_path)


def test_a_loader_brought_along_never_runs(tmp_path):
    """What MLflow itself would obey: a loader module with its code beside the model."""
    saved(tmp_path / "m")
    marker = tmp_path / "marker"
    (tmp_path / "m" / "code").mkdir()
    (tmp_path / "m" / "code" / "evil_loader.py").write_text(f"open({str(marker)!r}, 'w')")
    (tmp_path / "m" / "MLmodel").write_text(
        "flavors: {python_function: {loader_module: evil_loader, code: code}}"
    )
    with pytest.raises(BadInput, match="refused"):
        load_model(tmp_path / "m")
    with pytest.raises(BadInput, match="refused"):
        copy_model(tmp_path / "m", tmp_path / "copy")
    (tmp_path / "m" / "code" / "evil_loader.py").unlink()
    (tmp_path / "m" / "code").rmdir()
    with pytest.raises(BadInput, match=r"brings code|evil_loader"):
        load_model(tmp_path / "m")
    assert not marker.exists()


def test_a_copy_takes_along_only_what_is_listed(tmp_path):
    manifest = saved(tmp_path / "m")
    (tmp_path / "m" / "requirements.txt").write_text("x")
    assert copy_model(tmp_path / "m", tmp_path / "copy") == manifest
    assert {p.name for p in (tmp_path / "copy").iterdir()} == {"manifest.json", "model.skops"}
    assert fingerprint(tmp_path / "copy") == fingerprint(tmp_path / "m")


def test_unknown_type_is_refused():
    with pytest.raises(BadInput, match="tensor"):
        ModelInput("x", "tensor")
