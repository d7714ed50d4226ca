"""A kernel for verification: nbclient runs a notebook in it, and nothing stays."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from analyst.kernel.process.process import spawned_manager
from analyst.kernel.terms import Terms

from .conftest import own_threads

LOOK = """
import importlib.util, os
print([
    importlib.util.find_spec("analyst") is None,
    os.environ["PYTHONHASHSEED"],
    os.getcwd(),
    os.environ.get("OPENAI_API_KEY"),
    os.environ["JUPYTER_RUNTIME_DIR"],
])
"""


def real(path: Path) -> str:
    """A path as the system knows it."""
    return str(path.resolve())


def is_there(path: str) -> bool:
    """Whether there is a file or a folder."""
    return Path(path).exists()


def notebook(*sources: str) -> nbformat.NotebookNode:
    """A notebook of these cells, as nbclient is given it."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.v4.new_notebook(cells=cells)


async def test_nbclient_runs_a_notebook_in_a_kernel_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Environment, folder and hash seed are ours whatever nbclient asks for."""
    monkeypatch.setenv("OPENAI_API_KEY", "s3cret")
    book = notebook(LOOK, "1 + 1")
    threads = own_threads()
    async with spawned_manager(Terms(folder=tmp_path, hash_seed=1)) as km:
        client = NotebookClient(
            book, km=km, timeout=20, resources={"metadata": {"path": "/"}}
        )
        await client.async_execute()
    is_gone, seed, folder, key, runtime = ast.literal_eval(
        book.cells[0].outputs[0].text
    )
    assert is_gone
    assert seed == "1"
    assert folder == real(tmp_path)
    assert key is None
    assert book.cells[1].outputs[0].data["text/plain"] == "2"
    assert km.dead.done()
    assert not is_there(runtime)
    assert own_threads() == threads


async def test_a_notebook_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """The error is nbclient's own, and the process is gone."""
    book = notebook("1 / 0")
    async with spawned_manager(Terms(folder=tmp_path, hash_seed=3)) as km:
        with pytest.raises(CellExecutionError):
            await NotebookClient(book, km=km, timeout=20).async_execute()
    assert km.dead.done()


async def test_a_manager_that_is_never_started_leaves_nothing(tmp_path: Path) -> None:
    """Its folder goes, too."""
    async with spawned_manager(Terms(folder=tmp_path, hash_seed=1)) as km:
        folder = Path(km.connection_file).parent
        assert folder.is_dir()
    assert not folder.exists()
