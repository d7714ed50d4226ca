"""Wherever the notebook, its data and the interpreter lie, a cell means the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analyst.errors import KernelStartError
from analyst.kernel.interpreter import named_interpreter
from analyst.kernel.kernel import LocalKernel
from analyst.kernel.sandbox.policy import SandboxName
from analyst.kernel.terms import Terms

from .conftest import Bench
from .other_environment import KERNEL_NAME, make_other_environment

READ = "import pathlib; print(pathlib.Path({path!r}).read_text())"
SEE = "import os; print(sorted(os.listdir('.')))"


@pytest.fixture(params=["bwrap", "landlock"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[SandboxName]:
    """Each sandbox."""
    name: SandboxName = request.param
    return name


async def printed(terms: Terms, *sources: str) -> list[str]:
    """What cells print in a kernel of their own."""
    kernel = LocalKernel(terms)
    try:
        await kernel.start()
        return [(await Bench(kernel).printed(source)).strip() for source in sources]
    finally:
        await kernel.close()


def table(path: Path) -> Path:
    """A table that knows where it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(path.name)
    return path


async def test_the_notebook_may_lie_in_the_home(
    tmp_path: Path, sandbox: SandboxName
) -> None:
    """Of which nothing is seen but the data."""
    data = table(tmp_path / "data.csv")
    table(tmp_path / ".ssh" / "id_rsa")
    terms = Terms(
        folder=tmp_path,
        inputs=(data,),
        sandbox=sandbox,
        environ={"HOME": str(tmp_path)},
    )
    assert await printed(terms, SEE) == ["['data.csv']"]


async def test_the_interpreter_may_lie_beneath_the_notebook(
    tmp_path: Path, sandbox: SandboxName, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project with its environment in it."""
    jupyter = make_other_environment(tmp_path / "env")
    monkeypatch.setenv("JUPYTER_PATH", str(jupyter))
    terms = Terms(
        folder=tmp_path,
        inputs=(table(tmp_path / "data.csv"),),
        sandbox=sandbox,
        interpreter=named_interpreter(KERNEL_NAME),
    )
    prefix, data = await printed(
        terms, "import sys; print(sys.prefix)", READ.format(path="data.csv")
    )
    assert Path(prefix).is_relative_to(tmp_path / "env")
    assert data == "data.csv"


async def test_data_may_lie_elsewhere_and_be_reached_by_links(
    tmp_path: Path, sandbox: SandboxName
) -> None:
    """By its path from the folder, by its absolute one, through links of the user's."""
    real = table(tmp_path / "disk" / "real.csv")
    folder = tmp_path / "project"
    folder.mkdir()
    (tmp_path / "linked").symlink_to(folder)
    link = folder / "link.csv"
    link.symlink_to(real)
    near = table(tmp_path / "data" / "near.csv")
    terms = Terms(
        folder=tmp_path / "linked", inputs=(link, near, real), sandbox=sandbox
    )
    paths = ("link.csv", "../data/near.csv", str(near), str(real))
    read = await printed(terms, *(READ.format(path=path) for path in paths))
    assert read == ["real.csv", "near.csv", "near.csv", "real.csv"]


async def test_a_folder_may_have_any_name(tmp_path: Path, sandbox: SandboxName) -> None:
    """Blanks, quotes, dashes and characters of any script."""
    folder = tmp_path / "--my 'data' — 数据\n%"
    data = table(folder / "a b.csv")
    terms = Terms(folder=folder, inputs=(data,), sandbox=sandbox)
    assert await printed(terms, READ.format(path="a b.csv")) == ["a b.csv"]


async def test_a_folder_of_data_is_seen_whole(
    tmp_path: Path, sandbox: SandboxName
) -> None:
    """And none of it can be changed."""
    table(tmp_path / "many" / "deep" / "one.csv")
    terms = Terms(folder=tmp_path, inputs=(tmp_path / "many",), sandbox=sandbox)
    spoil = (
        "import os\n"
        "try: os.remove('many/deep/one.csv')\n"
        "except OSError as error: print(type(error).__name__)"
    )
    read, refused = await printed(terms, READ.format(path="many/deep/one.csv"), spoil)
    assert read == "one.csv"
    assert refused in {"OSError", "PermissionError"}
    assert (tmp_path / "many" / "deep" / "one.csv").exists()


async def test_a_folder_that_cannot_be_kept_apart_is_refused(
    sandbox: SandboxName,
) -> None:
    """The root of the machine is not a place for a notebook."""
    with pytest.raises(KernelStartError, match="choose another folder"):
        await printed(Terms(folder=Path("/"), sandbox=sandbox), SEE)
