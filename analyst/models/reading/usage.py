"""How many tokens a reply took: as the server counted them, or guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analyst.events import ToolCall, Usage
from analyst.seams import Message, Request
from analyst.tokens import estimate_messages, estimate_request

__all__ = ["estimated_usage", "reported_usage"]


def reported_usage(usage: Mapping[str, Any]) -> Usage | None:
    """What the server says was used; None where it says nothing.

    Chat completions speak of prompts and completions, the Responses API of input and
    output; a few servers tell of their cache in a word of their own.
    """
    read = _first(usage, "prompt_tokens", "input_tokens")
    if not read:
        return None
    written = _first(usage, "completion_tokens", "output_tokens")
    cached = _detail(
        usage, "cached_tokens", "prompt_tokens_details", "input_tokens_details"
    ) or _first(usage, "prompt_cache_hit_tokens")
    thought = _detail(
        usage,
        "reasoning_tokens",
        "completion_tokens_details",
        "output_tokens_details",
    )
    return Usage(
        fresh_tokens=max(read - cached, 0),
        cached_tokens=min(cached, read),
        output_tokens=written,
        reasoning_tokens=min(thought, written),
        requests=1,
    )


def estimated_usage(request: Request, prose: str, calls: Sequence[ToolCall]) -> Usage:
    """Tokens guessed from lengths, marked as such."""
    said = Message(role="assistant", text=prose, calls=tuple(calls))
    return Usage(
        fresh_tokens=estimate_request(request),
        output_tokens=estimate_messages([said]),
        requests=1,
        estimated=True,
    )


def _first(usage: Mapping[str, Any], *names: str) -> int:
    return next(filter(None, (_count(usage.get(name)) for name in names)), 0)


def _detail(usage: Mapping[str, Any], name: str, *groups: str) -> int:
    details = (usage.get(group) for group in groups)
    found = (_count(each.get(name)) for each in details if isinstance(each, Mapping))
    return next(filter(None, found), 0)


def _count(value: object) -> int:
    return max(value, 0) if isinstance(value, int) else 0
