"""The tables of a file, by the code that is written for them, run as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analyst.data.inside.code.table import table_code
from analyst.data.inside.reading import Reading, Unreadable
from analyst.data.inside.sniffing.route import readings_of

__all__ = ["Table", "only_table_of", "tables_of", "why_unreadable"]


@dataclass(frozen=True)
class Table:
    """A table that was read, and what was found out about it."""

    reading: Reading
    code: str
    frame: pd.DataFrame

    @property
    def told(self) -> str:
        """All doubts as one text."""
        return " ".join(doubt.text for doubt in self.reading.doubts)

    @property
    def cells(self) -> dict[str, list[Any]]:
        """The columns as lists, missing values as None."""
        return {
            str(name): [None if _is_missing(value) else value for value in column]
            for name, column in self.frame.items()
        }


def tables_of(path: Path) -> list[Table]:
    """All tables of a file; none of the code may need more than the path."""
    tables = []
    for reading in readings_of(path):
        code = table_code(reading, name="df", path="DATA").source
        scope: dict[str, Any] = {"DATA": str(path)}
        exec(compile(code, "<the load cell>", "exec"), scope)
        tables.append(Table(reading, code, scope["df"]))
    return tables


def only_table_of(path: Path) -> Table:
    """The table of a file that has one."""
    [table] = tables_of(path)
    assert table.reading.rows in {None, len(table.frame)}
    return table


def why_unreadable(path: Path) -> str:
    """The sentence that refuses a file: one line, without the file's name."""
    with pytest.raises(Unreadable) as caught:
        readings_of(path)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert path.name not in sentence
    assert not sentence.endswith(".")
    return sentence


def _is_missing(value: object) -> bool:
    return pd.api.types.is_scalar(value) and bool(pd.isna(value))
