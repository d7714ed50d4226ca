"""Monday's work: the cells of an earlier notebook on other data, without a model."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from nbformat import NotebookNode

from analyst.agent.desk import Desk
from analyst.agent.repeat import repeat
from analyst.data.earlier import Earlier
from analyst.data.kernel_side import INSIDE
from analyst.data.tables import Tables, open_tables
from analyst.errors import InputError, NotebookError
from analyst.events import (
    CellRole,
    Event,
    FilesCollected,
    NotebookWritten,
    RunFinished,
)
from analyst.models.offline import OfflineModel
from analyst.notebook.read import (
    claims,
    has_tag,
    paths_in,
    read_notebook,
    with_paths,
)
from analyst.notebook.rebuild import rebuild
from analyst.notebook.write import write_notebook
from analyst.seams import Cell
from analyst.session.paths import free_path, requested_path
from analyst.session.portal import Portal, Pulled
from analyst.session.verification import verified
from analyst.session.wiring import kernel_terms, make_kernel
from analyst.settings import Settings, load_settings

__all__ = ["AsyncRerun", "Rerun"]

_STEP_HEADING = re.compile(r"^## \d+\. (.*)$", re.MULTILINE)
_ROLES: tuple[tuple[str, CellRole], ...] = (
    ("parameters", "parameters"),
    ("analyst-setup", "setup"),
    ("analyst-load", "load"),
    ("analyst-answer", "answer"),
    ("analyst-findings", "findings"),
)


class AsyncRerun:
    """An earlier notebook that is run on other data.

    Args:
        path: the earlier notebook; it stays as it is.
        data: as many tables as it has, in its order.
        notebook: where the new one goes; by default beside the earlier one.
        env_file: a `.env` file with settings.
        settings: the fields of `Settings`.

    Raises:
        InputError: the data or the place of the notebook cannot be used.
        NotebookError: the earlier notebook is none that can be run again.
        SettingsError: a setting is missing, misspelt or out of its range.
    """

    def __init__(
        self,
        path: str | Path,
        data: Any,  # noqa: ANN401 - a path, a DataFrame, a dict or list of them
        *,
        notebook: str | Path | None = None,
        env_file: str | Path | None = None,
        **settings: Any,  # noqa: ANN401 - the fields of Settings
    ) -> None:
        self.settings = load_settings(env_file=env_file, **settings)
        self._earlier = read_notebook(Path(path))
        inputs = _inputs(self._earlier, path)
        self._target = requested_path(notebook) if notebook else _beside(Path(path))
        folder = self._target.parent
        terms = kernel_terms(self.settings, folder, is_own_code=False)
        tables = open_tables(
            data, folder=folder, files_folder=f"{self._target.stem}_files"
        )
        try:
            self._tables = _renamed(tables, inputs, _load_of(self._earlier))
            paths = zip(_paths(inputs), tables.paths, strict=True)
            _replace_paths(self._earlier, dict(paths))
        except BaseException:
            tables.remove_files_made()
            raise
        self._terms = replace(terms, inputs=self._tables.files, code=(INSIDE,))
        self._desk = Desk(
            model=OfflineModel(),  # never asked
            kernel=make_kernel(self._terms),
            data=self._tables,
            settings=self.settings,
        )

    async def stream(self) -> AsyncGenerator[Event]:
        """Run it, and yield the facts as they happen, once.

        Raises:
            InputError: the data could not be loaded.
            KernelError: there is no kernel to work in.
        """
        question = str(claims(self._earlier).get("question") or "Rerun")
        finished = False
        try:
            async with aclosing(
                repeat(self._desk, question, _cells(self._earlier))
            ) as facts:
                async for event in facts:
                    if isinstance(event, RunFinished):
                        finished = True
                        self._save()
                    yield event
            collected = await self._desk.kernel.collect()
        finally:
            await self._desk.kernel.close()
            if not finished:
                self._tables.remove_files_made()
        add = self._desk.journal.add
        if collected.files or collected.left:
            yield add(FilesCollected(files=collected.files, left=collected.left))
        yield add(NotebookWritten(path=str(self._target)))
        if self.settings.verify:
            interrupted = self._desk.interrupted
            interrupted.clear()
            yield add(
                await verified(
                    self._target, self.settings, self._terms, interrupted=interrupted
                )
            )
            self._save()

    def interrupt(self) -> None:
        """End what is running soon, with what there is."""
        self._desk.interrupted.set()

    def _save(self) -> None:
        events = self._desk.journal.events
        write_notebook(rebuild(self._earlier, events), self._target)


def _beside(path: Path) -> Path:
    """Where the new notebook goes when nobody said."""
    return free_path(path.absolute().parent, f"{path.stem}-rerun")


def _inputs(node: NotebookNode, path: str | Path) -> list[tuple[str, str]]:
    """The variable and the path of each table, as the notebook says."""
    try:
        return [(str(i["name"]), str(i["path"])) for i in claims(node)["inputs"]]
    except (KeyError, TypeError):
        raise NotebookError(
            f"{path} was not made by analyst, so it does not say which paths to "
            "replace: change them by hand and run it."
        ) from None


def _load_of(node: NotebookNode) -> str:
    """The code that loads the tables."""
    cells = [c for c in node.cells if c.cell_type == "code"]
    return "\n".join(c.source for c in cells if has_tag(c, "analyst-load"))


def _paths(inputs: Sequence[tuple[str, str]]) -> list[str]:
    """The different paths; several tables may come from one file."""
    return list(dict.fromkeys(path for _, path in inputs))


def _renamed(tables: Tables, inputs: Sequence[tuple[str, str]], load: str) -> Tables:
    """The tables under the variables that the notebook's cells know."""
    paths = _paths(inputs)
    if len(tables.inputs) != len(paths):
        names = ", ".join(name for name, _ in inputs)
        raise InputError(
            f"The notebook works on {len(paths)} files ({names}), not on "
            f"{len(tables.inputs)}: name one for each, in this order."
        )
    return replace(
        tables,
        earlier=Earlier(
            names=tuple((name, paths.index(path)) for name, path in inputs), load=load
        ),
    )


def _replace_paths(node: NotebookNode, paths: Mapping[str, str]) -> None:
    """Write other paths into the cell that holds the parameters."""
    for cell in node.cells:
        is_parameters = cell.cell_type == "code" and has_tag(cell, "parameters")
        if is_parameters and set(paths) <= paths_in(cell.source):
            cell.source = with_paths(cell.source, paths)
            return
    raise NotebookError(
        "The first code cell of the notebook no longer holds the paths that it was "
        "made with: change them by hand and run it."
    )


def _cells(node: NotebookNode) -> list[Cell]:
    """The code cells, each with its role and the step of the heading above it."""
    cells = []
    steps = 0  # counted through: each question of a notebook numbers its own from 1
    step, title = 0, ""
    for cell in node.cells:
        if cell.cell_type == "markdown":
            heading = _STEP_HEADING.search(cell.source)
            steps += bool(heading)
            step, title = (steps, heading[1]) if heading else (0, "")
        elif cell.cell_type == "code":
            role = _role(cell)
            cells.append(
                Cell(source=cell.source, role=role, purpose=title, step=step)
                if role == "step"
                else Cell(source=cell.source, role=role)
            )
    return cells


def _role(cell: NotebookNode) -> CellRole:
    """What a cell is for; one that somebody added is part of its step."""
    return next((role for tag, role in _ROLES if has_tag(cell, tag)), "step")


class Rerun:
    """`AsyncRerun` for code that does not await."""

    def __init__(
        self,
        path: str | Path,
        data: Any,  # noqa: ANN401 - a path, a DataFrame, a dict or list of them
        *,
        notebook: str | Path | None = None,
        env_file: str | Path | None = None,
        **settings: Any,  # noqa: ANN401 - the fields of Settings
    ) -> None:
        """Open the notebook and the data. Arguments as for `AsyncRerun`."""
        self._rerun = AsyncRerun(
            path, data, notebook=notebook, env_file=env_file, **settings
        )
        self._portal = Portal()
        self._events: Pulled[Event] | None = None

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._rerun.settings

    def stream(self) -> Pulled[Event]:
        """Run it, and yield the facts as they happen, once."""
        self._events = Pulled(self._portal, self._rerun.stream())
        return self._events

    def interrupt(self) -> None:
        """End what is running soon, with what there is. From any thread."""
        self._portal.soon(self._rerun.interrupt)

    def close(self) -> None:
        """End what is left of it."""
        if self._portal.closed:
            return
        try:
            if self._events is not None:
                self._events.close()
        finally:
            self._portal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
