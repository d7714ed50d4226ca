"""A model behind any OpenAI-compatible server, over chat completions.

The client's own helpers for streams lose calls and usage of many servers, so replies
are read by `analyst.models.replies`; the client does what it does well: connections,
retries and the frames of the stream. It is loaded when it is first used.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from analyst.errors import SettingsError
from analyst.events import Usage
from analyst.models.endpoint import Endpoint
from analyst.models.failures import (
    choose_a_model,
    explain,
    is_about_the_model,
    is_cut,
    refuses_parameter,
)
from analyst.models.replies import NotAReply, ReplyReader, read_model_names
from analyst.seams import Message, Preview, Reply, Request, Tool
from analyst.tokens import estimate_request

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletionChunk

__all__ = ["ChatModel", "wire_messages", "wire_tools"]

_OPENAI_HOST = "api.openai.com"
_CONNECT_SECONDS = 10.0
_LIST_SECONDS = 10.0
_RETRIES = 2
_NO_KEY = "not-needed"
_UNKNOWN_WINDOW_TOKENS = 8192


class ChatModel:
    """A model at an OpenAI-compatible server; satisfies `analyst.seams.Model`.

    Args:
        model: its name there; empty stands for the only model that there is, which
            `prepare` finds out.
        base_url: URL of the server, with its `/v1`.
        api_key: empty where the server wants none.
        timeout_seconds: how long the server may be silent.

    Raises:
        SettingsError: the URL or the key cannot be one.

    Example:
        >>> model = ChatModel(  # doctest: +SKIP
        ...     model="qwen3", base_url="http://localhost:11434/v1", api_key="",
        ...     timeout_seconds=600,
        ... )
        >>> async for piece in model.stream(request):  # doctest: +SKIP
        ...     print(piece)
    """

    def __init__(
        self, *, model: str, base_url: str, api_key: str, timeout_seconds: float
    ) -> None:
        key = api_key.strip()
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise SettingsError(
                "The API key holds characters that no key has: copy it again."
            )
        self._endpoint = Endpoint(
            model=model,
            base_url=base_url.strip(),
            api_key=key,
            timeout_seconds=timeout_seconds,
        )
        self._client: openai.AsyncOpenAI | None = None
        self._reports_usage = True

    @property
    def name(self) -> str:
        """What the user calls it; empty until `prepare` found it out."""
        return self._endpoint.model

    @property
    def window_tokens(self) -> int:
        """How much it can read at once; a guess on the safe side."""
        return _UNKNOWN_WINDOW_TOKENS

    def price(self, usage: Usage) -> float | None:
        """Not known yet."""
        del usage
        return None

    def preview(self, request: Request) -> Preview:
        """The request as it would be sent first."""
        body = {"model": self.name, "messages": wire_messages(request.messages)}
        return Preview(
            url=f"{self._endpoint.url}/chat/completions",
            body=body | {"tools": wire_tools(request.tools)},
            tokens=estimate_request(request),
        )

    async def prepare(self) -> None:
        """Find out the name of the model where none was given; else do nothing.

        Raises:
            ModelRefused: there are several to choose from, or none; or the key.
            ModelUnavailable: the server cannot be asked.
        """
        if self.name:
            return
        import openai  # noqa: PLC0415 - slow, and an offline session never needs it

        try:
            names = await self._list_models()
        except (openai.OpenAIError, NotAReply, json.JSONDecodeError) as error:
            raise explain(error, self._endpoint) from None
        if len(names) != 1:
            raise choose_a_model(self._endpoint, names)
        self._endpoint = replace(self._endpoint, model=names[0])

    async def stream(self, request: Request) -> AsyncIterator[str | Reply]:
        """Yield text as it is written, and at last the whole `Reply`.

        A connection that ends early makes a reply that is `truncated`.

        Raises:
            ModelRefused: the server said no to the key, the model or the request.
            ModelUnavailable: it did not answer, or not as such a server does.
        """
        await self.prepare()
        reader = ReplyReader(request)
        async with await self._start(request) as chunks:
            while (text := await self._next_text(chunks, reader)) is not None:
                if text:
                    yield text
        if text := self._last_text(reader):
            yield text
        yield reader.reply()

    async def close(self) -> None:
        """Let go of connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _start(self, request: Request) -> openai.AsyncStream[ChatCompletionChunk]:
        """Send a request; the answer begins to come."""
        import openai  # noqa: PLC0415 - slow, and an offline session never needs it

        try:
            return await self._send(request)
        except openai.OpenAIError as error:
            if self._reports_usage and refuses_parameter(error, "stream_options"):
                self._reports_usage = False
                return await self._start(request)
            names = await self._names_after(error)
            raise explain(error, self._endpoint, models=names) from None

    async def _send(self, request: Request) -> openai.AsyncStream[ChatCompletionChunk]:
        optional: dict[str, Any] = {}
        if request.tools:
            optional["tools"] = wire_tools(request.tools)
        if self._reports_usage:
            optional["stream_options"] = {"include_usage": True}
        messages: Any = wire_messages(request.messages)
        stream: openai.AsyncStream[ChatCompletionChunk]
        stream = await self._opened().chat.completions.create(
            model=self.name, messages=messages, stream=True, **optional
        )
        return stream

    async def _next_text(
        self,
        chunks: openai.AsyncStream[ChatCompletionChunk],
        reader: ReplyReader,
    ) -> str | None:
        """What the next chunk adds to the text; None at the end, however it came."""
        try:
            chunk: Any = await anext(chunks)
        except StopAsyncIteration:
            return None
        except Exception as error:  # noqa: BLE001 - openai 2 lets its transport's through
            if reader.has_begun and is_cut(error):
                return None
            raise explain(error, self._endpoint) from None
        try:
            # Where a field is not of its type the client passes it on as it came,
            # and would warn about it here.
            read = hasattr(chunk, "to_dict")
            return reader.add(chunk.to_dict(warnings=False) if read else chunk)
        except NotAReply as error:
            raise explain(error, self._endpoint) from None

    def _last_text(self, reader: ReplyReader) -> str:
        try:
            return reader.end()
        except NotAReply as error:
            raise explain(error, self._endpoint) from None

    async def _list_models(self) -> tuple[str, ...]:
        listed = await self._opened().get(
            "/models",
            cast_to=object,
            options={"timeout": _LIST_SECONDS, "max_retries": 0},
        )
        return read_model_names(listed)

    async def _names_after(self, error: Exception) -> tuple[str, ...]:
        """The models that there are, where the error may be about the one named."""
        if not is_about_the_model(error):
            return ()
        try:
            return await self._list_models()
        except Exception:  # noqa: BLE001 - it would only have made the sentence better
            return ()

    def _opened(self) -> openai.AsyncOpenAI:
        """The client, made when it is first needed."""
        if self._client is None:
            import openai  # noqa: PLC0415 - slow, and an offline session never needs it

            at, silence_seconds = self._endpoint, self._endpoint.timeout_seconds
            self._client = openai.AsyncOpenAI(
                api_key=at.api_key or _NO_KEY,
                base_url=at.base_url,
                timeout=openai.Timeout(
                    silence_seconds, connect=min(silence_seconds, _CONNECT_SECONDS)
                ),
                max_retries=_RETRIES,
            )
            if at.host != _OPENAI_HOST:
                # What the environment says about an account at OpenAI is nobody
                # else's business; those headers may hold a key as well.
                self._client.organization = self._client.project = None
                self._client._custom_headers = {}  # noqa: SLF001 - there is no other way
        return self._client


def wire_messages(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Messages as they are sent: the same bytes for the same messages, every time."""
    return [_wire_message(message) for message in messages]


def _wire_message(message: Message) -> dict[str, Any]:
    # Some servers refuse null as content, so it is always text.
    wire: dict[str, Any] = {"role": message.role, "content": _sendable(message.text)}
    if message.calls:
        wire["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {
                    "name": call.name,
                    "arguments": _wire_arguments(call.arguments),
                },
            }
            for call in message.calls
        ]
    if message.call:
        wire["tool_call_id"] = message.call
    return wire


def _wire_arguments(arguments: str) -> str:
    """Arguments of an earlier call as JSON, since some servers parse them again."""
    try:
        if isinstance(json.loads(arguments), dict):
            return _sendable(arguments)
    except (ValueError, RecursionError):
        pass
    return json.dumps({"unreadable": arguments} if arguments.strip() else {})


def _sendable(text: str) -> str:
    """Text without the halves of characters that UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode()


def wire_tools(tools: Iterable[Tool]) -> list[dict[str, Any]]:
    """Tools as they are sent, in the order given."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
            },
        }
        for tool in tools
    ]
