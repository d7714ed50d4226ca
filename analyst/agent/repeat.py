"""The same cells again, on other data: a run without a model."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from itertools import groupby

from analyst.agent.cells import run_cell
from analyst.agent.desk import Desk, Halted
from analyst.agent.drafts import evidence
from analyst.agent.frame import (
    as_they_happen,
    finish,
    look,
    run_loading_cell,
    sniff,
    start,
)
from analyst.agent.grounding import unconfirmed
from analyst.agent.loop import HALTED
from analyst.agent.narrator import items, shown_text
from analyst.agent.templates import literals_in
from analyst.errors import KernelError
from analyst.events import (
    AnswerGiven,
    CellFinished,
    Event,
    FindingRecorded,
    PlanMade,
    StepFinished,
    StepStarted,
    Stop,
)
from analyst.seams import Cell

__all__ = ["repeat"]

_LOADING = {"parameters", "setup", "load"}


def repeat(desk: Desk, question: str, cells: Sequence[Cell]) -> AsyncGenerator[Event]:
    """Run the cells of an earlier run: yield the facts as they happen.

    A cell that fails ends the run with what it has.

    Raises:
        InputError: the tables could not be loaded.
        KernelStartError: there is no kernel to work in.
    """
    return as_they_happen(desk, _work(desk, question, cells))


async def _work(desk: Desk, question: str, cells: Sequence[Cell]) -> None:
    began = time.monotonic()
    await start(desk, question, model="none")
    titles = {cell.step: cell.purpose for cell in cells if cell.step}
    await desk.add(PlanMade(steps=tuple(titles.values()), origin="notebook"))
    first = 1 + max((n for n, c in enumerate(cells) if c.role in _LOADING), default=-1)
    stop: Stop = "answered"
    reason = ""
    try:
        await desk.hurry(desk.kernel.start())
        await sniff(desk)
        for cell in cells[:first]:
            await run_loading_cell(desk, cell)
        await look(desk)
        for step, group in groupby(cells[first:], key=lambda cell: cell.step):
            failed = await _again(desk, step, titles.get(step, ""), list(group))
            if failed is not None:
                stop, reason = "failed", _failure(failed)
                break
    except Halted as halted:
        stop, reason = halted.stop, HALTED[halted.stop]
    except KernelError as fault:
        if not any(isinstance(e, StepStarted) for e in desk.facts):
            raise
        stop, reason = "failed", str(fault)
    await finish(desk, began, stop=stop, reason=reason)


async def _again(
    desk: Desk, step: int, title: str, cells: Sequence[Cell]
) -> CellFinished | None:
    """Run the cells of a step, or cells between steps; return one that failed."""
    if step:
        await desk.add(StepStarted(step=step, title=title))
    for cell in cells:
        finished = await run_cell(desk, cell, step=step)
        if not finished.ok:
            return finished
        await _tell(desk, cell)
    if step:
        await desk.add(StepFinished(step=step, status="done"))
    return None


async def _tell(desk: Desk, cell: Cell) -> None:
    """Make what a cell of prose showed a fact."""
    if cell.role not in {"findings", "answer"}:
        return
    # A number that was typed may have been true of the earlier data only.
    shown = evidence(desk.journal.events, ())
    typed = [unconfirmed(text, shown) for text in literals_in(cell.source)]
    everything = tuple(dict.fromkeys(number for numbers in typed for number in numbers))
    if cell.role == "answer":
        text = shown_text(desk)
        await desk.add(AnswerGiven(text=text, template="", unbound=everything))
        return
    found = items(shown_text(desk))
    for number, item in enumerate(found):
        unbound = typed[number] if len(typed) == len(found) else everything
        await desk.add(FindingRecorded(text=item, template="", unbound=unbound))


def _failure(finished: CellFinished) -> str:
    error = finished.error
    told = f"{error.name}: {error.message}" if error else finished.status
    return f"Cell {finished.cell} failed on this data ({told})."
