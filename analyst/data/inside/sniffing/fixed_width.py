"""Text in columns of fixed width: blanks stand in the same places of every line."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from ..reading import Doubt, FixedWidth, Reading, Unreadable
from .delimited.encoding import Decoded, decoded
from .delimited.headers import filled, header_rows, is_worded, names_of
from .delimited.ragged import lines_told
from .delimited.shapes import shapes_of_columns
from .delimited.totals import Totals, totals_among
from .files import SourceFile
from .page_heads import PREAMBLE_LINES, is_rule, page_heads
from .values import read_values

__all__ = ["looks_fixed", "sniff", "sniff_text"]

_SAMPLE_LINES = 2000
_LINE_CHARS = 5000
_SAMPLE_CHARS = 500_000
_FIT = 0.9
"""The share of lines that have a blank where two columns meet."""
_DELIMITERS = ",;\t|"
_FEWEST_LINES = 3
_TITLE_WORDS = 3
"""A title right above a table has no more."""
_CLOSING_LINES = 3
"""Behind the last blank line of a report; they may say anything."""


def looks_fixed(lines: Sequence[str], *, is_below: bool = False) -> list[int]:
    """The widths of the columns; empty where it is no text of fixed width.

    A column ends where nearly every line has a blank below the other, and none of the
    usual delimiters stands as often in every line.

    Args:
        lines: of the text.
        is_below: something else stands above them, so that they cannot be read as
            cells that any number of blanks parts.
    """
    sample = [line.rstrip("\r\n") for line in lines[:_SAMPLE_LINES] if line.strip()]
    if len(sample) < _FEWEST_LINES or any("\t" in line for line in sample):
        return []
    if max(map(len, sample)) > _LINE_CHARS or _is_delimited(sample):
        return []
    has_runs = sum("  " in line.strip() for line in sample)
    if has_runs < _FIT * len(sample):
        return []
    starts = _starts(sample)
    if len(starts) < 2:  # noqa: PLR2004 - a table has two columns
        return []
    if not is_below and {len(line.split()) for line in sample} == {len(starts)}:
        return []  # any number of blanks parts cells
    stops = [*starts[1:], max(map(len, sample))]
    return [stop - start for start, stop in zip([0, *starts[1:]], stops, strict=True)]


def _is_delimited(sample: Sequence[str]) -> bool:
    for delimiter in _DELIMITERS:
        counts = [line.count(delimiter) for line in sample]
        usual = max(set(counts), key=counts.count)
        if usual and counts.count(usual) >= _FIT * len(counts):
            return True
    return False


def _starts(sample: Sequence[str]) -> list[int]:
    """Where columns begin: after characters that are blank in nearly every line."""
    longest = max(map(len, sample))
    written = [0] * longest
    for line in sample:
        for at, character in enumerate(line):
            if character != " ":
                written[at] += 1
    few = (1 - _FIT) * len(sample)
    starts: list[int] = []
    gap: list[int] = []
    for at, count in enumerate(written):
        if count <= few:
            gap.append(at)
            continue
        if not starts:
            starts.append(0)
        elif gap:
            # The rightmost place that is blank in most lines, names among them.
            starts.append(min(gap, key=lambda place: (written[place], -place)) + 1)
        gap = []
    return starts


def sniff(file: SourceFile) -> list[Reading]:
    """The table of a text file in columns of fixed width.

    Raises:
        Unreadable: it is none.
    """
    found = sniff_text(file, decoded(file))
    if not found:
        raise Unreadable("has no columns of fixed width: give delimited text")
    return found


def sniff_text(file: SourceFile, whole: Decoded) -> list[Reading]:
    """The same, of a text that was read already; empty where it is none."""
    start = io.StringIO(whole.text[:_SAMPLE_CHARS], newline="").readlines()
    is_cut = len(whole.text) > _SAMPLE_CHARS
    first, widths = _found(start[:-1] if is_cut else start)
    if not widths or "\0" in whole.text:
        return []
    lines = io.StringIO(whole.text, newline="").readlines()
    return [_reading(file, whole, lines, widths, first)]


def _found(lines: Sequence[str]) -> tuple[int, list[int]]:
    """The line from which on there are columns, and their widths.

    Lines that only draw a rule say nothing. What may stand above is some lines and a
    blank one, or a single line.
    """
    heads = set(page_heads(lines))
    if heads:  # what stands above the names on the first page is none of its rows
        blank = next((at for at, line in enumerate(lines) if line.isspace()), 0)
        heads |= {*range(blank)} if blank < min(heads) else set()
        last = max(at for at, line in enumerate(lines) if line.isspace())
        heads |= (
            {*range(last, len(lines))} if last >= len(lines) - _CLOSING_LINES else set()
        )
    bare = [
        "" if at in heads or is_rule(line) else line for at, line in enumerate(lines)
    ]
    widths = looks_fixed(bare)
    if widths:
        return 0, widths
    head = lines[:PREAMBLE_LINES]
    blanks = [at for at, line in enumerate(head) if at and line.isspace()]
    for first in (*([blanks[-1] + 1] if blanks else []), 1):
        widths = looks_fixed(bare[first:], is_below=first > 1)
        if not widths or (first == 1 and len(lines[0].split()) > _TITLE_WORDS):
            continue
        if not any(_is_filled(line, widths) for line in lines[:first]):
            return first, widths
    return 0, []


def _cells(line: str, widths: Sequence[int]) -> list[str]:
    found: list[str] = []
    at = 0
    for width in widths:
        found.append(line[at : at + width].strip())
        at += width
    return found


def _is_filled(line: str, widths: Sequence[int]) -> bool:
    """Whether a line has a cell in each column."""
    return _fits(line, widths) and filled(_cells(line, widths)) == len(widths)


def _fits(line: str, widths: Sequence[int]) -> bool:
    """Whether no word of a line goes from one column into the next."""
    at = 0
    for width in widths[:-1]:
        at += width
        if line[at - 1 : at].strip() and line[at : at + 1].strip():
            return False
    return True


def _reading(
    file: SourceFile, whole: Decoded, lines: list[str], widths: list[int], first: int
) -> FixedWidth:
    longest = max(len(line.rstrip("\r\n")) for line in lines[first:])
    widths[-1] = longest - sum(widths[:-1])
    start = _first(lines, widths, first)
    stop = _stop(lines, widths, start)
    places = [at for at in range(start, stop) if lines[at].strip()]
    heads = [at for at in page_heads(lines) if start <= at < stop]
    rules = sorted({*heads, *(at for at in places if is_rule(lines[at]))})
    places = sorted({*places} - {*rules})
    rows = [_cells(lines[at].rstrip("\r\n"), widths) for at in places]
    shapes = shapes_of_columns(rows, len(widths))
    header = header_rows(rows, 0, len(widths), shapes) if rows else 0
    totals = totals_among(rows[header:]) if whole.is_whole else Totals()
    said_of_totals = totals.doubts([at + 1 for at in places[header:]])
    total = places[-1] if totals.proven else None
    if totals.proven:
        stop = places.pop()
        rows.pop()
        while is_rule(lines[stop - 1]) or not lines[stop - 1].strip():
            stop -= 1
    body = rows[header:]
    names = names_of(rows[:header], len(widths)) if header else []
    names = names or [f"column_{number}" for number in range(1, len(widths) + 1)]
    values = read_values(names, body, delimiter=" ")
    begin = places[header] if body else stop
    is_plain = header == 1 and names == rows[0] and not any(at < begin for at in rules)
    skipped = list(range(start if is_plain else begin))
    within = [at for at in rules if begin <= at < stop]
    arguments = _arguments(
        widths,
        names,
        [*skipped, *within] if within else len(skipped),
        is_plain=is_plain,
    )
    if whole.is_whole and any(line.strip() for line in lines[stop:]):
        arguments.append(("skipfooter", len(lines) - stop))
    if whole.encoding != "utf-8":
        arguments.append(("encoding", whole.encoding))
    if whole.replaces:
        arguments.append(("encoding_errors", "replace"))
    doubts = [
        *whole.doubts,
        *_doubts(
            lines,
            widths,
            start,
            stop,
            skipped=rules,
            total=total,
            has_header=header > 0,
        ),
        *said_of_totals,
    ]
    if heads:
        told = "The head of the page is repeated between the rows; that is left out."
        doubts.append(Doubt(told, lines_told([at + 1 for at in heads])))
    numbers = [at + 1 for at in places[header:]]
    for doubt in values.doubts:
        known = tuple(numbers[row - 1] for row in doubt.lines if row <= len(numbers))
        doubts.append(Doubt(doubt.text, known, doubt.rows_left_out))
    return FixedWidth(
        compression=file.compression,
        member=file.member,
        arguments=(*arguments, *values.arguments),
        conversions=values.conversions,
        rows=len(body) if whole.is_whole else None,
        columns=values.columns,
        doubts=tuple(doubts),
    )


def _arguments(
    widths: list[int], names: list[str], skipped: int | list[int], *, is_plain: bool
) -> list[tuple[str, Any]]:
    told: list[tuple[str, Any]] = [("widths", widths)]
    if skipped:
        told.append(("skiprows", skipped))
    if not is_plain:
        told += [("header", None), ("names", names)]
    return told


def _first(lines: Sequence[str], widths: Sequence[int], first: int) -> int:
    """The first line, from this one on, that fills its columns."""
    need = max(2, 0.7 * len(widths))
    for at, line in enumerate(lines[first:], first):
        if is_rule(line):
            continue
        if filled(_cells(line, widths)) >= need and _fits(line, widths):
            return at
    return first


def _stop(lines: Sequence[str], widths: Sequence[int], start: int) -> int:
    """The line after the last that is a row."""
    stop = len(lines)
    while stop > start + 1:
        line = lines[stop - 1].rstrip()
        is_row = line and not is_rule(line) and _fits(line, widths)
        if is_row and not _is_note(lines[:stop], widths):
            break
        stop -= 1
    return stop


def _is_note(lines: Sequence[str], widths: Sequence[int]) -> bool:
    """Whether the last of the lines is a remark: apart, and no row as those above."""
    if lines[-2].strip():
        return False
    row = _cells(lines[-1], widths)
    if filled(row) <= max(1, len(widths) / 3):
        return True
    above = next((line for line in reversed(lines[:-1]) if line.strip()), "")
    return is_worded(row) and not is_worded(_cells(above, widths))


def _doubts(
    lines: Sequence[str],
    widths: Sequence[int],
    start: int,
    stop: int,
    *,
    skipped: Sequence[int],
    total: int | None,
    has_header: bool,
) -> list[Doubt]:
    found: list[Doubt] = []
    above = [at + 1 for at in range(start) if lines[at].strip()]
    below = [
        at + 1
        for at in range(stop, len(lines))
        if lines[at].strip() and not is_rule(lines[at]) and at != total
    ]
    crossing = [
        at + 1
        for at in range(start, stop)
        if at not in skipped and not _fits(lines[at].rstrip(), widths)
    ]
    if above:
        found.append(
            Doubt("What stands above the table is left out.", lines_told(above))
        )
    if below:
        told = "What stands below the table is left out."
        found.append(Doubt(told, lines_told(below), rows_left_out=len(below)))
    if crossing:
        told = "Words cross from one column into the next; they are cut there."
        found.append(Doubt(told, lines_told(crossing)))
    if not has_header:
        found.append(Doubt("There is no header row; the columns are numbered."))
    return found
