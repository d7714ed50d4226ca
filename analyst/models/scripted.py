"""A handler for the standard library's HTTP server that plays a script.

It speaks as OpenAI-compatible servers do; what to reply is for the script to say: see
`analyst.testing`.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar, Protocol

from analyst.models.serving import chunks, completion, events, response
from analyst.seams import Reply

__all__ = ["CHAT", "RESPONSES", "Handler", "Received", "Script", "Status", "refusal"]

CHAT = "/v1/chat/completions"
RESPONSES = "/v1/responses"
_JSON = "application/json"
_EVENTS = "text/event-stream"


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
            self._send_stream(self._pieces(answer, body))
        else:
            whole = response if self.path == RESPONSES else completion
            self._send_status(Status(code=200, body=whole(answer, model=body["model"])))

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

    def _pieces(
        self, reply: Reply, body: Mapping[str, Any]
    ) -> Iterable[Mapping[str, Any]]:
        if self.path == RESPONSES:
            return events(reply, model=body["model"])
        options = body.get("stream_options") or {}
        return chunks(
            reply,
            model=body["model"],
            include_usage=bool(options.get("include_usage")),
        )

    def _send_stream(self, pieces: Iterable[Mapping[str, Any]]) -> None:
        self._send_head(200, {"Content-Type": _EVENTS})
        for piece in pieces:
            kind = f"event: {piece['type']}\n" if "type" in piece else ""
            self.wfile.write(f"{kind}data: {json.dumps(piece)}\n\n".encode())
            self.wfile.flush()
        if self.path != RESPONSES:
            self.wfile.write(b"data: [DONE]\n\n")

    def _send_head(self, code: int, headers: Mapping[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        # A body without a length ends with its connection, and a connection that is
        # not kept alive cannot hold up closing.
        self.send_header("Connection", "close")
        self.end_headers()
