"""What cells write: kept apart while they run, and handed over when they are done."""

from __future__ import annotations

from pathlib import Path

import analyst
from analyst.testing import ScriptedModel, plan_and, python, say

WRITE = "df.head(2).to_csv('top.csv', index=False)\nn = len(df)\nn"
FAIL = "df.to_csv('half.csv')\n1 / 0"
MORE = "df.head(3).to_csv('top.csv', index=False)\nn = len(df) + 1\nn"


def test_files_of_good_cells_are_handed_over_and_no_others(folder: Path) -> None:
    """Neither what a failed attempt wrote nor what is no data; the run is proven."""
    sneak = "open('pandas.py', 'w').write('1 / 0')"
    model = ScriptedModel(
        [
            plan_and(["Write"], python(FAIL)),
            python(WRITE),
            python(sneak),
            say("There are {n} rows."),
        ]
    )
    run = analyst.ask("sales.csv", "How many?", model=model, notebook="n.ipynb")
    assert (run.stop, run.verdict.status) == ("answered", "reproduced")
    assert run.sandbox.name == "bwrap"
    assert run.files == ("top.csv",)
    assert len((folder / "top.csv").read_text().splitlines()) == 3
    (left,) = run.files_left
    assert left.startswith("pandas.py")
    names = {path.name for path in folder.iterdir()}
    assert names == {"sales.csv", "n.ipynb", "top.csv"}


def test_a_follow_up_brings_its_files_up_to_date(folder: Path) -> None:
    """A file of the session is written anew; one that the user has changed is not."""
    answer = say("There are {n}.")
    model = ScriptedModel(
        [
            *(plan_and(["Write"], python(WRITE)), answer),
            *(plan_and(["More"], python(MORE)), answer),
            *(plan_and(["Again"], python(MORE)), answer),
        ]
    )
    with analyst.Analyst("sales.csv", model=model, verify=False) as session:
        session.ask("First?")
        session.ask("Second?")
        assert len((folder / "top.csv").read_text().splitlines()) == 4
        (folder / "top.csv").write_text("mine")
        third = session.ask("Third?")
    assert (folder / "top.csv").read_text() == "mine"
    assert third.files == ("top-2.csv",)
    assert "top.csv was there before" in third.files_left[0]


def test_a_notebook_runs_again_beside_the_files_that_it_wrote(folder: Path) -> None:
    """By hand, by `verify` and by `rerun`: what is there already is in nobody's way."""
    model = ScriptedModel([plan_and(["Write"], python(WRITE)), say("{n} rows")])
    run = analyst.ask("sales.csv", "How many?", model=model, notebook="n.ipynb")
    assert (folder / "top.csv").exists()
    assert analyst.verify(run.notebook).status == "reproduced"
    again = analyst.rerun("n.ipynb", "sales.csv", notebook="again.ipynb")
    assert again.verdict.status == "reproduced"
    assert again.files == ("top-2.csv",)
    assert (folder / "top-2.csv").read_text() == (folder / "top.csv").read_text()
