"""What a recipe comes to: steps of code, and sentences about what they compute.

Code is written as an analyst would write it. A sentence is a template whose every
number, name and date is a field that the code assigned, and which counts only if
the steps it rests on succeeded.
"""

from __future__ import annotations

import json
import re
import string
from dataclasses import dataclass

from analyst.events import Column
from analyst.models.offline.conditions import Condition
from analyst.models.offline.intent import Intent
from analyst.models.offline.roles import number
from analyst.models.offline.words import spoken

__all__ = [
    "Analysis",
    "Sentence",
    "Step",
    "Wording",
    "digits",
    "expressions",
    "fill",
    "quoted",
    "rows_in_question",
    "wording",
]

_LARGE, _MIDDLE, _SMALL = 1000, 10, 0.1
_SAYABLE = re.compile(r"[^\W\d_][^\W\d{}\[\]<>*`$\\]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the plan, and its one cell."""

    title: str
    code: str
    needs: tuple[int, ...] = ()
    """The steps, from 1, whose variables it uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of the report."""

    text: str
    needs: tuple[int, ...]
    in_findings: bool = True
    in_answer: bool = True
    is_caveat: bool = False
    """It says what limits the result, and comes after the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """The whole of it."""

    steps: tuple[Step, ...]
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """How the columns are called in sentences, and code for the names that need it."""

    measure: str
    group: str
    code: str


def fill(code: str, **names: str) -> str:
    """Code with its `$names` filled in."""
    return string.Template(code).substitute(names).strip()


def quoted(name: str) -> str:
    """Text as a Python literal in double quotes, all of it to be seen."""
    return json.dumps(name, ensure_ascii=not name.isprintable())


def expressions(template: str) -> dict[str, str]:
    """The variable behind each field of a sentence."""
    fields = (field for _, field, _, _ in string.Formatter().parse(template))
    return {field: field for field in fields if field}


def wording(intent: Intent) -> Wording:
    """How measure and group are said; a name with digits or marks by a variable."""
    lines: list[str] = []
    said = []
    for column, variable in (
        (intent.measure, "measure_name"),
        (intent.group, "group_name"),
    ):
        name = spoken(column.name) if column is not None else "rows"
        if not _SAYABLE.fullmatch(name):
            lines.append(f"{variable} = {quoted(name)}")
            name = f"{{{variable}}}"
        said.append(name)
    return Wording(said[0], said[1], "\n".join(lines))


def digits(column: Column | None, *, whole: bool = False) -> str:
    """The format of a number: as many decimals as say something."""
    if column is None or whole:
        return ",.0f"
    size = max(abs(number(column.low)), abs(number(column.high)))
    if size >= _LARGE:
        return ",.0f"
    if size >= _MIDDLE:
        return ",.1f"
    return ".4f" if size < _SMALL else ",.2f"


def rows_in_question(intent: Intent) -> tuple[str, str]:
    """The name of the frame that the question is about, and the code that makes it."""
    table = intent.table.name
    lines: list[str] = []
    frame = table
    scopes: list[str] = []
    for condition in intent.conditions:
        lines += _restrict(condition, frame, scopes)
        frame = "selected"
    measure = intent.measure
    if measure is not None and measure.text_of == "numbers":
        name = quoted(measure.name)
        lines += [
            f"# The numbers of {' '.join(measure.name.split())} are stored as text.",
            f'numbers = {frame}[{name}].str.replace(r"[^\\d.\\-]", "", regex=True)',
            f"selected = {frame}.assign(",
            f'    **{{{name}: pd.to_numeric(numbers, errors="coerce")}}',
            ")",
        ]
        frame = "selected"
    if scopes:
        lines.append(f"scope = {' + '.join(scopes)}")
    return frame, "\n".join(lines)


def _restrict(condition: Condition, frame: str, scopes: list[str]) -> list[str]:
    """Code that keeps the rows of a condition, and the words for them."""
    joint = ", " if scopes else ""
    name = quoted(condition.columns[0].name)
    if condition.kind == "values":
        listed = ", ".join(map(quoted, condition.values))
        scopes.append(quoted(joint + " and ".join(condition.values)))
        if len(condition.values) == 1:
            return [f"selected = {frame}[{frame}[{name}] == {listed}]"]
        return [f"selected = {frame}[{frame}[{name}].isin([{listed}])]"]
    if condition.kind == "years":
        return _restrict_years(condition, frame, scopes, joint)
    names = ", ".join(quoted(column.name) for column in condition.columns)
    listed = ", ".join(map(quoted, condition.values))
    said = " and ".join(v for v in condition.values if " and " not in v)
    scopes.append(
        f"({quoted(joint + said)} if len(named) else "
        f"{quoted(f'{joint}all rows, as none says {said}')})"
    )
    return [
        f"named = {frame}[{frame}[[{names}]].isin([{listed}]).any(axis=1)]",
        f"selected = named if len(named) else {frame}",
    ]


def _restrict_years(
    condition: Condition, frame: str, scopes: list[str], joint: str
) -> list[str]:
    column = condition.columns[0]
    year = f"{frame}[{quoted(column.name)}]"
    year = f"{year}.dt.year" if column.kind == "date" else year
    first, last = condition.years
    if first is not None and last is not None:
        said = f"in {first}" if first == last else f"{first} to {last}"
        scopes.append(quoted(joint + said))
        if first == last:
            return [f"selected = {frame}[{year} == {first}]"]
        return [f"selected = {frame}[{year}.between({first}, {last})]"]
    if first is not None:
        scopes.append(quoted(f"{joint}from {first}"))
        return [f"selected = {frame}[{year} >= {first}]"]
    scopes.append(quoted(f"{joint}up to {last}"))
    return [f"selected = {frame}[{year} <= {last}]"]
