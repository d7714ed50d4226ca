"""An autonomous data analyst that hands back a notebook proven to run again.

>>> import analyst
>>> run = analyst.ask("sales.csv", "Which region grew?")  # doctest: +SKIP
>>> run.answer, run.notebook, run.verdict.status  # doctest: +SKIP

In IPython and JupyterLab: `%load_ext analyst` in a cell of its own, then
`%analyst df Which region grew?`. In a shell: `analyst ask sales.csv "Which region
grew?"`.

Everything is loaded when it is first used, so that importing costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from analyst.errors import AnalystError
    from analyst.run import Finding, Run, Step, Verdict
    from analyst.session import (
        Analyst,
        AsyncAnalyst,
        Source,
        aask,
        ask,
        rerun,
        source,
        verify,
    )
    from analyst.settings import Settings

__all__ = [
    "Analyst",
    "AnalystError",
    "AsyncAnalyst",
    "Finding",
    "Run",
    "Settings",
    "Source",
    "Step",
    "Verdict",
    "__version__",
    "aask",
    "ask",
    "rerun",
    "source",
    "verify",
]

_HOMES = {
    "AnalystError": "analyst.errors",
    "Finding": "analyst.run",
    "Run": "analyst.run",
    "Settings": "analyst.settings",
    "Step": "analyst.run",
    "Verdict": "analyst.run",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - slow, seldom asked

        return version("analyst")
    if name not in __all__:
        raise AttributeError(f"module 'analyst' has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "analyst.session")), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "load_ipython_extension", "unload_ipython_extension"])


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """What `%load_ext analyst` calls: it makes `%analyst` and `%%analyst` known."""
    from analyst.faces import magic  # noqa: PLC0415 - only inside IPython

    magic.load_ipython_extension(ipython)


def unload_ipython_extension(ipython: InteractiveShell) -> None:
    """What `%unload_ext analyst` calls."""
    from analyst.faces import magic  # noqa: PLC0415 - only inside IPython

    magic.unload_ipython_extension(ipython)
