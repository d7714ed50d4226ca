"""What one cell has put out so far: cleaned, bounded and in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from analyst.events import CellError, Output, Rich, Stream
from analyst.outputs import error, join_streams, plain_text, rich

__all__ = ["MAX_IMAGE_CHARS", "MAX_TEXT_CHARS", "Transcript", "cell_error"]

MAX_TEXT_CHARS = 4_000_000
"""A cell that puts out more text than this is stopped."""
MAX_IMAGE_CHARS = 32_000_000
"""A cell that puts out more figures than this, in base64, is stopped."""

_COST_OF_ONE = 256  # what an output weighs beside its text


@dataclass(slots=True)
class _Printed:
    """Adjacent pieces of one stream, as they came."""

    name: Literal["stdout", "stderr"]
    pieces: list[str] = field(default_factory=list)


class Transcript:
    """The outputs of a cell, made from the messages of a kernel that is not trusted.

    An exception becomes the text of `stderr` here: whether a cell failed is for the
    kernel's reply to say, and `shown_error` remembers the last one for it.
    """

    def __init__(self) -> None:
        self.clearings = 0
        """How often all output was forgotten."""
        self._kept: list[_Printed | Rich | CellError] = []
        self._places: dict[str, list[int]] = {}
        self._clear_before_next = False
        self._text_chars = 0
        self._image_chars = 0

    @property
    def is_full(self) -> bool:
        """More came than may be kept."""
        return self._text_chars > MAX_TEXT_CHARS or self._image_chars > MAX_IMAGE_CHARS

    @property
    def shown_error(self) -> CellError | None:
        """The exception that came last, where nothing came after it."""
        last = self._kept[-1] if self._kept else None
        return last if isinstance(last, CellError) else None

    def outputs(self, *, ending: CellError | None = None) -> tuple[Output, ...]:
        """All outputs, `ending` last: it stands for the exception that came last."""
        kept = self._kept[:-1] if ending and self.shown_error else self._kept
        outputs = [output for entry in kept if (output := _output(entry)) is not None]
        if ending is not None:
            outputs.append(ending)
        return join_streams(outputs)

    def add(self, kind: str, content: Mapping[str, Any]) -> Output | None:
        """Take in one message; return what a person who is watching should see now.

        An update of an earlier output changes that output and is not returned.

        Raises:
            Exception: the message is not what such a message is.
        """
        match kind:
            case "stream":
                return self._print(content["name"], _text(content["text"]))
            case "display_data" | "execute_result":
                return self._show(content, is_result=kind == "execute_result")
            case "update_display_data":
                self._update(content)
            case "error":
                self._append(cell_error(content))
            case "clear_output" if content.get("wait"):
                self._clear_before_next = True
            case "clear_output":
                self.clear()
        return None

    def clear(self) -> None:
        """Forget all output, as a cell may ask."""
        self._kept.clear()
        self._places.clear()
        self._text_chars = self._image_chars = 0
        self._clear_before_next = False
        self.clearings += 1

    def _print(self, name: object, text: str) -> Output | None:
        stream: Literal["stdout", "stderr"] = "stderr" if name == "stderr" else "stdout"
        self._clear_if_asked()
        if self.is_full or not text:
            return None
        text = text[: MAX_TEXT_CHARS - self._text_chars + 1]
        last = self._kept[-1] if self._kept else None
        if not isinstance(last, _Printed) or last.name != stream:
            last = _Printed(stream)
            self._append(last)
        last.pieces.append(text)
        self._text_chars += len(text)
        clean = plain_text(text)
        return Stream(name=stream, text=clean) if clean else None

    def _show(self, content: Mapping[str, Any], *, is_result: bool) -> Output | None:
        self._clear_if_asked()
        shown = _rich(content, is_result=is_result)
        if shown is None or self.is_full:
            return None
        display_id = content.get("transient", {}).get("display_id")
        if isinstance(display_id, str):
            self._places.setdefault(display_id, []).append(len(self._kept))
        self._append(shown)
        self._weigh(shown, 1)
        return shown

    def _update(self, content: Mapping[str, Any]) -> None:
        display_id = content.get("transient", {}).get("display_id")
        for place in self._places.get(str(display_id), ()):
            before = self._kept[place]
            assert isinstance(before, Rich)
            after = _rich(content, is_result=before.is_result)
            if after is not None and not self.is_full:
                self._weigh(before, -1)
                self._weigh(after, 1)
                self._kept[place] = after

    def _append(self, entry: _Printed | Rich | CellError) -> None:
        self._kept.append(entry)
        self._text_chars += _COST_OF_ONE

    def _weigh(self, shown: Rich, sign: Literal[1, -1]) -> None:
        image = len(shown.data.get("image/png", ""))
        self._image_chars += sign * image
        self._text_chars += sign * (sum(map(len, shown.data.values())) - image)

    def _clear_if_asked(self) -> None:
        if self._clear_before_next:
            self.clear()


def cell_error(content: Mapping[str, Any]) -> CellError:
    """The exception that a message tells of."""
    traceback = content.get("traceback") or []
    return error(
        _text(content.get("ename") or "Error"),
        _text(content.get("evalue") or ""),
        _text("\n".join(traceback)),
    )


def _output(entry: _Printed | Rich | CellError) -> Output | None:
    match entry:
        case _Printed():
            text = plain_text("".join(entry.pieces))
            return Stream(name=entry.name, text=text) if text else None
        case CellError():
            text = entry.traceback or f"{entry.name}: {entry.message}"
            return Stream(name="stderr", text=f"{text}\n")
        case _:
            return entry


def _rich(content: Mapping[str, Any], *, is_result: bool) -> Rich | None:
    bundle = {
        mime: _text(part) if isinstance(part, str) else part
        for mime, part in content["data"].items()
    }
    return rich(bundle, is_result=is_result)


def _text(text: str) -> str:
    """Text that can be written to a file: no halves of characters."""
    return text.encode("utf-8", "replace").decode()
