import pytest

from tests.mlops.tracking.served import running_server
from tests.tracking_file import tracked


@pytest.fixture(name="tracked")
def a_tracked_workspace(ws):
    """A workspace whose file of runs is there and empty."""
    return tracked(ws)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("server")) as address:
        yield address
