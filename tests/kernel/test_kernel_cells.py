"""What cells put out and leave behind in a kernel that lives on."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path

import pytest

from analyst.events import CellError, Rich, Stream
from analyst.kernel.kernel import LocalKernel
from analyst.kernel.terms import Terms
from analyst.outputs import join_streams

from .conftest import Bench

pytestmark = pytest.mark.asyncio(loop_scope="module")


def touch(path: Path) -> None:
    """Make a file."""
    path.touch()


def real(path: Path) -> str:
    """A path as the system knows it."""
    return str(path.resolve())


async def test_each_kind_of_output_has_its_type(shared: Bench) -> None:
    """Streams, displays and the result come in order, each as what it is."""
    execution = await shared.run(
        "import sys\n"
        "print('a'); print('b')\n"
        "print('c', file=sys.stderr)\n"
        "display('d')\n"
        "'é世界🙂'"
    )
    assert execution.status == "ok"
    assert execution.error is None
    assert execution.outputs == (
        Stream(text="a\nb\n"),
        Stream(name="stderr", text="c\n"),
        Rich(data={"text/plain": "'d'"}),
        Rich(data={"text/plain": "'é世界🙂'"}, is_result=True),
    )
    assert join_streams(shared.yielded) == execution.outputs


async def test_a_figure_is_png_and_a_frame_is_a_table(shared: Bench) -> None:
    """Figures appear without being asked for; a frame's styles and scripts do not."""
    execution = await shared.run(
        "import matplotlib.pyplot as plt, pandas as pd\n"
        "plt.plot([1, 2])\n"
        "pd.DataFrame({'x': [1]})"
    )
    assert execution.status == "ok", execution
    frame, figure = execution.outputs
    assert isinstance(frame, Rich)
    assert isinstance(figure, Rich)
    assert frame.is_result
    assert "<style" not in frame.data["text/html"]
    assert "<td>1</td>" in frame.data["text/html"]
    assert base64.b64decode(figure.data["image/png"]).startswith(b"\x89PNG")


async def test_output_is_seen_while_the_cell_runs(shared: Bench) -> None:
    """What is printed before a long wait is yielded before the wait is over."""
    seen = asyncio.Event()
    source = (
        "import pathlib, time\n"
        "print('now', flush=True)\n"
        "while not pathlib.Path('go').exists(): time.sleep(0.01)\n"
        "pathlib.Path('go').unlink()"
    )
    async for item in shared.kernel.execute(source, timeout_seconds=20):
        if isinstance(item, Stream):
            seen.set()
            touch(shared.kernel._terms.folder / "go")
    assert seen.is_set()


async def test_memory_persists_between_cells(shared: Bench) -> None:
    """A later cell finds what an earlier one made."""
    await shared.printed("x = [1, 2]")
    assert await shared.printed("x.append(3); print(x)") == "[1, 2, 3]\n"


async def test_an_error_is_a_result_and_the_kernel_goes_on(shared: Bench) -> None:
    """The exception comes last, readable and without colour codes."""
    execution = await shared.run("y = 1\nprint('before')\n1 / 0")
    assert execution.status == "error"
    assert execution.outputs[0] == Stream(text="before\n")
    error = execution.error
    assert isinstance(error, CellError)
    assert (error.name, error.message) == ("ZeroDivisionError", "division by zero")
    assert "----> 3 1 / 0" in error.traceback
    assert "\x1b" not in error.traceback
    assert shared.yielded[-1] == error
    assert await shared.printed("print(y)") == "1\n"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("x = (", "SyntaxError"),
        ("class A:\n def __repr__(self): raise OSError('no')\nA()", "OSError"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("input()", "StdinNotImplementedError"),
    ],
)
async def test_whatever_fails_is_named(shared: Bench, source: str, name: str) -> None:
    """Also a cell that never ran, a value that cannot be shown, a try to ask."""
    execution = await shared.run(source)
    assert execution.status == "error"
    assert execution.error is not None
    assert execution.error.name == name
    assert await shared.printed("print('on')") == "on\n"


async def test_a_traceback_that_was_only_shown_is_no_failure(shared: Bench) -> None:
    """Whether a cell failed is for the kernel's reply to say."""
    execution = await shared.run(
        "try: 1 / 0\nexcept Exception: get_ipython().showtraceback()\n5"
    )
    assert execution.status == "ok"
    text, result = execution.outputs
    assert isinstance(text, Stream)
    assert "ZeroDivisionError" in text.text
    assert isinstance(result, Rich)


async def test_a_cell_that_interrupts_itself_was_interrupted(shared: Bench) -> None:
    """An interrupt is told apart from a mistake of the code."""
    execution = await shared.run("raise KeyboardInterrupt")
    assert execution.status == "interrupted"


async def test_an_update_is_in_the_execution(shared: Bench) -> None:
    """A display that was updated ends as what it was updated to."""
    execution = await shared.run(
        "handle = display('first', display_id=True)\nhandle.update('second')"
    )
    assert execution.outputs == (Rich(data={"text/plain": "'second'"}),)


async def test_a_hidden_cell_leaves_no_trace_in_the_history(shared: Bench) -> None:
    """`In`, `Out`, `_` and the counter are as if it had never run; its value shows."""
    await shared.run("'kept'")
    names = "sorted(k for k in globals() if k[:2] in '_1_2_3')"
    trace = f"print(len(In), list(Out), _, {names})"
    before = await shared.printed(trace, hidden=True)
    execution = await shared.run("'hidden'", hidden=True)
    assert execution.outputs == (Rich(data={"text/plain": "'hidden'"}, is_result=True),)
    assert await shared.printed(trace, hidden=True) == before


async def test_two_kernels_live_side_by_side(tmp_path: Path, shared: Bench) -> None:
    """Neither sees the other's memory, and they work at the same time."""
    other = Bench(LocalKernel(Terms(folder=tmp_path)))
    await other.kernel.start()
    try:
        source = "import os, time; mine = os.getpid(); time.sleep(0.2); print(mine)"
        one, two = await asyncio.gather(shared.printed(source), other.printed(source))
        assert one != two
        assert await shared.printed("print(mine)") == one
    finally:
        await other.kernel.close()


async def test_a_kernel_knows_no_key_and_no_analyst(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the caller's environment is there, and `analyst` cannot be used."""
    secrets = ["OPENAI_API_KEY", "HTTPS_PROXY", "PYTHONPATH", "AWS_SECRET_ACCESS_KEY"]
    for name in secrets:
        monkeypatch.setenv(name, "s3cret")
    bench = Bench(LocalKernel(Terms(folder=tmp_path)))
    await bench.kernel.start()
    try:
        printed = await bench.printed(
            "import importlib.util, json, os, sys\n"
            "print(json.dumps([dict(os.environ), os.getcwd(), sys.path,"
            " importlib.util.find_spec('analyst') is None]))"
        )
        environ, folder, path, is_gone = json.loads(printed)
        assert "s3cret" not in str(environ)
        assert "s3cret" not in str(path)
        assert folder == real(tmp_path)
        assert is_gone
        execution = await bench.run("import analyst")
        assert execution.error is not None
        assert execution.error.name == "ModuleNotFoundError"
    finally:
        await bench.kernel.close()


async def test_startup_files_of_the_user_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a profile of IPython nor Python's own startup file runs."""
    startup = tmp_path / "home" / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    for file in (startup / "first.py", tmp_path / "start.py"):
        file.write_text("surprise = 1")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "start.py"))
    bench = Bench(LocalKernel(Terms(folder=tmp_path)))
    await bench.kernel.start()
    try:
        assert await bench.printed("print('surprise' in globals())") == "False\n"
    finally:
        await bench.kernel.close()
