"""Servers that are compatible in their own way, over real HTTP, streamed and whole."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from analyst.errors import AnalystError
from analyst.events import Wire
from analyst.models.serving import chunks, completion, events, response
from analyst.models.wires.text import in_blocks
from analyst.seams import Message, Reply, Request
from analyst.testing import ScriptedServer, Status, call, python, say

from .asking import ASKED, ask, served, sse

SECONDS = 20
"""Far more than any reply of these takes: longer is a hang."""


def asks(
    index: int | None = None,
    id_: object = "",
    name: object = None,
    arguments: object = None,
) -> dict[str, Any]:
    """A part of a call."""
    made = {"id": id_, "function": {"name": name, "arguments": arguments}}
    return made if index is None else {"index": index, **made}


def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    """A chunk of a stream."""
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def whole(finish: str | None = "stop", **message: Any) -> dict[str, Any]:
    """A whole reply."""
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return {"choices": [choice]}


RUN, QUERY = "execute_python", "query_dataframe"
TWO = [(RUN, "{}"), (QUERY, "{}")]
ONE = [(RUN, '{"code": "1"}')]
STREAMED = {
    "two calls with one index": (
        [asks(0, "1", RUN, "{}"), asks(0, "2", QUERY, "{}")],
        TWO,
    ),
    "no index": ([asks(None, "1", RUN, "{}"), asks(None, "2", QUERY, "{}")], TWO),
    "no ids and no index": (
        [asks(None, None, RUN, "{}"), asks(None, None, QUERY, "{}")],
        TWO,
    ),
    "the first index is 1": (
        [asks(1, "1", RUN, '{"code"'), asks(1, None, None, ': "1"}')],
        ONE,
    ),
    "id and name in each piece": (
        [asks(0, "1", RUN, '{"code"'), asks(0, "1", RUN, ': "1"}')],
        ONE,
    ),
    "an object for arguments": ([asks(0, "1", RUN, {"code": "1"})], ONE),
    "interleaved": (
        [
            asks(0, "1", RUN, "{"),
            asks(1, "2", QUERY, "{"),
            asks(0, None, None, "}"),
            asks(1, None, None, "}"),
        ],
        TWO,
    ),
}


@pytest.mark.parametrize(("pieces", "calls"), STREAMED.values(), ids=STREAMED)
async def test_calls_are_read_however_they_come_in_pieces(
    pieces: list[dict[str, Any]], calls: list[tuple[str, str]]
) -> None:
    """Law: calls that are numbered badly are told apart, each with an id of its own."""
    for finish in ("tool_calls", "stop"):
        body = sse(*[chunk(tool_calls=[piece]) for piece in pieces], chunk(finish))
        with ScriptedServer([body]) as server:
            async with served(server.base_url) as model:
                _, reply = await ask(model)
        assert [(each.name, each.arguments) for each in reply.calls] == calls
        assert len({each.id for each in reply.calls}) == len(calls)
        assert all(each.id for each in reply.calls)
        assert not reply.truncated


WHOLE = {
    "no ids": ([asks(None, "", RUN, "{}"), asks(None, "", QUERY, "{}")], TWO),
    "one id for two": ([asks(None, "1", RUN, "{}"), asks(None, "1", QUERY, "{}")], TWO),
    "a number for an id": ([asks(None, 7, RUN, '{"code": "1"}')], ONE),
    "an object for arguments": ([asks(None, "1", RUN, {"code": "1"})], ONE),
}


@pytest.mark.parametrize(("made", "calls"), WHOLE.values(), ids=WHOLE)
async def test_calls_are_read_however_they_come_whole(
    made: list[dict[str, Any]], calls: list[tuple[str, str]]
) -> None:
    """Law: the same for a reply that comes in one."""
    body = json.dumps(whole(content=None, tool_calls=made)).encode()
    with ScriptedServer([body]) as server:
        async with served(server.base_url) as model:
            _, reply = await ask(model)
    assert [(each.name, each.arguments) for each in reply.calls] == calls
    assert len({each.id for each in reply.calls}) == len(calls)


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
async def test_thinking_is_kept_apart(key: str) -> None:
    """Law: thinking in a field of its own is not said, however it comes."""
    for body in (
        sse(chunk(**{key: "h"}), chunk(**{key: "m"}), chunk("stop", content="Hi")),
        json.dumps(whole(content="Hi", **{key: "hm"})).encode(),
    ):
        with ScriptedServer([body]) as server:
            async with served(server.base_url) as model:
                texts, reply = await ask(model)
        assert "".join(texts) == reply.text == "Hi"
        assert json.loads(reply.replay) == {"reasoning_content": "hm"}


async def test_a_stream_without_a_reason_to_end_has_ended() -> None:
    """Law: `[DONE]` without any finish_reason is an end; neither of them is a cut."""
    body = sse(chunk(content="Hi"))
    cut = sse(chunk(content="Hi"), done=False)
    with ScriptedServer([body, cut]) as server:
        async with served(server.base_url) as model:
            replies = [(await ask(model))[1] for _ in range(2)]
    assert [reply.truncated for reply in replies] == [False, True]


FRAMES = {
    "no empty lines": b'data: {"choices": [{"delta": {"content": "H"}}]}\n'
    b'data: {"choices": [{"delta": {"content": "i"}}]}\n\ndata: [DONE]\n\n',
    "carriage returns": b'data: {"choices": [{"delta": {"content": "Hi"}}]}\r\n\r\n'
    b"data: [DONE]\r\n\r\n",
    "no space": b'data:{"choices":[{"delta":{"content":"Hi"}}]}\n\ndata:[DONE]\n\n',
    "comments": b': wait\n\ndata: {"choices": [{"delta": {"content": "Hi"}}]}\n\n'
    b": wait\n\ndata: [DONE]\n\n",
    "spaces first": b" " * 99 + b'{"choices": [{"message": {"content": "Hi"}}]}',
    "a byte order mark": b'\xef\xbb\xbf{"choices": [{"message": {"content": "Hi"}}]}',
    "no last line break": b'data: {"choices": [{"delta": {"content": "Hi"}}]}\n\n'
    b"data: [DONE]",
    "separators of lines within": b'data: {"choices": [{"delta": {"content": "Hi"},'
    b' "x": "\xe2\x80\xa8\x0b"}]}\n\ndata: [DONE]\n\n',
}


@pytest.mark.parametrize("body", FRAMES.values(), ids=FRAMES)
@pytest.mark.parametrize("kind", ["text/event-stream", "application/json", "a/b"])
async def test_frames_are_read_whatever_they_are_called(body: bytes, kind: str) -> None:
    """Law: the body says what it is, not its header, and small sins are forgiven."""
    answer = Status(code=200, body=body, headers={"Content-Type": kind})
    with ScriptedServer([answer]) as server:
        async with served(server.base_url) as model:
            texts, reply = await ask(model)
    assert "".join(texts) == reply.text == "Hi"
    assert not reply.truncated


async def test_a_garbled_frame_ends_a_reply_that_had_begun() -> None:
    """Law: what came before is kept, and said to be cut off."""
    body = sse(chunk(content="So far"), done=False) + b"data: {gar\n\ndata: [DONE]\n\n"
    with ScriptedServer([body]) as server:
        async with served(server.base_url) as model:
            _, reply = await ask(model)
    assert reply.text == "So far"
    assert reply.truncated


async def test_halves_of_characters_do_not_come_through() -> None:
    """Law: text and arguments of a reply can always be written to a file."""
    body = rb'{"choices": [{"message": {"content": "a\ud800b", "tool_calls": ['
    body += rb'{"id": "\udfff", "function": {"name": "f", "arguments": "\ud83d"}}]}}]}'
    with ScriptedServer([body]) as server:
        async with served(server.base_url) as model:
            _, reply = await ask(model)
    assert reply.text.encode() == b"a?b"
    assert reply.calls[0].arguments.encode() == b"?"


async def test_a_connection_that_is_reset_makes_a_truncated_reply() -> None:
    """Law: a server that dies in the middle of a reply leaves what it had said."""
    frames = sse(*[*chunks(say("Revenue fell"), model="m")][:3], done=False)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        writer.write(frames)
        await writer.drain()
        await asyncio.sleep(0.2)
        raw = writer.get_extra_info("socket")
        now = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with served(f"http://127.0.0.1:{port}/v1") as model:
            texts, reply = await ask(model)
    assert reply.truncated
    assert "".join(texts) == reply.text != ""


LONG = 100_000
LONG_SECONDS = 4
ENDLESS = {
    "one word": "x" * LONG,
    "spaces": " " * LONG,
    "fences": "```a` " * (LONG // 6),
    "a fence": "```" + "a" * LONG,
    "tags": "<tool_call>" * (LONG // 11),
    "functions": "<function=" * (LONG // 10),
    "parameters": "<function=execute_python><parameter=" * (LONG // 36),
    "marks": "[TOOL_CALLS]" + " " * LONG,
    "names": "[TOOL_CALLS]" + "a" * LONG,
    "objects": '{"a": \n' * (LONG // 8),
    "strings": '{"\n' * (LONG // 3),
    "thoughts": "<think></think>" * (LONG // 15),
    "a model": "model " * (LONG // 6),
    "tools": "tools not " * (LONG // 10),
    "stars": "*" * LONG,
}


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
async def test_no_text_takes_long_to_read(text: str) -> None:
    """Law: reading a long text takes about its length, as a reply and as an error."""
    for answer in (
        json.dumps(whole(content=text)).encode(),
        sse(*[chunk(content=text[at : at + 10_000]) for at in range(0, LONG, 10_000)]),
        Status(code=400, body=json.dumps({"error": {"message": text}}).encode()),
        json.dumps(text).encode(),
    ):
        began = time.process_time()
        with ScriptedServer([answer]) as server, suppress(AnalystError):
            async with served(server.base_url, wire="text") as model:
                await ask(model)
        assert time.process_time() - began < LONG_SECONDS


# Whatever comes.

REPLIES = [
    say('{"plan": ["Look"]}\n\nRevenue fell by {drop:.1%} in März.'),
    python("x = 1\nprint(x)", text="I look."),
    call("query_dataframe", sql="select 1"),
    call("summarize_findings", findings=[{"template": "It fell"}], answer="It fell"),
    say('<tool_call>{"name": "execute_python", "arguments": {"code": "1"}}'),
    say("<think>hm</think>It fell."),
]
ODD: list[object] = [
    None,
    True,
    -1,
    1e300,
    10**30,
    "",
    "x" * 300_000,
    "\ud800",
    [],
    {},
    [[]],
    {"a": {}},
    "</think>",
    "```python\n1\n```",
    '{"name": "execute_python", "arguments": {}}',
]


def places(value: object) -> Iterator[tuple[Any, Any]]:
    """Each place in some JSON, as what holds it and under which key."""
    keys: Any = ()
    if isinstance(value, dict):
        keys = [*value]
    elif isinstance(value, list):
        keys = range(len(value))
    for key in keys:
        yield value, key
        yield from places(value[key])  # type: ignore[index]


def spoilt(pieces: list[Any], chance: random.Random) -> list[Any]:
    """The pieces of a reply after one to four mishaps."""
    pieces = json.loads(json.dumps(pieces))
    for _ in range(chance.randint(1, 4)):
        if not pieces:
            break
        at = chance.randrange(len(pieces))
        spots = list(places(pieces))
        holder, key = chance.choice(spots)
        match chance.randrange(6):
            case 0:
                holder[key] = chance.choice(ODD)
            case 1:
                del holder[key]
            case 2:
                pieces.insert(at, pieces[at])
            case 3:
                chance.shuffle(pieces)
            case 4:
                del pieces[at:]
            case _:
                pieces[at] = chance.choice(ODD)
    return pieces


def body_of(seed: int, wire: Wire) -> Status:
    """A valid answer, spoilt."""
    chance = random.Random(seed)
    reply = chance.choice(REPLIES)
    if wire == "text":
        reply = Reply(text=in_blocks(reply.text, reply.calls, ASKED.tools))
    streamed = events if wire == "responses" else chunks
    in_one = response if wire == "responses" else completion
    is_stream = chance.random() < 0.7
    made = list(streamed(reply, model="m")) if is_stream else [in_one(reply, model="m")]
    pieces = spoilt(made, chance)
    if is_stream:
        body = sse(*pieces, done=chance.random() < 0.5)
    else:
        body = json.dumps(pieces[0] if pieces else None).encode()
    if chance.random() < 0.3:
        at = chance.randrange(len(body) + 1)
        body = body[:at] + chance.choice([b"", b"\xff\xfe", b"\n\n", b"\x00"])
        body += b"" if chance.random() < 0.5 else body[at:]
    kind = chance.choice(["text/event-stream", "application/json", "text/html"])
    code = chance.choice([200] * 9 + [400, 500])
    headers = {"Content-Type": kind, "x-should-retry": "false"}
    return Status(code=code, body=body, headers=headers)


@pytest.mark.battery(60, 2000)
@pytest.mark.parametrize("wire", ["chat", "responses", "text"])
async def test_whatever_comes_is_a_reply_or_an_error_of_ours(
    wire: Wire, rounds: range
) -> None:
    """Law: no answer makes anything but a reply or one of our errors, nor a hang.

    And what was made of it can be sent back in the next turn.
    """
    script = (body_of(seed, wire) for seed in rounds)
    good, sentences = 0, list[str]()
    with ScriptedServer(script, responses=True) as server:
        async with served(server.base_url, wire=wire, seconds=5) as model:
            for _ in rounds:
                async with asyncio.timeout(SECONDS):
                    try:
                        texts, reply = await ask(model)
                    except AnalystError as told:
                        sentences.append(str(told))
                        continue
                good += 1
                assert "".join(texts).endswith(reply.text)
                assert all(each.id for each in reply.calls)
                assert [part.encode() for part in (reply.text, *arguments(reply))]
                turn = Request(
                    messages=(*ASKED.messages, *answered(reply)),
                    tools=ASKED.tools,
                    question="",
                )
                sent = json.dumps(model.preview(turn).body, ensure_ascii=False)
                assert sent.encode()
    assert good > len(rounds) / 4
    assert all("\n" not in told and told[-1] in ".?" for told in sentences)


def arguments(reply: Reply) -> list[str]:
    """The arguments of its calls."""
    return [each.arguments for each in reply.calls]


def answered(reply: Reply) -> Iterator[Message]:
    """The reply as a turn, and a result for each of its calls."""
    yield Message(
        role="assistant", text=reply.text, calls=reply.calls, replay=reply.replay
    )
    for each in reply.calls:
        yield Message(role="tool", text="ok", call=each.id)
