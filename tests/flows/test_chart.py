"""The picture of a result; the notebooks draw one of each kind."""

import pytest

from lab.core.errors import BadInput, NotFound
from lab.core.workspace import Workspace
from lab.flows.chart import chart
from lab.flows.drift_reports import DriftSummary


def test_what_has_no_picture_is_refused(ws: Workspace) -> None:
    with pytest.raises(BadInput, match="no picture of a dict"):
        chart(ws, {"run_id": "x"})


def test_a_result_of_another_workspace_is_not_found(ws: Workspace) -> None:
    elsewhere = DriftSummary("drift-x", "", "sales", (), (), 0, 0, 0, (), (), (), (), (), 0, "", "")
    with pytest.raises(NotFound, match="no drift report drift-x"):
        chart(ws, elsewhere)
