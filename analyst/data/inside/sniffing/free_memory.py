"""How much memory may still be taken."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["free_memory_bytes"]


def free_memory_bytes() -> int:
    """What this process may still take: of the machine, and of its own limits."""
    import resource  # noqa: PLC0415 - not on every platform

    limits = {
        "VmData": resource.getrlimit(resource.RLIMIT_DATA)[0],
        "VmSize": resource.getrlimit(resource.RLIMIT_AS)[0],
    }
    taken = _kilobytes("/proc/self/status")
    left = [
        max(0, limit - (taken.get(name, 0) << 10))
        for name, limit in limits.items()
        if limit != resource.RLIM_INFINITY
    ]
    available = _kilobytes("/proc/meminfo").get("MemAvailable")
    if available is None:
        free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    else:
        free = available << 10
    return min([free, *left])


def _kilobytes(path: str) -> dict[str, int]:
    """The amounts of memory in a file of the kernel, by their name."""
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    told = (line.split() for line in lines if line.endswith(" kB"))
    return {words[0].rstrip(":"): int(words[1]) for words in told}
