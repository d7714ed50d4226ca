"""Putting a file into the user's folder: whole or not at all, and over nothing.

A file is written without a name and gets one when it is complete, so a crash or a full
disk leaves nothing half-written. Links in the user's folder are not followed either.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

__all__ = ["Delivered", "Refused", "deliver"]

_CHUNK_BYTES = 1 << 20
_MODE = 0o644
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_MAX_NAMESAKES = 1000

Stamp = tuple[int, ...]


class Refused(Exception):  # noqa: N818 - reads as what happened
    """A file was not delivered; the message is the end of a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A file that is in its place."""

    path: str
    bytes: int
    stamp: Stamp
    """Tells whether somebody has changed it since."""


def deliver(
    source: int, folder: int, path: str, *, earlier: Delivered | None = None
) -> Delivered:
    """Copy an open file to a path beneath a folder, or to a free name beside it.

    Args:
        source: a descriptor of a regular file.
        folder: a descriptor of the folder.
        path: relative to it, without `..`.
        earlier: an older state of the same file, which it replaces as long as nobody
            has changed that.

    Raises:
        Refused: the file changed while it was read, or there is no free name.
        OSError: it cannot be read or written.
    """
    if earlier is not None:
        try:
            with _parent(folder, earlier.path) as (place, name):
                if _stamp_of(name, place) == earlier.stamp:
                    return _deliver_over(source, place, name, earlier.path)
        except FileNotFoundError:
            pass  # then it is a new file
    with _parent(folder, path, make=True) as (place, name):
        return _deliver_beside(source, place, name, path)


def _deliver_over(source: int, place: int, name: str, path: str) -> Delivered:
    with _draft(place) as (draft, unfinished):
        size = _copy(source, draft)
        stamp = _stamp(os.fstat(draft))
        complete = unfinished or _unfinished_name()
        try:
            if not unfinished:
                _link(draft, complete, place)
            os.replace(complete, name, src_dir_fd=place, dst_dir_fd=place)
        except OSError:
            _unlink(complete, place)
            raise
    return Delivered(path, size, stamp)


def _deliver_beside(source: int, place: int, name: str, path: str) -> Delivered:
    with _draft(place) as (draft, unfinished):
        size = _copy(source, draft)
        stamp = _stamp(os.fstat(draft))
        for candidate in _namesakes(name):
            with contextlib.suppress(FileExistsError):
                _give_name(draft, unfinished, candidate, place)
                taken = str(PurePosixPath(path).with_name(candidate))
                return Delivered(taken, size, stamp)
    raise Refused("every name like it is taken")


def _copy(source: int, draft: int) -> int:
    """Copy what a file held when it was opened; return its size.

    Raises:
        Refused: it changed meanwhile.
        OSError: it cannot be read or written.
    """
    os.lseek(source, 0, os.SEEK_SET)
    before = os.fstat(source)
    left = before.st_size
    with open(draft, "wb", closefd=False) as file:
        while left and (chunk := os.read(source, min(left, _CHUNK_BYTES))):
            file.write(chunk)
            left -= len(chunk)
    if left or _stamp(os.fstat(source)) != _stamp(before):
        raise Refused("it was still being written")
    return before.st_size


def _namesakes(name: str) -> Iterator[str]:
    """The name itself, then `out-2.csv`, `out-3.csv`, ..."""
    yield name
    stem, dot, ending = name.partition(".")
    for number in range(2, _MAX_NAMESAKES):
        yield f"{stem}-{number}{dot}{ending}"


@contextlib.contextmanager
def _parent(folder: int, path: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
    """The folder of a path, opened step by step, and the name in it."""
    *above, name = PurePosixPath(path).parts
    place = os.open(".", _FOLDER, dir_fd=folder)
    try:
        for part in above:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=place)
            below = os.open(part, _FOLDER, dir_fd=place)
            os.close(place)
            place = below
        yield place, name
    finally:
        os.close(place)


@contextlib.contextmanager
def _draft(place: int) -> Iterator[tuple[int, str]]:
    """A new file, and its name where the file system has no files without one."""
    unfinished = ""
    try:
        draft = os.open(
            ".", os.O_WRONLY | os.O_TMPFILE | os.O_CLOEXEC, _MODE, dir_fd=place
        )
    except OSError:
        unfinished = _unfinished_name()
        draft = os.open(unfinished, _NEW, _MODE, dir_fd=place)
    try:
        yield draft, unfinished
    finally:
        os.close(draft)
        if unfinished:
            _unlink(unfinished, place)


def _give_name(draft: int, unfinished: str, name: str, place: int) -> None:
    """Let a complete file appear under a name that is free.

    Raises:
        FileExistsError: it is not.
        OSError: the folder does not take it.
    """
    try:
        _link(draft, name, place)
    except FileExistsError:
        raise
    except OSError:
        if not unfinished:
            raise
        # A file system without links: the name is taken first, and then the file.
        os.close(os.open(name, _NEW, _MODE, dir_fd=place))
        os.replace(unfinished, name, src_dir_fd=place, dst_dir_fd=place)


def _link(draft: int, name: str, place: int) -> None:
    os.link(f"/proc/self/fd/{draft}", name, dst_dir_fd=place)


def _unlink(name: str, place: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=place)


def _unfinished_name() -> str:
    return f".analyst-{secrets.token_hex(8)}.part"


def _stamp_of(name: str, place: int) -> Stamp:
    return _stamp(os.stat(name, dir_fd=place, follow_symlinks=False))


def _stamp(status: os.stat_result) -> Stamp:
    return (status.st_ino, status.st_size, status.st_mtime_ns)
