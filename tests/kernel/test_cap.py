"""A flood ends in the kernel: neither its memory nor its connection suffers."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

import analyst.kernel
from analyst.events import Rich, Stream
from analyst.kernel.inside import cap
from analyst.kernel.kernel import LocalKernel
from analyst.kernel.terms import Terms
from analyst.kernel.transcript import MAX_TEXT_CHARS
from analyst.outputs import MAX_OUTPUT_CHARS

from .conftest import Bench

SOURCE = Path(analyst.kernel.__file__).parent / "inside" / "cap.py"
INSTALL = (
    "_cap = {'__name__': 'cap'}\n"
    f"exec(compile({SOURCE.read_text()!r}, 'cap.py', 'exec'), _cap)\n"
    "import asyncio\n"
    "asyncio.get_event_loop().call_soon(_cap['install'], get_ipython())\n"
    "del _cap, asyncio"
)
GROWTH = """
import pathlib, re
def peak_mb():
    status = pathlib.Path('/proc/self/status').read_text()
    return int(re.search(r'VmHWM:\\s+(\\d+)', status)[1]) // 1024
before_mb = peak_mb()
"""

FLOODS = {
    "a gigabyte of small prints": "for _ in range(10_000_000): print('x' * 100)",
    "a line of 200 MB": "print('x' * 200_000_000)\nimport time; time.sleep(29)",
    "control characters": "print('\\0' * 20_000_000)\nimport time; time.sleep(29)",
    "a million displays": "for number in range(1_000_000): display(number)",
    "long displays": "while True: display('x' * 990_000)",
    "the descriptor": "import os\nwhile True: os.write(1, b'x' * 1000)",
    "both streams": "import sys\nwhile True: print('x' * 99); sys.stderr.write('y')",
    "a program": "import subprocess\nsubprocess.run(['yes'])",
    "its errors": "import subprocess\nsubprocess.run('yes >&2', shell=True)",
}


@pytest_asyncio.fixture
async def capped(tmp_path: Path) -> AsyncIterator[Bench]:
    """A kernel whose output is bounded, and which knows how its memory grew."""
    bench = Bench(LocalKernel(Terms(folder=tmp_path)))
    await bench.kernel.start()
    await bench.printed(INSTALL, hidden=True)
    await bench.printed(GROWTH, hidden=True)
    yield bench
    await bench.kernel.close()


async def growth_mb(bench: Bench) -> int:
    """By how much the peak of the kernel's memory has grown."""
    return int(await bench.printed("print(peak_mb() - before_mb)"))


@pytest.mark.parametrize("source", FLOODS.values(), ids=FLOODS.keys())
async def test_a_flood_ends_the_cell_alone(capped: Bench, source: str) -> None:
    """The kernel lives on with its memory, which has hardly grown, and is heard."""
    await capped.printed("kept = 41")
    execution = await capped.run(source, timeout_seconds=30)
    assert execution.error is not None, execution.status
    assert execution.error.name == "OutputLimit"
    assert execution.seconds < 25
    assert await capped.printed("print(kept + 1)") == "42\n"
    assert await growth_mb(capped) < 300


@pytest.mark.parametrize(
    "source",
    ["display('x' * 50_000_000)", "'x' * 50_000_000"],
    ids=["displayed", "result"],
)
async def test_a_long_value_is_cut_and_says_so(capped: Bench, source: str) -> None:
    """It is one value, not a flood: the cell succeeds."""
    execution = await capped.run(source, timeout_seconds=30)
    assert execution.status == "ok", execution.error
    (shown,) = execution.outputs
    assert isinstance(shown, Rich)
    text = shown.data["text/plain"]
    assert text.startswith("'xxx")
    assert text.endswith("\n[cut: 50,000,002 characters in all]")
    assert len(text) <= MAX_OUTPUT_CHARS
    assert await capped.printed("print(1)") == "1\n"


async def test_a_long_message_of_an_exception_is_cut(capped: Bench) -> None:
    """On both sockets: what is shown, and the reply."""
    execution = await capped.run("raise ValueError('x' * 20_000_000)")
    assert execution.status == "error"
    assert execution.error is not None
    assert execution.error.name == "ValueError"
    assert "[cut: 20,000,000 characters in all]" in execution.error.message
    assert await capped.printed("print(1)") == "1\n"


async def test_a_picture_that_is_too_large_is_named(capped: Bench) -> None:
    """What cannot be sent is left out aloud; the next cell is heard."""
    execution = await capped.run(
        "display({'text/plain': 'a map', 'image/png': 'A' * 20_000_000}, raw=True)"
    )
    assert execution.status == "ok", execution.error
    (shown,) = execution.outputs
    assert isinstance(shown, Rich)
    assert shown.data == {
        "text/plain": "a map\n[left out, of so many characters: image/png (20,000,000)]"
    }


async def test_what_was_cleared_does_not_count(capped: Bench) -> None:
    """A display that is renewed for long is no flood."""
    execution = await capped.run(
        "from IPython.display import clear_output\n"
        "for number in range(20):\n"
        "    clear_output()\n"
        "    print(str(number) * 300_000)"
    )
    assert execution.status == "ok", execution.error
    assert execution.outputs == (Stream(text="19" * 300_000 + "\n"),)


async def test_each_cell_may_print_anew(capped: Bench) -> None:
    """What one cell printed is not taken from the next."""
    for _ in range(4):
        assert len(await capped.printed("print('c' * 3_900_000)")) == 3_900_001


async def test_nothing_that_was_put_out_is_kept(capped: Bench) -> None:
    """A session may print for days: IPython's own copy of it all is not made."""
    source = "for _ in range(70): print('x' * 50_000); display('y' * 1_000)"
    await capped.printed(source)
    await capped.printed(GROWTH, hidden=True)
    for _ in range(12):
        await capped.printed(source)
    assert await growth_mb(capped) < 20


class Stock:
    """A kernel as ipykernel makes it, and all that it says about a cell."""

    def __init__(self, client: AsyncKernelClient) -> None:
        self._client = client

    async def said(self, source: str) -> list[Any]:
        """Each message's kind and content; text that was printed in one piece."""
        said: list[Any] = []

        def hear(message: dict[str, Any]) -> None:
            kind, content = message["msg_type"], message["content"]
            content.pop("execution_count", None)
            if kind == "status":
                return
            if kind == "stream" and said and said[-1][1].get("name") == content["name"]:
                said[-1][1]["text"] += content["text"]
            else:
                said.append((kind, content))

        reply = await self._client.execute_interactive(
            source, store_history=False, output_hook=hear, timeout=60
        )
        content = reply["content"]
        return [*said, ("reply", content["status"], content.get("traceback"))]

    async def printed_to_a_slow_listener(self, source: str) -> str:
        """What a cell prints while for a second nobody listens."""
        request = self._client.execute(source, store_history=False)
        await asyncio.sleep(1)
        printed = ""
        while True:
            message = await self._client.get_iopub_msg(timeout=30)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["content"].get("execution_state") == "idle":
                return printed
            printed += message["content"].get("text", "")


@pytest_asyncio.fixture
async def stock(tmp_path: Path) -> AsyncIterator[Stock]:
    """A kernel without a bound."""
    manager = AsyncKernelManager(transport="ipc", ip=str(tmp_path / "k"))
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=60)
    yield Stock(client)
    client.stop_channels()
    await manager.shutdown_kernel(now=True)


ORDINARY = [
    "print('a', 'é世界', end=''); print('\\udcff', '\\0', sep='\\r\\n')",
    "for number in range(20_000): print(number)",
    "import sys; sys.stderr.write('e'); sys.stdout.writelines(['a', 'b']); 5",
    "print('x' * 1_000_000); print('y' * 900_000)",
    "display({'text/plain': 'p', 'application/json': {'a': [1]}}, raw=True)",
    "handle = display('x' * 999_990, display_id='d'); handle.update('y')",
    "'x' * 900_000",
    "import os; os.write(1, b'raw'); import time; time.sleep(0.3)",
    "import subprocess; print(subprocess.run(['echo', 'sub']).returncode)",
    "1 / 0",
    "raise ValueError('x' * 500_000)",
    "try: sys.stdout.write(5)\nexcept TypeError as error: print(error)",
    "len?",
    "sys.stdout.isatty(), type(sys.stdout).__name__, sys.stdout.write('abc')",
    "from IPython.display import clear_output; print(1); clear_output(); print(2)",
]


async def test_ordinary_output_is_the_same_with_and_without(stock: Stock) -> None:
    """Byte for byte, whatever it is; and the bound is put up only once."""
    without = [await stock.said(source) for source in ORDINARY]
    for _ in range(2):
        await stock.said(INSTALL)
    within = [await stock.said(source) for source in ORDINARY]
    assert within == without


async def test_a_slow_listener_loses_nothing(stock: Stock) -> None:
    """The kernel waits for it, where without the bound it would drop what it said."""
    await stock.said(INSTALL)
    printed = await stock.printed_to_a_slow_listener(
        "for number in range(6_000): print(number, flush=True)"
    )
    assert printed.split() == [str(number) for number in range(6_000)]


def test_it_stops_later_than_whoever_listens() -> None:
    """Nothing is dropped that would have been kept, and no note is cut again."""
    assert cap.MAX_PRINTED_CHARS > MAX_TEXT_CHARS + 1
    assert cap.MAX_PART_CHARS == MAX_OUTPUT_CHARS
    assert len(cap.cut("x" * 2_000_000)) <= MAX_OUTPUT_CHARS


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3_000_000))))
def test_what_may_be_printed_adds_up(prints: list[tuple[str, int]]) -> None:
    """Each cell gets the first so many characters that it prints, whoever else does."""
    allowance = cap.Allowance()
    asked = dict.fromkeys("abc", 0)
    for cell, chars in prints:
        before = asked[cell]
        asked[cell] += chars
        left = cap.MAX_PRINTED_CHARS - before
        expected = min(chars, left) if left >= 0 else -1
        assert allowance.take(cell, chars) == expected


def test_it_can_be_read_by_the_oldest_python() -> None:
    """The environment in which it runs is not ours to choose."""
    ast.parse(SOURCE.read_text(), feature_version=(3, 9))
