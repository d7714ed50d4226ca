"""From a table in its text to what pandas is told."""

from __future__ import annotations

import bisect
import csv
from collections.abc import Sequence
from typing import Any

from ...reading import Delimited, Doubt, DropEmptyRows
from ..values import Values, read_values
from .columns import columns_of
from .cutting import Text
from .dialect import WHITESPACE
from .headers import is_empty
from .layout import Table
from .ragged import Ragged, evened, lines_told
from .records import is_blank, read_records
from .remarks import padded, said_of_table, said_of_text
from .totals import Totals, totals_among

__all__ = ["encoding_arguments", "reading_of", "spelling"]

Arguments = list[tuple[str, Any]]

_MOSTLY = 0.8
_PIECE_CELLS = 500_000
"""No table with fewer cells is read in pieces: half a million of them make one."""
_PANDAS_SUFFIXES = (".gz", ".bz2", ".zip", ".xz", ".zst", ".tar")
"""Names from which pandas takes it that a file is compressed."""


def spelling(text: Text) -> Arguments:
    """What pandas is told of the characters: dialect, line ends, encoding."""
    dialect = text.dialect
    told: Arguments = []
    if text.delimiter != ",":
        told.append(("sep", text.delimiter))
    if dialect.quote not in ("", '"'):
        told.append(("quotechar", dialect.quote))
    if not dialect.quote and any('"' in line for line in text.lines):
        told.append(("quoting", int(csv.QUOTE_NONE)))
    if dialect.escape:
        told += [("escapechar", dialect.escape), ("doublequote", False)]
    if dialect.blanks_follow:
        told.append(("skipinitialspace", True))
    return told


def encoding_arguments(text: Text) -> Arguments:
    """What pandas is told of the bytes."""
    told: Arguments = []
    if text.decoded.encoding != "utf-8":
        told.append(("encoding", text.decoded.encoding))
    if text.decoded.replaces:
        told.append(("encoding_errors", "replace"))
    name = text.file.path.name.lower()
    if not text.file.compression and name.endswith(_PANDAS_SUFFIXES):
        told.append(("compression", None))
    return told


def reading_of(text: Text, table: Table, label: str, *, until: int) -> Delimited:
    """How one table is read.

    Args:
        text: the file.
        table: where it is.
        label: what it is called among several.
        until: the record with which the next one begins.
    """
    ragged = evened(text.records, table, text.dialect, is_whole=text.is_whole)
    totals = totals_among(ragged.rows) if text.is_whole else Totals()
    said_of_totals = totals.doubts(ragged.lines)
    if totals.proven:
        total = bisect.bisect_left(text.records.lines, ragged.lines[-1])
        table.stop = total
        table.totals = [total]
        table.below = [total, *table.below]
        ragged = evened(text.records, table, text.dialect, is_whole=text.is_whole)
    kept = _add_pieces(text, table, ragged)
    names, header, doubts = columns_of(text, table, ragged)
    rewritten = {**text.records.rewritten, **ragged.rewritten}
    placing = _placing(text, table, header, rewritten)
    values = read_values(names, kept, delimiter=text.delimiter)
    if text.is_whole and (table.below or until < len(text.records.rows)):
        placing.append(("nrows", len(ragged.rows)))
    empty = [
        line
        for row, line in zip(ragged.rows, ragged.lines, strict=True)
        if not row[0].strip() and is_empty(row)
    ]
    drops = (DropEmptyRows(len(empty)),) if empty else ()
    doubts += padded(names, values.columns, ragged.rows)
    doubts += [*said_of_table(text, table, until), *said_of_totals, *ragged.doubts]
    if empty:
        told = "Rows without any value are left out."
        doubts.append(Doubt(told, lines_told(empty), rows_left_out=len(empty)))
    doubts += [_shifted(doubt, ragged.lines) for doubt in values.doubts]
    ends = _line_ends(text) if not ragged.surplus and not rewritten else []
    return Delimited(
        label=label,
        compression=text.file.compression,
        member=text.file.member,
        arguments=(
            *spelling(text),
            *placing,
            *ends,
            *encoding_arguments(text),
            *values.arguments,
            *_in_one_piece(text, ragged, values),
        ),
        conversions=(*drops, *values.conversions),
        rows=len(ragged.rows) - len(empty) if text.is_whole else None,
        columns=values.columns,
        doubts=(*said_of_text(text), *doubts),
        rewritten=tuple(sorted(rewritten.items())),
        surplus=ragged.surplus,
        without_nul=text.has_nul,
    )


def _placing(
    text: Text, table: Table, header: Arguments, rewritten: dict[int, str]
) -> Arguments:
    """Which lines are passed over, and what is told of the header."""
    records = text.records
    told: Arguments = []
    skipped_comments: list[int] = []
    if records.comments:
        if _is_only_comment(text):
            told.append(("comment", text.comment))
        else:
            skipped_comments = [at for at in records.comments if at < table.stop]
    is_none = ("header", None) in header
    start = table.body if is_none else table.start
    within = [at for at in (*table.repeated, *skipped_comments) if at >= start]
    above = [
        at
        for at in range(start)
        if not is_blank(records.rows[at])
        or (at in records.comments and bool(skipped_comments))
    ]
    if within:
        told.append(("skiprows", sorted({*range(start if above else 0), *within})))
    elif above:
        told.append(("skiprows", start))
    if text.is_whole:
        _close_quotes(text, [*range(start if above else 0), *within], rewritten)
    return told + header


def _is_only_comment(text: Text) -> bool:
    """Whether the character of comments stands nowhere else."""
    marks = sum(line.count(text.comment) for line in text.lines)
    in_comments = sum(
        each.count(text.comment) for each in text.records.comments.values()
    )
    return marks == in_comments


def _close_quotes(
    text: Text, skipped: Sequence[int], rewritten: dict[int, str]
) -> None:
    """Empty the skipped lines whose quotes would hide the lines after them."""
    quote = text.dialect.quote
    if not quote:
        return
    for at in skipped:
        number = text.records.lines[at]
        is_odd = text.lines[number - 1].count(quote) % 2
        following = text.records.lines[at + 1 : at + 2]
        if is_odd and following == [number + 1]:
            rewritten[number] = ""


def _in_one_piece(text: Text, ragged: Ragged, values: Values) -> Arguments:
    """Pandas judges a long table piece by piece, so a column may be of two kinds.

    It is told not to where there is text, which may look like numbers for a while.
    """
    cells = len(ragged.rows) * len(values.columns)
    if ragged.surplus or (text.is_whole and cells < _PIECE_CELLS):
        return []
    typed = dict(values.arguments).get("dtype", {})
    names = {column.name for column in values.columns if column.kind == "str"}
    names |= {each.column for each in values.conversions if hasattr(each, "column")}
    is_told = isinstance(typed, str) or names <= set(typed)
    return [] if is_told else [("low_memory", False)]


def _line_ends(text: Text) -> Arguments:
    sample = text.decoded.text
    is_old = "\r" in sample and "\n" not in sample
    return [("lineterminator", "\r")] if is_old else []


def _add_pieces(text: Text, table: Table, ragged: Ragged) -> list[list[str]]:
    """Rows of the start, the middle and the end; long ones of those ask for columns."""
    width = table.width
    found: list[list[str]] = []
    for piece in text.decoded.pieces:
        lines = piece.splitlines(keepends=True)
        if len(text.delimiter) > 1 and text.delimiter != WHITESPACE:
            lines = [line.replace(text.delimiter, "\x1f") for line in lines]
        rows = read_records(lines, text.dialect).rows
        rows = [row for row in rows if not is_blank(row)]
        fit = [row for row in rows if len(row) == width]
        if len(fit) > _MOSTLY * len(rows):  # else it began within a cell
            found += rows
            longest = max(map(len, rows))
            if longest > width + ragged.extras and not ragged.trails:
                ragged.extras = longest - width
                told = "Some rows further behind have more cells than there are names."
                ragged.doubts.append(Doubt(told))
    return ragged.rows + found


def _shifted(doubt: Doubt, lines: Sequence[int]) -> Doubt:
    """Numbers of rows become numbers of lines."""
    known = tuple(lines[row - 1] for row in doubt.lines if row <= len(lines))
    return Doubt(doubt.text, known, doubt.rows_left_out)
