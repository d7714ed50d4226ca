"""The recordings that come with the project: replayed, and what they cost."""

from __future__ import annotations

import shutil
from importlib.metadata import version
from pathlib import Path

import pytest

import analyst
from analyst.models import pricing

from ..tools.cost_table import (  # noqa: TID252 - tests are no package
    RECORDINGS,
    ROOT,
    shown_in,
    table,
)

QUESTIONS = {
    "a closed question": "Which country had the most births per woman in 2000?",
    "an open question": (
        "How did the number of births per woman change over time, and where is it "
        "highest?"
    ),
}
ANSWERS = {
    "a closed question": "**Afghanistan**, with 7.73",
    "an open question": "the median fell from 6.2 in 1960 to 2.4 in 2011",
}


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_is_replayed(folder: Path, name: str) -> None:
    """A recording made elsewhere gives its answer here, with no server and no key, and
    a notebook that is reproduced.
    """
    shutil.copy(ROOT / "notebooks/data/fertility.csv", folder)
    run = analyst.ask(
        "fertility.csv", QUESTIONS[name], model=f"replay:{RECORDINGS[name]}"
    )
    assert run.stop == "answered"
    assert ANSWERS[name] in run.answer
    assert run.unbound == ()
    assert run.verdict.status == "reproduced"
    assert run.model == f"replay:{RECORDINGS[name].name}"


def test_the_readme_shows_what_it_costs() -> None:
    """The table of the README is computed from the recordings; its prices are those of
    the version that it names (`tests/tools/cost_table.py`).
    """
    shown = shown_in((ROOT / "README.md").read_text(encoding="utf-8"))
    computed = table()
    if f"genai-prices {version('genai-prices')}." not in shown:
        shown, computed = ("\n".join(t.splitlines()[:6]) for t in (shown, computed))
    assert shown == computed
    assert "$0.0000" not in shown, "a price that is not known is not nothing"
    assert pricing.is_installed()
