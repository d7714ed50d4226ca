"""A kernel in a sandbox starts from compiled files, whoever installed its packages."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .other_environment import make_other_environment

MAKE = """
import sys
from pathlib import Path
from analyst.kernel.process.bytecode import make_bytecode
make_bytecode(Path(sys.executable))
"""
ROOT = Path(__file__).parents[2]


def compiled(packages: Path) -> list[Path]:
    """The compiled files of pandas itself."""
    return list((packages / "pandas" / "__pycache__").glob("__init__.*.pyc"))


def test_what_an_installer_left_uncompiled_is_compiled_once(tmp_path: Path) -> None:
    """Outside of the sandbox, which could not; a second time finds it done."""
    make_other_environment(tmp_path)
    python = next((tmp_path / "environment" / "bin").glob("python"))
    (packages,) = (tmp_path / "environment").glob("lib/python3*/site-packages")
    for file in compiled(packages):
        file.unlink()
    times = []
    for _ in range(2):
        subprocess.run(
            [python, "-c", MAKE],
            env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
            check=True,
        )
        (made,) = compiled(packages)
        times.append(made.stat().st_mtime_ns)
    assert times[0] == times[1]
