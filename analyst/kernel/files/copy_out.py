"""Copying out what cells wrote, from a folder that nobody may trust.

Code that a model wrote owns the folder and may still be changing it: every name in it
can be a trap, and a file can become a link between one look and the next. So nothing
is reached by a path. Each folder is opened beneath the one above it, each file by its
name in its folder, links are never followed, and what was opened is what is asked.

What arrives are files that hold data, text or a picture. Nothing that was there before
is overwritten, and nothing is left out silently.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath

from analyst.kernel.files.delivery import Delivered, Refused, deliver

__all__ = ["COPIED_SUFFIXES", "Copied", "CopiedFile", "copy_out"]

_PACKABLE = "csv tsv txt json jsonl ndjson geojson"
_TEXT = f"{_PACKABLE} md log"
# None of them carries code that a program would run on opening it: no pickles nor what
# may hold them (npy, npz, h5), no macros (xls, xlsm, ods), and no archives, which hold
# anything under any name.
_TABLES = "parquet feather arrow orc avro dta xlsx db sqlite sqlite3 duckdb"
# No svg, which is a page. A pdf can hold scripts, which viewers confine; it is what
# figures are printed from.
_PICTURES = "png jpg jpeg webp gif tif tiff bmp pdf"

COPIED_SUFFIXES = frozenset(
    f".{suffix}"
    for suffix in (
        *f"{_TEXT} {_TABLES} {_PICTURES}".split(),
        *(f"{suffix}.gz" for suffix in _PACKABLE.split()),
    )
)
"""How the names of files end that are copied."""

# Data by their ending, but programs act on what they say.
_ACTED_ON = frozenset(
    {
        *("agents.md", "claude.md", "gemini.md", "skill.md"),
        *("package.json", "package-lock.json", "composer.json", "deno.json"),
        *("tsconfig.json", "jsconfig.json", "launch.json", "tasks.json"),
        *("requirements.txt", "constraints.txt", "cmakelists.txt"),
    }
)

_MAX_DEPTH = 16
_MAX_NAMES = 20_000
_MAX_SENTENCES = 100
_MAX_SHOWN_CHARS = 120
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedFile:
    """A file that was copied."""

    path: str
    """Where it is now, relative to the folder."""
    bytes: int
    renamed_from: str = ""
    """What the cell called it, where that name was taken."""
    stamp: tuple[int, ...] = field(default=(), repr=False)
    """Tells whether somebody has changed it since."""

    @property
    def name(self) -> str:
        """The path by which the cell knows it."""
        return self.renamed_from or self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What was copied out of a kernel's working folder, and what was not."""

    files: tuple[CopiedFile, ...] = ()
    left: tuple[str, ...] = ()
    """A sentence each: the name, and why it was not copied."""


def copy_out(
    work_fd: int,
    folder: Path,
    *,
    already: Mapping[str, CopiedFile],
    max_bytes: int,
    max_files: int = 1000,
    ignored: Collection[str] = (),
) -> Copied:
    """Copy what lies in a kernel's working folder to the same places beneath `folder`.

    A file that an earlier call copied is updated, unless somebody has changed it since.
    Where a name is taken, the copy gets a free one beside it.

    Args:
        work_fd: a descriptor of the working folder, which is left open.
        folder: the user's own folder.
        already: what earlier calls copied, by `CopiedFile.name`.
        max_bytes: how much is copied in all.
        max_files: how many files are copied.
        ignored: paths in the working folder that are inputs, relative to it.
    """
    gathering = _Gathering(already, frozenset(ignored), max_bytes, max_files)
    with contextlib.ExitStack() as opened:
        try:
            target = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            opened.callback(os.close, target)
            work = opened.enter_context(_opened(".", work_fd, os.O_DIRECTORY))
        except OSError as error:
            why = f"Nothing was copied to {folder}: {error.strerror}."
            return Copied(left=(why,))
        gathering.gather(work, target, PurePosixPath())
    return gathering.outcome()


class _Gathering:
    """One walk through a working folder."""

    def __init__(
        self,
        already: Mapping[str, CopiedFile],
        ignored: frozenset[str],
        max_bytes: int,
        max_files: int,
    ) -> None:
        self._already = already
        self._ignored = ignored
        self._max_bytes = self._bytes_left = max_bytes
        self._max_files = max_files
        self._names_left = _MAX_NAMES
        self._files: list[CopiedFile] = []
        self._left: list[str] = []
        self._unsaid = 0

    def outcome(self) -> Copied:
        """All that was and was not copied."""
        more = [f"{self._unsaid:,} more were not copied."] if self._unsaid else []
        return Copied(files=tuple(self._files), left=(*self._left, *more))

    def gather(self, work: int, target: int, place: PurePosixPath) -> None:
        """Copy what lies in the open folder `work`, which is `place` of the whole."""
        device = os.fstat(work).st_dev
        for name in self._names(work, place):
            path = place / name
            if str(path) in self._ignored or _is_shown_there(name, work, device):
                continue
            try:
                self._take(work, target, path)
            except Refused as refusal:
                self._leave(path, str(refusal))
            except OSError as error:
                self._leave(path, f"it cannot be copied ({error.strerror})")

    def _names(self, work: int, place: PurePosixPath) -> list[str]:
        try:
            with os.scandir(work) as entries:
                names = [e.name for e in islice(entries, self._names_left + 1)]
        except OSError as error:
            self._leave(place, f"it cannot be read ({error.strerror})")
            return []
        if len(names) > self._names_left:
            names.pop()
            self._leave(place, f"only {_MAX_NAMES:,} names are looked at")
        self._names_left -= len(names)
        return sorted(names)

    def _take(self, work: int, target: int, path: PurePosixPath) -> None:
        """Copy a file, or what lies in a folder.

        Raises:
            Refused: it is not to be copied.
            OSError: it cannot be read or written.
        """
        _check_name(path.name)
        mode = os.stat(path.name, dir_fd=work, follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            if len(path.parts) > _MAX_DEPTH:
                raise Refused("it lies too deep")
            with _opened(path.name, work, os.O_DIRECTORY) as below:
                self.gather(below, target, path)
            return
        if not stat.S_ISREG(mode):
            raise Refused("it is a link" if stat.S_ISLNK(mode) else "it is no file")
        _check_kind(path.name)
        if len(self._files) >= self._max_files:
            raise Refused(f"no more than {self._max_files:,} files are copied")
        with _opened(path.name, work) as source:
            self._files.append(self._copy(source, target, str(path)))

    def _copy(self, source: int, target: int, path: str) -> CopiedFile:
        status = os.fstat(source)  # only now it cannot be exchanged any more
        if not stat.S_ISREG(status.st_mode):
            raise Refused("it is no file")
        if status.st_size > self._bytes_left:
            raise Refused(f"no more than {self._max_bytes:,} bytes are copied in all")
        self._bytes_left -= status.st_size
        before = self._already.get(path)
        delivered = deliver(
            source,
            target,
            path,
            earlier=Delivered(before.path, before.bytes, before.stamp)
            if before
            else None,
        )
        return CopiedFile(
            path=delivered.path,
            bytes=delivered.bytes,
            renamed_from=path if delivered.path != path else "",
            stamp=delivered.stamp,
        )

    def _leave(self, path: PurePosixPath, why: str) -> None:
        if len(self._left) < _MAX_SENTENCES:
            self._left.append(f"{_shown(path)}: {why}.")
        else:
            self._unsaid += 1


def _is_shown_there(name: str, folder: int, device: int) -> bool:
    """Whether it is of the outside: an input, or an environment beneath the folder."""
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False  # it will be told
    return status.st_dev != device


def _check_name(name: str) -> None:
    """See whether a name is one that a person can see, type and trust.

    Raises:
        Refused: it is not.
    """
    if not name.isprintable():  # nor valid, where it cannot be decoded
        raise Refused("its name holds characters that cannot be shown")
    if name.startswith("."):
        raise Refused("its name is hidden")
    if name.startswith("-"):
        raise Refused("its name begins as an option does")


def _check_kind(name: str) -> None:
    """See whether a file is data, text or a picture by its name.

    Raises:
        Refused: it is not.
    """
    suffixes = [suffix.lower() for suffix in PurePosixPath(name).suffixes]
    if not {"".join(suffixes[-1:]), "".join(suffixes[-2:])} & COPIED_SUFFIXES:
        raise Refused("only data, text and pictures are copied")
    if name.lower() in _ACTED_ON:
        raise Refused("programs act on a file of this name")


@contextlib.contextmanager
def _opened(name: str, folder: int, kind: int = 0) -> Iterator[int]:
    descriptor = os.open(name, _OPEN | kind, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _shown(path: PurePosixPath) -> str:
    text = str(path)
    text = text if text.isprintable() else ascii(text)[1:-1]
    return text if len(text) <= _MAX_SHOWN_CHARS else f"{text[:_MAX_SHOWN_CHARS]}…"
