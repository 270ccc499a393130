"""A hostile column name, value or table never reaches the app, nor the network."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.core.errors import BadInput
from lab.mlops.drift.safe_html import POLICY, frame, guarded, safe_names, safe_text
from tests.mlops.drift.hostile import PAYLOADS, hostile_report


@given(st.text())
def test_safe_text_holds_no_markup(text):
    assert not set(safe_text(text)) & set("<>&\"'`\\\n\r\x00\u2028\u2029")


@given(st.lists(st.text(), unique=True))
def test_safe_names_stay_apart(names):
    safe = safe_names(names)
    assert list(safe) == names
    assert len(set(safe.values())) == len(names)
    assert all(safe.values())


def test_ordinary_names_stay_as_they_are():
    names = ["units", "temperature_c", "node_load1", "Größe (m²)", "価格"]
    assert safe_names(names) == {name: name for name in names}


def test_a_hostile_report_keeps_names_in_the_verdicts_and_out_of_the_page():
    report = hostile_report()
    assert {verdict.column for verdict in report.verdicts} == {*PAYLOADS, "category", "plain"}
    assert "owned" in report.html  # the words are there ...
    for payload in PAYLOADS:
        assert payload not in report.html  # ... the markup is not
    assert "title='owned'" not in report.html


def test_the_policy_is_the_first_thing_in_the_head():
    page = guarded("<!doctype html><html><HEAD lang='x'><script>1</script></head>")
    assert page.index("<HEAD lang='x'>") + len("<HEAD lang='x'>") == page.index("<meta")
    assert page.index(POLICY) < page.index("<script>")
    with pytest.raises(BadInput, match="no <head>"):
        guarded("<p>no head</p>")


def test_the_frame_is_sandboxed_and_escaped():
    shown = frame('<b title="x">&amp;</b>', height=500)
    assert 'sandbox="allow-scripts allow-downloads"' in shown
    assert "allow-same-origin" not in shown
    assert "height:500px" in shown
    assert 'srcdoc="&lt;b title=&quot;x&quot;&gt;&amp;amp;&lt;/b&gt;"' in shown
