"""`--dry-run`: the first request is shown, and nothing is sent."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from analyst.faces.cli import main
from analyst.faces.dry_run import remarks, request_text
from analyst.seams import Preview

Called = Callable[..., tuple[object, str, str]]

SALES = "month,region,revenue\n2024-01-01,Süd,100.5\n2024-02-01,North,90\n"


class Silence:
    """A place where a server could be, which knows whether anybody called."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.base_url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"

    @property
    def was_called(self) -> bool:
        """Whether there was a connection since last asked."""
        try:
            self._socket.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Leave the place."""
        self._socket.close()


@pytest.fixture
def silence() -> Iterator[Silence]:
    """A place where a server could be."""
    place = Silence()
    yield place
    place.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a small table in it and no key around."""
    (tmp_path / "sales.csv").write_text(SALES)
    monkeypatch.chdir(tmp_path)
    for name in [*os.environ]:
        if name.startswith(("OPENAI_", "ANALYST_")) and name != "ANALYST_CACHE":
            monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def called(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Called]:
    """The command within this process."""
    before = signal.getsignal(signal.SIGTERM)

    def call(*words: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["analyst", *words])
        with pytest.raises(SystemExit) as left:
            main()
        written = capsys.readouterr()
        return left.value.code, written.out, written.err

    yield call
    signal.signal(signal.SIGTERM, before)


def test_request_is_printed_and_not_sent(
    folder: Path, called: Called, silence: Silence
) -> None:
    """The URL on the first line, then the body; exit 0, no connection, no file."""
    words = ("--base-url", silence.base_url, "--model", "m")
    code, out, err = called("ask", "sales.csv", "Wie läuft Süd?", *words, "--dry-run")
    first, _, rest = out.partition("\n")
    body = json.loads(rest)
    assert code == 0
    assert first == f"POST {silence.base_url}/chat/completions"
    assert body["model"] == "m"
    assert "Wie läuft Süd?" in body["messages"][-1]["content"]
    assert "läuft" in rest, "it can be read"
    assert err.endswith(" tokens; nothing was sent\n")
    assert err.startswith("about ")
    assert not silence.was_called
    assert [path.name for path in folder.iterdir()] == ["sales.csv"]


def test_not_even_a_name_is_asked_for(
    folder: Path, called: Called, silence: Silence
) -> None:
    """Without a model's name the body has none, a line says so, nobody is asked."""
    code, out, err = called(
        "ask", "sales.csv", "Why?", "--base-url", silence.base_url, "--dry-run"
    )
    assert code == 0
    assert json.loads(out.partition("\n")[2])["model"] == ""
    assert "no model was named" in err
    assert not silence.was_called


def test_offline_nothing_would_be_sent(folder: Path, called: Called) -> None:
    """With the offline analyst one sentence says that there is nothing to send."""
    code, out, err = called("ask", "sales.csv", "Why?", "--dry-run")
    assert (code, err) == (0, "")
    assert out == "Nothing would be sent: this model needs no server.\n"
    assert [path.name for path in folder.iterdir()] == ["sales.csv"]


def test_magic_prints_it_too(
    folder: Path, silence: Silence, capsys: pytest.CaptureFixture[str]
) -> None:
    """`%analyst --dry-run` prints the same below the cell and has no result."""
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(
        config=Config({"HistoryManager": {"enabled": False}})
    )
    shell.extension_manager.load_extension("analyst")
    line = f"--dry-run --base-url {silence.base_url} --model m sales.csv Why?"
    result = shell.run_cell(f"%analyst {line}")
    InteractiveShell.clear_instance()
    result.raise_error()
    out = capsys.readouterr().out
    assert result.result is None
    assert out.startswith(f"POST {silence.base_url}/chat/completions\n")
    assert out.endswith(" tokens; nothing was sent\n")
    assert not silence.was_called


@given(st.text(max_size=40))
def test_what_is_shown_is_what_would_be_sent(text: str) -> None:
    """Read as JSON the body is the one to be sent, whatever stands in it."""
    shown = request_text(Preview(url="http://h/v1", body={"text": text}, tokens=1))
    assert json.loads(shown.partition("\n")[2]) == {"text": text}
    assert not set(shown) & set("\x1b\x9b\x7f\u202e\u2066")


def test_size_is_told() -> None:
    """The estimate is told with its thousands."""
    body = {"model": "m"}
    told = remarks(Preview(url="http://h/v1", body=body, tokens=1340))
    assert told == ("about 1,340 tokens; nothing was sent",)
