"""What a kernel may touch: pure data, the same whatever keeps it.

A path means the same inside as outside. What is not named here is not there.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

__all__ = ["SYSTEM", "Limits", "Policy", "SandboxName", "default_limits"]

SandboxName: TypeAlias = Literal["bwrap", "landlock", "none"]

SYSTEM = tuple(
    map(
        Path,
        (
            *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"),
            *("/etc/alternatives", "/etc/fonts", "/etc/localtime", "/etc/mime.types"),
            *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d"),
            *("/gnu/store", "/nix/store"),
        ),
    )
)
"""What programs need of the system: no accounts, no settings, no data."""

_CONTAINER_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
_MB = 1 << 20
_GB = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a kernel and all that it starts may take."""

    memory_bytes: int
    """Private memory of each process; of all together where the system can bound it."""
    processes: int
    """Processes and threads together."""
    work_bytes: int = _GB
    """Files in the working folder, and each file."""
    tmp_bytes: int = 512 * _MB
    """Files in each of the home, `/tmp` and `/dev/shm`."""
    open_files: int = 1024
    """Open descriptors of each process."""

    @property
    def of_each_process(self) -> dict[str, int]:
        """What Linux can limit for one process, by the names of the limits."""
        return {
            "DATA": self.memory_bytes,
            "FSIZE": self.work_bytes,
            "NOFILE": self.open_files,
            "CORE": 0,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What one kernel process may touch."""

    folder: Path
    """Where it works: the folder in which the notebook lies."""
    inputs: tuple[Path, ...]
    """Data that it may read and never change, by their paths as cells name them."""
    read_only: tuple[Path, ...]
    """The interpreter and its packages, beside `SYSTEM`."""
    home: Path
    """A private folder stands where the user's home is."""
    environment: Mapping[str, str]
    """All of its variables."""
    limits: Limits
    network: bool = False
    """Whether it may use the network."""


def default_limits(memory_bytes: int | None = None) -> Limits:
    """Half of the memory that there is, and as many processes as data tools start.

    Files in the private folders lie in memory, so they are bounded with it.

    Args:
        memory_bytes: another limit of memory; what is more than there is counts as all.
    """
    cores = os.cpu_count() or 1
    there = _memory_bytes()
    memory_bytes = min(memory_bytes or there // 2, there)
    return Limits(
        memory_bytes=memory_bytes,
        work_bytes=memory_bytes // 2,
        tmp_bytes=memory_bytes // 8,
        # Arrow, DuckDB and BLAS each start a thread for each core.
        processes=128 + 8 * cores,
    )


def _memory_bytes() -> int:
    """The memory of the machine, or of the container that this is."""
    bounds = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in _CONTAINER_LIMITS:
        with contextlib.suppress(OSError, ValueError):
            bounds.append(int(file.read_text()))
    return min(bounds)
