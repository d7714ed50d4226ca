"""The agent: one async generator of facts, from a question to its answer.

Look at the data, let the model plan, do what it asks for, show it what came out,
until it gives the answer or a limit is reached.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from dataclasses import replace

from analyst.agent.budget import (
    Outlook,
    check_price,
    is_last,
    look_ahead,
    reserve_seconds,
)
from analyst.agent.cells import undo_failure
from analyst.agent.conversation import prompt
from analyst.agent.desk import Desk, Halted
from analyst.agent.executor import act
from analyst.agent.frame import (
    as_they_happen,
    finish,
    look,
    run_loading_cell,
    sniff,
    start,
)
from analyst.agent.inspection import watch_figures
from analyst.agent.memory import progress, tables
from analyst.agent.narrator import give_held_answer, tell, tell_what_is_known
from analyst.agent.planner import DEFAULT_PLAN, read_plan
from analyst.agent.turn import compact, next_request, take_turn
from analyst.errors import KernelError, ModelError
from analyst.events import (
    AnswerGiven,
    CellStarted,
    Event,
    ModelPrompted,
    PlanMade,
    ReplyReceived,
    Stop,
    latest,
)
from analyst.seams import Request

__all__ = ["HALTED", "answer", "first_request"]

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
        SettingsError: a budget in money was set, and the price is not known.
        ModelError: the model could not be used. Like a fault of the kernel, it ends
            the run with what it has once a step has been tried.
    """
    return as_they_happen(desk, _work(desk, question))


async def first_request(desk: Desk, question: str) -> Request:
    """The request with which work on a question would begin; nothing is sent.

    Raises:
        InputError: the tables could not be loaded.
        KernelError: there is no kernel to load them in.
    """
    await start(desk, question, model=desk.model.name)
    await _open(desk)
    request = next_request(desk)
    outlook = look_ahead(desk, request)
    if outlook.verdict == "last":
        await _announce(desk, outlook)
        request = next_request(desk)
    return replace(request, max_output_tokens=outlook.max_output_tokens)


async def _work(desk: Desk, question: str) -> None:
    """The story of a question."""
    began = time.monotonic()
    await desk.model.prepare()
    check_price(desk)
    await start(desk, question, model=desk.model.name)
    try:
        await _open(desk)
        while not (ended := await _turn(desk) or _ended(desk)):
            pass
        stop, reason = ended
    except Halted as halted:
        stop, reason = halted.stop, HALTED[halted.stop]
    except (ModelError, KernelError) as fault:
        if not _has_worked(desk):
            raise
        if not isinstance(fault, KernelError):
            await give_held_answer(desk)
        stop, reason = "failed", str(fault)
    await finish(desk, began, stop=stop, reason=reason)


async def _open(desk: Desk) -> None:
    """Have the tables in the kernel, and nothing that failed."""
    await undo_failure(desk)
    if tables(desk.journal.events):
        return
    await desk.hurry(desk.kernel.start())
    await sniff(desk)
    for cell in desk.data.cells:
        await run_loading_cell(desk, cell)
    await look(desk)
    await watch_figures(desk)


async def _turn(desk: Desk) -> tuple[Stop, str] | None:
    """One turn of the model, and all that follows from it; why the run is over."""
    request = next_request(desk)
    outlook = look_ahead(desk, request)
    is_too_dear = outlook.verdict == "over" and outlook.limit in {"tokens", "cost"}
    if is_too_dear and await compact(desk, 0, all_of_it=True):
        # What was to be read is too much, but what was found out may still be told.
        request = next_request(desk)
        now = look_ahead(desk, request)
        is_over = now.verdict == "over"
        outlook = replace(
            outlook,
            verdict="over" if is_over else "last",
            max_output_tokens=now.max_output_tokens,
        )
    if outlook.verdict == "over":
        return await _over(desk, outlook)
    if outlook.verdict == "last":
        return await _last_turn(desk, outlook)
    _keep_time(desk)
    try:
        await _think_and_act(desk, request, outlook)
    except Halted as halted:
        if halted.stop != "seconds" or latest(desk.facts, ReplyReceived) is None:
            raise
        await _out_of_time(desk)
    return None


def _keep_time(desk: Desk) -> None:
    """Have work end while there is time left for the answer."""
    if desk.ends_at is not None:
        desk.deadline = desk.ends_at - reserve_seconds(desk)


async def _out_of_time(desk: Desk) -> None:
    """Undo what work was at when its time was up, in the time kept for the answer."""
    desk.deadline = desk.ends_at
    try:
        await undo_failure(desk)
    except Halted as halted:
        # Where all time is used up, the next look ahead says so.
        if halted.stop != "seconds":
            raise


async def _last_turn(desk: Desk, outlook: Outlook) -> tuple[Stop, str]:
    """The turn in which the model tells what is known, whatever is left undone."""
    desk.deadline = desk.ends_at
    await _announce(desk, outlook)
    reason = outlook.reason
    try:
        await _think_and_act(desk, next_request(desk), outlook)
    except Halted as halted:
        if halted.stop != "seconds":
            raise
    except ModelError as fault:
        if not _has_worked(desk):
            raise
        reason = f"{reason}, and the last request failed ({str(fault).rstrip('.')})"
    return await _over(desk, replace(outlook, reason=reason))


async def _announce(desk: Desk, outlook: Outlook) -> None:
    """Tell the model that its next reply is its last."""
    text = prompt("limit")
    await desk.add(ModelPrompted(about="limit", text=text, limit=outlook.limit))


async def _over(desk: Desk, outlook: Outlook) -> tuple[Stop, str]:
    """Nothing more can be asked: what is known is told by us, if it was not yet."""
    if latest(desk.facts, ReplyReceived) is None:
        return outlook.limit, f"{outlook.reason}: not even the first request fits."
    if latest(desk.facts, AnswerGiven) is None:
        desk.deadline = None
        await undo_failure(desk)
        await tell_what_is_known(desk, outlook.reason)
    return outlook.limit, f"{outlook.reason}; the answer rests on what was known."


async def _think_and_act(desk: Desk, request: Request, outlook: Outlook) -> None:
    allowed = outlook.max_output_tokens
    reply = await take_turn(desk, replace(request, max_output_tokens=allowed))
    if not is_last(desk):
        _keep_time(desk)
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
    if not reply.text.strip():
        return "Continue: call a tool, or give the answer."
    if is_last(desk) and text:
        return ""
    if reply.truncated:
        return "Your message was cut off. Say it in fewer words."
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
    replies = [e for e in facts if isinstance(e, ReplyReceived)]
    empty = [e for e in replies if not e.calls and not e.text.strip()]
    if len(empty) > _MAX_EMPTY_REPLIES:
        return "failed", "The model sent empty replies: try another model."
    return None


def _has_worked(desk: Desk) -> bool:
    """Whether a step of this question was tried: then there is something to keep."""
    return any(isinstance(e, CellStarted) and e.role == "step" for e in desk.facts)
