"""Control groups of our own making: joined by a kernel, and gone with it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path

from analyst.kernel.sandbox.policy import Limits

__all__ = [
    "Bound",
    "count_kills",
    "make_group",
    "read_text",
    "remove_group",
    "remove_stale",
]

_REMOVE_SECONDS = 2.0
_LOOK_AGAIN_SECONDS = 0.002
_NAME = re.compile(r"analyst-(\d+)-(\d+)-(\d+)-\w+")
_STARTED = 19  # column of /proc/PID/stat, counted from behind the name


class Bound(ABC):
    """A bound on the memory and the number of processes of one kernel."""

    prefix: tuple[str, ...]
    """Stands before the command, which it becomes: the process stays the same. It
    fails rather than start a command that is not bounded."""

    @abstractmethod
    def was_exceeded(self) -> bool:
        """Whether something was killed because the memory ran out."""

    @abstractmethod
    def close(self) -> None:
        """Kill what is left and remove the group. May be called more than once."""


class _Groups(Bound):
    """One group of version 2, or two of version 1, of which each bounds one thing."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._exceeded = False
        doors = [str(folder / "cgroup.procs") for folder in folders]
        steps = [f'echo 0 >"${number}"' for number in range(1, len(doors) + 1)]
        script = " && ".join([*steps, f"shift {len(doors)}", 'exec "$@"'])
        self.prefix = ("/bin/sh", "-c", script, "sh", *doors)

    def was_exceeded(self) -> bool:
        kills = sum(count_kills(folder) for folder in self._folders)
        self._exceeded = self._exceeded or kills > 0
        return self._exceeded

    def close(self) -> None:
        self.was_exceeded()
        for folder in self._folders:
            remove_group(folder)


def make_group(places: Sequence[Path], name: str, limits: Limits) -> Bound | None:
    """A group in each place, or none at all."""
    full_name = f"analyst-{_namespace()}-{os.getpid()}-{_started(os.getpid())}-{name}"
    folders: list[Path] = []
    try:
        for place in places:
            (place / full_name).mkdir()
            folders.append(place / full_name)
            _limit(folders[-1], limits)
    except OSError:
        for folder in folders:
            remove_group(folder)
        return None
    return _Groups(folders)


def _limit(group: Path, limits: Limits) -> None:
    """Write the limits that a group has files for.

    Raises:
        OSError: one was refused.
    """
    memory = str(limits.memory_bytes)
    settings = {
        "memory.max": memory,
        "memory.swap.max": "0",
        "memory.limit_in_bytes": memory,
        "memory.memsw.limit_in_bytes": memory,  # memory and swap together
        "memory.swappiness": "0",
        "pids.max": str(limits.processes),
    }
    for file, value in settings.items():
        if (group / file).exists():
            (group / file).write_text(value)


def count_kills(group: Path) -> int:
    """How many processes of a group were killed because its memory ran out."""
    return sum(
        int(line.split()[1])
        for file in ("memory.events", "memory.oom_control")
        for line in read_text(group / file).splitlines()
        if line.startswith("oom_kill ")
    )


def remove_group(group: Path) -> None:
    """Kill all that is in a group, and remove it with the groups inside it.

    What cannot be removed in time is found as stale another day.
    """
    for last_word in (("cgroup.kill", "1"), ("pids.max", "0")):
        with contextlib.suppress(OSError):
            (group / last_word[0]).write_text(last_word[1])
    deadline = time.monotonic() + _REMOVE_SECONDS
    while group.is_dir() and time.monotonic() < deadline:
        for folder, _, _ in os.walk(group, topdown=False):
            _kill_members(Path(folder))
            with contextlib.suppress(OSError):
                Path(folder).rmdir()
        if group.is_dir():
            time.sleep(_LOOK_AGAIN_SECONDS)


def _kill_members(group: Path) -> None:
    with contextlib.ExitStack() as opened:
        held = dict(_hold(_members(group), opened))
        # A number that was given to another process before we held it is not there
        # the second time.
        for pid in _members(group) & held.keys():
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(held[pid], signal.SIGKILL)


def _hold(pids: set[int], opened: contextlib.ExitStack) -> Iterator[tuple[int, int]]:
    for pid in pids:
        with contextlib.suppress(OSError):
            pidfd = os.pidfd_open(pid)
            opened.callback(os.close, pidfd)
            yield pid, pidfd


def _members(group: Path) -> set[int]:
    return {int(pid) for pid in read_text(group / "cgroup.procs").split()} - {0}


def remove_stale(place: Path) -> None:
    """Remove the groups of makers that are gone."""
    for group in place.glob("analyst-*"):
        if (parts := _NAME.fullmatch(group.name)) is None:
            continue
        namespace, pid, started = map(int, parts.groups())
        # A maker in another namespace has a number that means nothing here.
        if namespace == _namespace() and _started(pid) != started:
            remove_group(group)


def _namespace() -> int:
    return Path("/proc/self/ns/pid").stat().st_ino


def _started(pid: int) -> int:
    """When a process was started, in ticks since the system was; -1 where it is not."""
    fields = read_text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return int(fields[_STARTED]) if fields else -1


def read_text(path: Path) -> str:
    """The text of a file; empty where it cannot be read."""
    try:
        return path.read_text()
    except OSError:
        return ""
