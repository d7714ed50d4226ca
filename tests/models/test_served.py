"""A served model, over real HTTP with the real client."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace

import pytest

from analyst.errors import (
    ModelRefused,
)
from analyst.events import ToolCall, Usage
from analyst.models.serving import chunks
from analyst.models.wires.chat import wire_messages
from analyst.seams import Message, Reply, Request
from analyst.testing import ScriptedServer, Status, call, say

from .asking import ASKED, KEY, ask, assert_is_a_sentence, served, sse

QUICK = {"retry-after-ms": "1"}
EVENTS = {"Content-Type": "text/event-stream"}


async def test_text_is_streamed_in_order() -> None:
    """Law: text comes in pieces, in order, and together they are the reply's text."""
    text = "Revenue fell by {drop:.1%} in März.\n" * 3
    with ScriptedServer([text]) as server:
        async with served(server.base_url) as model:
            texts, reply = await ask(model)
    assert len(texts) > 1
    assert "".join(texts) == reply.text == text
    assert not reply.truncated


@asynccontextmanager
async def halting_server(may_go_on: asyncio.Event) -> AsyncIterator[str]:
    """A server that halts in the middle of a reply until it may go on."""
    frames = list(chunks(say("one two"), model="m"))
    served = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Connection: close\r\n\r\n" + sse(*frames[:2], done=False)
        )
        await may_go_on.wait()
        writer.write(sse(*frames[2:]))
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        served.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        may_go_on.set()
        await served.wait()


async def test_text_comes_while_it_is_written() -> None:
    """Law: a piece is passed on before the server has sent the next one."""
    may_go_on = asyncio.Event()
    async with halting_server(may_go_on) as url, served(url) as model:
        stream = model.stream(ASKED)
        said = await asyncio.wait_for(anext(stream), timeout=10)
        may_go_on.set()
        *_, reply = [piece async for piece in stream]
    assert isinstance(reply, Reply)
    assert reply.text == "one two" != said
    assert reply.text.startswith(str(said))


async def test_calls_and_usage_arrive() -> None:
    """Law: calls and what the server counted come back as they were scripted."""
    usage = Usage(fresh_tokens=36, cached_tokens=64, output_tokens=9, requests=1)
    scripted = call("execute_python", code='print("1")\n')
    scripted = Reply(text="Look.", calls=scripted.calls, usage=usage)
    with ScriptedServer([scripted]) as server:
        async with served(server.base_url) as model:
            assert (await ask(model))[1] == replace(scripted, wire="chat")


async def test_usage_is_estimated_where_the_server_counts_none() -> None:
    """Law: usage is never nothing, and an estimate says that it is one."""
    with ScriptedServer(["Hello"]) as server:
        async with served(server.base_url) as model:
            _, reply = await ask(model)
    assert reply.usage.estimated
    assert reply.usage.fresh_tokens > 0
    assert reply.usage.requests == 1


async def test_what_is_sent_is_the_least_that_all_servers_know() -> None:
    """Law: model, messages, tools and the stream are sent, and nothing else."""
    plain = Request(messages=ASKED.messages, tools=(), question="Why?")
    with ScriptedServer(["a", "b"], key=KEY) as server:
        async with served(server.base_url) as model:
            await ask(model)
            await ask(model, plain)
    with_tools, without = (dict(received.body) for received in server.requests)
    assert set(with_tools) - set(without) == {"tools"}
    assert without == {
        "model": "scripted",
        "messages": [
            {"role": "system", "content": "You are an analyst."},
            {"role": "user", "content": "Why?"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_messages_are_the_same_bytes_every_time() -> None:
    """Law: a longer history begins with the bytes of the shorter; content is text."""
    history = (
        *ASKED.messages,
        Message(
            role="assistant",
            text="",
            calls=(ToolCall(id="1", name="f", arguments='{"b": 1, "a":2}'),),
        ),
        Message(role="tool", text="ok", call="1"),
    )
    sent = [json.dumps(wire_messages(history[:length])) for length in range(1, 5)]
    for shorter, longer in itertools.pairwise(sent):
        assert longer.startswith(shorter[:-1])
    asked, answered = wire_messages(history)[2:]
    assert asked["content"] == ""
    assert asked["tool_calls"][0]["function"]["arguments"] == '{"b": 1, "a":2}'
    assert answered == {"role": "tool", "content": "ok", "tool_call_id": "1"}


@pytest.mark.parametrize("arguments", ["", "{", "df.head()", "[1]", "[" * 100_000])
async def test_arguments_that_are_no_json_do_not_stop_the_next_turn(
    arguments: str,
) -> None:
    """Law: a history with a broken call, or half a character, can be sent."""
    calls = (ToolCall(id="1", name="f", arguments=arguments),)
    request = Request(
        messages=(
            Message(role="user", text="half \ud800 a character"),
            Message(role="assistant", text="", calls=calls),
            Message(role="tool", text="broken", call="1"),
        ),
        tools=(),
        question="",
    )
    with ScriptedServer(["on"]) as server:
        async with served(server.base_url) as model:
            assert (await ask(model, request))[1].text == "on"
    sent = server.requests[0].body["messages"][1]["tool_calls"][0]["function"]
    assert isinstance(json.loads(sent["arguments"]), dict)


async def test_refused_stream_options_are_dropped_and_remembered() -> None:
    """Law: a server that does not know `stream_options` is asked without, for good."""
    error = {"message": "Unknown parameter: 'stream_options'", "code": None}
    with ScriptedServer([Status(code=400, body={"error": error}), "a", "b"]) as server:
        async with served(server.base_url) as model:
            assert (await ask(model))[1].text == "a"
            assert (await ask(model))[1].text == "b"
    sent = ["stream_options" in received.body for received in server.requests]
    assert sent == [True, False, False]


@pytest.mark.parametrize(
    ("code", "headers"), [(429, {"retry-after": "0.01"}), (500, QUICK)]
)
async def test_passing_trouble_is_retried(code: int, headers: dict[str, str]) -> None:
    """Law: a rate limit or a stumble of the server is not the user's business."""
    trouble = Status(code=code, body={}, headers=headers)
    with ScriptedServer([trouble, trouble, "at last"]) as server:
        async with served(server.base_url) as model:
            assert (await ask(model))[1].text == "at last"
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "cut",
    [
        Status(code=200, body=b"", headers=EVENTS),
        Status(code=200, body=b"", headers={**EVENTS, "Content-Length": "9999"}),
        Status(code=200, body=b'data: {"cho', headers=EVENTS),
    ],
    ids=["quietly", "rudely", "within a frame"],
)
async def test_a_stream_that_is_cut_makes_a_truncated_reply(cut: Status) -> None:
    """Law: what came before the connection ended is kept, and said to be cut off."""
    frames = list(chunks(say("Revenue fell by a lot"), model="m"))[:3]
    assert isinstance(cut.body, bytes)
    body = sse(*frames, done=False) + cut.body
    with ScriptedServer([Status(code=200, body=body, headers=cut.headers)]) as server:
        async with served(server.base_url) as model:
            texts, reply = await ask(model)
    assert reply.truncated
    assert reply.text == "".join(texts)
    assert "Revenue fell".startswith(reply.text)
    assert reply.text


async def test_a_server_that_falls_silent_makes_a_truncated_reply() -> None:
    """Law: the timeout counts silence, and what came before it is kept."""
    never = asyncio.Event()
    async with halting_server(never) as url, served(url, seconds=0.3) as model:
        texts, reply = await ask(model)
    assert reply.truncated
    assert "".join(texts) == reply.text != ""


@pytest.mark.parametrize(
    ("model", "models", "sentence"),
    [
        ("qwen-3", ("llama3", "qwen3"), "did you mean qwen3?"),
        ("gpt", ("llama3", "qwen3"), "choose with --model from llama3, qwen3."),
        ("xyz", "abcdefghij", "from a, b, c, d, e, f, g, h and 2 more."),
    ],
)
async def test_close_names_are_offered_for_an_unknown_model(
    model: str, models: tuple[str, ...], sentence: str
) -> None:
    """Law: a model that is not there is answered with those that are."""
    with ScriptedServer(models=models) as server:
        async with served(server.base_url, model=model) as asked:
            with pytest.raises(ModelRefused) as caught:
                await ask(asked)
    assert f"has no model {model}: " in str(caught.value)
    assert str(caught.value).endswith(sentence)
    assert_is_a_sentence(caught.value)


async def test_the_only_model_is_used_where_none_is_named() -> None:
    """Law: one model needs no name; it is asked for once."""
    with ScriptedServer(["a", "b"], models=["only"], key=KEY) as server:
        async with served(server.base_url, model="") as model:
            assert model.name == ""
            await model.prepare()
            assert model.name == "only"
            await ask(model)
            await ask(model)
    assert [received.body["model"] for received in server.requests] == ["only"] * 2


@pytest.mark.parametrize(
    ("models", "sentence"),
    [
        (("a", "b"), r"2 models: choose one with --model \(a, b\)"),
        ((), "no model loaded"),
    ],
)
async def test_several_models_are_to_be_chosen_from(
    models: tuple[str, ...], sentence: str
) -> None:
    """Law: where there is a choice it is the user's, from names that are shown."""
    with ScriptedServer(models=models) as server:
        async with served(server.base_url, model="") as model:
            with pytest.raises(ModelRefused, match=sentence) as caught:
                await ask(model)
    assert_is_a_sentence(caught.value)


async def test_the_list_of_models_fails_as_replies_do() -> None:
    """Law: a wrong key is a wrong key, whatever was asked first."""
    with ScriptedServer(key="another") as server:
        async with served(server.base_url, model="") as model:
            with pytest.raises(ModelRefused, match="refused the API key") as caught:
                await model.prepare()
    assert_is_a_sentence(caught.value)


async def test_the_environment_of_openai_stays_at_openai(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Law: another server gets nothing that the environment says about OpenAI."""
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "BASE_URL"):
        monkeypatch.setenv(f"OPENAI_{name}", "planted")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: planted\nX-A: planted")
    # The name of the model is asked for first, and that request wants the key too.
    with ScriptedServer(["a"], models=["only"], key="not-needed") as server:
        async with served(server.base_url, key="", model="") as model:
            await ask(model)
    assert "planted" not in str(server.requests[0].headers)


async def test_a_stream_can_be_left_and_the_model_used_again() -> None:
    """Law: giving up a reply halfway leaks nothing and breaks nothing."""
    with ScriptedServer(["a long story"] * 3) as server:
        async with served(server.base_url) as model:
            async with aclosing(model.stream(ASKED)) as stream:  # type: ignore[type-var]
                await anext(stream)
            assert (await ask(model))[1].text == "a long story"
            await model.close()
            await model.close()
            assert (await ask(model))[1].text == "a long story"


@pytest.mark.parametrize("name", ["scripted", ""])
async def test_cancelling_is_not_a_failure(name: str) -> None:
    """Law: an interrupt comes through as itself, at once, not as an error or retry.

    That holds for the list of models, too, which is asked for where none is named.
    """
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        url = f"http://127.0.0.1:{port}/v1"
        async with served(url, seconds=60, model=name) as model:
            task = asyncio.create_task(ask(model))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(task, timeout=10)


def test_the_client_is_loaded_when_it_is_first_used() -> None:
    """Law: importing and making a chat model costs nothing of the client."""
    code = (
        "import sys; from analyst.models.served import ServedModel; "
        "ServedModel(model='m', base_url='http://h/v1', api_key='', "
        "timeout_seconds=1); "
        "sys.exit('openai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
