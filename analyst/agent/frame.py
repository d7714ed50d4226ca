"""The frame around the work on a question: its first facts and its last one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Coroutine
from datetime import datetime
from typing import Any

from analyst.agent.budget import usage
from analyst.agent.cells import run_cell
from analyst.agent.desk import Desk
from analyst.agent.privacy import suspicions
from analyst.errors import InputError
from analyst.events import (
    CellFinished,
    DataLoaded,
    Event,
    RunFinished,
    RunStarted,
    Stop,
)
from analyst.seams import Cell, Execution

__all__ = [
    "as_they_happen",
    "check_loading",
    "finish",
    "look",
    "run_loading_cell",
    "sniff",
    "start",
]


async def as_they_happen(
    desk: Desk, work: Coroutine[Any, Any, None]
) -> AsyncGenerator[Event]:
    """Do the work and yield its facts as they happen.

    The work waits for whoever takes the facts. Closing the generator ends it: a
    running cell is interrupted, a connection let go.
    """
    desk.watched = True
    task = asyncio.ensure_future(work)
    try:
        while not (task.done() and desk.outbox.empty()):
            fact = asyncio.ensure_future(desk.outbox.get())
            try:
                await asyncio.wait({task, fact}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not fact.done():
                    fact.cancel()
            if fact.done():
                yield fact.result()
        await task
    finally:
        desk.watched = False
        task.cancel()
        await asyncio.wait({task})
        while not desk.outbox.empty():
            desk.outbox.get_nowait()


async def start(desk: Desk, question: str, *, model: str) -> None:
    """Set the clock and say what is asked."""
    limit = desk.settings.max_seconds
    desk.ends_at = None if limit is None else time.monotonic() + limit
    desk.deadline = desk.ends_at
    desk.interrupted.clear()
    await desk.add(
        RunStarted(
            text=question,
            model=model,
            sandbox=desk.kernel.sandbox,
            kernel=desk.settings.kernel or "python3",
            marker=desk.marker,
            privacy=desk.settings.privacy,
            at=datetime.now().astimezone().isoformat(timespec="seconds"),
        )
    )


async def run_loading_cell(desk: Desk, cell: Cell) -> None:
    """Run a cell without which there is nothing to work on.

    Raises:
        InputError: it failed.
    """
    check_loading(await run_cell(desk, cell))


async def sniff(desk: Desk) -> None:
    """Find out how the files are read.

    Raises:
        InputError: one of them holds no table that can be read.
    """
    printed = ""
    if desk.data.sniffing:
        printed, ended = await desk.ask(desk.data.sniffing, loading=True)
        check_loading(ended)
    desk.data = desk.data.sniffed(printed)


async def look(desk: Desk) -> None:
    """See what the loaded tables are.

    Raises:
        InputError: they cannot be looked at.
    """
    printed, ended = await desk.ask(desk.data.probe, loading=True)
    check_loading(ended)
    # Files are hashed there, and they may be large.
    looked = await desk.hurry(asyncio.to_thread(desk.data.looked_at, printed))
    warnings = desk.data.warnings
    privacy = desk.settings.privacy
    quotable = warnings if privacy == "samples" else ()
    await desk.add(
        DataLoaded(
            tables=looked.tables,
            notes=(
                *warnings,
                *looked.joins["samples"],
                *looked.oddities["samples"],
                *suspicions(looked.tables),
            ),
            # What matters most for the code comes first: not all of it may be sent.
            told=(*looked.joins[privacy], *quotable, *looked.oddities[privacy]),
        )
    )


def check_loading(ended: CellFinished | Execution) -> None:
    """That a cell without which there is nothing to work on succeeded.

    Raises:
        InputError: it did not.
    """
    if ended.status == "ok":
        return
    told: str = ended.status
    if ended.error:
        told = " ".join(f"{ended.error.name}: {ended.error.message}".split())[:300]
    raise InputError(f"The data could not be loaded ({told}): check the file.")


async def finish(desk: Desk, began: float, *, stop: Stop, reason: str) -> None:
    """Say why the work is over; it began at `began` by `time.monotonic`."""
    await desk.add(
        RunFinished(
            stop=stop,
            reason=reason,
            usage=usage(desk),
            seconds=time.monotonic() - began,
        )
    )
