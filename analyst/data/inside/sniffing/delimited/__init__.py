"""Delimited text, however it is written and whatever is wrong with it.

encoding   from bytes to text
legacy     encodings of before Unicode
dialect    how cells are parted and quoted
quoting    which quotes can be meant
guessing   the likeliest dialect of a sample
cutting    the steps from text to records, and what bounds them
pipes      tables as terminals draw them
comments   lines that are no rows
records    from lines to records; stray quotes are told from cells of several lines
quotes     a damaged line as it was meant
shapes     what a cell looks like
headers    which rows name the columns
starts     where a table begins
layout     where the tables are, and where they end
columns    their names, and how pandas comes to know them
ragged     rows that are longer or shorter than their table
totals     rows of totals
remarks    what is said of all this
footers    what is cut off below a table
readings   what pandas is told of all this
"""

from __future__ import annotations

import contextlib
import csv
import gc
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...reading import Delimited, Doubt, Reading, Unreadable
from .. import fixed_width
from ..files import SourceFile
from .cutting import Text, cut
from .encoding import decoded
from .footers import without_footer
from .layout import tables_of
from .pipes import sniff_pipes
from .readings import encoding_arguments, reading_of, spelling
from .records import is_blank, read_records
from .remarks import said_of_text

__all__ = ["sniff"]

_CELL_CHARS = 64 << 20


def sniff(file: SourceFile, *, plainly: bool = False) -> list[Reading]:
    """The tables of a text file; also of one in columns of fixed width.

    Args:
        file: the file.
        plainly: only the encoding and the delimiter are believed; all stays text.

    Raises:
        Unreadable: there is no table in it.
    """
    whole = decoded(file)
    with _cells_of_any_length(), _without_collection():
        if not plainly:
            found = sniff_pipes(file, whole) or fixed_width.sniff_text(file, whole)
            if found:
                return list(found)
        text = cut(file, whole)
        if plainly:
            return [_plain(text)]
        return _readings(text)


@contextlib.contextmanager
def _cells_of_any_length() -> Iterator[None]:
    before = csv.field_size_limit(_CELL_CHARS)
    try:
        yield
    finally:
        csv.field_size_limit(before)


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """Hundreds of thousands of rows are made, none of which is garbage."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _readings(text: Text) -> list[Reading]:
    tables = tables_of(text.records.rows, text.dialect.width, text.first)
    tables = [each for each in tables if each.header or each.stop > each.body]
    if not tables:
        raise Unreadable("holds no row of a table: check where it came from")
    if all(each.stop <= each.body for each in tables):
        raise Unreadable("holds names of columns but no row: check where it came from")
    found: list[Reading] = []
    whole = said_of_text(text)
    for number, table in enumerate(tables, start=1):
        if table.stop <= table.body:
            continue
        label = f"table {number}" if len(tables) > 1 else ""
        is_last = number == len(tables)
        until = len(text.records.rows) if is_last else tables[number].start
        reading = reading_of(text, table, label, until=until)
        if found:
            reading = _without_what_was_said(reading, found[0], whole)
        if is_last and table.below:
            reading = without_footer(reading, text, table)
        found.append(reading)
    return found


def _without_what_was_said(
    reading: Delimited, first: Reading, whole: Sequence[Doubt]
) -> Delimited:
    """A further table; what concerns all of the file was said of the first."""
    own = [
        doubt
        for doubt in reading.doubts
        if doubt not in whole and not (doubt.lines and doubt in first.doubts)
    ]
    return replace(reading, doubts=tuple(own))


def _plain(text: Text) -> Delimited:
    """The reading that is left where a better one failed."""
    told = "The values could not be read in a better way, so all of them stay text."
    spelled = [pair for pair in spelling(text) if pair[0] != "quoting"]
    if text.records.rewritten or not text.dialect.quote:
        spelled.append(("quoting", int(csv.QUOTE_NONE)))
        text = replace(text, dialect=replace(text.dialect, quote="", escape=""))
        text = replace(text, records=read_records(text.lines, text.dialect))
    widths = [len(row) for row in text.records.rows if not is_blank(row)]
    if widths and max(widths) > widths[0]:
        names = [f"column_{number}" for number in range(1, max(widths) + 1)]
        spelled += [("header", None), ("names", names)]
    return Delimited(
        compression=text.file.compression,
        member=text.file.member,
        arguments=(
            *spelled,
            *encoding_arguments(text),
            ("dtype", "str"),
            ("keep_default_na", False),
        ),
        doubts=(*said_of_text(text), Doubt(told)),
        without_nul=text.has_nul,
    )
