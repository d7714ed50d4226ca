"""How much of the data the model gets to know: the one place that decides.

    schema      names and types of columns
    aggregates  also counts, and numbers of groups of five rows or more
    samples     also ranges, spellings and what cells put out

Whatever is told of tables, results, figures and errors passes here on its way to the
model. It is a guard against telling by the way, not against a model that is out to
learn a value bit by bit, from which of its cells fail.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from analyst.agent.aggregates import aggregates_probe, read_aggregates
from analyst.agent.charts import bare_words, words
from analyst.agent.redaction import error_name, error_words, words_of
from analyst.events import (
    CellInspected,
    Chart,
    Column,
    Output,
    Privacy,
    Rich,
    Stream,
    Table,
)
from analyst.quoting import quoted

__all__ = [
    "addendum",
    "aggregates_probe",
    "chart_words",
    "error_name",
    "error_words",
    "known_names",
    "profile",
    "read_aggregates",
    "result_words",
    "suspicions",
]

_RAN = {
    "schema": "ran; what it shows is not sent to you",
    "aggregates": "ran; it ends with no result that could be told",
}
_FIGURE = "[figure shown to the user]"


@cache
def addendum(privacy: Privacy) -> str:
    """What the system message adds where the model does not get to see the data."""
    if privacy == "samples":
        return ""
    path = files(__package__).joinpath(f"prompts/{privacy}.md")
    return path.read_text(encoding="utf-8").strip()


def profile(table: Table, privacy: Privacy) -> str:
    """What is told of a table: a line for it and one a column."""
    if privacy == "samples":
        first, newline, rest = table.profile.partition("\n")
        return first + _how_to_use(table) + newline + rest
    counted = privacy == "aggregates"
    rows = f"{table.rows} rows, " if counted else ""
    count = len(table.columns) + table.more_columns
    lines = [f"{table.name}: {rows}{count} columns{_how_to_use(table)}"]
    for at, column in enumerate(table.columns):
        text_of = f" ({column.text_of} as text)" if column.text_of else ""
        counts = _counts(column) if counted else ""
        lines.append(f"{_name(at, column.name)} {column.kind}{text_of}{counts}")
    if table.more_columns:
        lines.append(f"… and {table.more_columns} more columns")
    return "\n".join(lines)


def _how_to_use(table: Table) -> str:
    """What must be known before the table is used; mostly nothing."""
    if not table.in_place:
        return ""
    name = table.name
    return (
        f", too large for memory: {name} is a DuckDB relation, no DataFrame; query it "
        f"with SQL FROM {name} and aggregate there"
    )


def _counts(column: Column) -> str:
    about = "~" if column.sampled else ""
    told = "unique" if column.unique else f"{about}{column.distinct} distinct"
    missing = f" missing {column.missing}" if column.missing else ""
    return f" {told}{missing}"


def _name(at: int, name: str) -> str:
    """A column's name; where it cannot be shown as it is, also how to get at it."""
    shown = quoted(name)
    if shown != name:
        return f"{json.dumps(shown, ensure_ascii=False)} [=columns[{at}]]"
    return name if name.isidentifier() else json.dumps(shown, ensure_ascii=False)


def known_names(tables: Iterable[Table], sources: Iterable[str]) -> frozenset[str]:
    """The names that may be told: of tables and columns, and words that code used.

    Args:
        tables: what was loaded.
        sources: code that the model wrote.
    """
    columns = {c.name for table in tables for c in table.columns}
    return frozenset(columns).union(*map(words_of, sources))


def result_words(
    inspected: CellInspected | None, outputs: Sequence[Output], privacy: Privacy
) -> str:
    """What is told of a cell that succeeded, where its outputs may not be.

    Args:
        inspected: what was found out about its result.
        outputs: what it put out; nothing of it is told, only that there was some.
        privacy: not `samples`, by which the outputs themselves are told.
    """
    figures = [_FIGURE] if any(map(_is_figure, outputs)) else []
    if privacy == "schema":
        return "\n".join([_RAN["schema"], *figures])
    told = [inspected.result] if inspected is not None and inspected.result else []
    if any(isinstance(output, Stream) for output in outputs):
        told.append("printed text is withheld: end the cell with an expression")
    return "\n".join([*told, *figures]) or _RAN["aggregates"]


def _is_figure(output: Output) -> bool:
    return isinstance(output, Rich) and "image/png" in output.data


def chart_words(chart: Chart, privacy: Privacy) -> str:
    """What is told of a figure.

    >>> chart_words(Chart(title="Ann", marks=3, problems=("no legend",)), "schema")
    'figure; problems: no legend'
    """
    match privacy:
        case "samples":
            return words(chart)
        case "aggregates":
            return bare_words(chart)
        case "schema":  # how many points there are is how many rows there are
            problems = ", ".join(chart.problems)
            return f"figure; problems: {problems}" if problems else "figure; no problem"


def suspicions(tables: Iterable[Table]) -> tuple[str, ...]:
    """A sentence for the user about each column that speaks to a language model."""
    return tuple(
        _suspicion(table.name, column)
        for table in tables
        for column in table.columns
        if column.suspicious
    )


def _suspicion(table: str, column: Column) -> str:
    name = json.dumps(quoted(column.name), ensure_ascii=False)
    if column.suspicious == 1:
        found, they = "a value that reads", "it is"
    else:
        found, they = f"{column.suspicious} values that read", "they are"
    return (
        f"Column {name} of {table} holds {found} like instructions to a language "
        f"model: {they} quoted to it as data, if at all."
    )
