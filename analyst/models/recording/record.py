"""Recording a model: each of its turns becomes a line of JSON, to be replayed.

    {"analyst_recording": 1, "model": "gpt-4.1-mini", "at": "2026-11-22T21:40:00+00:00"}
    {"schema": 1, "turn": 1, "request": "9f2c…", "messages": ["0b7e…", …], "reply": …}

A line holds what the model said and only prints of what it was told, so neither a key
nor a path of this machine nor the data is in there beyond what the model repeated.
`analyst.models.recording.replay` plays it.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath
from typing import Any

from analyst.errors import (
    ContextTooLong,
    ModelError,
    ModelRefused,
    ModelUnavailable,
    SettingsError,
)
from analyst.events import Usage
from analyst.models.recording.fingerprint import (
    Fingerprint,
    fingerprint,
    whole_characters,
)
from analyst.seams import Model, Preview, Reply, Request

__all__ = ["FAILURES", "REPLAY", "SCHEMA", "RecordingModel"]

SCHEMA = 1
"""Number of the form that the lines have."""

REPLAY = "replay:"
"""What stands before a recording that is used as a model."""

FAILURES: dict[str, type[ModelError]] = {
    "too_long": ContextTooLong,
    "refused": ModelRefused,
    "unavailable": ModelUnavailable,
}
"""How a turn can fail; the narrower kind stands before the wider."""

_HEADER_BYTES = 4096
_NAME_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Able:
    """What a model is able to, as far as it rules what it is asked."""

    window_tokens: int
    takes_images: bool


class RecordingModel:
    """A model whose turns are written to a file; satisfies `analyst.seams.Model`.

    A turn is in the file before anybody else hears of it, so a crash loses none. A turn
    that failed is one too: what was done about it is part of the conversation.

    Args:
        model: any model.
        path: the file. It is replaced at the first turn where it is a recording, or
            empty; any other file is left alone.

    Raises:
        SettingsError: the file is something else, or cannot be written.

    Example:
        >>> model = RecordingModel(model, "run.jsonl")  # doctest: +SKIP
    """

    def __init__(self, model: Model, path: str | Path) -> None:
        self._model = model
        self._path = Path(path).absolute()
        self._turns = 0
        if model.name == f"{REPLAY}{self._path.name}":
            raise SettingsError(
                f"The recording {self._path.name} cannot be replayed and written at "
                "once: give --record another name."
            )
        _check_place(self._path)

    @property
    def name(self) -> str:
        """What the user calls the model."""
        return self._model.name

    @property
    def window_tokens(self) -> int:
        """How much the model can read at once."""
        return self._model.window_tokens

    @property
    def takes_images(self) -> bool:
        """The model was not seen to refuse pictures."""
        return self._model.takes_images

    def price(self, usage: Usage) -> float | None:
        """US dollars that `usage` costs at the model's server."""
        return self._model.price(usage)

    def preview(self, request: Request) -> Preview:
        """The request as the model would send it."""
        return self._model.preview(request)

    async def prepare(self) -> None:
        """Get the model ready.

        Raises:
            ModelError: as the model itself.
        """
        await self._model.prepare()

    async def stream(self, request: Request) -> AsyncIterator[str | Reply]:
        """Yield what the model yields; its reply is written before it is passed on.

        Raises:
            ModelError: as the model itself, or the file cannot be written any more.
        """
        told = fingerprint(request)
        # What the model was asked by, which this turn may change.
        able = _Able(
            window_tokens=self._model.window_tokens,
            takes_images=self._model.takes_images,
        )
        stream = self._model.stream(request)
        reply: Reply | None = None
        try:
            async for item in stream:
                if isinstance(item, Reply):
                    reply = item
                    break
                yield item
        except ModelError as error:
            failure = _failure(error)
            if failure:
                self._write(told, able, {"failure": failure})
            raise
        finally:
            close = getattr(stream, "aclose", None)
            if close is not None:
                await close()
        if reply is not None:
            self._write(told, able, {"reply": self._said(reply)})
            yield reply

    async def close(self) -> None:
        """Let go of the model's connections; the file is complete at all times."""
        await self._model.close()

    def _said(self, reply: Reply) -> dict[str, Any]:
        usage = asdict(reply.usage)
        if usage["cost_usd"] is None:
            usage["cost_usd"] = self._model.price(reply.usage) or None
        return {
            "text": whole_characters(reply.text),
            "calls": [
                {
                    "name": whole_characters(call.name),
                    "arguments": whole_characters(call.arguments),
                }
                for call in reply.calls
            ],
            "truncated": reply.truncated,
            "refused": reply.refused,
            "usage": usage,
        }

    def _write(self, told: Fingerprint, able: _Able, outcome: dict[str, Any]) -> None:
        """Append a turn; the first one replaces what the file was."""
        name = _public_name(self.name)
        lines = [
            {
                "schema": SCHEMA,
                "turn": self._turns + 1,
                "model": name,
                **asdict(able),
                **asdict(told),
                **outcome,
            }
        ]
        if not self._turns:
            _check_place(self._path)
            at = datetime.now(tz=UTC).isoformat(timespec="seconds")
            lines.insert(0, {"analyst_recording": SCHEMA, "model": name, "at": at})
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        try:
            with self._path.open("ab" if self._turns else "wb") as file:
                file.write(text.encode())
        except OSError as error:
            raise ModelError(
                f"The recording {self._path.name} cannot be written any more "
                f"({error.strerror}): mend that, or leave out --record."
            ) from None
        self._turns += 1


def _failure(error: ModelError) -> str:
    """How a turn failed, or an empty text where that says nothing about the turn."""
    return next(
        (name for name, kind in FAILURES.items() if isinstance(error, kind)), ""
    )


def _public_name(name: str) -> str:
    """The model's name without folders of the machine; some servers name files."""
    is_path = PureWindowsPath(name).drive or name.startswith(("/", "\\", "~", "."))
    return whole_characters(PureWindowsPath(name).name if is_path else name)[
        :_NAME_CHARS
    ]


def _check_place(path: Path) -> None:
    """See that a recording may be written there, before anything is sent.

    Raises:
        SettingsError: it may not.
    """
    try:
        if path.exists():
            if not path.is_file() or not _may_be_replaced(path):
                raise SettingsError(
                    f"{path} is there already and is no recording, so it is left as "
                    "it is: give --record another name."
                )
        elif not path.parent.is_dir():
            raise SettingsError(
                f"There is no folder {path.parent} for the recording: make it, or "
                "give --record another place."
            )
        place = path if path.exists() else path.parent
        if not os.access(place, os.W_OK):
            raise PermissionError(None, "Permission denied")
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"The recording cannot be written to {path} "
            f"({getattr(error, 'strerror', None) or error}): give --record another "
            "place."
        ) from None


def _may_be_replaced(path: Path) -> bool:
    """Whether a file is a recording by its first line, or holds nothing."""
    with path.open("rb") as file:
        first = file.readline(_HEADER_BYTES)
    if not first:
        return True
    try:
        header = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return isinstance(header, dict) and "analyst_recording" in header
