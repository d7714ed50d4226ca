"""What a model says, as it comes: thinking apart, calls written as text held back.

A text is passed on while it is written, so that what was shown need not be taken back:
the end of it that may still become something else waits until that is clear. Only
thinking that is closed without ever having been opened comes too late to be held back.
"""

from __future__ import annotations

from analyst.models.reading.offer import Call, Offer
from analyst.models.reading.rescue import Written, chosen, scan
from analyst.models.reading.thinking import Heard, Thinking

__all__ = ["DROPPED", "Speech"]

DROPPED = "(Of several blocks only the first is run; the others are dropped.)"
"""What the model reads of itself where it asked for several things at once."""

_LOOKS_A_LENGTH = 4
"""How often a place is looked at while it grows to twice its length."""


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
        self._thinking = Thinking()
        self._answer = ""
        self._certain = 0
        self._next_look = 0
        self._is_held = False
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
        return self._thinking.thoughts

    def hear(self, more: str) -> str:
        """Take in more text; return what can be said now."""
        self._take_in(self._thinking.hear(more))
        # From the first call on, all waits for the end.
        if self._is_held or len(self._answer) < self._next_look:
            return ""
        self._look()
        return self._newly_said(self._certain)

    def end(self, *, has_calls: bool = False) -> str:
        """Return what was held back and is only text.

        Args:
            has_calls: the model made real calls, so that none has to be looked for.
        """
        self._take_in(self._thinking.end())
        answer = self._answer
        if self._offer and not has_calls:
            found = scan(answer, self._offer, since=self._certain, ended=True).found
            self._written = chosen(answer, found, first=self._first_only)
            if self._written:
                answer = answer[: found[0].start].rstrip()
                sure = [written for written in found if written.form != "bare"]
                if self._first_only and len(sure) > 1:
                    answer = f"{answer}\n\n{DROPPED}".lstrip()
        self._text = answer
        return answer[self._said :]

    def _take_in(self, heard: Heard) -> None:
        if heard.begins_anew:
            self._answer, self._is_held = "", False
            self._certain = self._next_look = self._said = 0
        self._answer += heard.text

    def _look(self) -> None:
        """See how much of the answer is certain.

        A place whose end did not come yet is looked at again when it has grown by a
        part of its length, not at each piece: so reading takes time by the length.
        """
        if not self._offer:
            self._certain = len(self._answer)
            return
        scanned = scan(self._answer, self._offer, since=self._certain, ended=False)
        self._is_held = bool(scanned.found)
        self._certain = scanned.found[0].start if scanned.found else scanned.certain
        unsure = len(self._answer) - self._certain
        self._next_look = len(self._answer) + unsure // _LOOKS_A_LENGTH

    def _newly_said(self, end: int) -> str:
        """What is certain and new, but for space at its end."""
        new = self._answer[self._said : end].rstrip()
        self._said += len(new)
        return new
