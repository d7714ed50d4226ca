"""What any kernel of ours must do: stop, die and start again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
import pytest_asyncio

from analyst.errors import ReplayError
from analyst.events import Stream

from .conftest import Ours

pytestmark = pytest.mark.asyncio(loop_scope="module")

COUNTS_INTERRUPTS = """
import subprocess, sys
counter = subprocess.Popen([sys.executable, "-c", '''
import signal, time
signal.signal(signal.SIGINT, lambda *_: print("interrupt", flush=True))
print("ready", flush=True)
while True: time.sleep(0.01)
'''], stdout=subprocess.PIPE, text=True)
counter.stdout.readline()
"""
STRAYS = """
import os, subprocess, sys
subprocess.Popen(["sleep", "1000"])
subprocess.Popen(["sleep", "1000"], start_new_session=True, env={})
sys.stdout.flush()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 3)
        os.execve("/bin/sleep", ["sleep", "1000"], {})
    os._exit(0)
os.wait()
"""


@pytest_asyncio.fixture(loop_scope="module")
async def mended(ours: Ours) -> AsyncIterator[Ours]:
    """The kernel, made new afterwards."""
    yield ours
    await ours.kernel.rollback([], timeout_seconds=10)


@pytest.mark.parametrize(
    "endless",
    [
        "print('on')\nwhile True: pass",
        "print('on')\nimport time; time.sleep(60)",
        "print('on')\nimport asyncio; await asyncio.sleep(60)",
        "print('on')\nimport subprocess; subprocess.run(['sleep', '60'])",
        "print('on')\n!sleep 60",
        "%%bash\necho on\nsleep 60",
        "print('on')\nimport threading; threading.Event().wait()",
        # In C, where somebody looks for signals.
        "print('on')\nimport re; re.match(r'(a+)+$', 'a' * 60 + 'b')",
        "print('on')\nx = 3 ** 1_000_000_000",
    ],
)
async def test_an_endless_cell_is_stopped(ours: Ours, endless: str) -> None:
    """In time, with what it had put out; memory stays, and the next cell works."""
    await ours.printed("kept = [1]")
    execution = await ours.run(endless, timeout_seconds=0.5)
    assert execution.status == "timeout"
    first = execution.outputs[0]
    assert isinstance(first, Stream)
    assert first.text.startswith("on\n")
    assert execution.error is not None
    assert execution.error.name == "CellTimeout"
    assert await ours.printed("print(kept)") == "[1]\n"


async def test_a_cell_that_obeys_is_interrupted_once(mended: Ours) -> None:
    """An interrupt that comes later would hit what comes later: a reply on its way, or
    the next cell.
    """
    await mended.printed(COUNTS_INTERRUPTS)
    assert (
        await mended.run("while True: pass", timeout_seconds=0.2)
    ).status == "timeout"
    told = await mended.printed("counter.kill(); print(counter.stdout.read())")
    assert told.split() == ["interrupt"]


async def test_a_cell_that_cannot_be_interrupted_is_killed(mended: Ours) -> None:
    """In C, where nobody looks for signals. It was a timeout; the kernel is dead, says
    so, and can be made again.
    """
    execution = await mended.run("sum(range(10**12))", timeout_seconds=0.3)
    assert execution.status == "timeout"
    after = await mended.run("1")
    assert after.status == "died"
    assert after.error is not None
    assert after.error.name == "KernelDied"
    await mended.kernel.rollback(["x = 1"], timeout_seconds=10)
    assert await mended.printed("print(x)") == "1\n"


@pytest.mark.parametrize(
    ("deadly", "words"),
    [
        ("import os; os._exit(7)", "exit code 7"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("import os; os.abort()", "SIGABRT"),
        ("exit()", "asked the kernel to exit"),
        ("bytearray(10**15)", "memory"),
    ],
)
async def test_the_death_of_the_kernel_is_told(
    mended: Ours, deadly: str, words: str
) -> None:
    """At once, with its cause, and again by each cell until it is made anew."""
    execution = await mended.run(f"print('on', flush=True)\n{deadly}")
    assert execution.status == "died"
    assert execution.seconds < 2
    assert execution.error is not None
    assert execution.error.name == "KernelDied"
    assert words in execution.error.message
    again = await mended.run("1")
    assert again.error is not None
    assert words in again.error.message


async def test_a_restart_begins_from_nothing(ours: Ours) -> None:
    """After `rollback([])` names, modules, history and counter are as at first."""
    await ours.run("x = 1\nimport this_is_not_there")
    await ours.run(
        "import colorsys, matplotlib; matplotlib.rcParams['lines.color'] = 'r'"
    )
    await ours.kernel.rollback([], timeout_seconds=10)
    assert await ours.printed("print(len(In), Out, 'x' in globals())") == "2 {} False\n"
    assert (
        await ours.printed("import sys; print('colorsys' in sys.modules)") == "False\n"
    )
    color = "import matplotlib; print(matplotlib.rcParams['lines.color'])"
    assert await ours.printed(color) == "C0\n"


async def test_a_rollback_makes_what_its_cells_make(ours: Ours) -> None:
    """Memory, the random state, figures' settings and the numbering of cells."""
    cells = [
        "import numpy as np, random; random.seed(1); np.random.seed(1)",
        "first = [random.random(), np.random.random()]",
        "found = {'a': [1]}",
    ]
    await ours.kernel.rollback(cells, timeout_seconds=20)
    look = "print(first, random.random(), np.random.random(), found, len(In))"
    before = await ours.printed(look)
    await ours.run("found['a'].append(2); random.random(); 1 / 0")
    await ours.kernel.rollback(cells, timeout_seconds=20)
    assert await ours.printed(look) == before
    with pytest.raises(ReplayError, match="Cell 2 of 2"):
        await ours.kernel.rollback(["a = 1", "1 / 0"], timeout_seconds=20)
    assert (await ours.run("a")).status == "died"
    await ours.kernel.rollback([], timeout_seconds=20)


async def test_what_a_cell_left_running_ends_with_the_process(mended: Ours) -> None:
    """Also what has left its group and wiped its environment; and the start after it
    is not held up.
    """
    name = f"a{id(mended)}"
    marked = STRAYS.replace('"sleep", "1000"', f'"sleep", "1000.{name[-4:]}"')
    assert (await mended.run(marked)).status == "ok"
    assert await mended.printed("print('on')") == "on\n"


async def test_a_closed_iterator_stops_its_cell(ours: Ours) -> None:
    """The kernel is idle afterwards, with its memory."""
    await ours.printed("x = 1")
    source = "x += 1\nprint('on', flush=True)\nwhile True: pass"
    async with aclosing(ours.kernel.execute(source, timeout_seconds=60)) as items:
        async for _ in items:
            break
    assert await asyncio.wait_for(ours.printed("print(x)"), timeout=10) == "2\n"
