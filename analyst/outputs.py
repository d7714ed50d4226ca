"""What may be shown: the one door by which output of a kernel comes in.

Generated code owns its kernel and can put out anything. Only text, PNG and tables
rebuilt from sanitised HTML pass; scripts, raw HTML, SVG, widgets, remote images and
links do not. Whatever passed here is safe for a notebook, a live display and a
report, so nothing behind this door cleans again.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping

from analyst.events import CellError, Output, Rich, Stream

__all__ = [
    "DOLLAR",
    "MAX_OUTPUT_CHARS",
    "error",
    "join_streams",
    "plain_text",
    "rich",
    "safe_markdown",
    "safe_prose",
]

DOLLAR = "<span>&#36;</span>"
"""A dollar sign that begins no formula: front ends take what stands between two of
them for maths, escaped ones too, but never across elements."""

MAX_OUTPUT_CHARS = 1_000_000
"""Longer text of one output is cut, saying so."""

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_TABLE_TAGS = {"table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption"}
_SPANS = {"colspan", "rowspan"}
# Bounded, so that no text takes more than its length to clean.
_LINK = re.compile(
    r"!?\[([^\[\]\n]{0,500})\](?:\([^)\n]{0,2000}\)|\[[^\[\]\n]{0,500}\])"
)
_URL = re.compile(r"(https?|ftp)://|(www)\.", re.IGNORECASE)
_MAX_NESTED_LINKS = 3
_LINK_DEFINITION = re.compile(r"^(\s{0,3})\[([^\]\n]+)\]:", re.MULTILINE)


def plain_text(text: str) -> str:
    """Text without colour codes, control and bidirectional-override characters.

    Of a line that was overwritten, as a progress bar does, the last state is kept.
    """
    text = _ANSI.sub("", text)
    if "\r" in text:
        lines = text.split("\n")
        text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
    return _CONTROL.sub("", text)


def safe_markdown(text: str) -> str:
    """Markdown in which links and images are words and HTML is text.

    >>> safe_markdown("![x](http://a/b) <b> [y](http://c)")
    'x &lt;b> y'
    """
    text = plain_text(text)
    for _ in range(_MAX_NESTED_LINKS):  # an image may stand inside a link
        text = _LINK.sub(r"\1", text)
    text = _LINK_DEFINITION.sub(r"\1&#91;\2]:", text)
    text = text.replace("](", "]&#40;").replace("][", "]&#91;")
    # Front ends make links of bare addresses, unless an entity stands in them.
    text = _URL.sub(lambda m: f"{m[1]}&#58;//" if m[1] else f"{m[2]}&#46;", text)
    return text.replace("<", "&lt;").replace(DOLLAR.replace("<", "&lt;"), DOLLAR)


def safe_prose(text: str) -> str:
    """`safe_markdown` in which a price is a price and no formula."""
    return safe_markdown(text).replace("$", DOLLAR)


def safe_table(html: str) -> str | None:
    """The tables of an HTML text, rebuilt from cells and text only.

    None where there is no table.
    """
    import nh3  # noqa: PLC0415 - only output with HTML needs it

    if "<table" not in html.lower():
        return None
    return nh3.clean(
        html,
        tags=_TABLE_TAGS,
        attributes={"th": _SPANS, "td": _SPANS},
        clean_content_tags={"script", "style"},
        strip_comments=True,
        link_rel=None,
    ).strip()


def _safe_png(content: str) -> str | None:
    """Base64 of a PNG as one line, or None where it is not one."""
    try:
        raw = base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if not raw.startswith(_PNG_SIGNATURE):
        return None
    return base64.b64encode(raw).decode("ascii")


def _cut(text: str) -> str:
    if len(text) <= MAX_OUTPUT_CHARS:
        return text
    return f"{text[:MAX_OUTPUT_CHARS]}\n[cut: {len(text):,} characters in all]"


def rich(bundle: Mapping[str, object], *, is_result: bool = False) -> Rich | None:
    """What may be shown of a MIME bundle; None where nothing may."""
    data: dict[str, str] = {}
    for mime in ("text/plain", "text/markdown", "text/html", "image/png"):
        content = bundle.get(mime)
        if isinstance(content, list):
            content = "".join(str(part) for part in content)
        if not isinstance(content, str):
            continue
        safe: str | None
        match mime:
            case "text/plain":
                safe = plain_text(_cut(content))
            case "text/markdown":
                safe = safe_markdown(_cut(content))
            case "text/html":
                safe = safe_table(content) if len(content) <= MAX_OUTPUT_CHARS else None
            case _:
                safe = _safe_png(content)
        if safe is not None:
            data[mime] = safe
    return Rich(data=data, is_result=is_result) if data else None


def join_streams(outputs: Iterable[Output]) -> tuple[Output, ...]:
    """The same outputs, with adjacent pieces of one stream joined.

    Where a kernel cuts a stream into messages depends on timing, so only the joined
    text means anything.
    """
    joined: list[Output] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if (
            isinstance(output, Stream)
            and isinstance(last, Stream)
            and output.name == last.name
        ):
            joined[-1] = Stream(name=last.name, text=last.text + output.text)
        else:
            joined.append(output)
    return tuple(joined)


def error(name: str, message: str, traceback: str = "") -> CellError:
    """An exception of a cell as text that is safe to show."""
    return CellError(
        name=plain_text(name),
        message=plain_text(_cut(message)),
        traceback=plain_text(_cut(traceback)),
    )
