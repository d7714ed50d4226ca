"""What can go wrong between a session and its server, and how a run ends by it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from analyst.errors import ContextTooLong, ModelError, ModelRefused, ModelUnavailable
from analyst.models.serving import chunks, completion
from analyst.seams import Reply
from analyst.testing import Status, plan_and, python, say

from .faulty_line import Break

__all__ = ["ENDING", "KEY", "PASSING", "Fault", "refused", "replies"]

Answer: TypeAlias = Reply | Status | bytes | Break | Literal["closed"]
"""What comes of a request; `closed`: from then on nothing listens."""

KEY = "sk-proj-0123456789abcdefghijklmnopqrstuvwxyz"
LONG = "This model's maximum context length is 8192 tokens, but you sent more"


def replies(number: int) -> list[Reply]:
    """What a good server says to a question."""
    total, rows = f"total_{number}", f"rows_{number}"
    return [
        plan_and(["Total", "Rows"], python(f"{total} = df['revenue'].sum()\n{total}")),
        python(f"{rows} = len(df)\n{rows}"),
        say(f"{{{total}}} in {{{rows}}} rows."),
    ]


def refused(code: int, message: str, name: str | None = None) -> Status:
    """An error as OpenAI words it, which some servers send with the key in it."""
    body = {"error": {"message": f"{message} ({KEY})", "type": "error", "code": name}}
    return Status(code=code, body=body, headers={"retry-after-ms": "1"})


def page(code: int) -> Status:
    """What a proxy shows."""
    html = f"<!doctype html><html><body><h1>{code}</h1>{KEY}</body></html>"
    headers = {"Content-Type": "text/html", "retry-after-ms": "1"}
    return Status(code=code, body=html.encode(), headers=headers)


def part_of(reply: Reply, frames: int) -> bytes:
    """The first frames of a reply and no end."""
    pieces = itertools.islice(chunks(reply, model="scripted"), frames)
    return "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces).encode()


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, and how a run ends by it."""

    name: str
    answers: tuple[Answer, ...]
    """What comes in place of a reply."""
    sentence: str = ""
    """A part of the sentence that ends the run; empty where it goes on."""
    family: type[ModelError] = ModelUnavailable
    before: tuple[int, ...] = (0, 1, 2)
    """Before which replies to a question it happens."""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


OPENAI_TOO_LONG = refused(400, LONG, "context_length_exceeded")
VLLM_TOO_LONG = Status(
    code=400, body={"object": "error", "message": f"{LONG} {KEY}", "code": 400}
)
WHOLE = json.dumps(completion(replies(9)[1], model="scripted")).encode()
SILENT = {"model_timeout": 1}

PASSING = [
    Fault("429 with Retry-After", (Status(code=429, headers={"Retry-After": "1"}),)),
    Fault("500 twice", (refused(500, "boom"),) * 2),
    Fault("502 page", (page(502),)),
    Fault("503 while loading", (refused(503, "Loading model"),) * 2),
    Fault("cut in a call", (part_of(replies(9)[1], 4),)),
    Fault("cut in a text", (part_of(say("It is not clear."), 3),)),
    Fault("nothing said", (say(""),)),
    Fault("reset at once", ("reset at once",)),
    Fault("reset on the way", ("reset", replies(9)[1])),
    Fault("too long once", (OPENAI_TOO_LONG,), before=(1, 2)),
    Fault("too long once, flat", (VLLM_TOO_LONG,), before=(1, 2)),
]
"""Those that a run outlives."""

ENDING = [
    Fault("429", (refused(429, "Slow down"),) * 3, "takes no more requests"),
    Fault("500", (refused(500, "boom"),) * 3, "fails with status 500"),
    Fault("502 pages", (page(502),) * 3, "fails with status 502"),
    Fault("loading", (refused(503, "Loading model"),) * 3, "is still loading"),
    Fault(
        "no credit",
        (refused(429, "You exceeded your quota", "insufficient_quota"),) * 3,
        "is out of credit",
        ModelRefused,
    ),
    Fault(
        "key refused", (refused(401, "Bad key"),), "refused the API key", ModelRefused
    ),
    Fault("too long", (OPENAI_TOO_LONG,) * 2, "is too long for", ContextTooLong),
    Fault("too long, flat", (VLLM_TOO_LONG,) * 2, "is too long for", ContextTooLong),
    Fault("page", (page(200),), "did not answer like an OpenAI-compatible API"),
    Fault("list", (json.dumps([KEY]).encode(),), "did not answer like"),
    Fault("error with 200", (refused(200, "No provider"),), "answered with an error"),
    Fault("empty", (b"",), "did not answer like"),
    Fault("no JSON", (b'{"choices": ' + KEY.encode(),), "did not answer like"),
    Fault("half of a whole", (WHOLE[: len(WHOLE) // 2],), "did not answer like"),
    Fault("reset always", ("reset at once",) * 3, "broke off"),
    Fault("closed", ("closed",), "Nothing listens at", before=(0, 2)),
    Fault("no answer", ("no answer",), "not answer within 1 s", settings=SILENT),
]
"""Those that end it."""
