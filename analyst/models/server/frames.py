"""Cutting the body of an answer into JSON: the frames of a stream, or one whole.

A server that was asked for a stream may answer whole all the same, and what it says
of its type may be wrong. So the first bytes of the body tell which it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

__all__ = ["DONE", "FrameReader", "NotAReply"]

DONE = object()
"""What the frame `[DONE]` becomes: the server says that this was all."""

_MAX_BODY_BYTES = 32_000_000
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")
_MAX_QUOTED_CHARS = 8_000


class NotAReply(Exception):  # noqa: N818 - reads as what was found
    """It is no reply of an OpenAI-compatible server.

    Args:
        text: what it is.
        error: the error that it reports, where it is one.
    """

    def __init__(self, text: str, error: object = None) -> None:
        super().__init__(text)
        self.error = error


class FrameReader:
    r"""Reads one body, piece by piece.

    Example:
        >>> reader = FrameReader()
        >>> [*reader.add(b'data: {"a": 1}\n\nda'), *reader.add(b"ta: 2\n\n")]
        [{'a': 1}, 2]
        >>> whole = FrameReader()
        >>> [*whole.add(b'{"a":'), *whole.add(b" 1}"), *whole.end()]
        [{'a': 1}]
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self._data: list[str] = []
        self._is_stream: bool | None = None
        self._bytes = 0

    def add(self, chunk: bytes) -> Iterator[object]:
        """Take in some of the body; yield the JSON that is complete.

        Raises:
            NotAReply: a frame holds no JSON, or it is longer than any reply.
        """
        self._bytes += len(chunk)
        if self._bytes > _MAX_BODY_BYTES:
            raise NotAReply("an endless answer")
        self._rest += chunk
        if self._is_stream is None:
            self._is_stream = _is_stream(bytes(self._rest))
        if self._is_stream:
            *lines, self._rest = self._rest.split(b"\n")
            for line in lines:
                yield from self._line(line.decode("utf-8", "replace").rstrip("\r"))

    def end(self) -> Iterator[object]:
        """Yield what is complete now that nothing more comes.

        Raises:
            NotAReply: the whole is no JSON.
        """
        if self._is_stream:
            # Some servers leave out the last line break; a frame that was cut is lost.
            last = self._rest.decode("utf-8", "replace")
            try:
                yield from self._line(last)
                yield from self._line("")
            except NotAReply:
                return
        elif self._rest.strip():
            yield _json(self._rest.decode("utf-8", "replace").lstrip("\ufeff"))

    def _line(self, line: str) -> Iterator[object]:
        line = line.lstrip("\ufeff")
        if line.startswith("data:"):
            self._data.append(line.removeprefix("data:").strip())
        elif not line.strip() and self._data:
            frames, self._data = self._data, []
            yield from _frame(frames)


def _is_stream(start: bytes) -> bool | None:
    """Whether a body that starts so is a stream; None where that is too little."""
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(_FIELDS):
        return True
    return None if any(field.startswith(start) for field in _FIELDS) else False


def _frame(lines: list[str]) -> Iterator[object]:
    """One frame, or several where the empty lines between them are missing."""
    try:
        yield from map(_json, ["\n".join(lines)])
    except NotAReply:
        if len(lines) == 1:
            raise
        yield from map(_json, lines)


def _json(text: str) -> object:
    if text.startswith("[DONE]"):
        return DONE
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        raise NotAReply(text[:_MAX_QUOTED_CHARS]) from None
