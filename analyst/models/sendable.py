"""What earlier turns held, in a form that every server takes again."""

from __future__ import annotations

import json

__all__ = ["sendable", "sendable_arguments"]


def sendable_arguments(arguments: str) -> str:
    """Arguments of an earlier call as JSON, since some servers parse them again."""
    try:
        if isinstance(json.loads(arguments), dict):
            return sendable(arguments)
    except (ValueError, RecursionError):
        pass
    return json.dumps({"unreadable": arguments} if arguments.strip() else {})


def sendable(text: str) -> str:
    """Text without the halves of characters that UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode()
