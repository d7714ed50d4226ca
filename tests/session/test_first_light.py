"""The whole road on real kernels: a question in, a proven notebook out."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import nbformat
import pandas as pd
import pytest

import analyst
from analyst.errors import InputError, ModelRefused, ModelUnavailable, SettingsError
from analyst.events import (
    CellFinished,
    CellStarted,
    KernelRestarted,
    NotebookVerified,
    RolledBack,
    StepFinished,
)
from analyst.testing import ScriptedModel, ScriptedServer, call, plan_and, python, say

HALF_CHANGE = 'df["revenue"] = df["revenue"] / 10\nraise RuntimeError("too late")'
MEAN = 'mean = df["revenue"].mean()\nprint(mean)'


def held(path: Path) -> nbformat.NotebookNode:
    """The notebook on disk, valid."""
    node = nbformat.read(path, as_version=4)
    nbformat.validate(node)
    return node


def code_of(node: nbformat.NotebookNode) -> str:
    """All code of a notebook."""
    return "\n".join(c.source for c in node.cells if c.cell_type == "code")


def test_failed_cell_leaves_no_trace(folder: Path) -> None:
    """Through a real server: a half-made change is undone and fixed, the facts show
    both, the notebook only what succeeded, and its numbers are those of the run.
    """
    script = [
        plan_and(["Mean revenue"], python(HALF_CHANGE)),
        python(MEAN),
        call(
            "summarize_findings",
            findings=[{"template": "The mean is {mean:.4f}.", "cells": [5]}],
            answer="Mean revenue is {mean:.2f}.",
        ),
    ]
    with ScriptedServer(script, models=["played"]) as server:
        run = analyst.ask(
            "sales.csv",
            "What is the mean revenue?",
            base_url=server.base_url,
            model="played",
            notebook="mean.ipynb",
        )
    truth = pd.read_csv(folder / "sales.csv")["revenue"].mean()
    assert run.stop == "answered"
    assert run.answer == f"Mean revenue is {truth:.2f}."
    assert run.findings[0].text == f"The mean is {truth:.4f}."
    assert run.verdict.status == "reproduced"
    failed = [
        f for f in run.facts if isinstance(f, CellFinished) and f.status == "error"
    ]
    assert [f.error.name for f in failed] == ["RuntimeError"]
    assert any(isinstance(f, RolledBack) and f.how == "replay" for f in run.facts)
    node = held(run.notebook)
    assert "too late" not in code_of(node)
    own = node.metadata.analyst
    assert (own.verdict.status, own.stop, own.model) == (
        "reproduced",
        "answered",
        "played",
    )
    assert any("too late" in json.dumps(fact) for fact in own.facts)
    assert own.inputs[0].rows == 6
    assert own.answer == run.answer


def test_three_failing_fixes_are_partial(folder: Path) -> None:
    """A step that cannot be fixed makes a partial run with a valid notebook."""
    model = ScriptedModel(
        [
            plan_and(["Impossible", "Mean"], python("1 / 0")),
            python("df['nothing']"),
            python("nothing"),
            python("int('nothing')"),
            python(MEAN),
            say("{mean:.0f}"),
        ]
    )
    with analyst.Analyst(folder / "sales.csv", model=model) as session:
        run = session.ask("Mean?")
    assert (run.stop, run.verdict.status) == ("partial", "reproduced")
    assert "Given up: step 1" in str(held(run.notebook))
    with pytest.raises(analyst.AnalystError):
        run.check()


def test_endless_loop_and_death_keep_earlier_state(folder: Path) -> None:
    """A cell that never ends is stopped, a kernel that dies is rebuilt, and what
    earlier cells made is still there.
    """
    model = ScriptedModel(
        [
            python("kept = 41"),
            python("while True: pass"),
            python("kept += 1\nkept"),
            python("import os\nos._exit(1)"),
            python("print(kept)"),
            say("{kept}"),
        ]
    )
    with analyst.Analyst(folder / "sales.csv", model=model, timeout=3) as session:
        run = session.ask("What is kept?")
    ended = [f for f in run.facts if isinstance(f, CellFinished)]
    status = {f.cell: f.status for f in ended}
    assert list(status.values())[4:9] == ["timeout", "ok", "died", "ok", "ok"]
    died = next(f for f in ended if f.status == "died")
    assert died.seconds < 1
    assert any(isinstance(f, KernelRestarted) for f in run.facts)
    assert (run.answer, run.verdict.status) == ("42", "reproduced")


def test_notebook_is_there_after_each_step(folder: Path) -> None:
    """Killed at any step, a run leaves a valid notebook that says where it stopped."""
    model = ScriptedModel([python("a = 1"), python("b = 2"), say("Done.")])
    seen = []

    async def watch() -> None:
        async with analyst.AsyncAnalyst(
            "sales.csv", model=model, notebook="n.ipynb"
        ) as session:
            stream = session.stream("What?")
            async for fact in stream:
                if isinstance(fact, StepFinished):
                    node = held(folder / "n.ipynb")
                    seen.append("Unfinished" in str(node))
                    if len(seen) == 2:
                        break
            await stream.aclose()

    asyncio.run(watch())
    assert seen == [True, True]
    node = held(folder / "n.ipynb")
    assert "The last completed step is 2" in str(node)
    assert node.metadata.analyst.stop is None


def test_live_frame_needs_no_file(folder: Path) -> None:
    """A DataFrame without a file is saved beside its notebook, which stands alone."""
    frame = pd.DataFrame({"x": range(10), "g": list("ab") * 5})
    model = ScriptedModel([python("total = df['x'].sum()\ntotal"), say("{total}")])
    with analyst.Analyst(frame, model=model, notebook="live.ipynb") as session:
        run = session.ask("Sum?")
    assert (run.answer, run.verdict.status) == ("45", "reproduced")
    assert frame.columns.tolist() == ["x", "g"]
    for path in (folder / "live_files").iterdir():
        path.unlink()
    assert analyst.verify(run.notebook).status == "failed"


def test_two_live_frames_do_not_share_a_file(folder: Path) -> None:
    """The data of one notebook is never overwritten by that of the next."""
    for value in (1, 2):
        frame = pd.DataFrame({"x": [value] * 3})
        model = ScriptedModel([python("total = df['x'].sum()\ntotal"), say("{total}")])
        with analyst.Analyst(frame, model=model) as session:
            session.ask("Sum?")
    assert analyst.verify(folder / "sum.ipynb").status == "reproduced"
    assert analyst.verify(folder / "sum-2.ipynb").status == "reproduced"


def test_follow_up_is_in_the_same_notebook(folder: Path) -> None:
    """Two questions share a kernel and a notebook, and both are proven."""
    model = ScriptedModel(
        [python(MEAN), say("{mean:.1f}"), python("mean * 2"), say("{mean * 2:.1f}")]
    )
    with analyst.Analyst(folder / "sales.csv", model=model) as session:
        first = session.ask("Mean?")
        second = session.ask("Twice that?")
    assert (first.notebook, second.verdict.status) == (second.notebook, "reproduced")
    assert held(second.notebook).metadata.analyst.questions == ["Mean?", "Twice that?"]
    assert second.answer == "151.7"


def test_unseeded_chance_differs(folder: Path) -> None:
    """A notebook that shows something else the second time is not called reproduced."""
    model = ScriptedModel([python("import uuid\nuuid.uuid4()"), say("Done.")])
    with analyst.Analyst("sales.csv", model=model) as session:
        run = session.ask("Chance?")
    assert run.verdict.status == "differs"
    assert run.verdict.differences[0].startswith("Cell 4")


def test_rerun_rewrites_the_prose(folder: Path) -> None:
    """The same notebook on other data tells that data's numbers, without a model."""
    model = ScriptedModel(
        [
            plan_and(["Mean of all"], python(MEAN)),
            call(
                "summarize_findings",
                findings=[{"template": "Mean {mean:.1f}."}],
                answer="The mean is {mean:.2f}, of {len(df)} rows.",
            ),
        ]
    )
    with analyst.Analyst("sales.csv", model=model, notebook="march.ipynb") as session:
        session.ask("Mean?")
    changed = pd.read_csv("sales.csv").assign(revenue=lambda d: d["revenue"] * 3)
    changed.to_csv("april.csv", index=False)
    run = analyst.rerun("march.ipynb", "april.csv", notebook="april.ipynb")
    assert run.answer == f"The mean is {changed['revenue'].mean():.2f}, of 6 rows."
    assert run.findings[0].text == f"Mean {changed['revenue'].mean():.1f}."
    assert (run.stop, run.verdict.status) == ("answered", "reproduced")
    assert run.plan == ("Mean of all",)
    node = held(run.notebook)
    assert 'DATA = "april.csv"' in code_of(node)
    assert node.metadata.analyst.inputs[0].path == "april.csv"
    assert analyst.verify("march.ipynb").status == "reproduced"


def test_rerun_that_fails_is_told(folder: Path) -> None:
    """Data that the code does not fit ends the rerun with a valid notebook."""
    model = ScriptedModel([python(MEAN), say("{mean}")])
    with analyst.Analyst("sales.csv", model=model, notebook="a.ipynb") as session:
        session.ask("Mean?")
    pd.DataFrame({"day": ["2024-01-01"], "other": [1]}).to_csv("other.csv", index=False)
    run = analyst.rerun("a.ipynb", "other.csv", notebook="b.ipynb")
    assert run.stop == "failed"
    assert "KeyError" in run.reason
    assert held(folder / "b.ipynb").metadata.analyst.stop == "failed"


def test_no_key_reaches_the_kernel(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the key in use nor any other secret is known where code runs."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-2")
    look = "import os\nprint([v for v in os.environ.values() if 'secret' in v])"
    with ScriptedServer([python(look), say("Done.")], models=["m"]) as server:
        run = analyst.ask(
            "sales.csv", "Keys?", base_url=server.base_url, model="m", api_key="sk-k"
        )
        sent = {request.headers["authorization"] for request in server.requests}
    assert sent == {"Bearer sk-k"}
    text = run.notebook.read_text()
    assert "[]" in text
    assert "sk-k" not in text
    assert "secret-2" not in text


def test_faults_leave_nothing_behind(folder: Path) -> None:
    """What cannot begin leaves no notebook and no file of the data."""
    frame = pd.DataFrame({"x": [1]})
    before = sorted(folder.iterdir())
    with pytest.raises(ModelUnavailable):
        analyst.ask(frame, "Why?", base_url="http://127.0.0.1:9/v1", model="m")
    with (
        ScriptedServer([], models=["m"], key="right") as server,
        pytest.raises(ModelRefused),
    ):
        analyst.ask(frame, "Why?", base_url=server.base_url, model="m", api_key="wrong")
    with pytest.raises(InputError):
        analyst.ask(frame, "  ")
    with pytest.raises(SettingsError):
        analyst.ask(frame, "Why?", timeout=-1)
    with pytest.raises(InputError):
        analyst.ask("missing.csv", "Why?")
    with pytest.raises(InputError):
        analyst.ask(frame, "Why?", notebook="nowhere/n.ipynb")
    assert sorted(folder.iterdir()) == before


async def test_async_face(folder: Path) -> None:
    """The asynchronous face answers on the loop of its caller."""
    model = ScriptedModel([python(MEAN), say("{mean:.1f}")])
    run = await analyst.aask("sales.csv", "Mean?", model=model)
    assert run.answer == "75.8"


async def test_sync_face_inside_a_loop(folder: Path) -> None:
    """The synchronous face works where a loop is running, as in a notebook cell."""
    model = ScriptedModel([python(MEAN), say("{mean:.1f}")])
    with analyst.Analyst("sales.csv", model=model, verify=False) as session:
        kinds = [fact.kind for fact in session.stream("Mean?")]
    assert kinds[0] == "run.started"
    assert kinds[-1] == "notebook.written"


def test_interrupt_from_another_thread(folder: Path) -> None:
    """An interrupt during a cell ends the run with a valid notebook."""
    model = ScriptedModel([python("a = 1"), python("import time\ntime.sleep(60)")])
    with analyst.Analyst("sales.csv", model=model) as session:
        for fact in session.stream("Wait?"):
            if isinstance(fact, CellStarted) and "sleep" in fact.source:
                session.interrupt()
        run = session.run
    assert run.stop == "interrupted"
    assert isinstance(run.facts[-1], NotebookVerified)
    assert "a = 1" in code_of(held(run.notebook))
