"""No file, however broken, ends in more than a sentence or a table that is read."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ..tools import fuzz_worker  # noqa: TID252 - tests are no package
from ..tools.horrors import HORRORS  # noqa: TID252 - as above
from ..tools.mutants import (  # noqa: TID252 - as above
    mutant,
    seed_files,
)

MEMORY_BYTES = 3 << 30
DEADLINE_SECONDS = 20


@dataclass
class Worker:
    """A process that reads files, begun again where one of them ended it."""

    process: subprocess.Popen[bytes] | None = None

    def answer(self, path: Path) -> dict[str, object]:
        """What came of a file; a death and a hang are faults."""
        process = self._running()
        assert process.stdin
        assert process.stdout
        process.stdin.write(os.fsencode(path) + b"\n")
        process.stdin.flush()
        began = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            if not selector.select(DEADLINE_SECONDS):
                self.close()
                told = f"hangs for {time.monotonic() - began:.0f} s"
                return {"outcome": "fault", "told": told}
        line = process.stdout.readline()
        if not line:
            code = process.wait()
            self.close()
            return {"outcome": "fault", "told": f"ends its process ({code})"}
        answered: dict[str, object] = json.loads(line)
        return answered

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, str(fuzz_worker.__file__), str(MEMORY_BYTES)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
        return self.process

    def close(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                assert pipe
                pipe.close()
            self.process = None


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    """One for all files."""
    worker = Worker()
    yield worker
    worker.close()


@pytest.mark.battery(200, 2000)
def test_a_mutant_is_read_or_refused(
    rounds: range, tmp_path: Path, worker: Worker
) -> None:
    """Of a mutated file comes one sentence or code that runs: no fault, death, hang."""
    seeds = seed_files(tmp_path / "seeds")
    outcomes: dict[str, int] = {}
    faults = []
    for seed in rounds:
        path = mutant(tmp_path, seeds, seed)
        answer = worker.answer(path)
        outcomes[str(answer["outcome"])] = outcomes.get(str(answer["outcome"]), 0) + 1
        if answer["outcome"] == "fault":
            faults.append(f"seed {seed} ({path.suffix}): {answer['told']}")
        path.unlink()
    assert not faults, "\n".join([f"{outcomes}", *faults[:40]])
    assert outcomes["table"] > len(rounds) / 4
    assert outcomes["unreadable"] > len(rounds) / 20


@pytest.mark.parametrize("name", HORRORS)
def test_the_worst_is_read_or_refused(
    name: str, tmp_path: Path, worker: Worker
) -> None:
    """Bombs, endless lines and nests end in bounded memory and time."""
    path = tmp_path / "it.csv"
    path.write_bytes(HORRORS[name]())
    answer = worker.answer(path)
    assert answer["outcome"] in {"table", "unreadable"}, answer["told"]


@pytest.mark.parametrize("kind", ["pipe", "folder", "nothing", "empty", "loop"])
def test_what_is_no_file_is_refused(kind: str, tmp_path: Path, worker: Worker) -> None:
    """A named pipe, a folder, an empty file and a link to itself get their sentence."""
    path = tmp_path / "it.csv"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "empty":
        path.touch()
    elif kind == "loop":
        path.symlink_to(path)
    assert worker.answer(path)["outcome"] == "unreadable"


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    """Where permission is missing, a sentence says so."""
    path = tmp_path / "it.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    path.chmod(0)
    is_root = os.geteuid() == 0
    if is_root:  # who may read everything asks as one who may not
        os.seteuid(65_534)
    try:
        told = fuzz_worker.outcome(path)
    finally:
        if is_root:
            os.seteuid(0)
    assert told["outcome"] == "unreadable", told


def test_a_hang_and_a_death_would_be_seen(
    tmp_path: Path, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judge itself: a worker that is gone or silent is told as a fault."""
    path = tmp_path / "it.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    monkeypatch.setitem(globals(), "DEADLINE_SECONDS", 0.0)
    assert "hangs" in str(worker.answer(path)["told"])
    monkeypatch.setitem(globals(), "DEADLINE_SECONDS", 20)
    worker._running().kill()
    assert "ends its process" in str(worker.answer(path)["told"])
