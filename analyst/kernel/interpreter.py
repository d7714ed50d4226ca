"""The Python that runs the cells: that of this process, or another environment's."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from analyst.errors import SettingsError

__all__ = ["Interpreter", "named_interpreter", "this_interpreter"]

_ASK = """
import importlib.util, json, site, sys
spec = importlib.util.find_spec("ipykernel")
print(json.dumps({
    "folders": [sys.prefix, sys.base_prefix, sys.exec_prefix],
    "user_site": site.getusersitepackages() if site.ENABLE_USER_SITE else "",
    "ipykernel": spec.origin if spec else "",
    "version": sys.version_info[:2],
}))
"""
_ASK_SECONDS = 30.0
_PARTS = (
    *("bin", "etc", "include", "lib", "lib32", "lib64", "libexec", "share", "ssl"),
    "pyvenv.cfg",
)
_OLDEST = [3, 10]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python with ipykernel, and where it lies."""

    name: str
    """The kernelspec by which Jupyter knows it."""
    executable: Path
    folders: tuple[Path, ...]
    """All that it is made of, beside the system's own."""
    user_site: bool = False
    """Whether its packages lie in the user's home."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What its kernelspec sets."""


def this_interpreter() -> Interpreter:
    """The Python of this process."""
    packages = site.getusersitepackages() if _needs_user_site() else ""
    prefixes = [sys.prefix, sys.base_prefix, sys.exec_prefix]
    return Interpreter(
        name="python3",
        executable=Path(sys.executable),
        folders=_folders([*prefixes, packages]),
        user_site=bool(packages),
    )


def named_interpreter(name: str) -> Interpreter:
    """The Python of a kernelspec that is installed for Jupyter.

    Raises:
        SettingsError: there is no such kernelspec, or it starts no ipykernel.
    """
    from jupyter_client.kernelspec import (  # noqa: PLC0415 - only where it is asked for
        KernelSpecManager,
        NoSuchKernel,
    )

    specs = KernelSpecManager()
    try:
        spec = specs.get_kernel_spec(name)
    except NoSuchKernel:
        known = ", ".join(sorted(specs.find_kernel_specs())) or "none"
        raise SettingsError(
            f"There is no kernel {name}; Jupyter knows: {known}."
        ) from None
    except (OSError, TypeError, ValueError):
        raise SettingsError(
            f"The kernelspec of {name} cannot be read: install the kernel again."
        ) from None
    if spec.language != "python" or not spec.argv:
        raise SettingsError(f"The kernel {name} is not one of Python: choose another.")
    environment = {str(key): str(value) for key, value in spec.env.items()}
    executable = _executable(spec.argv[0])
    told = _ask(name, executable, environment)
    user_site = str(told["user_site"])
    in_user_site = bool(user_site) and str(told["ipykernel"]).startswith(user_site)
    return Interpreter(
        name=name,
        executable=executable,
        folders=_folders([*told["folders"], user_site if in_user_site else ""]),
        user_site=in_user_site,
        environment=environment,
    )


def _executable(word: str) -> Path:
    """The program that a kernelspec's first word stands for, as Jupyter takes it."""
    ours = {"python", "python3", f"python3.{sys.version_info.minor}"}
    if word in ours:
        return Path(sys.executable)
    return Path(shutil.which(word) or word)


def _ask(name: str, executable: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """What an interpreter says of itself.

    Raises:
        SettingsError: it is none that can run a kernel.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the user's own kernelspec names it
            [executable, "-c", _ASK],
            env={"HOME": os.environ.get("HOME", ""), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ASK_SECONDS,
            check=True,
        )
        told: dict[str, Any] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        raise SettingsError(
            f"The kernel {name} does not start a Python of its own: install it again "
            "with python -m ipykernel install."
        ) from None
    if told["version"] < _OLDEST:
        raise SettingsError(f"The kernel {name} is older than Python 3.10.")
    if not told["ipykernel"]:
        raise SettingsError(
            f"The kernel {name} has no ipykernel: {executable} -m pip install ipykernel"
        )
    return told


def _needs_user_site() -> bool:
    """Whether the kernel's own packages are installed in the user's home."""
    if not site.ENABLE_USER_SITE:
        return False
    spec = find_spec("ipykernel")
    if spec is None or spec.origin is None:
        return False
    return Path(spec.origin).is_relative_to(site.getusersitepackages())


def _folders(paths: Iterable[str]) -> tuple[Path, ...]:
    """What a Python is made of, beneath the prefixes that it names.

    Not each prefix as a whole: it may be a project's folder, with much else in it.
    Each as it is named and as it really is, for links lead from one to the other.
    """
    named = [Path(path) for path in paths if path]
    prefixes = dict.fromkeys([*named, *(path.resolve() for path in named)])
    parts = (prefix / name for prefix in prefixes for name in _PARTS)
    packages = (path for path in prefixes if path.name == "site-packages")
    return tuple(path for path in (*parts, *packages) if path.exists())
