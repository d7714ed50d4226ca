"""The tables of a session: from what the user gave to the cells that load it.

    given --open_tables--> files --sniffing--> readings
    readings --cells--> loaded tables --probe--> facts

What sniffing, cells and probe do happens in the kernel; here is what is sent there, and
what becomes of the printed text that comes back.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from analyst.data.earlier import Earlier, known
from analyst.data.inputs import Input, open_inputs, remove_made
from analyst.data.joins import join_sentences
from analyst.data.kernel_side import statement
from analyst.data.load_cell import load_cell, parameters, whole_code
from analyst.data.look import Look
from analyst.data.profile import compact, read_joins, read_probe
from analyst.data.quality import notes
from analyst.data.readings import doubt_sentence
from analyst.data.setup_cell import SETUP
from analyst.data.sniffed import inputs_read
from analyst.data.sources import TableSource, named
from analyst.errors import InputError
from analyst.events import Privacy, Table
from analyst.seams import Cell, Looked

__all__ = ["Tables", "open_tables"]

_MAX_LEVELS_UP = 2


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
        read = inputs_read(self.inputs, printed, name_by_file=self.name_by_file)
        return replace(
            self,
            inputs=tuple(one for one, _ in read),
            sources=tuple(
                named(read, name_by_file=self.name_by_file, is_named=self.is_named)
                if self.earlier is None
                else known(read, self.earlier)
            ),
        )

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Parameters, setup and load: plain code that brings the tables in."""
        paths = parameters(self.sources, self.paths)
        return (
            Cell(
                source="\n".join([*paths, f"SEED = {self.seed}"]),
                role="parameters",
                purpose="What to change for other data",
            ),
            Cell(source=SETUP, role="setup", purpose="Setup"),
            Cell(source=load_cell(self.sources), role="load", purpose="Load the data"),
        )

    @property
    def code(self) -> str:
        """The same without the setup: it runs on its own, where the notebook lies."""
        return whole_code(self.sources, self.paths)

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


def _where_they_lie(one: Input) -> tuple[Path, ...]:
    """The files of an input; those of a pattern under the names that fit it."""
    if not one.pattern:
        return tuple(file.resolve() for file in one.files)
    return tuple(file.parent.resolve() / file.name for file in one.files)


def _pattern(one: Input) -> str:
    """The pattern of an input from the root, links to its folder followed."""
    folder, name = os.path.split(one.pattern)
    return str(Path(folder or ".").resolve() / name)
