"""Doubles for tests: a model that plays a script, and a server that does.

`ScriptedModel` stands in for a model, within the process. `ScriptedServer` is a real
HTTP server on this machine that speaks as OpenAI-compatible servers do, for all that
happens between a client and a server. Both take the same replies:

>>> script = [
...     plan_and(["Count the rows"], python("rows = len(df)")),
...     call("summarize_findings", findings=[], answer="{rows} rows"),
... ]
>>> model = ScriptedModel(script)
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, TypeAlias

from analyst.events import ToolCall, Usage
from analyst.models.scripted import (
    CHAT,
    RESPONSES,
    Handler,
    Received,
    Status,
    refusal,
)
from analyst.models.serving import pieces
from analyst.seams import Preview, Reply, Request
from analyst.tokens import estimate_request

__all__ = [
    "Received",
    "ScriptedModel",
    "ScriptedServer",
    "Status",
    "call",
    "plan_and",
    "python",
    "say",
]

_numbers = itertools.count(1)


# Replies.


def say(text: str) -> Reply:
    """A reply of text alone."""
    return Reply(text=text)


def call(name: str, /, **arguments: object) -> Reply:
    """A reply that asks for one tool."""
    asked = ToolCall(
        id=f"scripted_{next(_numbers)}", name=name, arguments=json.dumps(arguments)
    )
    return Reply(calls=(asked,))


def python(code: str, purpose: str = "Look", text: str = "") -> Reply:
    """A reply that asks for a cell, with some text before it."""
    return replace(call("execute_python", purpose=purpose, code=code), text=text)


def plan_and(steps: Iterable[str], reply: Reply) -> Reply:
    """`reply`, with a plan at the head of its text."""
    plan = json.dumps({"plan": list(steps)})
    return replace(reply, text=f"{plan}\n\n{reply.text}".rstrip())


def _with_new_ids(reply: Reply, given: set[str]) -> Reply:
    """The reply with ids that were not given before, so that it can be played twice."""
    calls = []
    for asked in reply.calls:
        new = asked.id not in given
        calls.append(asked if new else replace(asked, id=f"scripted_{next(_numbers)}"))
        given.add(calls[-1].id)
    return replace(reply, calls=tuple(calls))


# A model.


class ScriptedModel:
    """A model that plays `replies`, one a turn; satisfies `analyst.seams.Model`.

    Args:
        replies: each a `Reply`, its text, an exception to raise, or a function that
            makes one of these from the `Request`.
        name: what it is called.
        window_tokens: how much it can read at once.
        usd_a_token: what each of its tokens costs; None where that is not known.

    Raises:
        AssertionError: it was asked for more replies than there are.

    Example:
        >>> model = ScriptedModel([python("1 / 0"), say("It cannot be done.")])
        >>> model.requests
        []
    """

    def __init__(
        self,
        replies: Iterable[
            Reply | str | Exception | Callable[[Request], Reply | str | Exception]
        ],
        name: str = "scripted",
        *,
        window_tokens: int = 128_000,
        usd_a_token: float | None = None,
    ) -> None:
        self._replies = iter(replies)
        self._name = name
        self._window_tokens = window_tokens
        self._usd_a_token = usd_a_token
        self._given: set[str] = set()
        self.requests: list[Request] = []
        """All that it was asked, in order."""
        self.closed = False

    @property
    def name(self) -> str:
        """What it is called."""
        return self._name

    @property
    def window_tokens(self) -> int:
        """How much it can read at once."""
        return self._window_tokens

    @property
    def takes_images(self) -> bool:
        """It takes all that it is sent."""
        return True

    def price(self, usage: Usage) -> float | None:
        """What the tokens cost, at the price given."""
        return None if self._usd_a_token is None else usage.tokens * self._usd_a_token

    def preview(self, request: Request) -> Preview:
        """The messages; nothing would be sent anywhere."""
        body = {"messages": [dataclasses.asdict(m) for m in request.messages]}
        return Preview(url="", body=body, tokens=estimate_request(request))

    async def prepare(self) -> None:
        """Do nothing: it is always ready."""

    async def stream(self, request: Request) -> AsyncIterator[str | Reply]:
        """Yield the text of the next reply in a few pieces, then the reply."""
        self.requests.append(request)
        missing = object()
        reply: Any = next(self._replies, missing)
        if reply is missing:
            raise AssertionError(
                f"The script of {self._name} has {len(self.requests) - 1} replies, and "
                "it was asked for one more."
            )
        if callable(reply):
            reply = reply(request)
        if isinstance(reply, Exception):
            raise reply
        whole = reply if isinstance(reply, Reply) else say(reply)
        for piece in pieces(whole.text):
            yield piece
        yield _with_new_ids(whole, self._given)

    async def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True


# A server.

_Answer: TypeAlias = Reply | str | Status | bytes
"""What a server can be scripted to answer; bytes are sent as a whole body."""


class ScriptedServer:
    """A real OpenAI-compatible HTTP server on 127.0.0.1 that plays `replies`.

    Args:
        replies: each a `Reply`, its text, a `Status`, the bytes of a whole body, or a
            function that makes one of these from the JSON of the request.
        models: the names that it lists and answers to.
        key: the only key that it accepts; empty: anything.
        tools: whether it takes any.
        streams: whether it streams.
        responses: whether it has the Responses API beside chat completions.

    Example:
        >>> with ScriptedServer(["Hello"]) as server:  # doctest: +SKIP
        ...     ask(base_url=server.base_url)
        ...     server.requests[0].body["messages"]
    """

    def __init__(
        self,
        replies: Iterable[_Answer | Callable[[Mapping[str, Any]], _Answer]] = (),
        *,
        models: Iterable[str] = ("scripted",),
        key: str = "",
        tools: bool = True,
        streams: bool = True,
        responses: bool = False,
    ) -> None:
        self.models = tuple(models)
        self.key = key
        self.tools = tools
        self.streams = streams
        self.paths = {CHAT, RESPONSES} if responses else {CHAT}
        self.requests: list[Received] = []
        """All that was asked for a reply, in order, also where it was refused."""
        self._replies = iter(replies)
        self._given: set[str] = set()
        self._lock = threading.Lock()
        self._http: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """Where it listens, with `/v1`."""
        if self._http is None:
            raise RuntimeError("The server is not running: enter it by `with`.")
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def __enter__(self) -> Self:
        handler = type("ScriptedHandler", (Handler,), {"script": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        # Closing waits for the threads of requests only where they are no daemons.
        self._http.daemon_threads = False
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._http is not None
        assert self._thread is not None
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def answer(self, received: Received) -> Reply | Status | bytes:
        """What is sent back for a request."""
        if received.path not in self.paths:
            return refusal(404, f"Invalid URL (POST {received.path})")
        with self._lock:
            self.requests.append(received)
        return self._refused(received) or self._next(received)

    def _refused(self, received: Received) -> Status | None:
        """The refusal of a request that the server does not understand."""
        body = received.body
        name = body.get("model")
        refused = self.refused_key(received.headers)
        if refused is not None:
            return refused
        if name not in self.models:
            return refusal(404, f"The model `{name}` does not exist", "model_not_found")
        if body.get("tools") and not self.tools:
            return refusal(400, f"{name} does not support tools")
        if body.get("stream") and not self.streams:
            return refusal(400, "stream is not supported")
        return None

    def refused_key(self, headers: Mapping[str, str]) -> Status | None:
        """The refusal of a request without the right key."""
        sent = headers.get("authorization", "").removeprefix("Bearer ")
        if not self.key or sent == self.key:
            return None
        return refusal(401, f"Incorrect API key provided: {sent}", "invalid_api_key")

    def _next(self, received: Received) -> Reply | Status | bytes:
        missing = object()
        with self._lock:
            answer: Any = next(self._replies, missing)
        if answer is missing:
            return refusal(500, "The script has no more replies")
        if callable(answer):
            answer = answer(received.body)
        if isinstance(answer, str):
            answer = say(answer)
        if not isinstance(answer, Reply):
            assert isinstance(answer, Status | bytes)
            return answer
        with self._lock:
            return _with_new_ids(answer, self._given)
