"""Reading what servers send as a reply over the Responses API, whole or as events.

A reply is a list of items: thinking, messages and calls. Events tell how each grows;
the last of them holds the whole once more, where a server is complete. What was said
wins over nothing, what is whole over what came in pieces.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analyst.events import ToolCall
from analyst.models.reading.offer import WRITTEN_ID, Offer
from analyst.models.reading.replies import (
    MAX_CALLS,
    MAX_REPLAY_BYTES,
    arguments_of,
    numbered,
    text_of,
)
from analyst.models.reading.speech import Speech
from analyst.models.reading.usage import estimated_usage, reported_usage
from analyst.models.sendable import sendable_arguments
from analyst.models.server.frames import DONE, NotAReply
from analyst.seams import Reply, Request

__all__ = ["ResponseReader"]

_ENDS = {"response.completed", "response.incomplete", "response.done"}


@dataclass(slots=True)
class _Item:
    """An item, as far as it has come."""

    whole: dict[str, Any] = field(default_factory=dict)
    arguments: str = ""
    """Of a call, while it is written."""

    @property
    def type(self) -> str:
        return text_of(self.whole.get("type"))


class ResponseReader:
    """Reads one reply, piece by piece, as `ReplyReader` does over its wire.

    Args:
        request: what it replies to.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._speech = Speech(Offer.of(request))
        self._items: dict[object, _Item] = {}
        self._has_said = False
        self._thoughts = ""
        self._status = ""
        self._reason = ""
        self._refused = False
        self._usage: Mapping[str, Any] = {}
        self.has_begun = False
        """Something came that only a reply has."""

    @property
    def wrote_code(self) -> bool:
        """The reply asks by a block of code alone, once it has ended."""
        return self._speech.wrote_code

    def add(self, piece: object) -> str:
        """Take in an event or a whole reply, and return the text that it adds.

        Raises:
            NotAReply: it is neither, or the error that ended the reply.
        """
        if piece is DONE:
            self._status = self._status or "completed"
            return ""
        if not isinstance(piece, Mapping):
            raise NotAReply(str(piece))
        kind = text_of(piece.get("type"))
        if isinstance(piece.get("output"), list) and not kind:
            return self._add_whole(piece)
        if kind == "error" or (piece.get("error") and not kind):
            error = piece.get("error") or piece
            raise NotAReply(json.dumps(error, default=str), error)
        if kind.startswith("response."):
            self.has_begun = True
            return self._add_event(kind, piece)
        return ""

    def end(self) -> str:
        """Text that was held back because it could have become something else.

        Raises:
            NotAReply: all the pieces together are no reply.
        """
        if not self.has_begun:
            raise NotAReply("")
        return self._speech.end(has_calls=bool(self._calls()))

    def reply(self) -> Reply:
        """All that was read, once it has ended."""
        text = self._speech.text
        written = [(WRITTEN_ID, *call) for call in self._speech.calls]
        asked = self._calls() or written
        calls = tuple(numbered(self._request, asked[:MAX_CALLS]))
        thoughts = self._thoughts + self._speech.thoughts
        is_over = self._status == "completed" or self._reason == "content_filter"
        is_cut = not is_over or len(asked) > MAX_CALLS
        return Reply(
            text=text,
            calls=calls,
            usage=reported_usage(self._usage)
            or estimated_usage(self._request, text + thoughts, calls),
            truncated=is_cut,
            refused=self._refused or self._reason == "content_filter",
            # A turn that was cut, or whose call stood in its text, is told anew.
            replay="" if is_cut or written else self._replay(calls),
        )

    def _add_event(self, kind: str, event: Mapping[str, Any]) -> str:
        place = event.get("output_index", event.get("item_id"))
        match kind.removeprefix("response."):
            case "output_text.delta" | "refusal.delta":
                self._refused |= kind == "response.refusal.delta"
                return self._hear(text_of(event.get("delta")))
            case "function_call_arguments.delta":
                self._item(place).arguments += text_of(event.get("delta"))
            case "function_call_arguments.done":
                item = self._item(place)
                item.arguments = text_of(event.get("arguments")) or item.arguments
            case "output_item.added" | "output_item.done":
                self._add_item(place, event.get("item"))
            case "reasoning_text.delta" | "reasoning_summary_text.delta":
                self._thoughts += text_of(event.get("delta"))
            case "failed":
                self._fail(event.get("response"))
            case _ if kind in _ENDS:
                whole = event.get("response")
                return self._add_whole(whole if isinstance(whole, Mapping) else {})
            case _:
                pass
        return ""

    def _add_whole(self, whole: Mapping[str, Any]) -> str:
        """The whole reply, which may be all that comes, or the last of it."""
        self.has_begun = True
        self._fail(whole)
        self._status = text_of(whole.get("status")) or "completed"
        details = whole.get("incomplete_details")
        if isinstance(details, Mapping):
            self._reason = text_of(details.get("reason"))
        if isinstance(whole.get("usage"), Mapping):
            self._usage = whole["usage"]
        output = whole.get("output")
        if not isinstance(output, list) or not output:
            return ""
        self._items = {}
        for place, item in enumerate(output):
            self._add_item(place, item)
        return "" if self._has_said else self._hear(self._message_text())

    def _add_item(self, place: object, item: object) -> None:
        if not isinstance(item, Mapping):
            return
        kept = self._item(place)
        kept.whole = dict(item)
        kept.arguments = arguments_of(item.get("arguments")) or kept.arguments

    def _item(self, place: object) -> _Item:
        return self._items.setdefault(str(place), _Item())

    def _hear(self, text: str) -> str:
        self._has_said |= bool(text)
        return self._speech.hear(text)

    def _message_text(self) -> str:
        """The text of all messages, and what was refused."""
        said = ""
        for item in self._items.values():
            if item.type != "message":
                continue
            content = item.whole.get("content")
            parts = content if isinstance(content, list) else []
            refusals = [
                text_of(p.get("refusal")) for p in parts if isinstance(p, Mapping)
            ]
            self._refused |= any(refusals)
            said += text_of(content) + "".join(refusals)
        return said

    def _calls(self) -> list[tuple[str, str, str]]:
        """Id, name and arguments of each call."""
        return [
            (
                text_of(item.whole.get("call_id")) or text_of(item.whole.get("id")),
                text_of(item.whole.get("name")),
                item.arguments,
            )
            for item in self._items.values()
            if item.type == "function_call" or (not item.whole and item.arguments)
        ]

    def _fail(self, response: object) -> None:
        """A reply that failed is the error that it names."""
        if not isinstance(response, Mapping):
            return
        error = response.get("error")
        if error or response.get("status") == "failed":
            raise NotAReply(json.dumps(error, default=str), error or {})

    def _replay(self, calls: tuple[ToolCall, ...]) -> str:
        """The items to be sent again, the calls with the ids that they have here."""
        left = list(calls)
        items: list[dict[str, Any]] = []
        for item in self._items.values():
            match item.type:
                case "reasoning":
                    if item.whole.get("encrypted_content"):
                        items.append(_without(item.whole, "status"))
                case "function_call" if left:
                    call = left.pop(0)
                    made = {
                        "call_id": call.id,
                        "arguments": sendable_arguments(call.arguments),
                    }
                    items.append(_without(item.whole, "status", "id") | made)
                case "message":
                    items.append(_without(item.whole, "status", "id"))
                case _:
                    pass
        # Thoughts that nothing follows are refused from then on.
        if not items or items[-1]["type"] == "reasoning":
            return ""
        kept = text_of(json.dumps(items, ensure_ascii=False))
        thought = any(item["type"] == "reasoning" for item in items)
        small = len(kept.encode()) <= MAX_REPLAY_BYTES
        return kept if thought and small else ""


def _without(item: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """An item as it may be sent again: the server kept nothing to look an id up in."""
    return {name: part for name, part in item.items() if name not in names}
