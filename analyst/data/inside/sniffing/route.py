"""Which kind of file it is, by its content; its name is never believed.

Each reading is run before it is trusted, where that is cheap. What comes out otherwise
than it was found is read plainly, or not at all.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..reading import Delimited, Doubt, FixedWidth, Reading, Unreadable
from .check import departure
from .files import WHOLE_BYTES, SourceFile, open_file
from .large import placed
from .signatures import binary_kind, refuse_other_kinds, text_of

__all__ = ["TOO_LARGE", "readings_of"]

_FRAMES = {"parquet", "feather", "arrow_stream", "orc"}
_FRAMES |= {"stata", "sas7bdat", "xport", "sav", "por"}
TOO_LARGE = "takes more memory than there is: give a part, or more with --memory"
_MANY_CELLS = 5_000_000
_NAMES = {
    "zip": "a zip archive or a workbook",
    "ole2": "a workbook",
    "parquet": "a Parquet file",
    "feather": "an Arrow file",
    "arrow_stream": "an Arrow file",
    "orc": "an ORC file",
    "sqlite": "a SQLite database",
    "duckdb": "a DuckDB database",
    "stata": "a Stata file",
    "sas7bdat": "a SAS file",
    "xport": "a SAS file",
    "sav": "an SPSS file",
    "por": "an SPSS file",
}


def readings_of(path: Path) -> list[Reading]:
    """The tables of a file.

    Raises:
        Unreadable: it holds none that can be read.
    """
    try:
        return _readings(open_file(path))
    except Unreadable as why:
        raise Unreadable(_printable(str(why))) from None
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except MemoryError:
        raise Unreadable(TOO_LARGE) from None
    except OSError as error:
        told = error.strerror or type(error).__name__
        raise Unreadable(f"cannot be read ({told}): check it and its disk") from None
    except BaseException as error:  # noqa: BLE001 - a file may hold anything, and a library of Rust raises no Exception
        kind = type(error).__name__
        raise Unreadable(f"is damaged ({kind}): open and save it again") from None


def _printable(sentence: str) -> str:
    """A sentence that may quote a library, which may quote the file, on one line."""
    seen = "".join(c if c.isprintable() else " " for c in sentence)
    return " ".join(seen.split())


def _text_readings(file: SourceFile) -> list[Reading]:
    """The tables of what is text, or has been text before it was compressed.

    Raises:
        Unreadable: it is no text, or holds no table.
    """
    kind = binary_kind(file.start)
    if kind:
        raise Unreadable(f"is {_NAMES[kind]} within an archive: unpack it first")
    refuse_other_kinds(file.start)
    from . import delimited, documents, pages  # noqa: PLC0415 - only where there is text

    start = text_of(file.start)
    if pages.is_markup(start):
        return pages.sniff(file)
    if documents.may_be_json(start):
        readings = documents.sniff(file)
        if readings:
            return readings
    return delimited.sniff(file)


def _readings(file: SourceFile) -> list[Reading]:
    kind = "" if file.compression else binary_kind(file.start)
    if kind == "zip":
        from . import archives  # noqa: PLC0415 - only for zip

        if not archives.is_workbook(file):
            return archives.sniff(file, _checked_text)
    if kind in {"zip", "ole2"}:
        from . import ole2, sheets  # noqa: PLC0415 - only for workbooks

        if kind == "ole2":
            ole2.refuse_other_than_workbooks(file.head)
        return _checked(sheets.sniff(file), file)
    if kind in _FRAMES:
        from . import frames  # noqa: PLC0415 - only for those

        return _checked(frames.sniff(file, kind), file)
    if kind:
        from . import databases  # noqa: PLC0415 - only for those

        return _checked(databases.sniff(file, kind), file)
    return _checked_text(file)


def _checked_text(file: SourceFile) -> list[Reading]:
    return _checked(_text_readings(file), file)


def _checked(readings: list[Reading], file: SourceFile) -> list[Reading]:
    """The readings that hold what they promise, and what was left out.

    Raises:
        Unreadable: none of them does.
    """
    trusted: list[Reading] = []
    left_out: list[str] = []
    for reading in readings:
        why = departure(reading, file.path) if _is_cheap(reading, file) else ""
        if not why:
            trusted.append(reading)
        elif isinstance(reading, Delimited | FixedWidth) and len(readings) == 1:
            return _read_plainly(file, why)
        else:
            label = f"{reading.label!r} " if reading.label else ""
            left_out.append(f"{label}({why})")
    if not trusted:
        raise Unreadable(
            f"does not come out as it was understood: {'; '.join(left_out)[:300]}; "
            "write it as a CSV file"
        )
    if left_out:
        told = f"Left out, as it cannot be read: {'; '.join(left_out)[:400]}."
        doubt = Doubt(told, of_file=True)
        trusted[0] = replace(trusted[0], doubts=(*trusted[0].doubts, doubt))
    return [placed(reading, file) for reading in trusted]


def _read_plainly(file: SourceFile, why: str) -> list[Reading]:
    """Delimited text without anything that was found out about its values."""
    from . import delimited  # noqa: PLC0415 - only where there is text

    readings = delimited.sniff(file, plainly=True)
    for reading in readings:
        again = departure(reading, file.path)
        if again:
            raise Unreadable(
                f"does not come out as it was understood: {why}; mend it, or write it "
                "as a workbook"
            )
    return readings


def _is_cheap(reading: Reading, file: SourceFile) -> bool:
    """Whether the whole table is small enough to be read for a test."""
    cells = (reading.rows or 0) * max(1, len(reading.columns))
    return file.content_bytes <= WHOLE_BYTES and cells <= _MANY_CELLS
