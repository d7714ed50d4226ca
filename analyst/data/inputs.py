"""What a user gave as data, as files: nothing of them has been opened yet."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from analyst.data.fetching.fetched import Fetched
from analyst.data.fetching.web_address import is_address
from analyst.data.handover import Handover, hand_over, is_live
from analyst.data.inside.code.table import parts_that_differ
from analyst.data.naming import variable_names
from analyst.data.paths import files_at, plain_stem
from analyst.errors import InputError

__all__ = ["Input", "open_inputs", "plain_stem", "remove_made"]

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
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
    from_folder: bool = False
    """It is what lies in a folder: a file of it that holds no table may be left out."""
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
        """Of all its files.

        Raises:
            InputError: one of them is gone.
        """
        try:
            return sum(file.stat().st_size for file in self.files)
        except OSError as error:
            raise InputError(_gone(error)) from None

    @cached_property
    def sha256(self) -> str:
        """Of its content; of many files, of the list of their names and hashes.

        Raises:
            InputError: one of them is gone.
        """
        try:
            hashes = [_sha256(file) for file in self.files]
        except OSError as error:
            raise InputError(_gone(error)) from None
        if not self.pattern:
            return hashes[0]
        parts = parts_that_differ(self.files)
        listed = "".join(
            f"{'/'.join(file.parts[-parts:])}\0{digest}\n"
            for file, digest in zip(self.files, hashes, strict=True)
        )
        return hashlib.sha256(listed.encode("utf-8", "surrogateescape")).hexdigest()


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _gone(error: OSError) -> str:
    return f"{error.filename} cannot be read any more ({error.strerror}): start again."


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
    if _URL.match(given.lstrip()):
        given = given.strip()
    if given == "-":
        from analyst.data.fetching import stdin  # noqa: PLC0415 - seldom needed

        return [_of_fetched(stdin.save(sys.stdin.buffer, place), stem)]
    if is_address(given):
        from analyst.data.fetching import web  # noqa: PLC0415 - seldom needed

        return [_of_fetched(web.fetch(given, place), stem)]
    if _URL.match(given):
        from analyst.data.fetching import database  # noqa: PLC0415 - seldom needed

        return [_of_fetched(each, stem) for each in database.extract(given, place)]
    return [
        Input(
            stem=stem or found.stem,
            files=found.files,
            pattern=found.pattern,
            from_folder=found.in_folder,
            warnings=found.warnings,
        )
        for found in files_at(Path(os.path.expanduser(given)), stem)  # noqa: PTH111 - it leaves ~ of a stranger as it is
    ]


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
