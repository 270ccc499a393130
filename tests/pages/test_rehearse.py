"""Rehearse faults: the empty state, trying faults on, and a finished rehearsal."""

from lab.core.jobs import Jobs
from lab.flows.rehearsed import sentence
from lab.ui.glossary import TERMS
from tests.flows.metrics import load_hosts

PAGE = "pages/operate/rehearse.py"
TARGET = "lab.flows.rehearse:rehearse"


def test_without_metrics_it_names_the_page_that_loads_them(opened):
    at = opened(PAGE)
    assert any("no metrics in this workspace" in text.value for text in at.markdown)
    assert "Load metrics" in [link.proto.label for link in at.get("page_link")]
    assert "lab.drain(rehearse(ws, 'host_metrics'))" in at.code[0].value


def test_faults_are_tried_on_then_rehearsed_and_judged(ws, opened):
    load_hosts(ws, dataset="mine", labels=False, seed=7, days=3, hosts=1, incidents=False)
    at = opened(PAGE)
    assert any("On your own series" in text.value for text in at.subheader)
    assert any("Memory leaks (node_memory" in text.value for text in at.caption)
    at.multiselect[0].set_value(["cpu_hog", "stuck"])
    at.multiselect[2].set_value([1.0])
    at.button[0].click().run()
    done = Jobs(ws).wait(Jobs(ws).newest(TARGET).id, 400)
    assert done.state == "done", done.message
    assert done.arguments["faults"] == ["cpu_hog", "stuck"]
    assert done.arguments["severity"] == [1.0]
    at.run()
    assert not at.exception
    assert at.subheader[0].value == sentence(done.result)
    assert [fact.label for fact in at.metric] == ["Recall", "Median delay", "False pages a day"]
    assert [fact.help for fact in at.metric] == [
        TERMS[term] for term in ("recall", "delay", "false page")
    ]
    assert len(at.get("plotly_chart")) == 3
    table = at.dataframe[0].value
    assert sorted(table["title"]) == ["A process hogs the CPU", "A stuck value"]
    assert table["caught"].sum() == done.result["caught"]
    the_code_beside_the_form_does_the_same(ws, at, done.result)


def the_code_beside_the_form_does_the_same(ws, at, result):
    code, names = at.code[0].value.replace("lab.open_workspace()", "WS"), {"WS": ws}
    exec(compile(code, "same-in-code", "exec"), names)
    for part in ("original", "faults", "caught", "false_pages_per_day"):
        assert getattr(names["done"], part) == result[part]
