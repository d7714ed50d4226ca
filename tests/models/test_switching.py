"""When a server says no: what is done otherwise, once, said and remembered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analyst.errors import ModelRefused
from analyst.events import ToolCall, Usage, Wire
from analyst.models.served import ServedModel
from analyst.seams import Message, Reply, Request
from analyst.testing import ScriptedServer, Status

from .asking import ASKED, ask, error, served

NO_TOOLS = [
    (400, error("registry.ollama.ai/library/gemma:2b does not support tools")),
    (
        400,
        error(
            '"auto" tool choice requires --enable-auto-tool-choice and '
            "--tool-call-parser to be set"
        ),
    ),
    (500, error("tools param requires --jinja flag")),
    (404, error("No endpoints found that support tool use.", 404)),
    (400, error("`tool calling` is not supported with this model")),
    (400, error("Unsupported parameter: 'tools'", param="tools")),
    (400, error("deepseek-reasoner does not support Function Calling")),
    (400, error("Function calling is not enabled for models/gemma-3-1b-it")),
    (422, {"detail": [{"loc": ["body", "tools"], "msg": "Extra inputs"}]}),
    (400, error("Conversation roles must alternate user/assistant/user/assistant")),
]
BLOCK = "Look.\n```python\n1 + 1\n```\nResult: 3"
ASKS_FOR_RESPONSES = error(
    "Function tools with reasoning_effort are not supported for scripted in "
    "/v1/chat/completions. To use function tools, use /v1/responses or set "
    "reasoning_effort to 'none'.",
    param="reasoning_effort",
)


@pytest.mark.parametrize(("code", "body"), NO_TOOLS)
async def test_without_tools_it_goes_on_over_text(
    code: int, body: dict[str, Any]
) -> None:
    """Law: each way of refusing tools leads to text, once, and is said once."""
    refused = Status(code=code, body=body, headers={"x-should-retry": "false"})
    with ScriptedServer([refused, BLOCK, BLOCK]) as server:
        async with served(server.base_url) as model:
            first, second = [(await ask(model))[1] for _ in range(2)]
    assert ["tools" in r.body for r in server.requests] == [True, False, False]
    assert first.wire == second.wire == "text"
    assert first.calls[0].name == "execute_python"
    assert json.loads(first.calls[0].arguments) == {"code": "1 + 1"}
    assert first.text == "Look."
    assert len(first.notes) == 1
    assert "scripted takes no tools at 127.0.0.1" in first.notes[0]
    assert second.notes == ()


async def test_a_server_without_tools_can_be_scripted() -> None:
    """Law: a double that takes no tools is spoken to as a real one is."""
    with ScriptedServer([BLOCK], tools=False) as server:
        async with served(server.base_url) as model:
            assert (await ask(model))[1].wire == "text"


async def test_the_server_may_ask_for_the_responses_api() -> None:
    """Law: the refusal of tools by reasoning models leads to the Responses API."""
    refused = Status(code=400, body=ASKS_FOR_RESPONSES)
    with ScriptedServer([refused, "a", "b"], responses=True) as server:
        async with served(server.base_url) as model:
            first, second = [(await ask(model))[1] for _ in range(2)]
    paths = [received.path.removeprefix("/v1") for received in server.requests]
    assert paths == ["/chat/completions", "/responses", "/responses"]
    assert first.wire == second.wire == "responses"
    assert "Responses API" in first.notes[0]
    assert second.notes == ()


async def test_a_wire_that_failed_is_not_tried_again() -> None:
    """Law: from chat to responses to text, each left at most once, then it works."""
    refused = Status(code=400, body=ASKS_FOR_RESPONSES)
    with ScriptedServer([refused, BLOCK]) as server:
        async with served(server.base_url) as model:
            _, reply = await ask(model)
    assert reply.wire == "text"
    assert len(reply.notes) == 2
    assert len(server.requests) == 2


async def test_a_wire_that_was_asked_for_is_kept() -> None:
    """Law: a wire of the user's choice is not left, and what is wrong is said."""
    with ScriptedServer(["x"], tools=False) as server:
        async with served(server.base_url, wire="chat") as model:
            with pytest.raises(ModelRefused, match=r"takes no tools.*--wire text"):
                await ask(model)
        async with served(server.base_url, wire="responses") as model:
            with pytest.raises(ModelRefused, match="has no Responses API"):
                await ask(model)
        async with served(server.base_url, wire="text") as model:
            assert (await ask(model))[1].text == "x"


async def test_a_model_that_writes_code_is_taken_at_its_word() -> None:
    """Law: code in place of the first call is the call, and from then on the way."""
    with ScriptedServer([BLOCK, BLOCK]) as server:
        async with served(server.base_url) as model:
            first, second = [(await ask(model))[1] for _ in range(2)]
    assert [reply.wire for reply in (first, second)] == ["chat", "text"]
    assert first.text == second.text == "Look."
    assert len(first.calls) == len(second.calls) == 1
    assert "writes code in place of calling tools" in first.notes[0]
    assert ["tools" in r.body for r in server.requests] == [True, False]


async def test_a_model_that_called_before_may_show_code() -> None:
    """Law: once tools were called, code in an answer is an answer."""
    turn = Message(
        role="assistant",
        text="",
        calls=(ToolCall(id="1", name="execute_python", arguments="{}"),),
    )
    messages = (*ASKED.messages, turn, Message(role="tool", text="1", call="1"))
    with ScriptedServer([BLOCK]) as server:
        async with served(server.base_url) as model:
            _, reply = await ask(
                model, Request(messages=messages, tools=ASKED.tools, question="")
            )
    assert reply.text == BLOCK
    assert reply.calls == ()
    assert reply.notes == ()


async def test_a_second_empty_reply_is_asked_again_over_text() -> None:
    """Law: silence is met without tools at once; all that was used is counted."""
    used = Usage(fresh_tokens=5, output_tokens=1, requests=1)
    empty = Reply(usage=used)
    told = (
        *ASKED.messages,
        Message(role="assistant", text=""),
        Message(role="user", text="Continue."),
    )
    again = Request(messages=told, tools=ASKED.tools, question="")
    with ScriptedServer([empty, empty, Reply(text=BLOCK, usage=used)]) as server:
        async with served(server.base_url) as model:
            _, first = await ask(model)
            _, second = await ask(model, again)
    assert (first.text, first.calls, first.notes) == ("", (), ())
    assert second.wire == "text"
    assert second.usage.requests == 2
    assert second.usage.tokens == 12
    assert "sends nothing" in second.notes[0]


PARAMETERS = [
    ("stream_options", error("Unknown parameter: 'stream_options'.")),
    ("stream_options", {"detail": [{"loc": ["body", "stream_options"], "msg": "no"}]}),
    ("stream", error("streaming is not supported")),
    ("stream", error("Cannot use tools with stream")),
    ("stream", error("no", param="stream")),
    ("max_tokens", error("'max_tokens' is not supported with this model.")),
]


@pytest.mark.parametrize(("name", "body"), PARAMETERS)
async def test_a_refused_parameter_is_dropped_for_good(
    name: str, body: dict[str, Any]
) -> None:
    """Law: what a server does not want is left out, said once, and not sent again."""
    limited = Request(
        messages=ASKED.messages,
        tools=ASKED.tools,
        question="",
        max_output_tokens=9,
    )
    with ScriptedServer([Status(code=400, body=body), "a", "b"]) as server:
        async with served(server.base_url) as model:
            first, second = [(await ask(model, limited))[1] for _ in range(2)]
    assert [name in r.body for r in server.requests] == [True, False, False]
    assert (first.text, second.text) == ("a", "b")
    assert len(first.notes) == 1
    assert f"wants no {name}:" in first.notes[0]
    assert second.notes == ()
    if name == "max_tokens":
        assert server.requests[1].body["max_completion_tokens"] == 9


async def test_what_responses_does_not_know_is_dropped() -> None:
    """Law: a server with half of the Responses API is asked for that half."""
    refusals = [
        Status(code=400, body=error(f"Unknown parameter: '{name}'", param=name))
        for name in ("include", "store", "max_output_tokens")
    ]
    limited = Request(
        messages=ASKED.messages, tools=(), question="", max_output_tokens=99
    )
    with ScriptedServer([*refusals, "ok"], responses=True) as server:
        async with served(server.base_url, wire="responses") as model:
            _, reply = await ask(model, limited)
    assert set(server.requests[-1].body) == {"model", "stream", "instructions", "input"}
    assert len(reply.notes) == 3


@pytest.mark.parametrize("wire", ["chat", "responses", "text"])
async def test_a_server_that_does_not_stream_is_read_whole(wire: Wire) -> None:
    """Law: over each wire, a refused stream leads to a whole reply."""
    with ScriptedServer(["Hello"] * 2, streams=False, responses=True) as server:
        async with served(server.base_url, wire=wire) as model:
            replies = [(await ask(model))[1] for _ in range(2)]
    assert [reply.text for reply in replies] == ["Hello"] * 2
    assert len(server.requests) == 3
    assert "wants no stream:" in replies[0].notes[0]


async def test_a_whole_reply_where_a_stream_was_asked_is_read() -> None:
    """Law: what comes whole is read whole, whatever it was asked for as."""
    whole = json.dumps({"choices": [{"message": {"content": "hi"}}]}, indent=1)
    with ScriptedServer([whole.encode(), whole.encode()]) as server:
        async with served(server.base_url) as model:
            texts, reply = await ask(model)
    assert texts == ["hi"]
    assert not reply.truncated


IMAGES = [
    (400, error("Invalid content type. image_url is only supported by certain models")),
    (404, error("No endpoints found that support image input", 404)),
    (422, error("unknown variant `image_url`, expected `text`")),
    (400, error("Input should be a valid string", param="messages.1.content")),
    (500, error("image input is not supported - hint: provide the mmproj")),
]


@pytest.mark.parametrize(("code", "body"), IMAGES)
async def test_refused_images_are_left_out_for_good(
    code: int, body: dict[str, Any]
) -> None:
    """Law: a model that cannot see is asked without images, said once."""
    shown = Message(role="user", text="Figure 1", images=("iVBORw0KGgo=",))
    request = Request(messages=(*ASKED.messages, shown), tools=ASKED.tools, question="")
    refused = Status(code=code, body=body, headers={"x-should-retry": "false"})
    with ScriptedServer([refused, "a", "b"]) as server:
        async with served(server.base_url) as model:
            first, second = [(await ask(model, request))[1] for _ in range(2)]
            assert "image" not in str(model.preview(request).body)
    assert ["image_url" in str(r.body) for r in server.requests] == [True, False, False]
    assert len(first.notes) == 1
    assert "takes no images" in first.notes[0]
    assert second.notes == ()


async def test_thinking_is_sent_again_where_the_server_wants_it() -> None:
    """Law: thinking is kept with its turn, and echoed only once it was asked for."""
    thinking = {
        "choices": [
            {
                "message": {"content": "Hi", "reasoning_content": "hm"},
                "finish_reason": "stop",
            }
        ]
    }
    wanted = Status(code=400, body=error("Missing `reasoning_content` field"))
    whole = json.dumps(thinking).encode()
    with ScriptedServer([whole, "a", wanted, "b"]) as server:
        async with served(server.base_url) as model:
            _, first = await ask(model)
            said = Message(role="assistant", text=first.text, replay=first.replay)
            request = Request(messages=(*ASKED.messages, said), tools=(), question="")
            await ask(model, request)
            _, last = await ask(model, request)
    assert first.text == "Hi"
    sent = [r.body["messages"][-1] for r in server.requests]
    assert ["reasoning_content" in message for message in sent] == [False] * 3 + [True]
    assert sent[-1]["reasoning_content"] == "hm"
    assert len(last.notes) == 1


async def test_nothing_is_asked_again_once_something_was_said() -> None:
    """Law: a refusal in the middle of a reply is told, not tried over."""
    begun = {"choices": [{"index": 0, "delta": {"content": "so"}}]}
    refused = error("scripted does not support tools", 400)
    frames = "".join(f"data: {json.dumps(event)}\n\n" for event in (begun, refused))
    with ScriptedServer([frames.encode(), "never"]) as server:
        async with served(server.base_url) as model:
            with pytest.raises(ModelRefused):
                await ask(model)
    assert len(server.requests) == 1


async def test_what_cannot_be_mended_is_not_tried_again() -> None:
    """Law: the same complaint twice is an error, not a loop."""
    stubborn = Status(code=400, body=error("Unknown parameter: 'stream_options'"))
    with ScriptedServer([stubborn] * 9) as server:
        async with served(server.base_url) as model:
            with pytest.raises(ModelRefused, match="status 400"):
                await ask(model)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("url", "model", "wire"),
    [
        ("https://api.openai.com/v1", "gpt-4.1-mini", "chat"),
        ("https://api.openai.com/v1", "gpt-4o", "chat"),
        ("https://api.openai.com/v1", "gpt-5", "chat"),
        ("https://api.openai.com/v1", "gpt-5.3", "chat"),
        ("https://api.openai.com/v1", "gpt-5.4-mini", "responses"),
        ("https://api.openai.com/v1", "gpt-5.10", "responses"),
        ("https://api.openai.com/v1", "gpt-6-sol", "responses"),
        ("https://api.openai.com/v1", "o3", "responses"),
        ("https://me.openai.azure.com/openai/v1/", "gpt-35-turbo", "chat"),
        ("https://me.openai.azure.com/openai/v1/", "my-gpt-5.5", "responses"),
        ("https://api.openai.com.evil.org/v1", "gpt-6", "chat"),
        ("http://localhost:11434/v1", "gpt-6", "chat"),
    ],
)
def test_the_first_wire_is_chosen_by_rule(url: str, model: str, wire: Wire) -> None:
    """Law: the reasoning models of OpenAI and Azure go over responses, all else chat.

    A limit has the name that those servers know.
    """
    it = ServedModel(model=model, base_url=url, api_key="k", timeout_seconds=1)
    limited = Request(messages=(), tools=(), question="", max_output_tokens=50)
    preview = it.preview(limited)
    assert preview.url.endswith("/responses" if wire == "responses" else "/completions")
    official = "max_completion_tokens" if wire == "chat" else "max_output_tokens"
    is_openais = "azure" in url or url == "https://api.openai.com/v1"
    name = official if is_openais else "max_tokens"
    assert preview.body[name] == 50
