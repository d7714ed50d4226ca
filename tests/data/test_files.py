"""A file as bytes: unpacked within bounds, and never half of it taken for all."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from analyst.data.inside.reading import Unreadable
from analyst.data.inside.sniffing.files import HEAD_BYTES, WHOLE_BYTES, open_file

from ..tools.loading import (  # noqa: TID252 - tests are no package
    only_table_of,
    why_unreadable,
)

ROWS = b"n,word\n" + b"".join(b"%d,w%d\n" % (n, n) for n in range(300))
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}


@pytest.mark.parametrize("kind", PACKED)
def test_what_is_packed_is_told_by_content(tmp_path: Path, kind: str) -> None:
    """A compressed table is read whole, whatever its name."""
    path = tmp_path / "table.csv"
    path.write_bytes(PACKED[kind](ROWS))
    file = open_file(path)
    assert (file.compression, file.head, file.is_whole) == (kind, ROWS, True)
    assert file.content_bytes == len(ROWS)
    assert only_table_of(path).cells["n"] == list(range(300))


@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.97])
def test_what_is_cut_off_is_refused(tmp_path: Path, kind: str, kept: float) -> None:
    """What could still be unpacked of a cut file is never taken for the whole."""
    packed = PACKED[kind](ROWS)
    path = tmp_path / "table.gz"
    path.write_bytes(packed[: int(len(packed) * kept)])
    assert "again" in why_unreadable(path)


@given(kind=st.sampled_from(sorted(PACKED)), data=st.data())
def test_a_flipped_bit_never_changes_a_table(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    """After one flipped bit the content is the same, or the file is refused."""
    packed = bytearray(PACKED[kind](ROWS))
    bit = data.draw(st.integers(0, 8 * len(packed) - 1))
    packed[bit // 8] ^= 1 << bit % 8
    path = tmp_path_factory.mktemp("flipped") / "table"
    path.write_bytes(packed)
    with contextlib.suppress(Unreadable):
        file = open_file(path)
        # In the magic number itself it makes another kind of file.
        assert file.head == ROWS or not file.compression


def test_several_frames_of_zstd_are_not_read_as_one(tmp_path: Path) -> None:
    """Of several frames pandas reads the first: the others would be lost silently."""
    path = tmp_path / "table.csv.zst"
    path.write_bytes(zstandard.compress(ROWS) + zstandard.compress(ROWS))
    assert "2 parts" in why_unreadable(path)


def test_a_bomb_is_unpacked_no_further_than_needed(tmp_path: Path) -> None:
    """A gigabyte of text in a megabyte is looked at in its first part."""
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as packed:
        packed.write(b"a,b\n")
        for _ in range(64):
            packed.write(b"1,2\n" * (1 << 20))
    file = open_file(path)
    assert not file.is_whole
    assert len(file.head) == HEAD_BYTES
    assert 0.5 < file.content_bytes / (256 << 20) < 2


def test_a_plain_file_is_whole_up_to_a_size(tmp_path: Path) -> None:
    """Of a larger file the start, the middle and the end are looked at."""
    path = tmp_path / "large"
    with path.open("wb") as stream:
        stream.truncate(WHOLE_BYTES)
    assert open_file(path).is_whole
    assert list(open_file(path).pieces()) == []
    with path.open("ab") as stream:
        stream.write(b"end")
    file = open_file(path)
    assert (file.is_whole, len(file.head)) == (False, HEAD_BYTES)
    assert [piece[-3:] for piece in file.pieces()] == [b"\0\0\0", b"end"]


def test_what_is_no_file_is_never_opened(tmp_path: Path) -> None:
    """A folder, a device without an end and a pipe without a writer are refused."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero"), tmp_path / "none"):
        with pytest.raises(Unreadable, match="no regular file"):
            open_file(path)
    (tmp_path / "nothing.csv").touch()
    assert "is empty" in why_unreadable(tmp_path / "nothing.csv")


@pytest.mark.parametrize(("members", "size"), [(65_535, 0), (3, 1 << 31)])
def test_a_giant_directory_of_an_archive_is_refused(
    tmp_path: Path, members: int, size: int
) -> None:
    """An archive that claims very many files is refused before they are listed."""
    path = tmp_path / "many.zip"
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, members, members, size, 0, 0)
    path.write_bytes(b"PK\x03\x04" + bytes(100) + end)
    assert "too many files" in why_unreadable(path)
