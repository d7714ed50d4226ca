"""The tables of a session, each with its variable, its file, and how it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from analyst.data.inputs import Input
from analyst.data.inside.code.literals import comment
from analyst.data.inside.code.table import Code, table_code
from analyst.data.inside.reading import Reading
from analyst.data.naming import parameter_name, variable_names
from analyst.data.readings import doubt_sentence

__all__ = ["Read", "TableSource", "named"]

Read: TypeAlias = Sequence[tuple[Input, tuple[Reading, ...]]]
"""Each input with the tables that it holds."""


@dataclass(frozen=True, slots=True)
class TableSource:
    """One table: the variable that it gets, where it lies, and how it is read."""

    name: str
    input: Input
    parameter: str
    """The variable that holds its path."""
    reading: Reading

    @property
    def code(self) -> Code:
        """The statements that read it."""
        return table_code(self.reading, name=self.name, path=self.parameter)

    @property
    def stays_in_file(self) -> bool:
        """Whether it is queried in its file."""
        return self.reading.in_place

    @property
    def imports(self) -> tuple[str, ...]:
        """What these statements need."""
        handed = self.input.handed
        return (*self.code.imports, *(handed.imports if handed else ()))

    @property
    def lines(self) -> Iterator[str]:
        """What the load cell says of it: doubts, statements, how to fetch it again."""
        for doubt in self.reading.doubts:
            yield comment(doubt_sentence(doubt))
        yield self.code.body
        if self.input.handed is not None:
            yield from self.input.handed.statements(name=self.name, path=self.parameter)
        if self.input.refresh:
            yield re.sub(r"\bDATA\)$", f"{self.parameter})", self.input.refresh)

    @property
    def shown_as(self) -> str:
        """How a sentence calls it: its file, and which of its tables."""
        label = self.reading.label
        return f"{self.file_name} ({label})" if label else self.file_name

    @property
    def file_name(self) -> str:
        """How a sentence calls its file."""
        return Path(self.input.shown).name


def named(read: Read, *, name_by_file: bool, is_named: bool) -> Iterator[TableSource]:
    """A variable for each table, and one for the path of each input.

    Args:
        read: what was found in the files.
        name_by_file: names of files, and of what is in them, become variables.
        is_named: the user gave names.
    """
    stems = [
        (
            one.stem if name_by_file or is_named else f"df {at}",
            [
                (name_by_file and each.label) or str(number)
                for number, each in enumerate(readings, 1)
            ],
        )
        for at, (one, readings) in enumerate(read, 1)
    ]
    parameters = variable_names(stem for stem, _ in stems)
    if len(read) == 1:
        parameters = ("df",)
    tables = [
        (one, reading, parameter_name(parameter))
        for (one, readings), parameter in zip(read, parameters, strict=True)
        for reading in readings
    ]
    names: Sequence[str] = ("df",)
    if len(tables) > 1:
        names = variable_names(_spoken(stems))
    for name, (one, reading, parameter) in zip(names, tables, strict=True):
        yield TableSource(name, one, parameter, reading)


def _spoken(stems: Sequence[tuple[str, Sequence[str]]]) -> Iterator[str]:
    """What each table may be called: its input, where it has several its label."""
    for stem, labels in stems:
        for label in labels:
            if len(labels) == 1:
                yield stem
            else:
                yield (
                    label
                    if len(stems) == 1 and not label.isdigit()
                    else f"{stem} {label}"
                )
