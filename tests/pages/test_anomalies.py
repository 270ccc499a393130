"""Find anomalies: the empty state, a finished run, and what the form starts."""

from lab.core.jobs import Jobs
from lab.core.progress import drain
from lab.flows.detect import detect
from tests.flows.metrics import load_hosts

PAGE = "pages/operate/anomalies.py"


def test_without_metrics_it_names_the_page_that_loads_them(opened):
    at = opened(PAGE)
    assert any("no metrics in this workspace" in text.value for text in at.markdown)
    assert "Load metrics" in [link.proto.label for link in at.get("page_link")]


def test_a_run_is_shown_with_its_verdict_chart_and_events(ws, opened):
    load_hosts(ws, seed=7, days=4, hosts=2)
    found = drain(detect(ws, "hosts"))
    at = opened(PAGE)
    assert not at.error
    assert at.title[0].value == "Find anomalies"
    assert f"{found.events} event" in at.subheader[0].value
    comparison, *_, events, incidents = [table.value for table in at.dataframe]
    assert comparison["events"].tolist() == [found.events, found.baseline_events]
    assert len(events) == found.events
    assert incidents["found"].any()
    assert len(at.get("plotly_chart")) == 2
    at.selectbox(key="anomalies.host").select("host-02").run()
    assert not at.exception
    assert any("on host-02" in text.value for text in at.caption)


def test_the_form_starts_one_job_with_what_was_chosen(ws, opened):
    load_hosts(ws, seed=7, days=4, hosts=1)
    at = opened(PAGE)
    assert any("Choose a detector" in info.value for info in at.info)
    assert "Static threshold (baseline)" in at.selectbox[1].options
    at.selectbox[1].select("static_threshold")
    at.multiselect[0].select("node_load1")
    at.number_input[0].set_value(1.5)
    at.button[0].click().run()
    job = Jobs(ws).newest("lab.flows.detect:detect")
    done = Jobs(ws).wait(job.id, 400)
    assert done.state == "done", done.message
    assert dict(done.arguments) == {
        "dataset": "hosts",
        "detector": "static_threshold",
        "metrics": ["node_load1"],
        "train_until": "2026-03-04 00:00Z",
        "threshold": 1.5,
    }
    assert done.result["series"] == 1
    at.run()
    assert "Static threshold (baseline)" in at.selectbox[2].options[0]


def test_the_code_beside_the_form_does_what_the_form_does(ws, opened):
    load_hosts(ws, seed=7, days=4, hosts=1)
    code = opened(PAGE).code[0].value.replace("lab.open_workspace()", "WS")
    names = {"WS": ws}
    exec(compile(code, "same-in-code", "exec"), names)
    assert names["found"].dataset == "hosts"
