"""A sheet cut where it is empty: columns beside, and bands of rows below each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .grid import Grid, cell_kind

__all__ = ["Region", "bands", "regions"]

_DEPTH = 4
_BANDS = 1000
_LEAST_ROWS = 2


@dataclass(frozen=True)
class Region:
    """Rows from `top` to before `bottom`, and columns that need not be neighbours."""

    top: int
    bottom: int
    columns: tuple[int, ...]


def regions(grid: Grid) -> list[Region]:
    """Parts of a sheet that stand beside each other, in reading order."""
    whole = Region(0, len(grid.rows), tuple(range(grid.width)))
    found = list(_cut(grid, whole, 0))
    return sorted(found, key=lambda region: (region.top, region.columns))


def bands(grid: Grid, region: Region) -> list[Region]:
    """Runs of rows that hold something, each with the columns that it fills.

    The last of very many holds all the rest, empty rows among it.
    """
    found: list[Region] = []
    top = None
    for end in range(region.top, region.bottom + 1):
        row = end
        cells = grid.rows[row] if row < region.bottom else None
        is_filled = cells is not None and any(
            cells[column] != "" for column in region.columns
        )
        if is_filled and top is None:
            top = row
        elif not is_filled and top is not None:
            if len(found) == _BANDS:
                row = region.bottom
            columns = _used(grid, top, row, region.columns)
            found.append(Region(top, row, columns))
            top = None
            if row == region.bottom:
                break
    return found


def _used(grid: Grid, top: int, bottom: int, columns: Sequence[int]) -> tuple[int, ...]:
    rows = grid.rows
    return tuple(
        column
        for column in columns
        if any(rows[row][column] != "" for row in range(top, bottom))
    )


def _cut(grid: Grid, region: Region, depth: int) -> Iterator[Region]:
    """By empty columns; where bands are to be cut differently, each on its own."""
    parts = _beside(grid, region)
    if not parts:
        return
    if len(parts) > 1 and depth < _DEPTH:
        for part in parts:
            yield from _cut(grid, part, depth + 1)
        return
    below = bands(grid, parts[0])
    if depth < _DEPTH and len(below) > 1:
        cuts = [_is_side_by_side(grid, band) for band in below]
        if any(cuts):
            yield from _cut_bands(grid, below, cuts, depth)
            return
    yield parts[0]


def _cut_bands(
    grid: Grid, below: Sequence[Region], cuts: Sequence[bool], depth: int
) -> Iterator[Region]:
    """Bands of tables beside each other are cut, and what is between is kept whole."""
    kept: list[Region] = []

    def whole() -> Iterator[Region]:
        if kept:
            columns = {column for band in kept for column in band.columns}
            yield Region(kept[0].top, kept[-1].bottom, tuple(sorted(columns)))
            kept.clear()

    for band, is_cut in zip(below, cuts, strict=True):
        if is_cut:
            yield from whole()
            yield from _cut(grid, band, depth + 1)
        else:
            kept.append(band)
    yield from whole()


def _is_side_by_side(grid: Grid, band: Region) -> bool:
    """Whether a band holds tables beside each other, not a row with gaps."""
    if band.bottom - band.top < _LEAST_ROWS:
        return False
    parts = _beside(grid, band)
    return len(parts) > 1 and all(_is_table(grid, part) for part in parts)


def _is_table(grid: Grid, part: Region) -> bool:
    rows = _wide_rows(grid, part)
    cells = [grid.rows[rows.top][column] for column in part.columns]
    return (
        len(part.columns) > 1
        and rows.bottom - rows.top >= _LEAST_ROWS
        and all(cell_kind(cell) in {"", "text"} for cell in cells)
    )


def _beside(grid: Grid, region: Region) -> list[Region]:
    """Groups of columns with nothing between them; one table stays one group."""
    used = _used(grid, region.top, region.bottom, region.columns)
    groups: list[list[int]] = []
    for column in used:
        if groups and column == groups[-1][-1] + 1:
            groups[-1].append(column)
        else:
            groups.append([column])
    joined: list[Region] = []
    for group in groups:
        part = _trimmed(grid, region, group)
        if joined and _are_one(grid, joined[-1], part):
            before = joined.pop()
            part = Region(
                min(before.top, part.top),
                max(before.bottom, part.bottom),
                before.columns + part.columns,
            )
        joined.append(part)
    return joined


def _trimmed(grid: Grid, region: Region, group: Sequence[int]) -> Region:
    rows = range(region.top, region.bottom)

    def is_filled(row: int) -> bool:
        return any(grid.rows[row][column] != "" for column in group)

    top = next(filter(is_filled, rows))
    bottom = next(filter(is_filled, reversed(rows))) + 1
    return Region(top, bottom, tuple(group))


def _are_one(grid: Grid, left: Region, right: Region) -> bool:
    """Whether one empty column is but a gap within a table.

    It is where both sides begin and end in the same rows, titles and notes aside, and
    the names of the left are not repeated on the right. A merged cell above both joins
    them as well.
    """
    if right.columns[0] - left.columns[-1] != 2:  # noqa: PLR2004 - one column between
        return False
    left_rows = _wide_rows(grid, left)
    right_rows = _wide_rows(grid, right)
    if left_rows.bottom - left_rows.top < _LEAST_ROWS:
        return False
    if (left_rows.top, left_rows.bottom) != (right_rows.top, right_rows.bottom):
        return False
    first = grid.rows[left_rows.top]
    names = {first[column] for column in left.columns} - {""}
    return names.isdisjoint(first[column] for column in right.columns)


def _wide_rows(grid: Grid, region: Region) -> Region:
    """Without titles above and notes below: rows of one cell where others are wider."""
    if len(region.columns) == 1:
        return region
    wide = [
        row
        for row in range(region.top, region.bottom)
        if grid.filled(row, region.columns) > 1
    ]
    if not wide:
        return region
    return Region(wide[0], wide[-1] + 1, region.columns)
