"""A policy kept by namespaces of Linux, entered through bubblewrap.

Inside there is a file system of its own in which only what the policy names appears,
at the paths that it has outside. All that can be written lies in memory, sized, and
ends with the process.

Bubblewrap: https://github.com/containers/bubblewrap
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analyst.kernel.sandbox.enclosure import Enclosure, private_folders
from analyst.kernel.sandbox.policy import SYSTEM, Policy
from analyst.kernel.sandbox.seccomp import system_call_filter

__all__ = ["in_namespaces"]

_RUNTIME = Path("/run/analyst")
_SOCKETS = _RUNTIME / "sockets"
_RUNTIME_BYTES = 16 << 20
_UID = _GID = 1000
_HOST = "analyst"
_ACCOUNTS = {
    "passwd": "analyst:x:{uid}:{gid}::{home}:/bin/sh\n",
    "group": "analyst:x:{gid}:\n",
    "hosts": f"127.0.0.1 localhost {_HOST}\n::1 localhost\n",
}


@dataclass(frozen=True, slots=True)
class _Mount:
    at: Path
    arguments: tuple[str, ...]


def in_namespaces(policy: Policy, runtime: Path) -> Enclosure:
    """Make a policy ready for bubblewrap.

    Raises:
        ImportError: libseccomp is not installed.
    """
    (runtime / "etc").mkdir()
    for name, text in _ACCOUNTS.items():
        content = text.format(uid=_UID, gid=_GID, home=policy.home)
        (runtime / "etc" / name).write_text(content)
    limits = policy.limits
    return Enclosure(
        name="bwrap",
        prefix=(*_namespaces(policy), *_file_system(policy, runtime), "--"),
        orders={
            "warden": False,  # the namespace ends with the kernel
            "terminals": True,
            "limits": {**limits.of_each_process, "NPROC": limits.processes},
            "filter": system_call_filter(is_alone=True),
        },
        environment={
            **policy.environment,
            **private_folders(_RUNTIME),
            "HOME": str(policy.home),
            "USER": "analyst",
            "LOGNAME": "analyst",
        },
        sockets=_SOCKETS,
        start_in=policy.folder,
        work=policy.folder,
        has_own_root=True,
    )


def _namespaces(policy: Policy) -> Iterator[str]:
    yield from ("bwrap", "--unshare-all", "--unshare-user")
    if policy.network:
        yield "--share-net"
    yield from ("--uid", str(_UID), "--gid", str(_GID), "--hostname", _HOST)
    yield from ("--cap-drop", "ALL", "--die-with-parent", "--new-session")


def _file_system(policy: Policy, runtime: Path) -> Iterator[str]:
    """The mounts, those nearer to the root first: each covers what lies above it."""
    mounts = {mount.at: mount for mount in _mounts(policy, runtime)}
    for mount in sorted(mounts.values(), key=lambda mount: len(mount.at.parts)):
        yield from mount.arguments
    # Root of the machine could otherwise write to /proc/sys from inside.
    for place in ("/proc", "/dev", "/"):
        yield from ("--remount-ro", place)
    yield from ("--chdir", str(policy.folder))


def _mounts(policy: Policy, runtime: Path) -> Iterator[_Mount]:
    """Later ones take the place of earlier ones at the same path."""
    yield from map(_as_it_is, filter(os.path.lexists, SYSTEM))
    for name in _ACCOUNTS:
        yield _shown(f"/etc/{name}", source=runtime / "etc" / name)
    yield _Mount(Path("/proc"), ("--proc", "/proc"))
    yield _Mount(Path("/dev"), ("--dev", "/dev"))
    # Shared memory made of zeros would count to no limit.
    yield _Mount(Path("/dev/zero"), ("--ro-bind", "/dev/null", "/dev/zero"))
    tmp_bytes = policy.limits.tmp_bytes
    for place in ("/tmp", "/var/tmp", "/dev/shm"):  # noqa: S108 - private ones
        yield _in_memory(place, tmp_bytes)
    yield _in_memory("/run", _RUNTIME_BYTES)
    yield _Mount(_SOCKETS, ("--dir", str(_SOCKETS)))
    yield _in_memory(policy.home, tmp_bytes)
    yield _in_memory(policy.folder, policy.limits.work_bytes)
    for path in (*policy.read_only, *policy.inputs):
        if path.is_file() or path.is_dir():  # a socket would lead outside
            yield _shown(path)
    yield _shown(runtime / "connection.json")
    for file in sorted((runtime / "matplotlib").glob("*")):
        yield _shown(_RUNTIME / "matplotlib" / file.name, source=file)


def _as_it_is(path: Path) -> _Mount:
    if path.is_symlink():
        return _Mount(path, ("--symlink", str(path.readlink()), str(path)))
    return _shown(path)


def _shown(path: str | Path, *, source: Path | None = None) -> _Mount:
    """Something of the outside, to be read and never changed."""
    return _Mount(Path(path), ("--ro-bind", str(source or path), str(path)))


def _in_memory(path: str | Path, size_bytes: int) -> _Mount:
    return _Mount(Path(path), ("--size", str(size_bytes), "--tmpfs", str(path)))
