"""How a hidden cell gets at the code that runs inside the kernel."""

from __future__ import annotations

from pathlib import Path

from analyst.data import inside

__all__ = ["INSIDE", "marked_lines", "statement"]

INSIDE = Path(inside.__file__).parent
"""The folder that the kernel must be able to read."""

_NAME = "_analyst_inside"
_LOAD = """
import importlib
import importlib.util
import sys

spec = importlib.util.spec_from_file_location(
    {name!r}, {init!r}, submodule_search_locations=[{folder!r}]
)
sys.modules[{name!r}] = package = importlib.util.module_from_spec(spec)
try:
    spec.loader.exec_module(package)
    importlib.import_module({module!r}).report(given)
finally:
    for loaded in [each for each in sys.modules if each.split(".")[0] == {name!r}]:
        del sys.modules[loaded]
"""


def marked_lines(printed: str, mark: str) -> list[str]:
    """What stands behind the mark in the lines that begin with it."""
    lines = printed.splitlines()
    return [line.removeprefix(mark) for line in lines if line.startswith(mark)]


def statement(module: str, given: str) -> str:
    """One statement that calls `report` of a module and leaves no name behind.

    Args:
        module: below `inside`, such as `sniffing.report`.
        given: the expression that it is called with.
    """
    source = _LOAD.format(
        name=_NAME,
        init=str(INSIDE / "__init__.py"),
        folder=str(INSIDE),
        module=f"{_NAME}.{module}",
    )
    return f'exec({source!r}, {{"__name__": "__inside__", "given": {given}}})'
