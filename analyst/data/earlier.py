"""Whether the load cell of an earlier notebook also reads other files rightly.

It was written for the files that it was made with. Where it leaves out or mends lines
of one of them, or reads another kind of file, it would read others wrongly in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyst.data.inside.code.table import table_code
from analyst.data.sources import Read, TableSource
from analyst.errors import InputError

__all__ = ["Earlier", "check_fits", "known"]

_OF_ONE_FILE = re.compile(
    r"\b(?:nrows|skipfooter)=\d+|\bskiprows=\[[^\]]*\]"
    r"|^ *lines\[.*$|\bnot in \{[^}]*\}",
    re.MULTILINE,
)
_READER = re.compile(
    r"\b(?:pd|pa\.ipc|duckdb)\.(?:read|open)_\w+|\bjson_normalize\b|\bjson\.loads\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What an earlier notebook knows of its tables."""

    names: tuple[tuple[str, int], ...]
    """Of each table its variable, and which of the inputs it comes from."""
    load: str
    """The code that loads them."""


def known(read: Read, earlier: Earlier) -> Iterator[TableSource]:
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


def check_fits(earlier: Earlier, bodies: Sequence[str], shown: str) -> None:
    """That the earlier code reads the new files as new code would.

    Args:
        earlier: what the notebook holds.
        bodies: the statements that read each new table.
        shown: how a sentence calls the new files.

    Raises:
        InputError: it does not.
    """
    ours = "\n".join(bodies)
    if _of_one_file(earlier.load) != _of_one_file(ours):
        raise InputError(
            f"The load cell of the notebook leaves out or mends lines of the file that "
            f"it was made with, and {shown} is laid out otherwise: ask again with "
            "analyst ask."
        )
    readers = set(_READER.findall(ours)) - set(_READER.findall(earlier.load))
    if readers:
        raise InputError(
            f"The notebook was made with another kind of file, and {shown} needs "
            f"{', '.join(sorted(readers))}: ask again with analyst ask."
        )


def _of_one_file(code: str) -> list[str]:
    """The parts of code that speak of single lines of one file."""
    return sorted(" ".join(part.split()) for part in _OF_ONE_FILE.findall(code))
