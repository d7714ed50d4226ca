"""What a kernel is started with: where, on what, and under which sandbox."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from analyst.kernel.environment import kernel_environment
from analyst.kernel.interpreter import Interpreter, this_interpreter
from analyst.kernel.sandbox.policy import Limits, Policy, SandboxName, default_limits

__all__ = ["INSIDE", "Terms"]

INSIDE = Path(__file__).parent / "inside"
"""The code that a kernel process runs."""

_NOBODYS_HOME = Path("/home/analyst")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a kernel is started with, the same each time that it starts again."""

    folder: Path
    """Where cells find files by relative paths: where the notebook lies."""
    inputs: tuple[Path, ...] = ()
    """Data that cells may read and never change."""
    code: tuple[Path, ...] = ()
    """Folders of code that hidden cells load."""
    with_copies: bool = False
    """In a sandbox, cells find copies of all that lies beside the notebook."""
    sandbox: SandboxName = "none"
    """What holds the code."""
    limits: Limits = field(default_factory=default_limits)
    """How much it may take."""
    interpreter: Interpreter = field(default_factory=this_interpreter)
    """The Python that runs it."""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    """The caller's environment: of it the kernel gets only `HOME`."""
    hash_seed: int = 0
    """Seed of the order of sets."""

    @property
    def policy(self) -> Policy:
        """What the process may touch."""
        return Policy(
            folder=self.folder.resolve(),
            inputs=_as_cells_name_them(self.inputs, self.folder),
            read_only=(*self.interpreter.folders, INSIDE, *self.code),
            home=self._home,
            # What a kernelspec sets never changes what a result depends on.
            environment={
                **self.interpreter.environment,
                **kernel_environment(
                    self.interpreter.executable,
                    hash_seed=self.hash_seed,
                    user_site=self.interpreter.user_site,
                ),
            },
            limits=self.limits,
        )

    @property
    def _home(self) -> Path:
        home = Path(self.environ.get("HOME", ""))
        return home if home.is_absolute() and home != Path("/") else _NOBODYS_HOME


def _as_cells_name_them(inputs: tuple[Path, ...], folder: Path) -> tuple[Path, ...]:
    """Each path as it is given and, where links lead to it, as it really is."""
    paths = [Path(os.path.abspath(folder / path)) for path in inputs]  # noqa: PTH100 - `..` must go, links must stay
    really = [path.parent.resolve() / path.name for path in paths]
    return tuple(dict.fromkeys([*paths, *really]))
