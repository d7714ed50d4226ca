"""What is odd in numbers and dates: codes for missing, outliers, wrong signs, zeros.

All fences are wide: a note that is wrong costs more than one that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .names import counts_something, is_identifier, is_place
from .noticed import Noticed, Oddity
from .seen import Seen, number, sample_positions

__all__ = ["of_dates", "of_numbers"]

_ENOUGH = 20
"""Of fewer values nothing is said."""
_REPEATED = 3
_FENCE = 3.0
_FEW = 0.005
_RARE = 0.01
_MANY_ZEROS = 0.9
_EXAMPLES = 3
_CODES = frozenset(
    sign * int("9" * digits) for digits in range(1, 10) for sign in (1, -1)
) - {9}
_PLAIN_CODE = -99
"""From here down, a repeated code among numbers without a sign is one."""
_MOST_CODES = 3
_DAY_CODES = (
    "0001-01-01 1601-01-01 1753-01-01 1899-12-30 1899-12-31 1900-01-01 1970-01-01 "
    "2099-12-31 2999-12-31 9999-12-31"
)
_TEN_YEARS_IN_DAYS = 3652
_OLD_DAYS = -25567
"""1900-01-01, in days from 1970."""
_FAR_DAYS = 47846
"""2100-12-31."""


def of_numbers(seen: Seen) -> Iterator[Noticed]:
    """What is odd in a column of numbers."""
    import numpy as np  # noqa: PLC0415 - only once there is a table

    values = seen.numbers
    finite = np.isfinite(values)
    if not finite.all():
        yield _noticed("infinite", seen, int((~finite).sum()))
        values = values[finite]
    if len(values) < _ENOUGH:
        return
    for code in _codes(values):
        yield _noticed("sentinel", seen, int((values == code).sum()), [code])
        values = values[values != code]
    yield from _negative(seen, values)
    yield from _outliers(seen, values)
    zeros = int((values == 0).sum())
    if zeros >= _MANY_ZEROS * len(values) and len(seen.counts) > 2:  # noqa: PLR2004 - yes and no are two
        yield _noticed("zeros", seen, zeros)


def _noticed(
    kind: Oddity,
    seen: Seen,
    count: int,
    values: Any = (),  # noqa: ANN401 - an array or a list of numbers
) -> Noticed:
    looked_at = len(seen.numbers)
    return Noticed(
        kind=kind,
        columns=(seen.name,),
        count=count,
        of=looked_at,
        examples=tuple(number(float(value)) for value in values[:_EXAMPLES]),
        sampled=looked_at < seen.present or seen.is_part,
    )


def _codes(values: Any) -> Iterator[int]:  # noqa: ANN401 - an array
    """Repeated numbers such as -999 that lie far outside of all others."""
    for _ in range(_MOST_CODES):
        ends = [int(e) for e in (values.min(), values.max()) if float(e) in _CODES]
        code = next((end for end in ends if _is_code(end, values)), None)
        if code is None:
            return
        yield code
        values = values[values != code]


def _is_code(code: int, values: Any) -> bool:  # noqa: ANN401 - an array
    rest = values[values != code]
    if len(rest) < _ENOUGH or len(values) - len(rest) < _REPEATED:
        return False
    low, high = float(rest.min()), float(rest.max())
    if low == high:
        return False
    gap = max(low - code, code - high)
    return bool(gap > high - low or (code <= _PLAIN_CODE and low >= 0))


def _negative(seen: Seen, values: Any) -> Iterator[Noticed]:  # noqa: ANN401 - an array
    if not counts_something(seen.name) or values.min() >= 0:
        return
    negative = values[values < 0]
    if len(negative) <= _RARE * len(values):
        yield _noticed("negative", seen, len(negative), _different(negative))


def _outliers(seen: Seen, values: Any) -> Iterator[Noticed]:  # noqa: ANN401 - an array
    """Few values behind a wide fence and a wide gap, also if sizes are ratios."""
    if is_identifier(seen.name) or is_place(seen.name) or len(values) < _ENOUGH:
        return
    if len(seen.counts) == len(seen.sample) and seen.kind == "int" and seen.is_rising:
        return
    low, high, gap = _fences(values)
    if not gap or (low <= values.min() and values.max() <= high):
        return
    below, above = values < low, values > high
    inside = values[~(below | above)]
    far = []
    if below.any() and float(inside.min()) - float(values[below].max()) >= gap:
        far.append(values[below])
    if above.any() and float(values[above].min()) - float(inside.max()) >= gap:
        far.append(values[above])
    count = sum(map(len, far))
    if 0 < count <= max(2, _FEW * len(values)):
        examples = [value for side in far for value in _different(side)]
        yield _noticed("outliers", seen, count, examples)


def _fences(values: Any) -> tuple[float, float, float]:  # noqa: ANN401 - an array
    """The fences, and the gap that must lie before what is beyond them; 0: none."""
    import numpy as np  # noqa: PLC0415 - only once there is a table

    some = values[sample_positions(len(values))] if len(values) > 1e5 else values  # noqa: PLR2004 - a sample is smaller
    first, third = np.percentile(some, [25, 75])
    gap = float(third - first)
    low, high = first - _FENCE * gap, third + _FENCE * gap
    if gap and values.min() >= 0:
        first, third = np.percentile(np.log(some[some > 0]), [25, 75])
        with np.errstate(over="ignore"):
            high = max(high, np.exp(third + _FENCE * (third - first)))
    return float(low), float(high), gap


def _different(values: Any) -> list[float]:  # noqa: ANN401 - an array
    """The different ones, the farthest from zero first."""
    import numpy as np  # noqa: PLC0415 - only once there is a table

    return sorted(np.unique(values).tolist(), key=abs, reverse=True)


def of_dates(seen: Seen) -> Iterator[Noticed]:
    """What is odd in a column of dates: codes for missing, and days far from all."""
    import numpy as np  # noqa: PLC0415 - only once there is a table

    days = _days(seen)
    if len(days) < _ENOUGH:
        return
    first, third = np.percentile(days[:: max(1, len(days) // 50_000)], [25, 75])
    fence = max(_FENCE * (third - first), _TEN_YEARS_IN_DAYS)
    low, high = max(first - fence, _OLD_DAYS), min(third + fence, _FAR_DAYS)
    if low <= days.min() and days.max() <= high:
        return
    far = (days < low) | (days > high)
    if far.all():
        return
    inside = days[~far]
    gap = max(float(inside.max() - inside.min()), _TEN_YEARS_IN_DAYS)
    found, counts = np.unique(days[far], return_counts=True)
    shown = np.datetime_as_string(found.astype("datetime64[D]"))
    sampled = len(days) < seen.present or seen.is_part
    for_missing = np.zeros(len(found), dtype=bool)
    for at, (day, text, count) in enumerate(zip(found, shown, counts, strict=True)):
        away = max(inside.min() - day, day - inside.max())
        if count >= _REPEATED and text in _DAY_CODES and away >= gap / 2:
            for_missing[at] = True
            yield Noticed(
                "sentinel", (seen.name,), int(count), len(days), (str(text),), sampled
            )
    left = counts[~for_missing].sum()
    apart = _is_apart(found[~for_missing], inside)
    if 0 < left <= max(2, _RARE * len(days)) and apart:
        examples = tuple(map(str, shown[~for_missing][:_EXAMPLES]))
        yield Noticed(
            "far_dates", (seen.name,), int(left), len(days), examples, sampled
        )


def _days(seen: Seen) -> Any:  # noqa: ANN401 - an array
    """Days from 1970; of objects, those of the sample."""
    import pandas as pd  # noqa: PLC0415 - only once there is a table

    values = seen.series
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = pd.to_datetime(seen.sample, errors="coerce")
    if values.dt.tz is not None:
        values = values.dt.tz_localize(None)
    days = values.dropna().to_numpy(dtype="datetime64[D]")
    return days.astype("int64")


def _is_apart(days: Any, inside: Any) -> bool:  # noqa: ANN401 - arrays
    """Whether years lie between the far days and all others."""
    nearest = min(
        (inside.min() - day if day < inside.min() else day - inside.max())
        for day in days
    )
    return bool(nearest >= _TEN_YEARS_IN_DAYS)
