"""Long work reports steps and returns its result, whoever drains it."""

import pytest

from lab.core.progress import Progress, drain, rescaled


@pytest.mark.parametrize(
    ("done", "total", "fraction"),
    [(0, 4, 0.0), (1, 4, 0.25), (9, 4, 1.0), (-1, 4, 0.0), (3, None, None), (3, 0, None)],
)
def test_fraction_stays_between_0_and_1_or_unknown(done, total, fraction):
    assert Progress(done, total, "working").fraction == fraction


def test_drain_shows_every_step_and_returns_the_result():
    def work():
        yield Progress(1, 2, "one")
        yield Progress(2, 2, "two", {"loss": 0.5})
        return "done"

    seen = []
    assert drain(work(), seen.append) == "done"
    assert [step.message for step in seen] == ["one", "two"]
    assert seen[1].metrics == {"loss": 0.5}
    assert drain(work()) == "done"


def test_errors_pass_through():
    def work():
        yield Progress(0, 1, "one")
        raise ValueError("broke")

    with pytest.raises(ValueError, match="broke"):
        drain(work())


def test_a_part_fits_into_the_whole():
    step = rescaled(Progress(5, 10, "half", {"x": 1.0}), 20, 40, 100)
    assert (step.done, step.total, step.message, step.metrics) == (30, 100, "half", {"x": 1.0})
    assert rescaled(Progress(5, None, "?"), 20, 40, 100).done == 20
