"""An index as the code that makes it: labels, names and kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from analyst.data.handover.stored import label

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MAX_LABELS", "index_code", "is_same_index", "value_code"]

MAX_LABELS = 300
"""More than these are not written into a notebook."""


def index_code(index: pd.Index) -> str | None:
    """An expression that makes this index; None where there is no plain one.

    >>> import pandas as pd
    >>> index_code(pd.Index([2024, "all"], name="year"))
    'pd.Index([2024, "all"], name="year")'
    """
    import pandas as pd  # noqa: PLC0415 - the caller has loaded it

    if len(index) > MAX_LABELS:
        return None
    for code in _candidates(index):
        try:
            made = eval(code, {"pd": pd})  # noqa: S307 - it is ours, every value in it a literal
        except Exception:  # noqa: BLE001, S112 - whatever pandas says of an odd index; the next is tried
            continue
        if is_same_index(made, index):
            return code
    return None


def is_same_index(one: pd.Index, other: pd.Index) -> bool:
    """Whether labels, names and kinds are the same; a frequency does not count."""
    return _traits(one) == _traits(other) and bool(one.equals(other))


def _traits(index: pd.Index) -> tuple[Any, ...]:
    """What `equals` does not compare."""
    import pandas as pd  # noqa: PLC0415 - as above

    if isinstance(index, pd.MultiIndex):
        dtypes: list[Any] = [level.dtype for level in index.levels]
    else:
        dtypes = [index.dtype]
    for dtype in list(dtypes):
        if isinstance(dtype, pd.CategoricalDtype):
            dtypes += [tuple(map(str, dtype.categories)), dtype.ordered]
    types = [type(value) for value in index] if index.dtype == object else []
    return type(index), [*map(value_code, index.names)], dtypes, types


def _candidates(index: pd.Index) -> Iterator[str]:
    import pandas as pd  # noqa: PLC0415 - as above

    name = value_code(index.name)
    named = "" if index.name is None or name is None else f", name={name}"
    if isinstance(index, pd.RangeIndex):
        bounds = [index.start, index.stop, index.step]
        if index.step == 1:
            bounds = bounds[:2] if index.start else [index.stop]
        yield f"pd.RangeIndex({', '.join(map(str, bounds))}{named})"
    elif isinstance(index, pd.MultiIndex):
        levels = [index_code(index.get_level_values(at)) for at in range(index.nlevels)]
        names = list(map(value_code, index.names))
        if None not in levels and None not in names:
            yield _call("pd.MultiIndex.from_arrays", [str(each) for each in levels])
            yield (
                f"pd.MultiIndex.from_arrays([{', '.join(map(str, levels))}], "
                f"names=[{', '.join(map(str, names))}])"
            )
    else:
        yield from _flat_candidates(index, named)


def _flat_candidates(index: pd.Index, named: str) -> Iterator[str]:
    import pandas as pd  # noqa: PLC0415 - as above

    values = [value_code(value) for value in index]
    if None in values:
        return
    listed = f"[{', '.join(map(str, values))}]"
    if isinstance(index, pd.CategoricalIndex):
        categories = index_code(index.categories)
        ordered = ", ordered=True" if index.ordered else ""
        yield f"pd.CategoricalIndex({listed}{named})"
        yield f"pd.CategoricalIndex({listed}, categories={categories}{ordered}{named})"
    yield f"pd.Index({listed}{named})"
    yield f"pd.Index({listed}, dtype={label(str(index.dtype))}{named})"
    yield f'pd.Index({listed}, dtype="object", tupleize_cols=False{named})'


def _call(function: str, parts: list[str]) -> str:
    return f"{function}([{', '.join(parts)}])"


def value_code(value: Any) -> str | None:  # noqa: ANN401, PLR0911 - a label may be anything, and each kind has its code
    """A label as an expression; None where there is no plain one."""
    import numpy as np  # noqa: PLC0415 - as above
    import pandas as pd  # noqa: PLC0415 - as above

    if isinstance(value, np.bool_ | np.integer | np.floating):
        value = value.item()
    kind = type(value)
    if kind is str:
        return label(value)
    if kind is float:
        return repr(value) if abs(value) < float("inf") else f'float("{value}")'
    if value is None or kind in {bool, int}:
        return repr(value)
    if value is pd.NaT or value is pd.NA:
        return "pd.NaT" if value is pd.NaT else "pd.NA"
    if kind is tuple:
        parts = [value_code(part) for part in value]
        return None if None in parts else f"({', '.join(map(str, parts))},)"
    if kind is pd.Timestamp:
        written = f'pd.Timestamp("{value.isoformat()}")'
        zone = label(str(value.tz))
        return written if value.tz is None else f"{written}.tz_convert({zone})"
    return _scalar_code(value)


def _scalar_code(value: Any) -> str | None:  # noqa: ANN401 - as above
    """Of the rarer scalars."""
    from datetime import date  # noqa: PLC0415 - rare

    import pandas as pd  # noqa: PLC0415 - as above

    kind = type(value)
    if kind is pd.Timedelta:
        return f'pd.Timedelta("{value.isoformat()}")'
    if kind is pd.Period:
        return f'pd.Period("{value}", "{value.freqstr}")'
    if kind is pd.Interval:
        left, right = value_code(value.left), value_code(value.right)
        closed = "" if value.closed == "right" else f', closed="{value.closed}"'
        return (
            None if None in {left, right} else f"pd.Interval({left}, {right}{closed})"
        )
    if kind is date:
        return f'pd.Timestamp("{value.isoformat()}").date()'
    return None
