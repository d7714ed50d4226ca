"""A line to a server that breaks where it is told to, as lines do."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from analyst.testing import ScriptedServer

__all__ = ["Break", "FaultyLine", "self_signed"]

Break: TypeAlias = Literal["no answer", "reset", "reset at once"]

_AT_ONCE = struct.pack("ii", 1, 0)
"""For SO_LINGER: closing resets the connection."""


def self_signed() -> ssl.SSLContext:
    """What a server needs to speak TLS with a certificate that nobody trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).with_name("self_signed.pem"))
    return context


class FaultyLine:
    """Hands on requests to a server on this machine, one a connection.

    Args:
        server: where requests go.
        breaks: says of each request what happens to it; None: nothing.
        tls: how this end speaks TLS; plain by default.
    """

    def __init__(
        self,
        server: ScriptedServer,
        *,
        breaks: Callable[[], Break | None] = lambda: None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.server = server
        self.breaks = breaks
        self.tls = tls
        self.over = threading.Event()
        self._own_port = 0
        self._listener: socketserver.ThreadingTCPServer | None = None

    @property
    def base_url(self) -> str:
        """Where it listens, with `/v1`."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._own_port}/v1"

    def open(self) -> None:
        """Listen; at the same port again where it did before."""
        if self._listener is not None:
            return
        handler = type("LineHandler", (_Handler,), {"line": self})
        listener = socketserver.ThreadingTCPServer(
            ("127.0.0.1", self._own_port), handler, bind_and_activate=False
        )
        listener.allow_reuse_address = True
        listener.daemon_threads = True
        listener.block_on_close = False
        listener.server_bind()
        listener.server_activate()
        self._own_port = listener.server_address[1]
        self._listener = listener
        threading.Thread(
            target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def close(self) -> None:
        """Listen no more; what is on its way still arrives."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown()
            listener.server_close()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.over.set()
        self.close()


class _Handler(socketserver.BaseRequestHandler):
    """One request and its answer."""

    line: FaultyLine
    request: socket.socket

    def handle(self) -> None:
        """Hand the request on, and the answer back, or a part of it."""
        with contextlib.suppress(OSError):
            if self.line.tls is not None:
                self.request = self.line.tls.wrap_socket(self.request, server_side=True)
            asked = _read_request(self.request)
            if asked:
                self._answer(asked)

    def _answer(self, asked: bytes) -> None:
        match self.line.breaks():
            case None:
                self.request.sendall(self._ask(asked))
            case "no answer":
                self.line.over.wait()
            case "reset at once":
                self._reset()
            case "reset":
                answer = self._ask(asked)
                body = answer.find(b"\r\n\r\n") + 4
                self.request.sendall(answer[: (body + len(answer)) // 2])
                self._reset()

    def _reset(self) -> None:
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.request.close()

    def _ask(self, asked: bytes) -> bytes:
        """The server's answer, up to the end of its connection."""
        url = urlsplit(self.line.server.base_url)
        with socket.create_connection((url.hostname, url.port)) as server:
            server.sendall(asked)
            return b"".join(iter(lambda: server.recv(65536), b""))


def _read_request(connection: Any) -> bytes:
    """A request with its body; nothing where the client said nothing."""
    asked = b""
    while b"\r\n\r\n" not in asked:
        more = connection.recv(65536)
        if not more:
            return b""
        asked += more
    head, _, body = asked.partition(b"\r\n\r\n")
    lengths = [
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    left = sum(lengths) - len(body)
    while left > 0 and (more := connection.recv(65536)):
        asked += more
        left -= len(more)
    return asked
