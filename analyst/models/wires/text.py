"""The wire for models and servers without tools: text alone, code in fenced blocks.

The system message says how to ask; what was asked before and what came back stand in
the conversation in the same form. Messages of one role in a row are joined, since the
templates of many models want the roles to take turns.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from analyst.arguments import read_arguments
from analyst.events import ToolCall
from analyst.models.reading.replies import ReplyReader
from analyst.models.server.endpoint import Endpoint
from analyst.models.server.quirks import Quirks
from analyst.models.wires import chat
from analyst.models.wires.turns import in_turns
from analyst.seams import Message, Request, Tool

__all__ = ["PATH", "body", "in_blocks", "plain_messages", "reader"]

PATH = chat.PATH
_HOW_TO_ASK = """\
You cannot call tools here. In place of a call write one fenced block and stop: it is \
run, and the next message brings its result. Never write a result yourself. Only the \
first block of a message counts; its first line says which tool it stands for:"""
_NO_CALLS = "A message without such a block is taken for the answer."


def body(request: Request, endpoint: Endpoint, quirks: Quirks) -> dict[str, Any]:
    """A request, as it is sent."""
    messages = plain_messages(request.messages, request.tools)
    return {
        "model": endpoint.model,
        **chat.streamed(quirks),
        "messages": chat.wire_messages(messages, quirks),
        **chat.limited(request, endpoint, quirks),
    }


def reader(request: Request) -> ReplyReader:
    """Who reads the reply."""
    return ReplyReader(request, is_text=True)


def plain_messages(
    messages: Sequence[Message], tools: Sequence[Tool]
) -> tuple[Message, ...]:
    """The conversation without tools: system, user and assistant, in turns."""
    plain = [_plain(message, tools) for message in _with_manual(messages, tools)]
    return tuple(in_turns(plain))


def in_blocks(text: str, calls: Sequence[ToolCall], tools: Sequence[Tool]) -> str:
    """A turn as a model without tools writes it.

    Example:
        >>> run = Tool(
        ...     name="run", description="", parameters={}, fence="python", main="code"
        ... )
        >>> asked = ToolCall(id="1", name="run", arguments='{"code": "1 + 1"}')
        >>> print(in_blocks("Add.", [asked], [run]))
        Add.
        <BLANKLINE>
        ```python
        1 + 1
        ```
    """
    known = {tool.name: tool for tool in tools}
    blocks = [_block(call, known.get(call.name)) for call in calls]
    return "\n\n".join(filter(None, [text.rstrip(), *blocks]))


def _with_manual(
    messages: Sequence[Message], tools: Sequence[Tool]
) -> tuple[Message, ...]:
    """The messages, the first of which says how to ask."""
    if not tools:
        return tuple(messages)
    manual = _manual(tools)
    if messages and messages[0].role == "system":
        first = replace(messages[0], text=f"{messages[0].text}\n\n{manual}")
        return (first, *messages[1:])
    return (Message(role="system", text=manual), *messages)


def _manual(tools: Sequence[Tool]) -> str:
    return "\n".join([_HOW_TO_ASK, *map(_entry, tools), _NO_CALLS])


def _entry(tool: Tool) -> str:
    """How to ask for one tool."""
    about = " ".join(tool.description.split())
    if tool.main:
        return f"- ```{tool.fence} for {tool.name}: the {tool.main} alone. {about}"
    schema = json.dumps(dict(tool.parameters), ensure_ascii=False)
    return f"- ```{tool.fence or 'json'} for {tool.name}: JSON as {schema}. {about}"


def _plain(message: Message, tools: Sequence[Tool]) -> Message:
    """One message without calls: they are blocks, and their results the user's."""
    if message.role == "tool":
        return Message(role="user", text=f"Result:\n{message.text}")
    if not message.calls:
        return message
    text = in_blocks(message.text, message.calls, tools)
    return replace(message, text=text, calls=())


def _block(call: ToolCall, tool: Tool | None) -> str:
    """A call as a fenced block."""
    if tool is None:
        named = {"name": call.name, "arguments": call.arguments}
        return _fenced("json", json.dumps(named, ensure_ascii=False))
    language = tool.fence or "json"
    if not tool.main:
        return _fenced(language, call.arguments)
    try:
        arguments: Mapping[str, Any] = read_arguments(call.arguments, only=tool.main)
    except ValueError:
        arguments = {}
    main = arguments.get(tool.main)
    return _fenced(language, main if isinstance(main, str) else call.arguments)


def _fenced(language: str, text: str) -> str:
    ticks = "```"
    while ticks in text:
        ticks += "`"
    return f"{ticks}{language}\n{text.rstrip()}\n{ticks}"
