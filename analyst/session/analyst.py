"""`AsyncAnalyst`: data, kernel, model and facts over many questions."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from analyst.agent.desk import Desk, Halted
from analyst.agent.loop import HALTED, answer, first_request
from analyst.data.kernel_side import INSIDE
from analyst.data.tables import open_tables
from analyst.errors import AnalystError, InputError
from analyst.events import (
    AnswerGiven,
    Event,
    FilesCollected,
    FindingRecorded,
    NotebookWritten,
    RunFinished,
    StepFinished,
)
from analyst.models.offline import OfflineModel
from analyst.notebook.write import build_notebook, write_notebook
from analyst.run import Run, run_from
from analyst.seams import Model, Preview
from analyst.session.paths import free_path, name_from, requested_path
from analyst.session.verification import verified
from analyst.session.wiring import (
    kernel_terms,
    make_kernel,
    make_model,
    recorded,
)
from analyst.settings import Settings, load_settings

__all__ = ["AsyncAnalyst"]

_SAVED_AFTER = (StepFinished, FindingRecorded, AnswerGiven, RunFinished)
"""After these facts the notebook on disk is brought up to date."""


class AsyncAnalyst:
    """An analyst that keeps its kernel, its data and its memory between questions.

    Example:
        >>> async with AsyncAnalyst("sales.csv") as analyst:  # doctest: +SKIP
        ...     run = await analyst.ask("Which region grew?")
        ...     more = await analyst.ask("And which product made it grow?")
    """

    def __init__(
        self,
        data: Any,  # noqa: ANN401 - a path, a DataFrame, a dict or list of them
        *,
        model: str | Model | None = None,
        notebook: str | Path | None = None,
        env_file: str | Path | None = None,
        **settings: Any,  # noqa: ANN401 - the fields of Settings
    ) -> None:
        """Open the data; nothing runs yet.

        Args:
            data: the path of a CSV, Parquet or Feather file, a DataFrame, or a dict or
                list of them.
            model: the name of a model, or anything that has the shape of one.
            notebook: where the notebook goes; by default into the current folder,
                named after the first question.
            env_file: a `.env` file with settings; none is read unless named.
            settings: the fields of `Settings`.

        Raises:
            InputError: the data or the place of the notebook cannot be used.
            SettingsError: a setting is missing, misspelt or out of its range.
        """
        name = model if model is None or isinstance(model, str) else model.name
        self.settings: Settings = load_settings(
            env_file=env_file, model=name, **settings
        )
        self._requested = requested_path(notebook) if notebook else None
        folder = self._requested.parent if self._requested else Path.cwd()
        stem = self._requested.stem if self._requested else "analyst"
        if model is None or isinstance(model, str):
            model = make_model(self.settings)
        terms = kernel_terms(
            self.settings, folder, is_own_code=isinstance(model, OfflineModel)
        )
        self._data = open_tables(
            data,
            folder=folder,
            files_folder=f"{stem}_files",
            # The name of a file may tell what its owner does not want told.
            name_by_file=self.settings.privacy == "samples",
            seed=self.settings.seed,
        )
        self._terms = replace(terms, inputs=self._data.files, code=(INSIDE,))
        self._desk = Desk(
            model=recorded(model, self.settings),
            kernel=make_kernel(self._terms),
            data=self._data,
            settings=self.settings,
        )
        self._running: AsyncGenerator[Event] | None = None
        self._notebook: Path | None = None
        """Where the notebook is; None before it was first written."""
        self.run: Run | None = None
        """The latest finished question."""

    @property
    def notebook(self) -> Path | None:
        """Where the notebook is; None before there is one."""
        return self._notebook

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was noticed in the data and not decided for the user, so far."""
        return self._desk.data.warnings

    def stream(self, question: str) -> AsyncGenerator[Event]:
        """Answer a question and yield every event as it happens.

        The last one is `NotebookVerified`, or `NotebookWritten` where verification
        is off. Closing the generator ends the work.

        A question that is still being answered when the next one is asked is ended.

        Raises:
            InputError: the question is blank, or the data could not be loaded.
            KernelError: there is no kernel to work in.
            ModelError: the model could not be used, and no step was tried yet.
        """
        self._running = self._answer(question, before=self._running)
        return self._running

    async def _answer(
        self, question: str, *, before: AsyncGenerator[Event] | None
    ) -> AsyncGenerator[Event]:
        await _end(before)
        _check_not_blank(question)
        try:
            async with contextlib.aclosing(answer(self._desk, question)) as facts:
                async for event in facts:
                    if isinstance(event, _SAVED_AFTER):
                        self._save(question)
                    yield event
        finally:
            # Also where the work ended early, what there is.
            if self._notebook is not None:
                self._save(question)
        path = self._save(question)
        collected = await self._desk.kernel.collect()
        if collected.files or collected.left:
            yield self._desk.journal.add(
                FilesCollected(files=collected.files, left=collected.left)
            )
        yield self._desk.journal.add(NotebookWritten(path=str(path)))
        self.run = run_from(self._desk.facts)
        if self.settings.verify:
            # An interrupt that ended the work does not also end its verification.
            self._desk.interrupted.clear()
            yield self._desk.journal.add(
                await verified(
                    path,
                    self.settings,
                    self._terms,
                    interrupted=self._desk.interrupted,
                )
            )
            self._save(question)
            self.run = run_from(self._desk.facts)

    async def ask(self, question: str) -> Run:
        """Answer a question.

        Raises:
            InputError, KernelError, ModelError: as in `stream`.
        """
        async with contextlib.aclosing(self.stream(question)) as events:
            async for _ in events:
                pass
        assert self.run is not None
        return self.run

    async def preview(self, question: str) -> Preview:
        """The request with which work on a question would begin; nothing is sent.

        The data are loaded and looked at as for the question itself. Nothing of it is
        remembered, and no notebook is written.

        Raises:
            InputError: the question is blank, or the data could not be loaded.
            KernelError: there is no kernel to load them in.

        Example:
            >>> shown = await analyst.preview("Which region grew?")  # doctest: +SKIP
            >>> shown.url, shown.tokens  # doctest: +SKIP
            ('https://api.openai.com/v1/chat/completions', 1243)
        """
        await _end(self._running)
        _check_not_blank(question)
        # What this adds to the facts and to the memory belongs to no question.
        desk = replace(self._desk, journal=deepcopy(self._desk.journal))
        if not desk.journal.events:
            desk.kernel = make_kernel(self._terms)
        try:
            request = await first_request(desk, question)
        except Halted as halted:
            raise InputError(HALTED[halted.stop]) from None
        finally:
            if desk.kernel is not self._desk.kernel:
                await desk.kernel.close()
        return desk.model.preview(request)

    def interrupt(self) -> None:
        """End the running question soon, with what it has."""
        self._desk.interrupted.set()

    async def close(self) -> None:
        """End the kernel and let go of the model's connections.

        A session that wrote no notebook leaves no file behind.
        """
        try:
            with contextlib.suppress(AnalystError):
                await _end(self._running)
        finally:
            await self._desk.kernel.close()
            await self._desk.model.close()
            if self._notebook is None:
                self._data.remove_files_made()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _save(self, question: str) -> Path:
        """Write the notebook as the facts have it now; the first question names it."""
        if self._notebook is None:
            self._notebook = self._requested or free_path(
                self._terms.folder, name_from(question)
            )
        write_notebook(build_notebook(self._desk.journal.events), self._notebook)
        return self._notebook


def _check_not_blank(question: str) -> None:
    if not question.strip():
        raise InputError("The question is blank: say what you want to know.")


async def _end(stream: AsyncGenerator[Event] | None) -> None:
    """End a question that may still be going on.

    Raises:
        InputError: somebody else is taking its events at this moment.
    """
    if stream is None:
        return
    try:
        await stream.aclose()
    except RuntimeError:
        raise InputError(
            "A question is being answered at this moment: wait for it, or interrupt it."
        ) from None
