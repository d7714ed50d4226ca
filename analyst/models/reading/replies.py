"""Reading what servers send as a reply over chat completions, tolerantly.

There are many servers that call themselves compatible, and each is so in its own way:
calls that share an index or have none, ids that are empty or repeated, arguments that
are no text, thinking mixed into the text. All of that is read here, from plain dicts,
into one `Reply`; nothing here knows the network.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from analyst.events import ToolCall
from analyst.models.reading.offer import WRITTEN_ID, Offer
from analyst.models.reading.speech import Speech
from analyst.models.reading.usage import estimated_usage, reported_usage
from analyst.models.server.frames import DONE, NotAReply
from analyst.seams import Reply, Request

__all__ = [
    "MAX_CALLS",
    "MAX_REPLAY_BYTES",
    "ReplyReader",
    "arguments_of",
    "numbered",
    "text_of",
]

MAX_REPLAY_BYTES = 200_000
"""Of what a server wants to see again; longer is left out."""

MAX_CALLS = 100
"""Of a reply; one that asks for more has lost its way, and counts as cut off."""

_CUT = {"length", "max_tokens"}


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

    Args:
        request: what it replies to.
        is_text: calls are asked for in fenced blocks, as the text wire does.

    Example:
        >>> reader = ReplyReader(request)  # doctest: +SKIP
        >>> for chunk in chunks:  # doctest: +SKIP
        ...     print(reader.add(chunk), end="")
        >>> print(reader.end())  # doctest: +SKIP
        >>> reader.reply().calls  # doctest: +SKIP
    """

    def __init__(self, request: Request, *, is_text: bool = False) -> None:
        self._request = request
        offer = Offer.of(request, is_text=is_text)
        self._speech = Speech(offer, first_only=is_text)
        self._thoughts = ""
        self._calls: list[_Call] = []
        self._finish = ""
        self._is_complete = False
        self._refused = False
        self._usage: Mapping[str, Any] = {}
        self.has_begun = False
        """Something came that only a reply has."""

    @property
    def wrote_code(self) -> bool:
        """The reply asks by a block of code alone, once it has ended."""
        return self._speech.wrote_code

    def add(self, piece: object) -> str:
        """Take in a chunk, and return the text that it adds.

        Raises:
            NotAReply: it is no chunk of a reply.
        """
        if piece is DONE:
            self._is_complete = True
            return ""
        if not isinstance(piece, Mapping):
            raise NotAReply(str(piece))
        choices = piece.get("choices")
        if piece.get("error") and not choices:
            raise NotAReply(json.dumps(piece["error"], default=str), piece["error"])
        said = ""
        if isinstance(choices, list):
            self.has_begun = True
            for choice in choices:
                if isinstance(choice, Mapping):
                    said += self._add_choice(choice)
        if isinstance(piece.get("usage"), Mapping):
            self._usage = piece["usage"] or self._usage
        return said

    def end(self) -> str:
        """Text that was held back because it could have become something else.

        Raises:
            NotAReply: all the pieces together are no reply.
        """
        if not self.has_begun:
            raise NotAReply("")
        return self._speech.end(has_calls=any(map(_is_call, self._calls)))

    def reply(self) -> Reply:
        """All that was read, once it has ended."""
        text = self._speech.text
        made = [(c.id, c.name, c.arguments) for c in self._calls if _is_call(c)]
        written = [(WRITTEN_ID, *call) for call in self._speech.calls]
        asked = made or written
        calls = tuple(numbered(self._request, asked[:MAX_CALLS]))
        thoughts = self._thoughts + self._speech.thoughts
        is_over = bool(self._finish) or self._is_complete
        is_cut = not is_over or self._finish in _CUT or len(asked) > MAX_CALLS
        return Reply(
            text=text,
            calls=calls,
            usage=reported_usage(self._usage)
            or estimated_usage(self._request, text + thoughts, calls),
            truncated=is_cut,
            refused=self._refused,
            replay=_replay(self._thoughts),
        )

    def _add_choice(self, choice: Mapping[str, Any]) -> str:
        whole = not isinstance(choice.get("delta"), Mapping)
        delta = choice.get("message") if whole else choice["delta"]
        self._finish = text_of(choice.get("finish_reason")) or self._finish
        self._refused |= self._finish == "content_filter"
        if not isinstance(delta, Mapping):
            return ""
        self._is_complete |= whole
        refusal = text_of(delta.get("refusal"))
        self._refused |= bool(refusal)
        self._thoughts += text_of(delta.get("reasoning_content")) or text_of(
            delta.get("reasoning")
        )
        calls = delta.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            if isinstance(call, Mapping):
                self._add_call(_read_call(call), is_whole=whole)
        return self._speech.hear(text_of(delta.get("content")) + refusal)

    def _add_call(self, piece: _Call, *, is_whole: bool) -> None:
        if not is_whole:
            for call in reversed(self._calls):
                goes_on = call.goes_on_with(piece)
                if goes_on or (goes_on is None and call is self._calls[-1]):
                    call.add(piece)
                    return
        if len(self._calls) <= MAX_CALLS:  # one too many tells that there are more
            self._calls.append(piece)


def numbered(
    request: Request, calls: Iterable[tuple[str, str, str]]
) -> Iterator[ToolCall]:
    """Calls with an id of our own where the server's is empty or not new.

    Args:
        request: the conversation so far.
        calls: id, name and arguments of each; `WRITTEN_ID` for one of a text.
    """
    taken = {call.id for message in request.messages for call in message.calls}
    number = len(taken)
    for given, name, arguments in calls:
        own, id_ = "call_", given
        if given == WRITTEN_ID:
            own, id_ = WRITTEN_ID, ""
        while not id_ or id_ in taken:
            number += 1
            id_ = f"{own}{number}"
        taken.add(id_)
        yield ToolCall(id=id_, name=text_of(name), arguments=text_of(arguments))


def text_of(content: object) -> str:
    """Text, also where it comes as a list of parts, without halves of characters."""
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, Mapping))
        content = "".join(part for part in parts if isinstance(part, str))
    if not isinstance(content, str):
        return ""
    return content.encode("utf-8", "replace").decode()


def arguments_of(given: object) -> str:
    """Arguments as text, also where they come as an object."""
    if given is None or isinstance(given, str):
        return text_of(given)
    return json.dumps(given, default=str)


def _is_call(call: _Call) -> bool:
    return bool(call.name or call.arguments)


def _read_call(call: Mapping[str, Any]) -> _Call:
    function = call.get("function")
    function = function if isinstance(function, Mapping) else {}
    index = call.get("index")
    return _Call(
        index=index if isinstance(index, int) else None,
        id=text_of(call.get("id")),
        name=text_of(function.get("name")),
        arguments=arguments_of(function.get("arguments")),
    )


def _is_object(text: str) -> bool:
    if not text.rstrip().endswith("}"):
        return False
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _replay(thoughts: str) -> str:
    """Thinking that came apart from the text, for servers that want it back."""
    if not thoughts or len(thoughts) > MAX_REPLAY_BYTES // 4:
        return ""
    return json.dumps({"reasoning_content": thoughts}, ensure_ascii=False)
