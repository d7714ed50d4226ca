"""The wire that almost every server knows: chat completions, with tools.

Only what is needed is sent, in the order in which servers keep it: what never changes
comes first, the conversation last, so that one request begins with the bytes of the
one before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from analyst.models.reading.replies import ReplyReader
from analyst.models.sendable import sendable, sendable_arguments
from analyst.models.server.endpoint import Endpoint
from analyst.models.server.quirks import Quirks
from analyst.models.wires.turns import in_turns
from analyst.seams import Message, Request, Tool

__all__ = [
    "PATH",
    "body",
    "limited",
    "reader",
    "streamed",
    "wire_messages",
    "wire_tools",
]

PATH = "/chat/completions"
_IMAGE = "data:image/png;base64,"


def body(request: Request, endpoint: Endpoint, quirks: Quirks) -> dict[str, Any]:
    """A request, as it is sent."""
    wire: dict[str, Any] = {"model": endpoint.model, **streamed(quirks)}
    if request.tools:
        wire["tools"] = wire_tools(request.tools)
    wire["messages"] = wire_messages(request.messages, quirks)
    return wire | limited(request, endpoint, quirks)


def reader(request: Request) -> ReplyReader:
    """Who reads the reply."""
    return ReplyReader(request)


def streamed(quirks: Quirks) -> dict[str, Any]:
    """Asks for a stream that ends with the usage, as far as the server knows how."""
    if quirks.whole:
        return {}
    if "stream_options" in quirks.refused:
        return {"stream": True}
    return {"stream": True, "stream_options": {"include_usage": True}}


def limited(request: Request, endpoint: Endpoint, quirks: Quirks) -> dict[str, Any]:
    """The limit of the reply, under the name by which the server knows it."""
    if request.max_output_tokens is None or not quirks.limits:
        return {}
    names = ["max_tokens", "max_completion_tokens"]
    if endpoint.is_openai or endpoint.is_azure:
        names.reverse()
    known = [name for name in names if name not in quirks.refused]
    return {known[0]: request.max_output_tokens} if known else {}


def wire_messages(
    messages: Iterable[Message], quirks: Quirks | None = None
) -> list[dict[str, Any]]:
    """Messages as they are sent: the same bytes for the same messages, every time."""
    quirks = quirks or Quirks()
    turns = in_turns(messages, bridges=quirks.bridges)
    return [_wire_message(message, quirks) for message in turns]


def _wire_message(message: Message, quirks: Quirks) -> dict[str, Any]:
    # Some servers refuse null as content, and most of them anything but text.
    wire: dict[str, Any] = {"role": message.role, "content": _content(message, quirks)}
    if message.role == "assistant" and quirks.reasoning:
        wire["reasoning_content"] = _reasoning(message.replay)
    if message.calls:
        wire["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {
                    "name": call.name,
                    "arguments": sendable_arguments(call.arguments),
                },
            }
            for call in message.calls
        ]
    if message.call:
        wire["tool_call_id"] = message.call
    return wire


def _content(message: Message, quirks: Quirks) -> str | list[dict[str, Any]]:
    text = sendable(message.text)
    if not message.images or not quirks.images:
        return text
    shown = [
        {"type": "image_url", "image_url": {"url": _IMAGE + image, "detail": "low"}}
        for image in message.images
    ]
    return [{"type": "text", "text": text}, *shown]


def _reasoning(replay: str) -> str:
    """The thinking that came with a turn; empty where none is known."""
    try:
        kept = json.loads(replay)
    except (ValueError, RecursionError):
        return ""
    thoughts = kept.get("reasoning_content") if isinstance(kept, Mapping) else ""
    return sendable(thoughts) if isinstance(thoughts, str) else ""


def wire_tools(tools: Iterable[Tool]) -> list[dict[str, Any]]:
    """Tools as they are sent, in the order given."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
            },
        }
        for tool in tools
    ]
