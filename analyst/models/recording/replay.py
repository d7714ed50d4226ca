"""A recording as a model: the same turns again, without a server.

A recording may come from anybody. So it is bounded, each of its lines is checked
before the first is played, and what it says is no more trusted than what any model
says: its code runs in the sandbox. A turn is played only where the model would have
been told what it was told then, its instructions aside.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from analyst.errors import ModelRefused, SettingsError
from analyst.events import ToolCall, Usage
from analyst.models.recording.fingerprint import Fingerprint, fingerprint
from analyst.models.recording.record import FAILURES, REPLAY, SCHEMA
from analyst.models.serving import pieces
from analyst.seams import Message, Preview, Reply, Request

__all__ = ["MAX_BYTES", "MAX_TURNS", "ReplayModel"]

MAX_BYTES = 50_000_000
MAX_TURNS = 1_000
_MAX_MESSAGES = 100_000
_MAX_CALLS = 1_000

_Text = Annotated[str, Field(max_length=10_000_000)]
_Word = Annotated[str, Field(max_length=1_000)]
_Print = Annotated[str, Field(max_length=64)]
_Count = Annotated[int, Field(ge=0, le=10**12)]
_AGAIN = "replay it with what it was made with, or record it again with --record"
_MESSAGES = {
    "user": (
        "a question, and what the data are",
        "other data or settings, or another question",
    ),
    "assistant": ("a reply", "other data or another version"),
    "tool": ("a tool's result", "other data or another version"),
}
"""What a message is by its role, and why it may differ."""


class _Line(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Header(_Line):
    analyst_recording: int
    model: _Word = ""
    at: _Word = ""


class _Call(_Line):
    name: _Text
    arguments: _Text


class _Usage(_Line):
    fresh_tokens: _Count
    cached_tokens: _Count
    output_tokens: _Count
    reasoning_tokens: _Count
    requests: _Count
    estimated: bool
    cost_usd: Annotated[float, Field(ge=0, le=10**9, allow_inf_nan=False)] | None


class _Said(_Line):
    text: _Text
    calls: Annotated[tuple[_Call, ...], Field(max_length=_MAX_CALLS)]
    truncated: bool
    refused: bool
    usage: _Usage


class _Turn(_Line):
    number: int = Field(alias="turn")
    version: Literal[1] = Field(alias="schema")
    window_tokens: Annotated[int, Field(ge=1, le=10**12)]
    takes_images: bool = True
    request: _Print
    tools: _Print
    messages: Annotated[tuple[_Print, ...], Field(max_length=_MAX_MESSAGES)]
    reply: _Said | None = None
    failure: Literal["too_long", "refused", "unavailable"] | None = None


class ReplayModel:
    """A recording that is played, turn by turn; satisfies `analyst.seams.Model`.

    Args:
        path: the recording.

    Raises:
        SettingsError: it cannot be read, is too large, or is none.

    Example:
        >>> model = ReplayModel("run.jsonl")  # doctest: +SKIP
        >>> model.name  # doctest: +SKIP
        'replay:run.jsonl'
    """

    def __init__(self, path: str | Path) -> None:
        self._file = Path(path).name
        self._turns, self._is_cut = _read(Path(path))
        self._played = 0

    @property
    def name(self) -> str:
        """`replay:` and the name of the file, without its folders."""
        return REPLAY + self._file

    @property
    def window_tokens(self) -> int:
        """How much the recorded model could read at this point of the conversation."""
        return self._coming.window_tokens

    @property
    def takes_images(self) -> bool:
        """Whether the recorded model was known to at this point."""
        return self._coming.takes_images

    def price(self, usage: Usage) -> float | None:
        """Nothing is paid now; what was paid then is in the usage of each reply."""
        del usage
        return 0.0

    def preview(self, request: Request) -> Preview:
        """Nothing would be sent."""
        del request
        return Preview(url="", body={}, tokens=0)

    async def prepare(self) -> None:
        """Nothing to get ready."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def stream(self, request: Request) -> AsyncIterator[str | Reply]:
        """Yield the text of the recorded turn in a few pieces, then the reply.

        Raises:
            ModelRefused: the conversation is not the recorded one, or goes on after
                its end.
            ModelError: as the recorded model did at this turn.
        """
        turn = self._next(request)
        if turn.reply is None:
            self._played += 1
            raise FAILURES[turn.failure or "unavailable"](
                f"In the recording {self._file} the server failed at turn "
                f"{turn.number} ({turn.failure}): it is replayed as it was."
            )
        for piece in pieces(turn.reply.text):
            yield piece
        self._played += 1
        yield _reply(turn.number, turn.reply, request)

    @property
    def _coming(self) -> _Turn:
        return self._turns[min(self._played, len(self._turns) - 1)]

    def _next(self, request: Request) -> _Turn:
        """The turn to be played, where the request is the one that was answered."""
        if self._played == len(self._turns):
            cut = ", where its last line is cut off" if self._is_cut else ""
            raise ModelRefused(
                f"The recording {self._file} ends after turn {self._played}{cut}, but "
                f"the conversation goes on: {_AGAIN}."
            )
        turn = self._turns[self._played]
        departure = _departure(turn, fingerprint(request), request.messages)
        if departure:
            what, cause = departure
            raise ModelRefused(
                f"The recording {self._file} was made with {cause}: turn "
                f"{turn.number}, {what}; {_AGAIN}."
            )
        return turn


def _reply(number: int, said: _Said, request: Request) -> Reply:
    """The reply, its calls under ids that the conversation does not know yet."""
    taken = {call.id for message in request.messages for call in message.calls}
    calls = []
    for place, call in enumerate(said.calls, 1):
        name = f"replay_{number}_{place}"
        while name in taken:
            name += "_again"
        calls.append(ToolCall(id=name, name=call.name, arguments=call.arguments))
    return Reply(
        text=said.text,
        calls=tuple(calls),
        usage=Usage(**said.usage.model_dump()),
        truncated=said.truncated,
        refused=said.refused,
    )


def _departure(
    turn: _Turn, told: Fingerprint, messages: tuple[Message, ...]
) -> tuple[str, str] | None:
    """What is not as it was recorded, and why that may be; None where all is."""
    pairs = zip(told.messages, turn.messages, strict=False)
    for at, (now, then) in enumerate(pairs):
        role = messages[at].role
        # Instructions and tools may be put otherwise since: what was said stands.
        if now != then and role != "system":
            what, cause = _MESSAGES[role]
            return f"message {at + 1} ({what}) is not the one recorded", cause
    count, recorded = len(told.messages), len(turn.messages)
    if count == recorded:
        return None
    cause = "other data or another version"
    return f"{count} messages are not the {recorded} recorded", cause


def _read(path: Path) -> tuple[tuple[_Turn, ...], bool]:
    """The turns of a recording, and whether one more was begun and cut off.

    Raises:
        SettingsError: the file cannot be read, is too large, or is no recording.
    """
    first, *lines = _content(path).split(b"\n", MAX_TURNS + 2)
    _check_header(first, path.name)
    # All that is written ends its line, so what follows the last end was cut off.
    rest = lines.pop() if lines else b""
    if len(lines) > MAX_TURNS:
        raise SettingsError(
            f"The recording {path.name} has more than {MAX_TURNS:,} turns: replay a "
            "shorter one."
        )
    turns = tuple(
        _turn(line, number, path.name) for number, line in enumerate(lines, 1)
    )
    if not turns:
        raise SettingsError(
            f"The recording {path.name} holds no whole turn: record it again with "
            "--record."
        )
    return turns, bool(rest)


def _content(path: Path) -> bytes:
    if not path.name:
        raise SettingsError("Name the recording to be replayed: --model replay:FILE.")
    try:
        if not path.is_file():
            raise SettingsError(
                f"There is no recording {path}: check the path after {REPLAY}"
            )
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"The recording {path} cannot be read "
            f"({getattr(error, 'strerror', None) or error}): check the path after "
            f"{REPLAY}"
        ) from None
    if len(content) > MAX_BYTES:
        raise SettingsError(
            f"The recording {path.name} is larger than {MAX_BYTES // 10**6} MB: "
            "replay a shorter one."
        )
    return content


def _check_header(line: bytes, file: str) -> None:
    try:
        header = _Header.model_validate_json(line)
    except pydantic.ValidationError:
        raise SettingsError(
            f"{file} is not a recording: make one with --record."
        ) from None
    if header.analyst_recording != SCHEMA:
        raise SettingsError(
            f"The recording {file} was made by another version of analyst: record it "
            "again with --record."
        )


def _turn(line: bytes, number: int, file: str) -> _Turn:
    try:
        turn = _Turn.model_validate_json(line)
    except pydantic.ValidationError:
        turn = None
    if (
        turn is None
        or turn.number != number
        or (turn.reply is None) == (turn.failure is None)
    ):
        raise SettingsError(
            f"The recording {file} is damaged at line {number + 1}: record it again "
            "with --record."
        )
    return turn
