"""Figures, told in words: a model does not see what its code draws.

The kernel looks at each figure when it is shown (`analyst.agent.probes.charts`). What
it reports is data of unknown origin: it is read strictly, and quoted.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from analyst.agent.probes.charts import LABEL_CHARS, MARK, MAX_FIGURES
from analyst.agent.probes.flaws import PROBLEMS
from analyst.events import Chart
from analyst.quoting import QUOTED_CHARS, quoted
from analyst.tokens import estimate

if TYPE_CHECKING:
    import pydantic

__all__ = ["bare_words", "read_charts", "report_source", "watch_source", "words"]

MAX_TOKENS = 60
"""Of the words for one figure, by estimate."""

_MAX_PRINTED_CHARS = 100_000
_MAX_COUNT = 10**12
_LENGTHS = ((QUOTED_CHARS, 4), (20, 4), (10, 3), (0, 3))
"""Characters of a label and number of problems that are told, until all fits."""

# The sources do not import each other: the kernel may not have this package.
_LOAD = """
scopes = {name: {"__name__": name} for name in sources}
for name, source in sources.items():
    exec(source, scopes[name])
charts, flaws, figures = (scopes[name] for name in ("charts", "flaws", "figures"))
"""
_WATCH = """
charts["watch"](
    lambda figure: charts["describe"](figures["read"](figure), flaws["PROBLEMS"])
)
"""
_REPORT = """
import sys
shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
if shell is not None and hasattr(shell.display_formatter.format, "tell"):
    shell.display_formatter.format.tell()
"""


@cache
def watch_source() -> str:
    """One statement that makes the kernel look at each figure that it shows.

    It is run in every fresh kernel, hidden; a second time it does nothing. It leaves no
    name behind, and does not load matplotlib.
    """
    folder = resources.files("analyst.agent.probes")
    sources = {
        name: (folder / f"{name}.py").read_text(encoding="utf-8")
        for name in ("figures", "flaws", "charts")
    }
    return f"exec({_LOAD + _WATCH!r}, {{'sources': {sources!r}}})"


def report_source() -> str:
    """One statement that prints of the figures of the last cell, and forgets them.

    It is run hidden after a cell that was not; without a watch it prints nothing.
    """
    return f"exec({_REPORT!r}, {{}})"


def read_charts(printed: str) -> tuple[Chart, ...]:
    """The figures that a report tells of; none where it is anything but a report."""
    lines = [line for line in printed.split("\n") if line.startswith(MARK)]
    if len(printed) > _MAX_PRINTED_CHARS or len(lines) != 1:
        return ()
    try:
        charts = _adapter().validate_json(lines[0].removeprefix(MARK), strict=True)
    except ValueError:
        return ()
    if len(charts) > MAX_FIGURES or not all(map(_is_sane, charts)):
        return ()
    return tuple(map(_clean, charts))


def words(chart: Chart) -> str:
    """A figure in at most 60 tokens.

    >>> words(Chart(title="Births", x="year", series=3, marks=180))
    'figure "Births"; x "year"; 3 series, 180 marks'
    """
    told = ""
    for chars, problems in _LENGTHS:
        told = "; ".join((*_names(chart, chars), *_counts(chart, problems)))
        if estimate(told, "data") <= MAX_TOKENS:
            break
    return told


def bare_words(chart: Chart) -> str:
    """The same without anything that the data says.

    >>> bare_words(Chart(panels=2, series=3, marks=180, problems=("no title",)))
    'figure; 2 panels, 3 series, 180 marks; problems: no title'
    """
    return "; ".join((*_names(chart, 0), *_counts(chart, len(PROBLEMS))))


def _names(chart: Chart, chars: int) -> list[str]:
    if not chars:
        return ["figure"]
    title = f"figure {_quoted(chart.title, chars)}" if chart.title else "figure"
    labels = [
        f"{way} {_quoted(label, chars)}"
        for way, label in (("x", chart.x), ("y", chart.y))
        if label
    ]
    return [title, ", ".join(labels)] if labels else [title]


def _quoted(label: str, chars: int) -> str:
    return json.dumps(quoted(label, chars), ensure_ascii=False)


def _counts(chart: Chart, problems: int) -> list[str]:
    panels = f"{chart.panels} panels, " if chart.panels != 1 else ""
    marks = f"{chart.marks} mark{'s' if chart.marks != 1 else ''}"
    counts = [f"{panels}{chart.series} series, {marks}"]
    if chart.problems:
        told = list(chart.problems[:problems])
        more = len(chart.problems) - len(told)
        told += [f"{more} more"] if more else []
        counts.append(f"problems: {', '.join(told)}")
    return counts


@cache
def _adapter() -> pydantic.TypeAdapter[tuple[Chart, ...]]:
    import pydantic  # noqa: PLC0415 - only the border needs it, and it is slow

    return pydantic.TypeAdapter(tuple[Chart, ...])


def _is_sane(chart: Chart) -> bool:
    """Whether a chart counts what can be counted and has problems that are known."""
    counts = (chart.panels, chart.series, chart.marks)
    return (
        all(0 <= count <= _MAX_COUNT for count in counts)
        and len(set(chart.problems)) == len(chart.problems)
        and PROBLEMS.keys() >= set(chart.problems)
    )


def _clean(chart: Chart) -> Chart:
    """The chart with labels that are safe to keep and not too long."""
    title, x, y = (
        quoted(text, LABEL_CHARS) for text in (chart.title, chart.x, chart.y)
    )
    return replace(chart, title=title, x=x, y=y)
