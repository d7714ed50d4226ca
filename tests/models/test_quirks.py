"""The memory for servers: small, private, and never in the way."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from analyst.models.server import quirks
from analyst.models.server.quirks import Quirks, quirks_of, remember

LEARNT = Quirks(
    wire="text", why="the server refused tools", refused=("stream",), images=False
)


@pytest.fixture(autouse=True)
def another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known but what the file holds."""
    monkeypatch.setattr(quirks, "_known", {})


def forget() -> None:
    """Be another process."""
    quirks._known.clear()


def change_entry(cache: Path, **changes: Any) -> None:
    """Write something else into the file's only entry."""
    file = cache / "servers.json"
    content = json.loads(file.read_text())
    (entry,) = content["entries"].values()
    entry |= changes
    file.write_text(json.dumps(content))


def test_what_was_learnt_comes_back() -> None:
    """Law: each model at each host has a memory of its own, in another process too."""
    remember("h:1", "m", LEARNT)
    remember("h:1", "n", Quirks(reasoning=True))
    for _ in range(2):
        assert quirks_of("h:1", "m") == LEARNT
        assert quirks_of("h:1", "n") == Quirks(reasoning=True)
        assert quirks_of("h:2", "m") == Quirks()
        forget()


def test_what_is_old_is_forgotten(cache: Path) -> None:
    """Law: after thirty days a server may have changed, and is tried anew."""
    remember("h", "m", LEARNT)
    forget()
    change_entry(cache, at=int(time.time()) - 29 * 24 * 3600)
    assert quirks_of("h", "m") == LEARNT
    forget()
    change_entry(cache, at=int(time.time()) - 31 * 24 * 3600)
    assert quirks_of("h", "m") == Quirks()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"schema": 2, "entries": {}}',
        b'{"schema": 1, "entries": []}',
        b'{"schema": 1, "entries": {"h m": 7}}',
        b"\xff\xfe",
        b"[" * 50_000,
        b" " * 200_000,
    ],
)
def test_a_broken_file_is_as_none_and_is_replaced(cache: Path, content: bytes) -> None:
    """Law: whatever stands in the file, nothing fails, and the next write mends it."""
    cache.mkdir()
    (cache / "servers.json").write_bytes(content)
    assert quirks_of("h", "m") == Quirks()
    remember("h", "m", LEARNT)
    forget()
    assert quirks_of("h", "m") == LEARNT


@pytest.mark.parametrize(
    "changes",
    [{"wire": "smoke"}, {"refused": 7}, {"images": [1]}, {"at": "x"}, {"why": None}],
)
def test_an_entry_that_is_not_ours_is_as_none(
    cache: Path, changes: dict[str, Any]
) -> None:
    """Law: an entry is believed only as we write it."""
    remember("h", "m", LEARNT)
    forget()
    change_entry(cache, **changes)
    assert quirks_of("h", "m") == Quirks()


def test_a_folder_that_cannot_be_written_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law: without a file, what was learnt is known for as long as the process."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("ANALYST_CACHE", str(blocked / "below"))
    remember("h", "m", LEARNT)
    assert quirks_of("h", "m") == LEARNT


def test_the_file_stays_small_and_alone(cache: Path) -> None:
    """Law: the oldest servers make room for new ones, and no other file is left."""
    for number in range(210):
        remember(f"h{number}", "m" * 999, LEARNT)
    forget()
    assert quirks_of("h209", "m" * 999) == LEARNT
    assert quirks_of("h0", "m" * 999) == Quirks()
    (file,) = cache.iterdir()
    assert file.stat().st_size < 100_000
