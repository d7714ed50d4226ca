"""A column of Python objects: what they are, and how they come back as they were.

Arrow keeps text, bytes, days and plain numbers. Lists, dicts and columns of several
plain kinds are stored as JSON; values that their own text makes again, such as a UUID,
as that text. Only exact types count: what is merely similar becomes text, aloud.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from analyst.data.handover.spelled import KINDS

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

__all__ = ["StoredObjects", "stored", "texts"]

_THIS = "{name}[{label}]"
_MAX_DEPTH = 50
"""Of lists in lists; deeper ones are told as text."""
_SCALARS = frozenset({str, int, float, bool, type(None)})


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObjects:
    """The values in Arrow; the rest as in `columns.Column`."""

    values: pa.Array
    dtype: str = "object"
    """What pandas shall read them as."""
    recipe: str = ""
    imports: tuple[str, ...] = ()
    change: str = ""


def stored(values: np.ndarray[Any, Any]) -> StoredObjects:
    """A column of objects as it is written: the first way that loses nothing."""
    missing = _missing(values)
    present = values[~missing]
    markers = {_marker(value) for value in values[missing]}
    kinds = {type(value) for value in present}
    ways: tuple[Callable[[], StoredObjects | None], ...] = (
        lambda: _of_nothing(values, kinds, markers),
        lambda: _of_one_kind(values, missing, kinds, markers),
        lambda: _as_its_text(values, missing, kinds, markers),
        lambda: _as_json(values, missing, kinds, markers),
    )
    for way in ways:
        try:
            made = way()
        except Exception:  # noqa: BLE001, S112 - Arrow, or a value that is not what it seems; the next way is tried
            continue
        if made is not None:
            return made
    made = texts(values)
    gaps = "held missing values of several kinds: it became text."
    return made if made.change else replace(made, change=gaps)


def _missing(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    import numpy as np  # noqa: PLC0415 - as above
    import pandas as pd  # noqa: PLC0415 - the caller has loaded it

    # A Decimal that is no number is a value: its text makes it again.
    asked = [None if value is None else _unless_decimal(value) for value in values]
    return pd.isna(np.fromiter(asked, dtype=object, count=len(values)))


def _unless_decimal(value: Any) -> Any:  # noqa: ANN401 - as above
    return 0 if type(value) is Decimal else value


def _marker(value: Any) -> str:  # noqa: ANN401 - as above
    """What stands for a missing value, as code; empty where there is no plain one."""
    import pandas as pd  # noqa: PLC0415 - as above

    if value is None:
        return "None"
    if type(value) is float:
        return 'float("nan")'
    if value is pd.NA or value is pd.NaT:
        return "pd.NA" if value is pd.NA else "pd.NaT"
    return ""


def _each(code: str, markers: set[str]) -> str:
    """A recipe that makes each value again, and those that are missing."""
    if markers:
        code = f"{next(iter(markers))} if pd.isna(value) else {code}"
    made = f"[{code} for value in {_THIS}]"
    return f'pd.Series({made}, index={{name}}.index, dtype="object")'


def _of_nothing(
    values: np.ndarray[Any, Any], kinds: set[type], markers: set[str]
) -> StoredObjects | None:
    """No value is there."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    if kinds or len(markers) > 1 or "" in markers:
        return None
    recipe = ""
    if markers and markers != {"None"}:
        marker = next(iter(markers))
        recipe = f'pd.Series({marker}, index={{name}}.index, dtype="object")'
    return StoredObjects(values=pa.nulls(len(values)), recipe=recipe)


def _of_one_kind(
    values: np.ndarray[Any, Any],
    missing: np.ndarray[Any, Any],
    kinds: set[type],
    markers: set[str],
) -> StoredObjects | None:
    """Arrow has the kind."""
    import numpy as np  # noqa: PLC0415 - as above
    import pyarrow as pa  # noqa: PLC0415 - as above

    if len(kinds) != 1 or len(markers) > 1 or "" in markers:
        return None
    kind = next(iter(kinds))
    as_objects = f'{_THIS}.astype("object")'
    if kind is str:
        array = pa.array(values, pa.large_string(), mask=missing)
        is_nan = markers <= {'float("nan")'}
        recipe = as_objects if is_nan else _each("value", markers)
        return StoredObjects(values=array, dtype="str", recipe=recipe)
    dtypes = {bool: "bool", int: "int64", float: "float64"}
    if kind in dtypes and not markers:
        array = pa.array(values.astype(dtypes[kind]))
        return StoredObjects(values=array, dtype=dtypes[kind], recipe=as_objects)
    types = {bytes: pa.large_binary(), date: pa.date32(), np.ndarray: None}
    is_usual = markers <= {"None"}
    if kind not in types:
        return None
    if kind is np.ndarray and not (is_usual and _are_vectors(values[~missing])):
        return None
    array = pa.array(values, types[kind], mask=missing)
    return StoredObjects(
        values=array, recipe="" if is_usual else _each("value", markers)
    )


def _are_vectors(arrays: np.ndarray[Any, Any]) -> bool:
    """Whether all are numbers in a row, of one kind."""
    first = arrays[0].dtype
    return first.kind in "iuf" and all(
        array.ndim == 1 and array.dtype == first for array in arrays
    )


def _as_its_text(
    values: np.ndarray[Any, Any],
    missing: np.ndarray[Any, Any],
    kinds: set[type],
    markers: set[str],
) -> StoredObjects | None:
    """Their text makes them again; each value is tried."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    if len(kinds) != 1 or len(markers) > 1 or "" in markers:
        return None
    kind = KINDS.get(next(iter(kinds)))
    if kind is None:
        return None
    written = [
        None if gone else kind.written(value)
        for value, gone in zip(values, missing, strict=True)
    ]
    for value, text in zip(values, written, strict=True):
        if text is not None and repr(kind.make(text)) != repr(value):
            return None
    return StoredObjects(
        values=pa.array(written, pa.large_string()),
        dtype="str",
        recipe=_each(kind.code, markers),
        imports=(kind.imported,) if kind.imported else (),
    )


def _as_json(
    values: np.ndarray[Any, Any],
    missing: np.ndarray[Any, Any],
    kinds: set[type],
    markers: set[str],
) -> StoredObjects | None:
    """Plain values of several kinds, lists, dicts, or tuples of plain values."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    of_tuples = kinds == {tuple}
    marked: set[str] = set()
    if of_tuples or not markers <= {"None", 'float("nan")'}:
        if len(markers) > 1 or "" in markers:
            return None
        marked = markers
    written: list[str | None] = []
    for value, gone in zip(values, missing, strict=True):
        if gone and marked:
            written.append(None)
            continue
        plain = _plain(value)
        if not all(map(_is_json, plain if of_tuples else (plain,))):
            return None
        written.append(json.dumps(plain, ensure_ascii=False))
    code = "tuple(json.loads(value))" if of_tuples else "json.loads(value)"
    return StoredObjects(
        values=pa.array(written, pa.large_string()),
        dtype="str",
        recipe=_each(code, marked),
        imports=("import json",),
    )


def _plain(value: Any) -> Any:  # noqa: ANN401 - as above
    """A number of NumPy as the number of Python that equals it."""
    import numpy as np  # noqa: PLC0415 - as above

    is_number = isinstance(value, np.bool_ | np.integer | np.floating)
    return value.item() if is_number else value


def _is_json(value: Any, depth: int = 0) -> bool:  # noqa: ANN401 - as above
    """Whether JSON gives back exactly this."""
    kind = type(value)
    if kind in _SCALARS:
        return True
    if depth == _MAX_DEPTH:
        return False
    if kind is list:
        return all(_is_json(part, depth + 1) for part in value)
    return kind is dict and all(
        type(key) is str and _is_json(part, depth + 1) for key, part in value.items()
    )


def texts(values: np.ndarray[Any, Any]) -> StoredObjects:
    """Every value as its text, missing ones still missing; always possible."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    missing = _missing(values)
    is_text = all(type(value) is str for value in values[~missing])
    written = [
        None if gone else _text(value)
        for value, gone in zip(values, missing, strict=True)
    ]
    sound = [None if text is None else _sound(text) for text in written]
    if not is_text:
        kinds = sorted({type(value).__name__ for value in values[~missing]})
        told = f"of the kind {kinds[0]}" if len(kinds) == 1 else "of mixed kinds"
        change = f"is {told}: it became text."
    elif sound != written:
        change = "held halves of characters: they became question marks."
    else:
        change = ""
    return StoredObjects(
        values=pa.array(sound, pa.large_string()), dtype="str", change=change
    )


def _text(value: Any) -> str:  # noqa: ANN401 - as above
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - the text is made by code that is not ours
        return f"<{type(value).__name__}>"


def _sound(text: str) -> str:
    """Without halves of characters, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
