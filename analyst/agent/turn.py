"""One turn of the model: the request, made short where it must be, and the reply."""

from __future__ import annotations

import time
from contextlib import aclosing
from dataclasses import replace

from analyst.agent.budget import coming_tokens
from analyst.agent.conversation import conversation
from analyst.agent.desk import Desk
from analyst.agent.memory import tables
from analyst.agent.tools import TOOLS
from analyst.errors import ContextTooLong, ModelRefused, ModelUnavailable
from analyst.events import (
    CallAnswered,
    CellFinished,
    ConversationCompacted,
    ReplyReceived,
    RunStarted,
    TextDelta,
    latest,
)
from analyst.quoting import quoted
from analyst.seams import Request

__all__ = ["compact", "next_request", "take_turn"]

_REFUSAL_CHARS = 200
_FULL = 0.7
"""The share of its window from which on the model reads old results in short."""


def next_request(desk: Desk) -> Request:
    """All that the model may know for its next turn."""
    events = desk.journal.events
    return Request(
        messages=conversation(events, desk.settings),
        tools=TOOLS,
        question=next(e.text for e in reversed(events) if isinstance(e, RunStarted)),
        tables=tables(events),
    )


async def take_turn(desk: Desk, request: Request) -> ReplyReceived:
    """Let the model take its turn.

    Raises:
        ModelError: it could not.
    """
    tokens = coming_tokens(desk, request)
    if tokens > _FULL * desk.model.window_tokens and await compact(desk, tokens):
        request = _made_anew(desk, request)
    try:
        return await _ask(desk, request)
    except ContextTooLong:
        if not await compact(desk, tokens, all_of_it=True):
            raise
        return await _ask(desk, _made_anew(desk, request))


def _made_anew(desk: Desk, request: Request) -> Request:
    """The request as the facts have it now."""
    anew = next_request(desk)
    return replace(anew, max_output_tokens=request.max_output_tokens)


async def _ask(desk: Desk, request: Request) -> ReplyReceived:
    began = time.monotonic()
    async with aclosing(desk.watch(desk.model.stream(request))) as stream:
        async for item in stream:
            if isinstance(item, str):
                await desk.add(TextDelta(text=item))
                continue
            reply = await desk.add(
                ReplyReceived(
                    text=item.text,
                    calls=item.calls,
                    usage=item.usage,
                    seconds=time.monotonic() - began,
                    truncated=item.truncated,
                    wire=item.wire,
                    notes=item.notes,
                    replay=item.replay,
                )
            )
            if item.refused:
                said = quoted(item.text, _REFUSAL_CHARS)
                raise ModelRefused(
                    f"The provider of {desk.model.name} refused to answer"
                    + (f' (it says: "{said.rstrip(".")}")' if said else "")
                    + ": put the question in other words, or choose another model "
                    "with --model."
                )
            return reply
    raise ModelUnavailable(f"The model {desk.model.name} ended without a reply.")


async def compact(desk: Desk, tokens: int, *, all_of_it: bool = False) -> bool:
    """Have old results told in short; False where there is nothing left to shorten.

    The results of the newest reply stay as they are, unless `all_of_it`.
    """
    events = desk.journal.events
    reply = latest(events, ReplyReceived)
    if reply is None:
        return False
    through = events[-1].seq if all_of_it else reply.seq
    before = latest(events, ConversationCompacted)
    told = [
        e.seq
        for e in events
        if isinstance(e, CellFinished | CallAnswered) and e.seq <= through
    ]
    if not told or (before is not None and told[-1] <= before.through):
        return False
    await desk.add(ConversationCompacted(through=through, tokens=tokens))
    return True
