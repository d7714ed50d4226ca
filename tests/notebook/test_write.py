"""The notebook as a projection of facts: valid at every moment, and harmless."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from analyst.errors import NotebookError
from analyst.events import (
    AnswerGiven,
    CellError,
    CellFinished,
    CellStarted,
    DataLoaded,
    Event,
    FindingRecorded,
    NotebookVerified,
    PlanMade,
    Rich,
    RolledBack,
    RunFinished,
    RunStarted,
    Sandbox,
    StepFinished,
    StepStarted,
    Stream,
)
from analyst.notebook.write import build_notebook, write_notebook

HOSTILE = "<script>x</script> ![a](http://evil/b) $5 and $6"
FACTS: list[Event] = [
    RunStarted(
        question=1, text=HOSTILE, model=HOSTILE, sandbox=Sandbox(name="none"), at=""
    ),
    CellStarted(question=1, cell=1, source='DATA = "a.csv"', role="parameters"),
    CellFinished(question=1, cell=1, status="ok", seconds=0.1),
    PlanMade(question=1, steps=("Look",), origin="model"),
    StepStarted(question=1, step=1, title=HOSTILE),
    CellStarted(question=1, step=1, cell=2, source="1 / 0", role="step"),
    CellFinished(
        question=1,
        step=1,
        cell=2,
        status="error",
        seconds=0.1,
        outputs=(Stream(text="private"), CellError(name="E", message="m")),
    ),
    RolledBack(question=1, cell=2, how="replay", cells_replayed=1, seconds=0.1),
    CellStarted(question=1, step=1, cell=3, attempt=2, source="2 + 2", role="step"),
    CellFinished(
        question=1,
        step=1,
        cell=3,
        attempt=2,
        status="ok",
        seconds=0.1,
        outputs=(Rich(data={"text/plain": "4"}, is_result=True),),
    ),
    StepFinished(question=1, step=1, status="done"),
    FindingRecorded(question=1, text="f", template="f", unbound=("77",)),
    AnswerGiven(question=1, text="a", template="a"),
    RunFinished(question=1, stop="answered", seconds=1.0),
    NotebookVerified(question=1, path="n.ipynb", status="reproduced", seconds=1.0),
]


@pytest.mark.parametrize("length", range(len(FACTS) + 1))
def test_valid_at_every_moment(length: int) -> None:
    """However far a run came, its notebook is valid and all ids are unique."""
    node = build_notebook(FACTS[:length])
    nbformat.validate(node)
    assert len({cell.id for cell in node.cells}) == len(node.cells)


def test_only_what_succeeded() -> None:
    """The cells are those that succeeded; the failure is only in the facts, bare."""
    node = build_notebook(FACTS)
    code = [cell for cell in node.cells if cell.cell_type == "code"]
    assert [cell.source for cell in code] == ['DATA = "a.csv"', "2 + 2"]
    assert [cell.execution_count for cell in code] == [1, 2]
    assert code[0].metadata.tags == ["parameters"]
    text = str(node)
    assert "1 / 0" in text
    assert "private" not in text


def test_text_of_others_is_harmless() -> None:
    """A question or a title can carry no HTML, no image and no link."""
    for cell in build_notebook(FACTS).cells:
        if cell.cell_type == "markdown":
            assert "<script" not in cell.source
            assert "http://evil" not in cell.source


def test_verdict_and_doubts_are_in_sight() -> None:
    """The verdict and what was not confirmed can be read in the notebook itself."""
    node = build_notebook(FACTS)
    assert "**reproduced**" in node.cells[-1].source
    assert any("Not confirmed by any output:** 77" in c.source for c in node.cells)
    assert node.metadata.analyst.verdict.status == "reproduced"


def test_a_verdict_is_of_the_notebook_as_it_was() -> None:
    """What has grown since it was verified is not called reproduced any more."""
    later = [
        CellStarted(question=2, cell=9, source="9", role="step", step=1),
        CellFinished(question=2, cell=9, status="ok", seconds=0.1),
    ]
    node = build_notebook([*FACTS, *later])
    assert node.metadata.analyst.verdict.status == "unchecked"
    assert "reproduced" not in node.cells[-1].source


def test_what_was_noticed_in_the_data_is_noted() -> None:
    """What was not decided for the user stands under the cell that loads."""
    loading = CellStarted(question=1, cell=4, source="df = 1", role="load")
    facts: list[Event] = [
        FACTS[0],
        loading,
        CellFinished(question=1, cell=4, status="ok", seconds=0.1),
        DataLoaded(question=1, tables=(), notes=("None is <missing>.",)),
    ]
    cells = build_notebook(facts).cells
    assert cells[1].source == "df = 1"
    assert "None is &lt;missing>." in cells[2].source


def test_unfinished_says_so() -> None:
    """A notebook of a run that was cut short says how far it came."""
    text = str(build_notebook(FACTS[:11]))
    assert "Unfinished" in text
    assert build_notebook(FACTS[:11]).metadata.analyst.stop is None


def test_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A notebook that cannot be written leaves the earlier one and no debris."""
    path = tmp_path / "n.ipynb"
    write_notebook(build_notebook(FACTS), path)
    before = path.read_text()
    with pytest.raises(NotebookError):
        write_notebook(build_notebook(FACTS), tmp_path / "missing" / "n.ipynb")
    assert path.read_text() == before
    assert [p.name for p in tmp_path.iterdir()] == ["n.ipynb"]
