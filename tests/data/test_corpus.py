"""Damaged files of which the truth is known: what is read is right, or it is doubted.

The clean tables are damaged in every way alone and in pairs of ways, and written in
every format. The real tables lie in a folder beside the repository, where it is there.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from analyst.data.inside.code.table import table_code
from analyst.data.inside.sniffing.route import readings_of

from ..tools import damaged  # noqa: TID252 - tests are no package
from ..tools.damages import DAMAGES  # noqa: TID252 - as above
from ..tools.scoring import (  # noqa: TID252 - as above
    Cell,
    Either,
    Score,
    Specimen,
    frame_of,
    is_right,
    scored,
)

LEAST_SHARE = 0.98
SHOWN = 25


def told(scores: list[Score]) -> str:
    """The share of cells, then the worst files."""
    right = sum(score.right for score in scores)
    cells = sum(score.cells for score in scores)
    wrong = [score for score in scores if not score.is_right]
    wrong.sort(key=lambda score: (score.is_said, score.right / score.cells))
    silent = sum(not score.is_said for score in wrong)
    head = (
        f"{right}/{cells} cells right ({right / cells:.2%}) in {len(scores)} files; "
        f"{len(wrong)} files not wholly right, {silent} of them silently"
    )
    lines = [f"{' ' if s.is_said else '!'} {s}" for s in wrong[:SHOWN]]
    return "\n".join([head, *lines])


def judge(specimens: list[Specimen]) -> None:
    """Nearly all cells are right, and nothing is wrong without a word."""
    scores = [scored(specimen) for specimen in specimens]
    report = told(scores)
    print(report)  # noqa: T201 - the worst files, shown by -rP
    silent = [s for s in scores if not s.is_right and not s.is_said]
    unsaid = [s for s in scores if s.specimen.must_doubt and not s.is_said]
    faults = [s for s in scores if s.fault]
    right, cells = sum(s.right for s in scores), sum(s.cells for s in scores)
    assert not silent, report
    assert not unsaid, "no doubt: " + "\n".join(map(str, unsaid[:SHOWN]))
    assert not faults, "\n".join([report, "faults:", *map(str, faults[:SHOWN])])
    assert right >= LEAST_SHARE * cells, report


def test_clean_tables_are_right_without_a_doubt(tmp_path: Path) -> None:
    """Where nothing is wrong, every cell is right and nothing is said."""
    scores = [scored(specimen) for specimen in damaged.clean(tmp_path)]
    assert all(score.is_right for score in scores), told(scores)
    assert [str(s) for s in scores if s.doubts and "codes" not in str(s)] == []


def test_each_damage_alone(tmp_path: Path) -> None:
    """At least 98 % of cells; each file right or doubted; no row lost in silence."""
    specimens = damaged.alone(tmp_path)
    assert len(specimens) == len(DAMAGES)
    judge(specimens)


@pytest.mark.battery(200, 100_000)
def test_pairs_of_damages(rounds: range, tmp_path: Path) -> None:
    """The same of two damages at a time; in soak, of every pair that can stand."""
    specimens = damaged.pairs(tmp_path, len(rounds))
    assert len(specimens) >= min(len(rounds), 2000)
    judge(specimens)


def test_other_formats(tmp_path: Path) -> None:
    """The same tables as JSON, workbooks, pages, databases and typed files."""
    judge(damaged.other_formats(tmp_path))


def test_the_corpus_is_the_same_in_every_run(tmp_path: Path) -> None:
    """Seeds decide everything: the text files are the same to the byte."""
    contents = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        made = [*damaged.alone(folder), *damaged.pairs(folder, 40)]
        contents.append([(each.name, each.path.read_bytes()) for each in made])
    assert contents[0] == contents[1]


NOON = dt.datetime(2024, 5, 3, 12)  # noqa: DTZ001 - files name no zone


@pytest.mark.parametrize(
    ("got", "expected", "written", "silent", "doubted"),
    [
        (1.0, 1, "1", True, True),
        ("1", 1, "1", False, True),
        (1, "01", "01", False, False),
        (True, 1, "1", False, False),
        (1, True, "yes", False, False),
        ("yes", True, "yes", False, True),
        (0.1 + 0.2, 0.3, "0.3", True, True),
        (0.30001, 0.3, "0.3", False, False),
        (10**16, 10**16 + 1, str(10**16 + 1), False, False),
        (pd.Timestamp(NOON), NOON, "3.5.2024 12:00", True, True),
        (pd.Timestamp(NOON, tz="UTC"), NOON, "2024-05-03T12:00Z", True, True),
        (pd.Timestamp(2024, 3, 5, 12), NOON, "3.5.2024 12:00", False, False),
        (NOON.date(), NOON, "2024-05-03 12:00", False, False),
        (float("nan"), None, "", True, True),
        (pd.NaT, None, "-", True, True),
        ("-", None, "-", False, True),
        (float("nan"), "None", "None", False, True),
        (float("nan"), "word", "word", False, False),
        (float("nan"), 5, "5", False, False),
        (5, None, "", False, False),
        ("a", Either(("a", "b")), "c", True, True),
        ("c", Either(("a", "b")), "c", False, False),
    ],
)
def test_the_judge_of_a_cell(
    got: object,
    expected: Cell,
    written: str,
    silent: bool,  # noqa: FBT001 - as above
    doubted: bool,  # noqa: FBT001 - as above
) -> None:
    """By value; its own text counts only with a doubt, and a wrong value never."""
    assert is_right(got, expected, written=written, doubted=False) == silent
    assert is_right(got, expected, written=written, doubted=True) == doubted


def test_the_truth_is_what_is_written(tmp_path: Path) -> None:
    """By the csv module, the clean files hold the texts that the truth tells."""
    for specimen in damaged.clean(tmp_path):
        with specimen.path.open(encoding="utf-8", newline="") as stream:
            names, *rows = csv.reader(stream)
        [table] = specimen.tables
        assert names == list(table.names)
        assert rows == [list(row) for row in table.written]


def test_the_judge_sees_what_is_wrong(tmp_path: Path) -> None:
    """A changed cell, a lost row and a foreign name are all seen."""
    [sales, *_] = damaged.clean(tmp_path)
    assert scored(sales).is_right, str(scored(sales))
    text = sales.path.read_text(encoding="utf-8")
    for wrong in (
        text.replace("North", "Nord", 1),
        text[: text.rindex("\n", 0, -1) + 1],
        text.replace("region", "area", 1),
    ):
        sales.path.write_text(wrong, encoding="utf-8")
        assert not scored(sales).is_right


BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "analyst":
            raise ImportError("analyst is not there")

sys.meta_path.insert(0, Blocked())
import csv
import datetime as dt
import json
for line in sys.stdin:
    task = json.loads(line)
    scope = {"DATA": task["path"]}
    exec(task["code"], scope)
    print(json.dumps(scope["df"].to_csv()), flush=True)
"""


def test_the_code_runs_where_this_package_is_not(tmp_path: Path) -> None:
    """A plain Python, in which `analyst` cannot be imported, makes the same table."""
    specimens = [*damaged.alone(tmp_path)[::3], *damaged.other_formats(tmp_path)[::6]]
    tasks, frames = [], []
    for specimen in specimens:
        for reading in readings_of(specimen.path):
            code = table_code(reading, name="df", path="DATA").source
            assert "analyst" not in code
            tasks.append(json.dumps({"path": str(specimen.path), "code": code}))
            frames.append(frame_of(reading, specimen.path).to_csv())
    made = subprocess.run(
        [sys.executable, "-I", "-c", BLOCKED],
        input="\n".join(tasks),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert made.returncode == 0, made.stderr[-2000:]
    assert [json.loads(line) for line in made.stdout.splitlines()] == frames
    assert all(isinstance(text, str) for text in frames)


def test_a_frame_is_what_is_scored(tmp_path: Path) -> None:
    """The table that is compared is the one of the emitted code."""
    [sales, *_] = damaged.clean(tmp_path)
    [reading] = readings_of(sales.path)
    assert isinstance(frame_of(reading, sales.path), pd.DataFrame)
