"""What may be wrong with a figure. This source runs inside the kernel, not here.

Each problem has a name, a few words for the model, and a test of the figure as
`figures.read` gives it, after it was drawn: where texts lie is known by then. The tests
measure the first panels and labels only, so that none of them takes long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from math import cos, radians, sin
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analyst.agent.probes.figures import Panel, Picture, Series

MAX_PANELS = 16
MAX_LABELS = 80
MAX_BARS = 200
MAX_POINTS = 2_000
MAX_SLICES = 8
HIDDEN_SHARE = 0.02
"""So few points of a cloud may lie under a legend."""

_BARE_NUMBER = re.compile(r"[-+\u2212]?\d[\d.,]*|\$\\mathdefault\{.*\}\$")
# Numbers by such formatters are dates or names.
_SPEAKING = ("Date", "Fixed", "Category")
_NARROW = 0.2  # of a line's height, letters take so much less


def _has_no_title(picture: Picture) -> bool:
    return not picture.titles


def _has_no_labels(picture: Picture) -> bool:
    return _lacks(picture, "x") and _lacks(picture, "y")


def _has_no_x_label(picture: Picture) -> bool:
    return _lacks(picture, "x") and not _lacks(picture, "y")


def _has_no_y_label(picture: Picture) -> bool:
    return _lacks(picture, "y") and not _lacks(picture, "x")


def _lacks(picture: Picture, way: str) -> bool:
    """Whether bare numbers stand along an axis and nothing says what they are."""
    if getattr(picture.figure, f"get_sup{way}label")().strip():
        return False
    return any(
        _BARE_NUMBER.fullmatch(label.get_text())
        for axis in _axes(picture, way)
        if not axis.get_label().get_text().strip()
        and not any(word in _formatter(axis) for word in _SPEAKING)
        for label in _tick_labels(axis)
    )


def _formatter(axis: Any) -> str:  # noqa: ANN401 - matplotlib is not imported here
    return type(axis.get_major_formatter()).__name__


def _axes(picture: Picture, *ways: str) -> list[Any]:
    """The first axes that can be seen and lie where they seem to."""
    plain = [a for a in picture.axes if a.axison and a.name == "rectilinear"]
    every = [getattr(a, f"{way}axis") for a in plain[:MAX_PANELS] for way in ways]
    return [axis for axis in every if axis.get_visible()]


def _tick_labels(axis: Any) -> list[Any]:  # noqa: ANN401 - see above
    """The first texts along an axis that can be seen."""
    low, high = sorted(axis.get_view_interval())
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    return [
        label
        for tick in ticks[:MAX_LABELS]
        if low <= tick.get_loc() <= high
        for label in (tick.label1, tick.label2)
        if label.get_visible() and label.get_text().strip()
    ]


def _has_empty_panel(picture: Picture) -> bool:
    return any(
        not any(series.marks for series in panel.series)
        and not any(axes.texts or axes.tables for axes in panel.axes)
        for panel in picture.panels
    )


def _has_one_point(picture: Picture) -> bool:
    """Whether a panel shows one bar, one point, or a line that goes nowhere."""
    return any(
        sum(series.marks for series in panel.series) == 1
        and any(series.kind in {"bars", "line", "points"} for series in panel.series)
        for panel in picture.panels
    )


def _has_equal_values(picture: Picture) -> bool:
    return any(map(_is_flat, picture.panels))


def _is_flat(panel: Panel) -> bool:
    shown = [series for series in panel.series if series.marks]
    if not shown or any(series.values is None for series in shown):
        return False
    low = min(series.values.min() for series in shown)
    high = max(series.values.max() for series in shown)
    count: int = sum(series.marks for series in shown)
    return count > 1 and bool(low == high)


def _has_too_many_slices(picture: Picture) -> bool:
    return any(
        series.kind == "slices" and series.marks > MAX_SLICES
        for panel in picture.panels
        for series in panel.series
    )


def _hides_on_log_scale(picture: Picture) -> bool:
    """Whether points are not shown because a log scale has no place for them."""
    for panel in picture.panels:
        scales = {axes.get_xscale() for axes in panel.axes}
        across = [series.across for series in panel.series] if "log" in scales else []
        scales = {axes.get_yscale() for axes in panel.axes}
        values = [
            series.values
            for series in panel.series
            if "log" in scales and series.kind in {"line", "points"}
        ]
        if any(n is not None and (n <= 0).any() for n in (*across, *values)):
            return True
    return False


def _has_colliding_labels(picture: Picture) -> bool:
    return any(_collide(_tick_labels(axis)) for axis in _axes(picture, "x", "y"))


def _collide(labels: list[Any]) -> bool:
    """Whether neighbours lie on each other, seen along the way that they are turned."""
    boxes = [(label.get_window_extent(), label) for label in labels]
    boxes.sort(key=lambda pair: (pair[0].x0 + pair[0].x1, pair[0].y0 + pair[0].y1))
    return any(_overlap(*one, *other) for one, other in pairwise(boxes))


def _overlap(one: Any, text: Any, other: Any, next_text: Any) -> bool:  # noqa: ANN401 - see above
    turn = radians(text.get_rotation())
    along, aside = abs(cos(turn)), abs(sin(turn))
    dx = (other.x0 + other.x1 - one.x0 - one.x1) / 2
    dy = (other.y0 + other.y1 - one.y0 - one.y1) / 2
    lengths, heights = [], []
    for box, label in ((one, text), (other, next_text)):
        lines = label.get_text().count("\n") + 1 - _NARROW
        height = lines * label.get_fontsize() * label.figure.dpi / 72
        if along > aside:
            lengths.append((box.width - height * aside) / along)
        else:
            lengths.append((box.height - height * along) / aside)
        heights.append(height)
    gap_along = abs(dx * cos(turn) + dy * sin(turn)) - sum(lengths) / 2
    gap_aside = abs(dy * cos(turn) - dx * sin(turn)) - sum(heights) / 2
    return bool(gap_along < -1 and gap_aside < -1)  # a pixel is nothing


def _has_cut_labels(picture: Picture) -> bool:
    """Whether texts end outside the figure, where its picture ends with it."""
    from matplotlib_inline.config import (  # noqa: PLC0415 - the backend has loaded it
        InlineBackend,
    )

    options = InlineBackend.instance().print_figure_kwargs
    if options.get("bbox_inches", "tight") == "tight":
        return False
    texts = [label for a in _axes(picture, "x", "y") for label in _tick_labels(a)]
    for axes in picture.axes[:MAX_PANELS]:
        texts += [axes.title, axes.xaxis.get_label(), axes.yaxis.get_label()]
    frame = picture.figure.bbox
    return any(
        box.x0 < frame.x0 - 1
        or box.y0 < frame.y0 - 1
        or box.x1 > frame.x1 + 1
        or box.y1 > frame.y1 + 1
        for box in (text.get_window_extent() for text in texts if text.get_text())
    )


def _has_hiding_legend(picture: Picture) -> bool:
    for panel in picture.panels[:MAX_PANELS]:
        for axes in panel.axes:
            legend = axes.get_legend()
            # The place that matplotlib chose is as good as any, and costly to measure.
            if legend is None or not legend.get_visible() or not legend._loc:  # noqa: SLF001 - nothing else tells
                continue
            box = legend.get_window_extent().padded(-2)
            if any(_lies_under(box, series) for series in panel.series):
                return True
    return False


def _lies_under(box: Any, series: Series) -> bool:  # noqa: ANN401 - see above
    artist = series.artist
    if series.kind == "bars":
        return any(box.overlaps(bar.get_window_extent()) for bar in artist[:MAX_BARS])
    if series.kind not in {"line", "points"}:
        return False
    if series.kind == "line" and series.marks <= MAX_POINTS:
        path = artist.get_path().transformed(artist.get_transform())
        return bool(path.intersects_bbox(box, filled=False))
    points = artist.get_xydata() if series.kind == "line" else artist.get_offsets()
    shown = points[:: 1 + len(points) // MAX_POINTS]
    places = artist.axes.transData.transform(shown)
    inside = sum(box.contains(x, y) for x, y in places)
    return bool(inside > HIDDEN_SHARE * len(places))


PROBLEMS: Mapping[str, Callable[[Picture], bool]] = {
    "empty panel": _has_empty_panel,
    "one point only": _has_one_point,
    "all values equal": _has_equal_values,
    "values lost on log scale": _hides_on_log_scale,
    "tick labels overlap": _has_colliding_labels,
    "labels cut off": _has_cut_labels,
    "legend covers data": _has_hiding_legend,
    "too many slices": _has_too_many_slices,
    "no title": _has_no_title,
    "no axis labels": _has_no_labels,
    "no x label": _has_no_x_label,
    "no y label": _has_no_y_label,
}
