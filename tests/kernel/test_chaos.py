"""Chaos: whatever cells do, memory is what the good ones made, and nothing is left.

Cells are drawn at random from a seed: some change the state and succeed, others change
it and then raise, crash, hang, flood or leave processes behind. After each of these the
kernel is rolled back to the good cells, and its state is that of a second kernel which
has only ever run those.
"""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from analyst.kernel.kernel import LocalKernel
from analyst.kernel.sandbox.policy import Limits, SandboxName
from analyst.kernel.terms import Terms

from .conftest import Bench, own_threads
from .kinds import WAYS

LIMITS = Limits(memory_bytes=1 << 30, processes=160)

BEGIN = """
import os, random, signal, subprocess, time
from pathlib import Path
import numpy as np, pandas as pd
number, items, table = 0, [], {}
frame = pd.DataFrame({"n": range(20), "x": 0.5, "s": "a"})
array = np.arange(50.0)
random.seed(7); np.random.seed(7); rng = np.random.default_rng(7)
"""
STATE = """
import hashlib as _hashlib, json as _json, pickle as _pickle
_state = [
    number, items, sorted(table.items()), frame.to_csv(), list(frame.index),
    array.tolist(), random.getstate(), np.random.get_state()[1].tolist(),
    rng.bit_generator.state, Path.cwd().name == folder, sorted(
        name for name in globals()
        if not name.startswith("_") and name not in ("In", "Out")
    ),
    {with_files} and sorted(
        (str(path), path.read_bytes().hex()) for path in Path().rglob("*.txt")
    ),
]
print(_hashlib.sha256(repr(_state).encode()).hexdigest())
del _state
"""

GOOD: Mapping[str, str] = {
    "a number": "number = number * 3 + {n}",
    "a list": "items.append({n}); items.sort(); items = items[-30:]",
    "a dict": "table['{n}'] = len(table); table.pop('{m}', None)",
    "a column": "frame['x'] += {n}; frame.loc[{n} % 20, 's'] = '{m}'",
    "rows": "frame = pd.concat([frame, frame.iloc[[{n} % len(frame)]]]).tail(40)",
    "an array": "array[{n} % 50] = {m}; np.multiply(array, 1.5, out=array)",
    "a draw": "number += random.randrange(9); array[{n} % 50] = rng.random()",
    "numpy's own draw": "frame['x'] = np.random.random(len(frame))",
    "a file": "Path('f{n}.txt').write_text(str(number))",
    "a file again": "Path('same.txt').write_text('{m}'); os.path.exists('f{n}.txt')",
    "a new name": "name_{n} = '{m}'",
    "a function": "def change(by):\n    global number\n    number += by\nchange({n})",
}

MEDDLE = """
number = -1; items.clear(); table['{n}'] = 'bad'; frame['x'] = -1.0; array[:] = -1
random.random(); np.random.random(); rng.random()
Path('bad{n}.txt').write_text('bad'); Path('same.txt').write_text('bad')
bad_{n} = 1; os.chdir('/')
"""
STRAY = """
subprocess.Popen(["sleep", "{token}"])
subprocess.Popen(["sleep", "{token}"], start_new_session=True, env={{}})
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 3)
        os.execve("/bin/sleep", ["sleep", "{token}"], {{}})
    os._exit(0)
os.wait()
"""
BAD: Mapping[str, str] = {
    "raises": "1 / 0",
    "segfaults": "import ctypes; ctypes.string_at(0)",
    "exits": "os._exit({n} % 5)",
    "kills itself": "os.kill(os.getpid(), signal.SIGKILL)",
    "stops itself": "os.kill(os.getpid(), signal.SIGSTOP)",
    "fills the memory": "full = np.ones(2 << 27)\nbytearray(10**15)",
    "hangs": "while True: pass",
    "sleeps": "time.sleep(60)",
    "swallows interrupts": (
        "while True:\n"
        "    try:\n"
        "        while True: time.sleep(0.01)\n"
        "    except BaseException: pass"
    ),
    "leaves strays": STRAY + "1 / 0",
    "leaves strays and dies": STRAY + "os._exit(0)",
    "floods": "while True: print('x' * 10_000)",
    "closes everything": "os.closerange(3, 256)",
}


class Deck:
    """Cells at random; each kind comes up once before any comes up again."""

    def __init__(self, seed: str, token: str) -> None:
        self._random = random.Random(seed)
        self._token = token
        self._left: list[tuple[str, bool]] = []

    def draw(self) -> tuple[str, bool]:
        """A cell, and whether it is a good one."""
        if not self._left:
            self._left = [(source, True) for source in GOOD.values()]
            self._left += [(MEDDLE + source, False) for source in BAD.values()]
            self._random.shuffle(self._left)
        source, is_good = self._left.pop()
        n, m = (self._random.randrange(10) for _ in range(2))
        return source.format(n=n, m=m, token=self._token), is_good


async def state(bench: Bench, *, with_files: bool) -> str:
    """A digest of all that cells have made."""
    source = STATE.replace("{with_files}", str(with_files))
    return await bench.printed(source, hidden=True)


@asynccontextmanager
async def begun(kernel: LocalKernel) -> AsyncIterator[tuple[Bench, list[str]]]:
    """A kernel with a state, and the cells that made it."""
    bench = Bench(kernel)
    await kernel.start()
    try:
        # A stand-in for the folder lies elsewhere after each start.
        look = "from pathlib import Path; print(Path.cwd().name, end='')"
        good = [f"{BEGIN}folder = {await bench.printed(look)!r}"]
        await bench.printed(good[0])
        yield bench, good
    finally:
        await kernel.close()


def open_files() -> dict[str, int]:
    """What this process has open, and how often. Sockets are files here."""
    found: dict[str, int] = {}
    for path in Path("/proc/self/fd").iterdir():
        try:
            kind = str(path.readlink()).partition("[")[0]
        except OSError:
            continue
        found[kind] = found.get(kind, 0) + 1
    return found


def processes_with(token: str) -> list[str]:
    """The processes on this machine that carry a mark on their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes()
        except OSError:
            continue
        if token.encode() in command.split(b"\0"):
            found.append(path.parent.name)
    return found


def children() -> set[str]:
    """The processes that this one has started and not waited for."""
    tasks = Path("/proc/self/task").glob("*/children")
    return {pid for task in tasks for pid in task.read_text().split()}


def entries(folder: Path) -> list[Path]:
    """What is in a folder."""
    return sorted(folder.iterdir())


async def until(holds: Callable[[], object]) -> bool:
    """Whether something comes to hold within a few seconds."""
    for _ in range(300):
        if holds():
            return True
        await asyncio.sleep(0.01)
    return False


@pytest.mark.battery(20, 170)
async def test_memory_is_what_the_good_cells_made(
    sandbox: SandboxName,
    rounds: range,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After each recovery the state is that of the good cells; no mismatch, ever. In
    the end no process, descriptor, socket, thread or folder is left.
    """
    places = {name: tmp_path / name for name in ("runtime", "work", "other")}
    for place in places.values():
        place.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(places["runtime"]))
    token = f"31536000.{random.SystemRandom().randrange(10**9)}"
    deck = Deck(f"chaos {sandbox}", token)
    # Where files are written beside the notebook, none of them is ever undone.
    with_files = WAYS[sandbox].forgets_files
    before = open_files(), children(), own_threads()

    reference = LocalKernel(Terms(folder=places["other"]))
    chaotic = LocalKernel(Terms(folder=places["work"], sandbox=sandbox, limits=LIMITS))
    async with begun(reference) as (right, _), begun(chaotic) as (bench, good):
        for number in rounds:
            source, is_good = deck.draw()
            execution = await bench.run(source, timeout_seconds=20 if is_good else 0.4)
            told = f"cell {number} of {sandbox}: {source!r}"
            assert (execution.status == "ok") is is_good, (told, execution)
            if is_good:
                await right.printed(source)
                good.append(source)
            else:
                await bench.kernel.rollback(good, timeout_seconds=10)
                assert await until(lambda: not processes_with(token)), told
            now = await state(bench, with_files=with_files)
            assert now == await state(right, with_files=with_files), told

    gc.collect()
    assert await until(lambda: not processes_with(token))
    assert await until(lambda: children() == before[1])
    assert await until(lambda: open_files() == before[0]), (open_files(), before[0])
    assert own_threads() == before[2]
    assert entries(places["runtime"]) == []
    if with_files:
        assert entries(places["work"]) == []
