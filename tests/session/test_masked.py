"""Where neither bubblewrap nor Landlock can do its work, as in many a container.

The system calls that they need are refused to a process and to all that it starts,
which is what a container's own filter does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat

from analyst.testing import ScriptedServer, plan_and, python, say

MASKED = """
import errno, os, sys
import pyseccomp as sc

rules = sc.SyscallFilter(sc.ALLOW)
rules.add_rule(sc.ERRNO(errno.EPERM), "unshare")
new_user = sc.Arg(0, sc.MASKED_EQ, 1 << 28, 1 << 28)
rules.add_rule(sc.ERRNO(errno.EPERM), "clone", new_user)
rules.add_rule(sc.ERRNO(errno.ENOSYS), "clone3")
rules.add_rule(sc.ERRNO(errno.ENOSYS), "landlock_create_ruleset")
rules.load()
os.execv(sys.executable, [sys.executable, "-m", "analyst", *sys.argv[1:]])
"""
TIMEOUT_SECONDS = 120


def masked(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line where no sandbox works."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENAI_", "ANALYST_"))
    }
    return subprocess.run(
        [sys.executable, "-c", MASKED, *words],
        cwd=folder,
        env=clean,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )


def test_a_models_code_is_refused_with_the_sentence_that_mends_it(folder: Path) -> None:
    """Before anything ran or was written, and before the model was asked."""
    with ScriptedServer([say("never")], models=["m"]) as server:
        done = masked(folder, "ask", "sales.csv", "Sum?", "--base-url", server.base_url)
        assert server.requests == []
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "No sandbox works here" in done.stderr
    assert "allow user namespaces" in done.stderr
    assert "--sandbox none" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["sales.csv"]


def test_a_sandbox_that_is_named_is_not_replaced(folder: Path) -> None:
    """One that was asked for and does not work is an error, never another one."""
    for name in ("bwrap", "landlock"):
        done = masked(
            folder, "ask", "sales.csv", "Sum?", "--model", "offline", "--sandbox", name
        )
        assert done.returncode == 2, done.stdout
        assert f"The sandbox {name} does not work here" in done.stderr


def test_with_the_users_word_it_runs_and_says_so_everywhere(folder: Path) -> None:
    """In the output, in the run and in the notebook, for people and programs."""
    cell = python("total = df['revenue'].sum()\ntotal")
    script = [plan_and(["Sum"], cell), say("{total}")]
    with ScriptedServer(script * 2, models=["m"]) as server:
        options = ("--base-url", server.base_url, "--model", "m", "--sandbox", "none")
        asked = ("ask", "sales.csv", "Sum?", *options)
        shown = masked(folder, *asked, "-o", "shown.ipynb")
        told = masked(folder, *asked, "-o", "told.ipynb", "--json")
    assert shown.returncode == told.returncode == 0, shown.stderr + told.stderr
    assert "sandbox: none" in shown.stdout
    assert json.loads(told.stdout)["sandbox"]["name"] == "none"
    node = nbformat.read(folder / "told.ipynb", as_version=4)
    assert node.metadata.analyst.sandbox.name == "none"
    assert "sandbox: none" in node.cells[-1].source


def test_the_built_in_analyst_runs_without_and_says_so(folder: Path) -> None:
    """Its code is ours: no model wrote it. A notebook from elsewhere is not ours."""
    words = ("ask", "sales.csv", "Sum?", "--model", "offline", "-o", "n.ipynb")
    done = masked(folder, *words)
    assert done.returncode == 0, done.stderr
    assert "sandbox: none" in done.stdout
    for again in (("verify", "n.ipynb"), ("rerun", "n.ipynb", "sales.csv")):
        refused = masked(folder, *again)
        assert refused.returncode == 2, refused.stdout
        assert "No sandbox works here" in refused.stderr
        willing = masked(folder, *again, "--sandbox", "none")
        assert willing.returncode == 0, willing.stdout + willing.stderr


def test_doctor_says_that_none_works_and_how_to_mend_it(folder: Path) -> None:
    """An unhealthy sandbox is an unhealthy analyst."""
    done = masked(folder, "doctor")
    assert done.returncode == 1, done.stdout
    assert "✗ sandbox         No sandbox works here" in done.stdout
    assert "allow user namespaces" in done.stdout
