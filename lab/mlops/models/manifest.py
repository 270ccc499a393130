"""The manifest of a saved model: what it is, what it takes, and the hash of each of its files."""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from lab.core.errors import BadInput, NotFound
from lab.mlops.models.model_input import ModelInput

Flavor = Literal["sklearn", "keras"]
FORMAT = 1
MANIFEST_FILE = "manifest.json"
SKOPS_FILE = "model.skops"
KERAS_FILE = "model.keras"
PREPROCESS_FILE = "preprocess.skops"
FILES: Mapping[str, frozenset[str]] = {
    "sklearn": frozenset({SKOPS_FILE}),
    "keras": frozenset({KERAS_FILE, PREPROCESS_FILE}),
}
# What MLflow writes beside a model. Tolerated, never read, except MLmodel, which is inspected
# because MLflow itself would obey it.
COMPANIONS = frozenset({
    "MLmodel", "conda.yaml", "python_env.yaml", "requirements.txt", "input_example.json",
    "serving_input_example.json", "registered_model_meta",
})  # fmt: skip
LOADERS = frozenset({"mlflow.sklearn", "mlflow.tensorflow", "mlflow.keras"})
CODE_KEYS = frozenset({"code", "code_path", "code_paths", "model_code_path"})


@dataclass(frozen=True)
class Manifest:
    """What a saved model is.

    Args:
        flavor: ``sklearn`` or ``keras``.
        name: Name of the model.
        version: Registered version, or ``None`` before it is registered.
        run_id: Tracking run that made it, or ``None``.
        target: Name of what it predicts.
        inputs: Columns it takes, in the order it was trained with.
        files: SHA-256 by file name.
        lab_version: Version of the lab that wrote it.
        created_at: When it was trained, ISO 8601 with offset.
    """

    flavor: Flavor
    name: str
    version: str | None
    run_id: str | None
    target: str
    inputs: tuple[ModelInput, ...]
    files: Mapping[str, str]
    lab_version: str
    created_at: str


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write the manifest into a model folder."""
    content = {"format": FORMAT, **asdict(manifest)}
    text = json.dumps(content, indent=2, sort_keys=True, allow_nan=False)
    (folder / MANIFEST_FILE).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path | str) -> Manifest:
    """Read and check the manifest of a model folder, touching no other file.

    Args:
        folder: The model folder.

    Returns:
        The manifest.

    Raises:
        NotFound: There is none.
        BadInput: It is not one of ours.
    """
    path = Path(folder) / MANIFEST_FILE
    if not path.is_file():
        raise NotFound(f"There is no model in {folder}.", "Train and register a model first.")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return _parsed(content)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise refused(folder, f"its manifest cannot be read ({error})") from error


def check_folder(folder: Path, manifest: Manifest) -> None:
    """Refuse a folder that holds anything but the model's own files.

    Args:
        folder: The model folder.
        manifest: Its manifest.

    Raises:
        BadInput: A file is missing, unknown, a link or a folder, or an MLmodel beside the model
            would run code.
    """
    expected = FILES[manifest.flavor]
    if set(manifest.files) != expected:
        raise refused(folder, f"a {manifest.flavor} model has {', '.join(sorted(expected))}")
    found = {path.name: path for path in folder.iterdir()}
    for name, path in sorted(found.items()):
        if name not in expected | COMPANIONS | {MANIFEST_FILE}:
            raise refused(folder, f"{name} is not part of a model")
        if path.is_symlink() or not path.is_file():
            raise refused(folder, f"{name} is not a plain file")
    missing = sorted(expected - set(found))
    if missing:
        raise refused(folder, f"{missing[0]} is missing")
    if "MLmodel" in found:
        _check_mlmodel(found["MLmodel"], folder)


def stamp(
    folder: Path | str, version: str, run_id: str | None = None, *, name: str | None = None
) -> Manifest:
    """Write what the registry calls a saved model into its manifest.

    Args:
        folder: The model folder.
        version: Version the registry gave it.
        run_id: Tracking run, when it is not in the manifest yet.
        name: Name it is registered under, when that is not the one it was saved with.

    Returns:
        The new manifest; the ``fingerprint`` changes with it.

    Raises:
        NotFound: There is no model there.
    """
    manifest = read_manifest(folder)
    stamped = replace(
        manifest,
        version=version,
        run_id=run_id or manifest.run_id,
        name=name or manifest.name,
    )
    write_manifest(stamped, Path(folder))
    return stamped


def copy_model(folder: Path | str, to: Path) -> Manifest:
    """Copy a model folder, taking along only what its manifest lists.

    Args:
        folder: The model folder.
        to: The new folder; must not exist.

    Returns:
        The manifest.

    Raises:
        NotFound: There is no model there.
        BadInput: The folder holds what does not belong to a model.
    """
    manifest = read_manifest(folder)
    check_folder(Path(folder), manifest)
    to.mkdir(parents=True)
    for name in (MANIFEST_FILE, *manifest.files):
        shutil.copyfile(Path(folder) / name, to / name)
    return manifest


def lab_version() -> str:
    """The version of the lab that runs."""
    import lab

    return str(getattr(lab, "__version__", "unknown"))


def _parsed(content: Mapping[str, Any]) -> Manifest:
    fields = {**content}
    if fields.pop("format") != FORMAT:
        raise ValueError(f"unknown format {content['format']!r}")
    if fields["flavor"] not in get_args(Flavor):
        raise ValueError(f"unknown flavor {fields['flavor']!r}")
    fields["inputs"] = tuple(ModelInput(**given) for given in fields["inputs"])
    files = fields["files"] = dict(fields["files"])
    if not all(isinstance(value, str) for value in (*files, *files.values())):
        raise ValueError("files must map names to hashes")
    return Manifest(**fields)


def _check_mlmodel(path: Path, folder: Path) -> None:
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise refused(folder, "its MLmodel cannot be read") from error
    for key, value in _entries(content):
        if key in CODE_KEYS and value is not None:
            raise refused(folder, f"its MLmodel brings code of its own ({key})")
        if key == "loader_module" and value not in LOADERS:
            raise refused(folder, f"its MLmodel names the loader {value!r}")


def _entries(content: object) -> Iterator[tuple[object, object]]:
    if isinstance(content, dict):
        for key, value in content.items():
            yield key, value
            yield from _entries(value)
    elif isinstance(content, list):
        for value in content:
            yield from _entries(value)


def refused(folder: Path | str, reason: str) -> BadInput:
    """The error for a model folder that may not be loaded."""
    return BadInput(f"The model in {folder} is refused: {reason}.", "Register the model again.")
