"""How much a model can read at once, from whoever knows it best."""

from __future__ import annotations

from functools import cache

from analyst.models import pricing
from analyst.models.server.complaints import Complaint
from analyst.models.server.endpoint import Endpoint

__all__ = ["Window"]

_LOCAL_TOKENS = 8_192
"""Servers of one's own give a model less than it could read, often this much."""
_HOSTED_TOKENS = 128_000


class Window:
    """What is known of the window of a model.

    Args:
        wanted: what the user said.
    """

    def __init__(self, wanted: int | None) -> None:
        self._wanted = wanted
        self.listed: dict[str, int | None] = {}
        """What the server's list of models says, where it was asked for."""
        self.limit_tokens: int | None = None
        """What the server named in an error."""

    def hear(self, complaint: Complaint) -> None:
        """Take note of a limit that the server names."""
        if complaint.is_about_length:
            self.limit_tokens = complaint.limit_tokens or self.limit_tokens

    def tokens(self, endpoint: Endpoint) -> int:
        """How much the model can read, or a guess on the safe side."""
        if self._wanted:
            return min(self._wanted, self.limit_tokens or self._wanted)
        return (
            self.limit_tokens
            or _published(endpoint.model, endpoint.base_url)
            or self.listed.get(endpoint.model)
            or (_LOCAL_TOKENS if endpoint.is_local else _HOSTED_TOKENS)
        )


@cache
def _published(model: str, base_url: str) -> int | None:
    return pricing.window(model, base_url=base_url)
