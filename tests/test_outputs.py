"""The one door for output: what passes is safe to show, what is safe passes."""

from __future__ import annotations

import base64
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.events import Rich, Stream
from analyst.outputs import (
    MAX_OUTPUT_CHARS,
    join_streams,
    plain_text,
    rich,
    safe_markdown,
)

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n....").decode()
PIECES = st.sampled_from(
    [
        "<script>alert(1)</script>",
        "<table",
        "<tr><td onclick=x>",
        "<td style='a'>1</td>",
        "<img src=http://a/b>",
        "</table>",
        "<a href='javascript:x'>",
        "<svg onload=x>",
        "<style>*{}</style>",
        "<!--",
        "-->",
        "plain",
        "&lt;b&gt;",
    ]
)


class Tags(HTMLParser):
    """The tags and attributes of a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@given(st.lists(PIECES).map("".join))
def test_only_bare_tables_pass(html: str) -> None:
    """Whatever HTML comes, what passes holds table tags and spans and nothing else."""
    shown = rich({"text/html": html})
    if shown is None:
        return
    found = Tags(shown.data["text/html"])
    assert found.tags <= {
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "th",
        "td",
        "caption",
    }
    assert found.attributes <= {"colspan", "rowspan"}


def test_table_of_a_frame_is_kept() -> None:
    """The table that pandas writes keeps its cells and loses its style."""
    html = "<style>x{}</style><table border=1><tr><th colspan=2>a</th></tr></table>"
    shown = rich({"text/html": html}).data["text/html"]
    assert '<th colspan="2">a</th>' in shown
    assert "x{}" not in shown


@pytest.mark.parametrize(
    "bundle",
    [
        {"application/javascript": "alert(1)"},
        {"image/svg+xml": "<svg/>"},
        {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}},
        {"text/html": "<script>alert(1)</script>"},
        {"image/png": "bm8gcG5n"},
        {"image/png": "not base64!"},
        {"text/plain": 5},
        {},
    ],
)
def test_the_rest_does_not_pass(bundle: dict[str, object]) -> None:
    """Scripts, SVG, widgets, raw HTML and what only claims to be PNG do not pass."""
    assert rich(bundle) is None


def test_png_passes_as_one_line() -> None:
    """A PNG passes, whatever line breaks its base64 had."""
    assert rich({"image/png": PNG[:8] + "\n" + PNG[8:]}).data == {"image/png": PNG}


@given(st.text())
def test_markdown_holds_no_html(text: str) -> None:
    """No tag survives in Markdown, and cleaning twice is cleaning once."""
    clean = safe_markdown(text)
    assert "<" not in clean
    assert safe_markdown(clean) == clean


@pytest.mark.parametrize(
    "text",
    [
        "![x](http://evil/a.png)",
        "[x](http://evil)",
        "[x][1]\n\n[1]: http://evil",
        "![x][1]",
        "[![a](http://b)](http://c)",
        "[x] (http://evil)",
        "see http://evil or WWW.evil.org",
    ],
)
def test_markdown_holds_no_links(text: str) -> None:
    """Links and images become words, also nested and by reference."""
    clean = safe_markdown(text)
    assert "](" not in clean
    assert "][" not in clean
    assert "]: " not in clean.replace("&#91;1]: ", "")
    assert "http:" not in clean
    assert "WWW." not in clean


@given(st.text())
def test_plain_text_has_no_controls(text: str) -> None:
    """No control and no direction override survives, line breaks and tabs do."""
    clean = plain_text(text + "\x1b[31m\u202e\x07")
    assert not set(clean) & set("\x1b\u202e\x07\x00")
    assert plain_text("a\tb\nc") == "a\tb\nc"
    assert plain_text("1%\r50%\r100%\nx\r\ny\r") == "100%\nx\ny"


def test_long_text_is_cut_aloud() -> None:
    """Text beyond the cap is cut, and says so."""
    shown = rich({"text/plain": "x" * (MAX_OUTPUT_CHARS + 1)}).data["text/plain"]
    assert shown.endswith("characters in all]")


@pytest.mark.parametrize(
    "piece", ["x", "[", "![", "](", "\r", "\x1b", "\x1b]", "<", "www."]
)
def test_no_text_takes_long_to_clean(piece: str) -> None:
    """A million characters of anything are cleaned in about the time of reading them:
    a quadratic expression would take hours.
    """
    text = piece * (MAX_OUTPUT_CHARS // len(piece))
    assert rich({"text/plain": text, "text/markdown": text})


def test_streams_are_joined() -> None:
    """Adjacent pieces of one stream are one; others stay apart and in order."""
    one, two = Stream(text="a"), Stream(text="b")
    error, shown = Stream(name="stderr", text="c"), Rich(data={})
    assert join_streams([one, two, error, shown, one]) == (
        Stream(text="ab"),
        error,
        shown,
        one,
    )
