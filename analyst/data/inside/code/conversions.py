"""The statements that make values of text, after a table was read.

Each names its column, does one thing, and raises where new data does not fit: what
cannot be converted is never turned into a gap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..reading import (
    Conversion,
    DropEmptyRows,
    FillDown,
    ToBoolean,
    ToDate,
    ToNumber,
)
from .expression import PANDAS
from .literals import LINE_CHARS, comment, literal, quoted

__all__ = ["conversion_statements"]

Steps = list[str]
"""Methods that follow each other on a column."""


def conversion_statements(
    conversions: Sequence[Conversion], name: str
) -> Iterator[tuple[tuple[str, ...], str]]:
    """The imports and the statement of each, in their order.

    Args:
        conversions: what is done to the table.
        name: the variable that holds it.

    Example:
        >>> [(_, text)] = conversion_statements([FillDown("a", why="merged")], "df")
        >>> text
        'df["a"] = df["a"].ffill()  # merged'
    """
    for conversion in conversions:
        if isinstance(conversion, ToNumber):
            yield (PANDAS,), _to_number(conversion, name)
        elif isinstance(conversion, ToDate):
            yield (PANDAS,), _to_date(conversion, name)
        elif isinstance(conversion, ToBoolean):
            yield (), _to_boolean(conversion, name)
        elif isinstance(conversion, FillDown):
            yield (), _statement(conversion.column, name, [".ffill()"], conversion.why)
        else:
            yield (), _without_empty_rows(conversion, name)


def _to_number(made: ToNumber, name: str) -> str:
    column = f"{name}[{quoted(made.column)}]"
    steps = [
        *_without(column, made.missing),
        *_removed(made.remove),
        *([_replaced(made.thousands, "")] if made.thousands else []),
        *([_replaced(made.decimal, ".")] if made.decimal != "." else []),
        *([_replaced(made.minus, "-")] if made.minus else []),
        *([_rewritten(r"^\((.*)\)$")] if made.parentheses else []),
        *([_rewritten(r"^(.*)-$")] if made.trailing_minus else []),
    ]
    return _statement(
        made.column,
        name,
        steps,
        made.why,
        function="pd.to_numeric",
        after=" / 100" if made.percent else "",
    )


def _to_date(made: ToDate, name: str) -> str:
    column = f"{name}[{quoted(made.column)}]"
    steps = [
        *_without(column, made.missing),
        *([".str.strip()"] if made.strip else []),
    ]
    named = f"format={quoted(made.format)}" + (", utc=True" if made.utc else "")
    return _statement(
        made.column, name, steps, made.why, function="pd.to_datetime", named=named
    )


def _to_boolean(made: ToBoolean, name: str) -> str:
    column = f"{name}[{quoted(made.column)}]"
    words = literal({made.true: True, made.false: False}, indent=-LINE_CHARS)
    steps = [
        *_without(column, made.missing),
        f'.map(lambda word: {words}[word], na_action="ignore")',
        '.astype("boolean")',
    ]
    return _statement(made.column, name, steps, made.why)


def _without_empty_rows(made: DropEmptyRows, name: str) -> str:
    rows = "1 empty row" if made.rows == 1 else f"{made.rows} empty rows"
    dropped = f'{name} = {name}.dropna(how="all").reset_index(drop=True)'
    return f"{dropped}  {comment(rows)}"


def _without(column: str, words: Sequence[str]) -> Steps:
    if not words:
        return []
    return [f".mask({column}.isin({literal(list(words), indent=-LINE_CHARS)}))"]


def _removed(characters: str) -> Steps:
    if not characters:
        return []
    if len(characters) == 1:
        return [_replaced(characters, "")]
    inside = "".join(f"\\{c}" if c in r"\]^-[" else c for c in characters)
    return [f'.str.replace({quoted(f"[{inside}]")}, "", regex=True)']


def _replaced(old: str, new: str) -> str:
    return f".str.replace({quoted(old)}, {quoted(new)})"


def _rewritten(pattern: str) -> str:
    """What the pattern encloses becomes negative."""
    return f'.str.replace(r"{pattern}", r"-\\1", regex=True)'


def _statement(
    column: str,
    name: str,
    steps: Steps,
    why: str,
    *,
    function: str = "",
    named: str = "",
    after: str = "",
) -> str:
    """The column becomes what the function makes of it after these steps."""
    target = f"{name}[{quoted(column)}]"
    chain = target + "".join(steps)
    inner = f"{chain}, {named}" if named else chain
    flat = f"{function}({inner})" if function else inner
    line = f"{target} = {flat}{after}"
    note = comment(why) if why else ""
    if len(line) > LINE_CHARS:
        line = _in_lines(target, steps, function, named, after)
    if not note:
        return line
    if "\n" not in line and len(line) + 2 + len(note) <= LINE_CHARS:
        return f"{line}  {note}"
    return f"{note}\n{line}"


def _in_lines(target: str, steps: Steps, function: str, named: str, after: str) -> str:
    if not function:
        inner = "".join(f"    {part}\n" for part in (target, *steps))
        return f"{target} = (\n{inner}){after}"
    parts = [target, *steps]
    chain = "\n    ".join(parts)
    if named:
        return f"{target} = {function}(\n    {chain},\n    {named},\n){after}"
    return f"{target} = {function}(\n    {chain}\n){after}"
