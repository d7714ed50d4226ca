"""A policy kept by Landlock, where namespaces are not to be had.

Rights are given up path by path, but there is one file system and one table of
processes, those of the machine. So a private folder stands for the working folder, and
how much is written in all, or how many processes there are, is not bounded by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from analyst.kernel.sandbox.enclosure import Enclosure, private_folders
from analyst.kernel.sandbox.policy import SYSTEM, Policy
from analyst.kernel.sandbox.seccomp import system_call_filter

__all__ = ["by_landlock"]

# DuckDB takes it that what can be seen to be there can be opened, or it aborts.
_TOLD = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/fs/cgroup")
_DEVICES = ("/dev/null", "/dev/random", "/dev/urandom")


def by_landlock(policy: Policy, runtime: Path) -> Enclosure:
    """Make a policy ready for Landlock.

    Raises:
        ImportError: libseccomp is not installed.
    """
    home, tmp, files = (runtime / name for name in ("home", "tmp", "files"))
    for folder in (home, tmp, files):
        folder.mkdir(mode=0o700)
    work = _beneath(files, policy.folder)
    work.mkdir(parents=True, exist_ok=True)
    _link(files, policy.inputs)
    return Enclosure(
        name="landlock",
        orders={
            "warden": True,
            "terminals": False,
            # Not the number of processes: it would count all that the user has.
            "limits": policy.limits.of_each_process,
            "paths": {
                "read": [
                    *map(str, (*SYSTEM, *policy.read_only, *policy.inputs)),
                    *_TOLD,
                    str(runtime / "connection.json"),
                ],
                "write": [str(home), str(tmp), str(files), str(runtime / "matplotlib")],
                "sockets": [str(runtime / "sockets")],
                "devices": list(_DEVICES),
            },
            "network": policy.network,
            "filter": system_call_filter(is_alone=policy.network),
        },
        environment={
            **policy.environment,
            **private_folders(home, matplotlib=runtime / "matplotlib"),
            "HOME": str(home),
            "TMPDIR": str(tmp),
        },
        sockets=runtime / "sockets",
        start_in=work,
        work=work,
    )


def _link(files: Path, inputs: Iterable[Path]) -> None:
    """Have the inputs' relative paths lead to them from the stand-in, too."""
    for path in inputs:
        if not (path.is_file() or path.is_dir()):
            continue
        link = _beneath(files, path)
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(path)


def _beneath(files: Path, path: Path) -> Path:
    return files / path.relative_to(path.anchor)
