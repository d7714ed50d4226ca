"""The offline analyst at work on a real table: its code run, its templates filled."""

from __future__ import annotations

import contextlib
import io
import json
import string
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
import pytest

from analyst.data.tables import open_tables
from analyst.events import Table, ToolCall
from analyst.models.offline import OfflineModel
from analyst.seams import Message, Reply, Request

REPOSITORY = Path(__file__).parents[2]


@dataclass
class Told:
    """All that came of a question."""

    plan: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    answer: str = ""
    names: dict[str, Any] = field(default_factory=dict)


Ask = Callable[..., Told]


@pytest.fixture(autouse=True)
def _settings_stay() -> Iterator[None]:
    """The setup cell changes pandas and matplotlib for its process; take it back."""
    mpl.use("agg")
    with mpl.rc_context():
        yield
    pd.reset_option("display.")


@pytest.fixture
def table() -> Callable[[str], Path]:
    """The path of a real table; skips aloud where it is not at hand."""

    def find(name: str) -> Path:
        if name == "fertility.csv":
            return REPOSITORY / "notebooks" / "data" / name
        path = REPOSITORY.parent / "shared" / "data" / name
        if not path.exists():
            pytest.skip(f"{name} is not at hand: put it in {path.parent}")
        return path

    return find


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Answer a question on a file or a frame, as the agent would let it."""

    async def answer(
        data: Path | pd.DataFrame, question: str, *, failing: Collection[int] = ()
    ) -> Told:
        names, tables = _load(_as_file(data, tmp_path))
        messages = [Message(role="user", text=f"Question: {question}")]
        told = Told(names=names)
        while not told.answer:
            reply = await _turn(messages, question, tables)
            messages.append(
                Message(role="assistant", text=reply.text, calls=reply.calls)
            )
            told.calls += reply.calls
            if len(messages) == len(["question", "first reply"]):
                told.plan = json.loads(_fenced(reply.text))["plan"]
            if not reply.calls:
                told.answer = reply.text
                continue
            [call] = reply.calls
            arguments = json.loads(call.arguments)
            if call.name == "summarize_findings":
                _fill(told, arguments)
                continue
            told.code.append(arguments["code"])
            ok = arguments["step"] not in failing
            if ok:
                _execute(arguments["code"], names)
            text = "cell 4:\n[ran]" if ok else "FAILED (error) after 0.1 s; undone."
            messages.append(Message(role="tool", text=text, call=call.id))
        return told

    return answer


def _as_file(data: Path | pd.DataFrame, folder: Path) -> Path:
    if isinstance(data, Path):
        return data
    data.to_csv(folder / "made.csv", index=False)
    return folder / "made.csv"


async def _turn(
    messages: list[Message], question: str, tables: tuple[Table, ...]
) -> Reply:
    request = Request(
        messages=tuple(messages), tools=(), question=question, tables=tables
    )
    items = [item async for item in OfflineModel().stream(request)]
    reply = items[-1]
    assert isinstance(reply, Reply)
    assert "".join(item for item in items if isinstance(item, str)) == reply.text
    assert reply.usage.tokens == 0
    return reply


def _load(path: Path) -> tuple[dict[str, Any], tuple[Table, ...]]:
    tables = open_tables(path, folder=path.parent, files_folder="f")
    tables = tables.sniffed(_printed(tables.sniffing, {}))
    names: dict[str, Any] = {"DATA": str(path), "SEED": 0}
    for cell in tables.cells[1:]:
        _execute(cell.source, names)
    return names, tables.looked_at(_printed(tables.probe, names)).tables


def _printed(code: str, names: dict[str, Any]) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, names)
    return printed.getvalue()


def _execute(code: str, names: dict[str, Any]) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(code, "<cell>", "exec"), names)
    names["plt"].close("all")


def _fenced(text: str) -> str:
    return text.partition("```json\n")[2].partition("\n```")[0]


def _fill(told: Told, arguments: dict[str, Any]) -> None:
    """Fill the templates by the grammar of str.format, their fields evaluated."""
    for finding in arguments["findings"]:
        told.templates.append(finding["text"])
        values = {k: eval(v, told.names) for k, v in finding["expressions"].items()}
        told.findings.append(finding["text"].format(**values))
    template = arguments["answer"]
    told.templates.append(template)
    fields = {name for _, name, _, _ in string.Formatter().parse(template) if name}
    told.answer = template.format(**{name: eval(name, told.names) for name in fields})
