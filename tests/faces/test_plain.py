"""The faces without a screen."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from analyst.events import Event, from_json
from analyst.faces.face import Face, watch
from analyst.faces.plain import AnswerOnly, EventLines, JsonObject, PlainLog
from analyst.run import Run

Story = Callable[..., list[Event]]
NOTEBOOK = Path("/tmp/march.ipynb")


def told(face: Callable[[io.StringIO], Face], events: list[Event]) -> tuple[str, Run]:
    """What a face writes of a run."""
    written = io.StringIO()
    run = watch(events, face(written))
    return written.getvalue(), run


def test_log_tells_the_run_in_order(story: Story) -> None:
    """The log has a line for each fact that matters, the answer in full at the end."""
    log, _ = told(PlainLog, story())
    parts = [
        "question: Why did revenue fall in March?",
        "sandbox: none",
        "data: sales: 1,234 rows, 2 columns",
        "plan: 1. Monthly revenue; 2. Split by region; 3. Prices",
        "localhost wants no stream_options",
        "figure: tick labels overlap, no title",
        "cell 3 failed: KeyError: 'regoin'",
        "2 cells replayed",
        "cell 4 (attempt 2)",
        "finding: South fell by 57 %. (not confirmed by any output: 57)",
        "the conversation was shortened",
        "near a limit, the model was asked for its last reply",
        "step 3: given up",
        "partial in 7.3 s: One step was given up",
        "~1,200 fresh + 3,400 cached + 260 out tokens, ~$0.0042",
        "executed from zero: reproduced",
        "\n\nRevenue fell **19.0 %** in March, all of it in *South*.\n",
        "not confirmed by any output: 42",
        "notebook: /tmp/march.ipynb\nverdict: reproduced\n",
    ]
    places = [log.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)


def test_log_has_no_terminal_codes(story: Story) -> None:
    """Codes in the question, a title, an error or the answer do not reach the log."""
    nasty = "a\x1b[31mb\x9b2Jc\x07e\u202ef\r"
    log, _ = told(
        PlainLog,
        story(
            question=nasty,
            answer=nasty,
            title=nasty,
            finding=nasty,
            error=nasty,
            note=nasty,
            problem=nasty,
        ),
    )
    assert not set(log) & set("\x1b\x9b\r\x07\u202e")
    assert "ab2Jc" in log


def test_nothing_is_written_before_the_work_begins(story: Story) -> None:
    """A mistake found before the plan is made leaves the output empty."""
    for face in (PlainLog, EventLines, JsonObject, AnswerOnly):
        written = io.StringIO()
        shown = face(written)
        for event in story()[:4]:
            shown.show(event)
        assert written.getvalue() == ""


def test_events_are_lines_that_read_back(story: Story) -> None:
    """Every event is one line of JSON, those from before the plan included."""
    events = story()
    lines, _ = told(EventLines, events)
    assert [from_json(line) for line in lines.splitlines()] == events


def test_json_is_one_object_with_all_that_counts(story: Story) -> None:
    """One JSON object, with the verdict, the findings and the place of the notebook."""
    text, run = told(JsonObject, story())
    told_run = json.loads(text)
    assert told_run["question"] == run.question
    assert told_run["answer"] == run.answer
    assert told_run["stop"] == "partial"
    assert told_run["reason"] == "One step was given up."
    assert told_run["findings"] == [
        {"text": "South fell by 57 %.", "cells": [4], "unbound": ["57"]}
    ]
    assert told_run["verdict"] == {"status": "reproduced", "differences": []}
    assert told_run["notebook"] == "/tmp/march.ipynb"
    assert told_run["usage"]["fresh_tokens"] == 1200
    assert told_run["cost_usd"] == 0.00416
    assert told_run["wire"] == "chat"
    assert told_run["privacy"] == "samples"
    assert [note.split()[0] for note in told_run["notes"]] == ["localhost"]
    assert told_run["seconds"] == 7.3


def test_quiet_is_the_answer_alone(story: Story) -> None:
    """Only the answer is written."""
    text, run = told(AnswerOnly, story())
    assert text == f"{run.answer}\n"


@pytest.mark.parametrize("face", [PlainLog, EventLines, JsonObject, AnswerOnly])
def test_run_is_what_the_events_come_to(
    story: Story, face: Callable[[io.StringIO], Face]
) -> None:
    """Who shows a run does not change what it came to."""
    _, run = told(face, story())
    assert (run.stop, run.verdict.status, run.notebook) == (
        "partial",
        "reproduced",
        NOTEBOOK,
    )
