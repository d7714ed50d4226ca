"""What data cost on their way in, each beside what it is compared with: `make bench`.

Machines differ and are noisy, so the ratios count. A file of 2 GB is made for it, in a
temporary folder.
"""

from __future__ import annotations

import contextlib
import io
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from bench import ROUNDS, ROWS, report
from pyarrow import csv

import analyst
from analyst.data.handover import hand_over
from analyst.data.inside.probing.report import report as look_at
from analyst.data.inside.sniffing.route import readings_of
from analyst.events import CellFinished
from analyst.testing import ScriptedModel, call

LARGE_BYTES = 2_000_000_000
MEMORY_BYTES = 1_000_000_000
QUERY = "SELECT store, sum(amount) AS total FROM df GROUP BY store ORDER BY store"


def timed(action: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """The first and the best time of an action, in seconds."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            action()
        times.append(time.perf_counter() - began)
    return times[0], min(times)


def sales(rows: int) -> pa.Table:
    """Ten columns as they are exported from shops."""
    rng = np.random.default_rng(0)
    days = np.datetime64("2020-01-01") + rng.integers(0, 1500, rows).astype("m8[D]")
    return pa.table(
        {
            "id": np.arange(rows),
            "day": pa.array(days),
            "store": rng.choice(["north", "south", "east", "west"], rows),
            "customer": rng.integers(0, 200_000, rows),
            "amount": rng.gamma(2, 50, rows).round(2),
            "quantity": rng.integers(1, 20, rows),
            "price": rng.gamma(2, 10, rows).round(3),
            "code": np.char.mod("A%07d", rng.integers(0, 10**6, rows)),
            "city": rng.choice([f"city {n}" for n in range(300)], rows),
            "paid": rng.random(rows) < 0.9,
        }
    )


def sniffs(folder: Path) -> None:
    """Finding out how a file is read, beside reading it."""
    path = folder / "small.csv"
    csv.write_csv(sales(75_000), path)
    first, best = timed(lambda: readings_of(path), ROUNDS)
    _, read = timed(lambda: pd.read_csv(path), ROUNDS)
    megabytes = path.stat().st_size / 1e6
    print(f"  sniff of {megabytes:.1f} MB: first {first:.3f} s, best {best:.3f} s")
    report(f"sniff of {megabytes:.1f} MB", best, read, "pd.read_csv", "s")


def large_file(folder: Path) -> None:
    """A file that is too large: sniffed, and asked in a kernel of 1 GB."""
    path = folder / "large.csv"
    buffer = pa.BufferOutputStream()
    csv.write_csv(sales(500_000), buffer)
    header, _, body = buffer.getvalue().to_pybytes().partition(b"\n")
    with path.open("wb") as file:
        file.write(header + b"\n")
        while file.tell() < LARGE_BYTES:
            file.write(body)
    first, best = timed(lambda: readings_of(path), 3)
    print(
        f"  sniff of {LARGE_BYTES / 1e9:.0f} GB: first {first:.3f} s, best {best:.3f} s"
    )
    model = ScriptedModel(
        [
            call("query_dataframe", sql=QUERY, purpose="Total by store"),
            call(
                "summarize_findings", findings=[], answer="{query_1.total.sum():,.0f}"
            ),
        ]
    )
    began = time.perf_counter()
    with analyst.Analyst(
        path,
        model=model,
        memory=MEMORY_BYTES,
        verify=False,
        notebook=folder / "a.ipynb",
    ) as session:
        events = list(session.stream("What is the total by store?"))
        run = session.run
    spent = time.perf_counter() - began
    longest = max(e.seconds for e in events if isinstance(e, CellFinished))
    assert run is not None
    print(
        f"  {LARGE_BYTES / 1e9:.0f} GB asked within {MEMORY_BYTES / 1e9:.0f} GB of "
        f"memory ({run.sandbox.name}): {run.stop}, {run.answer.strip()!r}, "
        f"{spent:.0f} s in all, longest cell {longest:.0f} s"
    )


def profiles() -> None:
    """A look at a long and wide table, beside what pandas says of its numbers."""
    frame = mixed_columns()
    first, best = timed(lambda: look_at({"df": frame}), 3)
    _, described = timed(frame.describe, 3)
    what = f"profile of {ROWS // 10**6}M x {frame.shape[1]}"
    print(f"  {what}: first {first:.3f} s, best {best:.3f} s")
    report(what, best, described, "pandas describe", "s")


def mixed_columns() -> pd.DataFrame:
    """Fifty columns as people have them, some of each kind."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2020-01-01", periods=1500)
    columns: dict[str, object] = {"id": np.arange(ROWS), "code": rng.permutation(ROWS)}
    columns["uuid"] = pd.Series([f"{n:032x}" for n in rng.permutation(ROWS)])
    makers: list[Callable[[], object]] = [
        lambda: np.where(rng.random(ROWS) < 0.05, np.nan, rng.gamma(2, 60, ROWS)),
        lambda: rng.poisson(rng.integers(0, 30) + 0.1, ROWS),
        lambda: pd.Series(rng.choice([f"city {n}" for n in range(100)], ROWS)),
        lambda: rng.choice(days, ROWS),
        lambda: pd.Series([f"customer {n}" for n in rng.integers(0, ROWS, ROWS)]),
        lambda: rng.random(ROWS) < 0.3,
        lambda: pd.Categorical(rng.choice(list("abcdefgh"), ROWS)),
    ]
    for number in range(len(columns), 50):
        columns[f"column {number}"] = makers[number % len(makers)]()
    return pd.DataFrame(columns)


def hand_overs(folder: Path) -> None:
    """A live frame of 10M x 10 handed over, beside a copy of its memory."""
    rows = 10_000_000
    rng = np.random.default_rng(0)
    words = pd.Series([f"word {n}" for n in range(1000)])
    frame = pd.DataFrame(
        {f"float {n}": rng.random(rows) for n in range(4)}
        | {f"int {n}": rng.integers(0, 1000, rows) for n in range(2)}
        | {"day": pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(rows), "s")}
        | {f"word {n}": words.take(rng.integers(0, 1000, rows)).array for n in range(2)}
        | {"flag": rng.random(rows) < 0.5}
    )
    buffers = [
        np.frombuffer(buffer, dtype="u1")
        for column in pa.Table.from_pandas(frame).columns
        for chunk in column.chunks
        for buffer in chunk.buffers()
        if buffer is not None
    ]
    seen: dict[str, list[float]] = {}

    def noted(name: str, action: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        made = action()
        seen.setdefault(name, []).append(time.perf_counter() - began)
        return made

    for _ in range(ROUNDS):
        noted("copy", lambda: [buffer.copy() for buffer in buffers])
        handed = noted("write", lambda: hand_over(frame, folder, "bench"))
        noted("map", lambda: pd.read_feather(pa.memory_map(str(handed.path))))  # noqa: B023 - called at once
        noted("read", lambda: pd.read_feather(handed.path))  # noqa: B023 - called at once
        handed.path.unlink()
    middle = {name: statistics.median(times) for name, times in seen.items()}
    report("10M x 10 handed over", middle["write"], middle["copy"], "memory copy", "s")
    report("10M x 10 loaded, mapped", middle["map"], middle["read"], "not mapped", "s")
    print(
        f"  fastest: write {min(seen['write']):.3f} s, copy {min(seen['copy']):.3f} s, "
        f"mapped {min(seen['map']):.3f} s"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        sniffs(Path(place))
        large_file(Path(place))
        profiles()
        hand_overs(Path(place))
