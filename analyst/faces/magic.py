"""`%analyst` and `%%analyst`: a question to live DataFrames, in IPython and Jupyter.

The session works on a thread and an event loop of its own, so it does not matter that
a notebook's loop is running already. The drawing happens on the main thread, where
output lands in the right cell.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from IPython.core.error import TryNext, UsageError
from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.display import display

from analyst.data.handover import is_live
from analyst.data.inputs import plain_stem
from analyst.errors import AnalystError, InputError, SettingsError
from analyst.faces.chosen import face_of_output
from analyst.faces.dry_run import remarks, request_text
from analyst.faces.face import Face, watch
from analyst.faces.given import is_data, key_in, one_or_many
from analyst.faces.interrupts import interrupts_end_run
from analyst.faces.magic_line import FLAGS, OPTIONS, MagicLine, read_magic_line
from analyst.faces.question_mark import keep_question_mark
from analyst.faces.words import one_line
from analyst.run import Run
from analyst.seams import Preview
from analyst.settings import load_settings

__all__ = ["ShownRun", "load_ipython_extension", "unload_ipython_extension"]

_COMPLETED = ("%analyst", "%%analyst")

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRun(Run):
    """A run that is on the screen already, below the cell that asked.

    In that cell it draws nothing, so that nothing is shown twice; in any later cell
    it is drawn like every run.
    """

    execution: int
    """The number of the cell that asked."""

    def _ipython_display_(self) -> None:
        if _execution_count() != self.execution:
            show: Any = display
            show(
                {
                    "text/markdown": self._repr_markdown_(),
                    "text/plain": self.answer or self.reason,
                },
                raw=True,
            )


def _execution_count() -> int:
    shell = get_ipython()
    return shell.execution_count if shell is not None else 0


def _typed(decorator: Any) -> Callable[[F], F]:  # noqa: ANN401 - IPython gives no types
    return cast("Callable[[F], F]", decorator)


@_typed(magics_class)
class AnalystMagics(Magics):
    """The magics, for one shell."""

    @_typed(no_var_expand)
    @_typed(line_cell_magic)
    def analyst(self, line: str, cell: str | None = None) -> ShownRun | None:
        """Ask a question about live DataFrames or files.

        %analyst [options] [DataFrames or files ...] question
        %%analyst [options] [DataFrames or files ...]
        question, over as many lines as it takes

        Where no data is named, the only DataFrame there is will do. The result is
        a Run: `run = %analyst df Which region grew?`, then run.answer, run.findings,
        run.code, run.figures, run.notebook, run.verdict.

        -o, --output FILE   where the notebook goes
        -n, --name VAR      a variable for the result
        --model NAME        a model of the server, or offline, the built-in one
        --base-url URL      an OpenAI-compatible server
        --key-env NAME      the environment variable that holds the server's key
        --wire NAME         auto, chat, responses or text: how to speak to it
        --window N          tokens that the model can read at once
        --timeout SECONDS   how long a cell may take
        --max-steps N       how many turns the model may take
        --max-tokens N      tokens that may be used, in and out
        --max-cost USD      what it may cost, where the price is known
        --max-seconds N     seconds that it may take in all
        --privacy LEVEL     samples, aggregates or schema: what the model gets to know
        --vision NAME       off or auto: whether it looks at its figures, if it can
        --record FILE       write each turn of the model down, to be replayed
        --sandbox NAME      auto, bwrap, landlock or none
        --memory SIZE       memory for cells, as 4GB; half of what is by default
        --kernel NAME       another kernel of Jupyter's, to run the cells in
        --no-verify         do not execute the notebook again to check it
        --dry-run           print the first request, and send nothing
        --                  ends the options and the data

        The stop button or Ctrl-C ends the run in good order; twice aborts it.
        """
        try:
            return self._ask(line, cell or "")
        except AnalystError as error:
            # The one exception that IPython shows without a traceback and that still
            # stops what was to run after this cell.
            raise UsageError(one_line(str(error), 1000)) from None

    def _ask(self, line: str, body: str) -> ShownRun | None:
        asked = read_magic_line(line, body, is_frame=self._is_frame, is_data=is_data)
        name = asked.options.get("name")
        if name is not None and not name.isidentifier():
            raise SettingsError(f"--name takes the name of a variable, not {name}.")
        if not asked.question:
            raise InputError(
                "There is no question: write it after the data, as in"
                " %analyst df Which region grew?"
            )
        data = self._data(asked)

        from analyst.session import Analyst  # noqa: PLC0415 - heavy until first asked

        with (
            Analyst(
                data,
                notebook=asked.options.get("output"),
                api_key=key_in(asked.options.get("key_env")),
                verify=False if "no_verify" in asked.options else None,
                **asked.settings,
            ) as analyst,
            interrupts_end_run(analyst.interrupt),
        ):
            if "dry_run" in asked.options:
                _print_first_request(analyst.preview(asked.question))
                return None
            with closing(analyst.stream(asked.question)) as events:
                run = watch(events, self._face())
        shown = self._shown(run)
        if name is not None:
            self._shell.user_ns[name] = shown
        return shown

    @property
    def _shell(self) -> InteractiveShell:
        return cast("InteractiveShell", self.shell)

    def _shown(self, run: Run) -> ShownRun:
        values = {each.name: getattr(run, each.name) for each in fields(run)}
        return ShownRun(**values, execution=_execution_count())

    def _face(self) -> Face:
        """The notebook's display where there is a front end, else a terminal's."""
        if hasattr(self._shell, "kernel"):
            from analyst.faces.display import NotebookDisplay  # noqa: PLC0415 - one of several

            return NotebookDisplay()
        return face_of_output()

    def _is_frame(self, word: str) -> bool:
        return word in _live_frames(self._shell, with_series=True)

    def _data(self, asked: MagicLine) -> Any:  # noqa: ANN401 - what a session takes
        """What was named, or the only DataFrame that there is."""
        live = _live_frames(self._shell, with_series=True)
        if not asked.frames and not asked.paths:
            names = list(_live_frames(self._shell))
            if len(names) != 1:
                choice = f"there are: {', '.join(names)}" if names else "there is none"
                raise InputError(
                    f"Name the data, a DataFrame or a file, before the question;"
                    f" of live DataFrames {choice}."
                )
            return {names[0]: live[names[0]]}
        if not asked.frames:
            return one_or_many(list(asked.paths))
        named = {name: live[name] for name in asked.frames}
        # The name of a file may tell what its owner does not want told.
        privacy = load_settings(privacy=asked.settings.get("privacy")).privacy
        for number, path in enumerate(asked.paths, 1):
            name = plain_stem(Path(path)) if privacy == "samples" else f"file_{number}"
            if name in named:
                raise InputError(
                    f"Two tables would have the name {name}: rename the DataFrame or"
                    " the file."
                )
            named[name] = path
        return named


def _print_first_request(preview: Preview) -> None:
    for line in (request_text(preview), *remarks(preview)):
        print(line)  # noqa: T201 - it is asked for to be read here


def _live_frames(
    shell: InteractiveShell, *, with_series: bool = False
) -> dict[str, Any]:
    """The tables of the user by name; IPython's own `_` variables left out.

    Without a name only what a library calls a DataFrame is meant; by name also a
    column, an array, or a table of any other library.
    """
    pandas = sys.modules.get("pandas")
    frames: dict[str, Any] = {}
    for name, value in shell.user_ns.items():
        if name.startswith("_") or isinstance(value, list | tuple | dict):
            continue
        if not is_live(value):
            continue
        if type(value).__name__ == "DataFrame":
            frames[name] = value
        elif with_series and pandas is not None and isinstance(value, pandas.Series):
            frames[name] = value.to_frame(value.name or name)
        elif with_series:
            frames[name] = value
    return frames


def _complete(shell: InteractiveShell, event: SimpleNamespace) -> list[str]:
    """Names of DataFrames and options; files are left to IPython."""
    known = [*_live_frames(shell, with_series=True), *OPTIONS, *FLAGS]
    found = [word for word in known if word.startswith(event.symbol)]
    if not found:
        raise TryNext
    return found


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """Make `%analyst` and `%%analyst` known; to load them twice does no harm."""
    unload_ipython_extension(ipython)
    ipython.register_magics(AnalystMagics)
    ipython.input_transformers_cleanup.append(keep_question_mark)
    for command in _COMPLETED:
        ipython.set_hook("complete_command", _complete, str_key=command)


def unload_ipython_extension(ipython: InteractiveShell) -> None:
    """Take away all that loading brought."""
    for magics in ipython.magics_manager.magics.values():
        magics.pop("analyst", None)
    # By name: after a reload of this module the function is another object.
    ipython.input_transformers_cleanup[:] = [
        each
        for each in ipython.input_transformers_cleanup
        if getattr(each, "__name__", "") != keep_question_mark.__name__
    ]
    completers = ipython.strdispatchers.get("complete_command")
    for command in _COMPLETED:
        if completers is not None:
            completers.strs.pop(command, None)
