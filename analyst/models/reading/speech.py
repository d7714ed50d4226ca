"""What a model says, as it comes: thinking apart, calls written as text held back.

A text is passed on while it is written, so that what was shown need not be taken back:
the end of it that may still become something else waits until that is clear. Only
thinking that is closed without ever having been opened comes too late to be held back.
"""

from __future__ import annotations

import re

from analyst.models.reading.offer import Call, Offer
from analyst.models.reading.rescue import Written, chosen, scan

__all__ = ["DROPPED", "Speech"]

_OPEN, _CLOSE = "<think>", "</think>"
DROPPED = "(Of several blocks only the first is run; the others are dropped.)"
"""What the model reads of itself where it asked for several things at once."""

_SPACE = re.compile(r"\s*")


class Speech:
    """The text of one reply.

    Args:
        offer: the tools that a call written as text can mean.
        first_only: what follows such a call was made up by the model.

    Example:
        >>> speech = Speech(Offer((), takes_blocks=False))
        >>> [speech.hear("<think>hm</think>"), speech.hear("Hi"), speech.end()]
        ['', 'Hi', '']
        >>> speech.text
        'Hi'
    """

    def __init__(self, offer: Offer, *, first_only: bool = False) -> None:
        self._offer = offer
        self._first_only = first_only
        self._heard = ""
        self._start: int | None = 0
        self._certain = 0
        self._said = 0
        self._text = ""
        self._written: tuple[Written, ...] = ()

    @property
    def text(self) -> str:
        """All that was said, once it has ended."""
        return self._text

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls that were written, once it has ended."""
        return tuple(call for written in self._written for call in written.calls)

    @property
    def wrote_code(self) -> bool:
        """A call was written as a block of code alone."""
        return any(written.form in {"block", "bare"} for written in self._written)

    @property
    def thoughts(self) -> str:
        """What was thought within the text."""
        return self._heard if self._start is None else self._heard[: self._start]

    def hear(self, more: str) -> str:
        """Take in more text; return what can be said now."""
        if not more:
            return ""
        self._heard += more
        answer = self._answer(ended=False)
        if self._offer:
            found = scan(answer, self._offer, since=self._certain, ended=False)
            # From the first call on, all waits for the end.
            self._certain = found.found[0].start if found.found else found.certain
        else:
            self._certain = len(answer)
        return self._newly_said(answer[: self._certain].rstrip())

    def end(self, *, has_calls: bool = False) -> str:
        """Return what was held back and is only text.

        Args:
            has_calls: the model made real calls, so that none has to be looked for.
        """
        answer = self._answer(ended=True)
        if self._offer and not has_calls:
            found = scan(answer, self._offer, since=self._certain, ended=True).found
            self._written = chosen(found, first=self._first_only)
            if self._written:
                answer = answer[: found[0].start].rstrip()
                sure = [written for written in found if written.form != "bare"]
                if self._first_only and len(sure) > 1:
                    answer = f"{answer}\n\n{DROPPED}".lstrip()
        self._text = answer
        return self._newly_said(answer)

    def _answer(self, *, ended: bool) -> str:
        """What is meant for a reader."""
        start = _answer_start(self._heard, ended=ended)
        if start != self._start:
            self._start, self._certain, self._said = start, 0, 0
        return "" if start is None else self._heard[start:]

    def _newly_said(self, answer: str) -> str:
        new = answer[self._said :]
        self._said = max(self._said, len(answer))
        return new


def _answer_start(text: str, *, ended: bool) -> int | None:
    """Where the answer begins, after all thinking; None while that goes on."""
    start = 0
    while True:
        head = _skip_space(text, start)
        is_short = len(text) - head < len(_OPEN)
        if not ended and is_short and _OPEN.startswith(text[head:]):
            return None
        opened = text.find(_OPEN, start)
        closed = text.find(_CLOSE, start)
        if opened == head:
            if closed < 0:
                return None
            start = closed + len(_CLOSE)
        elif closed >= 0 and (opened < 0 or closed < opened):
            start = closed + len(_CLOSE)
        else:
            return head if start else 0


def _skip_space(text: str, start: int) -> int:
    space = _SPACE.match(text, start)
    return space.end() if space else start
