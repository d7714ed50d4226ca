"""Damages of lines: their width, what stands between and around them."""

from __future__ import annotations

import random

from .clean_tables import TABLES
from .damage import Stage, damage, some_rows
from .drafts import DoesNotFitError, Draft, Line, draft_of
from .scoring import Either, Expected


@damage("trailing delimiters", Stage.LINES, "width")
def _trailing(draft: Draft, rng: random.Random) -> None:
    for line in draft.lines:
        line.text += draft.delimiter


@damage("trailing delimiters of rows", Stage.LINES, "width")
def _trailing_rows(draft: Draft, rng: random.Random) -> None:
    for line in draft.lines:
        if line.row is not None:
            line.text += draft.delimiter


@damage("surplus empty fields", Stage.LINES, "width")
def _surplus_empty(draft: Draft, rng: random.Random) -> None:
    for row in some_rows(draft, rng, 2):
        draft.lines[draft.line_of(row)].text += draft.delimiter * 2


@damage("surplus fields", Stage.LINES, "width")
def _surplus(draft: Draft, rng: random.Random) -> None:
    """What is beyond the last column may stand in it, or in one of its own."""
    draft.must_doubt = True
    last = len(draft.names) - 1
    if last < 1:
        raise DoesNotFitError
    for row in some_rows(draft, rng, 1):
        draft.lines[draft.line_of(row)].text += f"{draft.delimiter}surplus"
        own, text = draft.expected[row][last], draft.written[row][last]
        if isinstance(own, Either):
            raise DoesNotFitError
        joined = f"{text}{draft.delimiter}surplus"
        padded = f"{text}{draft.delimiter}{draft.padding}surplus"
        draft.expected[row][last] = Either((own, joined, padded))


@damage("missing fields", Stage.LINES, "width")
def _short(draft: Draft, rng: random.Random) -> None:
    draft.must_doubt = True
    if len(draft.names) < 4:
        raise DoesNotFitError
    for row in some_rows(draft, rng, 2):
        for at in (-1, -2):
            draft.write(row, at, "", None)
        line = draft.lines[draft.line_of(row)]
        line.text = draft.row_text(row, draft.written[row][:-2])


@damage("blank lines", Stage.LINES, "blank")
def _blank(draft: Draft, rng: random.Random) -> None:
    for row in some_rows(draft, rng, 3):
        draft.lines.insert(draft.line_of(row), Line(""))
        draft.notes += 1


@damage("rows of delimiters alone", Stage.LINES, "blank")
def _empty_rows(draft: Draft, rng: random.Random) -> None:
    if len(draft.names) < 3:
        raise DoesNotFitError
    for row in some_rows(draft, rng, 2):
        text = draft.delimiter * (len(draft.names) - 1)
        draft.lines.insert(draft.line_of(row), Line(text))
        draft.notes += 1


@damage("preamble", Stage.AROUND, "before")
def _preamble(draft: Draft, rng: random.Random) -> None:
    draft.lines[:0] = [Line("Monthly report of the office"), Line("")]
    draft.notes += 2


@damage("preamble with delimiters", Stage.AROUND, "before")
def _preamble_pairs(draft: Draft, rng: random.Random) -> None:
    if len(draft.names) < 4:
        raise DoesNotFitError
    pairs = (["Station", "Nord"], ["Created", "by the office"])
    draft.lines[:0] = [Line(draft.delimiter.join(pair)) for pair in pairs]
    draft.notes += 2


@damage("comments before", Stage.AROUND, "before")
def _comments_before(draft: Draft, rng: random.Random) -> None:
    draft.lines[:0] = [Line("# exported by the scales"), Line("# version 2")]
    draft.notes += 2


@damage("sep= and a byte order mark", Stage.AROUND, "before")
def _sep(draft: Draft, rng: random.Random) -> None:
    if len(draft.delimiter) > 1 or draft.encoding != "utf-8":
        raise DoesNotFitError
    draft.lines.insert(0, Line(f"sep={draft.delimiter}"))
    draft.encoding = "utf-8-sig"
    draft.notes += 1


@damage("a comment within", Stage.AROUND, "within")
def _comment_within(draft: Draft, rng: random.Random) -> None:
    [row] = some_rows(draft, rng, 1)
    draft.lines.insert(draft.line_of(row), Line("# checked until here"))
    draft.notes += 1


@damage("footer", Stage.AROUND, "after")
def _footer(draft: Draft, rng: random.Random) -> None:
    if len(draft.names) < 2:
        raise DoesNotFitError
    draft.lines += [Line(""), Line("Source: Ministry of Finance")]
    draft.lines.append(Line("* preliminary"))
    draft.notes += 3


@damage("two tables", Stage.AROUND, "after")
def _two_tables(draft: Draft, rng: random.Random) -> None:
    """The second has another width and other names."""
    other = draft_of(next(t for t in TABLES if t.name == "survey"))
    if len(draft.names) in {1, len(other.names)} or draft.is_fixed_width:
        raise DoesNotFitError
    other.delimiter, other.quote = draft.delimiter, draft.quote
    other.quoting, other.escape = draft.quoting, draft.escape
    other.padding = draft.padding
    other.render()
    draft.lines += [Line(""), *(Line(line.text) for line in other.lines)]
    [truth] = other.truth()
    draft.notes += 1
    draft.more.append(Expected(truth.names, truth.rows, truth.written, 1))


@damage("no line end at the end", Stage.AROUND, "tail")
def _no_end(draft: Draft, rng: random.Random) -> None:
    draft.tail = ""


@damage("blank lines at the end", Stage.AROUND, "tail")
def _blank_end(draft: Draft, rng: random.Random) -> None:
    draft.tail = "\n\n\n"
    draft.notes += 2


@damage("the mark of DOS at the end", Stage.AROUND, "tail")
def _dos_end(draft: Draft, rng: random.Random) -> None:
    draft.tail = "\n\x1a"
    draft.notes += 1
