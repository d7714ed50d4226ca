"""A bound that systemd keeps: the kernel runs in a scope of its own.

For an ordinary user it is the user's own manager that is asked. This was written by
systemd's documentation, and no systemd was at hand: so it is used only where a trial
shows that the limits are really there.

https://www.freedesktop.org/software/systemd/man/latest/systemd-run.html
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from analyst.kernel.sandbox.group import Bound, count_kills
from analyst.kernel.sandbox.policy import Limits

__all__ = ["make_scope"]

_ANSWER_SECONDS = 5.0
_SYSTEM_MANAGER = Path("/run/systemd/private")
_TRIAL = Limits(memory_bytes=1 << 30, processes=100)
_SHOW_LIMITS = """
group="$0$(sed -n s/^0:://p /proc/self/cgroup)"
cat "$group/memory.max" "$group/memory.swap.max" "$group/pids.max"
"""
# A process that runs out of memory takes no other with it; older ones cannot be told.
_MANNERS = (("OOMPolicy=continue",), ())


def make_scope(limits: Limits, name: str, unified: Path) -> Bound | None:
    """A scope for one kernel; None where there is no systemd that keeps limits.

    Args:
        limits: of which memory and processes are bounded, and swap is not given.
        name: letters and digits; tells this scope from others of this process.
        unified: where version 2 of control groups is mounted.
    """
    manners = _found_to_work(unified)
    return None if manners is None else _Scope(limits, name, manners, unified)


class _Scope(Bound):
    def __init__(
        self, limits: Limits, name: str, manners: tuple[str, ...], unified: Path
    ) -> None:
        self._unit = f"analyst-{os.getpid()}-{name}.scope"
        self._unified = unified
        self._exceeded = False
        self._is_closed = False
        self.prefix = _prefix(limits, self._unit, manners)

    def was_exceeded(self) -> bool:
        if not (self._exceeded or self._is_closed):
            said = self._systemctl("show", "--property=Result,ControlGroup")
            known = dict(line.split("=", 1) for line in said.splitlines())
            group = known.get("ControlGroup", "").lstrip("/")
            kills = count_kills(self._unified / group) if group else 0
            self._exceeded = kills > 0 or known.get("Result") == "oom-kill"
        return self._exceeded

    def close(self) -> None:
        if self._is_closed:
            return
        self.was_exceeded()
        self._is_closed = True
        self._systemctl("kill", "--signal=SIGKILL")
        self._systemctl("stop")
        # One that has failed is remembered until somebody says that it was seen.
        self._systemctl("reset-failed")

    def _systemctl(self, *words: str) -> str:
        return _ask(*_at_the_manager("systemctl"), *words, self._unit)


@cache
def _found_to_work(unified: Path) -> tuple[str, ...] | None:
    """The manners with which a scope really gets its limits: tried, once.

    None where it does not get them.
    """
    if not os.access(_manager(), os.W_OK) or shutil.which("systemd-run") is None:
        return None
    wanted = [str(_TRIAL.memory_bytes), "0", str(_TRIAL.processes)]
    for manners in _MANNERS:
        trial = _prefix(_TRIAL, f"analyst-{os.getpid()}-trial.scope", manners)
        shown = _ask(*trial, "/bin/sh", "-c", _SHOW_LIMITS, str(unified))
        if shown.split() == wanted:
            return manners
    return None


def _prefix(limits: Limits, unit: str, manners: tuple[str, ...]) -> tuple[str, ...]:
    """What stands before a command that is to run in a scope.

    The way to the manager is known to systemd-run alone, and not to the command.
    """
    properties = (
        f"MemoryMax={limits.memory_bytes}",
        "MemorySwapMax=0",
        f"TasksMax={limits.processes}",
        *manners,
    )
    return (
        *(*_at_the_manager("systemd-run"), "--scope", "--quiet", f"--unit={unit}"),
        *(f"--property={name_and_value}" for name_and_value in properties),
        *("--", "/usr/bin/env", "-u", "XDG_RUNTIME_DIR", "-u", "INVOCATION_ID"),
    )


def _at_the_manager(program: str) -> tuple[str, ...]:
    whose = ("--user",) if os.geteuid() else ()
    return "/usr/bin/env", f"XDG_RUNTIME_DIR={_runtime()}", program, *whose


def _manager() -> Path:
    """The socket at which the manager listens."""
    return _runtime() / "systemd" / "private" if os.geteuid() else _SYSTEM_MANAGER


def _runtime() -> Path:
    return Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")


def _ask(*command: str) -> str:
    """What a command prints; empty where it fails."""
    try:
        return subprocess.run(  # noqa: S603 - every word of it is ours
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=_ANSWER_SECONDS,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
