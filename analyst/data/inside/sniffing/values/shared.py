"""What the columns of a table decide together: marks, and words that are no gaps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .cells import Cells
from .findings import Finding, Numbers, Remark, Text, cells_told
from .marks import BLANKS, Marks

__all__ = ["decided", "decimal_mark", "gap_remarks", "kept_words", "marks_to_tell"]

Columns = Sequence[tuple[Cells, Finding]]

_MAY_BE_KEPT = ("None", "NA")
"""What pandas takes as missing, but people use as a word."""
_TWO_LETTERS = re.compile(r"[A-Z]{2}")
_FEW_CODES = 3


def decided(finding: Finding, decimal: str) -> Finding:
    """The same, its open mark read by the decimal mark of the rest; empty: unknown."""
    if not isinstance(finding, Numbers) or not finding.open_mark:
        return finding
    mark = finding.open_mark
    if not decimal:
        as_decimal = finding.example.replace(",", ".")
        as_thousands = finding.example.replace(mark, "")
        told = f"{as_decimal} or {as_thousands}"
        said = f'stays text, as "{finding.example}" may be {told}'
        return Text(looks_typed=True, remarks=(Remark(said),))
    if mark == decimal:
        return replace(finding, open_mark="")
    return replace(
        finding,
        open_mark="",
        decimal="",
        thousands=mark,
        whole=not (finding.percent or finding.is_scientific),
    )


def decimal_mark(findings: Sequence[Finding], delimiter: str) -> str:
    """The decimal mark that the table has for certain; empty where nothing says."""
    marks: set[str] = set()
    for finding in findings:
        if isinstance(finding, Numbers) and not finding.open_mark:
            marks.add(
                finding.decimal or {",": ".", ".": ","}.get(finding.thousands, "")
            )
    marks.discard("")
    if not marks and delimiter == ",":
        return "."
    return marks.pop() if len(marks) == 1 else ""


def marks_to_tell(columns: Columns) -> Marks | None:
    """The decimal mark and that for thousands which `read_csv` is told.

    None where it is told nothing, as columns disagree or another would be harmed: the
    slower engine of pandas changes each cell that looks like a number with these marks,
    whatever its column is.
    """
    bare = [f for _, f in columns if isinstance(f, Numbers) and f.is_bare]
    decimals = {finding.decimal for finding in bare} - {""}
    thousands = {finding.thousands for finding in bare} - {""}
    if all(finding.is_default for finding in bare):
        return None
    if len(decimals) > 1 or len(thousands) > 1 or decimals & thousands:
        return None
    mark = thousands.pop() if thousands else ""
    decimal = decimals.pop() if decimals else ("," if mark == "." else ".")
    changed = mark + (decimal if decimal != "." else "")
    others = [
        cells
        for cells, finding in columns
        if not (isinstance(finding, Numbers) and finding.is_bare)
    ]
    if any(_is_harmed(cells, changed, decimal) for cells in others):
        return None
    return decimal, mark


def _is_harmed(cells: Cells, changed: str, decimal: str) -> bool:
    number = rf"[-+9eE\t{re.escape(changed + decimal + BLANKS)}]*"
    pattern = re.compile(rf"{number}[{re.escape(changed)}]{number}")
    return any(map(pattern.fullmatch, cells.distinct_shapes))


def kept_words(columns: Columns) -> list[str]:
    """Words that pandas would take as missing, but that are categories here.

    `None` is one where it is as frequent as other words that repeat; `NA` where it
    stands among codes of two letters, as for Namibia. Neither is where another column
    has it as a gap.
    """
    return [
        word
        for word in _open_words(columns)
        if all(
            _is_category(word, cells)
            for cells, finding in columns
            if word in cells.missing_by_default
        )
    ]


def gap_remarks(columns: Columns, kept: Sequence[str]) -> list[list[Remark]]:
    """What is to be said in each column of text of words that may be values."""
    return [
        list(_of_words(cells, kept)) if isinstance(finding, Text) else []
        for cells, finding in columns
    ]


def _open_words(columns: Columns) -> list[str]:
    """Those that occur, and only in columns of text."""
    found = {
        word: [
            finding for cells, finding in columns if word in cells.missing_by_default
        ]
        for word in _MAY_BE_KEPT
    }
    return [
        word
        for word, among in found.items()
        if among and all(isinstance(finding, Text) for finding in among)
    ]


def _of_words(cells: Cells, kept: Sequence[str]) -> Iterator[Remark]:
    """One remark on the words that are kept, and one on those that are not."""
    words = [word for word in cells.missing_by_default if word]
    for some, end in (
        ([word for word in words if word in kept], "kept as a word"),
        ([word for word in words if word not in kept], "taken as missing"),
    ):
        if some:
            told = ", ".join(f'"{w}" ({cells_told(cells.count([w]))})' for w in some)
            verb = "is" if len(some) == 1 else "are"
            yield Remark(f"{told} {verb} {end}", cells.rows(some))


def _is_category(word: str, cells: Cells) -> bool:
    others = cells.present
    if word == "NA":
        return len(others) >= _FEW_CODES and all(map(_TWO_LETTERS.fullmatch, others))
    filled = len(cells.values) - cells.count(cells.missing_by_default)
    usual = filled / len(others)
    count = cells.count([word])
    return usual >= 2 and count >= max(2.0, usual / 2)  # noqa: PLR2004 - they repeat
