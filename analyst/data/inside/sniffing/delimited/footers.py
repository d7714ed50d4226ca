"""What stands below a table is cut off by its own length, so that rows may be added."""

from __future__ import annotations

import csv
from dataclasses import replace

from ...reading import Delimited
from ..check import departure
from .cutting import Text
from .layout import Table

__all__ = ["without_footer"]

_MOST_BYTES = 1 << 20
"""The engine of pandas that can do it is slow."""
_CELL_CHARS = 131_072
"""It takes no longer ones, where nobody has allowed them."""
_OTHER_ENGINE = {"nrows", "low_memory", "lineterminator"}
"""What that engine does not take, or is not told any more."""


def without_footer(reading: Delimited, text: Text, table: Table) -> Delimited:
    """The reading of the last table, told where to stop from behind.

    The same as before where the file is large, or another table would come out.
    """
    if not text.is_whole or text.file.content_bytes > _MOST_BYTES:
        return reading
    kept = [pair for pair in reading.arguments if pair[0] not in _OTHER_ENGINE]
    lines = len(text.records.rows) - table.stop
    told = (("skipfooter", lines), ("engine", "python"))
    found = replace(reading, arguments=(*kept, *told))
    limit = csv.field_size_limit(_CELL_CHARS)
    try:
        return reading if departure(found, text.file.path) else found
    finally:
        csv.field_size_limit(limit)
