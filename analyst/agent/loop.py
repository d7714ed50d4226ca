"""The agent: one async generator of facts, from a question to its answer.

Look at the data, let the model plan, do what it asks for, show it what came out,
until it gives the answer or a limit is reached.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from analyst.agent.cells import undo_failure
from analyst.agent.desk import Desk, Halted
from analyst.agent.executor import act
from analyst.agent.frame import (
    as_they_happen,
    finish,
    look,
    run_loading_cell,
    start,
    usage,
)
from analyst.agent.memory import conversation, progress, tables
from analyst.agent.narrator import tell
from analyst.agent.planner import DEFAULT_PLAN, read_plan
from analyst.agent.tools import TOOLS
from analyst.errors import KernelError, ModelError, ModelRefused, ModelUnavailable
from analyst.events import (
    AnswerGiven,
    CellStarted,
    Event,
    ModelPrompted,
    PlanMade,
    ReplyReceived,
    RunStarted,
    Stop,
    TextDelta,
    latest,
)
from analyst.seams import Request

__all__ = ["HALTED", "answer"]

_MAX_EMPTY_REPLIES = 2
HALTED: dict[str, str] = {
    "interrupted": "You interrupted the run.",
    "seconds": "The time allowed for the question was used up.",
}
"""Why a question was cut short, as a sentence."""


def answer(desk: Desk, question: str) -> AsyncGenerator[Event]:
    """Answer a question: yield the facts as they happen, the last is `RunFinished`.

    Raises:
        InputError: the tables could not be loaded.
        KernelError: there is no kernel to work in.
        ModelError: the model could not be used. Like a fault of the kernel, it ends
            the run with what it has once a step has been tried.
    """
    return as_they_happen(desk, _work(desk, question))


async def _work(desk: Desk, question: str) -> None:
    """The story of a question."""
    began = time.monotonic()
    await desk.model.prepare()
    await start(desk, question, model=desk.model.name)
    try:
        await undo_failure(desk)
        if not tables(desk.journal.events):
            await desk.hurry(desk.kernel.start())
            for cell in desk.data.cells:
                await run_loading_cell(desk, cell)
            await look(desk)
        while not (ended := _ended(desk)):
            await _turn(desk)
        stop, reason = ended
    except Halted as halted:
        stop, reason = halted.stop, HALTED[halted.stop]
    except (ModelError, KernelError) as fault:
        if not _has_worked(desk):
            raise
        stop, reason = "failed", str(fault)
    await finish(desk, began, stop=stop, reason=reason)


async def _turn(desk: Desk) -> None:
    """One turn of the model, and all that follows from it."""
    reply = await _think(desk)
    text = reply.text
    if latest(desk.facts, PlanMade) is None:
        plan, text = read_plan(text)
        if plan:
            await desk.add(PlanMade(steps=plan, origin="model"))
        elif reply.calls:
            await desk.add(PlanMade(steps=DEFAULT_PLAN, origin="default"))
    if reply.calls:
        await act(desk, reply)
        return
    problem = _not_an_answer(desk, reply, text)
    if problem:
        await desk.add(ModelPrompted(about="go_on", text=problem))
    else:
        await tell(desk, text)


def _not_an_answer(desk: Desk, reply: ReplyReceived, text: str) -> str:
    """Why a reply without calls is not taken as the answer, or an empty text.

    Models also think aloud between two calls. While there is work to do, words alone
    are taken as the answer only when the model stays with words.
    """
    if reply.truncated:
        return "Your message was cut off. Say it in fewer words."
    if not reply.text.strip():
        return "Continue: call a tool, or give the answer."
    if not text:
        return "Good. Go on with the first step: call a tool."
    state = progress(desk.facts)
    if state.has_ended or _was_told_to_go_on(desk):
        return ""
    return (
        "Is this the whole answer? Then send it with summarize_findings. If not, go on "
        "with the next step: call a tool."
    )


def _was_told_to_go_on(desk: Desk) -> bool:
    """Whether the model was asked to go on just before its last reply."""
    asked = [e for e in desk.facts if isinstance(e, ModelPrompted | ReplyReceived)]
    return len(asked) > 1 and isinstance(asked[-2], ModelPrompted)


async def _think(desk: Desk) -> ReplyReceived:
    """Let the model take its turn."""
    began = time.monotonic()
    events = desk.journal.events
    request = Request(
        messages=conversation(events, desk.settings),
        tools=TOOLS,
        question=next(e.text for e in reversed(events) if isinstance(e, RunStarted)),
        tables=tables(events),
    )
    async with aclosing(desk.watch(desk.model.stream(request))) as stream:
        async for item in stream:
            if isinstance(item, str):
                await desk.add(TextDelta(text=item))
                continue
            if item.refused:
                raise ModelRefused(f"The model's provider refused: {item.text}")
            return await desk.add(
                ReplyReceived(
                    text=item.text,
                    calls=item.calls,
                    usage=item.usage,
                    seconds=time.monotonic() - began,
                    truncated=item.truncated,
                )
            )
    raise ModelUnavailable(f"The model {desk.model.name} ended without a reply.")


def _ended(desk: Desk) -> tuple[Stop, str] | None:
    """Why the run is over, or None. Looked at before each request."""
    facts = desk.facts
    given = latest(facts, AnswerGiven)
    if given is not None:
        if progress(facts).given_up or progress(facts).is_open:
            return "partial", "A step was given up; the answer rests on the others."
        if not given.complete:
            return "partial", "Some numbers of the answer could not be computed."
        return "answered", ""
    limit = _limit(desk)
    if limit:
        return limit
    replies = [e for e in facts if isinstance(e, ReplyReceived)]
    empty = [e for e in replies if not e.calls and not e.text.strip()]
    if len(empty) > _MAX_EMPTY_REPLIES:
        return "failed", "The model sent empty replies: try another model."
    return None


def _limit(desk: Desk) -> tuple[Stop, str] | None:
    """The limit that the next request would break, or None."""
    settings = desk.settings
    turns = sum(isinstance(e, ReplyReceived) for e in desk.facts)
    if turns >= settings.max_steps:
        return "steps", f"The {settings.max_steps} turns allowed were used up."
    used = usage(desk).tokens
    if settings.max_tokens is not None and used >= settings.max_tokens:
        return "tokens", f"{used:,} of the {settings.max_tokens:,} tokens were used."
    if desk.deadline is not None and time.monotonic() >= desk.deadline:
        return "seconds", HALTED["seconds"]
    return None


def _has_worked(desk: Desk) -> bool:
    """Whether a step of this question was tried: then there is something to keep."""
    return any(isinstance(e, CellStarted) and e.role == "step" for e in desk.facts)
