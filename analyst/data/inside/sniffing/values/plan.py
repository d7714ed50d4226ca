"""What is written down for each column: an argument of the reader, or a conversion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...reading import Conversion, Kind, ToBoolean, ToDate, ToNumber
from .cells import Cells
from .findings import Booleans, Dates, Finding, Numbers, Text
from .marks import Marks
from .names import says_id
from .numbers import looks_like_number
from .words import is_true_in_pandas

__all__ = ["Plan", "conversion_of", "kind_of"]

_EXACT_DIGITS = 15
"""As many a float can hold of any number."""


def kind_of(finding: Finding) -> Kind:
    """The kind of what comes out."""
    if isinstance(finding, Numbers):
        return "int" if finding.whole else "float"
    if isinstance(finding, Dates):
        return "date"
    return "bool" if isinstance(finding, Booleans) else "str"


def conversion_of(
    name: str, finding: Finding, missing: tuple[str, ...]
) -> Conversion | None:
    """The statement that makes values of a column that was read as text."""
    if isinstance(finding, Numbers):
        return ToNumber(
            name,
            remove=finding.remove,
            decimal=finding.decimal or ("," if finding.thousands == "." else "."),
            thousands=finding.thousands,
            parentheses=finding.parentheses,
            trailing_minus=finding.trailing_minus,
            minus=finding.minus,
            percent=finding.percent,
            missing=missing,
            why="" if finding.example.isdigit() else finding.example,
        )
    if isinstance(finding, Dates):
        return ToDate(
            name,
            format=finding.format,
            utc=finding.utc,
            strip=finding.strip,
            missing=missing,
            why=finding.example,
        )
    if isinstance(finding, Booleans):
        return ToBoolean(name, finding.true, finding.false, missing=missing)
    return None


@dataclass
class Plan:
    """Arguments of `read_csv` and conversions, as columns are added to it."""

    marks: Marks | None
    """What the reader is told of decimals and thousands; None where nothing."""
    kept: Sequence[str]
    """Words that it must not take as missing."""
    conversions: list[Conversion] = field(default_factory=list)
    _dtypes: dict[str, str] = field(default_factory=dict)
    _gaps: dict[str, list[str]] = field(default_factory=dict)
    _words: set[str] = field(default_factory=set)

    def add(self, name: str, cells: Cells, finding: Finding) -> None:
        """Take up what was found in one column."""
        self._words.update(cells.missing_by_default)
        missing: tuple[str, ...] = getattr(finding, "missing", ())
        has_gaps = bool(cells.missing_by_default)
        is_read = self._is_read(finding, has_gaps=has_gaps)
        dtype = self._dtype(name, cells, finding, is_read=is_read)
        if dtype:
            self._dtypes[name] = dtype
        if missing and not self.kept:
            self._gaps[name] = list(missing)
            missing = ()
        if not is_read:
            conversion = conversion_of(name, finding, missing)
            self.conversions += [conversion] if conversion else []

    def arguments(self) -> tuple[tuple[str, Any], ...]:
        """What `read_csv` is told, as far as it differs from its defaults."""
        decimal, thousands = self.marks or (".", "")
        words = sorted((self._words | {""}) - set(self.kept))
        return (
            *([("decimal", decimal)] if decimal != "." else []),
            *([("thousands", thousands)] if thousands else []),
            *([("dtype", self._dtypes)] if self._dtypes else []),
            *([("keep_default_na", False), ("na_values", words)] if self.kept else []),
            *([("na_values", self._gaps)] if self._gaps else []),
        )

    def _is_read(self, finding: Finding, *, has_gaps: bool) -> bool:
        """Whether the reader makes the values by itself."""
        if isinstance(finding, Booleans):
            can_have_gaps = not self.kept or not finding.is_one_way
            return finding.by_pandas and (can_have_gaps or not has_gaps)
        if isinstance(finding, Numbers) and finding.is_bare:
            if finding.missing and self.kept:
                return False
            return finding.is_default or self.marks is not None
        return isinstance(finding, Text)

    def _dtype(
        self, name: str, cells: Cells, finding: Finding, *, is_read: bool
    ) -> str:
        """The dtype that the reader is told; empty where it finds it by itself."""
        has_gaps = bool(cells.missing_by_default)
        dtype = ""
        if isinstance(finding, Text) and finding.looks_typed:
            dtype = "string"
        elif isinstance(finding, Dates) and finding.looks_typed:
            dtype = "str"
        elif isinstance(finding, Numbers) and is_read:
            gaps = has_gaps or bool(finding.missing)
            dtype = "Int64" if gaps and _must_stay_whole(name, cells, finding) else ""
        elif isinstance(finding, Numbers):
            dtype = "str" if self._may_be_read(cells, finding) else ""
        elif isinstance(finding, Booleans) and is_read:
            dtype = "boolean" if has_gaps and not self.kept else ""
        elif isinstance(finding, Booleans) and is_true_in_pandas(finding.true):
            dtype = "str"
        return dtype

    def _may_be_read(self, cells: Cells, finding: Numbers) -> bool:
        """Whether the reader may make numbers, other ones, of what is converted."""
        if self.marks is not None:
            return True
        gaps = set(finding.missing)
        return looks_like_number([text for text in cells.present if text not in gaps])


def _must_stay_whole(name: str, cells: Cells, numbers: Numbers) -> bool:
    """Whether floats, which pandas makes of whole numbers with gaps, would harm.

    They are what charts and statistics take, so only names are kept from becoming
    floats, and numbers that a float cannot hold.
    """
    if not numbers.whole:
        return False
    return says_id(name) or max(map(len, cells.present), default=0) > _EXACT_DIGITS
