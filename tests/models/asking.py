"""A served model for the tests of its room, and what is asked of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from analyst.errors import AnalystError, ModelError
from analyst.models.served import ServedModel
from analyst.seams import Message, Model, Reply, Request, Tool
from analyst.testing import ScriptedServer

KEY = "sk-verysecret-0123456789abcdef"
TEXT: Mapping[str, str] = {"type": "string"}
TOOL = Tool(
    name="execute_python",
    description="Run code.",
    parameters={"type": "object", "properties": {"purpose": TEXT, "code": TEXT}},
    fence="python",
    main="code",
)
QUERY = Tool(
    name="query_dataframe",
    description="Run a query.",
    parameters={"type": "object", "properties": {"sql": TEXT}},
    fence="sql",
    main="sql",
)
SUMMARY = Tool(
    name="summarize_findings",
    description="Give the answer.",
    parameters={
        "type": "object",
        "properties": {"findings": {"type": "array"}, "answer": TEXT},
    },
    fence="json",
)
ASKED = Request(
    messages=(
        Message(role="system", text="You are an analyst."),
        Message(role="user", text="Why?"),
    ),
    tools=(TOOL, QUERY, SUMMARY),
    question="Why?",
)


@asynccontextmanager
async def served(
    base_url: str,
    *,
    model: str = "scripted",
    key: str = KEY,
    seconds: float = 10,
    **options: Any,
) -> AsyncIterator[ServedModel]:
    """A model at a server, closed in the end."""
    it = ServedModel(
        model=model, base_url=base_url, api_key=key, timeout_seconds=seconds, **options
    )
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
        async with served(server.base_url, **options) as model:
            with pytest.raises(ModelError) as caught:
                await ask(model)
    return caught.value


def sse(*events: object, done: bool = True) -> bytes:
    """A body of server-sent events."""
    frames = [f"data: {json.dumps(event)}\n\n" for event in events]
    return "".join([*frames, "data: [DONE]\n\n" if done else ""]).encode()


def error(message: str, code: str | int | None = None, **more: Any) -> dict[str, Any]:
    """The JSON by which most servers say no."""
    return {"error": {"message": message, "type": "error", "code": code, **more}}


def assert_is_a_sentence(told: AnalystError) -> None:
    """One line with an end, the host, a piece of advice, and no secret."""
    text = str(told)
    assert "127.0.0.1" in text
    assert ":" in text
    assert text.endswith((".", "?"))
    assert "\n" not in text
    assert "<" not in text
    assert len(text) < 500
    assert KEY not in text
    assert "sk-" not in text
    assert told.__cause__ is None
    assert told.__context__ is None or told.__suppress_context__
