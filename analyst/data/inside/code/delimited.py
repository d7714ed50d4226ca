"""Delimited text: `pd.read_csv`, of the file or of its mended lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..reading import Delimited
from .expression import PANDAS, Expression
from .literals import call, comment, quoted
from .opened import within_archive

__all__ = ["expression"]

_PATTERNS = (r"\s+", r"\s*\|\s*")
"""Separators that are regular expressions: blanks, and pipes with blanks around."""
_INNER = "\x1f"
_QUOTE_NONE = 3
_OPENERS = {"gzip": "gzip.open", "bz2": "bz2.open", "xz": "lzma.open"}
_MODULES = {
    "gzip": ("import gzip",),
    "bz2": ("import bz2",),
    "xz": ("import lzma",),
    "zip": ("import io", "import zipfile"),
    "zstd": ("import io", "import zstandard"),
}


def expression(
    reading: Delimited, path: str, *, indent: int, before: int
) -> Expression:
    """The expression that reads it.

    Args:
        reading: how it is read.
        path: an expression for the path of the file.
        indent: blanks before the line in which it begins.
        before: characters that stand in this line before and after it.
    """
    arguments = dict(reading.arguments)
    if reading.rewritten or reading.without_nul or _is_long(arguments):
        return _of_text(reading, arguments, path, indent=indent, before=before)
    if reading.compression == "zip" and reading.member:
        return Expression(
            text=_call(reading, arguments, "file", indent=4, before=before),
            imports=("import zipfile", PANDAS),
            within=within_archive(reading, path),
        )
    if reading.compression:
        arguments["compression"] = reading.compression
    text = _call(reading, arguments, path, indent=indent, before=before)
    return Expression(text)


def _is_long(arguments: dict[str, Any]) -> bool:
    separator = arguments.get("sep", ",")
    return len(separator) > 1 and separator not in _PATTERNS


def _call(
    reading: Delimited,
    arguments: dict[str, Any],
    source: str,
    *,
    indent: int,
    before: int,
) -> str:
    positional = [source]
    used = arguments.get("usecols")
    if used and list(used) == list(range(len(used))):
        positional.append(f"usecols=range({len(used)})")
        del arguments["usecols"]
    if reading.surplus:
        positional.append(f"on_bad_lines={_surplus(reading, arguments)}")
        arguments["engine"] = "python"
    return call(
        "pd.read_csv",
        positional,
        list(arguments.items()),
        indent=indent,
        before=before,
    )


def _surplus(reading: Delimited, arguments: dict[str, Any]) -> str:
    """What is done with a row that is too long."""
    width = len(reading.columns)
    if reading.surplus == "drop":
        return f"lambda fields: fields[:{width}]"
    separator = quoted(arguments.get("sep", ","))
    last = f"{separator}.join(fields[{width - 1} :])"
    return f"lambda fields: [*fields[: {width - 1}], {last}]"


def _of_text(
    reading: Delimited,
    arguments: dict[str, Any],
    path: str,
    *,
    indent: int,
    before: int,
) -> Expression:
    """The text is mended first, then read; line ends within cells stay as they are."""
    codec = [("encoding", arguments.pop("encoding", "utf-8"))]
    if "encoding_errors" in arguments:
        codec.append(("errors", arguments.pop("encoding_errors")))
    arguments.pop("compression", None)
    statements = list(_read_text(reading, path, codec))
    if reading.rewritten:
        statements += _rewritten(reading)
    if reading.without_nul:
        statements.append(comment("NUL characters would cut cells off:"))
        statements.append(f'text = text.replace({quoted(chr(0))}, "")')
    imports = [PANDAS, "import io", *_MODULES.get(reading.compression, ())]
    if _is_long(arguments):
        imported, parted = _with_one_character(arguments)
        imports += imported
        statements += parted
    source = 'io.StringIO(text, newline="")'
    text = _call(reading, arguments, source, indent=indent, before=before)
    return Expression(text, tuple(imports), tuple(statements))


def _read_text(
    reading: Delimited, path: str, codec: list[tuple[str, Any]]
) -> Iterator[str]:
    """Statements that read all of the text, its line ends as they are."""
    if reading.compression in ("", *_OPENERS):
        mode = [quoted("rt")] if reading.compression else []
        opener = _OPENERS.get(reading.compression, "open")
        opened = call(opener, [path, *mode], [*codec, ("newline", "")], before=14)
        yield f"with {opened} as file:\n    text = file.read()"
        return
    if reading.compression == "zip":
        member = quoted(reading.member) if reading.member else "archive.namelist()[0]"
        yield f"with zipfile.ZipFile({path}) as archive:"
        yield f"    raw = archive.read({member})"
    else:
        unpacked = (
            "zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)"
        )
        yield f'with open({path}, "rb") as file:\n    raw = {unpacked}.read()'
    yield call("text = raw.decode", [], codec)


def _rewritten(reading: Delimited) -> Iterator[str]:
    yield 'lines = io.StringIO(text, newline="").readlines()'
    for number, line in reading.rewritten:
        told = "was damaged; it was meant so:" if line else "is no row:"
        yield comment(f"Line {number} {told}")
        yield f"lines[{number - 1}] = {quoted(line + chr(10))}"
    yield 'text = "".join(lines)'


def _with_one_character(
    arguments: dict[str, Any],
) -> tuple[tuple[str, ...], list[str]]:
    """Statements that put one character in the place of a delimiter of several."""
    separator = arguments["sep"]
    inner = quoted(_INNER)
    arguments["sep"] = _INNER
    told = comment(f"One character in the place of {separator}:")
    if arguments.get("quoting") == _QUOTE_NONE:
        return (), [told, f"text = text.replace({quoted(separator)}, {inner})"]
    quote = arguments.get("quotechar", '"')
    pattern = quoted(f"({quote}[^{quote}]*{quote})|{re.escape(separator)}")
    kept = f"lambda found: found[1] or {inner}"
    return ("import re",), [told, f"text = re.sub({pattern}, {kept}, text)"]
