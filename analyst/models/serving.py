"""Speaking as an OpenAI-compatible server does: `replies` the other way round.

A `Reply` becomes the JSON of a whole completion or the chunks of a stream, and a
handler of the standard library's HTTP server sends it. What to reply is for a script
to say: see `analyst.testing`.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar, Protocol

from analyst.events import Usage
from analyst.seams import Reply

__all__ = [
    "Handler",
    "Received",
    "Script",
    "Status",
    "chunks",
    "completion",
    "pieces",
    "refusal",
]

_JSON = "application/json"
_EVENTS = "text/event-stream"

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """An answer with a status of its own, byte for byte."""

    code: int
    body: Mapping[str, Any] | bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request that a server received."""

    path: str
    headers: Mapping[str, str]
    """With names in lower case."""
    body: Mapping[str, Any]


class Script(Protocol):
    """Who says what is answered."""

    models: tuple[str, ...]

    def refused_key(self, headers: Mapping[str, str]) -> Status | None:
        """The refusal of a request without the right key."""
        ...

    def answer(self, received: Received) -> Reply | Status | bytes:
        """What is sent back for a request."""
        ...


def refusal(code: int, message: str, name: str | None = None) -> Status:
    """An error as OpenAI words it, which is not worth asking again."""
    error = {"message": message, "type": "invalid_request_error", "code": name}
    headers = {"x-should-retry": "false"}
    return Status(code=code, body={"error": error}, headers=headers)


class Handler(BaseHTTPRequestHandler):
    """One request: reads it, asks the script, and sends the answer."""

    script: ClassVar[Script]
    protocol_version = "HTTP/1.1"
    timeout = 10
    """Seconds for which a connection on which nothing is said may hold up closing."""

    def handle(self) -> None:
        """Serve, for as long as the client listens."""
        with contextlib.suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        """The list of models."""
        refused = self.script.refused_key(self._lower_headers())
        if refused is not None:
            self._send_status(refused)
        elif self.path != "/v1/models":
            self._send_status(refusal(404, f"Invalid URL (GET {self.path})"))
        else:
            names = [{"id": name, "object": "model"} for name in self.script.models]
            self._send_status(Status(code=200, body={"object": "list", "data": names}))

    def do_POST(self) -> None:
        """A reply."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.script.answer(
            Received(path=self.path, headers=self._lower_headers(), body=body)
        )
        if isinstance(answer, Status):
            self._send_status(answer)
        elif isinstance(answer, bytes):
            kind = "text/html" if answer.lstrip().startswith(b"<") else _JSON
            kind = _EVENTS if answer.startswith(b"data:") else kind
            self._send_status(
                Status(code=200, body=answer, headers={"Content-Type": kind})
            )
        elif body.get("stream"):
            self._send_stream(answer, body)
        else:
            whole = completion(answer, model=body["model"])
            self._send_status(Status(code=200, body=whole))

    def log_message(self, *_: object) -> None:
        """Say nothing: tests are read by people."""

    def _lower_headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def _send_status(self, status: Status) -> None:
        body = status.body
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        headers = {"Content-Type": _JSON, "Content-Length": str(len(body))}
        self._send_head(status.code, headers | dict(status.headers))
        self.wfile.write(body)

    def _send_stream(self, reply: Reply, body: Mapping[str, Any]) -> None:
        options = body.get("stream_options") or {}
        self._send_head(200, {"Content-Type": _EVENTS})
        for chunk in chunks(
            reply,
            model=body["model"],
            include_usage=bool(options.get("include_usage")),
        ):
            self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
            self.wfile.flush()
        self.wfile.write(b"data: [DONE]\n\n")

    def _send_head(self, code: int, headers: Mapping[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        # A body without a length ends with its connection, and a connection that is
        # not kept alive cannot hold up closing.
        self.send_header("Connection", "close")
        self.end_headers()
