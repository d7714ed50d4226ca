"""What is known of a column: kind, gaps, range, spellings."""

from __future__ import annotations

import heapq
from typing import Any

from .names import is_identifier
from .seen import NAME_CHARS, VALUE_CHARS, Seen, clip, number
from .suspicious import orders_in, texts_of

__all__ = ["FEW_VALUES", "look", "look_at"]

FEW_VALUES = 12
FREQUENT_VALUES = 4
_NEARLY_ALL = 0.98


def look_at(name: str, series: Any) -> dict[str, Any]:  # noqa: ANN401 - a Series
    """What is known of a column that is all there.

    >>> look_at("n", pd.Series([3, 1]))["high"]
    '3'
    """
    return look(Seen(name, series))


def look(seen: Seen) -> dict[str, Any]:
    """What is known of one column; less, where its values are too odd."""
    facts: dict[str, Any] = {"name": clip(seen.name, NAME_CHARS), "kind": "other"}
    for part in (_missing, _content, _range, _spelled, _zeros):
        try:
            facts |= part(seen)
        except Exception:  # noqa: BLE001, S112 - a cell may hold any object
            continue
    return facts | {"suspicious": orders_in([seen.name, *texts_of(seen)])}


def _missing(seen: Seen) -> dict[str, Any]:
    return {"missing": seen.missing}


def _content(seen: Seen) -> dict[str, Any]:
    return {
        "kind": seen.kind,
        "distinct": len(seen.counts),
        "sampled": seen.is_sampled,
        "unique": _is_unique(seen),
    }


def _is_unique(seen: Seen) -> bool:
    """Whether each row has a value of its own.

    Of a long table this is looked up where it is cheap or the name asks for it.
    """
    if seen.is_part or not len(seen.series) or seen.missing:
        return False
    if not seen.is_sampled:
        return len(seen.counts) == len(seen.sample) == len(seen.series)
    if len(seen.counts) < _NEARLY_ALL * len(seen.sample):
        return False
    if seen.is_rising:
        return True
    return is_identifier(seen.name) and seen.repeats == 0


def _range(seen: Seen) -> dict[str, Any]:
    if seen.kind not in {"int", "float", "date"} or not len(seen.sample):
        return {}
    import pandas as pd  # noqa: PLC0415 - only once there is a table

    series, sample = seen.series, seen.sample
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = sample = sample.astype(sample.cat.categories.dtype)
    if seen.kind == "date":
        days = pd.to_datetime(sample)
        clock = bool((days != days.dt.normalize()).any())
        form = "%Y-%m-%d %H:%M" if clock else "%Y-%m-%d"
        return {
            "low": pd.Timestamp(series.min()).strftime(form),
            "high": pd.Timestamp(series.max()).strftime(form),
        }
    return {
        "low": number(series.min()),
        "median": number(sample.median()),
        "high": number(series.max()),
    }


def _spelled(seen: Seen) -> dict[str, Any]:
    if seen.kind in {"int", "float"}:
        return {"values": _few_numbers(seen)}
    if seen.kind == "bool":
        return {"values": _most_frequent(seen)}
    if seen.kind == "str":
        return {"values": _most_frequent(seen), "text_of": seen.text_of}
    return {}


def _few_numbers(seen: Seen) -> list[str]:
    """All of them where there are few; none where the sample missed one."""
    if len(seen.counts) > FEW_VALUES:
        return []
    values = sorted(seen.counts.index)
    if seen.is_sampled and values:
        ends = (float(seen.series.min()), float(seen.series.max()))
        if ends != (float(values[0]), float(values[-1])):
            return []
    return [number(value) for value in values]


def _most_frequent(seen: Seen) -> list[str]:
    """All values where there are few, else the most frequent, then by the alphabet."""
    counts = seen.counts
    count = FEW_VALUES if len(counts) <= FEW_VALUES else FREQUENT_VALUES
    if len(counts) > count:
        least = counts.nlargest(count).iloc[-1]
        counts = counts[counts >= least]
    texts = map(str, counts.index.to_numpy(dtype=object))
    ranked = heapq.nsmallest(count, zip((-counts).tolist(), texts, strict=True))
    return [clip(text, VALUE_CHARS) for _, text in ranked]


def _zeros(seen: Seen) -> dict[str, Any]:
    """How many numbers are zero, of all rows."""
    if seen.kind not in {"int", "float"}:
        return {}
    zeros = int((seen.numbers == 0).sum())
    if seen.numbers.size and seen.numbers.size != seen.present:
        zeros = zeros * seen.present // seen.numbers.size
    return {"zeros": zeros}
