"""The three wires by their names, and the shape that each has.

A wire is pure: it makes the body of a request, and a reply of the pieces that come
back. It knows no network and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from analyst.events import Wire
from analyst.models.server.endpoint import Endpoint
from analyst.models.server.quirks import Quirks
from analyst.models.wires import chat, responses, text
from analyst.seams import Reply, Request

__all__ = ["WIRES", "Reader", "Speaking"]


class Reader(Protocol):
    """Reads one reply, piece by piece."""

    has_begun: bool
    """Something came that only a reply has."""

    @property
    def wrote_code(self) -> bool:
        """The reply asks by a block of code alone, once it has ended."""
        ...

    def add(self, piece: object) -> str:
        """Take in a piece, and return the text that it adds.

        Raises:
            NotAReply: it is no piece of a reply.
        """
        ...

    def end(self) -> str:
        """Text that was held back because it could have become something else.

        Raises:
            NotAReply: all the pieces together are no reply.
        """
        ...

    def reply(self) -> Reply:
        """All that was read, once it has ended."""
        ...


class Speaking(Protocol):
    """How a server is spoken to; each module of a wire has this shape."""

    PATH: str
    """Where requests go, below the base URL."""

    def body(
        self, request: Request, endpoint: Endpoint, quirks: Quirks
    ) -> dict[str, Any]:
        """A request, as it is sent."""
        ...

    def reader(self, request: Request) -> Reader:
        """Who reads the reply."""
        ...


WIRES: Mapping[Wire, Speaking] = {"chat": chat, "responses": responses, "text": text}
