"""Tables as terminals draw them: pipes between the cells, and lines for rules."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...reading import Delimited, Doubt
from ..files import SourceFile
from ..values import read_values
from .encoding import Decoded
from .headers import filled, header_rows, names_of
from .ragged import lines_told
from .shapes import shapes_of_columns
from .totals import totals_among

__all__ = ["sniff_pipes"]

_SEPARATOR = r"\s*\|\s*"
_RULE = re.compile(r"[|+]?[-=+]{3,}[|+]?")
_MARKDOWN = re.compile(r":?-{2,}:?")
_MOST_COLUMNS = 500
_MOST_ABOVE = 30
_SEEN_LINES = 200
_SEEN_CHARS = 200_000
_FEWEST_ROWS = 2


@dataclass
class _Drawn:
    """A drawn table, by its lines from 0."""

    places: list[int]
    """Its rows, names among them."""
    rows: list[list[str]]
    rules: list[int]
    has_outer: bool
    """Pipes stand at both ends of each row."""
    stop: int
    """The line after the last that belongs to it."""

    def rows_above_rule(self) -> int:
        """How many rows stand above the first rule that follows one; 0: it is none."""
        rule = next((at for at in self.rules if at > self.places[0]), self.stop)
        above = sum(at < rule for at in self.places)
        return above if above < len(self.places) else 0


def sniff_pipes(file: SourceFile, whole: Decoded) -> list[Delimited]:
    """The table of a text that is drawn with pipes; empty where it is none."""
    text = whole.text
    if not whole.is_whole or "|" not in text or '"' in text or "\0" in text:
        return []
    start = io.StringIO(text[:_SEEN_CHARS], newline="").readlines()
    if not _may_be_drawn(start[:_SEEN_LINES]):
        return []
    lines = io.StringIO(whole.text, newline="").readlines()
    drawn = _drawn(lines)
    return [_reading(file, whole, lines, drawn)] if drawn else []


def _drawn(lines: Sequence[str]) -> _Drawn | None:
    """The table; None where lines that are no rows stand in it, or nothing is drawn."""
    first = next((at for at, line in enumerate(lines) if "|" in line), len(lines))
    pipes = lines[first].count("|") if first < len(lines) else 0
    if first > _MOST_ABOVE or not 0 < pipes <= _MOST_COLUMNS:
        return None
    places: list[int] = []
    rules = [at for at in range(first) if _RULE.fullmatch(lines[at].strip())]
    stop = first
    for at in range(first, len(lines)):
        bare = lines[at].strip()
        if _RULE.fullmatch(bare) or (len(places) == 1 and _is_markdown_rule(bare)):
            rules.append(at)
        elif "|" in bare:
            is_row = bare.count("|") == pipes
            if not is_row or any(lines[between].strip() for between in range(stop, at)):
                return None
            places.append(at)
        else:
            continue
        stop = at + 1
    if len(places) < _FEWEST_ROWS:
        return None
    rows = [[cell.strip() for cell in lines[at].split("|")] for at in places]
    has_outer = all(not row[0] and not row[-1] for row in rows)
    if has_outer:
        rows = [row[1:-1] for row in rows]
    width = len(rows[0])
    if not width or not (rules or has_outer):
        return None
    return _Drawn(places, rows, rules, has_outer, stop)


def _may_be_drawn(lines: Sequence[str]) -> bool:
    """Whether a rule is among the first lines, or pipes stand at both ends of each."""
    bare = [line.strip() for line in lines if "|" in line]
    if all(line[0] == line[-1] == "|" for line in bare):
        return True
    return any(_RULE.fullmatch(line.strip()) for line in lines)


def _is_markdown_rule(bare: str) -> bool:
    cells = [cell.strip() for cell in bare.strip("|").split("|")]
    return all(map(_MARKDOWN.fullmatch, cells))


def _reading(
    file: SourceFile, whole: Decoded, lines: Sequence[str], drawn: _Drawn
) -> Delimited:
    rows, width = drawn.rows, len(drawn.rows[0])
    shapes = shapes_of_columns(rows, width)
    header = drawn.rows_above_rule()
    if header != 1:
        header = header_rows(rows, 0, width, shapes)
    numbers = [at + 1 for at in drawn.places[header:]]
    totals = totals_among(rows[header:])
    body = rows[header:-1] if totals.proven else rows[header:]
    stop = drawn.places[-1] if totals.proven else drawn.places[-1] + 1
    names = names_of(rows[:header], width) if header else []
    names = names or [f"column_{number}" for number in range(1, width + 1)]
    values = read_values(names, body, delimiter="|")
    begin = drawn.places[header]
    inner = [at for at in drawn.rules if begin <= at < stop]
    told: list[tuple[str, Any]] = [("sep", _SEPARATOR), ("engine", "python")]
    if begin or inner:
        told.append(("skiprows", [*range(begin), *inner] if inner else begin))
    told += [("header", None), ("names", names)]
    if drawn.has_outer:
        told.append(("usecols", list(range(1, width + 1))))
    if any(line.strip() for line in lines[stop:]):
        told.append(("skipfooter", len(lines) - stop))
    if whole.encoding != "utf-8":
        told.append(("encoding", whole.encoding))
    if whole.replaces:
        told.append(("encoding_errors", "replace"))
    doubts = [*whole.doubts, *_doubts(lines, drawn), *totals.doubts(numbers)]
    if not header:
        doubts.append(Doubt("There is no header row; the columns are numbered."))
    for doubt in values.doubts:
        known = tuple(numbers[row - 1] for row in doubt.lines if row <= len(numbers))
        doubts.append(Doubt(doubt.text, known, doubt.rows_left_out))
    return Delimited(
        compression=file.compression,
        member=file.member,
        arguments=(*told, *values.arguments),
        conversions=values.conversions,
        rows=len(body),
        columns=values.columns,
        doubts=tuple(doubts),
    )


def _doubts(lines: Sequence[str], drawn: _Drawn) -> list[Doubt]:
    """What is left out around the rows."""
    found: list[Doubt] = []
    rules = set(drawn.rules)
    above = [
        at + 1
        for at in range(drawn.places[0])
        if at not in rules and filled([lines[at]])
    ]
    below = [at + 1 for at in range(drawn.stop, len(lines)) if filled([lines[at]])]
    if above:
        told = "What stands above the table is left out."
        found.append(Doubt(told, lines_told(above)))
    if below:
        told = "What stands below the table is left out."
        found.append(Doubt(told, lines_told(below), rows_left_out=len(below)))
    if rules:
        told = "Lines that only draw a rule are left out."
        found.append(Doubt(told, lines_told([at + 1 for at in drawn.rules])))
    return found
