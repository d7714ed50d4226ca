"""A live DataFrame becomes a file that the kernel, and later the notebook, can load.

Feather, uncompressed: it is written and read at about the speed of a memory copy,
keeps the index and the kinds of the columns, and can only ever hold data. Never
pickle, which can hold code. What the format cannot hold becomes text, with a warning.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analyst.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Handover", "hand_over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """The file that was written, and a sentence for each thing that was changed."""

    path: Path
    is_new: bool = True
    """False where an earlier session had written the same data there."""
    warnings: tuple[str, ...] = ()


def hand_over(frame: pd.DataFrame | pd.Series, folder: Path, name: str) -> Handover:
    """Write a frame to `<folder>/<name>-<hash>.feather`, whole or not at all.

    The hash is that of the content: the data of an earlier notebook is never
    overwritten, and the same data is not written twice.

    The caller's frame is left as it is. `pd.read_feather` reads an equal one, index
    included, except for what the warnings name.

    Raises:
        InputError: the frame has no rows or columns, or the folder cannot be written.
    """
    import pandas as pd  # noqa: PLC0415 - slow, and only a live frame needs it

    if isinstance(frame, pd.Series):
        frame = frame.to_frame("value" if frame.name is None else str(frame.name))
    if frame.empty:
        raise InputError("The DataFrame has no rows: give one that holds data.")
    warnings: list[str] = []
    table = _table(_with_plain_names(frame, warnings), warnings)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path, is_new = _write(table, folder, name)
    except OSError as error:
        raise InputError(
            f"The DataFrame cannot be written to {folder} ({error.strerror}): "
            "choose another folder for the notebook."
        ) from None
    return Handover(path=path, is_new=is_new, warnings=tuple(warnings))


def _with_plain_names(frame: pd.DataFrame, warnings: list[str]) -> pd.DataFrame:
    """The frame with unique names of text, sharing the caller's columns."""
    names = [_plain_name(label) for label in frame.columns]
    taken = Counter(names)
    unique: list[str] = []
    for name in names:
        candidate, count = name, 1
        while candidate in unique or (count > 1 and candidate in taken):
            count += 1
            candidate = f"{name}_{count}"
        unique.append(candidate)
    if unique == list(frame.columns) and frame.columns.nlevels == 1:
        return frame
    changed = sum(a != b for a, b in zip(unique, frame.columns, strict=True))
    warnings.append(
        f"{changed} column names that were no text, or not unique, were changed."
    )
    return frame.set_axis(unique, axis="columns")


def _plain_name(label: object) -> str:
    if isinstance(label, tuple):
        return "_".join(str(part) for part in label if str(part))
    return str(label)


def _table(frame: pd.DataFrame, warnings: list[str]) -> pa.Table:
    """The frame as Arrow; what Arrow refuses as text."""
    import numpy as np  # noqa: PLC0415 - as above
    import pandas as pd  # noqa: PLC0415 - as above
    import pyarrow as pa  # noqa: PLC0415 - as above

    if not _arrow_holds(frame):
        changed: dict[str, pd.Series] = {}
        for name, column in frame.items():
            if isinstance(column.dtype, pd.SparseDtype):
                changed[str(name)] = pd.Series(np.asarray(column), index=column.index)
            elif not _arrow_holds(column.reset_index(drop=True).to_frame()):
                changed[str(name)] = _as_text(column)
                warnings.append(f"Column {name!r} is of mixed kinds: it became text.")
        frame = frame.assign(**changed)
    if not _arrow_holds(frame):
        warnings.append("The index is of mixed kinds: it became text.")
        frame = frame.set_axis(pd.Index(map(str, frame.index)), axis="index")
    return pa.Table.from_pandas(frame)


def _arrow_holds(frame: pd.DataFrame) -> bool:
    import pyarrow as pa  # noqa: PLC0415 - as above

    try:
        pa.Table.from_pandas(frame)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return False
    return True


def _as_text(column: pd.Series) -> pd.Series:
    """Every value as its `str`, missing ones still missing."""
    return column.astype(object).map(str, na_action="ignore").astype("str")


def _write(table: pa.Table, folder: Path, name: str) -> tuple[Path, bool]:
    """Write beside the target and move there, so that no half file is ever seen."""
    from pyarrow import feather  # noqa: PLC0415 - as above

    handle, part = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
    os.close(handle)
    temporary = Path(part)
    try:
        feather.write_feather(table, part, compression="uncompressed")
        with temporary.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        path = folder / f"{name}-{content[:8]}.feather"
        is_new = not path.exists()
        if is_new:
            temporary.chmod(0o644)
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path, is_new
