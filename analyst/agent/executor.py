"""The executor: answers the tool calls of a reply, keeping to the plan."""

from __future__ import annotations

from analyst.agent.budget import is_last
from analyst.agent.cells import run_cell
from analyst.agent.desk import Desk
from analyst.agent.inspection import inspect
from analyst.agent.memory import Progress, progress
from analyst.agent.narrator import summarize
from analyst.agent.repetition import (
    ALLOWED,
    again,
    same_cell,
    same_errors,
    times_repeated,
)
from analyst.agent.tools import (
    ExecutePython,
    QueryDataframe,
    SummarizeFindings,
    read_call,
    sql_cell,
)
from analyst.events import (
    AnswerGiven,
    CallAnswered,
    CellFinished,
    ReplyReceived,
    StepFinished,
    StepStarted,
    ToolCall,
    latest,
)
from analyst.run import successful_cells
from analyst.seams import Cell

__all__ = ["act"]

_CUT_OFF = "Not run: the message was cut off. Send shorter code."
_NO_MORE = "Not run: this is the last message. Give the answer from what is known."
_AFTER_ANSWER = "Not run: the answer is given."
_AFTER_FAILURE = "Not run: a cell before it in the same message failed."


async def act(desk: Desk, reply: ReplyReceived) -> None:
    """Answer all calls of a reply, in order."""
    failed = False
    for call in reply.calls:
        if reply.truncated or failed:
            text = _CUT_OFF if reply.truncated else _AFTER_FAILURE
            await desk.add(CallAnswered(call=call.id, text=text))
        elif latest(desk.facts, AnswerGiven) is not None:
            await desk.add(CallAnswered(call=call.id, text=_AFTER_ANSWER))
        else:
            failed = not await _answer(desk, call)


async def _answer(desk: Desk, call: ToolCall) -> bool:
    """Do what a call asks for; False where a cell failed in doing so."""
    try:
        use = read_call(call)
        match use:
            case ExecutePython():
                source = use.code.strip("\n")
            case QueryDataframe():
                source = sql_cell(use.sql, _query_name(desk))
            case SummarizeFindings():
                await summarize(desk, call.id, use)
                return True
    except ValueError as mistake:
        await desk.add(CallAnswered(call=call.id, text=str(mistake)))
        return True
    if is_last(desk):
        await desk.add(CallAnswered(call=call.id, text=_NO_MORE))
        return True
    before = same_cell(desk.facts, source, whole=use.full)
    if before is not None:
        await _refuse(desk, call.id, before)
        return before.ok
    cell = Cell(source=source, role="step", purpose=use.purpose)
    return await _work(desk, cell, use, call.id)


async def _refuse(desk: Desk, call: str, before: CellFinished) -> None:
    """Do not run the same code again; the third time the step that it fixes is over."""
    text = again(before)
    await desk.add(CallAnswered(call=call, text=text, about="repeated"))
    state = progress(desk.facts)
    if state.is_open and times_repeated(desk.facts) >= ALLOWED:
        await desk.add(StepFinished(step=state.step, status="given_up"))


def _query_name(desk: Desk) -> str:
    """The next free name for the result of a query."""
    taken = sum(
        started.source.startswith("import duckdb\n\nquery_")
        for started, _ in successful_cells(desk.journal.events)
    )
    return f"query_{taken + 1}"


async def _work(
    desk: Desk, cell: Cell, use: ExecutePython | QueryDataframe, call: str
) -> bool:
    """Run a cell as part of a step: a fix of the open one, or the next."""
    state = progress(desk.facts)
    step = state.step if state.is_open else _next_step(state, use.step)
    if step != state.step:
        title = state.plan[step - 1] if step <= len(state.plan) else cell.purpose
        await desk.add(StepStarted(step=step, title=title))
    attempt = state.failures + 1
    finished = await run_cell(
        desk, cell, step=step, attempt=attempt, call=call, whole=use.full
    )
    if finished.ok:
        await inspect(desk, finished)
        await desk.add(StepFinished(step=step, attempt=attempt, status="done"))
    elif attempt > desk.settings.max_fixes or _is_stuck(desk, finished):
        await desk.add(StepFinished(step=step, attempt=attempt, status="given_up"))
    return finished.ok


def _is_stuck(desk: Desk, failed: CellFinished) -> bool:
    return same_errors(desk.facts, failed) > ALLOWED


def _next_step(state: Progress, wanted: int | None) -> int:
    """The step that a new cell belongs to.

    The model may name it, and may stay with a step that is done; it never goes back.
    Without a word from it, each cell is the next step, the last one taking the rest.
    What was given up stays given up: more work is a step of its own.
    """
    last = max(len(state.plan), state.step, 1)
    step = state.step + 1 if wanted is None else max(wanted, state.step, 1)
    step = min(step, last)
    return step + 1 if step in state.given_up else step
