import pytest

from lab.core.errors import NotFound
from lab.mlops.tracking import client, registry, track


def version(ws, name, mae):
    with track(ws, "sales", "run") as run:
        run.log_metrics({"mae": mae})
        model = client(ws).create_logged_model(run.experiment_id, "model", run.run_id)
        client(ws).finalize_logged_model(model.model_id, "READY")
    return registry.create_version(
        ws, name, run_id=run.run_id, model_id=model.model_id, tags={"mae": str(mae)}
    )


def test_versions_come_newest_first_with_their_aliases(tracked):
    assert [version(tracked, "shop's", mae) for mae in (3, 2)] == ["1", "2"]
    registry.point(tracked, "shop's", "champion", "1")
    registry.point(tracked, "shop's", "challenger", "2")
    found = registry.versions(tracked, "shop's")
    assert [(v.version, v.aliases, v.tags["mae"]) for v in found] == [
        ("2", ("challenger",), "2"),
        ("1", ("champion",), "3"),
    ]
    assert registry.version(tracked, "shop's", "1").aliases == ("champion",)
    assert registry.names(tracked) == ["shop's"]


def test_an_alias_moves_and_points_at_one_version(tracked):
    for mae in (3, 2):
        version(tracked, "shop", mae)
    for number in ("1", "2"):
        registry.point(tracked, "shop", "champion", number)
        assert registry.aliases(tracked, "shop") == {"champion": number}


def test_a_name_nobody_registered_has_nothing(tracked, ws):
    assert registry.versions(tracked, "nobody") == []
    assert registry.aliases(tracked, "nobody") == {}
    with pytest.raises(NotFound, match="nobody has no version 1"):
        registry.version(tracked, "nobody", "1")


def test_nothing_is_made_by_looking(ws):
    assert registry.names(ws) == []
    assert registry.versions(ws, "shop") == []
    assert registry.aliases(ws, "shop") == {}
    assert not ws.mlflow_database.exists()
