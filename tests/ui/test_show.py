"""What results are made of: one way to write numbers, and terms explained where they stand."""

from streamlit.testing.v1 import AppTest

from lab.ui.glossary import TERMS


def test_headings_that_are_terms_are_explained_and_thousands_are_parted():
    def page() -> None:
        import pandas as pd

        from lab import ui

        rows = pd.DataFrame({"kept": [12345.0, None], "share": [0.125, 2], "bad": [1, 2], "x": 1})
        ui.facts({"Series": "3", "Rows": "4"}, {"Rows": "Of the file."})
        config = {"kept": "Kept", "bad": "Rejected", "share": {"label": "Delay (s)"}, "x": None}
        ui.table(rows, key="rows", config=config, counts=["kept", "bad"])

    at = AppTest.from_function(page, default_timeout=300).run()
    assert not at.exception
    assert [fact.help for fact in at.metric] == [TERMS["series"], "Of the file."]
    shown = at.dataframe[0].proto
    for text in (TERMS["reject"], TERMS["delay"]):
        assert text in shown.columns.encode().decode("unicode_escape")
    written = shown.arrow_data.styler.display_values
    assert "12\u202f345".encode() in written
    assert "–".encode() in written
    assert b"0.125000" not in written


def test_mistakes_stand_whole_in_one_list_and_are_no_markup():
    def page() -> None:
        from lab import ui
        from lab.core.yaml_models import Problem

        assert not ui.refused([])
        wrong = [Problem(n, f"pattern: '^*a_b{n}$' is :red[wrong]") for n in range(1, 11)]
        assert ui.refused(wrong)

    at = AppTest.from_function(page, default_timeout=300).run()
    assert not at.exception
    lines = at.error[0].value.split("\n")
    assert lines[0] == "**Not kept.**"
    assert lines[1] == r"- Line 1: pattern: '^\*a\_b1\$' is \:red\[wrong\]."
    assert lines[-1] == "- and 2 mistakes more"
    assert len(lines) == 10
