"""A model behind any OpenAI-compatible server: one conversation over three wires.

A wire makes a body of a request and a reply of what comes back; it knows no network.
Here they are joined to a connection: which wire, what is left out for the sake of the
server, what is done when it says no. What was learnt is remembered.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

from analyst.errors import ModelError, SettingsError
from analyst.events import Usage, Wire
from analyst.models import pricing
from analyst.models.server.complaints import complaint_of
from analyst.models.server.connection import Connection
from analyst.models.server.endpoint import Endpoint
from analyst.models.server.failures import (
    choose_a_model,
    explain,
    is_cut,
    is_of_the_server,
    no_responses,
)
from analyst.models.server.listing import read_models
from analyst.models.server.manner import Manner
from analyst.models.signs import cut_tokens, is_lost
from analyst.models.window import Window
from analyst.models.wires import WIRES, Reader
from analyst.seams import Preview, Reply, Request
from analyst.tokens import estimate_request

__all__ = ["ServedModel"]


class ServedModel:
    """A model at an OpenAI-compatible server; satisfies `analyst.seams.Model`.

    Args:
        model: its name there; empty stands for the only model that there is, which
            `prepare` finds out.
        base_url: URL of the server, with its `/v1`.
        api_key: empty where the server wants none.
        timeout_seconds: how long the server may take for the next piece of a reply.
        wire: how to speak to it; `auto` finds out.
        window_tokens: how much the model can read at once, where that is known better.

    Raises:
        SettingsError: the URL or the key cannot be one.

    Example:
        >>> model = ServedModel(  # doctest: +SKIP
        ...     model="qwen3", base_url="http://localhost:11434/v1", api_key="",
        ...     timeout_seconds=600,
        ... )
        >>> async for piece in model.stream(request):  # doctest: +SKIP
        ...     print(piece)
    """

    def __init__(
        self,
        *,
        model: str,
        base_url: str,
        api_key: str,
        timeout_seconds: float,
        wire: str = "auto",
        window_tokens: int | None = None,
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
        self._connection = Connection(self._endpoint)
        self._wanted_wire = wire
        self._manner = Manner(self._endpoint, wire)
        self._window = Window(window_tokens)
        self._said_cut = False

    @property
    def name(self) -> str:
        """What the user calls it; empty until `prepare` found it out."""
        return self._endpoint.model

    @property
    def window_tokens(self) -> int:
        """How much it can read at once, on the safe side where that is not known."""
        return self._window.tokens(self._endpoint)

    @property
    def takes_images(self) -> bool:
        """It was not seen to refuse pictures."""
        return self._manner.quirks.images

    def price(self, usage: Usage) -> float | None:
        """US dollars for `usage`, where the provider's prices are known."""
        at = self._endpoint
        return pricing.price(usage, model=at.model, base_url=at.base_url)

    def preview(self, request: Request) -> Preview:
        """The request exactly as it would be sent first."""
        wire = WIRES[self._manner.wire]
        return Preview(
            url=f"{self._endpoint.url}{wire.PATH}",
            body=wire.body(request, self._endpoint, self._manner.quirks),
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
        names: tuple[str, ...] = ()
        failed: Exception | None = None
        try:
            names = await self._list_models()
        except Exception as error:
            if not is_of_the_server(error):
                raise
            failed = error
        if failed is not None:
            raise explain(failed, self._endpoint)
        if len(names) != 1:
            raise choose_a_model(self._endpoint, names)
        self._endpoint = replace(self._endpoint, model=names[0])
        self._manner = Manner(self._endpoint, self._wanted_wire)

    async def stream(self, request: Request) -> AsyncIterator[str | Reply]:
        """Yield text as it is written, and at last the whole `Reply`.

        A connection that ends early makes a reply that is `truncated`. Where the
        server says no to something that can be done otherwise, it is asked again.

        Raises:
            ContextTooLong: the messages are longer than the model can read.
            ModelRefused: the server said no to the key, the model or the request.
            ModelUnavailable: it did not answer, or not as such a server does.
        """
        await self.prepare()
        notes: list[str] = []
        spent = Usage()
        while True:
            wire, has_said = self._manner.wire, False
            reader = WIRES[wire].reader(request)
            body = WIRES[wire].body(request, self._endpoint, self._manner.quirks)
            failed: Exception | None = None
            try:
                async with aclosing(self._ask(wire, body, reader)) as texts:
                    async for text in texts:
                        has_said = True
                        yield text
            except Exception as error:
                if not is_of_the_server(error):
                    raise
                failed = error
            # Raised out here, an error of ours does not carry that of the client, which
            # may hold a key.
            if failed is not None:
                complaint = complaint_of(failed)
                self._window.hear(complaint)
                # What was said cannot be taken back, so it cannot be asked again.
                note = "" if has_said else self._manner.after(complaint, body)
                if not note:
                    raise await self._explained(failed, wire)
                notes.append(note)
                continue
            reply = reader.reply()
            spent += replace(reply.usage, cost_usd=self.price(reply.usage))
            notes += filter(None, [self._cut_note(request, reply)])
            if is_lost(request, reply) and (note := self._lost_note()):
                notes.append(note)
                continue
            break
        if reader.wrote_code:
            notes += filter(None, [self._code_note()])
        self._manner.settle()
        # Of several requests the sum tells nothing of the length of the last one.
        spent = replace(spent, estimated=spent.estimated or spent.requests > 1)
        yield replace(reply, usage=spent, wire=wire, notes=tuple(notes))

    async def close(self) -> None:
        """Let go of connections."""
        await self._connection.close()

    async def _ask(
        self, wire: Wire, body: Mapping[str, Any], reader: Reader
    ) -> AsyncGenerator[str]:
        """Send a request once; yield the text of its reply."""
        pieces = self._connection.ask(WIRES[wire].PATH, body)
        try:
            async with aclosing(pieces):
                async for piece in pieces:
                    if said := reader.add(piece):
                        yield said
        except Exception as error:
            if not (reader.has_begun and is_cut(error)):
                raise
        if said := reader.end():
            yield said

    def _lost_note(self) -> str:
        return self._manner.without_tools(
            why="the model sent nothing when it was offered tools",
            told="sends nothing when it is offered tools",
        )

    def _code_note(self) -> str:
        return self._manner.without_tools(
            why="the model wrote code in place of calling tools",
            told="writes code in place of calling tools",
        )

    def _cut_note(self, request: Request, reply: Reply) -> str:
        """A note, once, where the server seems to have read only a part."""
        is_known = self._said_cut or self._endpoint.is_openai
        cut = None if is_known else cut_tokens(request, reply)
        if cut is None:
            return ""
        self._said_cut = True
        read, sent = cut
        return (
            f"{self._endpoint.host} read {read:,} of about {sent:,} tokens: it seems "
            "to cut the conversation, so raise its context (num_ctx for Ollama)."
        )

    async def _explained(self, error: Exception, wire: Wire) -> ModelError:
        """The error that the user reads, with the models that there are."""
        complaint = complaint_of(error)
        if wire == "responses" and complaint.lacks_the_route:
            return no_responses(self._endpoint)
        names: tuple[str, ...] = ()
        if complaint.is_about_the_model:
            with suppress(Exception):  # the sentence only lacks the names
                names = await self._list_models()
        return explain(error, self._endpoint, models=names)

    async def _list_models(self) -> tuple[str, ...]:
        self._window.listed = read_models(await self._connection.models())
        return tuple(self._window.listed)
