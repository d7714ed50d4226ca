"""The strongest sandbox that works here, or why there is none and what mends it."""

from __future__ import annotations

import platform
import re
import shutil
import sys
from pathlib import Path
from typing import Literal

from analyst.errors import SettingsError
from analyst.events import Protection, Sandbox
from analyst.kernel.sandbox.policy import SandboxName
from analyst.kernel.trial import SandboxFailure, try_out

__all__ = [
    "UNHELD",
    "choose",
    "how_to_hold",
    "how_to_mend",
    "strongest",
    "why_not",
]

UNHELD = Sandbox(name="none")
"""No sandbox at all."""

_BY_STRENGTH: tuple[SandboxName, ...] = ("bwrap", "landlock")
_INSTALLERS = {
    "apt-get": "apt-get install bubblewrap",
    "dnf": "dnf install bubblewrap",
    "zypper": "zypper install bubblewrap",
    "pacman": "pacman -S bubblewrap",
    "apk": "apk add bubblewrap",
}
_APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
_USERNS = Path("/proc/sys/kernel/unprivileged_userns_clone")
_MAX_USERNS = Path("/proc/sys/user/max_user_namespaces")
_REFUSED = re.compile(
    r"namespace|uid map|RTM_NEWADDR|not permitted|denied", re.IGNORECASE
)


def choose(wanted: Literal["auto"] | SandboxName, *, is_own_code: bool) -> Sandbox:
    """The sandbox to work in, with what it was seen to hold.

    Args:
        wanted: its name, or `auto` for the strongest that works here.
        is_own_code: no model writes the code, so it may run without a sandbox where
            none works.

    Raises:
        SettingsError: it does not work here; says what mends it.
    """
    if wanted == "none":
        return UNHELD
    if wanted == "auto":
        found = strongest()
        if found is None and not is_own_code:
            raise SettingsError(
                "No sandbox works here, and code that a model wrote does not run "
                f"without one: {how_to_mend()}, or say --sandbox none."
            )
        return found or UNHELD
    try:
        return try_out(wanted)
    except SandboxFailure as failure:
        raise SettingsError(
            f"The sandbox {wanted} does not work here ({failure}): "
            f"{how_to_mend(wanted)}, or say --sandbox none."
        ) from None


def strongest() -> Sandbox | None:
    """The strongest sandbox that works here, with what it was seen to hold."""
    for name in _BY_STRENGTH:
        if not why_not(name):
            return try_out(name)
    return None


def why_not(name: SandboxName) -> str:
    """Why a sandbox does not work here, as a clause; empty where it does."""
    try:
        try_out(name)
    except SandboxFailure as failure:
        return str(failure)
    return ""


def how_to_mend(name: SandboxName = "bwrap") -> str:
    """What to do so that a sandbox works here, as a clause."""
    if sys.platform != "linux":
        return "use Linux"
    reason = why_not(name)
    if "seccomp" in reason:
        return "install libseccomp"
    if name == "landlock":
        return f"use Linux 6.2 or newer, not {platform.release()}, with Landlock on"
    if shutil.which("bwrap") is None:
        return f"install bubblewrap ({_installer()})"
    if _REFUSED.search(reason):
        return _how_to_allow_namespaces()
    return "update bubblewrap to 0.8 or newer"


def how_to_hold(protection: Protection, sandbox: Sandbox) -> str:
    """What to do so that a protection holds in full, as a clause; empty if it does."""
    if protection.holding == "held":
        return ""
    if sandbox.name == "none":
        return "leave --sandbox at auto"
    if protection.name in {"total memory", "process count"}:
        return (
            "work in a login session of systemd, or in a container with a memory limit"
        )
    if sandbox.name == "bwrap":
        return "update bubblewrap and Linux"
    return how_to_mend() if why_not("bwrap") else "use --sandbox bwrap"


def _installer() -> str:
    known = (words for tool, words in _INSTALLERS.items() if shutil.which(tool))
    return next(known, "with the system's package tool")


def _how_to_allow_namespaces() -> str:
    """User namespaces are refused: by whom, and the command that allows them."""
    for switch, closed, open_ in (
        (_APPARMOR, "1", "0"),
        (_USERNS, "0", "1"),
        (_MAX_USERNS, "0", "10000"),
    ):
        if _content(switch) == closed:
            name = ".".join(switch.relative_to("/proc/sys").parts)
            return f"allow user namespaces (sysctl -w {name}={open_})"
    return (
        "allow user namespaces, in a container by a seccomp profile that lets "
        "unshare and mount through"
    )


def _content(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
