"""How a kernel process ended, in one sentence for people and models."""

from __future__ import annotations

import signal

from analyst.kernel.terms import Terms

__all__ = ["how_it_ended", "out_of_memory"]

_SIGNALLED = 128  # what shells add to the number of the signal that ended a process


def how_it_ended(code: int | None) -> str:
    """From its exit code, which is -n or 128 + n where signal n ended it.

    >>> how_it_ended(3)
    'The kernel process ended (exit code 3).'
    >>> how_it_ended(139)
    'The kernel process was killed (SIGSEGV).'
    """
    if code is None:
        return "The kernel process ended."
    number = -code if code < 0 else code - _SIGNALLED
    if number <= 0:
        return f"The kernel process ended (exit code {code})."
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    hint = ", as happens when memory runs out" if name == "SIGKILL" else ""
    return f"The kernel process was killed ({name}{hint})."


def out_of_memory(terms: Terms) -> str:
    """For one that took more memory than there is, or than it may."""
    if terms.sandbox == "none":
        return "The cell ran out of memory, so its kernel was stopped."
    limit = terms.limits.memory_bytes / 1e9
    return (
        f"The cell needed more than the {limit:.1f} GB of memory that it may take "
        "(--memory), so its kernel was stopped."
    )
