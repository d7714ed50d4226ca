"""Templates: prose whose numbers are filled by the cell that is made of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.agent.templates import (
    answer_cell,
    findings_cell,
    literals_in,
    read_template,
)
from analyst.outputs import DOLLAR, safe_markdown


def shown(source: str, **namespace: object) -> str:
    """What a cell of prose displays."""
    said: list[str] = []
    namespace |= {"display": said.append, "Markdown": str}
    exec(source, namespace)
    return said[0]


def test_fields_are_filled() -> None:
    """Names, expressions, formats and given expressions are all filled."""
    template = read_template(
        "{name} fell {drop:.1%}, {rows['b'] + 1} rows, {share:.0%}",
        {"share": "part / whole"},
    )
    values = {"name": "West", "drop": 0.123, "rows": {"b": 4}, "part": 1, "whole": 4}
    text = shown(answer_cell(template), **values)
    assert text.strip() == "West fell 12.3%, 5 rows, 25%"


@given(st.text())
def test_any_text_is_shown(text: str) -> None:
    """Any text is refused with a reason or makes a cell that runs."""
    try:
        template = read_template(text)
    except ValueError:
        return
    bare = template.without_fields
    shown(answer_cell(bare))
    shown(findings_cell(bare))


def test_backslashes_and_quotes() -> None:
    """Quotes and backslashes in prose cannot end the string they stand in."""
    text = 'a """ b \\ c \\" d'
    assert shown(answer_cell(read_template(text))).strip() == text
    assert shown(findings_cell(read_template(text))) == f"- {text}"


def test_dollars_are_not_maths() -> None:
    """Money does not turn into formulas in a notebook."""
    text = shown(answer_cell(read_template("${x} or $6")), x="5$")
    assert text.strip() == f"{DOLLAR}5{DOLLAR} or {DOLLAR}6"
    assert safe_markdown(text) == text


def test_links_and_html_are_words() -> None:
    """Text of a model cannot load or link anything."""
    text = shown(answer_cell(read_template("![x](http://a/b) <img src=c> [y](d)")))
    assert text.strip() == "x &lt;img src=c> y"


@pytest.mark.parametrize("text", ["{", "}", "{}", "{a b}", "{import os}"])
def test_bad_fields_are_refused(text: str) -> None:
    """A field that is no expression is refused in words that help."""
    with pytest.raises(ValueError, match=r"field|brace"):
        read_template(text)


def test_made_up_names_do_not_collide() -> None:
    """A name that is made up for an expression is never one that the text uses."""
    template = read_template("{value_2} and {a + b} and {d['x  y']}")
    values = {"value_2": 7, "a": 1, "b": 100, "d": {"x  y": 5}}
    assert shown(answer_cell(template), **values).strip() == "7 and 101 and 5"


def test_what_a_cell_types_itself_is_found() -> None:
    """Of a written cell, the text without its fields can be had again."""
    template = read_template("Of {n} it is 12, {a + 1}.")
    assert "12" in literals_in(answer_cell(template))[0]
    assert literals_in(findings_cell(template, read_template("b 13"))) == [
        "Of  it is 12, .",
        "b 13",
    ]


def test_several_findings() -> None:
    """Each finding is an item of one list."""
    templates = [read_template("a {x}"), read_template("b")]
    assert shown(findings_cell(*templates), x=1) == "- a 1\n- b"
