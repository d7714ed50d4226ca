"""The Responses API, without state at the server: what its reasoning models want.

Nothing is stored there. What the server thought comes back encrypted; it is kept with
the turn and sent again, so that the model can go on where it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analyst.models.reading.response_reader import ResponseReader
from analyst.models.sendable import sendable, sendable_arguments
from analyst.models.server.endpoint import Endpoint
from analyst.models.server.quirks import Quirks
from analyst.models.wires.turns import in_turns
from analyst.seams import Message, Request, Tool

__all__ = ["PATH", "body", "reader", "wire_input"]

PATH = "/responses"
_LEAST_OUTPUT_TOKENS = 16
_IMAGE = "data:image/png;base64,"
_ENCRYPTED = "reasoning.encrypted_content"


def body(request: Request, endpoint: Endpoint, quirks: Quirks) -> dict[str, Any]:
    """A request, as it is sent."""
    messages = request.messages
    wire: dict[str, Any] = {
        "model": endpoint.model,
        "store": False,
        "include": [_ENCRYPTED],
        "stream": True,
    }
    if request.tools:
        wire["tools"] = [_wire_tool(tool) for tool in request.tools]
    if messages and messages[0].role == "system":
        wire["instructions"] = sendable(messages[0].text)
        messages = messages[1:]
    wire["input"] = wire_input(messages, quirks)
    if request.max_output_tokens is not None and quirks.limits:
        most = max(request.max_output_tokens, _LEAST_OUTPUT_TOKENS)
        wire["max_output_tokens"] = most
    return {name: part for name, part in wire.items() if name not in quirks.refused}


def reader(request: Request) -> ResponseReader:
    """Who reads the reply."""
    return ResponseReader(request)


def wire_input(messages: Sequence[Message], quirks: Quirks) -> list[dict[str, Any]]:
    """Messages as the items that are sent: the same bytes every time."""
    turns = in_turns(messages, bridges=quirks.bridges)
    return [item for message in turns for item in _items(message, quirks)]


def _items(message: Message, quirks: Quirks) -> Iterator[dict[str, Any]]:
    if message.role == "tool":
        yield {
            "type": "function_call_output",
            "call_id": message.call,
            "output": sendable(message.text),
        }
        return
    kept = _kept(message)
    if kept:
        yield from kept
        return
    if message.text or not message.calls:
        yield {"role": message.role, "content": _content(message, quirks)}
    for call in message.calls:
        yield {
            "type": "function_call",
            "call_id": call.id,
            "name": call.name,
            "arguments": sendable_arguments(call.arguments),
        }


def _kept(message: Message) -> list[dict[str, Any]]:
    """The items that the turn was made of; none where they are not this turn's."""
    try:
        items = json.loads(sendable(message.replay))
    except (ValueError, RecursionError):
        return []
    if not isinstance(items, list):
        return []
    if not all(isinstance(item, dict) and item.get("type") for item in items):
        return []
    asked = [i.get("call_id") for i in items if i["type"] == "function_call"]
    return items if asked == [call.id for call in message.calls] else []


def _content(message: Message, quirks: Quirks) -> str | list[dict[str, Any]]:
    text = sendable(message.text)
    if not message.images or not quirks.images:
        return text
    shown = [
        {"type": "input_image", "image_url": _IMAGE + image, "detail": "low"}
        for image in message.images
    ]
    return [{"type": "input_text", "text": text}, *shown]


def _wire_tool(tool: Tool) -> Mapping[str, Any]:
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
        "strict": False,
    }
