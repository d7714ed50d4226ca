"""What a notebook says of its model: the wire, the cost, and nothing of the session."""

from __future__ import annotations

from analyst.events import (
    CellFinished,
    CellInspected,
    CellStarted,
    Event,
    ReplyReceived,
    RunFinished,
    RunStarted,
    Sandbox,
    ToolCall,
    Usage,
)
from analyst.notebook.write import build_notebook

MARKER = "data-0badcafe"
REPLAY = "opaque-state-of-the-server"


def reply(wire: str, cost_usd: float | None, *notes: str) -> ReplyReceived:
    """A turn of the model."""
    return ReplyReceived(
        question=1,
        text="",
        calls=(ToolCall(id="a", name="execute_python", arguments='{"code": "1"}'),),
        usage=Usage(
            fresh_tokens=100,
            output_tokens=20,
            reasoning_tokens=5,
            requests=1,
            cost_usd=cost_usd,
        ),
        seconds=1.0,
        wire=wire,
        notes=notes,
        replay=REPLAY,
    )


def facts(*replies: ReplyReceived) -> list[Event]:
    """A run with these turns."""
    return [
        RunStarted(
            question=1,
            text="Why?",
            model="m",
            sandbox=Sandbox(name="none"),
            at="",
            marker=MARKER,
        ),
        *replies,
        CellStarted(question=1, cell=1, source="1", role="step", call="a"),
        CellFinished(question=1, cell=1, status="ok", seconds=0.1),
        CellInspected(question=1, cell=1, result="mean 3.25 of 12 rows"),
        RunFinished(question=1, stop="answered", seconds=1.0),
    ]


def test_wire_notes_and_cost_are_told() -> None:
    """The wire is the last one, usage and cost are sums, notes stand once each."""
    told = build_notebook(
        facts(reply("chat", 0.001, "Said so."), reply("text", 0.002, "Said so."))
    ).metadata.analyst
    assert told.wire == "text"
    assert told.privacy == "samples"
    assert list(told.notes) == ["Said so."]
    assert told.usage.cost_usd == 0.003
    assert told.usage.reasoning_tokens == 10
    assert told.usage.requests == 2


def test_unknown_cost_is_no_number() -> None:
    """Where the price of one turn is not known, nor is that of the whole."""
    told = build_notebook(facts(reply("chat", 0.001), reply("chat", None)))
    assert told.metadata.analyst.usage.cost_usd is None


def test_what_concerned_the_session_alone_is_left_out() -> None:
    """No marker, no state of the server's, nothing that was told of results is kept."""
    text = str(build_notebook(facts(reply("responses", None))))
    assert "reply.received" in text
    for left_out in (MARKER, REPLAY, "3.25"):
        assert left_out not in text
