"""Sessions: what they leave behind, how they end, and what a rerun keeps honest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest

import analyst
from analyst.errors import InputError, NotebookError, SettingsError
from analyst.events import CellStarted, PlanMade
from analyst.seams import Reply
from analyst.testing import ScriptedModel, ScriptedServer, plan_and, python, say

MEAN = 'mean = df["revenue"].mean()\nprint(mean)'


def asked(*replies: object, notebook: str, data: object = "sales.csv") -> analyst.Run:
    """A question answered by a script, without verification."""
    with analyst.Analyst(
        data, model=ScriptedModel(replies), notebook=notebook, verify=False
    ) as session:
        return session.ask("What?")


def processes_in(folder: Path) -> int:
    """How many other processes work in a folder."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_ours = process.name == str(Path("/proc/self").readlink())
            found += (process / "cwd").readlink() == folder and not is_ours
        except OSError:
            continue
    return found


def test_leaving_a_stream_ends_its_kernel(folder: Path) -> None:
    """Breaking out of a stream, then leaving the session, leaves no kernel."""
    model = ScriptedModel([python("a = 1"), python("b = 2"), say("Done.")])
    with analyst.Analyst("sales.csv", model=model) as session:
        for fact in session.stream("What?"):
            if isinstance(fact, CellStarted) and fact.role == "step":
                break
        assert processes_in(folder)
    assert not processes_in(folder)


def test_a_new_question_ends_the_old_one(folder: Path) -> None:
    """Two questions never run at once: the second begins when the first has ended."""
    model = ScriptedModel(
        [plan_and(["Old"], python("old = 1")), python(MEAN), say("{mean:.1f}")]
    )
    with analyst.Analyst("sales.csv", model=model, verify=False) as session:
        for fact in session.stream("Old?"):
            if isinstance(fact, PlanMade):
                break
        run = session.ask("New?")
    assert (run.question, run.answer) == ("New?", "75.8")
    assert {fact.question for fact in run.facts} == {2}
    assert "old = 1" not in run.code


def test_failed_question_keeps_the_data(folder: Path) -> None:
    """A question that cannot begin does not take the data of a live frame away."""
    frame = pd.DataFrame({"x": [1, 2, 3]})
    model = ScriptedModel([python("total = df['x'].sum()"), say("{total}")])
    with analyst.Analyst(frame, model=model, verify=False) as session:
        with pytest.raises(InputError):
            session.ask("  ")
        assert session.ask("Sum?").answer == "6"


def test_session_without_question_leaves_nothing(folder: Path) -> None:
    """A session that was never asked anything leaves no file."""
    before = sorted(folder.iterdir())
    with analyst.Analyst(pd.DataFrame({"x": [1]})):
        pass
    assert sorted(folder.iterdir()) == before


def test_interrupt_reaches_a_long_replay(folder: Path) -> None:
    """An interrupt ends a run also while memory is being rolled back, and the next
    question finds it rolled back all the same.
    """
    slow = "import time\ntime.sleep(2)\nkept = 1"
    model = ScriptedModel(
        [python(slow), python("kept = 2\n1 / 0"), python("kept"), say("{kept}")]
    )
    with analyst.Analyst("sales.csv", model=model, verify=False) as session:
        for fact in session.stream("First?"):
            if fact.kind == "cell.finished" and fact.status == "error":
                session.interrupt()
        assert session.run.stop == "interrupted"
        assert session.ask("Second?").answer == "1"


def test_any_timeout_can_be_verified(folder: Path) -> None:
    """A timeout that is no whole number does not break the verification."""
    model = ScriptedModel([python(MEAN), say("{mean:.1f}")])
    with analyst.Analyst("sales.csv", model=model, timeout=2.7) as session:
        assert session.ask("Mean?").verdict.status == "reproduced"


def test_rerun_flags_what_was_typed(folder: Path) -> None:
    """A number that was typed and true of the old data is flagged on the new."""
    asked(python("print(df['revenue'].sum())"), say("It is 455."), notebook="a.ipynb")
    pd.read_csv("sales.csv").assign(revenue=1).to_csv("ones.csv", index=False)
    again = analyst.rerun("a.ipynb", "ones.csv", notebook="b.ipynb", verify=False)
    assert again.unbound == ("455",)
    same = analyst.rerun("a.ipynb", "sales.csv", notebook="c.ipynb", verify=False)
    assert same.unbound == ()


def test_rerun_says_where_it_stopped(folder: Path) -> None:
    """A rerun that fails says so in its notebook, and nothing of the earlier run."""
    asked(
        plan_and(["Mean"], python(MEAN)),
        say("It is 77."),
        say("It is 77."),
        notebook="a.ipynb",
    )
    assert "Not confirmed" in Path("a.ipynb").read_text()
    pd.DataFrame({"day": ["2024-01-01"], "x": [1]}).to_csv("other.csv", index=False)
    run = analyst.rerun("a.ipynb", "other.csv", notebook="b.ipynb")
    assert run.stop == "failed"
    text = Path("b.ipynb").read_text()
    assert "Stopped: failed" in text
    assert "Not confirmed" not in text


def test_rerun_counts_steps_through(folder: Path) -> None:
    """The steps of several questions are told apart in a rerun."""
    model = ScriptedModel(
        [
            plan_and(["A one"], python("a = 1")),
            say("{a}"),
            plan_and(["B one"], python("b = 2")),
            say("{b}"),
        ]
    )
    with analyst.Analyst(
        "sales.csv", model=model, notebook="a.ipynb", verify=False
    ) as session:
        session.ask("First?")
        session.ask("Second?")
    run = analyst.rerun("a.ipynb", "sales.csv", notebook="b.ipynb", verify=False)
    assert run.plan == ("A one", "B one")
    assert [step.code for step in run.steps] == [("a = 1",), ("b = 2",)]


def test_rerun_replaces_every_path_or_none(folder: Path) -> None:
    """A path that was edited by hand is never quietly kept beside a new one."""
    pd.DataFrame({"x": [1]}).to_csv("one.csv", index=False)
    pd.DataFrame({"x": [2]}).to_csv("two.csv", index=False)
    asked(
        python("both = int(one['x'].sum() + two['x'].sum())\nboth"),
        say("{both}"),
        notebook="a.ipynb",
        data=["one.csv", "two.csv"],
    )
    run = analyst.rerun(
        "a.ipynb", ["two.csv", "two.csv"], notebook="b.ipynb", verify=False
    )
    assert run.answer == "4"
    edited = Path("a.ipynb").read_text().replace("two.csv", "./two.csv", 1)
    Path("a.ipynb").write_text(edited)
    with pytest.raises(NotebookError, match="no longer holds the paths"):
        analyst.rerun("a.ipynb", ["two.csv", "two.csv"], notebook="c.ipynb")
    with pytest.raises(InputError, match="2 files"):
        analyst.rerun("a.ipynb", "two.csv", notebook="c.ipynb")


def test_failed_cells_leave_no_data_in_the_notebook(folder: Path) -> None:
    """What a failed cell said of the data is not kept, its error's name is."""
    secret = "raise ValueError('x' * 200 + df.to_string())"
    run = asked(python(secret), python(MEAN), say("{mean:.1f}"), notebook="a.ipynb")
    own = nbformat.read(run.notebook, 4).metadata.analyst
    facts = [fact for fact in own.facts if fact.kind == "cell.finished"]
    assert "ValueError" in json.dumps(facts)
    assert "North" not in json.dumps(facts)


def test_odd_files_are_one_sentence(folder: Path) -> None:
    """Devices, binaries and names that are too long are refused, not raised."""
    Path("binary").write_bytes(b"\xff\xfe\x00" * 10)
    with pytest.raises(NotebookError):
        analyst.verify("/dev/zero")
    with pytest.raises(NotebookError):
        analyst.verify("binary")
    with pytest.raises(SettingsError, match="must be text"):
        analyst.ask("sales.csv", "Why?", env_file="binary")
    with pytest.raises(InputError, match="too long"):
        analyst.ask("sales.csv", "Why?", notebook="n" * 300 + ".ipynb")
    with pytest.raises(SettingsError):
        analyst.ask("sales.csv", "Why?", timeout=float("inf"))


def test_text_of_data_is_harmless_where_a_run_is_shown(folder: Path) -> None:
    """A value of the data that is HTML is text wherever the run draws itself."""
    run = asked(
        python("value = '<img src=x onerror=alert(1)> $1 $2'\nvalue"),
        say("It is {value}."),
        notebook="a.ipynb",
    )
    assert "<img" in run.answer
    assert "<img" not in run._repr_markdown_()
    assert "<img" not in run._repr_html_()
    assert "$" not in run._repr_markdown_()


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ([python(MEAN), say("{mean:.0f}")], 0),
        ([python("1 / 0")] * 4 + [python(MEAN), say("{mean:.0f}")], 1),
    ],
)
def test_exit_codes_of_the_shell(folder: Path, script: list[Reply], code: int) -> None:
    """Answered and reproduced is 0; partial is 1, with a valid notebook."""
    with ScriptedServer(script, models=["m"]) as server:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "analyst", "ask", "sales.csv", "Mean?"),
                *("--base-url", server.base_url, "--model", "m", "-o", "n.ipynb"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == code, done.stderr
    nbformat.validate(nbformat.read(folder / "n.ipynb", 4))
