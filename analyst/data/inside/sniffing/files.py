"""A file as bytes: decompressed, sampled at its start, middle and end, bounded."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, cast

from ..reading import Compression, Unreadable
from .free_memory import free_memory_bytes
from .zstd_frames import check_frames

__all__ = [
    "HEAD_BYTES",
    "WHOLE_BYTES",
    "SourceFile",
    "free_memory_bytes",
    "of_archive",
    "open_archive",
    "open_file",
]

START_BYTES = 64 << 10
"""How much tells which kind of file it is."""
HEAD_BYTES = 4 << 20
"""How much of the start is looked at."""
PIECE_BYTES = 256 << 10
"""How much of the middle and of the end of a larger file."""
WHOLE_BYTES = 32 << 20
"""A file up to this size is read through."""

_MAGIC: tuple[tuple[bytes, Compression], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
_MANY_MEMBERS = 20_000
_DIRECTORY_BYTES = 16 << 20
_END_OF_DIRECTORY = b"PK\x05\x06"
_ENCRYPTED = 0x1
_Bytes = bytes
"""A file has a property of that name."""


@dataclass(frozen=True)
class _Beginning:
    """The first bytes of a content, and how much of the file was unpacked for them."""

    bytes: bytes
    packed_bytes: int


@dataclass(frozen=True)
class SourceFile:
    """A regular file, and what is wrapped around its content."""

    path: Path
    compression: Compression = ""
    member: str = ""
    """Of a zip archive with several files; empty where there is only one."""
    only_member: str = ""
    """Of a zip archive with a single file."""

    @property
    def bytes(self) -> int:
        """Of the file as it lies there."""
        return self.path.stat().st_size

    @cached_property
    def content_bytes(self) -> int:
        """Of its content: known where it was read through, else estimated.

        Raises:
            Unreadable: it cannot be decompressed.
        """
        if not self.compression:
            return self.bytes
        if self.is_whole:
            return len(self.head)
        if self.compression == "zip":
            with open_archive(self.path) as archive:
                return archive.getinfo(self.member or self.only_member).file_size
        ratio = len(self._beginning.bytes) / max(1, self._beginning.packed_bytes)
        return max(WHOLE_BYTES + 1, int(self.bytes * ratio))

    def open(self) -> contextlib.AbstractContextManager[BinaryIO]:
        """The content, decompressed.

        Raises:
            Unreadable: it cannot be decompressed.
        """
        return _opened(self)

    @cached_property
    def start(self) -> _Bytes:
        """The first `START_BYTES`: enough to tell the kind of content.

        Raises:
            Unreadable: the file is damaged there.
        """
        with self.open() as stream:
            return _read(stream, START_BYTES)

    @cached_property
    def head(self) -> _Bytes:
        """The first `WHOLE_BYTES` of a file that is not larger, else `HEAD_BYTES`.

        Raises:
            Unreadable: the file is damaged there.
        """
        start = self._beginning.bytes
        return start if len(start) <= WHOLE_BYTES else start[:HEAD_BYTES]

    @cached_property
    def is_whole(self) -> bool:
        """Whether `head` is all there is."""
        if not self.compression:
            return self.bytes <= WHOLE_BYTES
        return len(self._beginning.bytes) <= WHOLE_BYTES

    def pieces(self) -> Iterator[_Bytes]:
        """Bytes from the middle and the end of a file that is not compressed.

        They begin and end anywhere. Nothing where `head` is all.
        """
        if self.is_whole or self.compression:
            return
        with self.path.open("rb") as stream:
            for offset in (self.bytes // 2, self.bytes - PIECE_BYTES):
                # No character of UTF-16 or UTF-32 is cut.
                stream.seek(offset - offset % 4)
                yield stream.read(PIECE_BYTES + offset % 4)

    @cached_property
    def _beginning(self) -> _Beginning:
        """As much as decides whether the content is small; never more."""
        wanted = WHOLE_BYTES + 1
        if not self.compression and not self.is_whole:
            wanted = HEAD_BYTES
        with contextlib.ExitStack() as stack:
            stream, packed = _decompressed(self, stack)
            start = _read(stream, wanted)
            return _Beginning(start, packed.tell())


def open_file(path: str | Path) -> SourceFile:
    """A file, its compression told by its content.

    A zip archive is taken as it lies there: see `route`.

    Raises:
        Unreadable: it is empty, may not be read, or is no regular file.
    """
    file = Path(path)
    if not file.is_file():
        raise Unreadable("is no regular file: copy its content to one")
    try:
        with file.open("rb") as stream:
            magic = stream.read(8)
    except OSError as error:
        raise Unreadable(
            f"cannot be read ({error.strerror}): check its permissions"
        ) from None
    if not magic:
        raise Unreadable("is empty: check where it came from")
    for start, compression in _MAGIC:
        if magic.startswith(start):
            if compression == "zstd":
                check_frames(file)
            return SourceFile(file, compression)
    return SourceFile(file)


def of_archive(file: SourceFile, member: str, *, is_only: bool) -> SourceFile:
    """One member of a zip archive."""
    if is_only:
        return replace(file, compression="zip", only_member=member)
    return replace(file, compression="zip", member=member)


def open_archive(path: Path) -> zipfile.ZipFile:
    """A zip archive; its directory is bounded before it is read.

    Raises:
        Unreadable: it is damaged, or holds too many files.
    """
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - (1 << 16) - 22))
        end = stream.read()
    at = end.rfind(_END_OF_DIRECTORY)
    if at >= 0 and len(end) - at >= 20:  # noqa: PLR2004 - as far as the two fields reach
        members, directory_bytes = struct.unpack_from("<HI", end, at + 10)
        if members > _MANY_MEMBERS or directory_bytes > _DIRECTORY_BYTES:
            raise Unreadable("holds too many files: unpack it and give those of use")
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unreadable(_damaged("zip", error)) from None


@contextlib.contextmanager
def _opened(file: SourceFile) -> Iterator[BinaryIO]:
    with contextlib.ExitStack() as stack:
        yield _decompressed(file, stack)[0]


def _decompressed(
    file: SourceFile, stack: contextlib.ExitStack
) -> tuple[BinaryIO, BinaryIO]:
    """The content, and the file below it.

    Raises:
        Unreadable: not even its beginning can be unpacked.
    """
    raw: BinaryIO = stack.enter_context(file.path.open("rb"))
    stream: Any = raw
    if file.compression == "zip":
        stream = _member(file, stack)
    elif file.compression == "gzip":
        stream = stack.enter_context(gzip.GzipFile(fileobj=raw))
    elif file.compression == "bz2":
        stream = stack.enter_context(bz2.BZ2File(raw))
    elif file.compression == "xz":
        stream = stack.enter_context(lzma.LZMAFile(raw))  # noqa: SIM115 - the stack closes it
    elif file.compression == "zstd":
        stream = _zstd(raw)
    return cast("BinaryIO", stream), raw


def _member(file: SourceFile, stack: contextlib.ExitStack) -> Any:  # noqa: ANN401 - a stream of zipfile
    archive = stack.enter_context(open_archive(file.path))
    info = archive.getinfo(file.member or file.only_member)
    if info.flag_bits & _ENCRYPTED:
        raise Unreadable("is protected by a password: unpack it first")
    try:
        return stack.enter_context(archive.open(info))
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise Unreadable(_damaged("zip", error)) from None


def _zstd(raw: BinaryIO) -> Any:  # noqa: ANN401 - a stream of zstandard
    try:
        import zstandard  # noqa: PLC0415 - only where it is needed
    except ImportError:
        raise Unreadable(
            "is compressed by zstd: install zstandard for the kernel"
        ) from None
    return io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(raw))


def _read(stream: BinaryIO, count: int) -> bytes:
    """Up to `count` bytes.

    Raises:
        Unreadable: they are damaged. What comes before the damage is not taken for
            the whole.
    """
    parts: list[bytes] = []
    size = 0
    while size < count:
        try:
            part = stream.read(min(1 << 20, count - size))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - each library has errors of its own
            raise Unreadable(_damaged("", error)) from None
        if not part:
            break
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _damaged(kind: str, error: Exception) -> str:
    told = " ".join(str(error).split())[:100] or type(error).__name__
    what = f"as {kind} " if kind else ""
    return f"cannot be unpacked {what}({told}): copy or download it again"
