"""What one process needs around it, acquired together and let go together.

A folder of its own, an enclosure that keeps the policy, a bound on what it takes in
all, and a gate by which it gets its orders.
"""

from __future__ import annotations

import itertools
from contextlib import ExitStack
from pathlib import Path

from analyst.errors import KernelStartError
from analyst.kernel.process.bytecode import make_bytecode
from analyst.kernel.process.fonts import cache_folder, give_fonts, make_fonts
from analyst.kernel.process.gate import Gate
from analyst.kernel.process.runtime import RuntimeFolder
from analyst.kernel.sandbox.cgroup import Bound, total_bound
from analyst.kernel.sandbox.compile import enclose
from analyst.kernel.sandbox.enclosure import Enclosure
from analyst.kernel.terms import INSIDE, Terms

__all__ = ["Premises", "prepare"]

_NUMBERS = itertools.count(1)


class Premises:
    """What a process under these terms needs around it.

    Args:
        terms: where, on what and under which sandbox it works.
        task: what it is to do in place of serving as a kernel, if anything.

    Raises:
        KernelStartError: there is no place for its sockets, or the sandbox lacks a
            library.
    """

    def __init__(self, terms: Terms, *, task: dict[str, object] | None = None) -> None:
        with ExitStack() as acquired:
            runtime = RuntimeFolder(terms.environ)
            acquired.callback(runtime.remove)
            give_fonts(runtime.path / "matplotlib", cache=_cache(terms))
            self.connection_file = runtime.path / "connection.json"
            self.enclosure = _enclosed(terms, runtime.path)
            self.bound = _bound(terms)
            if self.bound is not None:
                acquired.callback(self.bound.close)
            self.gate = Gate({**self.enclosure.orders, **(task or {})})
            acquired.callback(self.gate.close)
            self._acquired = acquired.pop_all()
        self._executable = terms.interpreter.executable

    def command(self, *options: str) -> list[str]:
        """What starts the process.

        Args:
            options: of its Python, before the file that it runs.
        """
        return [
            *(self.bound.prefix if self.bound else ()),
            *self.enclosure.prefix,
            str(self._executable),
            *options,
            str(INSIDE / "launch.py"),
            *map(str, self.gate.descriptors),
        ]

    @property
    def mark(self) -> str:
        """The line of the environment by which what it started is known.

        Empty where it is known by its namespace.
        """
        if self.enclosure.has_own_root:
            return ""
        name = "JUPYTER_RUNTIME_DIR"
        return f"{name}={self.enclosure.environment[name]}"

    def close(self) -> None:
        """Let go of all of it. The process has ended. May be called more than once."""
        self._acquired.close()


def prepare(terms: Terms) -> None:
    """Make once what all kernels under such terms share; may take seconds then."""
    if terms.sandbox != "none":
        make_bytecode(terms.interpreter.executable)
    if cache := _cache(terms):
        make_fonts(cache, terms.interpreter.executable)


def _cache(terms: Terms) -> Path | None:
    return cache_folder(terms.environ, terms.interpreter.executable)


def _enclosed(terms: Terms, runtime: Path) -> Enclosure:
    try:
        return enclose(terms.sandbox, terms.policy, runtime)
    except ImportError as error:
        raise KernelStartError(
            f"The {terms.sandbox} sandbox cannot be used ({error}): install "
            "libseccomp, or use --sandbox none."
        ) from None


def _bound(terms: Terms) -> Bound | None:
    """What bounds the process and all that it starts together, where it can be had."""
    if terms.sandbox == "none":
        return None
    return total_bound(terms.limits, f"k{next(_NUMBERS)}")
