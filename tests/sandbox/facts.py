"""What is measured before the verdicts are known: who we are and what there is."""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from analyst.kernel.sandbox.cgroup import total_bound

from .attack import SandboxName
from .scene import LIMITS, Scene

__all__ = ["Facts", "is_missing", "measure_facts"]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What this user may do on this machine when nothing holds him."""

    is_root: bool
    can_read_disk: bool
    can_install: bool
    can_write_sysctl: bool
    can_write_sys: bool
    has_fuse: bool
    has_interfaces: bool
    has_vsock: bool
    has_alg: bool
    has_cores: bool
    has_namespaces: bool
    has_io_uring: bool
    has_userfaultfd: bool
    has_keys: bool
    has_total_bound: bool
    """Memory and processes of a kernel and all that it starts are bounded together."""
    counts_processes: bool
    """Processes in a namespace are counted: not those of root, without a bound."""


def measure_facts(scene: Scene) -> Facts:
    """Try each."""
    is_root = os.getuid() == 0
    has_total_bound = _has_total_bound()
    return Facts(
        is_root=is_root,
        can_read_disk=is_root and _can_open(Path(scene.disk[0]), os.O_RDONLY),
        can_install=os.access(scene.places["packages"], os.W_OK),
        can_write_sysctl=os.access("/proc/sys/kernel/core_pattern", os.W_OK),
        can_write_sys=os.access("/sys/kernel/mm/ksm/run", os.W_OK),
        has_fuse=_can_open(Path("/dev/fuse"), os.O_RDWR),
        has_interfaces=len(socket.if_nameindex()) > 1,
        has_vsock=_has_socket(40, socket.SOCK_STREAM),
        has_alg=_has_socket(38, socket.SOCK_SEQPACKET),
        has_cores=len(os.sched_getaffinity(0)) > 1,
        has_namespaces=_succeeds("unshare", "--user", "--mount", "true"),
        has_io_uring=_has_call(425, 4, ctypes.create_string_buffer(120)),
        has_userfaultfd=_has_call(
            {"x86_64": 323, "aarch64": 282}[os.uname().machine], 1
        ),
        has_keys=_has_key_ring(),
        has_total_bound=has_total_bound,
        counts_processes=not is_root or has_total_bound,
    )


def is_missing(sandbox: SandboxName) -> str:
    """Why this sandbox cannot be tried here; empty where it can."""
    if sandbox == "bwrap" and not _succeeds(
        *("bwrap", "--unshare-all", "--ro-bind", "/", "/", "true")
    ):
        return "bubblewrap is not installed, or may not make namespaces"
    if sandbox == "landlock" and not _has_landlock():
        return "this Linux has no Landlock"
    return ""


def _has_total_bound() -> bool:
    bound = total_bound(LIMITS, "facts")
    if bound is not None:
        bound.close()
    return bound is not None


def _has_landlock() -> bool:
    return int(ctypes.CDLL(None).syscall(444, None, 0, 1)) > 0


def _has_call(*arguments: object) -> bool:
    descriptor = int(ctypes.CDLL(None).syscall(*arguments))
    if descriptor >= 0:
        os.close(descriptor)
    return descriptor >= 0


def _has_key_ring() -> bool:
    number = {"x86_64": 248, "aarch64": 217}[os.uname().machine]
    return int(ctypes.CDLL(None).syscall(number, b"user", b"probe", b"-", 1, -3)) != -1


def _has_socket(family: int, kind: int) -> bool:
    try:
        socket.socket(family, kind).close()
    except OSError:
        return False
    return True


def _can_open(path: Path, flags: int) -> bool:
    try:
        os.close(os.open(path, flags))
    except OSError:
        return False
    return True


def _succeeds(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    done = subprocess.run(command, capture_output=True, check=False, timeout=10)
    return done.returncode == 0
