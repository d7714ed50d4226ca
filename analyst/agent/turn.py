"""One turn of the model: the request, made short where it must be, and the reply."""

from __future__ import annotations

import time
from contextlib import aclosing

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
from analyst.seams import Request

__all__ = ["next_request", "take_turn"]

_FULL = 0.7
"""The share of its window from which on the model reads old results in short."""


def next_request(desk: Desk, *, max_output_tokens: int | None = None) -> Request:
    """All that the model may know for its next turn."""
    events = desk.journal.events
    return Request(
        messages=conversation(events, desk.settings),
        tools=TOOLS,
        question=next(e.text for e in reversed(events) if isinstance(e, RunStarted)),
        tables=tables(events),
        max_output_tokens=max_output_tokens,
    )


async def take_turn(desk: Desk, *, max_output_tokens: int | None) -> ReplyReceived:
    """Let the model take its turn.

    Raises:
        ModelError: it could not.
    """
    request = next_request(desk, max_output_tokens=max_output_tokens)
    tokens = coming_tokens(desk, request)
    if tokens > _FULL * desk.model.window_tokens and await _compact(desk, tokens):
        request = next_request(desk, max_output_tokens=max_output_tokens)
    try:
        return await _ask(desk, request)
    except ContextTooLong:
        if not await _compact(desk, tokens, all_of_it=True):
            raise
        return await _ask(desk, next_request(desk, max_output_tokens=max_output_tokens))


async def _ask(desk: Desk, request: Request) -> ReplyReceived:
    began = time.monotonic()
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
                    wire=item.wire,
                    notes=item.notes,
                    replay=item.replay,
                )
            )
    raise ModelUnavailable(f"The model {desk.model.name} ended without a reply.")


async def _compact(desk: Desk, tokens: int, *, all_of_it: bool = False) -> bool:
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
