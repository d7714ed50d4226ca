"""The form of a hostile cell: what it tries, who can tell, and what is expected.

An attack is code that a model might write, or be talked into writing. It says itself
what it got, in a line that begins with `GOT` or `PARTLY`; where the outside can look,
the outside is asked instead. The names that attacks use without making them are those
of `preamble.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from .plain_kernel import PlainKernel
    from .scene import Scene, Told

__all__ = [
    "EVERYWHERE",
    "HELD",
    "INSIDE",
    "NOWHERE",
    "OPEN",
    "PARTIAL",
    "SANDBOXES",
    "Attack",
    "Expected",
    "Holding",
    "If",
    "expected_here",
]

Holding: TypeAlias = Literal["held", "partial", "open"]
"""What became of an attack: it failed, it got a part, it got what it wanted."""
SandboxName: TypeAlias = Literal["none", "landlock", "bwrap"]

HELD: Holding = "held"
PARTIAL: Holding = "partial"
OPEN: Holding = "open"
SANDBOXES: tuple[SandboxName, ...] = ("none", "landlock", "bwrap")


@dataclass(frozen=True, slots=True)
class If:
    """A verdict that hangs on something that is measured before."""

    fact: str
    """The name of a field of `Facts`."""
    then: Holding
    otherwise: Holding


Expected: TypeAlias = Holding | If
Observe: TypeAlias = Callable[["Scene", "Told"], Holding]
Live: TypeAlias = Callable[["PlainKernel"], Awaitable[bool]]


def expected_by(
    none: Expected, landlock: Expected, bwrap: Expected
) -> Mapping[SandboxName, Expected]:
    """What is expected in each sandbox."""
    return {"none": none, "landlock": landlock, "bwrap": bwrap}


INSIDE = expected_by(OPEN, HELD, HELD)
"""Each sandbox holds it."""
EVERYWHERE = expected_by(HELD, HELD, HELD)
"""Our client holds it, whatever the sandbox; a plain kernel and client do not."""
NOWHERE = expected_by(OPEN, OPEN, OPEN)
"""Code owns its kernel: nothing can hold this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """A hostile cell and what is expected of it."""

    name: str
    """What it wants, for people: `read a private key in the home`."""
    group: str
    source: str
    expected: Mapping[SandboxName, Expected] = field(default_factory=lambda: INSIDE)
    observe: Observe | None = None
    """Looks from outside; the cell's own word counts where there is none."""
    afterwards: str = ""
    """What the next kernel is asked; its word counts then."""
    is_collected: bool = False
    """What lies in the working folder is copied out before anybody looks."""
    is_over_first: bool = False
    """Its kernel is ended and replaced before anybody looks."""
    leaves_traces: bool = False
    """Its kernel is replaced after it even where the cell succeeded."""
    live: Live | None = None
    """Whether it has succeeded in a plain kernel with jupyter_client's own client:
    asked where our client holds it in every sandbox, so `none` cannot show it live."""
    timeout_seconds: float = 5.0
    live_seconds: float = 5.0
    """How long the plain client listens."""


def expected_here(expected: Expected, facts: object) -> Holding:
    """The one verdict that is right on this machine, for this user."""
    if isinstance(expected, If):
        return expected.then if getattr(facts, expected.fact) else expected.otherwise
    return expected
