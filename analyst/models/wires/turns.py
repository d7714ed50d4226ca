"""The roles take turns, as the templates of many models want it.

What is put in between is always the same, and nothing that was sent before is changed
but by going on behind it: so one request begins with the bytes of the one before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from analyst.seams import Message

__all__ = ["in_turns"]

_NOTHING = "(nothing)"
"""What a turn says that said nothing: many servers refuse one that is empty."""
_UNDERSTOOD = Message(role="assistant", text="Understood.")


def in_turns(messages: Iterable[Message], *, bridges: bool = False) -> list[Message]:
    r"""The conversation, no turn empty, and no two of the user in a row.

    Args:
        messages: as they came about.
        bridges: the user does not follow on the result of a tool either.

    Example:
        >>> turns = in_turns([Message(role="user", text=text) for text in "ab"])
        >>> [turn.text for turn in turns]
        ['a\n\nb']
    """
    turns: list[Message] = []
    for message in messages:
        before = turns[-1] if turns else None
        if _says_nothing(message):
            turns.append(replace(message, text=_NOTHING))
        elif message.role != "user" or before is None:
            turns.append(message)
        elif before.role == "user" and not (before.images or message.images):
            turns[-1] = replace(before, text=f"{before.text}\n\n{message.text}")
        elif before.role == "user" or (bridges and before.role == "tool"):
            # With pictures a message has another form, so it is not gone on with.
            turns += [_UNDERSTOOD, message]
        else:
            turns.append(message)
    return turns


def _says_nothing(message: Message) -> bool:
    is_said = message.text.strip() or message.calls
    return message.role == "assistant" and not is_said
