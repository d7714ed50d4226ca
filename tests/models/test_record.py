"""A recording: what is in it, what is not, and that it plays as it was made."""

from __future__ import annotations

import json
import random
import re
import secrets
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import analyst
from analyst.errors import (
    AnalystError,
    ContextTooLong,
    ModelError,
    ModelRefused,
    ModelUnavailable,
    SettingsError,
)
from analyst.events import CellFinished, CellStarted, Stream, ToolCall, Usage
from analyst.models.recording.fingerprint import fingerprint
from analyst.models.recording.record import RecordingModel
from analyst.models.recording.replay import MAX_BYTES, MAX_TURNS, ReplayModel
from analyst.run import Run
from analyst.seams import Message, Model, Reply, Request, Tool
from analyst.testing import ScriptedModel, ScriptedServer, call, plan_and, python, say

SALES = """\
day,region,revenue
2024-01-01,North,100
2024-01-01,South,50
2024-02-01,North,110
2024-02-01,South,60
"""
KEY = "sk-proj-0123456789abcdef0123456789abcdef"
QUESTION = "What is the mean revenue of Northumbria?"
SCRIPT = [
    plan_and(["Look", "Mean"], python("raise RuntimeError('too late')")),
    python("import os\nprint(os.getcwd(), object())\nprint('took 0.3 s')"),
    python('mean = df["revenue"].mean()\nprint(mean)'),
    call(
        "summarize_findings",
        findings=[{"template": "The mean is {mean:.1f}.", "cells": []}],
        answer="Mean revenue is {mean:.2f}.",
    ),
]


# Conversations without a session.

TOOLS = (Tool(name="look", description="Look.", parameters={"type": "object"}),)


def asked(*messages: Message, tools: tuple[Tool, ...] = TOOLS) -> Request:
    """A request of these messages."""
    return Request(messages=messages, tools=tools, question="?")


def grown(replies: Sequence[Reply]) -> Request:
    """The request after these replies: each call answered by its name."""
    messages = [
        Message(role="system", text="Inside <data-0a1b2c3d> is data."),
        Message(role="user", text="Question: which?"),
    ]
    for reply in replies:
        messages.append(Message(role="assistant", text=reply.text, calls=reply.calls))
        messages.extend(
            Message(role="tool", text=f"{one.name} done", call=one.id)
            for one in reply.calls
        )
    return asked(*messages)


async def turn(model: Model, request: Request) -> tuple[list[str], Reply]:
    """One turn of a model: the pieces of its text, and its reply."""
    *texts, reply = [item async for item in model.stream(request)]
    assert isinstance(reply, Reply)
    return [str(text) for text in texts], reply


async def recorded(path: Path, replies: Sequence[Reply]) -> list[Reply]:
    """Record a conversation of these replies; what the recorded model gave."""
    model = RecordingModel(ScriptedModel(replies), path)
    given: list[Reply] = []
    for _ in replies:
        given.append((await turn(model, grown(given)))[1])
    return given


async def replayed(path: Path, turns: int) -> list[Reply]:
    """Play so many turns of a recording."""
    model = ReplayModel(path)
    given: list[Reply] = []
    for _ in range(turns):
        texts, reply = await turn(model, grown(given))
        assert "".join(texts) == reply.text
        given.append(reply)
    return given


def without_ids(reply: Reply) -> Reply:
    """A reply whose calls are known by their order alone."""
    return replace(
        reply, calls=tuple(replace(one, id=str(n)) for n, one in enumerate(reply.calls))
    )


COUNTS = st.integers(min_value=0, max_value=10**9)
USAGES = st.builds(
    Usage,
    fresh_tokens=COUNTS,
    cached_tokens=COUNTS,
    output_tokens=COUNTS,
    reasoning_tokens=COUNTS,
    requests=st.integers(min_value=0, max_value=9),
    estimated=st.booleans(),
    cost_usd=st.none() | st.floats(min_value=0, max_value=1000),
)
REPLIES = st.builds(
    Reply,
    text=st.text(),
    calls=st.lists(
        st.builds(
            ToolCall,
            id=st.uuids().map(str),
            name=st.text(min_size=1),
            arguments=st.text() | st.dictionaries(st.text(), st.text()).map(json.dumps),
        ),
        max_size=3,
        unique_by=lambda one: one.id,
    ).map(tuple),
    usage=USAGES,
    truncated=st.booleans(),
    refused=st.booleans(),
)


@given(replies=st.lists(REPLIES, min_size=1, max_size=4))
async def test_any_reply_comes_back(
    tmp_path_factory: pytest.TempPathFactory, replies: list[Reply]
) -> None:
    """Whatever a model says is played as it was said, its calls under ids that are
    unique in the conversation.
    """
    path = tmp_path_factory.mktemp("recording") / "run.jsonl"
    said = await recorded(path, replies)
    played = await replayed(path, len(replies))
    assert [without_ids(reply) for reply in played] == [
        without_ids(reply) for reply in said
    ]
    ids = [one.id for reply in played for one in reply.calls]
    assert len(set(ids)) == len(ids)
    assert all(ids)


async def test_half_a_character_is_recorded(tmp_path: Path) -> None:
    """A reply that UTF-8 cannot hold is recorded, and the conversation with it plays
    on.
    """
    path = tmp_path / "run.jsonl"
    await recorded(path, [say("half \ud83d"), say("whole \u2028 \U0001f600\n")])
    first, second = await replayed(path, 2)
    assert (first.text, second.text) == ("half ?", "whole \u2028 \U0001f600\n")


async def test_ids_are_new_in_a_conversation_that_goes_on(tmp_path: Path) -> None:
    """Where earlier turns were replays too, ids differ from theirs."""
    path = tmp_path / "run.jsonl"
    before = ToolCall(id="replay_1_1", name="look", arguments="{}")
    history = grown([Reply(calls=(before,))])
    model = RecordingModel(ScriptedModel([call("look")]), path)
    await turn(model, history)
    _, reply = await turn(ReplayModel(path), history)
    assert reply.calls[0].id != before.id


async def test_failed_turns_are_turns(tmp_path: Path) -> None:
    """What a server refused is refused again, so that what was done about it is the
    same.
    """
    path = tmp_path / "run.jsonl"
    faults = [ContextTooLong("at host"), ModelUnavailable("gone"), ModelRefused("no")]
    model = RecordingModel(ScriptedModel([*faults, "Well."]), path)
    for fault in faults:
        with pytest.raises(type(fault)):
            await turn(model, grown([]))
    await turn(model, grown([]))
    assert "host" not in path.read_text()
    again = ReplayModel(path)
    for fault in faults:
        with pytest.raises(ModelError) as caught:
            await turn(again, grown([]))
        assert type(caught.value) is type(fault)
    assert (await turn(again, grown([])))[1].text == "Well."


async def test_window_and_cost_are_those_of_the_recorded_model(tmp_path: Path) -> None:
    """A conversation is compacted where it was; what was paid is said, nothing is
    paid.
    """
    path = tmp_path / "run.jsonl"
    used = Usage(fresh_tokens=90, output_tokens=10, requests=1)
    inner = ScriptedModel([Reply(usage=used)], window_tokens=5000, usd_a_token=0.01)
    model = RecordingModel(inner, path)
    assert (model.name, model.window_tokens, model.price(used)) == ("scripted", 5000, 1)
    assert model.preview(grown([])) == inner.preview(grown([]))
    await turn(model, grown([]))
    await model.close()
    assert inner.closed
    again = ReplayModel(path)
    _, reply = await turn(again, grown([]))
    assert (again.window_tokens, again.price(used)) == (5000, 0.0)
    assert reply.usage == replace(used, cost_usd=1.0)
    assert again.preview(grown([])).url == ""


async def test_a_model_that_sees_nothing_is_replayed_as_such(tmp_path: Path) -> None:
    """What is asked because a model takes pictures, or none, is asked again."""

    class Blind(ScriptedModel):
        """It is known to refuse pictures."""

        takes_images = False

    path = tmp_path / "run.jsonl"
    await turn(RecordingModel(Blind(["a"]), path), grown([]))
    assert not ReplayModel(path).takes_images
    await turn(RecordingModel(ScriptedModel(["a"]), path), grown([]))
    assert ReplayModel(path).takes_images


async def test_a_turn_is_written_before_it_is_passed_on(tmp_path: Path) -> None:
    """Whoever hears of a reply finds it in the file, also when nothing was closed; a
    turn that was given up is not in there.
    """
    path = tmp_path / "run.jsonl"
    model = RecordingModel(ScriptedModel(["one two three four", "five"]), path)
    stream = model.stream(grown([]))
    assert isinstance(await anext(stream), str)
    await stream.aclose()
    assert not path.exists()
    async for item in model.stream(grown([])):
        if isinstance(item, Reply):
            assert '"five"' in path.read_text()
            break


# What is compared.


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (
            "<data-0a1b2c3d>\nx\n</data-0a1b2c3d>",
            "<data-ffffffff>\nx\n</data-ffffffff>",
        ),
        ("<object at 0x7f12ab34cd56>", "<object at 0x55aa00bb11cc>"),
        ("read /tmp/one/sales.csv now", "read /home/me/two/sales.csv now"),
        ("No such file: '/tmp/my data/x.csv'", "No such file: '/srv/y.csv'"),
        ('File "/usr/lib/a.py", line 3', 'File "/opt/b/a.py", line 3'),
        ("FAILED after 0.3 s", "FAILED after 12.0 s"),
        ("CPU times: 3 ms, 1.5 µs", "CPU times: 17 ms, 2 µs"),
    ],
)
def test_what_nobody_decided_makes_no_difference(then: str, now: str) -> None:
    """Markers, addresses, folders and durations may differ, and ids of calls."""

    def request(text: str) -> Request:
        one = ToolCall(id=secrets.token_hex(4), name="look", arguments="{}")
        return asked(
            Message(role="system", text=text),
            Message(role="assistant", text="", calls=(one,), replay=text),
            Message(role="tool", text=text, call=one.id),
        )

    assert fingerprint(request(then)) == fingerprint(request(now))


A = ToolCall(id="a", name="look", arguments='{"x": 1}')
B = ToolCall(id="b", name="look", arguments='{"x": 2}')
USER = Message(role="user", text="Revenue 120 of 3 regions, 1/2 of all")
CALLING = Message(role="assistant", text="", calls=(A, B))


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (asked(USER), asked(replace(USER, text=USER.text.replace("120", "121")))),
        (asked(USER), asked(replace(USER, text=USER.text.replace("1/2", "1/3")))),
        (asked(USER), asked(replace(USER, role="system"))),
        (asked(USER), asked(replace(USER, images=("AAAA",)))),
        (asked(USER), asked(USER, USER)),
        (asked(USER), asked(USER, tools=())),
        (
            asked(CALLING, Message(role="tool", text="x", call="a")),
            asked(CALLING, Message(role="tool", text="x", call="b")),
        ),
        (asked(CALLING), asked(replace(CALLING, calls=(B, A)))),
    ],
)
def test_what_was_said_makes_a_difference(then: Request, now: Request) -> None:
    """Words, numbers, roles, images, calls and tools are what a request is."""
    assert fingerprint(then).request != fingerprint(now).request


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (1, "turn 2, message 2 (a question, and what the data are)"),
        (2, "turn 2, message 3 (a reply)"),
        (3, "turn 2, message 4 (a tool's result)"),
    ],
)
async def test_departure_is_located(tmp_path: Path, change: int, place: str) -> None:
    """Where a conversation departs, the sentence says at which turn and message."""
    path = tmp_path / "run.jsonl"
    await recorded(path, [call("look"), say("Done.")])
    model = ReplayModel(path)
    _, first = await turn(model, grown([]))
    messages = list(grown([first]).messages)
    messages[change] = replace(messages[change], text="Otherwise.")
    with pytest.raises(ModelRefused) as caught:
        await turn(model, asked(*messages))
    assert place in str(caught.value)
    assert "run.jsonl" in str(caught.value)
    assert "--record" in str(caught.value)
    # It is still there for the conversation that was recorded.
    assert (await turn(model, grown([first])))[1].text == "Done."


async def test_other_instructions_are_no_departure(tmp_path: Path) -> None:
    """A recording outlives a change of the instructions and of the tools: what was said
    and what came back is still the same.
    """
    path = tmp_path / "run.jsonl"
    await recorded(path, [say("One.")])
    system, *rest = grown([]).messages
    changed = asked(replace(system, text="Otherwise."), *rest, tools=())
    assert (await turn(ReplayModel(path), changed))[1].text == "One."


async def test_more_is_asked_than_was_recorded(tmp_path: Path) -> None:
    """After its last turn a recording says that it has ended, and after a turn that was
    cut off, that too; missing messages are a departure.
    """
    path = tmp_path / "run.jsonl"
    await recorded(path, [say("One."), say("Two.")])
    model = ReplayModel(path)
    with pytest.raises(ModelRefused, match="1 messages are not the 2"):
        await turn(model, asked(grown([]).messages[0]))
    with pytest.raises(ModelRefused, match="ends after turn 2, but"):
        await replayed(path, 3)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ModelRefused, match=r"after turn 1, where its last line is cut"):
        await replayed(path, 2)


# Files that are no recordings.

HEADER = b'{"analyst_recording": 1, "model": "m", "at": ""}\n'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a recording"),
        (b"\x89PNG\r\n\x1a\n\x00\xff" * 9, "not a recording"),
        (b'{"cells": [], "metadata": {}, "nbformat": 4}', "not a recording"),
        (b"[" * 100_000, "not a recording"),
        (b'{"analyst_recording": true}\n', "not a recording"),
        (b'{"analyst_recording": 2}\n', "another version"),
        (HEADER, "no whole turn"),
        (HEADER + b'{"schema": 1, "turn"', "no whole turn"),
        (HEADER + b"\n", "damaged at line 2"),
        (HEADER + b"[" * 100_000 + b"\n", "damaged at line 2"),
        (HEADER + b"{}\n" * (MAX_TURNS + 1), "more than 1,000 turns"),
        (HEADER + b"\n" * 1_000_000, "more than 1,000 turns"),
    ],
)
def test_what_is_no_recording_is_refused(
    tmp_path: Path, content: bytes, words: str
) -> None:
    """A file that is not a recording is refused before anything runs, in a sentence."""
    path = tmp_path / "file.jsonl"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=words) as caught:
        ReplayModel(path)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """No file, no name, a folder, a name that cannot be, and too large a file."""
    large = tmp_path / "large.jsonl"
    with large.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    for path in ("", "no.jsonl", str(tmp_path), "a\0b", "x" * 5000, "/dev/zero"):
        with pytest.raises(SettingsError):
            ReplayModel(path)
    with pytest.raises(SettingsError, match="larger than 50 MB"):
        ReplayModel(large)


async def test_only_a_recording_is_overwritten(tmp_path: Path) -> None:
    """Data is never replaced by a recording, and an old recording not before the first
    turn of the new one.
    """
    data, path = tmp_path / "sales.csv", tmp_path / "run.jsonl"
    data.write_text(SALES)
    for bad in (data, tmp_path, tmp_path / "no" / "run.jsonl", tmp_path / ("x" * 300)):
        with pytest.raises(SettingsError, match="--record"):
            RecordingModel(ScriptedModel([]), bad)
    assert data.read_text() == SALES
    path.touch()
    await recorded(path, [say("Old.")])
    model = RecordingModel(ScriptedModel(["New."]), path)
    assert "Old." in path.read_text()
    await turn(model, grown([]))
    assert "Old." not in path.read_text()
    assert len(path.read_text().splitlines()) == 2
    data.replace(path)
    with pytest.raises(SettingsError):
        await turn(RecordingModel(ScriptedModel(["x"]), path), grown([]))


async def test_a_file_that_became_another_is_left_alone(tmp_path: Path) -> None:
    """Also what lies there only since the session began is not overwritten."""
    path = tmp_path / "run.jsonl"
    model = RecordingModel(ScriptedModel(["x"]), path)
    path.write_text(SALES)
    with pytest.raises(SettingsError, match="is there already"):
        await turn(model, grown([]))
    assert path.read_text() == SALES


async def test_a_recording_is_not_written_over_itself(tmp_path: Path) -> None:
    """Replaying a file and recording to it at once would lose it."""
    path = tmp_path / "run.jsonl"
    await recorded(path, [say("One.")])
    with pytest.raises(SettingsError, match="at once"):
        RecordingModel(ReplayModel(path), path)


async def test_a_recording_that_cannot_be_written_any_more(tmp_path: Path) -> None:
    """A disk that is full or gone ends the turn in one sentence, as a fault does."""
    folder = tmp_path / "there"
    folder.mkdir()
    model = RecordingModel(ScriptedModel(["one", "two"]), folder / "run.jsonl")
    await turn(model, grown([]))
    (folder / "run.jsonl").unlink()
    folder.rmdir()
    with pytest.raises(ModelError, match="cannot be written any more"):
        await turn(model, grown([]))


def mutated(content: bytes, dice: random.Random) -> bytes:
    """A recording with something done to its bytes, or to a value in a line."""
    odd = [None, True, -1, 10**30, 1e308, "", "x" * 2000, [], {}, [[]], "\x00", "sk-1"]
    lines = content.splitlines(keepends=True)
    at = dice.randrange(len(content))
    match dice.randrange(7):
        case 0:
            return content[:at]
        case 1:
            return content[:at] + dice.randbytes(dice.randrange(1, 9)) + content[at:]
        case 2:
            return content[:at] + content[at + dice.randrange(1, 40) :]
        case 3:
            dice.shuffle(lines)
            return b"".join(lines)
        case 4:
            line = dice.choice(lines)
            return b"".join([*lines, line * dice.randrange(1, 4)])
        case _:
            n = dice.randrange(len(lines))
            value = json.loads(lines[n])
            place, key = value, dice.choice(list(value))
            while isinstance(place[key], dict) and dice.random() < 0.8:
                place, key = place[key], dice.choice(list(place[key]))
            if dice.random() < 0.3:
                del place[key]
            else:
                place[key] = dice.choice(odd)
            lines[n] = json.dumps(value).encode() + b"\n"
            return b"".join(lines)


@pytest.mark.battery(200, 5000)
async def test_damaged_recordings(tmp_path: Path, rounds: range) -> None:
    """Whatever a recording holds, it plays or is refused in one sentence of ours."""
    path = tmp_path / "run.jsonl"
    replies = [
        plan_and(["Look"], python("print(1)")),
        replace(call("look", n=1), usage=Usage(fresh_tokens=9, cost_usd=0.1)),
        say("The answer is 1."),
    ]
    await recorded(path, replies)
    content, said = path.read_bytes(), []
    for seed in rounds:
        path.write_bytes(mutated(content, random.Random(seed)))
        try:
            await replayed(path, 3)
        except AnalystError as error:
            said.append(str(error))
    assert 0 < len(said) < len(rounds)
    assert all(said)
    assert not any("\n" in sentence for sentence in said)


# Whole sessions.


@dataclass(frozen=True)
class Recorded:
    """A session that a server answered, and the recording of it."""

    run: Run
    path: Path


def record_sales(folder: Path, script: Sequence[Reply]) -> Recorded:
    """Ask a server that plays the script about the sales, recorded."""
    (folder / "sales.csv").write_text(SALES)
    path = folder / "run.jsonl"
    with ScriptedServer(script, models=["played"], key=KEY) as server:
        run = analyst.ask(
            folder / "sales.csv",
            QUESTION,
            base_url=server.base_url,
            api_key=KEY,
            model="played",
            notebook=folder / "mean.ipynb",
            record=path,
            verify=False,
        )
    assert run.stop == "answered", run.reason
    return Recorded(run, path)


@pytest.fixture(scope="module")
def mean(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """A session with a cell that fails, and one that tells of folder and address."""
    return record_sales(tmp_path_factory.mktemp("recorded"), SCRIPT)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another folder, the current one, with the same data and without settings."""
    (tmp_path / "sales.csv").write_text(SALES)
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANALYST_MODEL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def replay_sales(path: Path) -> Run:
    """Ask the same about the `sales.csv` of the current folder, by a recording."""
    return analyst.ask("sales.csv", QUESTION, model=f"replay:{path}", verify=False)


def cells(run: Run) -> list[tuple[str, str, str]]:
    """What each cell was, how it ended and what it printed, in order.

    Without the cell that prints where it is.
    """
    ended = {e.cell: e for e in run.facts if isinstance(e, CellFinished)}
    return [
        (
            started.source,
            ended[started.cell].status,
            "".join(
                o.text for o in ended[started.cell].outputs if isinstance(o, Stream)
            ),
        )
        for started in run.facts
        if isinstance(started, CellStarted) and "getcwd" not in started.source
    ]


def test_a_session_is_replayed_elsewhere(folder: Path, mean: Recorded) -> None:
    """What was recorded with a server plays without one, in another folder, on the same
    data, to the same cells, outputs, findings, answer and usage; a cell that fails, its
    undoing and what tells of folders and addresses included.
    """
    again = replay_sales(mean.path)
    assert (again.stop, again.reason) == ("answered", "")
    assert again.model == "replay:run.jsonl"
    assert again.answer == mean.run.answer == "Mean revenue is 80.00."
    assert again.findings == mean.run.findings
    assert again.usage == mean.run.usage
    assert cells(again) == cells(mean.run)
    assert {status for _, status, _ in cells(again)} == {"ok", "error"}


def test_a_recording_holds_no_secret(mean: Recorded) -> None:
    """No key, no folder of this machine, no host, no marker, and nothing of what the
    model was told that it did not say itself.
    """
    text = mean.path.read_text()
    unwanted = [
        *(KEY, KEY[-8:], str(mean.path.parent), mean.path.parent.name, "127.0.0.1"),
        *("Northumbria", "South", "sales.csv", "data-", "careful data analyst"),
    ]
    assert [word for word in unwanted if word in text] == []
    header, *turns = map(json.loads, text.splitlines())
    assert set(header) == {"analyst_recording", "model", "at"}
    assert [one.pop("turn") for one in turns] == [1, 2, 3, 4]
    for one in turns:
        assert (one.pop("schema"), one.pop("model")) == (1, "played")
        said = {"text", "calls", "truncated", "refused", "usage"}
        assert set(one.pop("reply")) == said
        prints = [one.pop("request"), one.pop("tools"), *one.pop("messages")]
        assert all(re.fullmatch(r"[0-9a-f]{12}|[0-9a-f]{64}", it) for it in prints)
        assert set(one) == {"window_tokens", "takes_images"}


async def test_a_model_named_by_its_file_is_recorded_without_folders(
    tmp_path: Path,
) -> None:
    """Some servers call a model by its path; its folders stay out of a recording."""
    path = tmp_path / "run.jsonl"
    for name in ("/home/me/models/small.gguf", "C:\\me\\small.gguf", "~/small.gguf"):
        model = RecordingModel(ScriptedModel(["x"], name=name), path)
        await turn(model, grown([]))
        lines = path.read_text().splitlines()
        assert {json.loads(line)["model"] for line in lines} == {"small.gguf"}
    model = RecordingModel(ScriptedModel(["x"], name="openai/gpt-4.1-mini"), path)
    await turn(model, grown([]))
    assert '"openai/gpt-4.1-mini"' in path.read_text()


def test_other_data_departs_at_once(folder: Path, mean: Recorded) -> None:
    """Data of another shape is noticed at the first turn, before any code has run."""
    (folder / "sales.csv").write_text(SALES.replace("South", "East"))
    with pytest.raises(ModelRefused, match=r"other data .* turn 1, message 2"):
        replay_sales(mean.path)


def test_data_that_differs_in_a_result_departs_there(folder: Path) -> None:
    """Data that looks the same departs where a result differs, and what was done until
    then is kept.
    """
    script = [plan_and(["One"], python('print(df["revenue"].iloc[0])')), say("{1+1}")]
    path = record_sales(folder, script).path
    swapped = SALES.replace(",100", ",x").replace(",110", ",100").replace(",x", ",110")
    (folder / "sales.csv").write_text(swapped)
    run = replay_sales(path)
    assert run.stop == "failed"
    assert "turn 2, message 4 (a tool's result) is not the one recorded" in run.reason
    assert run.notebook is not None
    assert "iloc[0]" in run.notebook.read_text()


def test_a_replay_needs_no_client_and_is_held(folder: Path, mean: Recorded) -> None:
    """A replay loads no client of servers, and its code is a model's: the sandbox holds
    it.
    """
    code = (
        "import sys, analyst\n"
        f"run = analyst.ask('sales.csv', {QUESTION!r}, verify=False, "
        f"model='replay:{mean.path}')\n"
        "print(run.stop, run.sandbox.name, 'openai' in sys.modules)"
    )
    stop, sandbox, has_client = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert (stop, has_client) == ("answered", "False")
    assert sandbox != "none"


def test_bad_recordings_are_found_before_anything_runs(folder: Path) -> None:
    """A file that is no recording, and one that must not be overwritten, are refused
    when the session is made.
    """
    with pytest.raises(SettingsError, match="not a recording"):
        analyst.Analyst("sales.csv", model="replay:sales.csv")
    with pytest.raises(SettingsError, match="left as it is"):
        analyst.Analyst("sales.csv", model="offline", record="sales.csv")
    assert (folder / "sales.csv").read_text() == SALES
