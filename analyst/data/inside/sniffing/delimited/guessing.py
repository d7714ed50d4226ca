"""The likeliest dialect of a text: every candidate is tried on a sample and scored."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile

from .dialect import ONE_COLUMN, WHITESPACE, Dialect, fields_of, reader
from .headers import is_worded, typed_columns
from .quoting import quotes_in
from .shapes import shape_of, shapes_of_columns

__all__ = ["dialect_of"]

_DELIMITERS = (",", ";", "\t", "|", "^", "~", "§", "\x01", "\x1f", ":", " ")
_RARE = (":", " ")
"""They stand within cells more often than between them."""
_RARE_WEIGHT = 0.42
_RARE_REGULAR_WEIGHT = 0.7
_RARE_SHARE = 0.7
_TABLE_SHARE = 0.2
_RARE_WIDTH = 4
"""From so many columns on, none of them need be of numbers."""
_REGULAR_WEIGHT = 1.3
_LONG = ("||", "::", ";;", "~~", "^^", "##", "@@", "$$", "|~|", "~|~", "^|^", "|;|")
_SAMPLE_CHARS = 100_000
_SAMPLE_LINES = 400
_TYPED_CELLS = 4000
_STEADY = 0.5
"""The share of lines of one width from which a delimiter is believed."""
_FEW_FAILURES = 0.1
_BLANKS_FOLLOW = 0.6
_SPAN_LINES = 30
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
_PLAIN_WORDS = re.compile(r"[\w .\-'/&()]{1,40}")


@dataclass(frozen=True)
class _Trial:
    """A sample as one dialect cuts it."""

    dialect: Dialect
    rows: list[list[str]]
    failures: int
    """Lines whose quotes are wrong."""

    @property
    def is_regular(self) -> bool:
        """Whether a strict reader finds as many cells in every record."""
        return not self.failures and len(set(map(len, self.rows))) == 1

    @property
    def has_few_failures(self) -> bool:
        """Whether they may be an accident."""
        return self.failures <= _FEW_FAILURES * len(self.rows)

    @property
    def usual_width(self) -> tuple[int, int]:
        """The most frequent number of cells, and in how many rows; 1 never counts."""
        widths = Counter(map(len, self.rows))
        del widths[1]
        return max(widths.items(), key=lambda each: (each[1], each[0]), default=(1, 0))

    @property
    def share_of_tables(self) -> float:
        """How many rows are of widths that are frequent, as those of two tables are."""
        widths = Counter(map(len, self.rows))
        del widths[1]
        least = _TABLE_SHARE * len(self.rows)
        return sum(n for n in widths.values() if n >= least) / len(self.rows)


def dialect_of(lines: Sequence[str], told: str = "") -> Dialect:
    """The likeliest dialect of a file.

    Args:
        lines: its lines, with their ends.
        told: the delimiter, where the file itself names it.
    """
    sample = _sample(lines)
    best, best_score = _Trial(ONE_COLUMN, [], 0), 0.0
    for delimiter in [told] if told else _delimiters_in(sample):
        for trial in _trials(sample, delimiter):
            score = _score(sample, trial)
            if score > best_score:
                best, best_score = trial, score
    found = best.dialect
    if not found.delimiter and told:
        return Dialect(told)
    if found.delimiter == "," and _is_decimal_comma(sample):
        return ONE_COLUMN
    if found.delimiter in _RARE and not told:
        found = _rare(best, sample)
    return found if found.delimiter else Dialect("", quote=_quote_of_column(sample))


def _sample(lines: Sequence[str]) -> list[str]:
    """Lines of the start, the middle and the end; nothing blank, no comments above."""
    lines = list(dropwhile(_is_no_row, lines)) or lines
    count = len(lines)
    part = _SAMPLE_LINES // 4
    places = (
        (0, 2 * part),
        (max(2 * part, count // 2), max(2 * part, count // 2) + part),
        (max(2 * part, count // 2 + part, count - part), count),
    )
    found: list[str] = []
    chars = 0
    for first, stop in places:
        for line in lines[first:stop]:
            if line.isspace():
                continue
            if chars + len(line) > _SAMPLE_CHARS and len(found) > 1:
                break
            found.append(line)
            chars += len(line)
    return found


def _is_no_row(line: str) -> bool:
    return line.isspace() or line.startswith("#")


def _delimiters_in(sample: Sequence[str]) -> list[str]:
    text = "".join(sample)
    found = [each for each in _DELIMITERS if each in text]
    for long in _LONG:
        # It is one only where its characters never stand alone.
        inner = max(set(long), key=long.count)
        pairs = text.count(long)
        is_frequent = pairs >= _STEADY * len(sample)
        if pairs and is_frequent and text.count(inner) == pairs * long.count(inner):
            found = [long, *(each for each in found if each not in long)]
    return found


def _trials(sample: Sequence[str], delimiter: str) -> list[_Trial]:
    """The sample by every way of quoting that can be meant.

    Quotes are no plain characters where nearly all of them are right as quotes, and a
    backslash is one where they are all right without it.
    """
    quotings = quotes_in("".join(sample), delimiter)
    follows = delimiter != " " and _blanks_follow(sample, delimiter)
    quotings = quotes_in("".join(sample), delimiter)
    found = [_tried(sample, Dialect(delimiter, *each, follows)) for each in quotings]
    sound = {
        each.dialect.quote
        for each in found
        if each.is_regular and not each.dialect.escape
    }
    found = [t for t in found if not t.dialect.escape or t.dialect.quote not in sound]
    plain, *quoted = sorted(found, key=lambda trial: trial.dialect.quote != "")
    if any(_is_quoted(trial, plain) for trial in quoted):
        return quoted
    return found


def _is_quoted(trial: _Trial, plain: _Trial) -> bool:
    """Whether quotes are right, so that the same text without them need not be tried.

    An apostrophe is a letter more often than a quote.
    """
    if trial.is_regular and len(trial.rows[0]) == 1:
        return True
    if trial.dialect.quote != '"' or not trial.has_few_failures:
        return False
    return trial.is_regular or trial.usual_width[1] >= 0.8 * plain.usual_width[1]


def _tried(sample: Sequence[str], dialect: Dialect) -> _Trial:
    """The records of a sample, a line with wrong quotes cut at every delimiter."""
    cutter = dialect
    if len(dialect.delimiter) > 1:
        sample = [line.replace(dialect.delimiter, "\x1f") for line in sample]
        cutter = replace(dialect, delimiter="\x1f")
    rows: list[list[str]] = []
    failures = at = 0
    while at < len(sample):
        lines = reader(iter(sample[at:]), cutter)
        before = first = at
        try:
            for row in lines:
                after = first + lines.line_num
                if after - before > _SPAN_LINES:
                    break
                if len(row) > 1 or not all(map(_is_no_row, row)):
                    rows.append(row)
                before = after
        except csv.Error:
            pass
        at = before
        if at < len(sample):
            failures += 1
            rows.append(sample[at].rstrip("\r\n").split(cutter.delimiter))
            at += 1
    trial = _Trial(dialect, rows, failures)
    return _Trial(replace(dialect, width=trial.usual_width[0]), rows, failures)


def _score(sample: Sequence[str], trial: _Trial) -> float:
    """How much the sample looks like a table."""
    rows, dialect = trial.rows, trial.dialect
    width, count = trial.usual_width
    if width == 1:
        return 0.0
    places = [at for at, row in enumerate(rows) if len(row) == width]
    dense = count / (places[-1] - places[0] + 1) if count > 2 else 0.0  # noqa: PLR2004 - a run
    steady = max(count / len(rows), 0.9 * dense)
    if steady < _STEADY:
        return 0.0
    cells = [cell for row in rows for cell in row][:_TYPED_CELLS]
    quoted = sum(cell[:1] in ('"', "'") and len(cell) > 1 for cell in cells)
    return (
        math.pow(steady, 1.5)
        * (1 - 1 / width)
        * (0.15 + sum(map(_plausible, cells)) / len(cells))
        * (1 - 0.7 * quoted / len(cells))
        * (1 - 0.5 * trial.failures / len(rows))
        * (0.2 + 0.8 * min(1.0, 1.5 * len(rows) / len(sample)))
        * _weight(trial)
        * (0.99 if dialect.escape else 1.0)
        * (1.02 if dialect.quote == '"' else 1.0)
    )


def _weight(trial: _Trial) -> float:
    if trial.dialect.delimiter not in _RARE:
        return _REGULAR_WEIGHT if trial.is_regular else 1.0
    if trial.is_regular:
        return _RARE_REGULAR_WEIGHT * _REGULAR_WEIGHT
    return _RARE_WEIGHT


def _plausible(cell: str) -> float:
    shape = shape_of(cell)
    if shape != "text":
        return 1.0
    return 0.6 if _PLAIN_WORDS.fullmatch(cell) else 0.0


def _rare(trial: _Trial, sample: Sequence[str]) -> Dialect:
    """Whether blanks or colons part cells: names above values say so."""
    parts = {len(line.split()) for line in sample}
    if trial.dialect.delimiter == " " and len(parts) == 1:
        if any("  " in line.strip() for line in sample):
            return Dialect(WHITESPACE, "", width=parts.pop())
    elif all(shape_of(line.strip()) in ("time", "date") for line in sample[1:]):
        return ONE_COLUMN
    width, _ = trial.usual_width
    rows = [row for row in trial.rows if len(row) == width]
    typed = typed_columns(shapes_of_columns(rows, width))
    if trial.is_regular:
        return trial.dialect if typed or width >= _RARE_WIDTH else ONE_COLUMN
    near = (row for row in trial.rows if len(row) > 1 and abs(len(row) - width) <= 1)
    names = next(near)
    is_named = is_worded(names) and all(map(str.strip, names))
    fits = is_named and typed and trial.share_of_tables >= _RARE_SHARE
    return trial.dialect if fits else ONE_COLUMN


def _is_decimal_comma(sample: Sequence[str]) -> bool:
    """A single column of numbers such as `1,5` below a name."""
    return (
        len(sample) > 1
        and "," not in sample[0]
        and all(_DECIMAL_COMMA.fullmatch(line.strip()) for line in sample[1:])
    )


def _quote_of_column(sample: Sequence[str]) -> str:
    """The quote that a single column has; empty where quotes belong to its text."""
    for quote in "\"'":
        lines = [line.strip() for line in sample if quote in line]
        plain = Dialect("", quote)
        if not lines or any(fields_of(line, plain) is None for line in lines):
            continue
        if all(line[0] == quote for line in lines) and (
            quote == '"' or all(line[-1] == quote for line in lines)
        ):
            return quote
    return ""


def _blanks_follow(sample: Sequence[str], delimiter: str) -> bool:
    """Whether most cells but the first begin with a blank."""
    rows = (line.split(delimiter)[1:] for line in sample)
    cells = [cell for row in rows for cell in row if cell.strip()]
    blank = sum(cell[0] == " " for cell in cells)
    return bool(cells) and blank > _BLANKS_FOLLOW * len(cells)
