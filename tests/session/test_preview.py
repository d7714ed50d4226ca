"""A preview shows what would be sent first, and leaves nothing behind."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pandas as pd
import pytest

import analyst
from analyst.errors import InputError
from analyst.testing import ScriptedModel, ScriptedServer, plan_and, python, say


def at(server: ScriptedServer, **settings: object) -> analyst.Analyst:
    """A session with a scripted server."""
    return analyst.Analyst(
        "sales.csv",
        model="scripted",
        base_url=server.base_url,
        verify=False,
        **settings,
    )


def test_what_is_shown_is_what_is_sent(folder: Path) -> None:
    """The previewed request is the one that the question then begins with."""
    replies = [python("n = len(df)"), say("{n} rows")]
    with ScriptedServer(replies) as server, at(server) as session:
        preview = session.preview("How many rows?")
        assert not server.requests
        session.ask("How many rows?")
    sent = server.requests[0]
    assert preview.url == f"{server.base_url}/chat/completions"
    assert json.loads(json.dumps(preview.body)) == sent.body
    assert preview.tokens > 0


def test_preview_is_not_remembered(folder: Path) -> None:
    """A question that was only previewed is in no notebook, run or conversation."""
    model = ScriptedModel([plan_and(["Sum"], python("a = 1")), say("{a}")])
    with analyst.Analyst("sales.csv", model=model, verify=False) as session:
        session.preview("Never asked?")
        assert [path.name for path in folder.iterdir()] == ["sales.csv"]
        run = session.ask("Asked?")
    assert not any("Never asked?" in m.text for r in model.requests for m in r.messages)
    assert {fact.question for fact in run.facts} == {1}
    assert run.notebook is not None
    told = nbformat.read(run.notebook, as_version=4).metadata.analyst
    assert told["questions"] == ["Asked?"]


def test_follow_up_is_previewed_as_such(folder: Path) -> None:
    """In the middle of a session the preview goes on from what was said."""
    model = ScriptedModel(
        [python("a = 41"), say("It is {a}."), python("b = a + 1"), say("{b}")]
    )
    with analyst.Analyst("sales.csv", model=model, verify=False) as session:
        session.ask("First?")
        body = str(session.preview("Second?").body)
        assert "First?" in body
        assert "Second?" in body
        run = session.ask("Third?")
    assert run.answer == "42", "the kernel is still the same"
    assert not any("Second?" in m.text for r in model.requests for m in r.messages)


def test_frame_leaves_no_file(folder: Path) -> None:
    """What was written for a live DataFrame goes with a session that asked nothing."""
    frame = pd.DataFrame({"x": [1, 2, 3]})
    with analyst.Analyst(frame, model=ScriptedModel([])) as session:
        assert "x int" in str(session.preview("Sum?").body)
    assert [path.name for path in folder.iterdir()] == ["sales.csv"]


@pytest.mark.parametrize("question", ["", " \n"])
def test_blank_question_is_refused(folder: Path, question: str) -> None:
    """A blank question has no preview."""
    with (
        analyst.Analyst("sales.csv", model=ScriptedModel([])) as session,
        pytest.raises(InputError),
    ):
        session.preview(question)


def test_time_used_up_is_said(folder: Path) -> None:
    """A limit of time that ends the loading of the data is told in a sentence."""
    with (
        analyst.Analyst(
            "sales.csv", model=ScriptedModel([]), max_seconds=0.01
        ) as session,
        pytest.raises(InputError, match="time"),
    ):
        session.preview("Why?")
    assert [path.name for path in folder.iterdir()] == ["sales.csv"]
