"""Settings: who wins, where a value came from, and what is refused."""

from pathlib import Path

import pytest

from lab.core.config import PROJECT, Settings, load_settings
from lab.core.errors import BadInput


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "lab.toml"
    path.write_text('owner = "filed"\nmax_upload_mb = 7\nworkspace = "/tmp/filed"\n')
    return path


def test_environment_wins_over_file_wins_over_default(file):
    settings = load_settings({"LAB_OWNER": "environed", "PATH": "/bin"}, file)
    assert (settings.owner, settings.origin("owner")) == ("environed", "environment")
    assert (settings.max_upload_mb, settings.origin("max_upload_mb")) == (7, str(file))
    assert (settings.timezone, settings.origin("timezone")) == ("UTC", "default")
    assert settings.workspace == Path("/tmp/filed")


def test_lab_config_names_the_file_and_is_no_setting(file):
    assert load_settings({"LAB_CONFIG": str(file), "LAB_REQUIRE": "docker"}).owner == "filed"


def test_defaults_stand_without_file_and_environment(tmp_path):
    assert load_settings({}, tmp_path / "none.toml") == Settings()
    assert Settings().workspace == PROJECT / "workspace"


def test_values_get_the_type_of_their_default():
    settings = load_settings(
        {"LAB_MAX_UPLOAD_MB": "12", "LAB_STORE_WAIT_SECONDS": "1.5", "LAB_WORKSPACE": "~/w"},
        Path("/nonexistent"),
    )
    assert (settings.max_upload_mb, settings.store_wait_seconds) == (12, 1.5)
    assert settings.workspace == Path.home() / "w"


def test_a_relative_workspace_becomes_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_settings({"LAB_WORKSPACE": "w"}, Path("/nonexistent")).workspace == tmp_path / "w"


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"LAB_OWNR": "x"}, "Unknown setting 'ownr' in environment. Did you mean owner?"),
        ({"LAB_QQQQ": "x"}, "Unknown setting 'qqqq' in environment. Known: catalogue_mirror,"),
        ({"LAB_MAX_UPLOAD_MB": "many"}, "'max_upload_mb' in environment must be int; it is 'many'"),
        ({"LAB_MAX_UPLOAD_MB": ""}, "'max_upload_mb' in environment must be int; it is ''"),
        ({"LAB_MAX_UPLOAD_MB": "-3"}, "'max_upload_mb' in environment must be above 0; it is -3"),
        ({"LAB_STORE_WAIT_SECONDS": "0"}, "must be above 0; it is 0.0"),
        ({"LAB_STORE_WAIT_SECONDS": "nan"}, "must be above 0; it is nan"),
        ({"LAB_STORE_WAIT_SECONDS": "inf"}, "must be above 0; it is inf"),
        ({"LAB_WORKSPACE": ""}, "'workspace' in environment must be Path; it is ''"),
    ],
)
def test_a_wrong_variable_is_refused_by_name_and_origin(environ, words):
    with pytest.raises(BadInput) as refused:
        load_settings(environ, Path("/nonexistent"))
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ownr = 'x'", "Did you mean owner?"),
        ("[lab]\nowner = 'x'", "Unknown setting 'lab'"),
        ("max_upload_mb = 2.7", "must be int; it is 2.7"),
        ("max_upload_mb = true", "must be int; it is True"),
        ("owner = ['a']", "must be str; it is ['a']"),
        ("workspace = 5", "must be Path; it is 5"),
        ("owner = ", "is not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_by_name_and_origin(tmp_path, text, words):
    file = tmp_path / "lab.toml"
    file.write_text(text)
    with pytest.raises(BadInput) as refused:
        load_settings({}, file)
    assert words in str(refused.value)
    assert str(file) in str(refused.value)


def test_a_file_in_another_encoding_is_refused_in_words(tmp_path):
    file = tmp_path / "lab.toml"
    file.write_bytes(b'owner = "\xff"')
    with pytest.raises(BadInput, match="not valid TOML"):
        load_settings({}, file)


def test_the_table_has_a_row_per_setting_with_its_origin():
    settings = load_settings({"LAB_OWNER": "ann"}, Path("/nonexistent"))
    rows = {row["setting"]: row for row in settings.table()}
    assert "origins" not in rows
    assert all(row["about"] for row in rows.values())
    assert rows["owner"]["origin"] == "environment"
    assert (rows["owner"]["value"], rows["owner"]["variable"]) == ("ann", "LAB_OWNER")
    assert rows["max_upload_mb"]["origin"] == "default"


def test_settings_cannot_be_changed():
    with pytest.raises(AttributeError):
        Settings().owner = "other"
