"""What a person does on a page: open it, press a button, wait for the job it started."""

from streamlit.testing.v1 import AppTest

from lab.core.jobs import Job, Jobs
from lab.core.workspace import Workspace
from lab.ui.launch import APP


def visit(path: str) -> AppTest:
    """A page of the app, run once; an exception fails the test."""
    at = AppTest.from_file(str(APP), default_timeout=300).run()
    at.switch_page(path).run()
    assert not at.exception
    return at


def press(at: AppTest, label: str) -> None:
    """Press the first button of that name; an exception fails the test."""
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception


def finished(ws: Workspace, at: AppTest, target: str) -> Job:
    """The newest job of a flow once it has ended, and the page looked at again."""
    job = Jobs(ws).wait(Jobs(ws).newest(target).id, 400)
    at.run()
    assert not at.exception
    return job
