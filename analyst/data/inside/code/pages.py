"""How a table of an HTML page is read.

Of `arguments`, `text` names the columns that are read as text, and `names` those of
all columns where the page has none, or several rows of them. The others are told to
`pd.read_html`.
"""

from __future__ import annotations

from ..reading import HtmlTable
from .expression import PANDAS, Expression
from .literals import call, quoted
from .opened import content_bytes

__all__ = ["expression"]


def expression(
    reading: HtmlTable, path: str, *, indent: int, before: int
) -> Expression:
    """The expression that reads it."""
    told = dict(reading.arguments)
    names = told.pop("names", None)
    source = path
    imports: tuple[str, ...] = (PANDAS,)
    if reading.compression:
        content, needed = content_bytes(reading, path)
        source, imports = f"io.BytesIO({content})", (PANDAS, "import io", *needed)
    positional = [source]
    text = told.pop("text", None)
    if text:
        converters = ", ".join(f"{_key(name)}: str" for name in text)
        positional.append(f"converters={{{converters}}}")
    ending = f"[{reading.number}]"
    read = call(
        "pd.read_html",
        positional,
        list(told.items()),
        indent=indent,
        before=before + len(ending),
    )
    read += ending
    if names:
        read = call(
            f"{read}.set_axis",
            [],
            [("labels", list(names)), ("axis", "columns")],
            indent=indent,
            before=before,
        )
    return Expression(read, imports)


def _key(name: str | int | list[str]) -> str:
    """A column by its name, its number, or its names in several header rows."""
    if isinstance(name, list | tuple):
        return f"({', '.join(map(quoted, name))})"
    return quoted(name) if isinstance(name, str) else str(int(name))
