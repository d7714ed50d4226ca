"""Text in columns of fixed width: `pd.read_fwf`."""

from __future__ import annotations

from ..reading import FixedWidth
from .expression import PANDAS, Expression
from .literals import call
from .opened import within_archive

__all__ = ["expression"]


def expression(
    reading: FixedWidth, path: str, *, indent: int, before: int
) -> Expression:
    """The expression that reads it.

    Args:
        reading: how it is read.
        path: an expression for the path of the file.
        indent: blanks before the line in which it begins.
        before: characters that stand in this line before and after it.
    """
    arguments = list(reading.arguments)
    if reading.compression == "zip" and reading.member:
        return Expression(
            text=call("pd.read_fwf", ["file"], arguments, indent=4, before=before),
            imports=("import zipfile", PANDAS),
            within=within_archive(reading, path),
        )
    if reading.compression:
        arguments.append(("compression", reading.compression))
    return Expression(
        call("pd.read_fwf", [path], arguments, indent=indent, before=before)
    )
