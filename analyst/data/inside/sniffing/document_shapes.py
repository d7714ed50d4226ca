"""Where the tables of a parsed JSON document are, and which form they have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ..reading import Doubt, Unreadable
from .loaded import MANY_COLUMNS, named

__all__ = ["Form", "Found", "Places", "beside_told", "of_list", "places_of"]

Form = Literal["records", "keyed", "numbered", "columns", "rows", "split", "one"]
_MANY_TABLES = 20
_DEEPEST = 12
_SHARED_KEYS = 0.5


@dataclass(frozen=True)
class Found:
    """A table of a document."""

    value: Any
    form: Form = "records"
    path: tuple[str, ...] = ()
    rows: int = 0
    arguments: tuple[tuple[str, Any], ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass
class Places:
    """The tables of a document, and what else is in it."""

    tables: list[Found] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    """Paths of values that are in no table."""


def places_of(document: Any) -> Places:  # noqa: ANN401 - any parsed JSON
    """The tables of a document, the largest first.

    Raises:
        Unreadable: it holds none.
    """
    places = Places()
    if isinstance(document, list):
        found = of_list(document)
        if found is None:
            raise Unreadable("is JSON without records: give a list of objects")
        return Places([found])
    whole = _of_object(document)
    if whole is not None:
        return Places([whole])
    _collect(document, (), places)
    if not places.tables:
        if not _has_values(document):
            raise Unreadable("is JSON without any value: check where it came from")
        return Places([Found(document, "one", rows=1)])
    places.tables.sort(key=lambda table: -table.rows)
    places.beside += [".".join(table.path) for table in places.tables[_MANY_TABLES:]]
    del places.tables[_MANY_TABLES:]
    return places


def of_list(values: list[Any]) -> Found | None:
    """A list as a table; None where it is none."""
    kinds = {type(value) for value in values}
    if not kinds:
        return None
    if kinds == {dict}:
        return Found(values, rows=len(values))
    if kinds == {list}:
        return _of_rows(values, ())
    if not kinds & {dict, list}:
        return Found(values, "rows", (), len(values), (("columns", ["value"]),))
    objects = [value for value in values if isinstance(value, dict)]
    if 2 * len(objects) < len(values):
        return None
    left_out = len(values) - len(objects)
    doubt = Doubt(
        f"{left_out} of the values in the list are no objects and are left out.",
        rows_left_out=left_out,
    )
    arguments = (("objects_only", True),)
    return Found(objects, "records", (), len(objects), arguments, (doubt,))


def _of_rows(rows: list[list[Any]], names: Sequence[str]) -> Found | None:
    """A list of lists; its names are given, or stand in its first row, or are made."""
    width = max(map(len, rows))
    if not width:
        return None
    doubts: tuple[Doubt, ...] = ()
    skip: tuple[tuple[str, Any], ...] = ()
    if len(names) != width:
        if _is_header(rows):
            names, skip, rows = rows[0], (("skip", 1),), rows[1:]
        else:
            names = [f"column_{number}" for number in range(1, width + 1)]
            doubts = (
                Doubt("The columns have no names in the file; they are numbered."),
            )
    arguments = (("columns", list(names)), *skip)
    return Found(rows, "rows", (), len(rows), arguments, doubts)


def _is_header(rows: list[list[Any]]) -> bool:
    """Whether the first row names columns of which one holds what is no word."""
    first, rest = rows[0], rows[1:]
    if not rest or not all(isinstance(name, str) and name.strip() for name in first):
        return False
    if len(set(first)) < max(map(len, rows)) or any(map(_is_number, first)):
        return False
    for at in range(len(first)):
        column = [row[at] for row in rest if at < len(row) and row[at] is not None]
        if column and all(map(_is_number, column)):
            return True
    return False


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return False
        return True
    return isinstance(value, bool | int | float)


def _of_object(document: dict[str, Any]) -> Found | None:
    """An object that as a whole is one table; None where it is none."""
    if {"columns", "data"} <= document.keys() <= {"columns", "data", "index"}:
        return _of_split(document)
    values = list(document.values())
    if not values:
        return None
    lists = [value for value in values if isinstance(value, list)]
    if lists and not any(isinstance(value, dict) for value in values):
        return _of_columns(document, lists)
    if all(isinstance(value, dict) for value in values):
        return _of_objects(document, values)
    return None


def _of_split(document: dict[str, Any]) -> Found | None:
    names, rows = document["columns"], document["data"]
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        return None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        return None
    if not rows or len(set(names)) != len(names) or max(map(len, rows)) != len(names):
        return None
    labels = document.get("index", [])
    if labels == list(range(len(rows))) or not labels:
        arguments = (("columns", names),)
        return Found(rows, "rows", ("data",), len(rows), arguments)
    return Found(document, "split", (), len(rows), (("labels", True),))


def _of_columns(document: dict[str, Any], lists: list[list[Any]]) -> Found | None:
    """Lists of equal length, a column each; single values are repeated beside them."""
    rows = len(lists[0])
    if not rows or any(len(each) != rows for each in lists):
        return None
    if len(lists) < len(document) and (len(lists) == 1 or rows == 1):
        return None
    if any(isinstance(value, dict | list) for each in lists for value in each):
        return None
    return Found(document, "columns", (), rows)


def _of_objects(document: dict[str, Any], values: list[Any]) -> Found | None:
    """Objects of the same kind by their key, or columns by their name."""
    numbers = [str(number) for number in range(len(values[0]))]
    is_flat = not any(
        isinstance(value, dict | list) for each in values for value in each.values()
    )
    if is_flat and numbers and all(list(each) == numbers for each in values):
        return Found(document, "columns", (), len(numbers), (("labels", True),))
    shared = set(values[0]).intersection(*values)
    every = set(values[0]).union(*values)
    if len(values) < 2 or len(shared) < max(1, _SHARED_KEYS * len(every)):  # noqa: PLR2004 - one object is a record
        return None
    if list(document) == [str(number) for number in range(len(values))]:
        return Found(document, "numbered", (), len(values))
    key = "key"
    while key in every:
        key += "_"
    return Found(document, "keyed", (), len(values), (("key", key),))


def _collect(value: dict[str, Any], path: tuple[str, ...], places: Places) -> None:
    """Add the tables somewhere below an object, and what is beside them."""
    described = {
        key: _names_beside(inner, value)
        for key, inner in value.items()
        if isinstance(inner, list)
    }
    describing = {key for key, _ in described.values()}
    for key, inner in value.items():
        here = (*path, key)
        found = None
        if key in describing:
            continue
        if isinstance(inner, list):
            found = _of_inner_list(inner, described[key][1])
        elif isinstance(inner, dict) and inner:
            found = _of_object(inner)
            if (found is None or found.rows == 1) and len(here) < _DEEPEST:
                _collect(inner, here, places)
                continue
        if found is None:
            places.beside.append(".".join(here))
            continue
        places.tables.append(
            Found(
                found.value,
                found.form,
                (*here, *found.path),
                found.rows,
                found.arguments,
                found.doubts,
            )
        )


def _of_inner_list(values: list[Any], names: Sequence[str]) -> Found | None:
    """A list within a document as a table; single values are none."""
    if not any(isinstance(value, dict | list) for value in values):
        return None
    if names:
        return _of_rows(values, names)
    return of_list(values)


def _names_beside(
    values: list[Any], siblings: dict[str, Any]
) -> tuple[str | None, list[str]]:
    """For a list of lists: the key of what names its columns, and the names."""
    if not values or not all(isinstance(value, list) for value in values):
        return None, []
    width = max(map(len, values))
    for key, sibling in siblings.items():
        if sibling is values or not isinstance(sibling, list) or len(sibling) != width:
            continue
        names = [
            each.get("name") if isinstance(each, dict) else each for each in sibling
        ]
        words = [name for name in names if isinstance(name, str)]
        if width and len(set(words)) == width:
            return key, words
    return None, []


def _has_values(document: dict[str, Any]) -> bool:
    """Whether a single object holds anything; it may not hold too much."""
    leaves = 0
    for leaf in _leaves(document):
        leaves += leaf is not None
        if leaves > MANY_COLUMNS:
            raise Unreadable(
                "is one JSON object of many values rather than records: give a list "
                "of objects"
            )
    return leaves > 0


def _leaves(document: dict[str, Any]) -> Iterator[Any]:
    for value in document.values():
        if isinstance(value, dict):
            yield from _leaves(value)
        else:
            yield value


def beside_told(beside: Sequence[str]) -> tuple[Doubt, ...]:
    """What stands beside the tables and is in none of them."""
    if not beside:
        return ()
    told = f"Beside the records the file holds {named(beside)}, not loaded."
    return (Doubt(told, of_file=True),)
