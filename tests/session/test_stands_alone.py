"""The notebook stands alone: it runs where analyst is not installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pandas as pd

import analyst
from analyst.outputs import DOLLAR

ROOT = Path(__file__).parents[2]
EXECUTE = """
import importlib.util, json, nbformat
from nbclient import NotebookClient

assert importlib.util.find_spec("analyst") is None
node = nbformat.read("demo.ipynb", as_version=4)
nbformat.validate(node)
node.cells.insert(0, nbformat.v4.new_code_cell(
    "import importlib.util; assert importlib.util.find_spec('analyst') is None"
))
NotebookClient(node, timeout=60).execute()
answer = next(c for c in node.cells if "analyst-answer" in c.metadata.get("tags", []))
print(json.dumps(answer.outputs[-1]["data"]["text/markdown"]))
"""


def test_demo_runs_in_another_environment(tmp_path: Path) -> None:
    """What `make demo` makes is valid, true of the table, and gives the same answer
    when nbclient executes it in an environment without analyst.
    """
    shutil.copy(ROOT / "notebooks" / "data" / "fertility.csv", tmp_path)
    run = analyst.ask(
        tmp_path / "fertility.csv",
        "How did births per woman change over time, and where is it highest?",
        model="offline",
        notebook=tmp_path / "demo.ipynb",
    )
    table = pd.read_csv(tmp_path / "fertility.csv").dropna()
    last = table[table["year"] == 2011].set_index("country")["births_per_woman"]
    by_year = table.groupby("year")["births_per_woman"].mean()
    for truth in (by_year[1960], by_year[2011], last.max(), last.idxmax()):
        shown = truth if isinstance(truth, str) else f"{truth:.2f}"
        assert shown in run.answer
    other = tmp_path / "other"
    venv.create(other, with_pip=False)
    # Packages that are only on the path bring none of the hooks by which an
    # editable installation is found.
    packages = os.pathsep.join({sysconfig.get_path(p) for p in ("purelib", "platlib")})
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": packages,
    }
    done = subprocess.run(
        [other / "bin" / Path(sys.executable).name, "-c", EXECUTE],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    again = json.loads(done.stdout.splitlines()[-1])
    assert again.replace(DOLLAR, "$").strip() == run.answer
