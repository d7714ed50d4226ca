"""A bound on what a cell puts out, held in the kernel, before it is sent.

Whoever listens stops a cell that floods. Until the word has come back, a cell can
print hundreds of megabytes, which would fill the kernel's memory, or a single message
that is too long for the connection. So a cell may print as much as makes the listener
stop it and a little more; the rest is dropped where it is written. What is displayed
comes one by one and is bounded one by one: what is too long of it is cut, and says so.

Runs in any environment's Python, with ipykernel 6.29 or later.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import zmq

__all__ = ["install"]

MAX_PRINTED_CHARS = 4_100_000
"""A cell may print so much; the listener stops it at 4,000,000."""
MAX_PIECE_CHARS = 160_000
"""Longer text is sent in pieces: at worst, a character takes six bytes."""
MAX_PART_CHARS = 1_000_000
"""A longer text, of all that stand for one value, is cut."""
MAX_IMAGE_CHARS = 12_000_000
"""A larger picture, in base64, is left out."""
MAX_BUNDLE_BYTES = 14_000_000
"""A connection breaks under a message of 16 MB."""

_NOTE_CHARS = 500
_LIGHT_CHARS = 2_000_000  # however it is written, it fits into a message
_REMEMBERED_CELLS = 64
_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_CUTTABLE = ("text/plain", "text/markdown")

Content = dict[str, Any]


def install(shell: Any) -> None:  # noqa: ANN401 - ipykernel has no types
    """Bound all that the cells of `shell` will put out; a second time does nothing.

    Not from within a cell: IPython puts back what it finds when one begins.
    """
    session = shell.display_pub.session
    if hasattr(session.send, "__wrapped__"):
        return
    allowance = Allowance()
    session.send = _bounded_send(session, allowance)
    for stream in (sys.stdout, sys.stderr):
        stream.write = _bounded_write(stream, allowance)  # type: ignore[method-assign]
    _lose_nothing(shell.display_pub.pub_socket.io_thread)
    # IPython 9 keeps all that was ever put out, for an export that is not for us.
    if hasattr(shell, "_tee"):
        shell._tee = _no_copy  # noqa: SLF001 - there is no setting for it
    if hasattr(shell.history_manager, "outputs"):
        shell.history_manager.outputs = _Forgetful()


def _lose_nothing(sender: Any) -> None:  # noqa: ANN401 - ipykernel has no types
    """Have the thread that sends wait for a slow listener rather than drop messages."""
    sender.schedule(lambda: sender.socket.setsockopt(zmq.XPUB_NODROP, 1))


def _no_copy(channel: str) -> contextlib.AbstractContextManager[None]:
    del channel
    return contextlib.nullcontext()


class _Forgetful(dict[int, Any]):
    """Takes what it is given and keeps nothing."""

    def __missing__(self, key: int) -> list[Any]:
        return []


class Allowance:
    """How much each cell may still print.

    A thread that goes on printing after its cell takes nothing from the next one.
    """

    def __init__(self) -> None:
        self._left: dict[str, int] = {}

    def take(self, cell: str, chars: int) -> int:
        """How many of `chars` may be printed; -1 once a cell was refused some.

        No lock is taken, for this is in the way of every word that is printed: two
        threads at the same moment may be given the same characters.
        """
        left = self._left.get(cell)
        if left is None:
            left = MAX_PRINTED_CHARS
            self._forget_the_oldest()
        if chars <= left:
            self._left[cell] = left - chars
            return chars
        self._left[cell] = -1
        return left

    def renew(self, cell: str) -> None:
        """Let a cell that cleared its output start anew."""
        self._left.pop(cell, None)

    def _forget_the_oldest(self) -> None:
        if len(self._left) >= _REMEMBERED_CELLS:
            with contextlib.suppress(StopIteration, RuntimeError):
                self._left.pop(next(iter(self._left)), None)


def bounded_bundle(bundle: Content) -> Content:
    """The representations of one value, with long text cut and what is large left out.

    What was left out is named in the plain text.
    """
    kept, left_out = {}, []
    for kind, part in bundle.items():
        if kind in _CUTTABLE and isinstance(part, str):
            kept[kind] = cut(part)
        elif _chars(part) <= (MAX_IMAGE_CHARS if kind in _IMAGES else MAX_PART_CHARS):
            kept[kind] = part
        else:
            left_out.append(kind)
    if sum(map(_chars, kept.values())) > _LIGHT_CHARS and _is_too_heavy(kept):
        left_out += [kind for kind in kept if kind != "text/plain"]
        kept = {kind: part for kind, part in kept.items() if kind == "text/plain"}
    if left_out:
        named = ", ".join(f"{kind} ({_chars(bundle[kind]):,})" for kind in left_out)
        note = f"[left out, of so many characters: {named}]"
        kept["text/plain"] = "\n".join(filter(None, [kept.get("text/plain"), note]))
    return kept


def bounded_error(content: Content) -> Content:
    """What is told of an exception, with its message and its traceback cut."""
    lines = content.get("traceback") or []
    if sum(map(len, lines)) > MAX_PART_CHARS:
        lines = [cut("\n".join(lines))]
    return {**content, "evalue": cut(content.get("evalue") or ""), "traceback": lines}


def cut(text: str) -> str:
    """A text of a bearable length, which says so where it was longer."""
    if len(text) <= MAX_PART_CHARS:
        return text
    kept = text[: MAX_PART_CHARS - _NOTE_CHARS]
    return f"{kept}\n[cut: {len(text):,} characters in all]"


def pieces(text: str) -> Iterator[str]:
    """A text in pieces of which each makes a message of less than 1 MB."""
    for start in range(0, len(text), MAX_PIECE_CHARS):
        yield text[start : start + MAX_PIECE_CHARS]


def _bounded_write(
    stream: Any,  # noqa: ANN401 - ipykernel has no types
    allowance: Allowance,
) -> Callable[[object], Any]:
    write, take = stream.write, allowance.take

    @functools.wraps(write)
    def bounded(string: object) -> Any:  # noqa: ANN401 - whatever `write` returns
        if not isinstance(string, str):
            return write(string)  # it says what it takes
        wanted = len(string)
        taken = take(stream.parent_header.get("msg_id", ""), wanted)
        if taken == wanted:
            return write(string)
        if taken >= 0:
            write(string[:taken])
            write(f"\n[cut: more than {MAX_PRINTED_CHARS:,} characters]\n")
            _keep_off_the_log(stream)
        return wanted

    return bounded


def _keep_off_the_log(stream: Any) -> None:  # noqa: ANN401 - ipykernel has no types
    """End the copy of what programs print that goes to the kernel's own log."""
    log = getattr(stream, "_original_stdstream_copy", None)
    if log is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, log)
        os.close(nowhere)


def _bounded_send(
    session: Any,  # noqa: ANN401 - ipykernel has no types
    allowance: Allowance,
) -> Callable[..., Any]:
    send = session.send

    @functools.wraps(send)
    def bounded(
        socket: object,
        message: Any,  # noqa: ANN401 - a whole message, or its kind
        content: Any = None,  # noqa: ANN401 - of any kind
        *rest: object,
        **named: object,
    ) -> Any:  # noqa: ANN401 - whatever `send` returns
        if not isinstance(message, dict):
            content = _bounded_content(message, content)
            return send(socket, message, content, *rest, **named)
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "clear_output":
            allowance.renew(message["parent_header"].get("msg_id", ""))
        if kind == "stream" and len(content["text"]) > MAX_PIECE_CHARS:
            *earlier, last = pieces(content["text"])
            for piece in earlier:
                part = {"name": content["name"], "text": piece}
                part = session.msg(kind, part, parent=message["parent_header"])
                send(socket, part, None, *rest, **named)
            content = {"name": content["name"], "text": last}
        message = {**message, "content": _bounded_content(kind, content)}
        return send(socket, message, None, *rest, **named)

    return bounded


def _bounded_content(kind: str, content: Any) -> Any:  # noqa: ANN401 - of any kind
    if kind in {"display_data", "update_display_data", "execute_result"}:
        return {**content, "data": bounded_bundle(content["data"])}
    if kind in {"error", "execute_reply"} and "traceback" in content:
        return bounded_error(content)
    return content


def _chars(part: Any) -> int:  # noqa: ANN401 - whatever a program displays
    if isinstance(part, str):
        return len(part)
    try:
        return len(json.dumps(part, default=str))
    except (TypeError, ValueError, RecursionError):
        return 0  # whoever sends it will say what is wrong


def _is_too_heavy(bundle: Content) -> bool:
    return len(json.dumps(bundle, default=str)) > MAX_BUNDLE_BYTES
