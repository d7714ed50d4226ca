"""What any kernel of ours must do: the world that a cell finds around itself."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Ours
from .other_environment import ONLY_THERE

pytestmark = pytest.mark.asyncio(loop_scope="module")

TABLE = "a,b\n1,x\n2,y\n"
TRIES_TO_WRITE = """
try:
    with open({path!r}, "a") as file: file.write("3,z\\n")
except OSError as error:
    print("refused")
else:
    print("written")
"""
POOL = """
import multiprocessing, os, sys
def square(n):
    sys.stdout.write(f"<{n}>")
    sys.stdout.flush()
    return n * n
with multiprocessing.get_context("fork").Pool(2) as pool:
    squares = pool.map(square, range(4))
"""
FORK = """
import os, sys
sys.stdout.flush()
child = os.fork()
if child == 0:
    print("from the child", flush=True)
    os._exit(0)
os.waitpid(child, 0)
print("from the parent")
"""
LOOKS_AROUND = """
import json, locale, os, sys, tempfile, time
print(json.dumps({
    "time zone": time.tzname[0],
    "encodings": [locale.getpreferredencoding(False), sys.getfilesystemencoding()],
    "hash": hash("analyst"),
    "threads": os.environ["OMP_NUM_THREADS"],
    "decimal point": f"{1.5:n}",
    "dates": os.environ["SOURCE_DATE_EPOCH"],
}))
"""
USES_PACKAGES = """
import duckdb, numpy as np, pandas as pd, pyarrow as pa, pyarrow.parquet as pq
frame = pd.DataFrame({"n": np.arange(100_000), "k": np.arange(100_000) % 7})
frame.to_parquet("frame.parquet")
pq.write_table(pa.table({"n": [1, 2]}), "table.parquet")
back = pd.read_parquet("frame.parquet")
sums = duckdb.sql("select k, sum(n) as s from frame group by k order by k").df()
from_file = duckdb.sql("select count(*) from 'frame.parquet'").fetchall()[0][0]
from_input = duckdb.sql("select sum(a) from 'near.csv'").fetchall()[0][0]
inverse = np.linalg.inv(np.eye(200) * 2)
print(back.equals(frame), len(sums), from_file, from_input, inverse[0, 0])
"""
FONTS_BEFORE = """
import matplotlib, pathlib
lists = sorted(pathlib.Path(matplotlib.get_cachedir()).glob("fontlist-*.json"))
before = [(path.name, path.stat().st_mtime_ns) for path in lists]
"""
FONTS_AFTER = """
import matplotlib.pyplot as plt
plt.title("é"); plt.plot([1]); plt.savefig("figure.png"); plt.close("all")
lists = sorted(pathlib.Path(matplotlib.get_cachedir()).glob("fontlist-*.json"))
after = [(path.name, path.stat().st_mtime_ns) for path in lists]
print(len(before), before == after)
"""


def text_of(path: Path) -> str:
    """What is written in a file."""
    return path.read_text()


def is_there(path: Path) -> bool:
    """Whether there is a file or a folder."""
    return path.exists()


async def test_it_runs_in_the_environment_that_was_asked_for(ours: Ours) -> None:
    """Only there is the module that only that environment has; `analyst` is in none."""
    found = await ours.printed(
        "from importlib.util import find_spec\n"
        f"print(find_spec({ONLY_THERE!r}) is not None, find_spec('analyst'))"
    )
    assert found == f"{ours.kind.environment == 'another'} None\n"
    prefix = (await ours.printed("import sys; print(sys.prefix)")).strip()
    assert (prefix == sys.prefix) is (ours.kind.environment == "own")
    assert ours.kernel.sandbox.name == ours.kind.sandbox


async def test_the_working_folder_is_that_of_the_notebook(ours: Ours) -> None:
    """Under its own path, or in a stand-in that ends with the same name."""
    folder = Path((await ours.printed("import os; print(os.getcwd())")).strip())
    real = ours.folder.resolve()
    assert (folder == real) is ours.kind.ways.works_in_folder
    assert folder.name == real.name


async def test_inputs_are_read_by_any_path(ours: Ours) -> None:
    """Relative and absolute, beside the notebook and elsewhere, and listed."""
    relative = f"../{ours.far.parent.name}/far.csv"
    for path in ("near.csv", str(ours.near), relative, str(ours.far)):
        assert await ours.printed(f"print(open({path!r}).read(), end='')") == TABLE
    assert "near.csv" in await ours.printed("import os; print(os.listdir())")
    assert await ours.printed("!cat near.csv") == TABLE


async def test_inputs_cannot_be_changed(ours: Ours) -> None:
    """Neither by their own names nor by others; unless nothing is held."""
    is_safe = ours.kind.ways.inputs_are_safe
    for path in ("near.csv", str(ours.far)):
        said = await ours.printed(TRIES_TO_WRITE.format(path=path))
        assert said == ("refused\n" if is_safe else "written\n")
    for table in (ours.near, ours.far):
        assert (text_of(table) == TABLE) is is_safe
        table.write_text(TABLE)


async def test_files_last_as_long_as_the_process(ours: Ours) -> None:
    """What a cell writes is there for the next one; beside the notebook it appears
    at once only where nothing is held, and after a restart it is there only then.
    """
    await ours.run("open('note.txt', 'w').write('é')\n%mkdir sub")
    await ours.run("import pathlib; pathlib.Path('sub/more.txt').write_text('b')")
    assert await ours.printed("print(open('note.txt').read())") == "é\n"
    assert await ours.printed("%cat sub/more.txt") == "b"
    assert is_there(ours.folder / "note.txt") is not ours.kind.ways.inputs_are_safe
    await ours.kernel.rollback([], timeout_seconds=10)
    still = await ours.printed("import os; print(sorted(os.listdir()))")
    assert ("note.txt" in still) is not ours.kind.ways.forgets_files
    assert "near.csv" in still


async def test_home_and_temporary_files_can_be_used(ours: Ours) -> None:
    """They can be written; home is the user's only where nothing is held."""
    source = (
        "import pathlib, tempfile\n"
        "with tempfile.NamedTemporaryFile('w+') as file:\n"
        "    file.write('a'); file.seek(0); print(file.read())\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    print(pathlib.Path(folder).is_dir())\n"
        "print(pathlib.Path.home().is_dir())"
    )
    assert await ours.printed(source) == "a\nTrue\nTrue\n"
    if not ours.kind.ways.home_is_private:
        return
    mark = f"analyst-test-{os.getpid()}"
    source = f"pathlib.Path.home().joinpath({mark!r}).write_text('a')"
    assert (await ours.run(source)).status == "ok"
    assert not is_there(Path.home() / mark)


async def test_results_do_not_depend_on_the_machine(ours: Ours) -> None:
    """Time zone, locale, order of sets and threads are the same everywhere."""
    hashed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", "print(hash('analyst'))"],
        env={"PYTHONHASHSEED": "0"},
        capture_output=True,
        check=True,
    )
    assert json.loads(await ours.printed(LOOKS_AROUND)) == {
        "time zone": "UTC",
        "encodings": ["UTF-8", "utf-8"],
        "hash": int(hashed.stdout),
        "threads": "1",
        "decimal point": "1.5",
        "dates": "315532800",
    }


async def test_the_packages_of_an_analysis_work_together(ours: Ours) -> None:
    """Frames, Arrow, Parquet, SQL over frames and files, and linear algebra."""
    assert await ours.printed(USES_PACKAGES) == "True 7 100000 3 0.5\n"
    execution = await ours.run("pd.DataFrame({'a': [1]}).plot()")
    assert execution.status == "ok"
    assert len(execution.outputs) == 2


async def test_fonts_are_known_beforehand(ours: Ours) -> None:
    """Drawing says nothing of fonts and looks for none, not even the first time."""
    await ours.kernel.rollback([FONTS_BEFORE], timeout_seconds=30)
    assert await ours.printed(FONTS_AFTER) == "1 True\n"


async def test_threads_and_pools_of_threads_work(ours: Ours) -> None:
    """As many as an analysis starts."""
    source = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(8) as pool: print(sum(pool.map(abs, range(-50, 0))))"
    )
    assert await ours.printed(source) == "1275\n"


async def test_programs_can_be_started(ours: Ours) -> None:
    """Their output comes back, and what they write themselves is seen."""
    source = (
        "import subprocess, sys\n"
        "done = subprocess.run([sys.executable, '-c', 'print(6 * 7)'],"
        " capture_output=True, text=True)\n"
        "print(done.returncode, done.stdout.strip(), done.stderr)"
    )
    assert await ours.printed(source) == "0 42 \n"
    shown = await ours.printed("subprocess.run('echo shown; sleep 0.2', shell=True);")
    assert shown == "shown\n"


async def test_forked_processes_are_heard(ours: Ours) -> None:
    """What one prints is part of the cell, where there is a way for it."""
    printed = await ours.printed(FORK)
    assert "from the parent\n" in printed
    assert ("from the child\n" in printed) is ours.kind.ways.hears_forks


async def test_pools_of_processes_work_where_locks_can_be_shared(ours: Ours) -> None:
    """All of their results come back, and what they print is seen; where they cannot
    work, the cell says so at once.
    """
    execution = await ours.run(POOL)
    if not ours.kind.ways.has_semaphores:
        assert execution.error is not None
        assert execution.error.name in {"PermissionError", "OSError"}
        return
    assert execution.status == "ok", execution
    assert await ours.printed("print(squares)") == "[0, 1, 4, 9]\n"
    shown = str(execution.outputs)
    assert all((f"<{n}>" in shown) is ours.kind.ways.hears_forks for n in range(4))


async def test_sockets_of_the_network_lead_nowhere(ours: Ours) -> None:
    """They can be made in a network of its own; else they cannot be made at all."""
    source = (
        "import socket\n"
        "try:\n    socket.socket().close()\n"
        "except PermissionError:\n    print(False)\n"
        "else:\n    print(True)"
    )
    printed = await ours.printed(source)
    assert printed == f"{ours.kind.ways.makes_network_sockets}\n"
