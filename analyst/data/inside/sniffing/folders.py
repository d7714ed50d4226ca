"""Many files: of one shape they are one table, else each is a table of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..code.table import fits_many, parts_that_differ
from ..reading import Column, Doubt, Reading, Unreadable
from .check import departure
from .files import WHOLE_BYTES, SourceFile, open_archive, open_file
from .large import are_too_large, bytes_as_frame, placed
from .merging import Apart, are_of_one_shape, as_one, merged
from .route import readings_of

__all__ = ["Grouped", "group"]

_MANY_CELLS = 5_000_000
_NAMED_FILES = 8


@dataclass(frozen=True)
class Grouped:
    """What became of some files."""

    groups: tuple[tuple[tuple[Path, ...], list[Reading]], ...]
    """Files of one shape are a single pair: all of them, and one reading. Else there
    is a pair for each file."""
    left_out: tuple[Path, ...] = ()
    """Files that hold no table."""


def group(paths: Sequence[Path], *, is_folder: bool = False) -> Grouped:
    """Which of the files make one table, and how it is read.

    Args:
        paths: a file, or several that may belong together.
        is_folder: they are all that lies in a folder, so one without a table is left
            out; else each of them was meant.

    Raises:
        Unreadable: there is no table, or not in a file that was meant.
    """
    read, why_not = _read(paths, is_folder=is_folder)
    single = [readings[0] for _, readings in read if len(readings) == 1]
    if len(read) == 1 or len(single) != len(read):
        return _apart(read, why_not)
    files = [path for path, _ in read]
    sizes = list(map(_size, files, single))
    if are_too_large(sum(size.as_frame for size in sizes)):
        return _apart(_each_placed(files, single, sizes), why_not)
    if why_not or not all(map(fits_many, single)) or not are_of_one_shape(single):
        return _apart(read, why_not)
    try:
        reading = _one_table(files, single, sizes)
    except Apart as why:
        doubt = Doubt(
            f"The files have the same columns, but are no single table: {why}."
        )
        return _apart(_with_doubt(read, doubt), why_not)
    return Grouped(((tuple(files), [reading]),))


Read = list[tuple[Path, list[Reading]]]


def _read(paths: Sequence[Path], *, is_folder: bool) -> tuple[Read, dict[Path, str]]:
    """The tables of each file, and why others have none."""
    read: Read = []
    why_not: dict[Path, str] = {}
    for path in paths:
        try:
            read.append((path, readings_of(path)))
        except Unreadable as why:
            if len(paths) == 1:
                raise
            if not is_folder:
                raise Unreadable(f"holds {path.name!r}, which {why}") from None
            why_not[path] = str(why)
    if not read:
        path, why_first = next(iter(why_not.items()))
        raise Unreadable(f"holds no table: {path.name!r} {why_first}")
    return read, why_not


def _apart(read: Read, why_not: dict[Path, str]) -> Grouped:
    """Each file by itself; what was left out is said with the first."""
    if why_not:
        named = [f"{path.name!r} {why}" for path, why in why_not.items()]
        more = "; …" if len(named) > _NAMED_FILES else ""
        told = (
            f"Left out, as they hold no table: {'; '.join(named[:_NAMED_FILES])}{more}"
        )
        read = _with_doubt(read, Doubt(f"{told}."))
    return Grouped(
        tuple(((path,), readings) for path, readings in read), tuple(why_not)
    )


def _with_doubt(read: Read, doubt: Doubt) -> Read:
    (path, [first, *others]), *more = read
    first = replace(first, doubts=(doubt, *first.doubts))
    return [(path, [first, *others]), *more]


def _one_table(
    files: Sequence[Path], readings: Sequence[Reading], sizes: Sequence[_Size]
) -> Reading:
    """One reading for all files, run where that is cheap.

    Raises:
        Apart: there is none, or it does not give what those of the files give.
    """
    is_checked = _are_small(readings, sizes)
    together = merged(readings, is_checked=is_checked)
    reading = as_one(together, readings, parts=parts_that_differ(files))
    why = departure(reading, *files) if is_checked else ""
    if why:
        raise Apart(f"read together, they come out otherwise ({why})")
    return replace(reading, columns=_widened(reading, readings))


def _widened(reading: Reading, readings: Sequence[Reading]) -> tuple[Column, ...]:
    """Whole numbers that meet others are among them from now on."""
    at_all = zip(*(each.columns for each in readings), strict=True)
    return tuple(
        Column(column.name, "float")
        if column.kind == "int" and any(each.kind == "float" for each in at)
        else column
        for column, at in zip(reading.columns, at_all, strict=True)
    )


def _are_small(readings: Sequence[Reading], sizes: Sequence[_Size]) -> bool:
    """Whether all of it is small enough to be read for a test."""
    if sum(size.content for size in sizes) > WHOLE_BYTES:
        return False
    if any(reading.rows is None for reading in readings):
        return False
    cells = sum((each.rows or 0) * max(1, len(each.columns)) for each in readings)
    return cells <= _MANY_CELLS


@dataclass(frozen=True)
class _Size:
    """How large a table is, in bytes: numbers alone, as many files are not kept."""

    content: int
    as_frame: int


def _size(path: Path, reading: Reading) -> _Size:
    content = _content(path, reading)
    return _Size(content.content_bytes, bytes_as_frame(reading, content))


def _content(path: Path, reading: Reading) -> SourceFile:
    """The file as it was read."""
    file = open_file(path)
    if reading.compression != "zip":
        return file
    with open_archive(path) as archive:
        largest = max(archive.infolist(), key=lambda info: info.file_size)
    member = reading.member or largest.filename
    return replace(file, compression="zip", member=member)


def _each_placed(
    files: Sequence[Path], readings: Sequence[Reading], sizes: Sequence[_Size]
) -> Read:
    """Each file where it can be, as all of them do not fit into memory at once."""
    total = sum(size.as_frame for size in sizes)
    read: Read = []
    for path, reading, size in zip(files, readings, sizes, strict=True):
        beside = total - size.as_frame
        content = _content(path, reading)
        read.append((path, [placed(reading, content, beside_bytes=beside)]))
    return read
