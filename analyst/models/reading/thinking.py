"""Thinking that stands in the text, told apart from the answer that follows it.

Models think between two tags before they answer, and some servers leave that in. A tag
that closes what was never opened ends thinking as well: some templates open it where
nobody sees. Each piece of a text is looked through once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Heard", "Thinking"]

_OPEN, _CLOSE = "<think>", "</think>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a piece adds to the answer."""

    text: str = ""
    begins_anew: bool = False
    """What was taken for the answer before was thinking."""


class Thinking:
    """The thoughts of one reply, and where its answer begins.

    Example:
        >>> thinking = Thinking()
        >>> [thinking.hear("<think>hm</th").text, thinking.hear("ink> Hi").text]
        ['', 'Hi']
        >>> thinking.thoughts
        '<think>hm</think> '
    """

    def __init__(self) -> None:
        self._where: Literal["before", "within", "after"] = "before"
        self._thoughts: list[str] = []
        self._answer: list[str] = []
        self._space: list[str] = []
        self._head = ""
        self._tail = ""
        self._is_settled = False

    @property
    def thoughts(self) -> str:
        """All that is no answer, with the tags."""
        return "".join(self._thoughts)

    def hear(self, more: str) -> Heard:
        """Take in more text."""
        said, begins_anew = "", False
        while more:
            match self._where:
                case "before":
                    more = self._begin(more)
                case "within":
                    more = self._think(more)
                case "after":
                    more, new, is_thought = self._answer_on(more)
                    begins_anew |= is_thought
                    said = "" if is_thought else said + new
        return Heard(text=said, begins_anew=begins_anew)

    def end(self) -> Heard:
        """What was held back because it could have become a tag."""
        held = self._begun() if self._where == "before" else ""
        self._head = ""
        return Heard(text=held)

    def _begin(self, more: str) -> str:
        """Find out how the text begins; return what is to be read on."""
        if not self._head:
            rest = more.lstrip()
            self._space.append(more[: len(more) - len(rest)])
            more = rest
        self._head += more
        head = self._head
        if len(head) < len(_OPEN) and _OPEN.startswith(head):
            return ""
        self._tail = self._head = ""
        if head.startswith(_OPEN):
            self._where = "within"
            self._thoughts += [*self._space, _OPEN]
            self._space = []
            return head.removeprefix(_OPEN)
        self._where = "after"
        self._head = head
        begun, self._head = self._begun(), ""
        return begun

    def _begun(self) -> str:
        """The beginning of the answer: space that follows thoughts is none of it."""
        space, self._space = "".join(self._space), []
        if not self._thoughts:
            return space + self._head
        self._thoughts.append(space)
        return self._head

    def _think(self, more: str) -> str:
        """Read thoughts up to their end; return what follows."""
        end = self._end_of(_CLOSE, more)
        if end < 0:
            self._keep_tail(more)
            end = len(more)
        else:
            self._where = "before"
        self._thoughts.append(more[:end])
        return more[end:]

    def _answer_on(self, more: str) -> tuple[str, str, bool]:
        """What is to be read on, what is answer, and whether all of it was thinking."""
        closed = -1 if self._is_settled else self._end_of(_CLOSE, more)
        opened = -1 if self._is_settled else self._end_of(_OPEN, more)
        if closed < 0 or 0 <= opened < closed:
            # What opens amid an answer is a word of it, and so is what closes then.
            self._is_settled |= opened >= 0
            self._keep_tail(more)
            self._answer.append(more)
            return "", more, False
        self._thoughts += [*self._answer, more[:closed]]
        self._answer = []
        self._where = "before"
        return more[closed:], "", True

    def _end_of(self, tag: str, more: str) -> int:
        """Where a tag ends in a piece, also if it began in those before; or -1."""
        at = (self._tail + more).find(tag)
        return -1 if at < 0 else at + len(tag) - len(self._tail)

    def _keep_tail(self, more: str) -> None:
        self._tail = (self._tail + more[-len(_CLOSE) :])[1 - len(_CLOSE) :]
