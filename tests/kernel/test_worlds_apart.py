"""What lies on the two sides of a sandbox is never taken for one another."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from analyst.errors import KernelStartError, SettingsError
from analyst.events import Protection, Sandbox, Stream
from analyst.kernel import trial
from analyst.kernel.interpreter import Interpreter, named_interpreter
from analyst.kernel.kernel import LocalKernel
from analyst.kernel.process import premises
from analyst.kernel.sandbox.policy import SandboxName
from analyst.kernel.terms import Terms

from .conftest import Bench
from .other_environment import KERNEL_NAME, make_other_environment

SWAP = """
import os, shutil
from pathlib import Path
here, vault = Path.cwd(), {vault!r}
for place in (here, *here.parents):
    try:
        shutil.rmtree(place) if place == here else os.rename(place, f"{{place}}-moved")
    except OSError:
        pass
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        os.symlink(vault if place == here else Path(vault).parent, place)
    except OSError:
        pass
"""


@pytest.mark.parametrize("sandbox", ["bwrap", "landlock"])
async def test_another_folder_in_place_of_the_working_one_is_not_copied(
    tmp_path: Path, sandbox: SandboxName
) -> None:
    """The folder that is copied from is that which was made, whatever its name."""
    folder = tmp_path / "a" / "proj"
    vault = tmp_path / "vault" / "proj"
    for place in (folder, vault):
        place.mkdir(parents=True)
    (vault / "credentials.json").write_text("secret")
    environ = {"HOME": str(tmp_path)}
    kernel = LocalKernel(Terms(folder=folder, sandbox=sandbox, environ=environ))
    await kernel.start()
    try:
        await Bench(kernel).run(SWAP.format(vault=str(vault)))
        assert (await kernel.collect()).files == ()
    finally:
        await kernel.close()
    assert list(folder.iterdir()) == []


async def test_an_environment_beneath_the_notebook_is_not_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its files nor a word about them, whether its folder is hidden or not."""
    jupyter = make_other_environment(tmp_path / "env")
    monkeypatch.setenv("JUPYTER_PATH", str(jupyter))
    interpreter = named_interpreter(KERNEL_NAME)
    kernel = LocalKernel(
        Terms(folder=tmp_path, sandbox="bwrap", interpreter=interpreter)
    )
    await kernel.start()
    try:
        await Bench(kernel).printed("open('new.csv', 'w').close()")
        collected = await kernel.collect()
    finally:
        await kernel.close()
    assert (collected.files, collected.left) == (("new.csv",), ())


async def test_a_project_that_is_an_environment_is_not_shown_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`python -m venv .`: cells see its packages and not what else lies there."""
    monkeypatch.setenv("JUPYTER_PATH", str(make_other_environment(tmp_path)))
    interpreter = named_interpreter(KERNEL_NAME)
    project = tmp_path / "environment"
    (project / "private.txt").write_text("secret")
    kernel = LocalKernel(
        Terms(folder=project, sandbox="bwrap", interpreter=interpreter)
    )
    await kernel.start()
    try:
        seen = await Bench(kernel).printed(
            "import os; open('new.csv', 'w').close(); print(os.listdir('.'))"
        )
    finally:
        await kernel.close()
    assert "private.txt" not in seen
    assert "new.csv" in seen


async def test_a_fork_of_ours_that_ends_takes_nothing_with_it(tmp_path: Path) -> None:
    """A child process of the caller that exits leaves the kernel alone."""
    kernel = LocalKernel(Terms(folder=tmp_path))
    await kernel.start()
    try:
        child = os.fork()
        if child == 0:
            try:
                sys.exit(0)
            finally:
                kernel._process._last_resort()
                os._exit(0)
        os.waitpid(child, 0)  # noqa: ASYNC222 - it has ended already
        execution = await Bench(kernel).run("print('here')")
        assert execution.outputs == (Stream(text="here\n"),)
    finally:
        await kernel.close()


def kernelspec(folder: Path, content: str) -> None:
    """Install a kernelspec."""
    place = folder / "kernels" / "odd"
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(content)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{not json", "cannot be read"),
        ('{"argv": ["/no/python"], "language": "python"}', "does not start a Python"),
        ('{"argv": ["R"], "language": "R"}', "not one of Python"),
    ],
)
def test_a_kernelspec_that_cannot_be_used_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, told: str
) -> None:
    """In one sentence, whatever is wrong with it."""
    kernelspec(tmp_path, content)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    with pytest.raises(SettingsError, match=told):
        named_interpreter("odd")


def test_a_kernelspec_may_say_python_and_set_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`python` is this one, as Jupyter has it; what decides results stays fixed."""
    says = {
        "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "language": "python",
        "env": {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "9", "MINE": "yes"},
    }
    kernelspec(tmp_path, json.dumps(says))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    found: Interpreter = named_interpreter("odd")
    assert found.executable == Path(sys.executable)
    environment = Terms(folder=tmp_path, interpreter=found).policy.environment
    assert environment["MINE"] == "yes"
    assert (environment["TZ"], environment["PYTHONHASHSEED"]) == ("UTC", "0")


async def test_a_bound_that_was_claimed_is_not_lost_silently(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel that cannot be bounded as it was said does not start."""
    bounded = Sandbox(
        name="bwrap",
        protections=(Protection(name="total memory", holding="held"),),
    )
    monkeypatch.setitem(trial._FOUND, "bwrap", bounded)
    monkeypatch.setattr(premises, "total_bound", lambda *_: None)
    kernel = LocalKernel(Terms(folder=tmp_path, sandbox="bwrap"))
    with pytest.raises(KernelStartError, match="cannot be bounded any more"):
        await kernel.start()
    await kernel.close()
