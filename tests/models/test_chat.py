"""The chat model, over real HTTP with the real client."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

import pytest

from analyst.errors import (
    AnalystError,
    ModelError,
    ModelRefused,
    ModelUnavailable,
    SettingsError,
)
from analyst.events import ToolCall, Usage
from analyst.models.chat import ChatModel, wire_messages
from analyst.models.endpoint import Endpoint
from analyst.models.serving import chunks
from analyst.seams import Message, Model, Reply, Request, Tool
from analyst.testing import ScriptedServer, Status, call, say

KEY = "sk-verysecret-0123456789abcdef"
TOOL = Tool(
    name="execute_python",
    description="Run code.",
    parameters={"type": "object", "properties": {"code": {"type": "string"}}},
)
ASKED = Request(
    messages=(
        Message(role="system", text="You are an analyst."),
        Message(role="user", text="Why?"),
    ),
    tools=(TOOL,),
    question="Why?",
)
QUICK = {"retry-after-ms": "1"}
EVENTS = {"Content-Type": "text/event-stream"}


@asynccontextmanager
async def chat(
    base_url: str, *, model: str = "scripted", key: str = KEY, seconds: float = 10
) -> AsyncIterator[ChatModel]:
    """A chat model that is closed in the end."""
    it = ChatModel(model=model, base_url=base_url, api_key=key, timeout_seconds=seconds)
    try:
        yield it
    finally:
        await it.close()


async def ask(model: Model, request: Request = ASKED) -> tuple[list[str], Reply]:
    """The texts that a model streams, and its reply."""
    *texts, reply = [piece async for piece in model.stream(request)]
    assert isinstance(reply, Reply)
    return [text for text in texts if isinstance(text, str)], reply


async def failure(answer: Any, **options: Any) -> ModelError:
    """The error that a scripted answer leads to, three times for retries."""
    with ScriptedServer([answer] * 3) as server:
        async with chat(server.base_url, **options) as model:
            with pytest.raises(ModelError) as caught:
                await ask(model)
    return caught.value


def sse(*events: object, done: bool = True) -> bytes:
    """A body of server-sent events."""
    frames = [f"data: {json.dumps(event)}\n\n" for event in events]
    return "".join([*frames, "data: [DONE]\n\n" if done else ""]).encode()


async def test_text_is_streamed_in_order() -> None:
    """Law: text comes in pieces, in order, and together they are the reply's text."""
    text = "Revenue fell by {drop:.1%} in März.\n" * 3
    with ScriptedServer([text]) as server:
        async with chat(server.base_url) as model:
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
    async with halting_server(may_go_on) as url, chat(url) as model:
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
        async with chat(server.base_url) as model:
            assert (await ask(model))[1] == scripted


async def test_usage_is_estimated_where_the_server_counts_none() -> None:
    """Law: usage is never nothing, and an estimate says that it is one."""
    with ScriptedServer(["Hello"]) as server:
        async with chat(server.base_url) as model:
            _, reply = await ask(model)
    assert reply.usage.estimated
    assert reply.usage.fresh_tokens > 0
    assert reply.usage.requests == 1


async def test_what_is_sent_is_the_least_that_all_servers_know() -> None:
    """Law: model, messages, tools and the stream are sent, and nothing else."""
    plain = Request(messages=ASKED.messages, tools=(), question="Why?")
    with ScriptedServer(["a", "b"], key=KEY) as server:
        async with chat(server.base_url) as model:
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
        async with chat(server.base_url) as model:
            assert (await ask(model, request))[1].text == "on"
    sent = server.requests[0].body["messages"][1]["tool_calls"][0]["function"]
    assert isinstance(json.loads(sent["arguments"]), dict)


async def test_refused_stream_options_are_dropped_and_remembered() -> None:
    """Law: a server that does not know `stream_options` is asked without, for good."""
    error = {"message": "Unknown parameter: 'stream_options'", "code": None}
    with ScriptedServer([Status(code=400, body={"error": error}), "a", "b"]) as server:
        async with chat(server.base_url) as model:
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
        async with chat(server.base_url) as model:
            assert (await ask(model))[1].text == "at last"
    assert len(server.requests) == 3


def _error(message: str, code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "error", "code": code}}


REFUSED = [
    pytest.param(
        401,
        _error(f"Incorrect API key provided: {KEY}."),
        "refused the API key",
        id="key",
    ),
    pytest.param(
        401,
        _error("Incorrect API key provided: sk-ver****cdef"),
        "refused the API key",
        id="masked key",
    ),
    pytest.param(
        403, _error("not for you"), "does not let this key use scripted", id="forbidden"
    ),
    pytest.param(
        400,
        _error("bad", "context_length_exceeded"),
        "too long for scripted",
        id="context",
    ),
    pytest.param(
        400,
        {
            "object": "error",
            "message": "This model's maximum context length is 9",
            "code": 400,
        },
        "too long for scripted",
        id="flat context",
    ),
    pytest.param(
        400, _error("stopped", "content_filter"), "content rules", id="content"
    ),
    pytest.param(
        400, _error("scripted does not support tools"), "takes no tools", id="tools"
    ),
    pytest.param(
        400,
        _error("no such thing"),
        'status 400 (it says: "no such thing")',
        id="bad request",
    ),
    pytest.param(
        400,
        _error("scripted is not a valid model ID"),
        "has no model scripted",
        id="model 400",
    ),
    pytest.param(
        404,
        _error("model 'scripted' not found, try pulling it first"),
        "ollama pull scripted",
        id="ollama",
    ),
    pytest.param(
        413, "<html>too large</html>", "too long for scripted", id="too large"
    ),
    pytest.param(
        422, {"detail": [{"loc": ["body"], "msg": "no"}]}, "status 422", id="schema"
    ),
    pytest.param(
        429, _error("quota", "insufficient_quota"), "out of credit", id="credit"
    ),
]
UNAVAILABLE = [
    pytest.param(429, _error("slow down"), "takes no more requests for now", id="rate"),
    pytest.param(
        500, _error(f"Authorization: Bearer {KEY}"), "fails with status 500", id="500"
    ),
    pytest.param(
        503, "<!DOCTYPE html><html>" + "x" * 999, "fails with status 503", id="503"
    ),
]


@pytest.mark.parametrize(
    ("kind", "code", "body", "sentence"),
    [
        pytest.param(kind, *param.values, id=param.id)
        for kind, params in ((ModelRefused, REFUSED), (ModelUnavailable, UNAVAILABLE))
        for param in params
    ],
)
async def test_each_status_has_its_sentence(
    kind: type[ModelError], code: int, body: dict[str, Any] | str, sentence: str
) -> None:
    """Law: each refusal is one line that names the host and what to do, and no key."""
    raw = body.encode() if isinstance(body, str) else body
    error = await failure(Status(code=code, body=raw, headers=QUICK))
    assert type(error) is kind
    assert sentence in str(error)
    assert_is_a_sentence(error)


def assert_is_a_sentence(error: AnalystError) -> None:
    """One line with an end, the host, a piece of advice, and no secret."""
    text = str(error)
    assert "127.0.0.1" in text
    assert ":" in text
    assert text.endswith((".", "?"))
    assert "\n" not in text
    assert "<" not in text
    assert len(text) < 500
    assert KEY not in text
    assert "sk-" not in text
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__


STRANGE = [
    pytest.param(b"<html><body>Welcome</body></html>", id="a page"),
    pytest.param(b'{"error": {"message": "no"}}', id="an error with 200"),
    pytest.param(b'{"choices": [{"message": {"content": "hi"}}]}', id="not a stream"),
    pytest.param(b"[1, 2]", id="a list"),
    pytest.param(b"", id="nothing"),
    pytest.param(b"data: [1, 2]\n\n", id="a stream of lists"),
    pytest.param(b"data: words\n\n", id="a stream of words"),
    pytest.param(b'data: {"type": "message_start"}\n\n', id="another protocol"),
]


@pytest.mark.parametrize("body", STRANGE)
async def test_what_is_no_api_is_said_to_be_none(body: bytes) -> None:
    """Law: whatever else answers with success is never taken for an empty reply."""
    error = await failure(body)
    assert type(error) is ModelUnavailable
    assert "did not answer like an OpenAI-compatible API" in str(error)
    assert_is_a_sentence(error)


async def test_an_error_within_a_stream_is_told() -> None:
    """Law: what a server reports in the middle of a reply is told, without keys."""
    begun = {"choices": [{"index": 0, "delta": {"content": "so"}}]}
    error = await failure(sse(begun, _error(f"overloaded, {KEY}")))
    assert type(error) is ModelUnavailable
    assert "overloaded" in str(error)
    assert_is_a_sentence(error)


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
        async with chat(server.base_url) as model:
            texts, reply = await ask(model)
    assert reply.truncated
    assert reply.text == "".join(texts)
    assert "Revenue fell".startswith(reply.text)
    assert reply.text


async def test_a_server_that_falls_silent_makes_a_truncated_reply() -> None:
    """Law: the timeout counts silence, and what came before it is kept."""
    async with halting_server(asyncio.Event()) as url, chat(url, seconds=0.3) as model:
        texts, reply = await ask(model)
    assert reply.truncated
    assert "".join(texts) == reply.text != ""


async def test_no_answer_in_time_is_told() -> None:
    """Law: a server that says nothing at all is given up, with the setting named."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        async with chat(f"http://127.0.0.1:{port}/v1", seconds=0.1) as model:
            with pytest.raises(
                ModelUnavailable, match=r"within 0\.1 s: raise"
            ) as caught:
                await ask(model)
    assert_is_a_sentence(caught.value)


async def test_nothing_listens() -> None:
    """Law: an unreachable server is said to be so, with its URL, within seconds."""
    with ScriptedServer() as server:
        base_url = server.base_url
    began = time.monotonic()
    async with chat(base_url) as model:
        with pytest.raises(ModelUnavailable, match=f"Nothing listens at {base_url}"):
            await ask(model)
    assert time.monotonic() - began < 10


async def test_no_such_host() -> None:
    """Law: a misspelt host is said to be one, without what stands before its @."""
    async with chat("http://me:word@no-such-host.invalid/v1") as model:
        with pytest.raises(ModelUnavailable, match="no host no-such-host") as caught:
            await ask(model)
    assert "word" not in str(caught.value)


async def test_tls_where_there_is_none() -> None:
    """Law: https to a server of plain HTTP is answered with http."""
    with ScriptedServer() as server:
        async with chat(server.base_url.replace("http:", "https:")) as model:
            with pytest.raises(ModelUnavailable, match="does not speak TLS"):
                await ask(model)


async def test_a_wrong_path_hints_at_v1() -> None:
    """Law: a URL without its /v1 is answered with the URL that has it."""
    with ScriptedServer() as server:
        async with chat(server.base_url.removesuffix("/v1")) as model:
            with pytest.raises(ModelRefused, match=f"no chat API.*{server.base_url}"):
                await ask(model)


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
        async with chat(server.base_url, model=model) as asked:
            with pytest.raises(ModelRefused) as caught:
                await ask(asked)
    assert f"has no model {model}: " in str(caught.value)
    assert str(caught.value).endswith(sentence)
    assert_is_a_sentence(caught.value)


async def test_the_only_model_is_used_where_none_is_named() -> None:
    """Law: one model needs no name; it is asked for once."""
    with ScriptedServer(["a", "b"], models=["only"], key=KEY) as server:
        async with chat(server.base_url, model="") as model:
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
        async with chat(server.base_url, model="") as model:
            with pytest.raises(ModelRefused, match=sentence) as caught:
                await ask(model)
    assert_is_a_sentence(caught.value)


async def test_the_list_of_models_fails_as_replies_do() -> None:
    """Law: a wrong key is a wrong key, whatever was asked first."""
    with ScriptedServer(key="another") as server:
        async with chat(server.base_url, model="") as model:
            with pytest.raises(ModelRefused, match="refused the API key") as caught:
                await model.prepare()
    assert_is_a_sentence(caught.value)


async def test_a_missing_key_is_not_a_wrong_key() -> None:
    """Law: where no key was given the sentence says which setting gives one."""
    with ScriptedServer(key=KEY) as server:
        async with chat(server.base_url, key="") as model:
            with pytest.raises(ModelRefused, match="ANALYST_API_KEY") as caught:
                await ask(model)
    assert_is_a_sentence(caught.value)


@pytest.mark.parametrize("key", ["x", "secret7", "no-prefix-but-long-enough"])
async def test_keys_of_any_kind_are_never_said(key: str) -> None:
    """Law: the key that is in use is in no sentence, whatever it looks like."""
    said = _error(f"The key {key} is wrong, key={key}, '{key}'")
    error = await failure(Status(code=401, body=said), key=key)
    assert "***" in str(error)
    assert f" {key}" not in str(error)
    assert f"={key}" not in str(error)


def test_a_key_at_the_cut_of_a_long_text_is_not_said() -> None:
    """Law: a text is cut after its secrets are gone, not through them."""
    endpoint = Endpoint(
        model="m", base_url="http://h/v1", api_key="verysecret0123", timeout_seconds=1
    )
    for before in range(250):
        said = endpoint.quote("y" * before + " verysecret0123 and more" * 9)
        assert "ver" not in said
        assert len(said) < 230


@pytest.mark.parametrize(
    "url",
    ["", "localhost:11434/v1", "ftp://host/v1", "http://", "http://h:99999999/v1"],
)
def test_a_url_that_is_none_is_refused_at_once(url: str) -> None:
    """Law: what cannot be a URL is said so before anything is sent."""
    with pytest.raises(SettingsError, match="base URL must be one such as"):
        ChatModel(model="m", base_url=url, api_key="", timeout_seconds=1)


@pytest.mark.parametrize("key", ["sk-clé", "two words", "two\nlines"])
def test_a_key_that_is_none_is_refused_at_once(key: str) -> None:
    """Law: what cannot be a key is said so, without saying it."""
    with pytest.raises(SettingsError, match="copy it again") as caught:
        ChatModel(model="m", base_url="http://h/v1", api_key=key, timeout_seconds=1)
    assert key not in str(caught.value)


async def test_the_environment_of_openai_stays_at_openai(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Law: another server gets nothing that the environment says about OpenAI."""
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "BASE_URL"):
        monkeypatch.setenv(f"OPENAI_{name}", "planted")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: planted\nX-A: planted")
    # The name of the model is asked for first, and that request wants the key too.
    with ScriptedServer(["a"], models=["only"], key="not-needed") as server:
        async with chat(server.base_url, key="", model="") as model:
            await ask(model)
    assert "planted" not in str(server.requests[0].headers)


async def test_a_stream_can_be_left_and_the_model_used_again() -> None:
    """Law: giving up a reply halfway leaks nothing and breaks nothing."""
    with ScriptedServer(["a long story"] * 3) as server:
        async with chat(server.base_url) as model:
            async with aclosing(model.stream(ASKED)) as stream:  # type: ignore[type-var]
                await anext(stream)
            assert (await ask(model))[1].text == "a long story"
            await model.close()
            await model.close()
            assert (await ask(model))[1].text == "a long story"


async def test_cancelling_is_not_a_failure() -> None:
    """Law: an interrupt comes through as itself, at once, not as an error or retry."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        async with chat(f"http://127.0.0.1:{port}/v1", seconds=60) as model:
            task = asyncio.create_task(ask(model))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(task, timeout=10)


def test_the_client_is_loaded_when_it_is_first_used() -> None:
    """Law: importing and making a chat model costs nothing of the client."""
    code = (
        "import sys; from analyst.models.chat import ChatModel; "
        "ChatModel(model='m', base_url='http://h/v1', api_key='', timeout_seconds=1); "
        "sys.exit('openai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
