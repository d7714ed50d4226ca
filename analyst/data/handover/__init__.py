"""A live table becomes a file that the kernel, and later the notebook, can load.

Feather, uncompressed: it is written and read at about the speed of a memory copy,
keeps the index and the kinds of the columns, and can only ever hold data. Never
pickle, which can hold code. What the format has no kind for is stored in another one,
and a plain statement makes it again what it was; only what no statement can make
becomes text, with a warning.

    given      what may be handed over, and how it becomes a frame or an Arrow table
    frames     a pandas frame as an Arrow table: columns, index, labels
    columns    one column of it
    objects    one column of Python objects
    spelled    the types of them that come back from their text
    labels     an index as the code that makes it
    arrow      an Arrow table as one that pandas reads without loss
    files      an Arrow table as a file
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analyst.data.handover import arrow, files, frames
from analyst.data.handover.given import frame_or_table, is_frame, is_live
from analyst.data.inside.reading import FrameFile
from analyst.errors import InputError

__all__ = ["Handover", "hand_over", "is_live"]

MAPPED_BYTES = 64 << 20
"""A file from this size on is mapped into memory instead of read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """The file that was written, how it is loaded, and what was changed."""

    path: Path
    reading: FrameFile
    restore: tuple[str, ...] = ()
    """Statements after the reading that make the table what it was: templates for
    `str.format` with `name`, the variable of the table, and `path`, an expression."""
    imports: tuple[str, ...] = ()
    """Import statements that `restore` needs, `import pandas as pd` among them."""
    is_new: bool = True
    """False where an earlier session had written the same data there."""
    warnings: tuple[str, ...] = ()
    """A sentence for each thing that is not as it was given."""

    def statements(self, *, name: str, path: str) -> tuple[str, ...]:
        """`restore` for the table of this name, read from this expression.

        Example:
            >>> Handover(
            ...     path=Path("t.feather"),
            ...     reading=FrameFile(),
            ...     restore=("{name}.columns = pd.RangeIndex(2)",),
            ... ).statements(name="df", path="DATA")
            ('df.columns = pd.RangeIndex(2)',)
        """
        return tuple(each.format(name=name, path=path) for each in self.restore)


def hand_over(given: Any, folder: Path, name: str) -> Handover:  # noqa: ANN401 - anything may be given
    """Write a live table to `<folder>/<name>-<hash>.feather`, whole or not at all.

    A file that is there is never overwritten, and the same data is not kept twice.

    What was given is left as it is; only a stream, such as a `RecordBatchReader`, is
    read to its end. Reading the file and running `restore` gives an equal frame,
    except for what the warnings name: for pandas the same one, for others the one
    that their Arrow table becomes. `attrs` and subclasses are not kept.

    Args:
        given: a table or column of pandas, polars, pyarrow, DuckDB, NumPy or any
            library that speaks Arrow; or rows or columns in plain lists.
        folder: made where it is not there.
        name: what the file is called.

    Raises:
        InputError: it is no table, has no columns, or the folder cannot be written.

    Example:
        >>> hand_over(frame, Path("q_files"), "sales").path  # doctest: +SKIP
        PosixPath('q_files/sales-4f1d09aa.feather')
    """
    table = frame_or_table(given)
    if is_frame(table):
        kind, stored, columns = "DataFrame", frames.stored, table.shape[1]
    else:
        kind, stored, columns = "table", arrow.stored, table.num_columns
    if not columns:
        raise InputError(f"The {kind} has no columns: give one that holds data.")
    made = stored(table)
    try:
        path, is_new = files.write(made.table, folder, name)
    except OSError as error:
        raise InputError(
            f"The {kind} cannot be written to {folder} ({error.strerror or error}): "
            "choose another folder for the notebook."
        ) from None
    return Handover(
        path=path,
        reading=FrameFile(
            reader="feather",
            arguments=made.arguments,
            rows=made.table.num_rows,
            memory_mapped=path.stat().st_size >= MAPPED_BYTES,
        ),
        restore=made.restore,
        imports=made.imports,
        is_new=is_new,
        warnings=made.warnings,
    )
