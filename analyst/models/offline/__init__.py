"""The built-in analyst: rules and plain statistics, no model and no key.

It reads a question by its words (`words`, `roles`, `intent`), writes the code that an
analyst would write for it (`trend`, `groups`, `overview`), and takes its turns like any
model (`offline`). What it does not understand it takes for a request for an overview,
and says so.
"""

from __future__ import annotations

from analyst.models.offline.offline import OfflineModel

__all__ = ["OfflineModel"]
