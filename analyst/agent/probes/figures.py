"""Reads what is drawn in a figure. This source runs inside the kernel, not here.

It is sent as text and needs the standard library alone: whoever hands over a figure
has loaded matplotlib and numpy. What is read is counted, not copied, so that a million
points cost no more than a look at each of them.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import Any, NamedTuple

_NO_LEGEND = "_nolegend_"  # matplotlib's label for whiskers, caps and the like
_TWO_ENDS = 2
_CORNERS = 5  # of a closed box, the first one twice
_PICTURE = 3  # dimensions: rows, columns, colours


class Series(NamedTuple):
    """Things in a panel that belong together: a line, a cloud, a group of bars."""

    kind: str
    """`line`, `points`, `bars`, `slices`, `grid` or `shapes`."""
    marks: int
    values: Any = None
    """The finite ones of what is shown; None where it is not known."""
    across: Any = None
    """The finite ones of where along the x axis; None where it is not known."""
    artist: Any = None


class Panel(NamedTuple):
    """Axes that lie on each other, and what is drawn on them."""

    axes: list[Any]
    series: list[Series]


class Picture(NamedTuple):
    """A figure as its reader takes it."""

    figure: Any
    panels: list[Panel]
    titles: list[str]
    x: list[str]
    """Labels of the axes."""
    y: list[str]

    @property
    def axes(self) -> list[Any]:
        """Those of all panels."""
        return [axes for panel in self.panels for axes in panel.axes]


def read(figure: Any) -> Picture:  # noqa: ANN401 - matplotlib is not imported here
    """What is in a figure."""
    panels = _panels(figure)
    every = [axes for panel in panels for axes in panel.axes]
    parts = [figure, *getattr(figure, "subfigs", ())]
    titles = [part.get_suptitle() for part in parts]
    for axes in every:
        titles += [axes.get_title(loc=place) for place in ("left", "center", "right")]
    x = [part.get_supxlabel() for part in parts] + [a.get_xlabel() for a in every]
    y = [part.get_supylabel() for part in parts] + [a.get_ylabel() for a in every]
    return Picture(figure, panels, *map(_words, (titles, x, y)))


def _words(texts: list[str]) -> list[str]:
    """Different texts, spaces put right."""
    words = dict.fromkeys(" ".join(text.split()) for text in texts)
    return [text for text in words if text]


def _panels(figure: Any) -> list[Panel]:  # noqa: ANN401 - see above
    """The places where something is, or should be; a colour bar is none."""
    places: dict[tuple[float, ...], Panel] = {}
    for axes in figure.axes:
        series = _series(axes)
        is_left_out = not (axes.axison or series or axes.texts or axes.tables)
        if not axes.get_visible() or is_left_out or axes.get_label() == "<colorbar>":
            continue
        place = tuple(round(edge, 4) for edge in axes.get_position().bounds)
        panel = places.setdefault(place, Panel([], []))
        panel.axes.append(axes)
        panel.series.extend(series)
    return list(places.values())


def _series(axes: Any) -> list[Series]:  # noqa: ANN401 - see above
    """What is drawn on axes; boxes, bands and the like where there is nothing else.

    A line from one point to another mostly belongs to something, so it comes last.
    """
    lines = _lines(axes)
    long = [one for one in lines if len(one.artist.get_xdata()) > _TWO_ENDS]
    main = [*_bars(axes), *long, *_clouds(axes), *_grids(axes), *_slices(axes)]
    return main or _shapes(axes) or lines


def _bars(axes: Any) -> list[Series]:  # noqa: ANN401 - see above
    found = []
    for group in _containers(axes, "BarContainer"):
        lies = group.orientation == "horizontal"
        sizes = finite([bar.get_width() if lies else bar.get_height() for bar in group])
        if len(group):
            found.append(Series("bars", sizes.size, sizes, artist=group))
    return found


def _lines(axes: Any) -> list[Series]:  # noqa: ANN401 - see above
    """Lines over data: no whiskers, no error bars, no rules across the panel."""
    groups = _containers(axes, "ErrorbarContainer", "StemContainer")
    carried = {id(group[0]) for group in groups}
    found = []
    for line in axes.lines:
        x, y = line.get_xdata(orig=False), line.get_ydata(orig=False)
        is_rule = line.get_transform() is not axes.transData
        is_part = line.get_label() == _NO_LEGEND and (
            len(x) <= _TWO_ENDS or line.get_linestyle() == "None"
        )
        left_out = is_rule or is_part or _is_box(line)
        if len(x) and (id(line) in carried or not left_out):
            values = finite(y)
            found.append(Series("line", values.size, values, finite(x), line))
    return found


def _is_box(line: Any) -> bool:  # noqa: ANN401 - see above
    """Whether it is the frame of a box plot: such lines follow no data."""
    x, y = line.get_xdata(), line.get_ydata()
    is_closed = len(x) == _CORNERS and x[0] == x[-1] and y[0] == y[-1]
    return bool(is_closed) and str(line.get_label()).startswith("_child")


def _clouds(axes: Any) -> list[Series]:  # noqa: ANN401 - see above
    found = []
    for cloud in filter(_is_placed_by_data, axes.collections):
        offsets = cloud.get_offsets()
        if len(offsets):
            values, across = finite(offsets[:, 1]), finite(offsets[:, 0])
            found.append(Series("points", values.size, values, across, cloud))
    return found


def _grids(axes: Any) -> list[Series]:  # noqa: ANN401 - see above
    """Images, heat maps, hexagons and contours."""
    others = (c for c in axes.collections if not _is_placed_by_data(c))
    arrays = [artist.get_array() for artist in chain(axes.images, others)]
    return [_grid(array) for array in arrays if array is not None]


def _grid(array: Any) -> Series:  # noqa: ANN401 - numpy's array
    if array.ndim == _PICTURE:
        return Series("grid", array[..., 0].size)
    return Series("grid", array.size, finite(array))


def _slices(axes: Any) -> list[Series]:  # noqa: ANN401 - see above
    """The rings of a pie."""
    rings = Counter(patch.r for patch in axes.patches if _make(patch) == "Wedge")
    return [Series("slices", count) for count in rings.values()]


def _shapes(axes: Any) -> list[Series]:  # noqa: ANN401 - see above
    """Boxes, violins, bands and areas, by their make."""
    makes = [_make(line) for line in axes.lines if _is_box(line)]
    makes += [
        _make(patch)
        for patch in axes.patches
        if patch.get_data_transform() is axes.transData and not _is_blank(patch)
    ]
    for collection in axes.collections:
        paths = [path for path in collection.get_paths() if len(path.vertices)]
        makes += [_make(collection)] * len(paths)
    return [Series("shapes", count) for count in Counter(makes).values()]


def _is_blank(patch: Any) -> bool:  # noqa: ANN401 - see above
    """Whether it stands for nothing but an entry in the legend."""
    return _make(patch) == "Rectangle" and not (patch.get_width() or patch.get_height())


def _containers(axes: Any, *makes: str) -> list[Any]:  # noqa: ANN401 - see above
    return [group for group in axes.containers if _make(group) in makes]


def _is_placed_by_data(collection: Any) -> bool:  # noqa: ANN401 - see above
    return collection.get_offset_transform() is collection.axes.transData


def _make(artist: object) -> str:
    return type(artist).__name__


def finite(values: Any) -> Any:  # noqa: ANN401 - numpy's arrays
    """The finite numbers among values, flat; none where they are no numbers."""
    import numpy as np  # noqa: PLC0415 - there is a figure, so it is loaded

    array = np.ma.asarray(values)
    if array.dtype.kind not in "biufO":
        array = array[:0]
    numbers = np.ma.filled(array.astype(float, copy=False), np.nan).ravel()
    fit = np.isfinite(numbers)
    return numbers if fit.all() else numbers[fit]
