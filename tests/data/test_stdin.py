"""What is piped in becomes a file, whole or not at all."""

from __future__ import annotations

import io
import os
import pty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analyst.data.fetching import stdin
from analyst.errors import InputError

TABLE = b"day,amount\n2024-01-01,3\n"


def piped(content: bytes) -> io.BytesIO:
    """A stream that is no terminal."""
    return io.BytesIO(content)


def test_it_is_kept_byte_for_byte(tmp_path: Path) -> None:
    """The same content twice is one file; other content is another one."""
    first = stdin.save(piped(TABLE), tmp_path)
    again = stdin.save(piped(TABLE), tmp_path)
    other = stdin.save(piped(b"PAR1\0\0"), tmp_path)
    assert first.path.read_bytes() == TABLE
    assert (first.is_new, again.is_new, other.is_new) == (True, False, True)
    assert first.path == again.path
    assert {first.path.suffix, other.path.suffix} == {".txt", ".bin"}
    assert sorted(tmp_path.iterdir()) == sorted([first.path, other.path])
    assert first.origin == "standard input"
    assert first.refresh == ""


def test_what_was_there_is_not_overwritten(tmp_path: Path) -> None:
    """Where a file of that name holds something else, the name gets longer."""
    path = stdin.save(piped(TABLE), tmp_path).path
    path.write_bytes(b"mine")
    second = stdin.save(piped(TABLE), tmp_path)
    assert path.read_bytes() == b"mine"
    assert second.path.read_bytes() == TABLE
    assert len(second.path.stem) == len(path.stem) + 8


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    """Also where it gives little at a time."""
    reading, writing = os.pipe()
    for piece in (TABLE, b"2024-01-02,4\n"):
        os.write(writing, piece)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        saved = stdin.save(stream, tmp_path)
    assert saved.path.read_bytes() == TABLE + b"2024-01-02,4\n"


@pytest.fixture
def terminal() -> Iterator[Any]:
    """A terminal to read from."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "rb", buffering=0) as stream:
        yield stream
    os.close(ours)


def test_a_terminal_is_not_waited_for(tmp_path: Path, terminal: Any) -> None:
    """It is told what to do instead."""
    with pytest.raises(InputError, match="is a terminal: pipe a table into it"):
        stdin.save(terminal, tmp_path)


class Broken(io.BytesIO):
    """A stream that breaks off."""

    def read(self, count: int | None = -1, /) -> bytes:
        """Give nothing."""
        del count
        raise OSError(5, "Input/output error")


@pytest.mark.parametrize(
    ("stream", "limit", "told"),
    [
        (piped(b""), 10, "is empty: check the command"),
        (piped(b"x" * (3 << 20)), 2 << 20, "more than 2 MB: save it to a file"),
        (Broken(), 10, r"cannot be read \(Input/output error\)"),
    ],
)
def test_what_cannot_be_is_told_and_leaves_nothing(
    tmp_path: Path, stream: io.BytesIO, limit: int, told: str
) -> None:
    """One sentence, and no half file."""
    with pytest.raises(InputError, match=told):
        stdin.save(stream, tmp_path, max_bytes=limit)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Not a fault of what was piped in."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"cannot be written to .*file"):
        stdin.save(piped(TABLE), tmp_path / "file")
