"""Speaking as an OpenAI-compatible server does: the readers the other way round.

A `Reply` becomes the JSON of a whole answer or the pieces of a stream, over chat
completions and over the Responses API.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analyst.events import ToolCall, Usage
from analyst.seams import Reply

__all__ = ["chunks", "completion", "events", "pieces", "response"]

_PIECES = 4
"""Into how many chunks a text is cut, at most."""


def completion(reply: Reply, *, model: str) -> dict[str, Any]:
    """The reply as one whole."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text}
    if reply.calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in reply.calls
        ]
    choice = {"index": 0, "message": message, "finish_reason": _finish_reason(reply)}
    whole = _envelope(model, "chat.completion") | {"choices": [choice]}
    return whole | ({"usage": _usage(reply.usage)} if reply.usage.tokens else {})


def chunks(
    reply: Reply, *, model: str, include_usage: bool = True
) -> Iterator[dict[str, Any]]:
    """The reply as the chunks of a stream.

    A reply without tokens goes without usage, as it does at servers that count none.
    """
    envelope = _envelope(model, "chat.completion.chunk")

    def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return envelope | {"choices": [choice]}

    yield chunk({"role": "assistant", "content": ""})
    for piece in pieces(reply.text):
        yield chunk({"content": piece})
    for index, call in enumerate(reply.calls):
        function = {"name": call.name, "arguments": ""}
        head = {"index": index, "id": call.id, "type": "function", "function": function}
        yield chunk({"tool_calls": [head]})
        for piece in pieces(call.arguments):
            part = {"index": index, "function": {"arguments": piece}}
            yield chunk({"tool_calls": [part]})
    yield chunk({}, _finish_reason(reply))
    if include_usage and reply.usage.tokens:
        yield envelope | {"choices": [], "usage": _usage(reply.usage)}


def response(reply: Reply, *, model: str) -> dict[str, Any]:
    """The reply as one whole of the Responses API."""
    whole: dict[str, Any] = {
        "id": "resp_1",
        "object": "response",
        "created_at": 0,
        "model": model,
        "status": "incomplete" if reply.truncated or reply.refused else "completed",
        "output": [_message(reply), *map(_function_call, reply.calls)],
    }
    if reply.truncated or reply.refused:
        reason = "content_filter" if reply.refused else "max_output_tokens"
        whole["incomplete_details"] = {"reason": reason}
    if not reply.text:
        del whole["output"][0]
    return whole | ({"usage": _tokens(reply.usage)} if reply.usage.tokens else {})


def events(reply: Reply, *, model: str) -> Iterator[dict[str, Any]]:
    """The reply as the events of a stream of the Responses API."""
    whole = response(reply, model=model)
    begun = whole | {"status": "in_progress", "output": []}
    yield {"type": "response.created", "response": begun}
    for index, item in enumerate(whole["output"]):
        place = {"output_index": index, "item_id": item["id"]}
        is_call = item["type"] == "function_call"
        empty: dict[str, Any] = {"arguments": ""} if is_call else {"content": []}
        yield {"type": "response.output_item.added", "item": item | empty} | place
        what = "function_call_arguments" if is_call else "output_text"
        text = item["arguments"] if is_call else reply.text
        for piece in pieces(text):
            yield {"type": f"response.{what}.delta", "delta": piece} | place
        yield {"type": "response.output_item.done", "item": item} | place
    yield {"type": f"response.{whole['status']}", "response": whole}


def _message(reply: Reply) -> dict[str, Any]:
    content = {"type": "output_text", "text": reply.text, "annotations": []}
    return {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": [content],
    }


def _function_call(call: ToolCall) -> dict[str, Any]:
    return {
        "type": "function_call",
        "id": f"fc_{call.id}",
        "call_id": call.id,
        "name": call.name,
        "arguments": call.arguments,
        "status": "completed",
    }


def _tokens(usage: Usage) -> dict[str, Any]:
    read = usage.fresh_tokens + usage.cached_tokens
    return {
        "input_tokens": read,
        "output_tokens": usage.output_tokens,
        "total_tokens": read + usage.output_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens},
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }


def pieces(text: str, count: int = _PIECES) -> Iterator[str]:
    """The text, cut into at most `count` pieces."""
    size = max(1, -(-len(text) // count))
    return (text[start : start + size] for start in range(0, len(text), size))


def _envelope(model: str, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 0, "model": model}


def _finish_reason(reply: Reply) -> str:
    if reply.refused:
        return "content_filter"
    if reply.truncated:
        return "length"
    return "tool_calls" if reply.calls else "stop"


def _usage(usage: Usage) -> dict[str, Any]:
    read = usage.fresh_tokens + usage.cached_tokens
    return {
        "prompt_tokens": read,
        "completion_tokens": usage.output_tokens,
        "total_tokens": read + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }
