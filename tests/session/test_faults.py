"""Faults of servers and lines, over real HTTP: at the start of a run and within it.

Each ends in a completed run or in one clear sentence; what was done is kept, and the
session goes on when the server does.
"""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import traceback
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
import pytest

import analyst
from analyst.errors import ModelRefused, ModelUnavailable
from analyst.events import ConversationCompacted, ReplyReceived, to_json
from analyst.run import Run
from analyst.testing import ScriptedServer, python, say

from .fault_table import ENDING, KEY, PASSING, Fault, refused, replies
from .faulty_line import Break, FaultyLine, self_signed

MOST_CHARS = 400
QUESTION = "What is the revenue?"


class Scene:
    """A session, and a server that answers it over a line as it is told."""

    def __init__(self) -> None:
        self.answers: deque[Any] = deque()
        self.line: FaultyLine
        self.session: analyst.Analyst

    @property
    def host(self) -> str:
        """As a sentence names the server."""
        return urlsplit(self.session.settings.base_url).netloc

    def play(self, _: Mapping[str, Any]) -> Any:
        """The next answer of the server, after which the line may be closed."""
        answer = self.answers.popleft()
        self.close_if_told()
        return answer

    def close_if_told(self) -> None:
        """Listen no more where that is what comes next."""
        if self.answers and self.answers[0] == "closed":
            self.answers.popleft()
            self.line.close()

    def breaks(self) -> Break | None:
        """What the line does to the next request."""
        is_break = self.answers and isinstance(self.answers[0], str)
        return self.answers.popleft() if is_break else None

    def ask(self, answers: list[Any]) -> Run:
        """A question that is answered so."""
        self.answers = deque(answers)
        self.close_if_told()
        return self.session.ask(QUESTION)


@contextmanager
def scene(**settings: Any) -> Iterator[Scene]:
    """A session in the current folder, and its server."""
    it = Scene()
    with (
        ScriptedServer(itertools.repeat(it.play)) as server,
        FaultyLine(server, breaks=it.breaks) as it.line,
        analyst.Analyst(
            "sales.csv",
            model="scripted",
            api_key=KEY,
            base_url=it.line.base_url,
            sandbox="none",
            verify=False,
            notebook="n.ipynb",
            **settings,
        ) as it.session,
    ):
        yield it


def check_sentence(text: str, host: str) -> None:
    """It is one sentence that names the server, and holds nothing that it must not."""
    own = re.sub(r' \(it says: ".*?"\)', "", text)
    assert own.endswith("."), text
    assert not own.endswith(".."), text
    assert ". " not in own, text
    assert "\n" not in text
    assert "Traceback" not in text
    assert host in text
    assert len(text) < MOST_CHARS


def check_no_key(*texts: str) -> None:
    """No text holds the key, nor a half of it."""
    for text in texts:
        assert KEY not in text
        assert KEY[: len(KEY) // 2] not in text
        assert KEY[len(KEY) // 2 :] not in text


def code_on_disk() -> str:
    """The code of the notebook, which is valid and holds no key."""
    path = Path("n.ipynb")
    check_no_key(path.read_text())
    node = nbformat.read(path, as_version=4)
    nbformat.validate(node)
    return "\n".join(cell.source for cell in node.cells if cell.cell_type == "code")


def check_it_goes_on(it: Scene, names: list[str]) -> None:
    """The next question is answered, with what the one before it has left."""
    it.line.open()
    sources = [f"print({name})" for name in names]
    run = it.ask([*map(python, [*sources, "more = 6 * 7\nmore"]), say("It is {more}.")])
    assert (run.stop, run.answer) == ("answered", "It is 42.")


@pytest.mark.parametrize("fault", PASSING, ids=str)
def test_a_passing_fault_is_outlived(folder: Path, fault: Fault) -> None:
    """Wherever in a run it happens, the run is completed, and the answer is the one
    that a server without faults leads to.
    """
    with scene(**fault.settings) as it:
        for number in fault.before:
            good = replies(number)
            run = it.ask([*good[:number], *fault.answers, *good[number:]])
            assert (run.stop, run.answer) == ("answered", "455 in 6 rows."), run.reason
            assert not it.answers
            compacted = any(isinstance(e, ConversationCompacted) for e in run.facts)
            assert compacted == fault.name.startswith("too long")
            check_no_key(*map(to_json, run.facts))
            assert f"rows_{number} = len(df)" in code_on_disk()


@pytest.mark.parametrize("fault", ENDING, ids=str)
def test_a_fault_that_stays_ends_in_a_sentence(folder: Path, fault: Fault) -> None:
    """Wherever in a run it happens, it is told in one sentence, what was done until
    then is kept in a valid notebook, and the session answers the next question.
    """
    with scene(**fault.settings) as it:
        for number in fault.before:
            answers = [*replies(number)[:number], *fault.answers]
            if number:
                run = it.ask(answers)
                told, stop = run.reason, run.stop
                check_no_key(*map(to_json, run.facts))
            else:
                with pytest.raises(fault.family) as caught:
                    it.ask(answers)
                told, stop = str(caught.value), "failed"
                check_no_key(*traceback.format_exception(caught.value))
                check_no_key(repr(caught.value.__context__))
                assert not Path("n.ipynb").exists()
            assert (stop, fault.sentence in told) == ("failed", True), told
            check_sentence(told, it.host)
            check_no_key(told)
            done = [f"total_{number}", f"rows_{number}"][:number]
            assert all(f"{name} = " in code_on_disk() for name in done)
            check_it_goes_on(it, done)


def test_retry_after_is_kept(folder: Path) -> None:
    """A server that says how long to wait is not asked before."""
    first, *_ = PASSING
    with scene() as it:
        run = it.ask([*first.answers, *replies(0)])
    waited = next(e.seconds for e in run.facts if isinstance(e, ReplyReceived))
    assert waited >= 1


def test_a_key_that_is_refused_before_the_first_request(folder: Path) -> None:
    """Also where the server is only asked for its models, and sends the key back."""
    with (
        ScriptedServer(key="another") as server,
        pytest.raises(ModelRefused, match="refused the API key") as caught,
    ):
        analyst.ask("sales.csv", QUESTION, base_url=server.base_url, api_key=KEY)
    check_no_key(*traceback.format_exception(caught.value))
    check_no_key(repr(caught.value.__context__))


def test_a_plain_server_asked_for_tls(folder: Path) -> None:
    """A URL with https where the server is plain is told as what it is."""
    with ScriptedServer() as server:
        url = server.base_url.replace("http:", "https:")
        with pytest.raises(ModelUnavailable, match="does not speak TLS") as caught:
            analyst.ask("sales.csv", QUESTION, model="m", base_url=url, api_key=KEY)
    check_sentence(str(caught.value), urlsplit(url).netloc)
    check_no_key(*traceback.format_exception(caught.value))


def test_a_certificate_that_nobody_signed(folder: Path) -> None:
    """A certificate that is not trusted is told as one, and no key is sent."""
    seen: list[object] = []
    with (
        ScriptedServer([seen.append]) as server,
        FaultyLine(server, tls=self_signed()) as line,
    ):
        with pytest.raises(ModelUnavailable, match="is not trusted here") as caught:
            analyst.ask(
                "sales.csv", QUESTION, model="m", base_url=line.base_url, api_key=KEY
            )
        check_sentence(str(caught.value), urlsplit(line.base_url).netloc)
    check_no_key(*traceback.format_exception(caught.value))
    assert not seen


@pytest.mark.parametrize("number", [0, 1], ids=["at the start", "within"])
def test_the_key_is_nowhere(folder: Path, number: int) -> None:
    """On the command line neither what is printed nor any file that is written holds
    the key, even where the server sends it back.
    """
    kept = {name: value for name, value in os.environ.items() if "_API_KEY" not in name}
    answers = [*replies(0)[:number], *[refused(500, "boom")] * 3]
    words = ["sales.csv", QUESTION, "--model", "scripted", "--key-env", "MY_SECRET"]
    words += ["--sandbox", "none", "--no-verify", "--record", "r.jsonl", "--events"]
    words += ["-o", "n.ipynb"]
    with ScriptedServer(answers) as server:
        url = server.base_url
        ended = subprocess.run(
            [sys.executable, "-m", "analyst", "ask", *words, "--base-url", url],
            env=kept | {"MY_SECRET": KEY, "ANALYST_CACHE": str(folder / "cache")},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert len(server.requests) == number + 3
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert ended.returncode == (1 if number else 2), ended.stderr
    assert "fails with status 500" in ended.stdout + ended.stderr
    check_no_key(ended.stdout, ended.stderr)
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert (folder / "n.ipynb" in written) == bool(number)
    check_no_key(*(path.read_text(errors="replace") for path in written))
