"""Measurements, each beside what it is compared with, in one run: `make bench`.

Machines differ and are noisy, so the ratios count. Medians throughout.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pandas as pd
from jupyter_client import AsyncKernelClient, AsyncKernelManager

import analyst
from analyst.kernel.kernel import LocalKernel
from analyst.kernel.sandbox.policy import SandboxName
from analyst.kernel.terms import Terms
from analyst.testing import ScriptedServer, call, plan_and, python

ROWS = 1_000_000
TEN_MS = "import time; time.sleep(0.01)"
DIE = "import os; os._exit(1)"
ROUNDS = 7
SANDBOXES: tuple[SandboxName, ...] = ("none", "bwrap", "landlock")
STEP = "df.groupby('g')['x'].mean().round(3).to_dict()"
FRESH = """
import pandas as pd, sys
df = pd.read_json(sys.argv[1], orient="records", lines=True)
print(df.groupby("g")["x"].mean().round(3).to_dict())
df.to_json(sys.argv[1], orient="records", lines=True)
"""


def report(what: str, ours: float, theirs: float, against: str, unit: str) -> None:
    """One line: both figures and their ratio."""
    ratio = ours / theirs
    print(f"{what:44} {ours:9.3f} {unit:5} {theirs:9.3f} {against:28} {ratio:7.3f}x")


async def median_seconds(action: Callable[[], Awaitable[object]], rounds: int) -> float:
    """The median time of an action."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        await action()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


async def cells(folder: Path) -> None:
    """A cell, a rollback and a start, beside raw jupyter_client."""
    manager = AsyncKernelManager()
    began = time.perf_counter()
    await manager.start_kernel(cwd=str(folder))
    client: AsyncKernelClient = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=60)
    raw = lambda source: client.execute_interactive(source, output_hook=lambda _: None)  # noqa: E731
    await raw("import pandas as pd; pd.DataFrame({'x': [1]}).sum()")
    raw_start = time.perf_counter() - began

    kernel = LocalKernel(Terms(folder=folder))

    async def ours(source: str) -> None:
        async for _ in kernel.execute(source, timeout_seconds=60):
            pass

    began = time.perf_counter()
    await kernel.start()
    await ours("import pandas as pd; pd.DataFrame({'x': [1]}).sum()")
    our_start = time.perf_counter() - began
    report("start to the first pandas answer", our_start, raw_start, "raw client", "s")
    for source, name in ((TEN_MS, "a cell of 10 ms"), ("1", "a cell of nothing")):
        one = 1e3 * await median_seconds(lambda: ours(source), 50)  # noqa: B023
        other = 1e3 * await median_seconds(lambda: raw(source), 50)  # noqa: B023
        report(name, one, other, "raw client", "ms")
    kept = ["import pandas as pd"] + ["x = 1"] * 9
    back = await median_seconds(lambda: kernel.rollback(kept, timeout_seconds=60), 3)
    report("rollback by replay, 10 small cells", back, raw_start, "raw start", "s")
    client.stop_channels()
    await manager.shutdown_kernel(now=True)

    table = pd.DataFrame({"x": np.arange(ROWS) / 7, "g": np.arange(ROWS) % 5})
    table.to_parquet(folder / "table.parquet")
    table.to_json(folder / "table.json", orient="records", lines=True)
    await ours("import pandas as pd; df = pd.read_parquet('table.parquet')")
    step = await median_seconds(lambda: ours(STEP), 10)
    await kernel.close()
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", FRESH, str(folder / "table.json")],
        check=True,
        capture_output=True,
    )
    fresh = time.perf_counter() - began
    report("a step on a frame of 1M rows", step, fresh, "fresh process, JSON", "s")


async def sandboxes(folder: Path) -> None:
    """A start, a cell and a death in each sandbox, beside the same kernel in none."""
    seen: dict[tuple[str, str], list[float]] = {}
    for _ in range(ROUNDS):
        for name in SANDBOXES:
            kernel = LocalKernel(Terms(folder=folder, sandbox=name))
            began = time.perf_counter()
            await kernel.start()
            took = time.perf_counter() - began
            seen.setdefault(("start", name), []).append(took)
            cells = [await seconds(kernel, TEN_MS) for _ in range(20)]
            seen.setdefault(("cell of 10 ms", name), []).extend(cells)
            death = await seconds(kernel, DIE)
            seen.setdefault(("death noticed and told", name), []).append(death)
            await kernel.close()
    for (what, name), times in seen.items():
        if name != "none":
            bare = statistics.median(seen[what, "none"])
            ours = statistics.median(times)
            report(f"{what}, {name}", 1e3 * ours, 1e3 * bare, "sandbox none", "ms")


async def seconds(kernel: LocalKernel, source: str) -> float:
    """How long a cell takes, until all about it is known."""
    began = time.perf_counter()
    async for _ in kernel.execute(source, timeout_seconds=60):
        pass
    return time.perf_counter() - began


def requests(folder: Path) -> None:
    """What five scripted steps send."""
    table = pd.DataFrame({"x": np.arange(100.0), "g": list("abcde") * 20})
    table.to_csv(folder / "table.csv", index=False)
    steps = [f"Step {n}" for n in range(1, 6)]
    cells = [f"mean_{n} = df['x'].mean() + {n}\nprint(mean_{n})" for n in range(1, 6)]
    end = call("summarize_findings", findings=[], answer="{mean_5:.2f}")
    script = [plan_and(steps, python(cells[0])), *map(python, cells[1:]), end]
    with ScriptedServer(script, models=["m"]) as server:
        began = time.perf_counter()
        run = analyst.ask(
            folder / "table.csv",
            "What is the mean?",
            base_url=server.base_url,
            model="m",
            notebook=folder / "n.ipynb",
            verify=False,
        )
        seconds = time.perf_counter() - began
        sent = [len(json.dumps(r.body).encode()) for r in server.requests]
    assert run.stop == "answered"
    print(
        f"five scripted steps: {len(sent)} requests, {sum(sent):,} bytes sent in all,"
    )
    print(f"  {seconds:.2f} s from call to run, kernel start included")


def imports() -> None:
    """What importing and asking for help cost, beside bare Python."""

    def seconds(*arguments: str) -> float:
        times = []
        for _ in range(5):
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, *arguments], check=True, capture_output=True
            )
            times.append(time.perf_counter() - began)
        return statistics.median(times)

    bare = seconds("-c", "pass")
    report("import analyst", seconds("-c", "import analyst"), bare, "bare python", "s")
    report(
        "analyst --help", seconds("-m", "analyst", "--help"), bare, "bare python", "s"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        imports()
        asyncio.run(cells(Path(place)))
        asyncio.run(sandboxes(Path(place)))
        requests(Path(place))
