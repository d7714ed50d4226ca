"""The tables of a session: from what the user gave to the cells that load it.

    given --open_tables--> files --sniffing--> readings
    readings --cells--> loaded tables --probe--> facts

What sniffing, cells and probe do happens in the kernel; here is what is sent there, and
what becomes of the printed text that comes back.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from analyst.data.earlier import Earlier, check_fits
from analyst.data.inputs import Input, open_inputs, plain_stem, remove_made
from analyst.data.inside.code.literals import comment, quoted
from analyst.data.inside.code.table import Code, table_code
from analyst.data.inside.reading import Reading
from analyst.data.joins import join_sentences
from analyst.data.kernel_side import statement
from analyst.data.look import Look
from analyst.data.naming import parameter_name, variable_names
from analyst.data.profile import compact, read_joins, read_probe
from analyst.data.quality import notes
from analyst.data.readings import Group, doubt_sentence, read_sniffing
from analyst.data.setup_cell import IMPORTED, SETUP
from analyst.errors import InputError
from analyst.events import Privacy, Table
from analyst.seams import Cell, Looked

__all__ = ["TableSource", "Tables", "open_tables"]

_MAX_LEVELS_UP = 2


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


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a session, before they are in the kernel (`analyst.seams.Data`)."""

    inputs: tuple[Input, ...]
    folder: Path
    """Where the notebook will lie and the kernel works."""
    seed: int = 0
    name_by_file: bool = True
    """Names of files and of what is in them become variables."""
    is_named: bool = False
    """The user gave names."""
    sources: tuple[TableSource, ...] = ()
    """Empty as long as the files were not sniffed."""
    earlier: Earlier | None = None
    """What a notebook knows of the tables that is run again on these files."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The path of each input as it is written in the notebook."""
        return tuple(map(self._path, self.inputs))

    @property
    def files(self) -> tuple[Path, ...]:
        """Where the files really lie."""
        return tuple(file for one in self.inputs for file in _where_they_lie(one))

    @property
    def sniffing(self) -> str:
        """Code for a hidden cell that finds out how the files are read, and prints.

        Empty where that is known.
        """
        unknown = [
            {"folder": paths} if one.from_folder else paths
            for one in self._unknown
            for paths in [list(map(str, _where_they_lie(one)))]
        ]
        return statement("sniffing.report", repr(unknown)) if unknown else ""

    def sniffed(self, printed: str) -> Tables:
        """The tables with what sniffing printed of their files.

        Raises:
            InputError: a file holds no table that can be read, or what was printed
                does not describe the files.
        """
        counts = [len(one.files) for one in self._unknown]
        found = iter(read_sniffing(printed, counts) if counts else ())
        told = [
            (one, None if one.handed is not None else next(found))
            for one in self.inputs
        ]
        reasons = [(one, why) for one, why in told if isinstance(why, str)]
        for one, why in reasons:
            if not one.from_folder or len(reasons) == len(told):
                raise InputError(f"{one.shown} {why}.")
        read: list[tuple[Input, tuple[Reading, ...]]] = []
        for one, groups in told:
            if one.handed is not None:
                read.append((one, (one.handed.reading,)))
            elif groups is not None and not isinstance(groups, str):
                read += _expanded(one, groups, name_by_file=self.name_by_file)
        if reasons:
            read[0] = (_with_warnings(read[0][0], reasons), read[0][1])
        return replace(
            self,
            inputs=tuple(one for one, _ in read),
            sources=tuple(
                self._sources(read)
                if self.earlier is None
                else _earlier_sources(read, self.earlier)
            ),
        )

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Parameters, setup and load: plain code that brings the tables in."""
        return (
            Cell(
                source="\n".join([*self._parameters, f"SEED = {self.seed}"]),
                role="parameters",
                purpose="What to change for other data",
            ),
            Cell(source=SETUP, role="setup", purpose="Setup"),
            Cell(source=self._load, role="load", purpose="Load the data"),
        )

    @property
    def code(self) -> str:
        """The same without the setup: it runs on its own, where the notebook lies."""
        parts = [self._imports, self._parameters, self._statements]
        return "\n\n".join("\n".join(lines) for lines in parts)

    @property
    def _load(self) -> str:
        lines = [line for line in self._imports if line not in IMPORTED]
        if lines:
            lines.append("")
        lines += self._statements
        if len(self.sources) == 1:
            [only] = self.sources
            first = "limit(5).df()" if only.stays_in_file else "head()"
            lines.append(f"{only.name}.{first}")
        return "\n".join(lines)

    @property
    def _imports(self) -> list[str]:
        return sorted({line for one in self.sources for line in one.imports})

    @property
    def _parameters(self) -> list[str]:
        """The path of each input."""
        names = dict.fromkeys(source.parameter for source in self.sources)
        pairs = zip(names, self.paths, strict=True)
        return [f"{name} = {quoted(path)}" for name, path in pairs]

    @property
    def _statements(self) -> list[str]:
        """What loads each table, those of more than one line set apart."""
        lines: list[str] = []
        for source in self.sources:
            body = list(source.lines)
            if lines and len(body) > 1:
                lines.append("")
            lines += body
        return lines

    @property
    def stays_in_files(self) -> bool:
        """Whether a table is queried in its file."""
        return any(source.stays_in_file for source in self.sources)

    @property
    def probe(self) -> str:
        """One statement that looks at the loaded tables and leaves no name behind."""
        names = ", ".join(f'"{source.name}": {source.name}' for source in self.sources)
        return statement("probing.report", f"{{{names}}}")

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence each: what was changed, or left undecided."""
        noticed = [warning for one in self.inputs for warning in one.warnings]
        several = len(self.sources) > 1
        for source in self.sources:
            for doubt in source.reading.doubts:
                where = source.file_name if doubt.of_file else source.shown_as
                noticed.append(doubt_sentence(doubt, where if several else ""))
        return tuple(dict.fromkeys(noticed))

    def looked_at(self, printed: str) -> Looked:
        """The loaded tables, from what the probe printed. Hashes their files.

        Raises:
            InputError: it does not describe the tables, or one of them is empty or not
                what was found when its file was sniffed.
        """
        looks = read_probe(printed, [source.name for source in self.sources])
        joins = read_joins(printed, looks)
        tables = tuple(
            self._table(source, looks[source.name]) for source in self.sources
        )
        levels: tuple[Privacy, ...] = ("samples", "aggregates", "schema")
        return Looked(
            tables=tables,
            joins={level: join_sentences(joins, level) for level in levels},
            oddities={
                level: tuple(
                    chain.from_iterable(notes(each, level) for each in looks.values())
                )
                for level in levels
            },
        )

    def _table(self, source: TableSource, look: Look) -> Table:
        _check_rows(source, look.rows)
        return Table(
            name=source.name,
            path=self._path(source.input),
            sha256=source.input.sha256,
            bytes=source.input.bytes,
            rows=look.rows,
            columns=look.columns,
            more_columns=look.more_columns,
            profile=compact(look),
            in_place=source.stays_in_file,
        )

    def remove_files_made(self) -> None:
        """Remove the files that were written for this session."""
        remove_made(self.inputs)

    @property
    def _unknown(self) -> list[Input]:
        return [one for one in self.inputs if one.handed is None]

    def _sources(
        self, read: Sequence[tuple[Input, tuple[Reading, ...]]]
    ) -> Iterator[TableSource]:
        """A variable for each table, and one for the path of each input."""
        stems = [
            (
                one.stem if self.name_by_file or self.is_named else f"df {at}",
                [self._label(n, each) for n, each in enumerate(readings, 1)],
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

    def _label(self, number: int, reading: Reading) -> str:
        """What tells a table of a file from the others."""
        return (self.name_by_file and reading.label) or str(number)

    def _path(self, one: Input) -> str:
        """Relative to the notebook where it is near, else absolute."""
        really = _pattern(one) if one.pattern else str(one.files[0].resolve())
        relative = Path(os.path.relpath(really, self.folder.resolve()))
        ups = relative.parts.count("..")
        return (relative if ups <= _MAX_LEVELS_UP else Path(really)).as_posix()


def open_tables(
    data: Any,  # noqa: ANN401 - anything may be given
    *,
    folder: Path,
    files_folder: str,
    name_hint: str = "table",
    name_by_file: bool = True,
    seed: int = 0,
) -> Tables:
    """Find the files of all that the user gave, and write what is none to files.

    A single table will be called `df`; of several, each after its file, its place in
    it, or its key.

    Args:
        data: a path, folder, pattern, address or live table, or a dict or list of them.
        folder: where the notebook will lie and the kernel works.
        files_folder: where in it files of live tables are put.
        name_hint: what the file of a single live table is called.
        name_by_file: call tables after their files; else they are numbered, and only
            the keys of a dict become names.
        seed: for the random generators of the notebook.

    Raises:
        InputError: something of it cannot be used; then no file is left behind.

    Example:
        >>> open_tables(
        ...     "sales.csv", folder=Path(), files_folder="sales_files"
        ... ).paths  # doctest: +SKIP
        ('sales.csv',)
    """
    inputs = open_inputs(
        data, folder=folder, files_folder=files_folder, name_hint=name_hint
    )
    return Tables(
        inputs=tuple(inputs),
        folder=folder,
        seed=seed,
        name_by_file=name_by_file,
        is_named=isinstance(data, Mapping),
    )


def _with_warnings(one: Input, reasons: Sequence[tuple[Input, str]]) -> Input:
    """An input that also says which files of its folder were left out, and why."""
    said = (f"{other.shown} is left out: it {why}." for other, why in reasons)
    return replace(one, warnings=(*one.warnings, *said))


def _expanded(
    one: Input, groups: Sequence[Group], *, name_by_file: bool
) -> Iterator[tuple[Input, tuple[Reading, ...]]]:
    """An input as it is, or where its files are different tables one for each."""
    for at, group in enumerate(groups):
        if len(group.files) == len(one.files):
            yield one, group.readings
            continue
        file = one.files[group.files[0]]
        yield (
            replace(
                one,
                stem=plain_stem(file) if name_by_file else f"{one.stem} {at + 1}",
                files=tuple(one.files[each] for each in group.files),
                pattern="",
                warnings=() if at else one.warnings,
            ),
            group.readings,
        )


def _earlier_sources(
    read: Sequence[tuple[Input, tuple[Reading, ...]]], earlier: Earlier
) -> Iterator[TableSource]:
    """The tables under the variables by which an earlier notebook knows them.

    Raises:
        InputError: its load cell does not fit them.
    """
    for at, (one, readings) in enumerate(read):
        names = [name for name, of in earlier.names if of == at]
        if len(names) != len(readings):
            raise InputError(
                f"{one.shown} holds {len(readings)} tables, and the notebook works on "
                f"{len(names)} of its file: ask again with analyst ask."
            )
        for name, reading in zip(names, readings, strict=True):
            yield TableSource(name, one, "DATA", reading)
    bodies = [
        table_code(reading, name="df", path="DATA").body
        for _, readings in read
        for reading in readings
    ]
    check_fits(earlier, bodies, ", ".join(one.shown for one, _ in read))


def _check_rows(source: TableSource, rows: int) -> None:
    """That as many rows were loaded as were found.

    Raises:
        InputError: there are none, or others.
    """
    shown = source.input.shown
    if rows == 0:
        raise InputError(f"{shown} holds no rows: check it.")
    expected = source.reading.rows
    if expected is not None and rows != expected:
        raise InputError(
            f"{shown} was found to hold {expected} rows, and {rows} were loaded: it "
            "changed in between, or the load cell does not fit it, so ask again."
        )


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


def _where_they_lie(one: Input) -> tuple[Path, ...]:
    """The files of an input; those of a pattern under the names that fit it."""
    if not one.pattern:
        return tuple(file.resolve() for file in one.files)
    return tuple(file.parent.resolve() / file.name for file in one.files)


def _pattern(one: Input) -> str:
    """The pattern of an input from the root, links to its folder followed."""
    folder, name = os.path.split(one.pattern)
    return str(Path(folder or ".").resolve() / name)
