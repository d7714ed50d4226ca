"""The Python that runs the cells: that of this process, or another environment's."""

from __future__ import annotations

import json
import os
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
_OLDEST = [3, 9]


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
    if spec.language != "python" or not spec.argv:
        raise SettingsError(f"The kernel {name} is not one of Python: choose another.")
    told = _ask(name, Path(spec.argv[0]), spec.env)
    user_site = str(told["user_site"])
    in_user_site = bool(user_site) and str(told["ipykernel"]).startswith(user_site)
    return Interpreter(
        name=name,
        executable=Path(spec.argv[0]),
        folders=_folders([*told["folders"], user_site if in_user_site else ""]),
        user_site=in_user_site,
        environment=dict(spec.env),
    )


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
        raise SettingsError(f"The kernel {name} is older than Python 3.9.")
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
    """Each as it is named and as it really is, for links lead from one to the other."""
    named = [Path(path) for path in paths if path]
    return tuple(dict.fromkeys([*named, *(path.resolve() for path in named)]))
