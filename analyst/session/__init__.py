"""The rooms put together: what a person or a face calls."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analyst.run import Run, Verdict, run_from
from analyst.session.analyst import AsyncAnalyst
from analyst.session.blocking import Analyst
from analyst.session.portal import run_to_end
from analyst.session.rerun import Rerun
from analyst.session.source import Source, source
from analyst.session.verification import terms_for, verify_notebook
from analyst.session.wiring import kernel_terms, make_kernel
from analyst.settings import Settings, load_settings

__all__ = [
    "Analyst",
    "AsyncAnalyst",
    "Rerun",
    "Source",
    "aask",
    "ask",
    "probe_kernel",
    "rerun",
    "source",
    "verify",
]


def ask(
    data: Any,  # noqa: ANN401 - a path, a DataFrame, a dict or list of them
    question: str,
    *,
    notebook: str | Path | None = None,
    **settings: Any,  # noqa: ANN401 - the fields of Settings
) -> Run:
    """Answer one question and write the notebook that proves it.

    Args:
        data: the path of a CSV, Parquet or Feather file, a DataFrame, or a dict or
            list of them.
        question: what you want to know.
        notebook: where the notebook goes; by default into the current folder.
        settings: the fields of `Settings`, such as `model`, `timeout`, `max_tokens`.

    Raises:
        AnalystError: the data, a setting, the model or the kernel cannot be used.

    Example:
        >>> run = ask("sales.csv", "Which region grew?")  # doctest: +SKIP
        >>> run.answer  # doctest: +SKIP
        'West grew by 12.0 %.'
    """
    with Analyst(data, notebook=notebook, **settings) as analyst:
        return analyst.ask(question)


async def aask(
    data: Any,  # noqa: ANN401 - a path, a DataFrame, a dict or list of them
    question: str,
    *,
    notebook: str | Path | None = None,
    **settings: Any,  # noqa: ANN401 - the fields of Settings
) -> Run:
    """`ask`, for code that awaits."""
    async with AsyncAnalyst(data, notebook=notebook, **settings) as analyst:
        return await analyst.ask(question)


def rerun(
    path: str | Path,
    data: Any,  # noqa: ANN401 - a path, a DataFrame, a dict or list of them
    *,
    notebook: str | Path | None = None,
    **settings: Any,  # noqa: ANN401 - the fields of Settings
) -> Run:
    """Run an earlier notebook on other data: same code, new numbers, no model.

    Args:
        path: the earlier notebook; it stays as it is.
        data: as many tables as it has, in its order.
        notebook: where the new one goes; by default beside the earlier one.
        settings: the fields of `Settings`.

    Raises:
        AnalystError: the notebook, the data or the kernel cannot be used.
    """
    with Rerun(path, data, notebook=notebook, **settings) as again:
        return run_from(tuple(again.stream()))


def verify(path: str | Path, **settings: Any) -> Verdict:  # noqa: ANN401 - fields of Settings
    """Execute a notebook from zero in a fresh kernel and compare what it shows.

    Raises:
        NotebookError: it cannot be read.
    """
    chosen = load_settings(**settings)
    folder = Path(path).absolute().parent
    terms = kernel_terms(chosen, folder, is_own_code=False)
    return run_to_end(verify_notebook(Path(path), chosen, terms_for(Path(path), terms)))


def probe_kernel(settings: Settings) -> float:
    """Start a kernel and end it again; the seconds that the start took.

    Raises:
        KernelStartError: it does not start.
        SettingsError: its sandbox does not work here.
    """

    async def probe() -> float:
        with TemporaryDirectory() as folder:
            kernel = make_kernel(kernel_terms(settings, Path(folder), is_own_code=True))
            began = time.monotonic()
            try:
                await kernel.start()
                return time.monotonic() - began
            finally:
                await kernel.close()

    return run_to_end(probe())
