"""The tables of a session: from what the user gave to the cells that load it."""

from __future__ import annotations

import builtins
import contextlib
import json
import keyword
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from analyst.data.handover import Handover, hand_over
from analyst.data.profile import compact, read_probe
from analyst.data.sources import Source, open_source
from analyst.errors import InputError
from analyst.events import Table
from analyst.seams import Cell

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Given", "Tables", "open_tables", "variable_names"]

One: TypeAlias = "str | Path | pd.DataFrame | pd.Series"
Given: TypeAlias = "One | Mapping[str, One] | Sequence[One]"
"""What a user may give as data."""

_MAX_LEVELS_UP = 2
_TAKEN = frozenset(
    {*keyword.kwlist, *keyword.softkwlist, *dir(builtins)}
    | {"pd", "np", "plt", "display", "markdown", "random", "seed", "data"}
)

_SETUP = """
import random

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display

random.seed(SEED)
np.random.seed(SEED)

pd.set_option("display.max_rows", 40, "display.max_columns", 20)
pd.set_option("display.precision", 4)
plt.rcParams.update({
    "figure.figsize": (7.5, 3.6),
    "figure.dpi": 100,
    "figure.autolayout": True,
    "axes.axisbelow": True,
    "axes.edgecolor": "#9aa0a6",
    "axes.grid": True,
    "axes.prop_cycle": plt.cycler(
        color=["#2563a8", "#d9702b", "#4c9a6a", "#8e5ea2", "#8a8f98"]
    ),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "grid.color": "#e7e9ec",
    "legend.frameon": False,
    "text.parse_math": False,
})
"""


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a session, before they are in the kernel (`analyst.seams.Data`)."""

    sources: tuple[Source, ...]
    folder: Path
    """Where the notebook will lie and the kernel works."""
    seed: int = 0
    files_made: tuple[Path, ...] = ()
    """Files that live DataFrames were written to, and that were not there before."""
    warnings: tuple[str, ...] = ()
    """A sentence each: what was changed, or left undecided."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The path of each table as it is written in the notebook."""
        return tuple(map(self._path, self.sources))

    @property
    def files(self) -> tuple[Path, ...]:
        """Where the tables really lie."""
        return tuple(source.path.resolve() for source in self.sources)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Parameters, setup and load: plain code that brings the tables in."""
        paths = [
            f"{source.parameter} = {_quoted(path)}"
            for source, path in zip(self.sources, self.paths, strict=True)
        ]
        loads = [source.load for source in self.sources]
        if len(self.sources) == 1:
            loads.append(f"{self.sources[0].name}.head()")
        return (
            Cell(
                source="\n".join([*paths, f"SEED = {self.seed}"]),
                role="parameters",
                purpose="What to change for other data",
            ),
            Cell(source=_SETUP.strip(), role="setup", purpose="Setup"),
            Cell(source="\n".join(loads), role="load", purpose="Load the data"),
        )

    @property
    def probe(self) -> str:
        """One statement that looks at the loaded tables and leaves no name behind."""
        probe = resources.files("analyst.data") / "probe.py"
        source = probe.read_text(encoding="utf-8") + "\n\nreport(tables)\n"
        names = ", ".join(f'"{source.name}": {source.name}' for source in self.sources)
        scope = f'{{"__name__": "probe", "tables": {{{names}}}}}'
        return f"exec({source!r}, {scope})"

    def tables(self, printed: str) -> tuple[Table, ...]:
        """The loaded tables, from what the probe printed.

        Raises:
            InputError: it does not describe the tables, or one of them is empty.
        """
        looks = read_probe(printed, [source.name for source in self.sources])
        for source in self.sources:
            if looks[source.name].rows == 0:
                raise InputError(f"{source.path} holds no rows: check its content.")
        return tuple(
            Table(
                name=source.name,
                path=self._path(source),
                sha256=source.sha256,
                bytes=source.bytes,
                rows=looks[source.name].rows,
                columns=looks[source.name].columns,
                more_columns=looks[source.name].more_columns,
                profile=compact(looks[source.name]),
            )
            for source in self.sources
        )

    def remove_files_made(self) -> None:
        """Remove the files of live DataFrames, and their folder if nothing is left."""
        for path in self.files_made:
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                path.parent.rmdir()

    def _path(self, source: Source) -> str:
        """Relative to the notebook where the file is near, else absolute."""
        file = source.path.resolve()
        relative = Path(os.path.relpath(file, self.folder.resolve()))
        ups = relative.parts.count("..")
        return (relative if ups <= _MAX_LEVELS_UP else file).as_posix()


def open_tables(
    data: Given,
    *,
    folder: Path,
    files_folder: str,
    name_hint: str = "table",
    name_by_file: bool = True,
    seed: int = 0,
) -> Tables:
    r"""Look at all that the user gave, and write live DataFrames to files.

    A single table is called `df`; of several, each is called after its file or its
    key.

    Args:
        data: a path, a DataFrame, or a dict or list of them.
        folder: where the notebook will lie and the kernel works.
        files_folder: where in it the files of live DataFrames are put.
        name_hint: what the file of a single live DataFrame is called.
        name_by_file: call tables after their files; else they are numbered, and only
            the keys of a dict become names.
        seed: for the random generators of the notebook.

    Raises:
        InputError: something of it cannot be read; then no file is left behind.

    Example:
        >>> tables = open_tables(
        ...     "sales.csv", folder=Path(), files_folder="sales_files"
        ... )  # doctest: +SKIP
        >>> tables.cells[0].source  # doctest: +SKIP
        'DATA = "sales.csv"\nSEED = 0'
    """
    given = _named(data, name_hint)
    stems = [stem for stem, _ in given]
    if not name_by_file and not isinstance(data, Mapping):
        stems = [f"df_{number}" for number, _ in enumerate(given, 1)]
    names = ["df"] if len(given) == 1 else variable_names(stems)
    files = variable_names(stem for stem, _ in given)
    sources: list[Source] = []
    made: list[Handover] = []
    try:
        for (_, one), name, file in zip(given, names, files, strict=True):
            path = one
            if _is_frame(one):
                made.append(hand_over(one, folder / files_folder, file))
                path = made[-1].path
            sources.append(open_source(path, name=name))
    except BaseException:
        Tables(
            sources=(), folder=folder, files_made=_new_files(made)
        ).remove_files_made()
        raise
    noticed = [warning for handed in made for warning in handed.warnings]
    noticed += [warning for source in sources for warning in source.warnings]
    return Tables(
        sources=tuple(sources),
        folder=folder,
        seed=seed,
        files_made=_new_files(made),
        warnings=tuple(noticed),
    )


def _new_files(made: Iterable[Handover]) -> tuple[Path, ...]:
    """The files that no earlier notebook relies on."""
    return tuple(handed.path for handed in made if handed.is_new)


def variable_names(stems: Iterable[str]) -> tuple[str, ...]:
    """A variable for each of several tables: valid, unique, nothing shadowed.

    >>> variable_names(["Sales 2024", "class", "sales-2024"])
    ('sales_2024', 'class_table', 'sales_2024_2')
    """
    names: list[str] = []
    for stem in stems:
        plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
        base = re.sub(r"\W+", "_", plain.lower()).strip("_")[:40] or "table"
        base = f"table_{base}" if base[0].isdigit() else base
        base = f"{base}_table" if base in _TAKEN else base
        name, count = base, 1
        while name in names:
            count += 1
            name = f"{base}_{count}"
        names.append(name)
    return tuple(names)


def _named(data: Any, name_hint: str) -> list[tuple[str, Any]]:  # noqa: ANN401 - anything may be given
    """What was given, as pairs of what it may be called and a path or a frame."""
    if isinstance(data, Mapping):
        pairs = [(str(name), one) for name, one in data.items()]
    elif isinstance(data, list | tuple):
        pairs = [
            (_stem(one, f"{name_hint}_{at}"), one) for at, one in enumerate(data, 1)
        ]
    else:
        pairs = [(_stem(data, name_hint), data)]
    if not pairs:
        raise InputError("No data was given: name a file or a DataFrame.")
    for _, one in pairs:
        if not isinstance(one, str | Path) and not _is_frame(one):
            raise InputError(
                f"Data of type {type(one).__name__} cannot be used: "
                "give a path to a CSV file or a DataFrame."
            )
    return pairs


def _stem(one: Any, fallback: str) -> str:  # noqa: ANN401 - as above
    return Path(one).stem if isinstance(one, str | Path) else fallback


def _is_frame(one: object) -> bool:
    """Whether it is a DataFrame or Series; pandas is not loaded to find out."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(one, (pandas.DataFrame, pandas.Series))


def _quoted(text: str) -> str:
    """Text as a Python literal in double quotes, all of it to be seen."""
    return json.dumps(text, ensure_ascii=not text.isprintable())
