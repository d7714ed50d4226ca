"""Malformed replies: mutations of valid ones, the same for the same seed.

A valid reply becomes the JSON of its wire, as a stream or as a whole. Something is
spoilt: what it says, its JSON, how that is cut into frames, the bytes, or what HTTP
tells of them. `analyst.testing.ScriptedServer` sends what comes out as it is.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from analyst.agent.tools import TOOLS
from analyst.events import Usage
from analyst.models.serving import chunks, completion, events, response
from analyst.models.wires.text import in_blocks
from analyst.seams import Reply
from analyst.testing import Status, call, plan_and, python, say

from .spoilt_bytes import FRAMES, OF_BYTES, deepened
from .spoilt_json import OF_PIECES, OF_STREAMS
from .spoilt_replies import ODD, OF_REPLIES

__all__ = ["Malformed", "malformed", "spoken"]

_DEEP = 60_000
_USED = Usage(fresh_tokens=900, cached_tokens=100, output_tokens=40, requests=1)
REPLIES: Mapping[str, Reply] = {
    "text": replace(say("Revenue is {total:.0f}, and that is all."), usage=_USED),
    "code": replace(python("total = df['revenue'].sum()\ntotal"), usage=_USED),
    "plan": plan_and(["Total", "Mean"], python("total = 1\nprint('one\\ntwo', total)")),
    "failing code": python("1 +", text="Let me add."),
    "query": call("query_dataframe", sql="select region from df limit 2"),
    "findings": call(
        "summarize_findings",
        findings=[{"template": "It has {len(df)} rows.", "cells": [3]}],
        answer="There are {len(df)} rows.",
    ),
    "two calls": Reply(calls=(*python("a = 1").calls, *python("b = 2").calls)),
    "thinking": say("<think>Let me see.</think>It is hard to say."),
}
"""Valid ones to begin with."""

NOTHING = (
    b"",
    b" \n",
    b"{}",
    b"[]",
    b"null",
    b"0",
    b'""',
    b"NaN",
    b"9" * 5000,
    b"\xff\xfe\x00",
    b"upstream connect error",
    b"<html><body>502</body>",
    b"<!doctype html><title>Welcome</title>",
    b"[" * _DEEP,
    b'{"a":' * _DEEP,
    b"data: " + b"[" * _DEEP + b"\n\n",
    b"data: [DONE]\n\n",
    b"data:\n\n",
    b": only a comment\n\n",
    b'data: {"error": {"message": "late", "code": 500}}\n\n',
    b'{"choices": []}',
    b'{"choices": [{}]}',
    b'{"choices": "none"}',
    b'{"choices": {"0": {"message": {"content": "x"}}}}',
    b'{"choices": [{"message": {}}]}',
    b'{"choices": [{"message": {"content": null}}]}',
    b'{"output": []}',
    b'{"output": [{}]}',
    b'{"object": "response", "output": null, "status": "completed"}',
    b'{"status": "failed"}',
    b'{"type": "error", "message": null}',
    b'{"type": 7}',
    b'{"detail": 1}',
    b'{"error": {}}',
    b'{"error": "boom"}',
    b'{"error": [1]}',
    b'{"error": {"message": ["a", {"b": 1}]}}',
    b'{"error": {"message": "x", "code": "context_length_exceeded"}}',
)
"""Bodies that hold no reply at all."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """What is sent, and the mutations that it went through."""

    recipe: str
    answer: Status


def malformed(dice: random.Random, request: Mapping[str, Any]) -> Malformed:
    """A malformed reply to a request, over the wire by which that came."""
    if dice.random() < 0.1:
        body = dice.choice(NOTHING)
        return Malformed(f"{body[:40]!r}", _sent(dice, body, "application/json"))
    steps = [dice.choice(list(REPLIES))]
    reply = REPLIES[steps[0]]
    spoilt = dice.choice(({}, ODD, OF_REPLIES))
    if spoilt:
        steps.append(dice.choice(list(spoilt)))
        reply = spoilt[steps[-1]](dice, reply)
    is_stream = dice.random() < 0.6
    pieces = _pieces(spoken(reply, request), request, is_stream=is_stream)
    spoilers = OF_PIECES | OF_STREAMS if is_stream else OF_PIECES
    for name in dice.sample(list(spoilers), dice.choice((0, 1, 1, 2))):
        steps.append(name)
        pieces = spoilers[name](dice, pieces)
    steps.append(dice.choice(list(FRAMES)) if is_stream else "whole")
    body = FRAMES[steps[-1]](pieces) if is_stream else _whole(pieces)
    body = deepened(body)
    if dice.random() < 0.25:
        steps.append(dice.choice(list(OF_BYTES)))
        body = OF_BYTES[steps[-1]](dice, body)
    kind = "text/event-stream" if is_stream else "application/json"
    return Malformed(", ".join(steps), _sent(dice, body, kind))


def spoken(reply: Reply, request: Mapping[str, Any]) -> Reply:
    """The reply as a model without tools writes it, where it was offered none."""
    if "input" in request or request.get("tools"):
        return reply
    text = in_blocks(reply.text, reply.calls, TOOLS)
    return replace(reply, text=text, calls=())


def _pieces(
    reply: Reply, request: Mapping[str, Any], *, is_stream: bool
) -> list[dict[str, Any]]:
    """The JSON of a valid reply: what is streamed, or one whole."""
    model = str(request["model"])
    if "input" in request:
        make, make_whole = events, response
    else:
        make, make_whole = chunks, completion
    return (
        [*make(reply, model=model)] if is_stream else [make_whole(reply, model=model)]
    )


def _whole(pieces: list[dict[str, Any]]) -> bytes:
    return "".join(map(json.dumps, pieces)).encode()


def _sent(dice: random.Random, body: bytes, kind: str) -> Status:
    """The body with its status and headers, which are wrong now and then."""
    headers = {"Content-Type": kind, "x-should-retry": "false"}
    code = 200
    match dice.randrange(20):
        case 0:
            kinds = (
                "text/html",
                "text/plain",
                "",
                "x;;=",
                "text/event-stream;charset=x",
            )
            headers["Content-Type"] = dice.choice(kinds)
        case 1:
            headers["Content-Type"] = "application/json; charset=utf-7"
        case 2:  # the connection ends before its end
            headers["Content-Length"] = str(len(body) + dice.choice((1, 1000)))
        case 3:
            headers["Content-Encoding"] = dice.choice(("gzip", "deflate", "br", "x"))
        case 4:
            code = dice.choice((201, 206, 300, 400, 401, 402, 404, 413, 418, 422))
        case 5:
            code = dice.choice((429, 500, 501, 503, 599))
        case _:
            pass
    return Status(code=code, body=body, headers=headers)
