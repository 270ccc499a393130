"""Contracts as YAML: every mistake is named by its line, and what is written is read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.core.errors import BadInput
from lab.core.yaml_models import LONGEST
from lab.data.quality.contract import Column, Contract, Rows
from lab.data.quality.reading import as_yaml, problems, read_contract

GOOD = """
dataset: sales
policy: warn
columns:
  date: {type: date, required: true, least: 2023-04-01}
  store: {type: text, only: [Park, Market], pattern: "[A-Z][a-z]+"}
  price: {type: number, least: 0, most: 40.5, complete: 0.9}
unique: [[date, store]]
rows: {least: 10, most: 1000}
most_bad: 0.05
freshness: {column: date, within_days: 7}
drift: {reference: last_year, columns: {price: {method: psi, limit: 0.2}}}
"""
TEXT = "dataset: a\ncolumns: {p: {type: text}}\n"


def test_a_contract_is_read_and_written_back() -> None:
    found = read_contract(GOOD)
    assert found.columns["date"].least == "2023-04-01"
    assert found.columns["price"].most == 40.5
    assert found.unique == (("date", "store"),)
    text = as_yaml(found, "What sales promises.\nEdit it.")
    assert text.startswith("# What sales promises.\n# Edit it.\nversion: 1\ndataset: sales\n")
    assert read_contract(text) == found
    assert "  store: {type: text, only: [Park, Market]" in text


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "begins with"),
        ("- a", 1, "begins with"),
        ("dataset: a\ncolumns: {", 2, "not YAML"),
        ("dataset: a\ncolumns:\n  p:\n    type: txt", 4, "columns.p.type: must be 'integer'"),
        ("dataset: a\ncolumns:\n  p: {type: text}\nfoo: 1", 4, "foo: is not a word"),
        ("dataset: a\ncolumns:\n  p: {type: text, least: 0}", 3, "not for text"),
        ("dataset: a\ncolumns:\n  p: {type: number, least: x}", 3, "'x' is no number"),
        ("dataset: a\ncolumns:\n  p: {type: number, least: true}", 3, "a number or a time"),
        ("dataset: a\ncolumns:\n  p: {type: number, least: .nan}", 3, "finite"),
        ("dataset: a\ncolumns:\n  p: {type: number, least: 2, most: 1}", 3, "nothing is 2 or more"),
        ("dataset: a\ncolumns:\n  p: {type: date, least: soon}", 3, "soon"),
        ("dataset: a\ncolumns:\n  p: {type: text, pattern: '('}", 3, "no regular expression"),
        ("dataset: a\ncolumns:\n  p: {type: number, only: [a]}", 3, "'only' and 'pattern'"),
        ("dataset: a\ncolumns: {p: {type: text}}\nunique: [[q]]", 3, "column 'q'"),
        ("dataset: a\ncolumns: {p: {type: text}}\nrows:\n  least: -1", 4, "rows.least"),
        ("dataset: a\ncolumns: {p: {type: text}}\nrows:\n  least: x", 4, "must be a whole number"),
        ("dataset: a\ncolumns: {p: {type: text}}\nunique: p", 3, "unique: must be a list"),
        ("dataset: a\ncolumns: {p: {type: text, required: 7x}}", 2, "must be true or false"),
        (f"{TEXT}freshness: {{column: p, within_days: 1}}", 3, "needs days or times; 'p'"),
        (f"{TEXT}freshness: {{column: q, within_days: 1}}", 3, "freshness: column 'q'"),
        (f"{TEXT}drift: {{reference: b, columns: {{q: {{}}}}}}", 3, "drift: column 'q'"),
        ("dataset: a\nx: &x [1]\ncolumns: *x", 3, "aliases"),
        ("dataset: a\ncolumns: {p: {type: text}}\nversion: 2", 3, "version: must be 1"),
        ("dataset: a\ncolumns: !!python/object/apply:os.system ['true']", 2, "not YAML"),
        ("[" * 3000, 1, ""),
        ("a" * (LONGEST + 1), 1, "longer than"),
    ],
)
def test_a_mistake_is_named_by_its_line(text: str, line: int, words: str) -> None:
    found = problems(text)
    assert [one.line for one in found] == [line]
    assert words in found[0].message
    with pytest.raises(BadInput, match=f"Line {line}: "):
        read_contract(text)


def test_several_mistakes_come_in_the_order_of_the_text() -> None:
    found = problems("columns:\n  a: {type: nope}\n  b: {type: text, wrong: 1}\n")
    assert [one.line for one in found] == [1, 2, 3]
    assert found[0].message == "dataset: is missing"


texts = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=12)


@given(
    st.dictionaries(
        texts,
        st.one_of(
            st.builds(Column, type=st.just("text"), only=st.lists(texts).map(tuple)),
            st.builds(
                Column, type=st.just("number"), least=st.integers(-9, 9), required=st.booleans()
            ),
            st.builds(Column, type=st.just("number"), most=st.floats(-1e6, 1e6)),
        ),
        min_size=1,
        max_size=4,
    ),
    texts,
    st.integers(0, 99),
)
def test_whatever_is_written_is_read_back(columns, dataset, least) -> None:
    made = Contract(dataset=dataset, columns=columns, rows=Rows(least=least))
    assert read_contract(as_yaml(made)) == made
