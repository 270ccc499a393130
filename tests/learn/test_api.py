"""The verbs of the command line and the notebook, on a real exercise."""

from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.learn import api

FIRST = "light_up_the_shop"


def test_the_verbs_lead_through_an_exercise(ws: Workspace) -> None:
    assert next(line for line in api.exercises(ws) if line.exercise == FIRST).state == "not started"
    started = drain(api.start(ws, FIRST))
    assert started.nonce in api.steps(ws, FIRST)[0]
    assert not drain(api.check(ws, FIRST)).passed
    assert api.hint(ws, FIRST).number == 1
    assert drain(api.solve(ws, FIRST)).passed
    assert "gap" in drain(api.break_it(ws, FIRST))
    assert next(line for line in api.exercises(ws) if line.exercise == FIRST).state == "assisted"
    assert api.reset(ws, FIRST)
    assert api.undo(ws, FIRST)
