"""The cells of an HTML table: which are numbers, dates and truth values, and how.

They are judged as those of delimited text are, all columns together; but each column
is converted on its own, as `pd.read_html` cannot be told of some of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..reading import Column, Doubt, Kind, ToBoolean, ToDate, ToNumber
from .values import convert_texts, read_values

__all__ = ["TypedCells", "TypedColumn", "typed"]

_EXACT_DIGITS = 15
"""As many a float, which pandas makes of whole numbers with gaps, can hold."""
_INEXACT = "stays text, as its long whole numbers would not be exact beside gaps."

Made = ToNumber | ToDate | ToBoolean


@dataclass(frozen=True)
class TypedColumn:
    """What a column of texts is."""

    name: str
    kind: Kind
    conversion: Made | None = None
    """None where it stays as it is."""

    def is_plain(self, own: Kind) -> bool:
        """Whether pandas, where it makes values of this kind, makes the right ones."""
        numbers = {"int", "float"}
        if self.kind in numbers and own in numbers:
            made = self.conversion
            return isinstance(made, ToNumber) and made == ToNumber(self.name)
        return own == self.kind == "bool"


@dataclass(frozen=True)
class TypedCells:
    """What the columns of a table are."""

    columns: tuple[TypedColumn, ...]
    arguments: tuple[tuple[str, Any], ...]
    """What `pd.read_html` is told of words that are no gaps."""
    doubts: tuple[Doubt, ...]
    """Without lines: a page has none that a person would count."""


def typed(names: Sequence[str], columns: Sequence[Sequence[str]]) -> TypedCells:
    """What the columns of a table hold.

    Args:
        names: of the columns, each different.
        columns: the cells of each as they are written.

    Example:
        >>> typed(["a"], [["12,50", "9,90"]]).columns[0].conversion.decimal
        ','
    """
    # No cell is cut at a tab, so commas may be anything.
    values = read_values(names, list(zip(*columns, strict=True)), delimiter="\t")
    told = dict(values.arguments)
    made = {
        each.column: each
        for each in values.conversions
        if isinstance(each, ToNumber | ToDate | ToBoolean)
    }
    found: list[TypedColumn] = []
    doubts = [replace(doubt, lines=()) for doubt in values.doubts]
    for (name, kind), cells in zip(map(_pair, values.columns), columns, strict=True):
        if kind == "int" and _is_inexact(cells, told.get("dtype", {}), name):
            found.append(TypedColumn(name, "str"))
            doubts.append(Doubt(f'"{name[:60]}": {_INEXACT}'))
            continue
        gaps = told.get("na_values", {})
        missing = tuple(gaps.get(name, ())) if isinstance(gaps, dict) else ()
        shown = [cell for cell in cells if cell not in missing]
        conversion = made.get(name) or _conversion(name, kind, shown, told)
        if conversion and missing:
            conversion = replace(conversion, missing=missing)
        found.append(TypedColumn(name, kind, conversion))
    arguments = tuple(
        (name, told[name])
        for name in ("keep_default_na", "na_values")
        if "keep_default_na" in told
    )
    return TypedCells(tuple(found), arguments, tuple(doubts))


def _pair(column: Column) -> tuple[str, Kind]:
    return column.name, column.kind


def _conversion(
    name: str, kind: Kind, cells: Sequence[str], told: dict[str, Any]
) -> Made | None:
    """How a column becomes what `read_csv` would have made of it by itself."""
    if kind in {"int", "float"}:
        return _number(name, cells, told)
    if kind == "str":
        return None
    for conversion in convert_texts(name, cells)[0]:
        if isinstance(conversion, ToDate | ToBoolean):
            return replace(conversion, missing=())
    return None


def _number(name: str, cells: Sequence[str], told: dict[str, Any]) -> ToNumber:
    """Digits and marks, of which only those are told that occur."""
    decimal, thousands = told.get("decimal", "."), told.get("thousands", "")
    if not any(thousands and thousands in cell for cell in cells):
        thousands = ""
    for cell in cells:
        if decimal != "." and decimal in cell:
            return ToNumber(name, decimal=decimal, thousands=thousands, why=cell)
    for cell in cells:
        if thousands and thousands in cell:
            return ToNumber(name, decimal=decimal, thousands=thousands, why=cell)
    return ToNumber(name)


def _is_inexact(cells: Sequence[str], dtypes: dict[str, str], name: str) -> bool:
    has_gaps = dtypes.get(name) == "Int64"
    return has_gaps and max(map(len, cells)) > _EXACT_DIGITS
