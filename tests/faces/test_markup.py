"""Markdown made of text that nobody vouches for."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from analyst.faces.markup import fenced, literal, prose
from analyst.faces.words import one_line

MARKDOWN = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable("table")
NASTY = st.text(alphabet=st.sampled_from(list("ab1 $*_`~[]()<>!|#&;:/\\\n-+.=@{}")))


def shown(rendered: str) -> str:
    """The text that a reader of the HTML sees."""
    return html.unescape(re.sub(r"<[^>]*>", "", rendered)).strip()


@given(NASTY)
def test_literal_reads_as_it_was_written(text: str) -> None:
    """Literal text has no markup of its own, in Markdown and in HTML alike."""
    line = one_line(text, 500)
    for rendered in (
        MARKDOWN.render(f"x {literal(text)}"),
        MARKDOWN.render(f"<details><summary>x {literal(text)}</summary>\n\n</details>"),
    ):
        assert shown(rendered) == f"x {line}".strip()


@given(NASTY)
def test_no_dollar_sign_is_left_to_mathematics(text: str) -> None:
    """Two dollar signs never stand in one run of text, where they were a formula."""
    for markdown in (literal(text), re.sub(r"`.*?`", "", prose(text.replace("`", "")))):
        assert "$" not in markdown


@given(st.text(alphabet=st.sampled_from(list("a`~ \n<>/details")), min_size=1))
def test_code_cannot_close_its_block(code: str) -> None:
    """Whatever stands in the code, it is one block and all of the code is in it."""
    tokens = MARKDOWN.parse(f"{fenced(code)}\n\nafter")
    assert tokens[0].type == "fence"
    assert tokens[0].content.rstrip("\n") == code.strip("\n").rstrip("\n")
    assert [t.type for t in tokens[1:]] == [
        "paragraph_open",
        "inline",
        "paragraph_close",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "![x](http://evil/p.png)",
        "[x](javascript:alert(1))",
        "<http://evil>",
        "[x][1]\n\n[1]: http://evil",
        "<img src=x onerror=alert(1)>",
        "</details><b>",
    ],
)
def test_prose_has_no_html_no_link_no_image(text: str) -> None:
    """Prose of a model keeps its words and loses all that acts."""
    rendered = MARKDOWN.render(prose(text))
    tags = set(re.findall(r"</?(\w+)", rendered))
    assert tags <= {"p", "span", "br"}


def test_prose_stays_markdown() -> None:
    """Emphasis, lists, tables and code are kept; a bare address is no link."""
    text = prose("**Up** by $5\n\n- `a $x$`\n- see https://example.com")
    assert "<strong>Up</strong>" in MARKDOWN.render(text)
    assert "`a $x$`" in text
    assert "https://" not in text
    assert "https://example.com" in shown(MARKDOWN.render(text))
