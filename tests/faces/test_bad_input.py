"""Bad input at the command line: one sentence, exit 2, nothing on stdout or on disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from analyst.testing import ScriptedServer

TABLE = "x,g\n1,a\n2,b\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one good file and some that are not."""
    (tmp_path / "good.csv").write_text(TABLE)
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "folder").mkdir()
    return tmp_path


def refused(folder: Path, *words: str, **environment: str) -> str:
    """What the command says, having refused in the proper way."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("OPENAI")}
    before = sorted(folder.rglob("*"))
    done = subprocess.run(
        [sys.executable, "-m", "analyst", *words],
        cwd=folder,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert sorted(folder.rglob("*")) == before
    told = done.stderr.strip()
    assert "\n" not in told
    assert told.startswith("analyst: ")
    return told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ask", "gool.csv", "Why?"], "did you mean good.csv"),
        (["ask", "empty.csv", "Why?"], "is empty"),
        (["ask", "folder", "Why?"], "is a folder"),
        (["ask", "binary.csv", "Why?"], "neither text nor"),
        (["ask", "/dev/zero", "Why?"], "device"),
        (["ask", "good.csv", "  "], "blank"),
        (["ask", "good.csv"], "question missing"),
        (["ask", "good.csv", "Why?", "-o", "no/where.ipynb"], "no folder"),
        (["ask", "good.csv", "Why?", "-o", "/proc/x.ipynb"], "cannot be written"),
        (["ask", "good.csv", "Why?", "-o", "folder"], "is a folder"),
        (["ask", "good.csv", "Why?", "--timeout", "-5"], "greater than 0"),
        (["ask", "good.csv", "Why?", "--model", "m"], "needs a server"),
        (
            [
                "ask",
                "good.csv",
                "Why?",
                "--model",
                "m",
                "--base-url",
                "http://[::1]:9/v1",
            ],
            "Nothing listens",
        ),
        (["ask", "good.csv", "?" * 300 + " Why", "-o", "x.txt"], "no notebook name"),
        (["verify", "good.csv"], "not a valid Jupyter notebook"),
        (["rerun", "none.ipynb", "good.csv"], "no notebook"),
    ],
)
def test_refused_in_one_sentence(folder: Path, words: list[str], told: str) -> None:
    """Each is found before the first cell and said in one sentence."""
    assert told in refused(folder, *words)


@pytest.mark.parametrize(
    ("model", "key", "told"),
    [
        ("alpha", "sk-wrong-key", "refused the API key"),
        ("alpa", "right", "did you mean alpha"),
        ("", "right", "choose one with --model (alpha, beta)"),
    ],
)
def test_server_that_says_no(folder: Path, model: str, key: str, told: str) -> None:
    """A wrong key or model is one sentence, and the key is not in it."""
    with ScriptedServer(models=["alpha", "beta"], key="right") as server:
        said = refused(
            folder,
            *("ask", "good.csv", "Why?"),
            OPENAI_BASE_URL=server.base_url,
            OPENAI_API_KEY=key,
            ANALYST_MODEL=model,
        )
    assert told in said
    assert key == "right" or key not in said
