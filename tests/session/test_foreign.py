"""A notebook from anywhere is verified as it would run where it lies, no further."""

from __future__ import annotations

import socket
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

import analyst

SAVES = """\
import pathlib
pathlib.Path("figures/new.txt").write_text("x")
pathlib.Path("out.csv").write_text("after")
print(pathlib.Path("beside.csv").read_text())"""


def write(folder: Path, *cells: tuple[str, str], inputs: object = None) -> Path:
    """A notebook of cells and what each printed."""
    code = [
        v4.new_code_cell(source, outputs=[v4.new_output("stream", text=printed)])
        for source, printed in cells
    ]
    node = v4.new_notebook(cells=code)
    if inputs is not None:
        node.metadata["analyst"] = {"schema": 1, "inputs": inputs}
    nbformat.write(node, folder / "n.ipynb")
    return folder / "n.ipynb"


@pytest.mark.parametrize("sandbox", ["bwrap", "landlock"])
def test_it_may_write_over_what_it_wrote_before(folder: Path, sandbox: str) -> None:
    """On copies: the user's own files stay as they are."""
    (folder / "figures").mkdir()
    (folder / "figures" / "old.png").write_text("x")
    (folder / "out.csv").write_text("before")
    (folder / "beside.csv").write_text("a,b")
    path = write(folder, (SAVES, "a,b\n"))
    verdict = analyst.verify(path, sandbox=sandbox)
    assert verdict.status == "reproduced", verdict
    assert (folder / "out.csv").read_text() == "before"
    assert not (folder / "figures" / "new.txt").exists()


def test_it_may_lie_among_many_files(folder: Path) -> None:
    """However many there are, and whatever environment lies beside them."""
    for number in range(4000):
        (folder / f"{number}.txt").touch()
    path = write(folder, ("print(len(list(__import__('os').listdir('.'))))", "4002\n"))
    assert analyst.verify(path).status == "reproduced"


def test_it_is_not_shown_what_is_hidden_or_no_file(folder: Path) -> None:
    """An input that it names itself may be no socket and nothing secret."""
    hidden = folder / ".ssh"
    hidden.mkdir()
    (hidden / "id_rsa").write_text("secret")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "daemon"))
        listener.listen()
        look = "import os; print(os.path.exists('daemon'), os.path.exists('.ssh'))"
        inputs = [{"path": "daemon"}, {"path": ".ssh/id_rsa"}, "x", {"path": "/"}]
        path = write(folder, (look, "False False\n"), inputs=inputs)
        verdict = analyst.verify(path)
    assert verdict.status == "reproduced", verdict


def test_it_may_say_where_it_works(folder: Path) -> None:
    """The folder's name is the same outside and in either sandbox."""
    path = write(folder, ("import os; print(os.getcwd())", f"{folder.resolve()}\n"))
    for sandbox in ("none", "bwrap", "landlock"):
        verdict = analyst.verify(path, sandbox=sandbox)
        assert verdict.status == "reproduced", (sandbox, verdict)
