"""The system calls that no kernel needs, as a filter that Linux keeps.

A list of what is denied, since what NumPy, Arrow and their kin may call is open-ended.
It closes what namespaces leave open: families of sockets that know no namespace, calls
that have been used to break out, and memory that no limit of a process counts.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import os
from functools import lru_cache
from typing import Any

__all__ = ["system_call_filter"]

_DENIED = """
    acct add_key adjtimex bpf clock_adjtime clock_settime delete_module fanotify_init
    finit_module fsconfig fsmount fsopen fspick init_module io_uring_enter
    io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl
    lookup_dcookie memfd_create memfd_secret modify_ldt mount mount_setattr move_mount
    mq_open msgget name_to_handle_at nfsservctl open_by_handle_at open_tree
    perf_event_open personality pidfd_getfd pivot_root process_madvise
    process_vm_readv process_vm_writev ptrace quotactl quotactl_fd reboot request_key
    semget setdomainname sethostname setns settimeofday shmget swapoff swapon sysfs
    syslog umount umount2 unshare uselib userfaultfd vhangup
""".split()  # noqa: SIM905 - read by people

_OF_MODES_AND_DATES = (
    *("chmod", "fchmod", "fchmodat", "fchmodat2"),
    *("chown", "fchown", "lchown", "fchownat"),
    *("utime", "utimes", "utimensat", "futimesat"),
    *("setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr"),
)

_AF_UNIX, _AF_INET, _AF_INET6, _AF_NETLINK = 1, 2, 10, 16
_FAMILIES = 64  # more than Linux has
_CLONE_NEWUSER = 0x10000000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_MAP_TYPE, _MAP_SHARED, _MAP_SHARED_VALIDATE, _MAP_ANONYMOUS = 0x0F, 0x01, 0x03, 0x20
_MAP_GROWSDOWN = 0x100
_SOCK_TYPE, _SOCK_DGRAM = 0x0F, 2
_SCHED_FIFO, _SCHED_RR = 1, 2
# Linux cuts these arguments to 32 bits after the filter has seen 64.
_INT = 0xFFFFFFFF


@lru_cache(maxsize=2)
def system_call_filter(*, is_alone: bool) -> str:
    """The filter: the instructions that `prctl(PR_SET_SECCOMP)` takes, in base64.

    Args:
        is_alone: the kernel has namespaces of its own, so sockets lead nowhere and
            there are no other processes; otherwise only unix sockets can be made, none
            can be connected, and what reaches other processes is denied, too.

    Raises:
        ImportError: libseccomp is not installed.

    Seccomp: https://docs.kernel.org/userspace-api/seccomp_filter.html
    """
    import pyseccomp as sc  # noqa: PLC0415 - needs a library of the system

    rules = sc.SyscallFilter(sc.ALLOW)
    denied = sc.ERRNO(errno.EPERM)
    for name in _DENIED:
        # Not every architecture, nor every libseccomp, knows each call.
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            rules.add_rule(denied, name)

    families = {_AF_UNIX}
    if is_alone:
        families |= {_AF_INET, _AF_INET6, _AF_NETLINK}
        # NETLINK_ROUTE lists the interfaces; the others reach parts of the system.
        rules.add_rule(
            denied,
            "socket",
            sc.Arg(0, sc.MASKED_EQ, _INT, _AF_NETLINK),
            sc.Arg(2, sc.NE, 0),
        )
    else:
        _keep_off_the_others(rules)
    for family in set(range(_FAMILIES)) - families:
        rules.add_rule(denied, "socket", sc.Arg(0, sc.MASKED_EQ, _INT, family))

    rules.add_rule(
        denied, "clone", sc.Arg(0, sc.MASKED_EQ, _CLONE_NEWUSER, _CLONE_NEWUSER)
    )
    # Its flags lie in memory, where no filter can look; libc falls back to clone.
    rules.add_rule(sc.ERRNO(errno.ENOSYS), "clone3")
    for command in (_TIOCSTI, _TIOCLINUX):
        rules.add_rule(denied, "ioctl", sc.Arg(1, sc.MASKED_EQ, _INT, command))
    # Shared anonymous memory counts to no process's limit.
    for kind in (_MAP_SHARED, _MAP_SHARED_VALIDATE):
        mask, value = _MAP_TYPE | _MAP_ANONYMOUS, kind | _MAP_ANONYMOUS
        rules.add_rule(denied, "mmap", sc.Arg(3, sc.MASKED_EQ, mask, value))
    # So does memory that grows like a stack.
    grows = sc.Arg(3, sc.MASKED_EQ, _MAP_GROWSDOWN, _MAP_GROWSDOWN)
    rules.add_rule(denied, "mmap", grows)
    return _instructions(rules)


def _keep_off_the_others(rules: Any) -> None:  # noqa: ANN401 - pyseccomp has no types
    """Deny what reaches other processes and files where there are no namespaces."""
    import pyseccomp as sc  # noqa: PLC0415 - as above

    denied, ignored = sc.ERRNO(errno.EPERM), sc.ERRNO(0)
    for name in ("connect", "inotify_add_watch", "sched_setattr"):
        rules.add_rule(denied, name)
    # A datagram needs no connection.
    for name in ("socket", "socketpair"):
        rules.add_rule(denied, name, sc.Arg(1, sc.MASKED_EQ, _SOCK_TYPE, _SOCK_DGRAM))
    # Whom it is about: 0 is the caller.
    for name, whom in (("setpriority", 1), ("prlimit64", 0), ("sched_setaffinity", 0)):
        rules.add_rule(denied, name, sc.Arg(whom, sc.NE, 0))
    for policy in (_SCHED_FIFO, _SCHED_RR):
        rules.add_rule(
            denied, "sched_setscheduler", sc.Arg(1, sc.MASKED_EQ, _INT, policy)
        )
    # Landlock does not rule over these. They do nothing and say that they did, since
    # copying a file ends with them.
    for name in _OF_MODES_AND_DATES:
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            rules.add_rule(ignored, name)


def _instructions(rules: object) -> str:
    descriptor = os.memfd_create("filter")
    with os.fdopen(descriptor, "w+b") as file:
        rules.export_bpf(file)  # type: ignore[attr-defined]  # pyseccomp has no types
        file.seek(0)
        return base64.b64encode(file.read()).decode()
