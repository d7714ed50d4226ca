"""What a user gave as data, as files: nothing of them has been opened yet."""

from __future__ import annotations

import contextlib
import difflib
import glob
import hashlib
import os
import re
import stat
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from analyst.data.fetching.fetched import Fetched
from analyst.data.handover import Handover, hand_over, is_live
from analyst.data.naming import variable_names
from analyst.errors import InputError

__all__ = ["Input", "open_inputs", "plain_stem", "remove_made"]

_MAX_FILES = 500
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_DATA_ENDING = re.compile(
    r"\.(?:csv|tsv|txt|dat|tab|psv|json|geojson|jsonl|ndjson|parquet|pq|feather|arrow|ipc"
    r"|orc|xlsx|xlsm|xls|xlsb|ods|dta|sav|zsav|por|sas7bdat|xpt|html?|db|sqlite3?|duckdb)"
    r"(?:\.(?:gz|bz2|xz|zip|zst))?$|\.zip$",
    re.IGNORECASE,
)
_GIVE = (
    "give a path, a folder, a DataFrame or another table, a database URL, or a dict "
    "or list of those"
)


@dataclass(frozen=True, kw_only=True)
class Input:
    """A file, or several that may be one table, and where they come from."""

    stem: str
    """What its table may be called after."""
    files: tuple[Path, ...]
    pattern: str = ""
    """Where it was a folder or a pattern of names, the pattern as an absolute path."""
    origin: str = ""
    """Where it was fetched from, without anything secret."""
    refresh: str = ""
    """Comments that say how to fetch it again."""
    handed: Handover | None = None
    """How a live table was handed over; it need not be sniffed."""
    warnings: tuple[str, ...] = ()
    made: tuple[Path, ...] = ()
    """Files that were written for it, and that were not there before."""

    @property
    def shown(self) -> str:
        """How a sentence calls it."""
        return self.origin or self.pattern or str(self.files[0])

    @cached_property
    def bytes(self) -> int:
        """Of all its files."""
        return sum(file.stat().st_size for file in self.files)

    @cached_property
    def sha256(self) -> str:
        """Of its content; of many files, of the list of their names and hashes."""
        hashes = []
        for file in self.files:
            with file.open("rb") as stream:
                hashes.append(hashlib.file_digest(stream, "sha256").hexdigest())
        if not self.pattern:
            return hashes[0]
        listed = "".join(
            f"{file.name}\0{digest}\n"
            for file, digest in zip(self.files, hashes, strict=True)
        )
        return hashlib.sha256(listed.encode("utf-8", "surrogateescape")).hexdigest()


def open_inputs(
    data: Any,  # noqa: ANN401 - anything may be given
    *,
    folder: Path,
    files_folder: str,
    name_hint: str = "table",
) -> list[Input]:
    """All that was given, as files; what is no file yet is written to one.

    Args:
        data: a path, folder, pattern, address or live table, or a dict or list of them.
        folder: where the notebook will lie.
        files_folder: where in it files are put.
        name_hint: what a live table without a name is called.

    Raises:
        InputError: something of it cannot be used; then no file is left behind.
    """
    inputs: list[Input] = []
    place = folder / files_folder
    try:
        for stem, one in _named(data, name_hint):
            inputs += _opened(one, stem, place)
    except BaseException:
        remove_made(inputs)
        raise
    return inputs


def remove_made(inputs: Sequence[Input]) -> None:
    """Remove the files that were written for them, and their folder if it is empty."""
    for path in (path for one in inputs for path in one.made):
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            path.parent.rmdir()


def _named(data: Any, name_hint: str) -> list[tuple[str, Any]]:  # noqa: ANN401 - as above
    """What was given, as pairs of what it may be called and one thing; "" where not."""
    if isinstance(data, Mapping) and data and not is_live(data):
        pairs = [(str(name), one) for name, one in data.items()]
    elif is_live(data):
        pairs = [(name_hint, data)]
    elif isinstance(data, list | tuple) and data:
        pairs = [
            ("" if isinstance(one, str | Path) else f"{name_hint}_{at}", one)
            for at, one in enumerate(data, 1)
        ]
    elif isinstance(data, list | tuple | Mapping) and not data:
        raise InputError("No data was given: name a file or a DataFrame.")
    else:
        pairs = [("" if isinstance(data, str | Path) else name_hint, data)]
    for _, one in pairs:
        if not _is_given(one):
            raise InputError(
                f"Data of type {type(one).__name__} cannot be used: {_GIVE}."
            )
    return pairs


def _is_given(one: object) -> bool:
    """Whether it can be a table by itself."""
    return isinstance(one, str | Path) or is_live(one)


def _opened(one: Any, stem: str, place: Path) -> list[Input]:  # noqa: ANN401 - as above
    """One thing that was given, as files."""
    if not isinstance(one, str | Path):
        return [_of_live(hand_over(one, place, variable_names([stem])[0]), stem)]
    given = os.fspath(one)
    if given == "-":
        from analyst.data.fetching import stdin  # noqa: PLC0415 - seldom needed

        return [_of_fetched(stdin.save(sys.stdin.buffer, place), stem)]
    if _WEB.match(given):
        from analyst.data.fetching import web  # noqa: PLC0415 - seldom needed

        return [_of_fetched(web.fetch(given, place), stem)]
    if _URL.match(given):
        from analyst.data.fetching import database  # noqa: PLC0415 - seldom needed

        return [_of_fetched(each, stem) for each in database.extract(given, place)]
    return _of_path(Path(given).expanduser(), stem)


def _of_live(handed: Handover, stem: str) -> Input:
    return Input(
        stem=stem,
        files=(handed.path,),
        handed=handed,
        warnings=handed.warnings,
        made=(handed.path,) if handed.is_new else (),
    )


def _of_fetched(fetched: Fetched, stem: str) -> Input:
    return Input(
        stem=stem or fetched.name,
        files=(fetched.path,),
        origin=fetched.origin,
        refresh=fetched.refresh,
        warnings=fetched.notes,
        made=(fetched.path,) if fetched.is_new else (),
    )


def _of_path(path: Path, stem: str) -> list[Input]:
    """A file, the files of a folder, or those that fit a pattern."""
    status = _status(path)
    if status is None and glob.has_magic(str(path)):
        files = sorted(map(Path, glob.glob(str(path))))  # noqa: PTH207 - from the root too
        if not files:
            raise InputError(f"No file fits {path}: check the pattern.")
        return [_of_many(files, str(path), stem or plain_stem(path))]
    if status is None:
        raise InputError(_not_there(path))
    if stat.S_ISDIR(status.st_mode):
        return _of_folder(path, stem)
    _check_regular(path, status)
    return [Input(stem=stem or plain_stem(path), files=(path,))]


def _of_folder(path: Path, stem: str) -> list[Input]:
    """The files of a folder, those of one kind together."""
    try:
        files = sorted(entry for entry in path.iterdir() if _is_data(entry))
    except PermissionError:
        raise InputError(
            f"{path} is a folder that you may not enter: change its permissions."
        ) from None
    if not files:
        raise InputError(f"{path} is a folder without data files: name a file.")
    by_ending: dict[str, list[Path]] = {}
    for file in files:
        by_ending.setdefault(_ending(file), []).append(file)
    own_stem = stem or path.resolve().name
    return [
        Input(stem=plain_stem(some[0]), files=tuple(some))
        if len(some) == 1
        else _of_many(some, f"{glob.escape(str(path))}/*{ending}", own_stem)
        for ending, some in by_ending.items()
    ]


def _of_many(files: list[Path], pattern: str, stem: str) -> Input:
    if len(files) > _MAX_FILES:
        raise InputError(
            f"{pattern} fits {len(files)} files, and {_MAX_FILES} can be read at once: "
            "name fewer, or join them first."
        )
    for file in files:
        _check_regular(file, file.stat())
    return Input(stem=stem, files=tuple(files), pattern=pattern)


def _is_data(entry: Path) -> bool:
    """Whether a file of a folder is meant: a table by its name, and not hidden."""
    return (
        not entry.name.startswith(".")
        and bool(_DATA_ENDING.search(entry.name))
        and entry.is_file()
    )


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


def _not_there(file: Path) -> str:
    """Says that a file is missing, and which names beside it are close."""
    try:
        beside = sorted(entry.name for entry in file.parent.iterdir())
    except (OSError, ValueError):
        return f"There is no file {file}: check the folder {file.parent}."
    folded = {name.casefold(): name for name in beside}
    close = difflib.get_close_matches(file.name.casefold(), folded, n=3, cutoff=0.6)
    if not close:
        return f"There is no file {file}: check its name."
    names = " or ".join(folded[name] for name in close)
    return f"There is no file {file}: did you mean {names}?"
