"""How a server is spoken to in a conversation: by rule, as remembered, as learnt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from analyst.events import Wire
from analyst.models.server.complaints import Complaint
from analyst.models.server.endpoint import Endpoint
from analyst.models.server.quirks import Quirks, quirks_of, remember
from analyst.models.server.switching import (
    Change,
    Refusal,
    change_after,
    to_text,
    usual_wire,
)

__all__ = ["Manner"]


class Manner:
    """What is known of a server, and what may still be tried.

    Args:
        endpoint: the server and the model.
        wanted: the wire that was asked for, or `auto`.
    """

    def __init__(self, endpoint: Endpoint, wanted: str) -> None:
        self._endpoint = endpoint
        self._wanted = wanted
        self._failed: set[Wire] = set()
        self._is_new = False
        self._lasting = quirks_of(endpoint.host, endpoint.model)
        self.quirks = self._lasting
        """What holds now, of which not all is worth remembering."""

    @property
    def wire(self) -> Wire:
        """The wire for the next request."""
        match self._wanted:
            case "chat" | "responses" | "text" as wanted:
                return wanted
            case _:
                return self.quirks.wire or usual_wire(self._endpoint)

    def after(self, complaint: Complaint, body: Mapping[str, Any]) -> str:
        """Do otherwise, as the server asks; return a note, empty where it cannot be."""
        wires: set[Wire] = {"chat", "responses", "text"}
        return self._take(
            change_after(
                Refusal(
                    complaint=complaint,
                    endpoint=self._endpoint,
                    wire=self.wire,
                    body=body,
                    quirks=self.quirks,
                    wires=wires - self._failed if self._wanted == "auto" else set(),
                )
            )
        )

    def without_tools(self, *, why: str, told: str) -> str:
        """Go on without tools; return a note, empty where that is not to be."""
        if self._wanted != "auto" or self.wire == "text":
            return ""
        change = to_text(self.quirks, self._endpoint, why=why, told=told, lasts=False)
        return self._take(change)

    def settle(self) -> None:
        """What was learnt has worked, so it may be remembered."""
        if self._is_new:
            self._is_new = False
            remember(self._endpoint.host, self._endpoint.model, self._lasting)

    def _take(self, change: Change | None) -> str:
        if change is None:
            return ""
        before = self.wire
        if change.lasts:
            self._lasting = replace(self._lasting, **_changed(self.quirks, change))
            self._is_new = True
        self.quirks = change.quirks
        if self.wire != before:
            self._failed.add(before)
        return change.note


def _changed(quirks: Quirks, change: Change) -> dict[str, Any]:
    """What a change makes otherwise, by name."""
    after = asdict(change.quirks)
    return {name: was for name, was in after.items() if was != asdict(quirks)[name]}
