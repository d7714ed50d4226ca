"""What a damage is, and the list of all of them.

They are applied in the order of their stages; of one group, at most one.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from .drafts import DoesNotFitError, Draft

__all__ = ["DAMAGES", "Damage", "Stage", "damage", "register", "setting", "some_rows"]

_Apply = Callable[[Draft, random.Random], None]


class Stage(IntEnum):
    """When a damage is done."""

    VALUES = 0
    HEADER = 1
    DIALECT = 2
    LINES = 3
    AROUND = 4
    BYTES = 5
    CONTAINER = 6


@dataclass(frozen=True)
class Damage:
    """A name, when it is done, and what."""

    name: str
    stage: Stage
    group: str
    apply: _Apply
    is_alone: bool = False
    """It leaves nothing that another could be told from."""


DAMAGES: list[Damage] = []
"""Filled by the modules that define them: import it from `damages`."""


def register(made: Damage) -> None:
    """Add one to the list."""
    DAMAGES.append(made)


def damage(
    name: str, stage: Stage, group: str = "", *, is_alone: bool = False
) -> Callable[[_Apply], _Apply]:
    """A function is a damage."""

    def added(apply: _Apply) -> _Apply:
        register(Damage(name, stage, group or name, apply, is_alone))
        return apply

    return added


def setting(name: str, stage: Stage, group: str, **values: object) -> None:
    """A damage that is only another setting of the draft."""

    def apply(draft: Draft, rng: random.Random) -> None:
        if group == "delimiter" and len(draft.names) < 2:
            raise DoesNotFitError
        for attribute, value in values.items():
            setattr(draft, attribute, value)

    register(Damage(name, stage, group, apply))


def some_rows(draft: Draft, rng: random.Random, count: int) -> list[int]:
    """Neither the first two nor the last, so that the table keeps its outline."""
    free = [row for row in range(2, len(draft.written) - 1) if row not in draft.touched]
    rows = sorted(rng.sample(free, count))
    draft.touched.update(rows)
    return rows
