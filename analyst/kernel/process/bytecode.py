"""Python's compiled files, which a kernel that may write nothing cannot make.

Installers such as uv leave them to be made at the first import. In a sandbox each
import would be the first, and a kernel would take seconds to start every time.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from functools import lru_cache
from importlib.util import cache_from_source, find_spec
from pathlib import Path

__all__ = ["make_bytecode"]

_PACKAGES = ("ipykernel", "pandas", "matplotlib", "pyarrow")
_IMPORT_ALL = "import ipykernel.kernelapp, pandas, matplotlib.pyplot, pyarrow"
_SECONDS = 120.0


@lru_cache
def make_bytecode(executable: Path) -> None:
    """Import once, outside of the sandbox, what every kernel imports.

    Nothing is done where it was done before, or cannot be, or where the interpreter
    is not that of this process.
    """
    if executable != Path(sys.executable) or all(map(_is_compiled, _PACKAGES)):
        return
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(  # noqa: S603 - this very Python, and code that stands above
            [executable, "-I", "-c", _IMPORT_ALL],
            env={"MPLBACKEND": "agg"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )


def _is_compiled(package: str) -> bool:
    """Whether its compiled file is there, or could not be written."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return True
    compiled = Path(cache_from_source(spec.origin))
    return compiled.exists() or not os.access(Path(spec.origin).parent, os.W_OK)
