"""Giving up rights, for good, before any code of a cell runs.

Limits, Landlock and the filter of system calls hold for this process and all that it
will start; nothing can take them off. Runs in any environment's Python, so it speaks
to Linux by itself.

Landlock: https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import base64
import ctypes
import errno
import os
import resource
from typing import Any

__all__ = ["confine"]

_libc = ctypes.CDLL(None, use_errno=True)

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_PR_CAPBSET_DROP, _CAPABILITIES, _CAPABILITY_VERSION = 24, 64, 0x20080522
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PATH_BENEATH, _VERSION_FLAG = 1, 1

# Rights beneath a path, by the number of their bit.
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FILE, _MAKE_CHAR, _MAKE_SOCK, _MAKE_BLOCK = 1 << 5, 1 << 6, 1 << 9, 1 << 11
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_RIGHTS_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_SOCKETS = _READ | _MAKE_SOCK | _REMOVE_FILE
_OLDEST_ABI = 3  # before it, a file could be emptied without a right to write
_ABI_OF_TCP, _ABI_OF_SCOPES = 4, 6
# How many rights each version knows, where not all of these.
_RIGHTS_BY_ABI = {3: 15, 4: 15}
_RIGHTS_NOW = 16


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("tcp", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("folder", ctypes.c_int32))


def confine(orders: dict[str, Any]) -> None:
    """Carry out what the policy says.

    Args:
        orders: `limits` by their names; `paths` for Landlock, if it is used, and
            whether it leaves the `network`; `filter`, the filter of system calls in
            base64.

    Raises:
        OSError: the system refused; then nothing may run.
    """
    for name, limit in orders.get("limits", {}).items():
        _limit(getattr(resource, "RLIMIT_" + name), limit)
    if not (orders.get("paths") or orders.get("filter")):
        return
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    if orders.get("paths"):
        _drop_capabilities()
        _landlock(orders["paths"], network=orders["network"])
    if orders.get("filter"):
        _filter(base64.b64decode(orders["filter"]))


def _landlock_abi() -> int:
    """The version of Landlock that this system has; 0 where it has none."""
    version: int = _libc.syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG)
    return max(version, 0)


def _limit(kind: int, limit: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(kind, (limit, limit))


def _drop_capabilities() -> None:
    """Take from root what makes it more than a user."""
    for number in range(_CAPABILITIES):
        _libc.prctl(
            _PR_CAPBSET_DROP, number, 0, 0, 0
        )  # refused to a user, who has none
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    none = (ctypes.c_uint32 * 6)()  # two times effective, permitted, inheritable
    _check(_libc.capset(header, none))


def _landlock(
    paths: dict[str, list[str]],
    *,
    network: bool,
) -> None:
    abi = _landlock_abi()
    if abi < _OLDEST_ABI:
        raise OSError(errno.ENOSYS, "this Linux has no Landlock that can be used")
    known = (1 << _RIGHTS_BY_ABI.get(abi, _RIGHTS_NOW)) - 1
    wanted = _Ruleset(
        files=known,
        # Neither bind nor connect, anywhere.
        tcp=3 if abi >= _ABI_OF_TCP and not network else 0,
        scopes=3 if abi >= _ABI_OF_SCOPES else 0,  # abstract sockets and signals
    )
    size = 24 if abi >= _ABI_OF_SCOPES else 16 if abi >= _ABI_OF_TCP else 8
    ruleset = _check(_libc.syscall(_CREATE_RULESET, ctypes.byref(wanted), size, 0))
    rights = {
        "read": _READ,
        "write": known & ~_MAKE_CHAR & ~_MAKE_BLOCK & ~_IOCTL_DEV,
        "sockets": _SOCKETS,
        "devices": _READ_FILE | _WRITE_FILE,
    }
    for kind, named in paths.items():
        for path in named:
            _allow(ruleset, path, rights[kind] & known)
    _allow(ruleset, "/proc/self", (_READ_FILE | _READ_DIR) & known)
    _check(_libc.syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no right
    try:
        if not os.path.isdir(path):  # noqa: PTH112 - as quick as it gets
            rights &= _RIGHTS_OF_FILES
        rule = _Beneath(rights=rights, folder=place)
        _check(_libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(place)


def _filter(instructions: bytes) -> None:
    kept = ctypes.create_string_buffer(instructions, len(instructions))
    program = _Filter(
        length=len(instructions) // 8,
        instructions=ctypes.cast(kept, ctypes.c_void_p),
    )
    _check(
        _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
    )


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
