"""How many tokens a text takes, guessed from its length.

Counted with the vocabulary of OpenAI's models (o200k) over real prompts, a token is
about 2.5 bytes of tables and printed numbers, 3.7 of code and 4.3 of prose. Other
vocabularies are near enough for budgets; what a server reports corrects the guess.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Literal, TypeAlias

from analyst.seams import Message, Request, Tool

__all__ = ["estimate", "estimate_messages", "estimate_request"]

Kind: TypeAlias = Literal["data", "code", "prose"]

_BYTES_A_TOKEN: dict[Kind, float] = {"data": 2.5, "code": 3.7, "prose": 4.3}
_OF_ROLE: dict[str, Kind] = {
    "system": "prose",
    "user": "data",  # the profile is in there
    "assistant": "prose",
    "tool": "data",
}
_TOKENS_A_MESSAGE = 4
_TOKENS_AN_IMAGE = 800
"""Of about 768 x 512 pixels, the dearer of the ways in which providers count."""


def estimate(text: str, kind: Kind) -> float:
    """Tokens of a text.

    >>> round(estimate("x" * 37, "code"))
    10
    """
    return len(text.encode("utf-8", "replace")) / _BYTES_A_TOKEN[kind]


def estimate_messages(messages: Iterable[Message]) -> int:
    """Tokens of messages, what they ask for included."""
    return round(sum(map(_of_message, messages)))


def estimate_request(request: Request) -> int:
    """Tokens that a server will read for a request."""
    return estimate_messages(request.messages) + round(
        sum(map(_of_tool, request.tools))
    )


def _of_message(message: Message) -> float:
    calls = sum(
        estimate(call.name, "code") + estimate(call.arguments, "code")
        for call in message.calls
    )
    images = _TOKENS_AN_IMAGE * len(message.images)
    text = estimate(message.text, _OF_ROLE[message.role])
    return _TOKENS_A_MESSAGE + text + calls + images


def _of_tool(tool: Tool) -> float:
    schema = json.dumps(dict(tool.parameters), default=str)
    return estimate(tool.description, "prose") + estimate(schema, "code")
