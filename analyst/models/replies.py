"""Reading what servers send as a reply, tolerantly.

There are many servers that call themselves compatible, and each is so in its own way:
calls that share an index or have none, ids that are empty or repeated, arguments that
are no text, thinking mixed into the text. All of that is read here, from plain dicts,
into one `Reply`; nothing here knows the network.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyst.events import ToolCall, Usage
from analyst.seams import Message, Reply, Request
from analyst.tokens import estimate_messages, estimate_request

__all__ = ["NotAReply", "ReplyReader", "estimate_usage", "read_model_names"]

_CUT = {"length", "max_tokens"}


class NotAReply(Exception):  # noqa: N818 - reads as what was found
    """It is no reply of an OpenAI-compatible server; the message says what it is."""


@dataclass(slots=True)
class _Call:
    """A call, as far as it has come."""

    index: int | None
    id: str
    name: str = ""
    arguments: str = ""

    def goes_on_with(self, piece: _Call) -> bool | None:
        """Whether `piece` belongs to this call; None where nothing tells."""
        if self._is_over_before(piece):
            return False
        if self.id and piece.id and self.id != piece.id:
            return False
        if self.index is not None and piece.index is not None:
            return self.index == piece.index
        if self.id and piece.id:
            return True
        return False if piece.name not in {"", self.name} else None

    def _is_over_before(self, piece: _Call) -> bool:
        """A name after arguments begins another call, unless it is only repeated."""
        if not piece.name or not self.arguments:
            return False
        if piece.name != self.name:
            return True
        return bool(piece.arguments.strip()) and _is_object(self.arguments)

    def add(self, piece: _Call) -> None:
        self.id = self.id or piece.id
        if piece.name != self.name:
            self.name += piece.name
        self.arguments += piece.arguments


class ReplyReader:
    """Reads one reply, piece by piece.

    Example:
        >>> reader = ReplyReader(request)  # doctest: +SKIP
        >>> for chunk in chunks:  # doctest: +SKIP
        ...     print(reader.add(chunk), end="")
        >>> print(reader.end())  # doctest: +SKIP
        >>> reader.reply().calls  # doctest: +SKIP
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._text = ""
        self._thoughts = ""
        self._said = 0
        self._calls: list[_Call] = []
        self._finish = ""
        self._refused = False
        self._usage: Mapping[str, Any] = {}
        self.has_begun = False
        """Something came that only a reply has."""

    def add(self, piece: object) -> str:
        """Take in a chunk, and return the text that it adds.

        Raises:
            NotAReply: it is no chunk of a reply.
        """
        if not isinstance(piece, Mapping):
            raise NotAReply(str(piece))
        choices = piece.get("choices")
        if piece.get("error") and not choices:
            raise NotAReply(json.dumps(piece["error"], default=str))
        if isinstance(choices, list):
            self.has_begun = True
            for choice in choices:
                if isinstance(choice, Mapping):
                    self._add_choice(choice)
        if isinstance(piece.get("usage"), Mapping):
            self._usage = piece["usage"] or self._usage
        return self._newly_said(ended=False)

    def end(self) -> str:
        """Text that was held back because it could have become thinking.

        Raises:
            NotAReply: all the pieces together are no reply.
        """
        if not self.has_begun:
            raise NotAReply("")
        return self._newly_said(ended=True)

    def reply(self) -> Reply:
        """All that was read, once it has ended."""
        text = _spoken(self._text, ended=True)
        calls = tuple(self._numbered_calls())
        return Reply(
            text=text,
            calls=calls,
            usage=_reported_usage(self._usage)
            or estimate_usage(self._request, text + self._thoughts, calls),
            truncated=not self._finish or self._finish in _CUT,
            refused=self._refused,
        )

    def _add_choice(self, choice: Mapping[str, Any]) -> None:
        whole = not isinstance(choice.get("delta"), Mapping)
        delta = choice.get("message") if whole else choice["delta"]
        self._finish = _text_of(choice.get("finish_reason")) or self._finish
        self._refused |= self._finish == "content_filter"
        if not isinstance(delta, Mapping):
            return
        refusal = _text_of(delta.get("refusal"))
        self._refused |= bool(refusal)
        self._text += _text_of(delta.get("content")) + refusal
        self._thoughts += _text_of(delta.get("reasoning_content")) or _text_of(
            delta.get("reasoning")
        )
        calls = delta.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            if isinstance(call, Mapping):
                self._add_call(_read_call(call), is_whole=whole)

    def _add_call(self, piece: _Call, *, is_whole: bool) -> None:
        if not is_whole:
            for call in reversed(self._calls):
                goes_on = call.goes_on_with(piece)
                if goes_on or (goes_on is None and call is self._calls[-1]):
                    call.add(piece)
                    return
        self._calls.append(piece)

    def _newly_said(self, *, ended: bool) -> str:
        spoken = _spoken(self._text, ended=ended)
        new = spoken[self._said :]
        self._said = len(spoken)
        return new

    def _numbered_calls(self) -> Iterator[ToolCall]:
        """The calls, with an id of our own where the server's is empty or not new."""
        taken = {
            call.id for message in self._request.messages for call in message.calls
        }
        number = len(taken)
        for call in self._calls:
            if not call.name and not call.arguments:
                continue
            id_ = call.id
            while not id_ or id_ in taken:
                number += 1
                id_ = f"call_{number}"
            taken.add(id_)
            yield ToolCall(id=id_, name=call.name, arguments=call.arguments)


def _read_call(call: Mapping[str, Any]) -> _Call:
    function = call.get("function")
    function = function if isinstance(function, Mapping) else {}
    index = call.get("index")
    arguments = function.get("arguments")
    if arguments is not None and not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False, default=str)
    return _Call(
        index=index if isinstance(index, int) else None,
        id=_text_of(call.get("id")),
        name=_text_of(function.get("name")),
        arguments=arguments or "",
    )


def _text_of(content: object) -> str:
    """Text, also where it comes as a list of parts."""
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, Mapping))
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _spoken(text: str, *, ended: bool) -> str:
    """The part of `text` that is meant for a reader: all but thinking at its head.

    What is spoken of a beginning is always a beginning of what is spoken of the whole,
    so that nothing that was shown has to be taken back.
    """
    start = text.lstrip()
    if start.startswith("<think>"):
        return start.partition("</think>")[2].lstrip()
    if not ended and "<think>".startswith(start):
        return ""
    return text


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _reported_usage(usage: Mapping[str, Any]) -> Usage | None:
    """What the server says was used; None where it says nothing."""
    read = _count(usage.get("prompt_tokens"))
    written = _count(usage.get("completion_tokens"))
    if not read:
        return None
    cached = _count(_detail(usage, "prompt_tokens_details", "cached_tokens"))
    thought = _count(_detail(usage, "completion_tokens_details", "reasoning_tokens"))
    return Usage(
        fresh_tokens=max(read - cached, 0),
        cached_tokens=min(cached, read),
        output_tokens=written,
        reasoning_tokens=min(thought, written),
        requests=1,
    )


def _detail(usage: Mapping[str, Any], group: str, name: str) -> object:
    details = usage.get(group)
    return details.get(name) if isinstance(details, Mapping) else None


def _count(value: object) -> int:
    return max(value, 0) if isinstance(value, int) else 0


def estimate_usage(request: Request, prose: str, calls: Sequence[ToolCall]) -> Usage:
    """Tokens guessed from lengths, marked as such."""
    said = Message(role="assistant", text=prose, calls=tuple(calls))
    return Usage(
        fresh_tokens=estimate_request(request),
        output_tokens=estimate_messages([said]),
        requests=1,
        estimated=True,
    )


def read_model_names(body: object) -> tuple[str, ...]:
    """The names in a server's list of models.

    Raises:
        NotAReply: it is no such list.
    """
    models = body.get("data", body.get("models")) if isinstance(body, Mapping) else body
    if not isinstance(models, list):
        raise NotAReply(str(body))
    names = (m.get("id") or m.get("name") for m in models if isinstance(m, Mapping))
    return tuple(name for name in names if isinstance(name, str))
