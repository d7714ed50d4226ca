"""What replies tell of a server that does not say it: no tools, no room."""

from __future__ import annotations

from analyst.seams import Reply, Request
from analyst.tokens import estimate_request

__all__ = ["cut_tokens", "is_lost"]

_CUT_SHARE = 0.6
_LEAST_TOKENS = 3_000
"""Of less than this an estimate says too little."""


def is_lost(request: Request, reply: Reply) -> bool:
    """Whether the model sends nothing, though it was told to go on."""
    if reply.text.strip() or reply.calls or reply.truncated or reply.refused:
        return False
    before = request.messages[-2:]
    if [message.role for message in before] != ["assistant", "user"]:
        return False
    return not (before[0].text.strip() or before[0].calls)


def cut_tokens(request: Request, reply: Reply) -> tuple[int, int] | None:
    """How many tokens the server read of how many, where it seems to have cut them.

    Some servers silently drop what does not fit.
    """
    estimate = estimate_request(request)
    read = reply.usage.fresh_tokens + reply.usage.cached_tokens
    if reply.usage.estimated or estimate <= _LEAST_TOKENS:
        return None
    return (read, estimate) if read < _CUT_SHARE * estimate else None
