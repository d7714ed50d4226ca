"""Files, folders and patterns that a user names: found and checked, but not read."""

from __future__ import annotations

import difflib
import glob
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analyst.errors import InputError

__all__ = ["Found", "files_at", "plain_stem"]

_MAX_FILES = 500
_NAMED_FILES = 8
_DATA_ENDING = re.compile(
    r"\.(?:csv|tsv|txt|dat|tab|psv|json|geojson|jsonl|ndjson|parquet|pq|feather|arrow|ipc"
    r"|orc|xlsx|xlsm|xls|xlsb|ods|dta|sav|zsav|por|sas7bdat|xpt|html?|db|sqlite3?|duckdb)"
    r"(?:\.(?:gz|bz2|xz|zip|zst))?$|\.zip$",
    re.IGNORECASE,
)
_HIDDEN = (".", "~$")
"""How names begin that are not meant: hidden files, and locks of Excel."""
_ODD_ADDRESS = (
    "What was given looks like an address but is none, and it is not repeated, as it "
    "may hold a password: write it as https://host/file.csv or as "
    "postgresql://user:$PASSWORD@host/database#table."
)


@dataclass(frozen=True)
class Found:
    """A file, or several that may be one table."""

    files: tuple[Path, ...]
    stem: str
    """What its table may be called after."""
    pattern: str = ""
    """What fits these files and no other; empty for a single one."""
    in_folder: bool = False
    """Not it was named, but the folder that it lies in."""
    warnings: tuple[str, ...] = ()


def files_at(path: Path, stem: str = "") -> list[Found]:
    """A file, the files of a folder, or those that fit a pattern.

    Args:
        path: what was named.
        stem: what the tables of many files may be called after, where that is known.

    Raises:
        InputError: there is nothing, or something that cannot be read.
    """
    status = _status(path)
    if status is None and glob.has_magic(str(path)):
        return [_of_pattern(path, stem)]
    if status is None:
        raise InputError(_not_there(path))
    if stat.S_ISDIR(status.st_mode):
        return _of_folder(path, stem)
    _check_regular(path, status)
    return [Found((path,), plain_stem(path))]


def _of_pattern(path: Path, stem: str) -> Found:
    files = _fitting(str(path))
    if not files and _may_hold_a_secret(path):
        raise InputError(_ODD_ADDRESS)
    if not files:
        raise InputError(f"No file fits {path}: check the pattern.")
    _check_count(files, path)
    for file in files:
        status = _status(file)
        if status is None:
            raise InputError(f"{_shown(file)} leads to no file: mend or remove it.")
        _check_regular(file, status)
    return Found(tuple(files), stem or plain_stem(path), str(path))


def _of_folder(path: Path, stem: str) -> list[Found]:
    """The files of a folder, those of one kind together."""
    try:
        files = sorted(entry for entry in path.iterdir() if _is_data(entry))
    except PermissionError:
        raise InputError(
            f"{path} is a folder that you may not enter: change its permissions."
        ) from None
    filled = [file for file in files if _has_content(file)]
    if not filled:
        raise InputError(f"{path} is a folder without data files: name a file.")
    _check_count(filled, path)
    by_ending: dict[str, list[Path]] = {}
    for file in filled:
        by_ending.setdefault(_ending(file), []).append(file)
    own_stem = stem or path.resolve().name
    first, *more = (
        found
        for ending, some in by_ending.items()
        for found in _of_ending(path, ending, some, own_stem)
    )
    empty = [_shown(file) for file in files if file not in set(filled)]
    if empty:
        told = ", ".join(empty[:_NAMED_FILES]) + (", …" if empty[_NAMED_FILES:] else "")
        first = replace(
            first, warnings=(f"Left out, as there is nothing in it: {told}.",)
        )
    return [first, *more]


def _of_ending(
    folder: Path, ending: str, files: Sequence[Path], stem: str
) -> Iterator[Found]:
    """The files of one kind, together only where a pattern fits no other file."""
    beginnings = ("*", "[!~]*") if len(files) > 1 else ()
    for beginning in beginnings:
        pattern = f"{glob.escape(str(folder))}/{beginning}{glob.escape(ending)}"
        if _fitting(pattern) == files:
            yield Found(tuple(files), stem, pattern, in_folder=True)
            return
    for file in files:
        yield Found((file,), plain_stem(file), in_folder=True)


def _fitting(pattern: str) -> list[Path]:
    try:
        return sorted(map(Path, glob.glob(pattern)))  # noqa: PTH207 - from the root too
    except ValueError:  # a NUL
        return []


def _check_count(files: Sequence[Path], path: Path) -> None:
    if len(files) > _MAX_FILES:
        raise InputError(
            f"{path} has {len(files)} files, and {_MAX_FILES} can be read at once: "
            "name fewer, or join them first."
        )


def _is_data(entry: Path) -> bool:
    """Whether a file of a folder is meant: a table by its name, and not hidden."""
    return (
        not entry.name.startswith(_HIDDEN)
        and bool(_DATA_ENDING.search(entry.name))
        and entry.is_file()
    )


def _has_content(file: Path) -> bool:
    """Whether a file of a folder is there and not empty.

    Raises:
        InputError: it cannot be read.
    """
    status = _status(file)
    if status is None or status.st_size == 0:
        return False
    _check_regular(file, status)
    return True


def _ending(file: Path) -> str:
    found = _DATA_ENDING.search(file.name)
    return found[0] if found else ""


def plain_stem(path: Path) -> str:
    """The name of a file without what says how it is stored.

    >>> plain_stem(Path("sales.csv.gz"))
    'sales'
    """
    found = _DATA_ENDING.search(path.name)
    return (path.name[: found.start()] if found else path.stem) or path.stem


def _status(path: Path) -> os.stat_result | None:
    """What is known of a path; None where there is nothing."""
    try:
        return path.stat()
    except PermissionError:
        raise InputError(
            f"{path} lies in a folder that you may not enter: change its permissions."
        ) from None
    except (OSError, ValueError):
        return None


def _check_regular(file: Path, status: os.stat_result) -> None:
    """That a file can be read, and has content.

    Raises:
        InputError: it cannot, or has none.
    """
    shown = _shown(file)
    if shown != str(file):
        raise InputError(f"{shown} has a name that is not UTF-8: rename it.")
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{file} is a folder: name the files in it.")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{file} is a device or a pipe: copy its content to a file.")
    if status.st_size == 0:
        raise InputError(f"{file} is empty: check where it came from.")
    try:
        with file.open("rb"):
            pass
    except PermissionError:
        raise InputError(
            f"{file} may not be read by you: change its permissions."
        ) from None
    except OSError as error:
        raise InputError(
            f"{file} cannot be read ({error.strerror}): check the disk or copy it."
        ) from None


def _shown(file: Path) -> str:
    """A path that can be printed, whatever bytes are in it."""
    return os.fsencode(file).decode("utf-8", "backslashreplace")


def _may_hold_a_secret(path: Path) -> bool:
    """Whether it may be a mistyped address, which may hold a password."""
    text = str(path)
    return ":/" in text or -1 < text.find(":") < text.rfind("@")


def _not_there(file: Path) -> str:
    """Says that a file is missing, and which names beside it are close."""
    if _may_hold_a_secret(file):
        return _ODD_ADDRESS
    shown = _shown(file)
    try:
        beside = sorted(entry.name for entry in file.parent.iterdir())
    except (OSError, ValueError):
        return f"There is no file {shown}: check the folder {_shown(file.parent)}."
    folded = {name.casefold(): name for name in beside}
    close = difflib.get_close_matches(file.name.casefold(), folded, n=3, cutoff=0.6)
    if not close:
        return f"There is no file {shown}: check its name."
    names = " or ".join(_shown(Path(folded[name])) for name in close)
    return f"There is no file {shown}: did you mean {names}?"
