"""All columns of a table: what `read_csv` is told, and what is converted after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat, zip_longest
from typing import Any

from ...reading import Column, Conversion, Doubt, Kind
from .cells import Cells
from .column import look_at
from .findings import doubts_of
from .plan import Plan, conversion_of, kind_of
from .sentinels import code_remarks
from .shared import decided, decimal_mark, gap_remarks, kept_words, marks_to_tell

__all__ = ["Values", "convert_texts", "read_values"]


@dataclass(frozen=True)
class Values:
    """How the cells of a table become values."""

    arguments: tuple[tuple[str, Any], ...] = ()
    """For `read_csv`, as in `Reading.arguments`."""
    conversions: tuple[Conversion, ...] = ()
    """Statements after it."""
    columns: tuple[Column, ...] = ()
    """What must come out."""
    doubts: tuple[Doubt, ...] = ()
    """Their lines are rows, from 1 for the first of those that were given."""


def read_values(
    names: Sequence[str], rows: Sequence[Sequence[str]], *, delimiter: str = ","
) -> Values:
    """What the columns of delimited text hold.

    Args:
        names: of the columns, each different, as the table will have them.
        rows: the cells as a reader sees them, without the header. Short rows end in
            empty cells; what a row has beyond the last column is not looked at.
        delimiter: between the cells; where it is a comma, numbers have decimal points.

    Example:
        >>> read_values(["a", "b"], [["1,5", "x"], ["2", "y"]], delimiter=";").arguments
        (('decimal', ','),)
    """
    columns = [Cells(values) for values in _transposed(len(names), rows)]
    found = [look_at(name, each) for name, each in zip(names, columns, strict=True)]
    decimal = decimal_mark(found, delimiter)
    findings = [decided(each, decimal) for each in found]
    pairs = list(zip(columns, findings, strict=True))
    kept = kept_words(pairs)
    plan = Plan(marks_to_tell(pairs), kept)
    for name, cells, finding in zip(names, columns, findings, strict=True):
        plan.add(name, cells, finding)
    remarks = [
        (name, remark)
        for name, finding, words, codes in zip(
            names,
            findings,
            gap_remarks(pairs, kept),
            code_remarks(pairs),
            strict=True,
        )
        for remark in (*codes, *finding.remarks, *words)
    ]
    return Values(
        arguments=plan.arguments(),
        conversions=tuple(plan.conversions),
        columns=tuple(map(Column, names, map(kind_of, findings))),
        doubts=doubts_of(remarks),
    )


def convert_texts(
    name: str, values: Sequence[str]
) -> tuple[tuple[Conversion, ...], Kind, tuple[Doubt, ...]]:
    """What a column holds that a reader left as text.

    Args:
        name: of the column.
        values: every cell from the first row on, all of them text; an empty text
            where there is none.

    Returns:
        The conversions, the kind that comes out of them, and the doubts, whose lines
        are rows from 1 for the first of the values.
    """
    cells = Cells(values)
    finding = decided(look_at(name, cells), "")
    words = tuple(word for word in cells.missing_by_default if word)
    missing = (*words, *getattr(finding, "missing", ()))
    conversion = conversion_of(name, finding, missing)
    [codes] = code_remarks([(cells, finding)])
    doubts = doubts_of([(name, remark) for remark in (*codes, *finding.remarks)])
    return ((conversion,) if conversion else ()), kind_of(finding), doubts


def _transposed(width: int, rows: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    """The columns, as many as there are names, each as long as there are rows."""
    columns = islice(zip_longest(*rows, fillvalue=""), width)
    return islice(chain(columns, repeat(("",) * len(rows))), width)
