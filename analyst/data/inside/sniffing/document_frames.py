"""The frame that a table of a JSON document becomes, and what is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..reading import Column, Conversion, Doubt, ToNumber, Unreadable
from .document_shapes import Found
from .loaded import are_too_many, look_at, named

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Framed", "frame_of"]

_EXACT = 1 << 53
"""Beyond it a whole number may not be a float."""
_SEPARATORS = (".", "_", "/", " > ", "__")

Path = tuple[str, ...]


@dataclass(frozen=True)
class Framed:
    """The columns of a table, and what its code must be told for them."""

    is_nested: bool
    arguments: tuple[tuple[str, Any], ...]
    columns: tuple[Column, ...]
    conversions: tuple[Conversion, ...]
    doubts: tuple[Doubt, ...]


def frame_of(found: Found, *, is_whole: bool) -> Framed:
    """The table as pandas makes it, with whole numbers exact and dates converted.

    Args:
        found: where it stands, and its rows.
        is_whole: these are all rows, and not the first ones of many.

    Raises:
        Unreadable: it would be too wide, or no names keep its columns apart.
    """
    paths = _paths(found)
    rows = found.rows
    are_too_many(rows, len(paths))
    is_nested = found.form != "split" and any(len(path) > 1 for path in paths)
    separator = _separator(paths)
    arguments: tuple[tuple[str, Any], ...] = ()
    if is_nested and separator != ".":
        arguments = (("sep", separator),)
    frame = _made(found, found.value, is_nested=is_nested, separator=separator)
    empty: list[str] = []
    if is_nested and is_whole:
        empty = _nulls_of_objects(frame, paths, separator)
    if empty:
        frame = frame.drop(columns=empty)
        arguments = (*arguments, ("drop", empty))
    long = _columns_that_lose(found, frame, is_nested=is_nested, separator=separator)
    if not long:
        looked = look_at(frame)
        return Framed(
            is_nested, arguments, looked.columns, looked.conversions, looked.doubts
        )
    exact = _made(
        found, _ints_as_text(found.value), is_nested=is_nested, separator=separator
    ).drop(columns=empty)
    looked = look_at(exact.drop(columns=_numbers_in(frame, long)), known=long)
    numbers = tuple(
        ToNumber(name, why="whole numbers") for name in _numbers_in(frame, long)
    )
    kinds = {column.name: column for column in looked.columns}
    kinds |= {
        column.name: column
        for column in look_at(frame[_numbers_in(frame, long)]).columns
    }
    doubt = Doubt(
        f"The whole numbers in {named(long)} are too long to be exact beside missing "
        "or broken ones; they stay text."
    )
    return Framed(
        is_nested,
        (*arguments, ("parse_int", "str")),
        tuple(kinds[name] for name in map(str, frame.columns)),
        (*numbers, *looked.conversions),
        (*looked.doubts, doubt),
    )


def _made(
    found: Found,
    value: Any,  # noqa: ANN401 - any parsed JSON
    *,
    is_nested: bool,
    separator: str,
) -> pd.DataFrame:
    """The frame, made as the code will make it."""
    import pandas as pd  # noqa: PLC0415 - only once there is a table

    told = dict(found.arguments)
    if found.form == "split":
        return pd.DataFrame(**value).reset_index()
    if found.form == "columns":
        frame = pd.DataFrame(value)
        return frame.reset_index(drop=True) if told.get("labels") else frame
    if found.form == "rows":
        return pd.DataFrame(value, columns=told["columns"])
    records = list(_records(found, value))
    if is_nested:
        return pd.json_normalize(records, sep=separator)
    return pd.DataFrame(records)


def _records(found: Found, value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any parsed JSON
    if found.form == "keyed":
        name = dict(found.arguments)["key"]
        yield from ({name: key, **record} for key, record in value.items())
    elif found.form == "numbered":
        yield from value.values()
    elif found.form == "one":
        yield value
    else:
        yield from value


def _paths(found: Found) -> set[Path]:
    """Where the values of a record stand: a column each."""
    if found.form in {"rows", "split"}:
        names = found.value["columns"] if found.form == "split" else ()
        return {(name,) for name in names or dict(found.arguments)["columns"]}
    if found.form == "columns":
        return {(name,) for name in found.value}
    paths: set[Path] = set()
    for record in _records(found, found.value):
        _add_paths(record, (), paths)
        # Told before the set itself grows beyond memory.
        are_too_many(0, len(paths))
    return paths


def _add_paths(record: dict[str, Any], above: Path, paths: set[Path]) -> None:
    are_too_many(0, len(record))
    for key, value in record.items():
        if not isinstance(value, dict):
            paths.add((*above, key))
        elif value:
            _add_paths(value, (*above, key), paths)
        elif not above:
            # An empty object is no value, but makes the records nested.
            paths.add((key, ""))


def _separator(paths: set[Path]) -> str:
    """What stands between outer and inner names, so that no two become one."""
    for separator in _SEPARATORS:
        if len({separator.join(path) for path in paths}) == len(paths):
            return separator
    raise Unreadable(
        "is JSON whose outer and inner names cannot be told apart once they are "
        "joined: rename some of them"
    )


def _nulls_of_objects(
    frame: pd.DataFrame, paths: set[Path], separator: str
) -> list[str]:
    """Columns without a value, of keys that hold an object in other records."""
    outer = {path[:depth] for path in paths for depth in range(1, len(path))}
    names = {separator.join(path) for path in paths & outer}
    return [
        str(name)
        for name in frame.columns
        if name in names and frame[name].isna().all()
    ]


def _columns_that_lose(
    found: Found, frame: pd.DataFrame, *, is_nested: bool, separator: str
) -> list[str]:
    """The columns of floats whose whole numbers are not exact any more."""
    if not _has_long_ints(found.value):
        return []
    exact = _made(
        found, _ints_as_text(found.value), is_nested=is_nested, separator=separator
    )
    lost = []
    for name in frame.columns:
        if frame[name].dtype.kind != "f":
            continue
        pairs = zip(frame[name], exact[name], strict=True)
        if any(isinstance(text, str) and int(text) != number for number, text in pairs):
            lost.append(str(name))
    return lost


def _numbers_in(frame: pd.DataFrame, long: list[str]) -> list[str]:
    """The columns that must be made numbers again once all integers are text."""
    numbers = frame.select_dtypes("number").columns
    return [str(name) for name in numbers if name not in long]


def _has_long_ints(value: Any) -> bool:  # noqa: ANN401 - any parsed JSON
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, int) and abs(each) > _EXACT:
            return True
    return False


def _ints_as_text(value: Any) -> Any:  # noqa: ANN401 - any parsed JSON
    if isinstance(value, dict):
        return {key: _ints_as_text(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_ints_as_text(each) for each in value]
    is_int = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_int else value
