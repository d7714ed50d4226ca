"""One file, looked at before any kernel starts: can it be read, and by what code?

Runs in the process that holds the key, so it only handles bytes: a sample is sniffed,
the whole is hashed, and nothing is parsed by pandas here. What the file really holds
is found out inside the kernel.
"""

from __future__ import annotations

import codecs
import difflib
import hashlib
import itertools
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from analyst.data.sniff import Layout, sniff
from analyst.errors import InputError

__all__ = ["Source", "open_source"]

_SAMPLE_BYTES = 256 * 1024
_CHUNK_BYTES = 1024 * 1024
_READS_AS = "this version reads CSV, Parquet and Feather files and DataFrames"

_FRAME_FILES = {b"PAR1": "read_parquet", b"ARROW1": "read_feather"}
_FOREIGN = {
    b"PAR1": "a Parquet file",
    b"ARROW1": "a Feather file",
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"SQLite format 3\x00": "a SQLite database",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x7fELF": "a program",
}
_OTHER_FORMATS = {".json", ".jsonl", ".ndjson", ".html", ".xml", ".xlsx", ".xls"}
_OTHER_FORMATS |= {".ods", ".db", ".sqlite", ".ipynb"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that can be read, and the plain statement that reads it."""

    name: str
    """The variable that the table gets."""
    path: Path
    load: str
    """One pandas statement; only the arguments that matter are written."""
    parameter: str
    """The variable that holds the path."""
    sha256: str
    bytes: int
    warnings: tuple[str, ...] = ()
    """A sentence each: what was not decided for the user."""


def open_source(path: str | Path, *, name: str | None = None) -> Source:
    """Look at a file and say how it is read.

    Args:
        path: a CSV file, or one in Parquet or Feather.
        name: the variable that the table gets; `df` where None.

    Raises:
        InputError: there is no such file, or it holds no table that can be read.

    Example:
        >>> open_source("sales.csv").load  # doctest: +SKIP
        'df = pd.read_csv(DATA, sep=";", decimal=",", parse_dates=["day"])'
    """
    name = name or "df"
    file = Path(path).expanduser()
    size = _size(file, str(path))
    try:
        with file.open("rb") as stream:
            reader = _reader(stream, file)
            content = _read_through(stream) if reader is None else _hash(stream)
            layout = _layout(stream, content, file) if reader is None else None
    except PermissionError:
        raise InputError(
            f"{file} may not be read by you: change its permissions."
        ) from None
    except OSError as error:
        raise InputError(
            f"{file} cannot be read ({error.strerror}): check the disk or copy it."
        ) from None
    parameter = _parameter(name)
    call = reader or "read_csv"
    arguments = _arguments(layout, content.encoding) if layout is not None else []
    return Source(
        name=name,
        path=file,
        load=f"{name} = pd.{call}({', '.join([parameter, *arguments])})",
        parameter=parameter,
        sha256=content.sha256,
        bytes=size,
        warnings=layout.warnings if layout is not None else (),
    )


def _parameter(name: str) -> str:
    """The variable of the path of a table: `DATA` of the only one."""
    return "DATA" if name == "df" else name.upper()


def _size(file: Path, given: str) -> int:
    """The size of a regular file that is not empty; it is not opened."""
    if "://" in given:
        scheme = given.partition("://")[0]
        raise InputError(f"{scheme}:// addresses cannot be opened: {_READS_AS}.")
    try:
        status = file.stat()
    except PermissionError:
        raise InputError(
            f"{file} lies in a folder that you may not enter: change its permissions."
        ) from None
    except (OSError, ValueError):
        raise InputError(_not_there(file)) from None
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{file} is a folder: name a file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{file} is a device or a pipe: copy its content to a file.")
    if status.st_size == 0:
        raise InputError(f"{file} is empty: check where it came from.")
    return status.st_size


def _not_there(file: Path) -> str:
    """Says that a file is missing, and which names beside it are close."""
    try:
        beside = sorted(entry.name for entry in file.parent.iterdir())
    except (OSError, ValueError):
        return f"There is no file {file}: check the folder {file.parent}."
    folded = {name.casefold(): name for name in beside}
    close = difflib.get_close_matches(file.name.casefold(), folded, n=3, cutoff=0.6)
    if not close:
        return f"There is no file {file}: check its name."
    names = " or ".join(folded[name] for name in close)
    return f"There is no file {file}: did you mean {names}?"


def _reader(stream: BinaryIO, file: Path) -> str | None:
    """The pandas reader of a columnar file, None for text.

    Raises:
        InputError: it is neither.
    """
    head = stream.read(_SAMPLE_BYTES)
    if file.suffix.lower() in {".parquet", ".pq", ".feather", ".arrow"}:
        for magic, reader in _FRAME_FILES.items():
            if head.startswith(magic):
                return reader
    for magic, what in _FOREIGN.items():
        if head.startswith(magic):
            raise InputError(
                f"{file} is {what} and not a CSV file: {_READS_AS}, "
                "so name or convert it accordingly."
            )
    if file.suffix.lower() in _OTHER_FORMATS:
        raise InputError(f"{file} is not a CSV file: {_READS_AS}, so convert it first.")
    if not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        _refuse_binary(head, file)
    return None


def _refuse_binary(head: bytes, file: Path) -> None:
    if b"\0" in head:
        raise InputError(
            f"{file} holds binary data and not a CSV file: export it as CSV."
        )


@dataclass(frozen=True, slots=True)
class _Content:
    sha256: str
    encoding: str = ""


def _hash(stream: BinaryIO) -> _Content:
    digest = hashlib.sha256()
    for chunk in _chunks(stream):
        digest.update(chunk)
    return _Content(digest.hexdigest())


def _read_through(stream: BinaryIO) -> _Content:
    """The hash of a text file, and the first encoding that all of it is in."""
    stream.seek(0)
    head = stream.read(4)
    utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    names = ["utf-16"] if utf16 else ["utf-8", "cp1252"]
    decoders = {name: codecs.getincrementaldecoder(name)() for name in names}
    digest = hashlib.sha256()
    for chunk in itertools.chain(_chunks(stream), [b""]):
        digest.update(chunk)
        # One byte of an ASCII chunk is enough to end a character that was cut in two.
        part = chunk[:1] if chunk.isascii() and not utf16 else chunk
        for name in list(decoders):
            try:
                decoders[name].decode(part, final=not chunk)
            except UnicodeDecodeError:
                del decoders[name]
    encoding = next(iter(decoders), "latin-1")
    return _Content(digest.hexdigest(), encoding)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while chunk := stream.read(_CHUNK_BYTES):
        yield chunk


def _layout(stream: BinaryIO, content: _Content, file: Path) -> Layout:
    """How the text of a file is laid out.

    Raises:
        InputError: there is no text, or a header and nothing else.
    """
    pieces = _sample(stream, content.encoding)
    if not any(map(str.strip, pieces)):
        raise InputError(f"{file} holds nothing but blanks: check where it came from.")
    layout = sniff(pieces)
    if layout.rows == 0:
        raise InputError(
            f"{file} holds a header and no rows: check where it came from."
        )
    return layout


def _sample(stream: BinaryIO, encoding: str) -> list[str]:
    """Whole lines from the start, the middle and the end."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    start = stream.read(_SAMPLE_BYTES)
    text = start.decode(encoding, errors="ignore").removeprefix("\ufeff")
    if size <= _SAMPLE_BYTES:
        return [text]
    pieces = [text[: text.rfind("\n") + 1] or text]
    if encoding == "utf-16":
        bom_big = start.startswith(codecs.BOM_UTF16_BE)
        encoding = "utf-16-be" if bom_big else "utf-16-le"
    for offset in (size // 2, size - _SAMPLE_BYTES):
        if offset < len(start):
            continue
        stream.seek(offset - offset % 2)
        text = stream.read(_SAMPLE_BYTES).decode(encoding, errors="ignore")
        pieces.append(text[text.find("\n") + 1 : text.rfind("\n") + 1])
    return pieces


def _arguments(layout: Layout, encoding: str) -> list[str]:
    """The arguments of `read_csv` without which the file would be read wrongly."""
    arguments: dict[str, str] = {}
    if layout.delimiter != ",":
        arguments["sep"] = _quoted(layout.delimiter)
    if encoding != "utf-8":
        arguments["encoding"] = _quoted(encoding)
    if layout.decimal != ".":
        arguments["decimal"] = _quoted(layout.decimal)
    if layout.thousands:
        arguments["thousands"] = _quoted(layout.thousands)
    if layout.blanks_after_delimiter:
        arguments["skipinitialspace"] = "True"
    if layout.trailing_delimiter:
        arguments["index_col"] = "False"
    if layout.texts:
        pairs = ", ".join(f'{_quoted(name)}: "string"' for name in layout.texts)
        arguments["dtype"] = f"{{{pairs}}}"
    if layout.dates:
        arguments["parse_dates"] = f"[{', '.join(map(_quoted, layout.dates))}]"
    if layout.date_formats:
        pairs = ", ".join(f"{_quoted(n)}: {_quoted(f)}" for n, f in layout.date_formats)
        arguments["date_format"] = f"{{{pairs}}}"
    return [f"{name}={value}" for name, value in arguments.items()]


def _quoted(text: str) -> str:
    """Text as a Python literal in double quotes, all of it to be seen."""
    return json.dumps(text, ensure_ascii=not text.isprintable())
