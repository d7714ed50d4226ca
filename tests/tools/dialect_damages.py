"""Damages of the dialect: quotes, headers, delimiters, escapes."""

from __future__ import annotations

import random

from .damage import Stage, damage, setting, some_rows
from .drafts import DoesNotFitError, Draft, Line
from .scoring import Either


@damage("cells of several lines", Stage.VALUES, "quotes")
def _several_lines(draft: Draft, rng: random.Random) -> None:
    at = draft.columns("text")[0]
    for row in some_rows(draft, rng, 4):
        text = f"first {row}\nsecond, and the last"
        draft.write(row, at, text, text)


@damage("a stray inch mark", Stage.VALUES, "quotes")
def _inch(draft: Draft, rng: random.Random) -> None:
    at = draft.columns("text")[0]
    for row in some_rows(draft, rng, 2):
        text = '5" disk'
        draft.write(row, at, text, text)
        draft.raw[row, at] = text


@damage("unescaped inner quotes", Stage.VALUES, "quotes")
def _inner_quotes(draft: Draft, rng: random.Random) -> None:
    at = draft.columns("text")[0]
    for row in some_rows(draft, rng, 2):
        text = 'say "hi" now'
        draft.write(row, at, text, text)
        draft.raw[row, at] = f'"{text}"'


@damage("a quote that never closes", Stage.VALUES, "quotes")
def _open_quote(draft: Draft, rng: random.Random) -> None:
    """Whether the mark belongs to the value, nobody knows."""
    at = draft.columns("text")[0]
    [row] = some_rows(draft, rng, 1)
    draft.write(row, at, '"open end', Either(('"open end', "open end")))
    draft.raw[row, at] = '"open end'
    draft.must_doubt = True


@damage("no header", Stage.HEADER, "header")
def _no_header(draft: Draft, rng: random.Random) -> None:
    if len(draft.columns("int", "float", "date", "time")) < 2:
        raise DoesNotFitError
    draft.header = []
    draft.names = [None] * len(draft.names)


@damage("two header rows", Stage.HEADER, "header")
def _two_rows(draft: Draft, rng: random.Random) -> None:
    if len(draft.columns("int", "float", "date", "time")) < 2:
        raise DoesNotFitError
    count = len(draft.names)
    draft.header = [["general"] + [""] * (count // 2 - 1), *draft.header]
    draft.header[0] += ["values"] + [""] * (count - len(draft.header[0]) - 1)
    draft.names = [None] * count


@damage("a row of units", Stage.HEADER, "header")
def _units(draft: Draft, rng: random.Random) -> None:
    if len(draft.columns("int", "float")) < 2:
        raise DoesNotFitError
    words = {"int": "[count]", "float": "[mm]"}
    draft.header = [*draft.header, [words.get(kind, "") for kind in draft.kinds]]
    draft.names = [None] * len(draft.names)


@damage("repeated header", Stage.LINES, "header")
def _repeated(draft: Draft, rng: random.Random) -> None:
    header = draft.record(draft.header[0])
    for row in some_rows(draft, rng, 2):
        draft.lines.insert(draft.line_of(row), Line(header))
        draft.notes += 1


@damage("two columns of one name", Stage.HEADER, "header")
def _one_name(draft: Draft, rng: random.Random) -> None:
    if len(draft.names) < 3:
        raise DoesNotFitError
    draft.header[0][2] = draft.header[0][1]
    draft.names[2] = None


@damage("a column without a name", Stage.HEADER, "header")
def _no_name(draft: Draft, rng: random.Random) -> None:
    if len(draft.names) < 3:
        raise DoesNotFitError
    draft.header[0][1] = ""
    draft.names[1] = None


@damage("an index of pandas", Stage.HEADER, "header")
def _index(draft: Draft, rng: random.Random) -> None:
    if draft.raw:
        draft.raw = {(row, at + 1): text for (row, at), text in draft.raw.items()}
    draft.header[0].insert(0, "")
    draft.names.insert(0, None)
    draft.kinds.insert(0, "int")
    for row, fields in enumerate(draft.written):
        fields.insert(0, str(row))
        draft.expected[row].insert(0, row)


for _name, _mark in (
    ("semicolons", ";"),
    ("tabs", "\t"),
    ("pipes", "|"),
    ("carets", "^"),
    ("tildes", "~"),
    ("colons", ":"),
    ("double pipes", "||"),
    ("blanks as delimiter", " "),
):
    setting(_name, Stage.DIALECT, "delimiter", delimiter=_mark)


@damage("blanks after delimiters", Stage.DIALECT, "padding")
def _padded(draft: Draft, rng: random.Random) -> None:
    if draft.delimiter == " " or len(draft.names) < 2:
        raise DoesNotFitError
    draft.padding = " "


setting("all quoted", Stage.DIALECT, "quoting", quoting="all")
setting("text quoted", Stage.DIALECT, "quoting", quoting="text")
setting("single quotes", Stage.DIALECT, "quotes", quote="'", quoting="text")
setting("escaped quotes", Stage.DIALECT, "escapes", escape="\\", quoting="text")


@damage("fixed width", Stage.DIALECT, "delimiter", is_alone=True)
def _fixed_width(draft: Draft, rng: random.Random) -> None:
    if len(draft.names) < 2:
        raise DoesNotFitError
    draft.is_fixed_width = True
    draft.extension = ".txt"
