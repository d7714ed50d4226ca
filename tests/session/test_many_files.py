"""Folders and patterns from the question to the proof."""

from __future__ import annotations

from pathlib import Path

import pytest

import analyst


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    for n, month in enumerate(("jan", "feb", "mar"), 1):
        rows = "".join(f"{region},{n}\n" for region in ("N", "S", "E", "W") * 3)
        (tmp_path / "in" / f"{month}.csv").write_text(f"region,units\n{rows}")


@pytest.mark.parametrize("sandbox", ["bwrap", "landlock", "none"])
def test_a_folder_is_answered_and_proven(sandbox: str) -> None:
    """In each sandbox, live, from zero, and when it is verified again later."""
    run = analyst.ask(
        "in", "units by region", model="offline", sandbox=sandbox, notebook="a.ipynb"
    )
    assert run.stop == "answered"
    assert run.verdict is not None
    assert run.verdict.status == "reproduced"
    again = analyst.verify("a.ipynb", sandbox=sandbox)
    assert again.status == "reproduced", again.differences


def test_a_pattern_is_rerun_on_another(tmp_path: Path) -> None:
    """The same cells on other files of the same shape."""
    analyst.ask("in/*.csv", "units by region", model="offline", notebook="a.ipynb")
    (tmp_path / "more").mkdir()
    for name in ("x", "y"):
        rows = "".join(f"{region},5\n" for region in ("N", "S") * 6)
        (tmp_path / "more" / f"{name}.csv").write_text(f"region,units\n{rows}")
    run = analyst.rerun("a.ipynb", "more/*.csv", notebook="b.ipynb", verify=False)
    assert "120" in run.answer
