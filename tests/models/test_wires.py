"""Three wires, one conversation: what each sends, and that all mean the same."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from analyst.events import ToolCall, Usage, Wire
from analyst.models.wires.text import in_blocks
from analyst.seams import Message, Reply, Request
from analyst.testing import ScriptedServer, call, python

from .asking import ASKED, TOOL, ask, served

PNG = "iVBORw0KGgo="
USAGE = Usage(
    fresh_tokens=36, cached_tokens=64, output_tokens=9, reasoning_tokens=4, requests=1
)
TURNS = (
    Reply(text="Revenue fell by {drop:.1%}.\n\nIn März.", usage=USAGE),
    python('print("1")\n\nx = {"a": 1}', text="Look."),
    call("query_dataframe", sql="select 1"),
    call("summarize_findings", findings=[{"template": "It fell"}], answer="It fell"),
)
WIRES: tuple[Wire, ...] = ("chat", "responses", "text")


def on_the_wire(turn: Reply, wire: Wire) -> Reply:
    """A turn as a model says it over a wire."""
    if wire != "text":
        return turn
    return Reply(text=in_blocks(turn.text, turn.calls, ASKED.tools), usage=turn.usage)


def meant(reply: Reply) -> tuple[str, list[tuple[str, object]]]:
    """The text of a reply and what it asks for, but for what a wire cannot say."""
    calls = [(each.name, json.loads(each.arguments)) for each in reply.calls]
    for _, arguments in calls:
        arguments.pop("purpose", None)
    return reply.text, calls


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("wire", WIRES)
async def test_a_reply_means_the_same_over_each_wire(
    wire: Wire, *, streams: bool
) -> None:
    """Law: text, calls and usage come back as they were scripted, on any wire."""
    script = [on_the_wire(turn, wire) for turn in TURNS]
    with ScriptedServer(script, responses=True, streams=streams) as server:
        async with served(server.base_url, wire=wire) as model:
            heard = [await ask(model) for _ in TURNS]
    for turn, (texts, reply) in zip(TURNS, heard, strict=True):
        assert meant(reply) == meant(turn)
        assert "".join(texts) == reply.text
        assert reply.wire == wire
        assert not reply.truncated
    assert heard[0][1].usage == USAGE
    assert all(each.id for _, reply in heard for each in reply.calls)


@pytest.mark.parametrize(
    ("wire", "cut"), [*itertools.product(WIRES, ["truncated", "refused"])]
)
async def test_how_a_reply_ended_is_told_over_each_wire(wire: Wire, cut: str) -> None:
    """Law: cut at its limit or stopped by rules, the reply says so on any wire."""
    scripted = Reply(text="so far", **{cut: True})  # type: ignore[arg-type]
    with ScriptedServer([scripted], responses=True) as server:
        async with served(server.base_url, wire=wire) as model:
            _, reply = await ask(model)
    assert (reply.truncated, reply.refused) == (cut == "truncated", cut == "refused")
    assert reply.text == "so far"


def conversation() -> list[Message]:
    """One of every kind of turn."""
    one = ToolCall(id="1", name="execute_python", arguments='{"code": "x = 1\\nx"}')
    two = ToolCall(id="2", name="query_dataframe", arguments='{"sql": "select 1"}')
    bad = ToolCall(id="3", name="no_such", arguments="{")
    return [
        *ASKED.messages,
        Message(role="assistant", text="Look.", calls=(one, two)),
        Message(role="tool", text="1", call="1"),
        Message(role="tool", text="2", call="2"),
        Message(role="assistant", text="", calls=(bad,)),
        Message(role="tool", text="There is no such tool.", call="3"),
        Message(role="assistant", text=""),
        Message(role="user", text="Go on."),
        Message(role="user", text="Figure 1", images=(PNG,)),
    ]


async def bodies(wire: Wire, requests: list[Request]) -> list[dict[str, Any]]:
    """What is sent for some requests, which is also what the preview shows."""
    with ScriptedServer(["ok"] * len(requests), responses=True) as server:
        async with served(server.base_url, wire=wire) as model:
            for request in requests:
                preview = model.preview(request)
                await ask(model, request)
                received = server.requests[-1]
                assert preview.body == received.body
                assert preview.url.endswith(received.path)
                assert preview.tokens > 0
    return [dict(received.body) for received in server.requests]


@pytest.mark.parametrize("wire", WIRES)
async def test_a_preview_is_what_is_sent_and_only_grows(wire: Wire) -> None:
    """Law: a preview is the body to the byte; a longer history begins with the shorter.

    So the server finds all but the newest turn in its cache.
    """
    turns = conversation()
    history = [
        Request(messages=tuple(turns[:length]), tools=ASKED.tools, question="")
        for length in (2, 5, 7, 9)
    ]
    sent = [json.dumps(body) for body in await bodies(wire, history)]
    for shorter, longer in itertools.pairwise(sent):
        # The last message of text may get more when roles are to take turns.
        assert longer.startswith(shorter.rstrip('"]}'))


async def test_chat_shows_images_as_parts() -> None:
    """Law: a message with an image is a list of parts, all others are text."""
    (body,) = await bodies(
        "chat", [Request(messages=tuple(conversation()), tools=(), question="")]
    )
    *plain, shown = body["messages"]
    assert all(isinstance(message["content"], str) for message in plain)
    assert shown["content"] == [
        {"type": "text", "text": "Figure 1"},
        {
            "type": "image_url",
            "image_url": {"url": f"data:image/png;base64,{PNG}", "detail": "low"},
        },
    ]


async def test_responses_keeps_nothing_at_the_server() -> None:
    """Law: nothing is stored there, and the conversation goes as items."""
    (body,) = await bodies(
        "responses",
        [Request(messages=tuple(conversation()), tools=(TOOL,), question="")],
    )
    assert body["store"] is False
    assert body["include"] == ["reasoning.encrypted_content"]
    assert body["instructions"] == "You are an analyst."
    assert body["tools"] == [
        {
            "type": "function",
            "name": TOOL.name,
            "description": TOOL.description,
            "parameters": dict(TOOL.parameters),
            "strict": False,
        }
    ]
    kinds = [item.get("type") or item["role"] for item in body["input"]]
    assert kinds == [
        "user",
        "assistant",
        *["function_call"] * 2,
        *["function_call_output"] * 2,
        "function_call",
        "function_call_output",
        *["assistant", "user"] * 2,
    ]
    assert body["input"][-1]["content"][1] == {
        "type": "input_image",
        "image_url": f"data:image/png;base64,{PNG}",
        "detail": "low",
    }


async def test_text_has_no_tools_and_takes_turns() -> None:
    """Law: without tools, calls are blocks, results the user's, and roles alternate."""
    (body,) = await bodies(
        "text",
        [Request(messages=tuple(conversation()[:-1]), tools=ASKED.tools, question="")],
    )
    assert "tools" not in body
    roles = [message["role"] for message in body["messages"]]
    assert roles == ["system", *["user", "assistant"] * 3, "user"]
    assert all(set(m) == {"role", "content"} for m in body["messages"])
    system, _, asked, results, *_ = [m["content"] for m in body["messages"]]
    assert system.startswith("You are an analyst.\n\n")
    assert all(f"```{fence}" in system for fence in ("python", "sql", "json"))
    assert asked == "Look.\n\n```python\nx = 1\nx\n```\n\n```sql\nselect 1\n```"
    assert results == "Result:\n1\n\nResult:\n2"


@pytest.mark.parametrize(
    ("wire", "name", "refused"),
    [
        ("chat", "max_tokens", "max_completion_tokens"),
        ("text", "max_tokens", "max_completion_tokens"),
        ("responses", "max_output_tokens", None),
    ],
)
async def test_a_limit_is_sent_under_the_name_the_server_knows(
    wire: Wire, name: str, refused: str | None
) -> None:
    """Law: the limit of a reply is sent where there is one, and under one name."""
    limited = Request(
        messages=ASKED.messages, tools=(), question="", max_output_tokens=99
    )
    (body,) = await bodies(wire, [limited])
    assert body[name] == 99
    assert refused not in body


def response(*items: dict[str, Any]) -> bytes:
    """A whole answer of the Responses API."""
    return json.dumps({"status": "completed", "output": items}).encode()


THOUGHT = {
    "type": "reasoning",
    "id": "rs_1",
    "summary": [],
    "encrypted_content": "abc",
    "status": "completed",
}
ASKS = {
    "type": "function_call",
    "id": "fc_1",
    "call_id": "call_0",
    "name": "execute_python",
    "arguments": '{"code": "1"}',
    "status": "completed",
}


async def test_what_the_server_thought_is_sent_again() -> None:
    """Law: items come back as they came, with our ids; without thoughts, anew."""
    before = ToolCall(id="call_0", name="execute_python", arguments="{}")
    asked_before = (
        *ASKED.messages,
        Message(role="assistant", text="", calls=(before,)),
        Message(role="tool", text="0", call="call_0"),
    )
    first = Request(messages=asked_before, tools=ASKED.tools, question="")
    with ScriptedServer(
        [response(THOUGHT, ASKS), "ok", "ok"], responses=True
    ) as server:
        async with served(server.base_url, wire="responses") as model:
            _, reply = await ask(model, first)
            said = Message(
                role="assistant",
                text=reply.text,
                calls=reply.calls,
                replay=reply.replay,
            )
            result = Message(role="tool", text="1", call=reply.calls[0].id)
            for turn in (said, Message(role="assistant", text="", calls=reply.calls)):
                messages = (*asked_before, turn, result)
                await ask(model, Request(messages=messages, tools=(), question=""))
    again, anew = (r.body["input"][3:] for r in server.requests[1:])
    thought = {key: part for key, part in THOUGHT.items() if key != "status"}
    asked = {
        "type": "function_call",
        "call_id": "call_2",
        "name": "execute_python",
        "arguments": '{"code": "1"}',
    }
    output = {"type": "function_call_output", "call_id": "call_2", "output": "1"}
    assert again == [thought, asked, output]
    assert anew == [asked, output]


@pytest.mark.parametrize("replay", ["{", "[1]", '"x"', "{}", "[" * 9999, '[{"a": 1}]'])
async def test_a_broken_replay_is_left_out(replay: str) -> None:
    """Law: what no server wrote is not sent to one, on any wire."""
    said = Message(role="assistant", text="Hello", replay=replay)
    request = Request(messages=(*ASKED.messages, said), tools=(), question="")
    for wire in WIRES:
        (body,) = await bodies(wire, [request])
        last = body.get("messages", body.get("input"))[-1]
        assert last == {"role": "assistant", "content": "Hello"}


async def test_thoughts_that_are_too_long_are_not_kept() -> None:
    """Law: what is kept for a server is bounded."""
    long = response({**THOUGHT, "encrypted_content": "x" * 300_000}, ASKS)
    with ScriptedServer([long], responses=True) as server:
        async with served(server.base_url, wire="responses") as model:
            _, reply = await ask(model)
    assert reply.replay == ""
    assert len(reply.calls) == 1


STREAMS = {
    "no final whole": [
        {"type": "response.output_text.delta", "output_index": 0, "delta": "Hi"},
        {"type": "response.completed", "response": {"status": "completed"}},
    ],
    "only the final whole": [
        {
            "type": "response.completed",
            "response": {
                "status": "completed",
                "output": [
                    {
                        "type": "message",
                        "content": [{"type": "output_text", "text": "Hi"}],
                    }
                ],
            },
        }
    ],
    "unknown events": [
        {"type": "response.queued"},
        {"type": "keepalive"},
        {"type": "response.output_text.delta", "delta": "Hi"},
        {"type": "response.completed", "response": None},
    ],
}


@pytest.mark.parametrize("events", STREAMS.values(), ids=STREAMS)
async def test_servers_tell_responses_in_their_own_way(
    events: list[dict[str, Any]],
) -> None:
    """Law: what was said is read from deltas or from the whole, whichever came."""
    frames = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    with ScriptedServer([frames.encode()], responses=True) as server:
        async with served(server.base_url, wire="responses") as model:
            texts, reply = await ask(model)
    assert "".join(texts) == reply.text == "Hi"
    assert not reply.truncated


async def test_a_response_that_is_cut_is_truncated() -> None:
    """Law: without its last event a reply is cut off, with what came of its call."""
    added = {"type": "response.output_item.added", "output_index": 0}
    asked = {"type": "function_call", "call_id": "c", "name": "execute_python"}
    delta = {"type": "response.function_call_arguments.delta", "output_index": 0}
    events = [{**added, "item": {**asked, "arguments": ""}}, {**delta, "delta": '{"co'}]
    frames = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    with ScriptedServer([frames.encode()], responses=True) as server:
        async with served(server.base_url, wire="responses") as model:
            _, reply = await ask(model)
    assert reply.truncated
    assert reply.calls[0].arguments == '{"co'
    assert reply.replay == ""
