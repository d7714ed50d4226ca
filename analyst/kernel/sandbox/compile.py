"""From a policy to the enclosure that keeps it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from analyst.kernel.sandbox.enclosure import Enclosure, private_folders
from analyst.kernel.sandbox.policy import Policy, SandboxName

__all__ = ["enclose"]


def enclose(name: SandboxName, policy: Policy, runtime: Path) -> Enclosure:
    """Make a policy ready to start a process under it.

    Args:
        name: what is to keep the policy.
        policy: what the process may touch.
        runtime: a private folder of the process, outside.

    Raises:
        ImportError: the sandbox needs a library that is not installed.
    """
    return _COMPILERS[name](policy, runtime)


def _held_by_nothing(policy: Policy, runtime: Path) -> Enclosure:
    return Enclosure(
        name="none",
        orders={"warden": sys.platform == "linux", "terminals": True},
        environment={
            **policy.environment,
            **private_folders(runtime),
            "HOME": str(policy.home),
        },
        sockets=runtime / "sockets",
        start_in=policy.folder,
    )


def _held_by_namespaces(policy: Policy, runtime: Path) -> Enclosure:
    from analyst.kernel.sandbox.bwrap import in_namespaces  # noqa: PLC0415 - one of two

    return in_namespaces(policy, runtime)


def _held_by_landlock(policy: Policy, runtime: Path) -> Enclosure:
    from analyst.kernel.sandbox.landlock import by_landlock  # noqa: PLC0415 - as above

    return by_landlock(policy, runtime)


_COMPILERS: Mapping[SandboxName, Callable[[Policy, Path], Enclosure]] = {
    "none": _held_by_nothing,
    "bwrap": _held_by_namespaces,
    "landlock": _held_by_landlock,
}
