"""Cells: one is run, and undone when it fails."""

from __future__ import annotations

import time
from contextlib import aclosing

from analyst.agent.desk import Desk
from analyst.agent.inspection import watch_figures
from analyst.agent.reflection import could_not_run
from analyst.events import (
    CellError,
    CellFinished,
    CellStarted,
    KernelRestarted,
    OutputAdded,
    RolledBack,
    latest,
)
from analyst.run import successful_cells
from analyst.seams import Cell, Execution

__all__ = ["run_cell", "undo_failure"]


async def run_cell(
    desk: Desk,
    cell: Cell,
    *,
    step: int = 0,
    attempt: int = 1,
    call: str = "",
    whole: bool = False,
) -> CellFinished:
    """Run a cell and return how it ended. One that failed is undone already."""
    number = 1 + sum(isinstance(e, CellStarted) for e in desk.journal.events)
    await desk.add(
        CellStarted(
            source=cell.source,
            role=cell.role,
            purpose=cell.purpose,
            call=call,
            whole=whole,
            step=step,
            cell=number,
            attempt=attempt,
        )
    )
    began = time.monotonic()
    ended = Execution(status="interrupted", outputs=(_INTERRUPTED,), seconds=0.0)
    try:
        async with aclosing(
            desk.execute(cell.source, loading=cell.role == "load")
        ) as stream:
            async for item in stream:
                if isinstance(item, Execution):
                    ended = item
                else:
                    await desk.add(
                        OutputAdded(
                            output=item, step=step, cell=number, attempt=attempt
                        )
                    )
    finally:
        # Also when the user interrupts: the facts never hold a cell without an end.
        finished = await desk.add(
            CellFinished(
                status=ended.status,
                seconds=ended.seconds or time.monotonic() - began,
                outputs=ended.outputs,
                error=ended.error,
                files=ended.files,
                step=step,
                cell=number,
                attempt=attempt,
            )
        )
    await undo_failure(desk)
    return finished


_INTERRUPTED = CellError(name="KeyboardInterrupt", message="The cell was interrupted.")


async def undo_failure(desk: Desk) -> None:
    """Undo the cell that ran last, if it failed and has not been undone yet.

    Raises:
        KernelStartError: a fresh kernel did not come up.
        ReplayError: the cells that had succeeded did not do so again.
    """
    events = desk.journal.events
    failed = latest(events, CellFinished)
    undone = latest(events, RolledBack)
    if failed is None or failed.ok or (undone and undone.seq > failed.seq):
        return
    began = time.monotonic()
    kept = [started.source for started, _ in successful_cells(events)]
    source = next(
        e.source for e in events if isinstance(e, CellStarted) and e.cell == failed.cell
    )
    unchanged = failed.status == "error" and could_not_run(source)
    if not unchanged:
        # What took longer once may take as long again.
        took = [f.seconds for _, f in successful_cells(events)]
        limit = max([desk.timeout_seconds(), *took])
        await desk.hurry(desk.kernel.rollback(kept, timeout_seconds=limit))
        await watch_figures(desk)
        if failed.status == "died":
            await desk.add(
                KernelRestarted(
                    reason=failed.error.message if failed.error else "It died.",
                    step=failed.step,
                    cell=failed.cell,
                    attempt=failed.attempt,
                )
            )
    await desk.add(
        RolledBack(
            how="unchanged" if unchanged else "replay",
            cells_replayed=0 if unchanged else len(kept),
            seconds=time.monotonic() - began,
            files=failed.files,
            step=failed.step,
            cell=failed.cell,
            attempt=failed.attempt,
        )
    )
