"""Whether a file of zstd is complete: its library reads a cut one without a word.

The frames are walked by the sizes of their blocks; nothing is decompressed.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from ..reading import Unreadable

__all__ = ["check_frames"]

_FRAME = b"\x28\xb5\x2f\xfd"
_SKIPPED = b"\x2a\x4d\x18"
"""The end of the magic number of a frame that holds no content."""
_MANY_BLOCKS = 2_000_000
_RAW, _REPEATED, _COMPRESSED = 0, 1, 2


def check_frames(path: Path) -> None:
    """Nothing, where the file is one whole frame of zstd.

    Raises:
        Unreadable: it is cut off, or it has several frames: pandas reads the first.
    """
    size = path.stat().st_size
    frames = 0
    with path.open("rb") as stream:
        while stream.tell() < size:
            magic = _taken(stream, 4)
            if magic[1:] == _SKIPPED:
                stream.seek(int.from_bytes(_taken(stream, 4), "little"), 1)
                continue
            if magic != _FRAME:
                raise _cut_off()
            frames += 1
            _pass_frame(stream)
        if stream.tell() > size:
            raise _cut_off()
    if frames != 1:
        raise Unreadable(
            f"is zstd in {frames} parts, of which pandas reads only one: unpack it "
            "with zstd -d"
        )


def _pass_frame(stream: BinaryIO) -> None:
    """Go on behind a frame whose magic number was read."""
    described = _taken(stream, 1)[0]
    is_single, has_checksum = described & 0x20, described & 0x04
    size_flag, dictionary_flag = described >> 6, described & 0x03
    header_bytes = (0, 1, 2, 4)[dictionary_flag] + (0, 2, 4, 8)[size_flag]
    # A single segment has no window, but always tells its size.
    header_bytes += int(not is_single or size_flag == 0)
    stream.seek(header_bytes, 1)
    for _ in range(_MANY_BLOCKS):
        block = int.from_bytes(_taken(stream, 3), "little")
        is_last, kind, size = block & 1, block >> 1 & 3, block >> 3
        if kind not in {_RAW, _REPEATED, _COMPRESSED}:
            raise _cut_off()
        stream.seek(1 if kind == _REPEATED else size, 1)
        if is_last:
            stream.seek(4 if has_checksum else 0, 1)
            return
    raise _cut_off()


def _taken(stream: BinaryIO, count: int) -> bytes:
    taken = stream.read(count)
    if len(taken) < count:
        raise _cut_off()
    return taken


def _cut_off() -> Unreadable:
    return Unreadable("is cut off or damaged (zstd): copy or download it again")
