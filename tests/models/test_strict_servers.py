"""Servers that take nothing but conversations in good order, and limits that fit."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import pairwise, repeat
from pathlib import Path
from typing import Any, TypeAlias

import pytest

import analyst
from analyst.agent.tools import TOOLS
from analyst.errors import ContextTooLong, ModelUnavailable
from analyst.events import ToolCall, Wire
from analyst.models.server.quirks import Quirks, quirks_of
from analyst.models.wires.text import in_blocks
from analyst.seams import Message, Reply, Request
from analyst.testing import ScriptedServer, Status, call, plan_and, python, say

from .asking import ASKED, ask, error, served

Rule: TypeAlias = Callable[[list[dict[str, Any]]], str]
WIRES: tuple[Wire, ...] = ("chat", "responses", "text")
LIMITED = Request(
    messages=ASKED.messages, tools=ASKED.tools, question="", max_output_tokens=50_000
)
RESULT = "function_call_output"


def kind(turn: Mapping[str, Any]) -> str:
    """The role of a turn, over either API."""
    names = {RESULT: "tool", "function_call": "assistant", "message": "assistant"}
    return turn.get("role") or names[turn["type"]]


def user_after_tool(turns: list[dict[str, Any]]) -> str:
    """As Mistral has it."""
    follows = ("tool", "user") in pairwise(map(kind, turns))
    return "Unexpected role 'user' after role 'tool'" if follows else ""


def two_users(turns: list[dict[str, Any]]) -> str:
    """As the templates of many models have it."""
    follows = ("user", "user") in pairwise(map(kind, turns))
    return "There are two messages of the user in a row" if follows else ""


def empty_turn(turns: list[dict[str, Any]]) -> str:
    """As Mistral and Anthropic have it."""
    says = [turn.get("content", "") or turn.get("tool_calls") for turn in turns]
    is_empty = any(
        "role" in turn and kind(turn) == "assistant" and not said
        for turn, said in zip(turns, says, strict=True)
    )
    return "Assistant message must have content or calls" if is_empty else ""


def two_systems(turns: list[dict[str, Any]]) -> str:
    """As most templates have it."""
    is_late = any(kind(turn) == "system" for turn in turns[1:])
    return "The system message must come first" if is_late else ""


def result_without_call(turns: list[dict[str, Any]]) -> str:
    """As all of them have it."""
    asked: set[str] = set()
    for turn in turns:
        asked |= {each["id"] for each in turn.get("tool_calls", ())}
        if turn.get("type") == "function_call":
            asked.add(turn["call_id"])
        answered = turn.get("tool_call_id") or turn.get("call_id")
        if kind(turn) == "tool" and answered not in asked:
            return "A result answers no call"
    return ""


def thought_alone(turns: list[dict[str, Any]]) -> str:
    """As OpenAI has it."""
    types = [*(turn.get("type", "message") for turn in turns), "end"]
    is_alone = any(
        before == "reasoning" and after != "function_call"
        for before, after in pairwise(types)
    )
    return "An item of type reasoning lacks its following item" if is_alone else ""


RULES: tuple[Rule, ...] = (
    user_after_tool,
    two_users,
    empty_turn,
    two_systems,
    result_without_call,
)


def broken(body: Mapping[str, Any]) -> list[str]:
    """The rules that a request breaks, in the words of a server."""
    turns = [*body.get("messages", body.get("input", ()))]
    return [told for rule in RULES if (told := rule(turns))]


SCRIPT = (
    plan_and(["Look", "Tell"], python("total = df['no_such'].sum()")),
    python("total = int(df['revenue'].sum())\ntotal"),
    say(""),
    call("summarize_findings", findings=[], answer="{total} in all."),
    python("half = total / 2\nhalf"),
    say("{half:.1f} is half of it."),
)


@pytest.mark.parametrize("wire", WIRES)
def test_a_whole_session_keeps_the_order_that_servers_want(
    wire: Wire, tmp_path: Path
) -> None:
    """Law: a plan, a failing cell, its fix, an empty reply, an answer by a tool, a
    second question and a limit make one conversation that the strictest server takes;
    only the turn after a result is put in when it asks for it, once.
    """
    (tmp_path / "sales.csv").write_text("region,revenue\nNorth,100\nSouth,55\n")
    replies = iter(SCRIPT)

    def play(body: Mapping[str, Any]) -> Reply | Status:
        if wrong := broken(body):
            return Status(code=400, body=error(wrong[0]))
        reply = next(replies)
        if wire == "text":
            return say(in_blocks(reply.text, reply.calls, TOOLS))
        return reply

    with (
        ScriptedServer(repeat(play), responses=True) as server,
        analyst.Analyst(
            tmp_path / "sales.csv",
            model="scripted",
            base_url=server.base_url,
            wire=wire,
            notebook=tmp_path / "n.ipynb",
            sandbox="none",
            verify=False,
            max_steps=4,
        ) as session,
    ):
        first, second = session.ask("How much?"), session.ask("And half of it?")
    assert (first.answer, second.answer) == ("155 in all.", "77.5 is half of it.")
    refused = [told for r in server.requests for told in broken(r.body)]
    expected = [] if wire == "text" else [user_after_tool]
    assert len(refused) == len(expected)
    assert all("after role 'tool'" in told for told in refused)
    assert len(server.requests) == len(SCRIPT) + len(expected)


AFTER_A_RESULT = Request(
    messages=(
        *ASKED.messages,
        Message(
            role="assistant",
            text="",
            calls=(ToolCall(id="1", name="execute_python", arguments="{}"),),
        ),
        Message(role="tool", text="1", call="1"),
        Message(role="user", text="And now?"),
    ),
    tools=ASKED.tools,
    question="",
)


@pytest.mark.parametrize(
    "words",
    [
        error("Unexpected role 'user' after role 'tool'", 3230),
        error("Conversation roles must alternate user/assistant/user/assistant"),
    ],
)
async def test_a_turn_between_a_result_and_the_user_is_remembered(
    words: dict[str, Any],
) -> None:
    """Law: it is put in only where the server asked for it, said once, and kept."""
    with ScriptedServer([Status(code=400, body=words), "a", "b"]) as server:
        for notes in (1, 0):
            async with served(server.base_url) as model:
                _, reply = await ask(model, AFTER_A_RESULT)
            assert len(reply.notes) == notes
            assert reply.wire == "chat"
    roles = [[m["role"] for m in r.body["messages"]][-2:] for r in server.requests]
    assert roles == [["tool", "user"], *[["assistant", "user"]] * 2]


async def test_thoughts_that_nothing_follows_are_not_sent_again() -> None:
    """Law: a reply of thinking alone leaves a conversation that the server takes."""
    thought = {"type": "reasoning", "id": "r", "summary": [], "encrypted_content": "x"}
    whole = json.dumps({"status": "completed", "output": [thought]}).encode()
    with ScriptedServer([whole, "ok"], responses=True) as server:
        async with served(server.base_url, wire="responses") as model:
            _, reply = await ask(model)
            said = Message(role="assistant", text=reply.text, replay=reply.replay)
            told = (*ASKED.messages, said, Message(role="user", text="Go on."))
            await ask(model, Request(messages=told, tools=ASKED.tools, question=""))
    sent = server.requests[-1].body["input"]
    assert (thought_alone(sent), empty_turn(sent)) == ("", "")
    assert [kind(turn) for turn in sent] == ["user", "assistant", "user"]


# Limits that are too large.

TOO_LARGE = [
    error(
        "'max_tokens' or 'max_completion_tokens' is too large: 50000. This model's "
        "maximum context length is 8192 tokens and your request has 1200 input tokens "
        "(50000 > 8192 - 1200)."
    ),
    error(
        "This model's maximum context length is 8192 tokens. However, you requested "
        "50200 tokens (200 in the messages, 50000 in the completion)."
    ),
    error(
        "max_tokens is too large: 50000. This model supports at most 16384 completion "
        "tokens.",
        param="max_tokens",
    ),
    error("`max_tokens` must be less than or equal to `8192`", param="max_tokens"),
    error("max_tokens: 50000 > 8192, which is the maximum allowed number"),
]


@pytest.mark.parametrize("words", TOO_LARGE)
@pytest.mark.parametrize("wire", WIRES)
async def test_a_limit_that_is_too_large_is_left_out_for_now(
    wire: Wire, words: dict[str, Any]
) -> None:
    """Law: it is no refusal of its name and no long conversation: this session goes on
    without one, and the next may send one again.
    """
    answers = [Status(code=400, body=words), "a", "b", "c"]
    with ScriptedServer(answers, responses=True) as server:
        async with served(server.base_url, wire=wire) as model:
            first, second = [(await ask(model, LIMITED))[1] for _ in range(2)]
        async with served(server.base_url, wire=wire) as model:
            await ask(model, LIMITED)
        host = server.base_url.removeprefix("http://").removesuffix("/v1")
    has_limit = [
        any(name.startswith("max_") for name in r.body) for r in server.requests
    ]
    assert has_limit == [True, False, False, True]
    assert (first.text, len(first.notes), second.notes) == ("a", 1, ())
    assert quirks_of(host, "scripted") == Quirks()


async def test_a_window_that_is_named_beside_a_limit_is_known() -> None:
    """Law: what a server says of its context is kept, whatever it complains about."""
    with ScriptedServer([Status(code=400, body=TOO_LARGE[0]), "a"]) as server:
        async with served(server.base_url, window_tokens=50_000) as model:
            await ask(model, LIMITED)
            assert model.window_tokens == 8192


async def test_a_conversation_that_is_too_long_even_so_is_told() -> None:
    """Law: without a limit to blame, the same words are about the conversation."""
    with ScriptedServer([Status(code=400, body=TOO_LARGE[1])] * 2) as server:
        async with served(server.base_url) as model:
            with pytest.raises(ContextTooLong):
                await ask(model, LIMITED)
    assert len(server.requests) == 2


# What one reply of a model says of the next.


async def test_what_a_model_did_once_is_not_remembered() -> None:
    """Law: code in place of a call leads to text for this session, not for the next."""
    block = "```python\n1 + 1\n```"
    with ScriptedServer([block, "a", "b"]) as server:
        async with served(server.base_url) as model:
            for _ in range(2):
                await ask(model)
        async with served(server.base_url) as model:
            await ask(model)
    assert ["tools" in r.body for r in server.requests] == [True, False, True]


async def test_what_the_server_said_is_remembered_beside_it() -> None:
    """Law: only that part is kept which the server asked for."""
    no = Status(code=400, body=error("Unknown parameter: 'stream_options'."))
    with ScriptedServer([no, "```python\n1 + 1\n```"]) as server:
        async with served(server.base_url) as model:
            await ask(model)
        host = server.base_url.removeprefix("http://").removesuffix("/v1")
    assert quirks_of(host, "scripted") == Quirks(refused=("stream_options",))


async def test_the_sum_of_two_requests_is_no_measure_of_one() -> None:
    """Law: where a reply took two requests all tokens count, marked as an estimate."""
    told = (*ASKED.messages, Message(role="assistant", text=""))
    again = Request(
        messages=(*told, Message(role="user", text="Continue.")),
        tools=ASKED.tools,
        question="",
    )
    with ScriptedServer(["", "Well."]) as server:
        async with served(server.base_url) as model:
            _, reply = await ask(model, again)
    assert reply.usage.requests == 2
    assert reply.usage.estimated


# Servers that only pretend to answer.


async def alive(writer: asyncio.StreamWriter, first: bytes, sign: bytes) -> None:
    """Answer with signs of life alone, for as long as anybody listens."""
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + first)
    while not writer.is_closing():
        writer.write(sign)
        await writer.drain()
        await asyncio.sleep(0.02)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection, whatever became of it."""
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


STREAM = b"Content-Type: text/event-stream\r\n\r\n"


@pytest.mark.parametrize(
    ("first", "sign"),
    [(STREAM, b": keep-alive\n\n"), (b"Content-Type: application/json\r\n\r\n", b" ")],
    ids=["comments", "spaces"],
)
async def test_signs_of_life_are_no_answer(first: bytes, sign: bytes) -> None:
    """Law: only a piece of a reply is worth more time."""
    gone = asyncio.Event()

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        with suppress(ConnectionError):
            await alive(writer, first, sign)
        await hang_up(writer)
        gone.set()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        began = time.monotonic()
        async with served(f"http://127.0.0.1:{port}/v1", seconds=0.3) as model:
            with pytest.raises(ModelUnavailable, match=r"did not answer within 0\.3 s"):
                await ask(model)
        assert time.monotonic() - began < 10
        await gone.wait()


async def test_what_takes_too_long_is_not_asked_again() -> None:
    """Law: a reply that does not come in time is asked for once, since each is paid."""
    asked = 0
    gone = asyncio.Event()

    async def listen(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        nonlocal asked
        await reader.readuntil(b"\r\n\r\n")
        asked += 1
        await reader.read()
        await hang_up(writer)
        gone.set()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with served(f"http://127.0.0.1:{port}/v1", seconds=0.2) as model:
            with pytest.raises(ModelUnavailable, match=r"did not answer within 0\.2 s"):
                await ask(model)
        await gone.wait()
    assert asked == 1


async def test_what_passes_is_asked_again() -> None:
    """Law: too many requests and a failing server are waited for."""
    for code in (429, 500):
        busy = Status(code=code, body=error("x"), headers={"retry-after-ms": "1"})
        with ScriptedServer([busy, busy, "ok"]) as server:
            async with served(server.base_url) as model:
                assert (await ask(model))[1].text == "ok"
