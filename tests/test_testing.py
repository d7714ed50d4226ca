"""The doubles: they play their script, and say so when it is wrong."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

import pytest

from analyst.errors import ModelRefused
from analyst.events import Usage
from analyst.seams import Model, Reply, Request
from analyst.testing import (
    ScriptedModel,
    ScriptedServer,
    Status,
    call,
    plan_and,
    python,
    say,
)

ASKED = Request(messages=(), tools=(), question="Why?")


async def ask(model: Model) -> tuple[list[str], Reply]:
    """The texts that a model streams, and its reply."""
    *texts, reply = [piece async for piece in model.stream(ASKED)]
    assert isinstance(reply, Reply)
    return [text for text in texts if isinstance(text, str)], reply


def post(
    server: ScriptedServer,
    path: str = "chat/completions",
    key: str = "k",
    **body: object,
) -> tuple[int, bytes]:
    """The status and the body of an answer, without any client of ours."""
    request = urllib.request.Request(
        f"{server.base_url}/{path}",
        data=json.dumps({"model": "scripted", "messages": [], **body}).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


async def test_a_script_is_played_in_order() -> None:
    """Law: replies, texts and functions of the request come one a turn, in order."""
    model: Model = ScriptedModel(
        [say("one"), "two", lambda request: say(request.question)], name="actor"
    )
    await model.prepare()
    assert model.name == "actor"
    assert [(await ask(model))[1].text for _ in range(3)] == ["one", "two", "Why?"]


async def test_text_is_streamed_in_pieces() -> None:
    """Law: a text comes in more than one piece, and together they are the reply's."""
    texts, reply = await ask(ScriptedModel(["Revenue fell in March."]))
    assert len(texts) > 1
    assert "".join(texts) == reply.text == "Revenue fell in March."


async def test_an_exception_in_the_script_is_raised() -> None:
    """Law: a failing server can be played too, and the play goes on after it."""
    model = ScriptedModel([ModelRefused("No."), "yes"])
    with pytest.raises(ModelRefused, match=r"^No\.$"):
        await ask(model)
    assert (await ask(model))[1].text == "yes"


async def test_a_script_that_is_over_says_so() -> None:
    """Law: one turn too many is a failure of the test, and all requests are kept."""
    model = ScriptedModel(["only"])
    await ask(model)
    with pytest.raises(AssertionError, match="has 1 replies"):
        await ask(model)
    assert model.requests == [ASKED, ASKED]
    await model.close()
    assert model.closed


async def test_calls_have_ids_of_their_own() -> None:
    """Law: an id is given once, also where one reply is played again and again."""
    model = ScriptedModel([python("x"), python("x"), *[call("f", a=1)] * 3])
    calls = [(await ask(model))[1].calls[0] for _ in range(5)]
    assert len({asked.id for asked in calls}) == 5
    assert all(asked.id for asked in calls)


def test_replies_are_short_to_write() -> None:
    """Law: what is written in a script is what a model would have sent."""
    reply = plan_and(["Look", "Compute"], python("x = 1", "Set x", text="Now."))
    assert reply.text == '{"plan": ["Look", "Compute"]}\n\nNow.'
    assert reply.calls[0].name == "execute_python"
    assert json.loads(reply.calls[0].arguments) == {"purpose": "Set x", "code": "x = 1"}
    assert json.loads(call("f", name="n").calls[0].arguments) == {"name": "n"}


def test_a_server_answers_whole_where_no_stream_was_asked() -> None:
    """Law: the same script is answered whole or as a stream, as it was asked for."""
    usage = Usage(fresh_tokens=3, output_tokens=2, requests=1)
    reply = Reply(text="Hello", usage=usage)
    with ScriptedServer([reply, reply]) as server:
        _, whole = post(server)
        _, stream = post(server, stream=True, stream_options={"include_usage": True})
    assert json.loads(whole)["choices"][0]["message"]["content"] == "Hello"
    assert json.loads(whole)["usage"]["total_tokens"] == 5
    *events, done = [part for part in stream.split(b"\n\n") if part]
    assert done == b"data: [DONE]"
    read = [json.loads(event.removeprefix(b"data: ")) for event in events]
    texts = [part["choices"][0]["delta"].get("content", "") for part in read[:-1]]
    assert "".join(texts) == "Hello"
    assert read[-1]["usage"]["total_tokens"] == 5


def test_a_server_plays_functions_and_bare_answers() -> None:
    """Law: a function sees the JSON of the request; a status is sent as it stands."""

    def echo(body: Mapping[str, Any]) -> str:
        return str(body["messages"][0]["content"])

    odd = Status(code=418, body=b"short and stout", headers={"X-Pot": "tea"})
    with ScriptedServer([echo, odd, b"<html>"]) as server:
        _, echoed = post(server, messages=[{"role": "user", "content": "hey"}])
        assert json.loads(echoed)["choices"][0]["message"]["content"] == "hey"
        assert post(server) == (418, b"short and stout")
        assert post(server) == (200, b"<html>")
    assert server.requests[0].headers["authorization"] == "Bearer k"
    assert server.requests[0].body["messages"][0]["content"] == "hey"


def test_a_server_refuses_as_openai_does() -> None:
    """Law: a wrong key, an unknown model and the end of the script are told apart."""
    with ScriptedServer(["unused"], models=["a"], key="right") as server:
        wrong_key = post(server, key="wrong", model="a")
        wrong_model = post(server, key="right", model="b")
        right = post(server, key="right", model="a")
        over = post(server, key="right", model="a")
    statuses = [answer[0] for answer in (wrong_key, wrong_model, right, over)]
    assert statuses == [401, 404, 200, 500]
    codes = [json.loads(body)["error"]["code"] for _, body in (wrong_key, wrong_model)]
    assert codes == ["invalid_api_key", "model_not_found"]
    assert len(server.requests) == 4


def test_a_server_lists_its_models() -> None:
    """Law: the names that it answers to are those that it lists."""
    with ScriptedServer(models=["a", "b"]) as server:
        with urllib.request.urlopen(f"{server.base_url}/models", timeout=10) as answer:
            listed = json.load(answer)
        with pytest.raises(urllib.error.HTTPError, match="404") as caught:
            urllib.request.urlopen(server.base_url, timeout=10)
        caught.value.close()
    assert [model["id"] for model in listed["data"]] == ["a", "b"]


def test_a_server_can_do_without() -> None:
    """Law: without tools, streams or the Responses API it refuses as such servers do.

    What it refuses costs no reply of the script.
    """
    with ScriptedServer(["one"], tools=False, streams=False) as server:
        tools = post(server, tools=[{"type": "function"}])
        stream = post(server, stream=True)
        responses = post(server, "responses")
        plain = post(server)
    assert [answer[0] for answer in (tools, stream, responses, plain)] == [
        400,
        400,
        404,
        200,
    ]
    assert b"does not support tools" in tools[1]
    assert json.loads(plain[1])["choices"][0]["message"]["content"] == "one"


def test_a_server_speaks_the_responses_api() -> None:
    """Law: the same script is answered over that API too, whole or as events."""
    script = [python("1", text="Look.")] * 2
    with ScriptedServer(script, responses=True) as server:
        _, whole = post(server, "responses")
        _, stream = post(server, "responses", stream=True)
    output = json.loads(whole)["output"]
    assert [item["type"] for item in output] == ["message", "function_call"]
    events = [part.split(b"\ndata: ") for part in stream.split(b"\n\n") if part]
    kinds = [json.loads(data)["type"] for _, data in events]
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert [event.removeprefix(b"event: ").decode() for event, _ in events] == kinds
    text = [json.loads(data) for _, data in events if b"output_text.delta" in data]
    assert "".join(event["delta"] for event in text) == "Look."


def test_a_server_leaves_nothing_behind() -> None:
    """Law: after its `with`, there is no thread, no socket and no listener of it."""
    before = threading.active_count()
    with ScriptedServer(["a"]) as server:
        post(server)
    assert threading.active_count() == before
    gc.collect()  # an open socket would warn now, and a warning fails the test
    with pytest.raises(urllib.error.URLError, match="refused"):
        post(server)


def test_a_server_that_does_not_run_has_no_url() -> None:
    """Law: what was forgotten is said."""
    with pytest.raises(RuntimeError, match="enter it by `with`"):
        _ = ScriptedServer().base_url


def test_the_doubles_load_neither_pytest_nor_the_client() -> None:
    """Law: the doubles serve any test runner and start at once."""
    code = (
        "import sys, analyst.testing; "
        "sys.exit(bool({'pytest', 'openai', 'pandas'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
