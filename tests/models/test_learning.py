"""What a served model learns of its server: for the next session, and of its size."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyst.errors import ContextTooLong, ModelRefused, ModelUnavailable
from analyst.events import Usage
from analyst.models.server.quirks import Quirks, quirks_of
from analyst.seams import Message, Reply, Request
from analyst.testing import ScriptedServer, Status, call, python

from .asking import ASKED, ask, error, served

BLOCK = "Look.\n```python\n1 + 1\n```\nResult: 3"


# What was learnt is remembered.


async def test_what_was_learnt_is_known_to_the_next_session(cache: Path) -> None:
    """Law: the next model at that server begins with what was learnt, silently."""
    with ScriptedServer([BLOCK, "b"], tools=False, streams=False) as server:
        for _ in range(2):
            async with served(server.base_url) as model:
                _, reply = await ask(model)
        host = server.base_url.removeprefix("http://").removesuffix("/v1")
        assert reply.notes == ()
        assert reply.wire == "text"
        assert len(server.requests) == 4
    learnt = quirks_of(host, "scripted")
    assert learnt == Quirks(
        wire="text", why="the server refused tools", refused=("stream",)
    )
    assert learnt.whole
    (file,) = cache.iterdir()  # noqa: ASYNC240 - a small folder
    assert "sk-" not in file.read_text()


async def test_what_did_not_help_is_not_remembered() -> None:
    """Law: only what worked in the end is kept."""
    refused = Status(code=400, body=error("does not support tools"))
    broken = Status(code=400, body=error("no such thing"))
    with ScriptedServer([refused, broken]) as server:
        async with served(server.base_url) as model:
            with pytest.raises(ModelRefused):
                await ask(model)
        host = server.base_url.removeprefix("http://").removesuffix("/v1")
    assert quirks_of(host, "scripted") == Quirks()


async def test_a_wire_of_the_users_choice_passes_over_what_was_learnt() -> None:
    """Law: `--wire chat` tries tools again where they were refused before."""
    with ScriptedServer(["a", python("1")], tools=False) as server:
        async with served(server.base_url) as model:
            await ask(model)
        server.tools = True
        async with served(server.base_url, wire="chat") as model:
            assert (await ask(model))[1].calls[0].name == "execute_python"


# How much fits.


async def test_a_window_is_what_is_known_best() -> None:
    """Law: set, named by the server, listed or guessed, the safest of these."""
    long = Status(code=400, body=error("maximum context length is 6,000 tokens"))
    with ScriptedServer([long] * 2, models=["only"]) as server:
        async with served(server.base_url, model="only") as model:
            assert model.window_tokens == 8192
            with pytest.raises(ContextTooLong):
                await ask(model)
            assert model.window_tokens == 6000
        async with served(server.base_url, model="only", window_tokens=9000) as model:
            assert model.window_tokens == 9000
            with pytest.raises(ContextTooLong):
                await ask(model)
            assert model.window_tokens == 6000
    async with served("https://llm.example.org/v1") as model:
        assert model.window_tokens == 128_000
    async with served("http://192.168.1.7:8000/v1") as model:
        assert model.window_tokens == 8192


@pytest.mark.parametrize(("read", "notes"), [(500, 1), (5000, 0), (0, 0)])
async def test_a_conversation_that_was_cut_is_noticed_once(
    read: int, notes: int
) -> None:
    """Law: a server that read far less than was sent is reported, once."""
    used = Usage(fresh_tokens=read, output_tokens=1, requests=1) if read else Usage()
    long = Request(
        messages=(Message(role="user", text="12.5 " * 3000),), tools=(), question=""
    )
    with ScriptedServer([Reply(text="a", usage=used)] * 2) as server:
        async with served(server.base_url) as model:
            first, second = [(await ask(model, long))[1] for _ in range(2)]
    assert len(first.notes) == notes
    assert all("num_ctx" in note for note in first.notes)
    assert second.notes == ()


async def test_a_price_is_on_each_reply_where_it_is_known() -> None:
    """Law: what a reply cost is in its usage; what is not known is never 0."""
    with ScriptedServer([call("f")]) as server:
        async with served(server.base_url) as model:
            assert (await ask(model))[1].usage.cost_usd is None
            assert model.price(Usage(fresh_tokens=9, requests=1)) is None


async def test_an_unknown_model_is_not_a_missing_route() -> None:
    """Law: over responses, a wrong name is told as one and changes no wire."""
    with ScriptedServer(["x"], models=["a", "b"], responses=True) as server:
        async with served(server.base_url, wire="auto", model="c") as model:
            with pytest.raises(ModelRefused, match="has no model c"):
                await ask(model)
    assert len(server.requests) == 1


async def test_trouble_that_passes_changes_nothing() -> None:
    """Law: a server that fails is not told to be another one."""
    down = Status(code=503, body=error("overloaded"), headers={"retry-after-ms": "1"})
    with ScriptedServer([down] * 3) as server:
        async with served(server.base_url) as model:
            with pytest.raises(ModelUnavailable):
                await ask(model)
            assert "tools" in model.preview(ASKED).body
