"""HTML: the tables of a page; what only lays the page out is skipped and told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..reading import (
    Column,
    Conversion,
    Doubt,
    HtmlTable,
    Kind,
    Reading,
    Unreadable,
)
from .check import kind_of
from .files import SourceFile
from .loaded import named
from .page_cells import typed
from .page_source import Drawn, Page, is_markup, page_of
from .values import convert_texts

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["is_markup", "sniff"]

_MANY_CELLS_READ = 1_000_000
_MANY_TABLES = 20
_LEAST = 2
"""Rows and columns of a table; fewer are layout."""


def sniff(file: SourceFile) -> list[Reading]:
    """The tables of a page.

    Raises:
        Unreadable: it has none, or is too large.
    """
    page = page_of(file)
    frames, described = page.frames, page.drawn
    tables = [
        number
        for number, (frame, about) in enumerate(zip(frames, described, strict=True))
        if not _is_layout(frame, about)
    ]
    if not tables:
        raise Unreadable("is a web page without a table of several rows and columns")
    # The code of each table reads the whole page, also where it is tried.
    cells = sum(frame.size for frame in frames)
    kept = tables[: max(1, min(_MANY_TABLES, _MANY_CELLS_READ // max(1, cells)))]
    readings = [_reading(page, number, described[number]) for number in kept]
    layout = len(frames) - len(tables)
    return _told_apart(readings, layout=layout, further=len(tables) - len(kept))


def _is_layout(frame: pd.DataFrame, about: Drawn | None) -> bool:
    if about is not None and about.holds_tables:
        return True
    return (
        len(frame) < 1
        or len(frame.columns) < _LEAST
        or (
            len(frame) < _LEAST and all(isinstance(name, int) for name in frame.columns)
        )
    )


def _reading(page: Page, number: int, about: Drawn | None) -> HtmlTable:
    """How one table is read: pandas' own types where they lose nothing."""
    frame, texts = page.frames[number], page.texts[number]
    named_by, doubts = _naming(frame, texts)
    if ("header", 0) in named_by.arguments:
        frame = page.below_first_rows[number]
        texts = texts.iloc[1:]
    columns = [_cells(texts, at) for at in range(len(named_by.names))]
    found = typed(named_by.names, columns)
    labels: list[Any] = frame.columns.tolist()
    as_text: list[Any] = []
    conversions: list[Conversion] = []
    kinds: list[Kind] = []
    read_by_pandas: list[str] = []
    for at, (each, cells) in enumerate(zip(found.columns, columns, strict=True)):
        own = kind_of(frame.iloc[:, at])
        label = labels[at]
        is_right = own == "str" or each.is_plain(own) or not any(cells)
        can_be_told = not isinstance(label, int) or at < page.shared_columns
        if not is_right and not can_be_told:
            kinds.append(own)
            read_by_pandas.append(each.name)
            continue
        kinds.append(each.kind if any(cells) else own)
        if not is_right:
            as_text.append(list(label) if isinstance(label, tuple) else label)
        if each.conversion and not each.is_plain(own):
            conversions.append(each.conversion)
    doubts += found.doubts
    if read_by_pandas:
        told = (
            f"pandas makes numbers of {named(read_by_pandas)}, which the page does not "
            "name; leading zeros and marks for thousands there may be lost."
        )
        doubts.append(Doubt(told))
    arguments = (*named_by.arguments, ("thousands", None), *found.arguments)
    if as_text:
        arguments = (("text", as_text), *arguments)
    if page.encoding:
        arguments = (("encoding", page.encoding), *arguments)
    file = page.file
    return HtmlTable(
        label=about.caption if about else "",
        compression=file.compression,
        member=file.member or file.only_member,
        arguments=arguments,
        conversions=tuple(conversions),
        rows=len(frame),
        columns=tuple(map(Column, named_by.names, kinds)),
        doubts=tuple(doubts),
        number=number,
    )


def _cells(texts: pd.DataFrame, at: int) -> list[str]:
    """The cells of a column as they are written, an empty text where there is none."""
    return [value if isinstance(value, str) else "" for value in texts.iloc[:, at]]


@dataclass(frozen=True)
class _Naming:
    """What the columns are called, and what pandas must be told for it."""

    names: tuple[str, ...]
    arguments: tuple[tuple[str, Any], ...] = ()


def _naming(frame: pd.DataFrame, texts: pd.DataFrame) -> tuple[_Naming, list[Doubt]]:
    labels: list[Any] = list(frame.columns)
    if all(isinstance(label, str) for label in labels):
        return _Naming(tuple(labels)), []
    if all(isinstance(label, tuple) for label in labels):
        names = _distinct([_joined(tuple(label)) for label in labels])
        return _Naming(names, (("names", list(names)),)), []
    first = [value if isinstance(value, str) else "" for value in texts.iloc[0]]
    if _names_columns(first, texts):
        return _Naming(tuple(first), (("header", 0),)), []
    names = tuple(f"column_{at}" for at in range(1, len(labels) + 1))
    doubt = Doubt(
        "No row of the table is marked as its header, so the columns are numbered."
    )
    return _Naming(names, (("names", list(names)),)), [doubt]


def _joined(label: tuple[object, ...]) -> str:
    """The names of several header rows as one."""
    parts = [str(part) for part in label if not str(part).startswith("Unnamed: ")]
    return " ".join(dict.fromkeys(parts)) or str(label[-1])


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Names as pandas keeps them apart: `a`, `a.1`."""
    used: dict[str, int] = {}
    distinct = []
    for name in names:
        times = used.get(name, 0)
        used[name] = times + 1
        distinct.append(f"{name}.{times}" if times else name)
    return tuple(distinct)


def _names_columns(first: Sequence[str], texts: pd.DataFrame) -> bool:
    """Whether a first row of words stands above a column of something else."""
    if not all(name.strip() for name in first) or len(set(first)) < len(first):
        return False
    if any(convert_texts(name, [name])[1] != "str" for name in first):
        return False
    for at, name in enumerate(first):
        cells = [value for value in texts.iloc[1:, at] if isinstance(value, str)]
        if cells and convert_texts(name, cells)[1] != "str":
            return True
    return False


def _told_apart(
    kept: Sequence[HtmlTable], *, layout: int, further: int
) -> list[Reading]:
    """Labels where there are several tables; what was left out, on the first."""
    labels = [
        reading.label or f"table {at}" for at, reading in enumerate(kept, start=1)
    ]
    if len(kept) == 1:
        labels = [""]
    elif len(set(labels)) < len(labels):
        labels = [f"table {at}" for at in range(1, len(kept) + 1)]
    doubts: list[Doubt] = []
    if layout:
        what = "1 table" if layout == 1 else f"{layout} tables"
        told = f"Left out: {what} that only lay the page out."
        doubts.append(Doubt(told, of_file=True))
    if further:
        told = f"Left out: the tables further below ({further})."
        doubts.append(Doubt(told, of_file=True))
    readings: list[Reading] = [
        replace(reading, label=label)
        for reading, label in zip(kept, labels, strict=True)
    ]
    readings[0] = replace(readings[0], doubts=(*readings[0].doubts, *doubts))
    return readings
