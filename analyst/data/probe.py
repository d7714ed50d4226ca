"""Looks at the loaded tables. This source runs inside the kernel, not here.

It needs the standard library and pandas alone, because it is sent as text and the
kernel may not have this package. What it prints is bounded, and so is the time it
takes: large tables are counted in a sample. Nothing in a table may make it fail.
"""

from __future__ import annotations

import heapq
import json
import re
import warnings

import pandas as pd

MARK = "analyst-probe: "
MAX_COLUMNS = 200
NAME_CHARS = 300
VALUE_CHARS = 40
FEW_VALUES = 12
FREQUENT_VALUES = 4
SAMPLE_ROWS = 200_000
ODD_ROWS = 5_000
TEXT_ROWS = 1_000
EXACT_BELOW = 1e15

_NUMBER = re.compile(r"[-+(]?\s*[$€£¥]?\s*-?(0|[1-9][\d.,' ]*|0?[.,]\d+)\s*[%€)]?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?")


def report(tables: dict[str, pd.DataFrame]) -> None:
    """Print one marked line of JSON for each table."""
    for name, frame in tables.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            facts = {
                "name": name,
                "rows": len(frame),
                "column_count": frame.shape[1],
                "columns": [
                    look(str(frame.columns[at]), frame.iloc[:, at])
                    for at in range(min(frame.shape[1], MAX_COLUMNS))
                ],
            }
        print(MARK + json.dumps(facts))  # noqa: T201 - printing is how it reports


def look(name: str, series: pd.Series) -> dict[str, object]:
    """What is known of one column; less, where its values are too odd."""
    facts: dict[str, object] = {"name": _clip(name, NAME_CHARS), "kind": "other"}
    for part in (_missing, _content):
        try:
            facts |= part(series)
        except Exception:  # noqa: BLE001, S112 - a cell may hold any object
            continue
    return facts


def _missing(series: pd.Series) -> dict[str, object]:
    return {"missing": int(series.isna().sum())}


def _content(series: pd.Series) -> dict[str, object]:
    every = max(1, -(-len(series) // SAMPLE_ROWS))
    sample = series.iloc[::every].dropna()
    kind = _kind(sample)
    if kind == "other":
        sample = sample.iloc[:ODD_ROWS].map(str)
    counts = sample.value_counts()
    counts = counts[counts > 0]
    facts: dict[str, object] = {
        "kind": kind,
        "distinct": len(counts),
        "sampled": every > 1,
        "unique": _is_unique(series, sample, len(counts), every),
    }
    if kind in {"int", "float", "date"} and len(sample):
        facts |= _range(series, sample, kind)
    if kind in {"str", "bool", "int", "float"}:
        facts["values"] = _values(counts, kind)
    if kind == "str":
        facts["text_of"] = _text_of(sample)
    return facts


def _kind(sample: pd.Series) -> str:
    """What the values are, whatever the dtype is called."""
    dtype = sample.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        dtype = dtype.categories.dtype
    types = pd.api.types
    if types.is_bool_dtype(dtype):
        return "bool"
    if types.is_integer_dtype(dtype):
        return "int"
    if types.is_float_dtype(dtype):
        return "float"
    if types.is_datetime64_any_dtype(dtype):
        return "date"
    if not (types.is_object_dtype(dtype) or types.is_string_dtype(dtype)):
        return "other"
    found = pd.api.types.infer_dtype(sample.iloc[:ODD_ROWS], skipna=True)
    return {
        "string": "str",
        "integer": "int",
        "floating": "float",
        "decimal": "float",
        "mixed-integer-float": "float",
        "boolean": "bool",
        "datetime": "date",
        "date": "date",
        "empty": "str",
    }.get(found, "other")


def _is_unique(series: pd.Series, sample: pd.Series, distinct: int, every: int) -> bool:
    """Whether each row has a value of its own; of a large table only if it rises."""
    if len(series) == 0 or distinct < len(sample):
        return False
    if every == 1:
        return len(sample) == len(series)
    if not pd.api.types.is_numeric_dtype(series.dtype):
        return False
    return bool((series.diff().iloc[1:] > 0).all())


def _range(series: pd.Series, sample: pd.Series, kind: str) -> dict[str, object]:
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = sample = sample.astype(sample.cat.categories.dtype)
    if kind == "date":
        days = pd.to_datetime(sample)
        clock = bool((days != days.dt.normalize()).any())
        form = "%Y-%m-%d %H:%M" if clock else "%Y-%m-%d"
        return {
            "low": pd.Timestamp(series.min()).strftime(form),
            "high": pd.Timestamp(series.max()).strftime(form),
        }
    low, median, high = series.min(), sample.median(), series.max()
    return {"low": _number(low), "median": _number(median), "high": _number(high)}


def _number(value: object) -> str:
    if pd.api.types.is_integer(value):
        return str(value)
    number = float(value)  # type: ignore[arg-type]
    whole = number.is_integer() and abs(number) < EXACT_BELOW
    return str(int(number)) if whole else f"{number:.6g}"


def _values(counts: pd.Series, kind: str) -> list[str]:
    """All values where there are few, else the most frequent of text."""
    few = len(counts) <= FEW_VALUES
    if kind in {"int", "float"}:
        return [_number(value) for value in sorted(counts.index)] if few else []
    ranked = heapq.nsmallest(
        FEW_VALUES if few else FREQUENT_VALUES,
        zip(-counts, map(str, counts.index), strict=True),
    )
    return [_clip(text, VALUE_CHARS) for _, text in ranked]


def _text_of(sample: pd.Series) -> str:
    texts = [str(value).strip() for value in sample.iloc[:TEXT_ROWS]]
    texts = [text for text in texts if text]
    for what, pattern in (("dates", _DATE), ("numbers", _NUMBER)):
        if texts and all(map(pattern.fullmatch, texts)):
            return what
    return ""


def _clip(text: str, chars: int) -> str:
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= chars else text[: chars - 1] + "…"
