"""Reading replies: whatever order and shape the pieces have, one reply comes out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyst.events import ToolCall, Usage
from analyst.models.reading.replies import ReplyReader
from analyst.models.server.frames import DONE as WAS_ALL
from analyst.models.server.frames import NotAReply
from analyst.models.server.listing import read_models
from analyst.models.serving import chunks, completion
from analyst.seams import Message, Reply, Request, Tool

NOTHING = Request(messages=(), tools=(), question="")
KEYS = ["choices", "delta", "message", "content", "tool_calls", "function"]
KEYS += ["index", "id", "name", "arguments", "usage", "finish_reason"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=20,
)
CALLS = st.lists(
    st.builds(
        ToolCall,
        id=st.integers(0, 99).map(lambda number: f"id{number}"),
        name=st.sampled_from(["execute_python", "query_dataframe"]),
        arguments=st.dictionaries(st.text(max_size=5), st.text(max_size=30)).map(
            json.dumps
        ),
    ),
    max_size=4,
    unique_by=lambda call: call.id,
).map(tuple)
USAGES = st.builds(
    Usage,
    fresh_tokens=st.integers(1, 9999),
    cached_tokens=st.integers(0, 9999),
    output_tokens=st.integers(50, 999),
    reasoning_tokens=st.integers(0, 50),
    requests=st.just(1),
)
REPLIES = st.builds(
    Reply,
    text=st.text(),
    calls=CALLS,
    usage=USAGES,
    truncated=st.booleans(),
)


def read(*pieces: object, request: Request = NOTHING) -> tuple[str, Reply]:
    """What was said while the pieces came, and the reply that they make."""
    reader = ReplyReader(request)
    said = "".join([reader.add(piece) for piece in pieces])
    return said + reader.end(), reader.reply()


def chunk(
    delta: dict[str, Any], finish: str | None = None, **more: object
) -> dict[str, Any]:
    """A chunk of a stream."""
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def piece(
    index: int | None, id_: str | None, name: str | None, arguments: object
) -> dict[str, Any]:
    """A chunk with a part of a call."""
    call: dict[str, Any] = {
        "id": id_,
        "function": {"name": name, "arguments": arguments},
    }
    return chunk({"tool_calls": [call if index is None else {"index": index, **call}]})


DONE = chunk({}, "stop")


@settings(deadline=None)
@given(REPLIES)
def test_what_a_server_sends_is_read_as_it_was_meant(reply: Reply) -> None:
    """Law: a reply comes back equal, streamed or whole, and its text as it was said."""
    said, streamed = read(*chunks(reply, model="m"))
    assert streamed == reply
    assert said == reply.text
    assert read(completion(reply, model="m")) == (reply.text, reply)


@settings(deadline=None)
@given(st.lists(JSON, max_size=4))
def test_any_json_is_a_reply_or_none(pieces: list[object]) -> None:
    """Law: no JSON raises anything but `NotAReply`, and what was said is the text."""
    try:
        said, reply = read(*pieces)
    except NotAReply:
        return
    assert said == reply.text
    assert all(call.id for call in reply.calls)
    assert len({call.id for call in reply.calls}) == len(reply.calls)


@pytest.mark.parametrize(
    ("pieces", "calls"),
    [
        pytest.param(
            [piece(0, "1", "f", "{}"), piece(0, "2", "f", "{}")],
            [("1", "f", "{}"), ("2", "f", "{}")],
            id="two calls share index 0",
        ),
        pytest.param(
            [piece(None, "1", "f", "{}"), piece(None, "2", "g", "{}")],
            [("1", "f", "{}"), ("2", "g", "{}")],
            id="no index",
        ),
        pytest.param(
            [piece(1, "1", "f", "{"), piece(1, None, None, "}")],
            [("1", "f", "{}")],
            id="the first index is 1",
        ),
        pytest.param(
            [piece(0, "1", "f", "{"), piece(0, "1", "f", "}")],
            [("1", "f", "{}")],
            id="id and name repeated in each piece",
        ),
        pytest.param(
            [piece(0, "1", "f", {"a": 1})],
            [("1", "f", '{"a": 1}')],
            id="arguments as an object",
        ),
        pytest.param(
            [
                piece(0, "1", "f", "{"),
                piece(1, "2", "g", "{"),
                piece(0, None, None, "}"),
                piece(1, None, None, "}"),
            ],
            [("1", "f", "{}"), ("2", "g", "{}")],
            id="interleaved",
        ),
        pytest.param(
            [piece(0, "", "f", "{}"), piece(0, "", "f", "{}")],
            [("call_1", "f", "{}"), ("call_2", "f", "{}")],
            id="no ids and one index",
        ),
        pytest.param(
            [piece(0, "", "f", "{}"), piece(0, "", "g", ""), piece(0, "", "", "{}")],
            [("call_1", "f", "{}"), ("call_2", "g", "{}")],
            id="no ids, one index, and a name on its own",
        ),
        pytest.param(
            [piece(0, "1", "f", ""), piece(0, "2", "f", "{}")],
            [("1", "f", ""), ("2", "f", "{}")],
            id="a call without arguments before another",
        ),
        pytest.param(
            [
                {
                    "choices": [
                        {"message": {"tool_calls": [{"function": {"name": "f"}}] * 2}}
                    ]
                }
            ],
            [("call_1", "f", ""), ("call_2", "f", "")],
            id="whole calls with nothing to tell them apart",
        ),
        pytest.param(
            [piece(None, None, "f", "{}"), piece(None, None, "g", "{}")],
            [("call_1", "f", "{}"), ("call_2", "g", "{}")],
            id="neither ids nor indexes",
        ),
        pytest.param(
            [piece(None, None, "f", "{"), piece(None, None, None, "}")],
            [("call_1", "f", "{}")],
            id="one call with neither",
        ),
        pytest.param(
            [piece(0, "x", "f", "{}"), piece(1, "x", "f", "{}")],
            [("x", "f", "{}"), ("call_1", "f", "{}")],
            id="two calls share an id",
        ),
        pytest.param(
            [piece(0, "1", "execute_", ""), piece(0, None, "python", "{}")],
            [("1", "execute_python", "{}")],
            id="a name in two pieces",
        ),
        pytest.param(
            [
                piece(0, "1", "f", ""),
                piece(0, "1", "f", '{"a":'),
                piece(0, "1", "f", "1}"),
            ],
            [("1", "f", '{"a":1}')],
            id="a name repeated while the arguments come",
        ),
        pytest.param(
            [chunk({"tool_calls": [{}, None, "x", {"function": None}]})],
            [],
            id="calls that are none",
        ),
    ],
)
def test_calls_are_told_apart(
    pieces: list[object], calls: list[tuple[str, str, str]]
) -> None:
    """Law: each call is read once and whole, however servers number them."""
    _, reply = read(*pieces, DONE)
    assert [(c.id, c.name, c.arguments) for c in reply.calls] == calls


def test_ids_are_new_in_the_whole_conversation() -> None:
    """Law: an id that was used before is replaced, the same way every time."""
    earlier = (ToolCall(id="call_0", name="f", arguments="{}"),)
    request = Request(
        messages=(Message(role="assistant", text="", calls=earlier),),
        tools=(),
        question="",
    )
    pieces = [piece(0, "call_0", "f", "{}"), piece(1, "", "f", "{}"), DONE]
    ids = [[c.id for c in read(*pieces, request=request)[1].calls] for _ in range(2)]
    assert ids == [["call_2", "call_3"]] * 2


@pytest.mark.parametrize(
    ("finish", "truncated", "refused"),
    [
        (None, True, False),
        ("max_tokens", True, False),
        ("length", True, False),
        ("stop", False, False),
        ("tool_calls", False, False),
        ("content_filter", False, True),
    ],
)
def test_how_a_reply_ended(
    finish: str | None, *, truncated: bool, refused: bool
) -> None:
    """Law: without a proper end it is `truncated`; stopped by rules, `refused`."""
    _, reply = read(chunk({"content": "so far"}), chunk({}, finish))
    assert (reply.truncated, reply.refused) == (truncated, refused)


def test_a_stream_that_says_it_is_over_is_not_cut() -> None:
    """Law: `[DONE]` ends a reply as well as a reason does; a whole one has ended."""
    assert not read(chunk({"content": "so far"}), WAS_ALL)[1].truncated
    whole = {"choices": [{"message": {"content": "hi"}}]}
    assert not read(whole)[1].truncated


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("hm</think>\nhi", "hi"),
        ("<think>a</think>b</think>hi", "hi"),
        ("</think>hi", "hi"),
    ],
)
def test_thinking_that_was_never_opened_is_dropped(text: str, spoken: str) -> None:
    """Law: what stands before a stray end of thinking is not the reply."""
    assert read(*[chunk({"content": c}) for c in text], DONE)[1].text == spoken
    assert read(chunk({"content": text}), DONE)[1].text == spoken


def test_a_refusal_is_text() -> None:
    """Law: what a provider says in refusing is the text of the reply."""
    said, reply = read(chunk({"refusal": "I can"}), chunk({"refusal": "not."}), DONE)
    assert said == reply.text == "I cannot."
    assert reply.refused


def test_usage_survives_an_empty_chunk_after_it() -> None:
    """Law: usage is what the server last said of it, with the cached part apart."""
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 7,
        "prompt_tokens_details": {"cached_tokens": 64},
        "completion_tokens_details": {"reasoning_tokens": 5},
    }
    said: list[object] = [usage, None, {}]
    _, reply = read(DONE, *[{"choices": [], "usage": each} for each in said])
    assert reply.usage == Usage(
        fresh_tokens=36,
        cached_tokens=64,
        output_tokens=7,
        reasoning_tokens=5,
        requests=1,
    )


@pytest.mark.parametrize(
    "usage", [None, {}, {"prompt_tokens": 0}, {"prompt_tokens": "9"}]
)
def test_usage_that_was_not_said_is_estimated(usage: object) -> None:
    """Law: an estimate is marked as one and grows with what was sent and came back."""
    request = Request(
        messages=(Message(role="user", text="word " * 200),),
        tools=(Tool(name="f", description="d" * 43, parameters={"type": "object"}),),
        question="",
    )
    _, short = read(chunk({"content": "x" * 43}), DONE, {"choices": [], "usage": usage})
    _, long = read(chunk({"content": "x" * 430}), DONE, request=request)
    assert short.usage.estimated
    assert short.usage.requests == 1
    assert short.usage.output_tokens == 14
    assert long.usage.output_tokens == 104
    assert 400 < long.usage.fresh_tokens < 430
    assert short.usage.fresh_tokens <= 1


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["<th", "ink>", "<think>", "</think>", " ", "a<", "b"]))
)
def test_what_was_said_is_never_taken_back(parts: list[str]) -> None:
    """Law: however a text is cut into pieces, what is said is the reply's text.

    Only thinking that was closed and never opened may have been said before.
    """
    whole = "".join(parts)
    said, reply = read(*[chunk({"content": part}) for part in parts], DONE)
    assert said.endswith(reply.text)
    assert said == reply.text or "</think>" in whole
    assert reply.text == read(chunk({"content": whole}), DONE)[1].text


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("<think>hm</think>\nhi", "hi"),
        ("\n<think>hm</think>hi", "hi"),
        ("<think>never closed", ""),
        ("no <think>hm</think>", "no <think>hm</think>"),
        ("<think>a</think> <think>b</think>hi", "hi"),
        ("<thi", "<thi"),
        ("  hi", "  hi"),
    ],
)
def test_thinking_is_not_said(text: str, spoken: str) -> None:
    """Law: thinking at the head of a text is neither said nor kept; all else is."""
    said, reply = read(*[chunk({"content": character}) for character in text], DONE)
    assert said == reply.text == spoken


def test_content_may_be_a_list_of_parts() -> None:
    """Law: text in parts is text; parts that are no text are passed over."""
    parts = [{"type": "text", "text": "a"}, {"type": "image"}, {"text": "b"}]
    assert read(chunk({"content": parts}), DONE)[0] == "ab"


@pytest.mark.parametrize(
    "pieces",
    [
        ["<html>"],
        [[1]],
        [{"error": {"message": "no"}}],
        [{"error": "no", "choices": None}],
        [{"type": "message_start"}],
        [{}],
        [],
    ],
)
def test_what_is_no_reply_is_said_to_be_none(pieces: list[object]) -> None:
    """Law: another protocol, a page or nothing at all is never an empty reply."""
    with pytest.raises(NotAReply):
        read(*pieces)


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"data": [{"id": "a"}, {"id": "b"}]}, ("a", "b")),
        ({"models": [{"name": "a"}]}, ("a",)),
        ([{"id": "a"}, "x", {"id": 1}], ("a",)),
        ({"data": []}, ()),
    ],
)
def test_model_names_are_read(body: object, names: tuple[str, ...]) -> None:
    """Law: the lists of the servers that there are give their names."""
    assert tuple(read_models(body)) == names


@pytest.mark.parametrize("body", ["<html>", {}, {"data": "x"}, None])
def test_what_is_no_list_of_models_is_said_to_be_none(body: object) -> None:
    """Law: a page is not an empty list of models."""
    with pytest.raises(NotAReply):
        read_models(body)
