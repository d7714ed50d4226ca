"""What a question may still use: turns, tokens, money and time, looked at beforehand.

One last reply is kept in reserve. A request is made only where the answer can still be
paid for after it; where it cannot, the request is the one for the answer.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from analyst.agent.desk import Desk
from analyst.agent.repetition import ALLOWED, times_repeated
from analyst.errors import SettingsError
from analyst.events import (
    ConversationCompacted,
    ModelPrompted,
    ReplyReceived,
    Usage,
    latest,
)
from analyst.seams import Message, Request
from analyst.tokens import estimate_messages, estimate_request

__all__ = [
    "Limit",
    "Outlook",
    "check_price",
    "coming_tokens",
    "is_last",
    "look_ahead",
    "reserve_seconds",
    "usage",
]

Limit: TypeAlias = Literal["steps", "tokens", "cost", "seconds"]

_ANSWER_TOKENS = 600
"""What findings and an answer take."""
_REPLY_TOKENS = 300
"""What a reply takes, until some are known."""
_LEAST_REPLY_TOKENS = 200
_LONG_REPLY_TOKENS = 4096
_UNSURE = 1.15
"""What an estimate is raised by until the server has counted."""
_RESERVE = 1.5
"""So many times the longest reply so far are kept for the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is left for the coming request."""

    verdict: Literal["go", "last", "over"] = "go"
    """`last`: the request must be the one for the answer. `over`: not even that."""
    limit: Limit = "steps"
    reason: str = ""
    """One sentence, where the verdict is not `go`."""
    max_output_tokens: int | None = None
    """How long the reply may become."""


def usage(desk: Desk) -> Usage:
    """What the model has used for the running question."""
    return sum(
        (e.usage for e in desk.facts if isinstance(e, ReplyReceived)), start=Usage()
    )


def check_price(desk: Desk) -> None:
    """See that a budget in money can be kept.

    Raises:
        SettingsError: it cannot, since nobody knows what the model costs.
    """
    if desk.settings.max_cost is None:
        return
    if desk.model.price(Usage(fresh_tokens=1000, requests=1)) is None:
        raise SettingsError(
            f"What {desk.model.name} costs is not known here, so --max-cost cannot be "
            "kept: pip install 'analyst[prices]' if it is a provider's model, or use "
            "--max-tokens."
        )


def is_last(desk: Desk) -> bool:
    """Whether the model was told, for the sake of a limit, to answer now."""
    return any(isinstance(e, ModelPrompted) and e.about == "limit" for e in desk.facts)


def look_ahead(desk: Desk, request: Request) -> Outlook:
    """What the limits say about sending `request` now. The strictest counts."""
    order = ("go", "last", "over")
    outlooks = list(_outlooks(desk, request))
    worst = max(outlooks, key=lambda outlook: order.index(outlook.verdict))
    caps = [o.max_output_tokens for o in outlooks if o.max_output_tokens is not None]
    return replace(worst, max_output_tokens=_sensible(desk, caps))


def _sensible(desk: Desk, caps: Sequence[int]) -> int | None:
    """How long the reply may become, where a reply could become that long.

    Servers refuse a limit that is longer than what their model can write.
    """
    cap = min(caps, default=None)
    longest = _typical_reply_tokens(desk) + _LONG_REPLY_TOKENS
    return None if cap is None or cap >= longest else cap


def _outlooks(desk: Desk, request: Request) -> Iterator[Outlook]:
    yield _of_turns(desk)
    yield _of_circles(desk)
    yield _of_seconds(desk)
    prompt = coming_tokens(desk, request)
    allowed = desk.settings.max_tokens
    if allowed is not None:
        used = usage(desk).tokens
        words = f"The {allowed:,} tokens allowed were nearly used up"
        yield _of_account(desk, prompt, allowed - used, "tokens", words)
    allowed_usd = desk.settings.max_cost
    if allowed_usd is not None:
        spent = usage(desk).cost_usd or 0.0
        words = f"The ${allowed_usd:g} allowed were nearly used up"
        yield _of_account(desk, prompt, allowed_usd - spent, "cost", words)


def _of_turns(desk: Desk) -> Outlook:
    turns = sum(isinstance(e, ReplyReceived) for e in desk.facts)
    left = desk.settings.max_steps - turns
    reason = f"The {desk.settings.max_steps} turns allowed were used up"
    verdict: Literal["go", "last", "over"] = "go" if left > 1 else "last"
    return Outlook(verdict=verdict if left else "over", limit="steps", reason=reason)


def _of_circles(desk: Desk) -> Outlook:
    if times_repeated(desk.facts) <= ALLOWED:
        return Outlook()
    reason = "The model kept sending the same code"
    return Outlook(verdict="last", limit="steps", reason=reason)


def _of_seconds(desk: Desk) -> Outlook:
    if desk.ends_at is None:
        return Outlook()
    left = desk.ends_at - time.monotonic()
    reserve = reserve_seconds(desk)
    reason = f"The {desk.settings.max_seconds:g} s allowed were used up"
    if left <= 0:
        return Outlook(verdict="over", limit="seconds", reason=reason)
    # A turn of work, the answer, and as much again for what lies between.
    verdict: Literal["go", "last"] = "go" if left > 2 * reserve else "last"
    return Outlook(verdict=verdict, limit="seconds", reason=reason)


def reserve_seconds(desk: Desk) -> float:
    """Time that is kept for the last reply: what replies took so far, and more."""
    took = [e.seconds for e in desk.facts if isinstance(e, ReplyReceived)]
    if not took or desk.settings.max_seconds is None:
        return 0.0
    return _RESERVE * max(took) + min(1.0, 0.1 * desk.settings.max_seconds)


def _of_account(
    desk: Desk,
    prompt: int,
    left: float,
    limit: Literal["tokens", "cost"],
    words: str,
) -> Outlook:
    """Whether `left`, in tokens or dollars, is enough for this request and the last."""

    def takes(read: float, written: float) -> float:
        if limit == "tokens":
            return read + written
        used = Usage(fresh_tokens=round(read), output_tokens=round(written), requests=1)
        return desk.model.price(used) or 0.0

    reply = _typical_reply_tokens(desk)
    later_prompt = prompt + reply + desk.settings.result_tokens
    last = takes(later_prompt, _ANSWER_TOKENS)
    a_token = takes(0, 1_000_000) / 1_000_000
    if takes(prompt, reply) + last <= left:
        # The longer this reply, the longer also what is read in the end.
        spare = left - takes(prompt, 0) - last
        a_token_twice = a_token + takes(1_000_000, 0) / 1_000_000
        most = max(int(spare / a_token_twice), reply) if a_token_twice else None
        return Outlook(limit=limit, max_output_tokens=most)
    spare = left - takes(prompt, 0)
    most = int(spare / a_token) if a_token else _ANSWER_TOKENS
    if most >= _LEAST_REPLY_TOKENS:
        return Outlook(
            verdict="last", limit=limit, reason=words, max_output_tokens=most
        )
    return Outlook(verdict="over", limit=limit, reason=words)


def _typical_reply_tokens(desk: Desk) -> int:
    wrote = [e.usage.output_tokens for e in desk.facts if isinstance(e, ReplyReceived)]
    return max(_REPLY_TOKENS, max(wrote, default=0))


def coming_tokens(desk: Desk, request: Request) -> int:
    """Tokens that the server will read for `request`.

    What it counted for the request before is taken as it is, and what has come since is
    estimated; before the first reply, and after a compaction, all of it.
    """
    events = desk.journal.events
    reply = latest(events, ReplyReceived)
    compacted = latest(events, ConversationCompacted)
    is_new = reply is None or (compacted is not None and compacted.seq > reply.seq)
    counted = reply.usage.fresh_tokens + reply.usage.cached_tokens if reply else 0
    if reply is None or is_new or reply.usage.estimated or not counted:
        return round(_UNSURE * estimate_request(request))
    since = _after_last_reply(request.messages)
    return counted + reply.usage.output_tokens + estimate_messages(since)


def _after_last_reply(messages: Sequence[Message]) -> Sequence[Message]:
    for at in range(len(messages) - 1, -1, -1):
        if messages[at].role == "assistant":
            return messages[at + 1 :]
    return messages
