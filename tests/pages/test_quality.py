"""Check quality and Find data: contracts are edited and kept, terms come before a download."""

import pandas as pd

from lab.core.jobs import Jobs
from lab.flows.contracts import stored_text
from lab.ui.glossary import TERMS
from tests.pages.visit import press


def test_a_suggested_contract_is_edited_kept_and_checked(ws, opened):
    ws.store.write("goods", pd.DataFrame({"sku": ["a", "b"] * 20, "price": [1.0, -2.0] * 20}))
    at = opened("pages/data/quality.py")
    assert any("Not checked yet" in box.value for box in at.info)
    editor = at.text_area[0]
    assert "only: [a, b]" in editor.value
    assert TERMS["contract"] in editor.help
    editor.set_value(editor.value.replace("least: -3.5", "least: zero"))
    assert "zero" in editor.value
    press(at, "Keep and check")
    assert any("'zero' is no number" in box.value for box in at.error)
    assert stored_text(ws, "goods") == ""
    at.text_area[0].set_value(editor.value.replace("least: zero", "least: 0"))
    press(at, "Keep and check")
    assert "least: 0" in stored_text(ws, "goods")
    job = Jobs(ws).newest("lab.flows.quality:check_quality")
    assert Jobs(ws).wait(job.id, 400).state == "done"
    at.run()
    assert not at.exception
    figures = {metric.label: metric.value for metric in at.metric}
    assert figures["Bad rows"] == "20"
    promises = next(t.value for t in at.dataframe if "Promise" in t.value)
    assert promises["Verdict"].tolist()[0] == "✗ broken"
    bad = next(t.value for t in at.dataframe if "reason" in t.value)
    assert bad["line"].tolist()[:2] == [2, 4]
    assert '"price":-2.0' in bad["text"].tolist()[0]
    assert any("Kept: every load" in text.value for text in at.caption)


def test_without_a_table_the_page_says_where_to_get_one(opened):
    at = opened("pages/data/quality.py")
    assert "Load data" in [link.proto.label for link in at.main.get("page_link")]


def test_terms_come_before_a_download(opened):
    at = opened("pages/data/catalogue.py")
    at.selectbox(key="catalogue.name").select("nab_machine_temperature").run()
    shown = " ".join(text.value for text in at.markdown)
    assert "Licence** MIT" in shown
    assert "Neurocomputing" in shown
    button = next(one for one in at.button if one.label == "Download and load")
    assert button.disabled
    at.checkbox(key="catalogue.accept.nab_machine_temperature").check().run()
    assert not next(one for one in at.button if one.label == "Download and load").disabled
    assert not at.exception
