"""Another environment than that of the tests, with a kernel that Jupyter knows.

It has what an analysis needs and no `analyst`, and one module that is nowhere else, so
that a cell can prove where it runs. Made offline, in a second: its packages are links
to the same files.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import sysconfig
import venv
from importlib.metadata import Distribution
from pathlib import Path

__all__ = ["KERNEL_NAME", "ONLY_THERE", "make_other_environment"]

KERNEL_NAME = "another"
ONLY_THERE = "only_there"
"""A module that only this environment has."""

_NEEDED = ("ipykernel", "pandas", "matplotlib", "pyarrow", "duckdb")
_NAME = re.compile(r"[\w.-]+")


def make_other_environment(folder: Path) -> Path:
    """Make the environment in `folder`; return what `JUPYTER_PATH` must name."""
    home = folder / "environment"
    venv.create(home, symlinks=True)
    where = {"base": str(home), "platbase": str(home)}
    packages = Path(sysconfig.get_path("purelib", "venv", where))
    for distribution in _needed():
        _link(distribution, packages)
    (packages / f"{ONLY_THERE}.py").touch()
    spec = folder / "jupyter" / "kernels" / KERNEL_NAME
    spec.mkdir(parents=True)
    python = str(home / "bin" / "python")
    command = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    says = {"argv": command, "display_name": "Another", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(says))
    return folder / "jupyter"


def _needed() -> list[Distribution]:
    """The packages that are needed, and those that they need."""
    found: dict[str, Distribution] = {}
    names = list(_NEEDED)
    while names:
        name = re.sub(r"[-_.]+", "-", names.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # needed elsewhere, on another system
        required = found[name].requires or ()
        for requirement in required:
            start = _NAME.match(requirement)
            if start and "extra ==" not in requirement:
                names.append(start[0])
    return list(found.values())


def _link(distribution: Distribution, packages: Path) -> None:
    """Put the files of a package into another folder of packages."""
    for file in distribution.files or ():
        if ".." in file.parts or "tests" in file.parts:
            continue
        source = Path(str(distribution.locate_file(file)))
        target = packages / file
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except FileNotFoundError:
            continue
        except OSError:  # on another disk
            shutil.copy2(source, target)
