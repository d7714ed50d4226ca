"""The kinds of kernels that there are, and in what they differ by design.

Whatever is not in `WAYS` is the same in all of them: the conformance tests are one text
and run over every kind. A kind that is added later passes the same tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal, TypeAlias

from analyst.kernel.sandbox.policy import SandboxName

__all__ = ["KINDS", "SANDBOXES", "WAYS", "Kind", "Ways"]

EnvironmentName: TypeAlias = Literal["own", "another"]

SANDBOXES: tuple[SandboxName, ...] = ("none", "bwrap", "landlock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What a cell meets in one sandbox and not in another."""

    works_in_folder: bool
    """The working folder is the folder itself, under its own path."""
    inputs_are_safe: bool
    """Data cannot be changed, and what cells write stays inside until collected."""
    forgets_files: bool
    """A process that starts again finds none of the files of the one before."""
    home_is_private: bool
    """What cells write at home is not in the user's home."""
    makes_network_sockets: bool
    """A socket of the network can be made, wherever it may lead."""
    has_terminals: bool
    """`!command` has a terminal, on which errors are not told from output."""
    hears_forks: bool
    """What a forked process prints is seen."""
    has_semaphores: bool
    """Processes can share locks, as a pool of them does."""


WAYS: Mapping[SandboxName, Ways] = {
    "none": Ways(
        works_in_folder=True,
        inputs_are_safe=False,
        forgets_files=False,
        home_is_private=False,
        makes_network_sockets=True,
        has_terminals=True,
        hears_forks=True,
        has_semaphores=True,
    ),
    "bwrap": Ways(
        works_in_folder=True,
        inputs_are_safe=True,
        forgets_files=True,
        home_is_private=True,
        makes_network_sockets=True,
        has_terminals=True,
        hears_forks=True,
        has_semaphores=True,
    ),
    "landlock": Ways(
        works_in_folder=False,
        inputs_are_safe=True,
        forgets_files=True,
        home_is_private=True,
        makes_network_sockets=False,
        has_terminals=False,
        hears_forks=False,
        has_semaphores=False,
    ),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of kernel: what holds it, and whose Python it runs."""

    sandbox: SandboxName
    environment: EnvironmentName

    def __str__(self) -> str:
        return f"{self.sandbox}-{self.environment}"

    @property
    def ways(self) -> Ways:
        """What is different in it."""
        return WAYS[self.sandbox]


_ENVIRONMENTS: tuple[EnvironmentName, ...] = ("own", "another")
KINDS = tuple(Kind(*both) for both in product(SANDBOXES, _ENVIRONMENTS))
