"""What a face is, and how a run is shown on one."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Protocol

from analyst.events import Event, TextDelta
from analyst.run import Run, run_from

__all__ = ["Face", "watch"]


class Face(AbstractContextManager["Face"], Protocol):
    """Whatever shows a run: it sees every event, and at last the run."""

    def show(self, event: Event) -> None:
        """Show what an event changes."""
        ...

    def conclude(self, run: Run) -> None:
        """Show what is left to say when the run is over."""
        ...


def watch(events: Iterable[Event], face: Face) -> Run:
    """Show every event of a question, and at last the run that they come to."""
    facts: list[Event] = []
    with face:
        for event in events:
            face.show(event)
            if not isinstance(event, TextDelta):
                facts.append(event)
        run = run_from(facts)
        face.conclude(run)
    return run
