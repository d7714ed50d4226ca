"""A column, and what is worked out of it once and used more than once.

Rows, gaps, the smallest and the largest value are those of all rows. What is dear to
count is counted in a sample of rows from all over the table: one from each stretch, at
a place drawn by lot, because a table may repeat itself in any rhythm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

__all__ = ["NAME_CHARS", "VALUE_CHARS", "Seen", "clip", "number", "sample_positions"]

_EXACT_ROWS = 200_000
"""Up to so many, all rows are counted."""
_SAMPLE_ROWS = 50_000
"""Of longer tables."""
_REPEATED_NUMBERS = 5_000_000
_REPEATED_TEXTS = 2_000_000
"""Beyond so many rows, nobody looks for repeated values in all of them."""
NAME_CHARS = 300
VALUE_CHARS = 40
_ODD_ROWS = 5_000
_TEXT_ROWS = 1_000
_EXACT_BELOW = 1e15

_NUMBER = re.compile(r"[-+(]?\s*[$€£¥]?\s*-?(0|[1-9][\d.,' ]*|0?[.,]\d+)\s*[%€)]?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?")
_KINDS = {
    "string": "str",
    "integer": "int",
    "floating": "float",
    "decimal": "float",
    "mixed-integer-float": "float",
    "boolean": "bool",
    "datetime": "date",
    "date": "date",
    "empty": "str",
}


@dataclass(frozen=True)
class Seen:
    """A column of a table."""

    name: str
    series: Any
    """All of it, as pandas has it."""
    is_part: bool = False
    """The table goes on beyond these rows."""

    @property
    def is_sampled(self) -> bool:
        """Whether `sample` is not all there is."""
        return self.is_part or len(self.series) > _EXACT_ROWS

    @cached_property
    def missing(self) -> int:
        """How many rows have no value."""
        return int(self.series.isna().sum())

    @property
    def present(self) -> int:
        """How many rows have one."""
        return len(self.series) - self.missing

    @cached_property
    def sample(self) -> Any:  # noqa: ANN401 - a Series; pandas is loaded late
        """Values without gaps, from all over the column."""
        rows = self.series
        if len(rows) > _EXACT_ROWS:
            rows = rows.take(sample_positions(len(rows)))
        return rows.dropna()

    @cached_property
    def kind(self) -> str:
        """What the values are, whatever the dtype is called."""
        return _kind(self.sample)

    @cached_property
    def counts(self) -> Any:  # noqa: ANN401 - as above
        """How often each value of the sample occurs; odd ones count as their text."""
        values = self.sample
        if self.kind == "other":
            values = values.iloc[:_ODD_ROWS].map(str)
        counts = values.value_counts(sort=False)
        return counts[counts > 0]

    @cached_property
    def repeats(self) -> int | None:
        """How many rows hold a value of an earlier row; None if nobody knows."""
        if self.is_part or self.kind == "other":
            return None
        if not self.is_sampled:
            return len(self.sample) - len(self.counts)
        is_text = self.kind == "str"
        if len(self.series) > (_REPEATED_TEXTS if is_text else _REPEATED_NUMBERS):
            return None
        return int(self.series.dropna().duplicated().sum())

    @cached_property
    def is_rising(self) -> bool:
        """Whether each number is larger than the one before, and none is missing."""
        types = _pandas().api.types
        if self.missing or not types.is_numeric_dtype(self.series.dtype):
            return False
        values = self.series.to_numpy()
        return bool((values[1:] > values[:-1]).all())

    @cached_property
    def numbers(self) -> Any:  # noqa: ANN401 - an array; numpy is loaded late
        """Numbers without gaps: all of them, unless they are objects."""
        pandas = _pandas()
        is_plain = pandas.api.types.is_numeric_dtype(self.series.dtype)
        values = self.series if is_plain else self.sample
        if not self.missing and getattr(values.dtype, "kind", "") in "iuf" and is_plain:
            return values.to_numpy()
        if isinstance(values.dtype, pandas.CategoricalDtype):
            values = values.astype(values.cat.categories.dtype)
        found = values.to_numpy(dtype="float64", na_value=float("nan"))
        return found[found == found] if self.missing else found  # noqa: PLR0124 - a gap equals nothing

    @cached_property
    def texts(self) -> list[str]:
        """A few texts, without the blanks around them, none of them empty."""
        texts = [str(value).strip() for value in self.sample.iloc[:_TEXT_ROWS]]
        return [text for text in texts if text]

    @cached_property
    def unlike_numbers(self) -> list[str]:
        """Those of `texts` that are no number."""
        return [text for text in self.texts if not _NUMBER.fullmatch(text)]

    @cached_property
    def unlike_dates(self) -> list[str]:
        """Those of `texts` that are no date."""
        return [text for text in self.texts if not _DATE.fullmatch(text)]

    @property
    def text_of(self) -> str:
        """What a column of text holds where it is not just text."""
        if not self.texts:
            return ""
        if not self.unlike_dates:
            return "dates"
        return "" if self.unlike_numbers else "numbers"


@lru_cache(maxsize=2)
def sample_positions(rows: int) -> Any:  # noqa: ANN401 - an array; numpy is loaded late
    """One place in each of many equal stretches, the same each time."""
    import numpy as np  # noqa: PLC0415 - only once there is a table

    edges = np.linspace(0, rows, _SAMPLE_ROWS + 1).astype("int64")
    within = np.random.default_rng(0).random(_SAMPLE_ROWS) * np.diff(edges)
    return edges[:-1] + within.astype("int64")


def _kind(sample: Any) -> str:  # noqa: ANN401 - a Series
    pandas = _pandas()
    types = pandas.api.types
    dtype = sample.dtype
    is_category = isinstance(dtype, pandas.CategoricalDtype)
    if is_category:
        dtype = dtype.categories.dtype
    if types.is_bool_dtype(dtype):
        return "bool"
    if types.is_integer_dtype(dtype):
        return "int"
    if types.is_float_dtype(dtype):
        return "float"
    if types.is_datetime64_any_dtype(dtype):
        return "date"
    may_be_any = types.is_object_dtype(dtype) or isinstance(dtype, pandas.ArrowDtype)
    if not (may_be_any or types.is_string_dtype(dtype)):
        return "other"
    values = sample.iloc[:_ODD_ROWS]
    if is_category:
        values = values.astype(dtype)
    return _KINDS.get(types.infer_dtype(values, skipna=True), "other")


def number(value: object) -> str:
    """A number in few characters; whole ones without a point."""
    if _pandas().api.types.is_integer(value):
        return clip(str(value), VALUE_CHARS)
    given = float(value)  # type: ignore[arg-type]
    whole = given.is_integer() and abs(given) < _EXACT_BELOW
    return str(int(given)) if whole else f"{given:.6g}"


def clip(text: str, chars: int) -> str:
    """Text that can be printed, cut where it is long."""
    text = text[: chars + 1].encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= chars else text[: chars - 1] + "…"


def _pandas() -> Any:  # noqa: ANN401 - the module
    import pandas as pd  # noqa: PLC0415 - only once there is a table

    return pd
