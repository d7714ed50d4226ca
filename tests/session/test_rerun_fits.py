"""An earlier notebook never reads new files wrongly in silence."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import analyst
from analyst.errors import InputError
from analyst.testing import ScriptedModel, call, plan_and, python

ROWS = [f"{n};{n * 10},5" for n in range(1, 31)]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def asked(data: object) -> None:
    """A notebook that adds up the amounts of the first file."""
    model = ScriptedModel(
        [
            plan_and("Add", python("total = float(df['amount'].sum())\ntotal")),
            call("summarize_findings", findings=[], answer="{total:,.1f}"),
        ]
    )
    run = analyst.ask(data, "Total?", model=model, notebook="a.ipynb", verify=False)
    assert run.stop == "answered"


def rerun(data: object) -> str:
    """What the notebook says of another file."""
    return analyst.rerun("a.ipynb", data, notebook="b.ipynb", verify=False).answer


def text(rows: list[str], end: str = "") -> str:
    """A file of these rows."""
    return "\n".join(["id;amount", *rows]) + f"\n{end}"


def named(stray: str) -> str:
    """A file with names, one of which is written so."""
    rows = [f"{n};name {n};{n * 10},5" for n in range(1, 31)]
    rows[5] = f"6;{stray};60,5"
    return "\n".join(["id;name;amount", *rows]) + "\n"


def test_files_of_one_shape_are_read_again(tmp_path: Path) -> None:
    """More rows, fewer rows, or a preamble of the same length: all are read."""
    (tmp_path / "a.csv").write_text("Report\n\n" + text(ROWS[:10]))
    (tmp_path / "b.csv").write_text("Report\n\n" + text(ROWS))
    asked("a.csv")
    assert rerun("b.csv") == "4,665.0"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (text(ROWS[:10], "\nSource: the office\n"), text(ROWS)),
        (text(ROWS), text(ROWS[:10], "\nSource: the office\n")),
        ("Report\n\n" + text(ROWS), text(ROWS)),
        (text(ROWS), "Report\n\n" + text(ROWS)),
        (text(ROWS), text(ROWS).replace(";", "|")),
    ],
    ids=["footer gone", "new footer", "preamble gone", "new preamble", "delimiter"],
)
def test_a_file_of_another_layout_is_read_whole_or_refused(
    tmp_path: Path, first: str, second: str
) -> None:
    """What the earlier cell would cut off or take for data is not passed over."""
    (tmp_path / "a.csv").write_text(first)
    (tmp_path / "b.csv").write_text(second)
    asked("a.csv")
    whole = analyst.source("b.csv").read()
    assert isinstance(whole, pd.DataFrame)
    said = ""
    with contextlib.suppress(InputError):
        said = rerun("b.csv")
    assert said in {"", f"{whole['amount'].sum():,.1f}"}


def test_lines_of_an_earlier_file_are_never_put_into_another(tmp_path: Path) -> None:
    """A cell that mends lines by their number is refused for other files."""
    (tmp_path / "a.csv").write_text(named('"a"b"'))
    (tmp_path / "b.csv").write_text(named("name 6"))
    asked("a.csv")
    notebook = (tmp_path / "a.ipynb").read_text()
    if "lines[" not in notebook:
        pytest.fail("the line was not mended, so this proves nothing")
    with pytest.raises(InputError, match="mends lines"):
        rerun("b.csv")


@pytest.mark.parametrize(
    "write",
    [
        lambda frame, path: frame.to_json(path, orient="records"),
        lambda frame, path: frame.to_parquet(path),
    ],
)
def test_another_kind_of_file_is_refused(
    tmp_path: Path, write: Callable[[pd.DataFrame, Path], None]
) -> None:
    """The sentence says what it would need."""
    (tmp_path / "a.csv").write_text(text(ROWS))
    write(pd.DataFrame({"id": [1], "amount": [2.5]}), tmp_path / "b.any")
    asked("a.csv")
    with pytest.raises(InputError, match="another kind of file"):
        rerun("b.any")


def test_a_live_table_is_rerun_on_a_live_table() -> None:
    """And on a file only where it is read in the same way."""
    asked(pd.DataFrame({"id": [1, 2], "amount": [1.5, 2.5]}))
    assert rerun(pd.DataFrame({"id": [1], "amount": [7.5]})) == "7.5"
    Path("b.csv").write_text(text(ROWS))
    with pytest.raises(InputError, match="another kind of file"):
        rerun("b.csv")
