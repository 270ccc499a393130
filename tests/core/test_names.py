"""What a person types never chooses a place on disk."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lab.core.errors import BadInput
from lab.core.names import checked_name, checked_table, inside

HOSTILE = [
    "", ".", "..", "../../etc/passwd", "/etc/passwd", "a/../../b", "-rf", " lead", "a\nb", "a\x00b",
    "<script>", "a/b", "a\\b", "C:\\x", "~root", "a" * 65, "..a", "a..b", "%2e%2e", "naïve",
    "a\n", "$(id)", "`id`", "a;b", "\ud800",
]  # fmt: skip
ROOT = Path("/tmp/lab-names-root")
texts = st.text(st.characters(), max_size=80) | st.sampled_from(HOSTILE)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_refused(name):
    with pytest.raises(BadInput, match="cannot be used"):
        checked_name(name)
    with pytest.raises(BadInput, match="cannot be used"):
        checked_table(name)


@pytest.mark.parametrize("name", ["a", "Sales model 2", "v1.0_final-x", "9lives", "A" * 64])
def test_a_plain_name_is_kept(name):
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["a", "_x", "my_sales", "T1", "a" * 63])
def test_a_plain_table_is_kept(name):
    assert checked_table(name) == name


@pytest.mark.parametrize("name", ["1a", "my sales", "a-b", 'a"b', "a" * 64])
def test_a_table_that_needs_quoting_is_refused(name):
    with pytest.raises(BadInput, match="such as my_sales"):
        checked_table(name)


def test_the_message_says_what_it_names():
    with pytest.raises(BadInput, match=r"^Model name '' cannot be used"):
        checked_name("", "model name")


@given(texts)
def test_an_accepted_name_stays_directly_inside(name):
    try:
        accepted = checked_name(name)
    except BadInput:
        return
    assert inside(ROOT, accepted).parent == ROOT.resolve()


@given(st.lists(texts, max_size=4))
@example(["/etc/passwd"])
@example(["a", "..", "..", "b"])
@example(["\ud800"])
@example(["x" * 5000])
def test_a_path_is_inside_or_refused(parts):
    try:
        path = inside(ROOT, *parts)
    except BadInput:
        return
    assert path.is_relative_to(ROOT.resolve())


def test_a_link_that_leads_out_is_refused(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "out").symlink_to(tmp_path)
    (root / "in").symlink_to(root)
    assert inside(root, "in", "x") == root / "x"
    with pytest.raises(BadInput, match="leaves the workspace"):
        inside(root, "out", "x")
