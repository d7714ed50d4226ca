"""The command line as a user has it: real processes, real kernels, a real server."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
import pytest

from analyst.events import from_json
from analyst.faces.cli import main
from analyst.models.server.quirks import Quirks, remember
from analyst.testing import ScriptedServer, plan_and, python

Called = Callable[..., tuple[object, str, str]]

TIMEOUT_SECONDS = 120
SALES = """month,region,revenue
2024-01-01,North,100.5
2024-01-01,South,90
2024-02-01,North,110
2024-02-01,South,95
2024-03-01,North,120
2024-03-01,South,50.25
"""


def environment(**more: str) -> dict[str, str]:
    """The environment without any key or setting, and with what is added."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENAI_", "ANALYST_")) or name == "ANALYST_CACHE"
    }
    return kept | more


def start(folder: Path, *words: str, **env: str) -> subprocess.Popen[str]:
    """Start the command in a folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "analyst", *words],
        cwd=folder,
        env=environment(**env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def analyst(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder to its end."""
    with start(folder, *words, **env) as process:
        try:
            out, err = process.communicate(timeout=TIMEOUT_SECONDS)
        finally:
            process.kill()
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def scripted(*replies: Any) -> ScriptedServer:
    """A server that knows one key."""
    return ScriptedServer(replies, key="right-key")


def slow_cell() -> Any:
    """A reply that keeps the kernel busy for longer than any test takes."""
    return plan_and(["Wait"], python("import time; time.sleep(300)"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a small table in it."""
    (tmp_path / "sales.csv").write_text(SALES)
    return tmp_path


@pytest.fixture
def called(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Called]:
    """The command within this process, for what needs no process of its own."""
    before = signal.getsignal(signal.SIGTERM)
    for name in [*os.environ]:
        if name.startswith(("OPENAI_", "ANALYST_")) and name != "ANALYST_CACHE":
            monkeypatch.delenv(name)

    def call(folder: Path, *words: str) -> tuple[object, str, str]:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["analyst", *words])
        with pytest.raises(SystemExit) as left:
            main()
        written = capsys.readouterr()
        return left.value.code, written.out, written.err

    yield call
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="module")
def answered(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A question that was answered offline, once for all tests that look at it."""
    folder = tmp_path_factory.mktemp("answered")
    (folder / "sales.csv").write_text(SALES)
    question = "How did revenue change over time?"
    return folder, analyst(
        folder, "ask", "sales.csv", question, "-o", "out.ipynb", "--json"
    )


def test_answered_and_reproduced_is_zero(
    answered: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    """`ask` ends with 0, one JSON object on stdout, and a valid notebook."""
    folder, done = answered
    assert (done.returncode, done.stderr) == (0, "")
    run = json.loads(done.stdout)
    assert run["stop"] == "answered"
    assert run["answer"]
    assert run["verdict"]["status"] == "reproduced"
    assert run["notebook"] == str(folder / "out.ipynb")
    nbformat.validate(nbformat.read(folder / "out.ipynb", as_version=4))


def test_verify_says_what_became_of_it(
    answered: tuple[Path, subprocess.CompletedProcess[str]], called: Called
) -> None:
    """`verify` ends with 0 where all is equal, 1 where it differs, 2 unreadable."""
    folder, _ = answered
    same = analyst(folder, "verify", "out.ipynb")
    assert (same.returncode, same.stdout) == (0, "reproduced\n")

    (folder / "other").mkdir()
    (folder / "other" / "sales.csv").write_text(SALES.replace("100.5", "900.5"))
    (folder / "other" / "out.ipynb").write_text((folder / "out.ipynb").read_text())
    other = analyst(folder, "verify", "other/out.ipynb")
    assert other.returncode == 1
    assert other.stdout.startswith(("differs\n", "failed\n"))

    (folder / "broken.ipynb").write_text("{")
    for name in ("broken.ipynb", "missing.ipynb"):
        code, out, err = called(folder, "verify", name)
        assert (code, out) == (2, "")
        assert is_one_sentence(err)


def test_rerun_answers_from_other_data(
    answered: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    """`rerun` ends with 0 and tells the numbers of the new data, in a plain log."""
    folder, first = answered
    (folder / "april.csv").write_text(SALES.replace("100.5", "900.5"))
    again = analyst(folder, "rerun", "out.ipynb", "april.csv", "-o", "april.ipynb")
    assert again.returncode == 0, again.stderr
    assert again.stdout.endswith(
        f"notebook: {folder / 'april.ipynb'}\nverdict: reproduced\n"
    )
    assert "\x1b" not in again.stdout
    assert json.loads(first.stdout)["answer"] not in again.stdout


def is_one_sentence(text: str) -> bool:
    """Whether it is one line that begins with our name and is no traceback."""
    return (
        text.startswith("analyst: ")
        and text.count("\n") == 1
        and text.endswith((".\n", "?\n", ")\n"))
    )


@pytest.mark.parametrize(
    "words",
    [
        ("missing.csv", "Why?"),
        ("sales.csv", "  "),
        ("sales.csv",),
        ("sales.csv", "sales.csv"),
        ("sales.csv", "Why?", "--timeout", "-3"),
        ("sales.csv", "Why?", "-o", "no/such/folder/out.ipynb"),
        ("sales.csv", "Why?", "--key-env", "NO_SUCH_VARIABLE"),
        ("sales.csv", "Why?", "--json", "--events"),
        ("sales.csv", "Why?", "--sandbox", "paper"),
        ("sales.csv", "Why?", "--env-file", "missing.env"),
    ],
)
def test_bad_input_is_one_sentence_and_two(
    folder: Path, words: tuple[str], called: Called
) -> None:
    """Bad input: exit 2, one sentence on stderr, nothing on stdout or on disk."""
    code, out, err = called(folder, "ask", *words)
    assert (code, out) == (2, "")
    assert is_one_sentence(err), err
    assert [path.name for path in folder.iterdir()] == ["sales.csv"]


@pytest.mark.parametrize("words", [("ask",), ("ask", "a", "b", "--seed", "x")])
def test_bad_usage_is_two(folder: Path, words: tuple[str]) -> None:
    """Bad usage: exit 2 and no traceback."""
    done = analyst(folder, *words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("face", [(), ("--events",)])
def test_unusable_server_is_one_sentence_and_two(
    folder: Path, face: tuple[str]
) -> None:
    """A server that refuses before any step: exit 2, nothing on stdout or on disk."""
    with scripted() as server:
        words = ("--base-url", server.base_url, "--model", "scripted", *face)
        done = analyst(folder, "ask", "sales.csv", "Why?", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert is_one_sentence(done.stderr), done.stderr
    assert [path.name for path in folder.iterdir()] == ["sales.csv"]


def test_key_goes_only_to_the_server_it_was_named_for(folder: Path) -> None:
    """A key of the environment is not sent to a URL from the command line."""
    with scripted() as server:
        words = ("ask", "sales.csv", "Why?", "--base-url", server.base_url)
        words = (*words, "--model", "scripted")
        without = analyst(folder, *words, OPENAI_API_KEY="right-key")
        named = analyst(folder, *words, "--key-env", "MINE", MINE="right-key")
    sent = [request.headers.get("authorization", "") for request in server.requests]
    assert without.returncode == named.returncode == 2
    assert "right-key" not in sent[0]
    assert "right-key" in sent[-1]
    assert "right-key" not in without.stderr + named.stderr


def test_key_itself_is_not_taken_for_a_name(folder: Path, called: Called) -> None:
    """A key where the name of a variable belongs is refused and not repeated."""
    words = ("ask", "sales.csv", "Why?", "--key-env", "sk-very-secret")
    code, _, err = called(folder, *words)
    assert code == 2
    assert "sk-very-secret" not in err


def wait_for_slow_cell(process: subprocess.Popen[str]) -> list[str]:
    """The events up to the start of the slow cell."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if '"cell.started"' in line and "sleep(300)" in line:
            break
    return lines


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_ends_in_good_order(folder: Path, sent: signal.Signals) -> None:
    """One Ctrl-C or SIGTERM: the run says `interrupted`, exit 1, a valid notebook."""
    with scripted(slow_cell()) as server:
        process = start(folder, *asking(server), "--events", MINE="right-key")
        lines = wait_for_slow_cell(process)
        process.send_signal(sent)
        out, err = process.communicate(timeout=TIMEOUT_SECONDS)
    assert process.returncode == 1, err
    events = [from_json(line) for line in [*lines, *out.splitlines()]]
    stops = [event.stop for event in events if event.kind == "run.finished"]
    assert stops == ["interrupted"]
    nbformat.validate(nbformat.read(folder / "out.ipynb", as_version=4))


def asking(server: ScriptedServer) -> Iterator[str]:
    """The words that ask a scripted server."""
    yield from ("ask", "sales.csv", "Why?", "-o", "out.ipynb", "--key-env", "MINE")
    yield from ("--base-url", server.base_url, "--model", "scripted")


def test_second_signal_aborts(folder: Path) -> None:
    """Two signals: the process ends with 130, without a traceback."""
    with scripted(slow_cell()) as server:
        process = start(folder, *asking(server), "--events", MINE="right-key")
        wait_for_slow_cell(process)
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=TIMEOUT_SECONDS)
    assert process.returncode == 130, err
    assert "Traceback" not in err


def test_closed_output_ends_quietly(folder: Path) -> None:
    """Where the reader of a pipe leaves, the command ends soon and says nothing."""
    with scripted(slow_cell()) as server:
        process = start(folder, *asking(server), "--timeout", "2", MINE="right-key")
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        _, err = process.communicate(timeout=TIMEOUT_SECONDS)
    assert process.returncode == 1
    assert err == ""


def test_terminal_gets_the_live_display(folder: Path) -> None:
    """On a real terminal the plan is drawn with ticks and the answer as Markdown."""
    near, far = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "analyst", "ask", "sales.csv", "What is the total?"],
        cwd=folder,
        env=environment(TERM="xterm", COLUMNS="100", LINES="40"),
        stdin=far,
        stdout=far,
        stderr=far,
    )
    os.close(far)
    drawn = b""
    while True:
        try:
            piece = os.read(near, 65536)
        except OSError:
            break
        if not piece:
            break
        drawn += piece
    os.close(near)
    assert process.wait(TIMEOUT_SECONDS) == 0, drawn.decode()
    text = drawn.decode()
    assert "✓" in text
    assert "verdict pending" in text
    assert "reproduced" in text[text.rindex("verdict pending") :]


def test_doctor_tells_what_is_active(folder: Path) -> None:
    """`doctor` starts a kernel, names the sandbox and the key's place, not the key."""
    done = analyst(folder, "doctor", OPENAI_API_KEY="sk-very-secret")
    assert done.returncode == 0, done.stdout
    assert f"analyst         {version('analyst')}" in done.stdout
    assert "✓ sandbox         bwrap" in done.stdout
    assert "key             from OPENAI_API_KEY" in done.stdout
    assert "api.openai.com" in done.stdout
    assert "wire            chat, by rule" in done.stdout
    assert re.search(r"window          [\d,]+ tokens at once", done.stdout)
    assert re.search(r"price           (\$[\d.]+ in|not known)", done.stdout)
    assert "kernel          python3 starts in" in done.stdout
    assert "very-secret" not in done.stdout


def test_doctor_tells_the_wire_and_who_says_so(folder: Path, called: Called) -> None:
    """The wire is the one that was said, else remembered, else ruled; all unsent."""
    words = ("--base-url", "http://127.0.0.1:1/v1", "--model", "m")
    _, by_rule, _ = called(folder, "doctor", *words)
    assert "wire            chat, by rule\n" in by_rule
    assert "price           not " in by_rule
    learnt = Quirks(wire="text", why="the server refused tools", refused=("stream",))
    remember("127.0.0.1:1", "m", learnt)
    _, remembered, _ = called(folder, "doctor", *words)
    line = "text, remembered: the server refused tools; without stream, remembered"
    assert f"wire            {line}\n" in remembered
    _, said, _ = called(folder, "doctor", *words, "--wire", "responses")
    assert "wire            responses, as you said\n" in said


def test_doctor_says_how_to_mend(folder: Path, called: Called) -> None:
    """Where something needed does not work: exit 1 and what to do."""
    code, out, _ = called(folder, "doctor", "--model", "gpt-x")
    assert code == 1
    assert "✗ model" in out
    assert "OPENAI_API_KEY" in out


def test_version_and_help_are_light(folder: Path) -> None:
    """`--version` and `--help` import nothing heavy."""
    assert analyst(folder, "--version").stdout == f"analyst {version('analyst')}\n"
    code = (
        "import sys\n"
        "from analyst.faces.cli import app\n"
        "try:\n    app(['ask', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'openai', 'pandas', 'IPython', 'nbformat', 'rich'}\n"
        "sys.exit(str(sorted(heavy & set(sys.modules))) if heavy & set(sys.modules)"
        " else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "--key-env" in done.stdout


@pytest.mark.parametrize(
    ("program", "name"),
    [("jupyter-analyst", "jupyter analyst"), ("analyst", "analyst")],
)
def test_program_is_called_as_it_was_called(
    tmp_path: Path, program: str, name: str
) -> None:
    """`jupyter analyst` and `analyst` name themselves so in their help."""
    script = tmp_path / program
    script.write_text("from analyst.faces.cli import main\nmain()\n")
    done = subprocess.run(
        [sys.executable, script, "ask", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"Usage: {name} ask" in done.stdout
