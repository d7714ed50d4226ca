"""`%analyst` in a real IPython shell, and in a notebook executed by nbclient."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets.config import Config

from analyst.faces.magic import ShownRun
from analyst.run import Run

FRAME = """import pandas as pd
df = pd.DataFrame({
    "t": pd.date_range("2024-01-01", periods=6, freq="MS"),
    "x": [1.0, 2.0, 4.0, 7.0, 11.0, 16.0],
})"""


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[InteractiveShell]:
    """A shell in an empty folder, with the extension loaded and no key around."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "ANALYST_")):
            monkeypatch.delenv(name)
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(
        config=Config({"HistoryManager": {"enabled": False}})
    )
    shell.extension_manager.load_extension("analyst")
    yield shell
    InteractiveShell.clear_instance()


def test_question_to_a_live_frame(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A frame that has no file, a question with its mark: an answer and a notebook."""
    shell.run_cell(FRAME).raise_error()
    result = shell.run_cell("%analyst -n kept df How did x change over time?")
    result.raise_error()
    shown = capsys.readouterr().out
    run = shell.user_ns["kept"]
    assert isinstance(run, Run)
    assert result.result is run
    assert run.stop == "answered"
    assert run.verdict.status == "reproduced"
    assert run.question == "How did x change over time?"
    assert run.notebook is not None
    assert run.notebook.parent == tmp_path
    assert shown.count(run.answer) == 1, "in the cell that asked it is shown once"

    shell.run_cell("kept", store_history=True)
    assert run.answer in capsys.readouterr().out, "and later it is shown when asked for"


def test_tables_of_other_libraries_and_addresses(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """A frame of polars is live data; an address stays as it is, and its password."""
    shell.run_cell(
        "import polars as pl; p = pl.DataFrame({'g': ['a', 'b'], 'x': [1, 2]})"
    )
    shell.run_cell("%analyst -n kept --no-verify p Give an overview").raise_error()
    assert "2 rows" in shell.user_ns["kept"].answer
    capsys.readouterr()
    shell.run_cell(
        "%analyst postgresql://ann:hunter2@127.0.0.1:1/shop#orders How many?"
    )
    said = "".join(capsys.readouterr())
    assert "hunter2" not in said
    assert "127.0.0.1:1/shop" in said


def test_assignment_and_cell_magic(shell: InteractiveShell) -> None:
    """`run = %analyst …?` binds the run; the body of `%%analyst` is the question."""
    shell.run_cell(FRAME).raise_error()
    shell.run_cell("run = %analyst --no-verify What is the total of x?").raise_error()
    assert isinstance(shell.user_ns["run"], ShownRun)
    assert shell.user_ns["run"].verdict.status == "unchecked"
    cell = shell.run_cell("%%analyst --no-verify df\nWhat is the average\nof x?")
    cell.raise_error()
    assert isinstance(cell.result, ShownRun)
    assert cell.result.question == "What is the average\nof x?"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%analyst a b", "of live DataFrames there are: one, two"),
        ("%analyst one", "There is no question"),
        ("%analyst one --", "There is no question"),
        ("%analyst sale.csv Why?", "There is no file sale.csv"),
        ("%analyst --timeout -1 one Why?", "timeout"),
        ("%analyst --key-env NOT_SET one Why?", "NOT_SET holds no key"),
        ("%analyst -n 1x one Why?", "name of a variable"),
        ("%analyst -o no/where/x.ipynb one Why?", "no folder"),
    ],
)
def test_mistake_is_one_sentence(
    shell: InteractiveShell,
    capsys: pytest.CaptureFixture[str],
    line: str,
    words: str,
    tmp_path: Path,
) -> None:
    """A mistake of the user: one line, no traceback, a failed cell, nothing left."""
    shell.user_ns.update(one=pd.DataFrame({"a": [1]}), two=pd.DataFrame({"a": [2]}))
    result = shell.run_cell(line)
    assert result.error_in_exec is not None
    written = "".join(capsys.readouterr())
    assert words in written
    assert "Traceback" not in written
    assert written.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_loading_twice_and_unloading(shell: InteractiveShell) -> None:
    """Loading again changes nothing, unloading takes all away."""
    before = len(shell.input_transformers_cleanup)
    shell.extension_manager.reload_extension("analyst")
    assert len(shell.input_transformers_cleanup) == before
    assert shell.find_line_magic("analyst") is not None
    shell.extension_manager.unload_extension("analyst")
    assert len(shell.input_transformers_cleanup) == before - 1
    assert shell.find_line_magic("analyst") is None
    assert shell.find_cell_magic("analyst") is None


def test_completion_knows_frames_and_options(shell: InteractiveShell) -> None:
    """Behind `%analyst` the names of frames and the options are offered."""
    shell.user_ns["revenue_frame"] = pd.DataFrame({"a": [1]})
    for line, word in (("reven", "revenue_frame"), ("--no", "--no-verify")):
        text = f"%analyst {line}"
        with provisionalcompleter():
            found = shell.Completer.completions(text, len(text))
            assert word in {each.text for each in found}


def executed(*sources: str, folder: Path) -> nbformat.NotebookNode:
    """A notebook of these cells, executed for real."""
    node = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources]
    )
    client = NotebookClient(node, timeout=120, resources={"metadata": {"path": folder}})
    client.execute()
    return node


def test_question_in_a_notebook(tmp_path: Path) -> None:
    """In a notebook the display is kept as Markdown, text and figures only."""
    node = executed(
        "%load_ext analyst",
        FRAME,
        "run = %analyst df How did x change over time?",
        "assert run.stop == 'answered' and run.verdict.reproduced, run\nrun.notebook",
        folder=tmp_path,
    )
    outputs = node.cells[2].outputs
    assert {output.output_type for output in outputs} == {"display_data"}
    kinds = {kind for output in outputs for kind in output.data}
    assert kinds <= {"text/plain", "text/markdown", "text/html", "image/png"}
    head = outputs[0].data["text/markdown"]
    assert head.startswith("**How did x change over time?**")
    assert "reproduced" in head
    assert "<details open>" not in str(outputs)
    assert "verdict: reproduced" in outputs[-1].data["text/markdown"]


def test_result_is_not_drawn_twice(tmp_path: Path) -> None:
    """The run as the last value of its cell adds nothing; in a later cell it is drawn.

    A mistake fails the cell, so that what was to run after it does not.
    """
    node = executed(
        "%load_ext analyst",
        FRAME,
        "%analyst --no-verify -n run df What is the total of x?",
        "run",
        folder=tmp_path,
    )
    asked, later = node.cells[2].outputs, node.cells[3].outputs
    assert all(output.output_type == "display_data" for output in asked)
    assert len(later) == 1
    assert "What is the total of x" in later[0].data["text/markdown"]
    with pytest.raises(CellExecutionError, match=r"no file nothing\.csv"):
        executed("%load_ext analyst", "%analyst nothing.csv Why?", folder=tmp_path)


def test_interrupt_ends_in_good_order(tmp_path: Path) -> None:
    """One interrupt: no exception in the cell, and a run that says `interrupted`."""
    script = f"""
import os, threading
from analyst.faces import magic
from analyst.events import CellStarted
from analyst.testing import ScriptedServer, plan_and, python
slow = plan_and(["Wait"], python("import time; time.sleep(300)"))
server = ScriptedServer([slow]).__enter__()
def interrupt():
    import time
    while not server.requests:
        time.sleep(0.05)
    time.sleep(1)
    os.kill(os.getpid(), {signal.SIGINT.value})
threading.Thread(target=interrupt, daemon=True).start()
get_ipython().run_line_magic(
    "analyst",
    f"-n run --no-verify --model scripted --base-url {{server.base_url}} df Why?",
)
server.__exit__(None, None, None)
"""
    node = executed("%load_ext analyst", FRAME, script, "run.stop", folder=tmp_path)
    assert node.cells[3].outputs[0].data["text/plain"] == "'interrupted'"
