"""The line to a server: sends a body as it stands, and yields the JSON that comes back.

The `openai` client does what it does well: connections, keys, retries and errors by
status. What is sent and how replies are read is for the wires, so the client is used
below the methods that would have opinions on either; that part of it is the same in
its second and third version. It is loaded when it is first used.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, cast

from analyst.models.server.endpoint import Endpoint
from analyst.models.server.frames import DONE, FrameReader, NotAReply

if TYPE_CHECKING:
    import openai

__all__ = ["Connection"]

_CONNECT_SECONDS = 10.0
_LIST_SECONDS = 10.0
_REST_SECONDS = 0.2
_RETRIES = 2
_NO_KEY = "not-needed"
_RAW = {"X-Stainless-Raw-Response": "stream"}
"""How the client is told to hand over the body as it comes."""


class Connection:
    """Connections to the server of an endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._client: openai.AsyncOpenAI | None = None

    async def ask(self, path: str, body: Mapping[str, Any]) -> AsyncGenerator[object]:
        """Send `body`; yield the JSON of the answer as it comes, and `DONE`.

        Some servers send signs of life for as long as one listens, so what counts is
        the time until the next piece of JSON.

        Raises:
            TimeoutError: no piece came for as long as the server may take for one.
            OpenAIError: there was no answer, or it was a refusal.
            NotAReply: there is something in the answer that is no JSON.
            Exception: the connection broke; of the client's transport.
        """
        import openai  # noqa: PLC0415 - slow, and an offline session never needs it

        answer = await self._opened().post(
            path,
            cast_to=openai.AsyncAPIResponse[object],
            body=body,
            options={"headers": _RAW},
        )
        reader = FrameReader()
        try:
            async with aclosing(
                cast("AsyncGenerator[bytes]", answer.iter_bytes())
            ) as chunks:
                ends_at = self._next_deadline()
                while (chunk := await _next_before(ends_at, chunks)) is not None:
                    for piece in reader.add(chunk):
                        yield piece
                        if piece is DONE:
                            await _read_rest(chunks)
                            return
                        ends_at = self._next_deadline()
            for piece in reader.end():
                yield piece
        finally:
            await answer.close()

    async def models(self) -> object:
        """The server's list of its models, as it sends it.

        Raises:
            OpenAIError: there was no answer, or it was a refusal.
            NotAReply: it says that it is JSON and is none.
        """
        options: openai.RequestOptions = {"timeout": _LIST_SECONDS, "max_retries": 0}
        try:
            return await self._opened().get("/models", cast_to=object, options=options)
        except json.JSONDecodeError:
            # What a JSON parser says is of no use, and it may quote the text.
            raise NotAReply("") from None

    async def close(self) -> None:
        """Let go of connections; another request would open new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _next_deadline(self) -> float:
        loop = asyncio.get_running_loop()
        return loop.time() + self._endpoint.timeout_seconds

    def _opened(self) -> openai.AsyncOpenAI:
        """The client, made when it is first needed."""
        if self._client is None:
            import openai  # noqa: PLC0415 - slow, and an offline session never needs it

            class Client(openai.AsyncOpenAI):
                """It asks again where nothing was read, but not what takes too long."""

                async def _sleep_for_retry(self, **about: Any) -> None:  # noqa: ANN401 - the client's own
                    # Asked again, it would be billed again, and not be any faster.
                    error = sys.exception()
                    if error and type(error).__name__ == "ReadTimeout":
                        raise error
                    await super()._sleep_for_retry(**about)

            at, silence_seconds = self._endpoint, self._endpoint.timeout_seconds
            self._client = Client(
                api_key=at.api_key or _NO_KEY,
                base_url=at.base_url,
                timeout=openai.Timeout(
                    silence_seconds, connect=min(silence_seconds, _CONNECT_SECONDS)
                ),
                max_retries=_RETRIES,
            )
            if not at.is_openai:
                # What the environment says about an account at OpenAI is nobody
                # else's business; those headers may hold a key as well.
                self._client.organization = self._client.project = None
                self._client._custom_headers = {}  # noqa: SLF001 - there is no other way
        return self._client


async def _next_before(ends_at: float, chunks: AsyncIterator[bytes]) -> bytes | None:
    """The next chunk, or None after the last.

    Raises:
        TimeoutError: it did not come in time.
    """
    async with asyncio.timeout_at(ends_at):
        return await anext(chunks, None)


async def _read_rest(chunks: AsyncIterator[bytes]) -> None:
    """Read what follows the last frame: only then can the connection be kept."""
    with suppress(Exception):
        async with asyncio.timeout(_REST_SECONDS):
            async for _ in chunks:
                pass
