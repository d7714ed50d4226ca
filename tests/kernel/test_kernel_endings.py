"""How cells and kernels end: in time, and with nothing left behind."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from contextlib import aclosing
from pathlib import Path

import pytest

from analyst.errors import KernelStartError, ReplayError
from analyst.events import CellError, Rich, Stream
from analyst.kernel.kernel import LocalKernel
from analyst.kernel.terms import Terms
from analyst.kernel.transcript import MAX_TEXT_CHARS
from analyst.seams import Execution

from .conftest import Bench

STUBBORN = """
import time
while True:
    try:
        while True: time.sleep(0.01)
    except BaseException: pass
"""
CHILDREN = """
import subprocess
children = [
    subprocess.Popen(["sleep", "1000"], start_new_session=alone)
    for alone in (False, True)
]
print(*[child.pid for child in children])
"""


def error_of(execution: Execution) -> CellError:
    """The error that ended a cell."""
    assert execution.error is not None, execution
    return execution.error


def is_running(pid: int) -> bool:
    """Whether there is such a process and it has not ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def is_there(path: Path) -> bool:
    """Whether there is a file or a folder."""
    return path.exists()


async def until_gone(*pids: int) -> bool:
    """Whether these processes end within a few seconds."""
    for _ in range(500):
        if not any(map(is_running, pids)):
            return True
        await asyncio.sleep(0.01)
    return False


@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        "import time; time.sleep(60)",
        "import asyncio; await asyncio.sleep(60)",
    ],
)
async def test_an_endless_cell_is_stopped_and_memory_stays(
    fresh: Bench, source: str
) -> None:
    """The time limit ends the cell; what earlier cells made is still there."""
    await fresh.printed("x = 42")
    execution = await fresh.run(f"print('on')\n{source}", timeout_seconds=0.3)
    assert execution.status == "timeout"
    assert execution.outputs[0] == Stream(text="on\n")
    error = error_of(execution)
    assert error.name == "CellTimeout"
    assert error.message == "The cell ran longer than 0.3 s and was stopped."
    assert source.rpartition(" ")[2] in error.traceback
    assert await fresh.printed("print(x)") == "42\n"


@pytest.mark.parametrize(
    "source", [STUBBORN, "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"]
)
async def test_a_cell_that_ignores_the_interrupt_is_killed(
    fresh: Bench, source: str
) -> None:
    """It ends as a timeout; the kernel is dead, says so, and can be rebuilt."""
    execution = await fresh.run(source, timeout_seconds=0.2)
    assert execution.status == "timeout"
    after = await fresh.run("1")
    assert after.status == "died"
    assert error_of(after).name == "KernelDied"
    await fresh.kernel.rollback(["x = 1", "y = x + 1"], timeout_seconds=10)
    assert await fresh.printed("print(y)") == "2\n"


async def test_the_limit_holds_while_nobody_takes_the_output(fresh: Bench) -> None:
    """A consumer that is busy elsewhere does not keep a cell alive."""
    source = "import time\nprint('on', flush=True)\ntime.sleep(60)"
    items = []
    async for item in fresh.kernel.execute(source, timeout_seconds=0.2):
        items.append(item)
        await asyncio.sleep(0.5)
    execution = items[-1]
    assert isinstance(execution, Execution)
    assert execution.status == "timeout"
    assert execution.seconds < 0.5


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import os; os._exit(7)", "exit code 7"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("exit()", "asked the kernel to exit"),
        ("bytearray(10**15)", "ran out of memory"),
        ("import numpy; numpy.zeros(10**15)", "ran out of memory"),
        ("get_ipython().kernel.session.key = b'forged'; print(1)", "cannot be read"),
    ],
)
async def test_the_death_of_the_kernel_is_noticed(
    fresh: Bench, source: str, words: str
) -> None:
    """Within a second of it the cell ends as `died` and says why, also later on."""
    await fresh.printed("import numpy")
    execution = await fresh.run(source)
    assert execution.status == "died"
    assert execution.seconds < 1
    assert error_of(execution).name == "KernelDied"
    assert words in error_of(execution).message
    assert words in error_of(await fresh.run("1")).message


async def test_death_is_noticed_where_the_system_cannot_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without process descriptors it takes a little longer, no more."""
    monkeypatch.delattr(os, "pidfd_open")
    bench = Bench(LocalKernel(Terms(folder=tmp_path)))
    await bench.kernel.start()
    try:
        execution = await bench.run("import os; os._exit(7)")
        assert execution.status == "died"
        assert execution.seconds < 1
        assert "exit code 7" in error_of(execution).message
    finally:
        await bench.kernel.close()


async def test_a_death_between_two_cells_is_told_by_the_next(fresh: Bench) -> None:
    """No cell is sent to a kernel that is not there."""
    pid = int(await fresh.printed("import os; print(os.getpid())"))
    os.kill(pid, 9)
    assert await until_gone(pid)
    execution = await fresh.run("1", timeout_seconds=0.5)
    assert execution.status == "died"


async def test_a_printing_thread_does_not_break_the_next_cell(fresh: Bench) -> None:
    """Noise goes on for ever, and cells still end, with their own output in it."""
    await fresh.run(
        "import threading, time\n"
        "def noise():\n"
        "    while True:\n"
        "        print('noise', flush=True)\n"
        "        time.sleep(0.0005)\n"
        "threading.Thread(target=noise, daemon=True).start()"
    )
    await asyncio.sleep(0.5)
    for number in range(5):
        execution = await fresh.run(f"{number}")
        assert execution.status == "ok"
        assert Rich(data={"text/plain": f"{number}"}, is_result=True) in (
            execution.outputs
        )


@pytest.mark.parametrize(
    "source",
    [
        "while True: print('x' * 1000)",
        "print('x' * 100_000_000)",
        "while True: display('x' * 10_000)",
    ],
)
async def test_a_flood_is_stopped(fresh: Bench, source: str) -> None:
    """More output than may be kept ends the cell, whatever pieces it comes in."""
    execution = await fresh.run(source, timeout_seconds=30)
    assert execution.status == "error"
    assert error_of(execution).name == "OutputLimit"
    kept = sum(len(str(output)) for output in execution.outputs)
    assert kept < 2 * MAX_TEXT_CHARS
    after = await fresh.run("1")
    assert after.status in {"ok", "died"}


async def test_rollback_undoes_what_a_failed_cell_did(fresh: Bench) -> None:
    """Memory is what the given cells make of it; a half-made change is gone."""
    kept = ["data = {'a': 1}", "total = data['a']"]
    for source in kept:
        await fresh.printed(source)
    failed = await fresh.run("data['a'] = 100\nleft = 1\n1 / 0")
    assert failed.status == "error"
    await fresh.kernel.rollback(kept, timeout_seconds=10)
    printed = await fresh.printed("print(data, total, 'left' in globals(), len(In))")
    assert printed == "{'a': 1} 1 False 4\n"


async def test_a_replay_that_fails_names_the_cell_and_leaves_no_kernel(
    fresh: Bench,
) -> None:
    """A memory that is only half what it should be is never worked with."""
    with pytest.raises(ReplayError, match=r"Cell 2 of 3 .* NameError: name 'b'"):
        await fresh.kernel.rollback(["a = 1", "b", "c = 1"], timeout_seconds=10)
    assert (await fresh.run("print(a)")).status == "died"
    await fresh.kernel.rollback(["a = 1"], timeout_seconds=10)
    assert await fresh.printed("print(a)") == "1\n"


async def test_a_replay_may_take_twice_as_long(fresh: Bench) -> None:
    """A cell that just made it the first time is not failed by a slower second one."""
    slow = "import time; time.sleep(0.6)"
    await fresh.kernel.rollback([slow], timeout_seconds=0.5)
    with pytest.raises(ReplayError, match="CellTimeout"):
        await fresh.kernel.rollback([slow], timeout_seconds=0.1)


async def test_an_iterator_closed_early_stops_the_cell(fresh: Bench) -> None:
    """Afterwards the kernel is idle, with its memory, and takes the next cell."""
    await fresh.printed("x = 1")
    source = "x += 1\nprint('on', flush=True)\nwhile True: pass"
    async with aclosing(fresh.kernel.execute(source, timeout_seconds=60)) as items:
        async for _ in items:
            break
    assert await fresh.printed("print(x)") == "2\n"


@pytest.mark.parametrize("times", [1, 2])
async def test_a_cancelled_consumer_leaves_no_running_cell(
    fresh: Bench, times: int
) -> None:
    """However often it is cancelled, the next cell gets an answer in time."""
    running = asyncio.create_task(fresh.run(STUBBORN, timeout_seconds=60))
    await asyncio.sleep(0.2)
    for _ in range(times):
        running.cancel()
        await asyncio.sleep(0.05)
    with pytest.raises(asyncio.CancelledError):
        await running
    after = await asyncio.wait_for(fresh.run("1"), timeout=10)
    assert after.status == "died"


async def test_what_cells_started_ends_with_the_kernel(tmp_path: Path) -> None:
    """Also a process that has left the kernel's group; and no folder stays."""
    bench = Bench(LocalKernel(Terms(folder=tmp_path)))
    await bench.kernel.start()
    children = [int(pid) for pid in (await bench.printed(CHILDREN)).split()]
    runtime = Path(
        (
            await bench.printed("import os; print(os.environ['JUPYTER_RUNTIME_DIR'])")
        ).strip()
    )
    assert all(map(is_running, children))
    assert is_there(runtime)
    await bench.kernel.close()
    assert await until_gone(*children)
    assert not is_there(runtime)


async def test_what_cells_started_ends_with_a_kernel_that_died(fresh: Bench) -> None:
    """A crash leaves no orphans either."""
    children = [int(pid) for pid in (await fresh.printed(CHILDREN)).split()]
    assert (await fresh.run("import os; os._exit(1)")).status == "died"
    assert await until_gone(*children)


async def test_close_is_final_and_may_be_called_again(tmp_path: Path) -> None:
    """A closed kernel says so to every cell and does not start again."""
    bench = Bench(LocalKernel(Terms(folder=tmp_path)))
    assert (await bench.run("1")).status == "died"
    await bench.kernel.start()
    await bench.kernel.start()
    assert await bench.printed("print(1)") == "1\n"
    await bench.kernel.close()
    await bench.kernel.close()
    assert "closed" in error_of(await bench.run("1")).message
    with pytest.raises(KernelStartError, match="closed"):
        await bench.kernel.start()


async def test_close_ends_a_running_cell(fresh: Bench) -> None:
    """Nobody waits for a cell whose kernel is being closed."""
    running = asyncio.create_task(fresh.run(STUBBORN, timeout_seconds=60))
    await asyncio.sleep(0.2)
    await fresh.kernel.close()
    assert (await running).status == "died"


async def test_a_start_that_fails_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the missing folder, or quotes what the process wrote."""
    with pytest.raises(KernelStartError, match="no such folder"):
        await LocalKernel(Terms(folder=tmp_path / "missing")).start()
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'no ipykernel here' >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(KernelStartError, match=r"exit code 3.*no ipykernel here"):
        await LocalKernel(Terms(folder=tmp_path)).start()


@pytest.mark.parametrize("ending", ["", "os.kill(os.getpid(), 9)"])
async def test_no_kernel_outlives_the_program_that_started_it(
    tmp_path: Path, ending: str
) -> None:
    """Neither where the program forgot to close it nor where it was killed."""
    program = (
        "import asyncio, os\n"
        "from pathlib import Path\n"
        "from analyst.kernel.kernel import LocalKernel\n"
        "from analyst.kernel.terms import Terms\n"
        "async def main():\n"
        "    global kernel\n"
        "    kernel = LocalKernel(Terms(folder=Path('.')))\n"
        "    await kernel.start()\n"
        "    print(kernel._process._popen.pid, flush=True)\n"
        f"    {ending}\n"
        "asyncio.run(main())\n"
    )
    began = time.monotonic()
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program],
        cwd=tmp_path,
        # Nobody is left to remove the folder of a killed program: it goes with ours.
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert time.monotonic() - began < 30
    assert await until_gone(int(done.stdout))


async def test_what_a_failed_cell_left_on_disk_is_named(
    tmp_path: Path, fresh: Bench
) -> None:
    """New, changed and removed files, where no sandbox keeps them apart."""
    for name in ("changed.txt", "gone.txt", "same.txt"):
        (tmp_path / name).write_text("before")
    work = (
        "import os, pathlib\n"
        "os.makedirs('deep', exist_ok=True)\n"
        "pathlib.Path('deep/new.csv').write_text('x')\n"
        "pathlib.Path('changed.txt').write_text('after')\n"
        "pathlib.Path('gone.txt').unlink(missing_ok=True)\n"
    )
    failed = await fresh.run(work + "1 / 0")
    assert failed.files == ("changed.txt", "deep/new.csv", "gone.txt")
    assert (await fresh.run("pathlib.Path('more.txt').touch()")).files == ()
