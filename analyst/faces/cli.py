"""The command line: `analyst`, `python -m analyst` and `jupyter analyst`.

What a command prints and what it returns to the shell is a contract: 0 answered and
reproduced, 1 anything less, 2 bad input or usage, 130 aborted. What is heavy is
imported inside the commands, so that `--help` is quick.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analyst.errors import AnalystError, InputError, SettingsError
from analyst.faces.given import is_file, key_in
from analyst.faces.options import (
    BaseUrl,
    EnvFile,
    Events,
    Json,
    Kernel,
    KeyEnv,
    MaxSeconds,
    MaxSteps,
    MaxTokens,
    Memory,
    Model,
    NoVerify,
    Output,
    Quiet,
    Sandbox,
    Seed,
    Timeout,
)

if TYPE_CHECKING:
    from analyst.events import Event
    from analyst.faces.face import Face
    from analyst.run import Run
    from analyst.session import Analyst, Rerun
    from analyst.session.portal import Pulled

__all__ = ["app", "main"]

NOT_ANSWERED = 1
BAD_INPUT = 2

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Ask a question about a table; get an answer and a notebook that proves it.",
)


# The commands.


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - slow, seldom asked

        typer.echo(f"analyst {version('analyst')}")
        raise typer.Exit


@app.callback()
def _common(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version and leave.",
        ),
    ] = False,
) -> None:
    pass


@app.command()
def ask(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar='DATA... "QUESTION"', help="Files of data, then the question."
        ),
    ],
    *,
    output: Output = None,
    model: Model = None,
    base_url: BaseUrl = None,
    key_env: KeyEnv = None,
    env_file: EnvFile = None,
    timeout: Timeout = None,
    max_steps: MaxSteps = None,
    max_tokens: MaxTokens = None,
    max_seconds: MaxSeconds = None,
    sandbox: Sandbox = None,
    memory: Memory = None,
    kernel: Kernel = None,
    seed: Seed = None,
    no_verify: NoVerify = False,
    json: Json = False,
    events: Events = False,
    quiet: Quiet = False,
) -> None:
    """Answer a question about files of data and write the notebook."""
    from analyst.session import Analyst  # noqa: PLC0415 - heavy

    face = _face(json=json, events=events, quiet=quiet)
    data, question = _data_and_question(words)
    with Analyst(
        data,
        notebook=output,
        env_file=env_file,
        model=model,
        base_url=base_url,
        api_key=key_in(key_env),
        timeout=timeout,
        max_steps=max_steps,
        max_tokens=max_tokens,
        max_seconds=max_seconds,
        sandbox=sandbox,
        memory=memory,
        kernel=kernel,
        seed=seed,
        verify=False if no_verify else None,
    ) as analyst:
        run = _watched(analyst, analyst.stream(question), face)
        to_be_checked = analyst.settings.verify
    raise typer.Exit(_exit_code(run, to_be_checked=to_be_checked))


@app.command()
def rerun(
    notebook: Annotated[
        Path, typer.Argument(metavar="NB", help="An earlier notebook.")
    ],
    data: Annotated[list[str], typer.Argument(metavar="DATA...", help="New data.")],
    *,
    output: Output = None,
    timeout: Timeout = None,
    sandbox: Sandbox = None,
    memory: Memory = None,
    kernel: Kernel = None,
    no_verify: NoVerify = False,
    json: Json = False,
    events: Events = False,
    quiet: Quiet = False,
) -> None:
    """Execute an earlier notebook on new data; no model takes part."""
    from analyst.session import Rerun  # noqa: PLC0415 - heavy

    face = _face(json=json, events=events, quiet=quiet)
    with Rerun(
        notebook,
        _one_or_many(data),
        notebook=output,
        timeout=timeout,
        sandbox=sandbox,
        memory=memory,
        kernel=kernel,
        verify=False if no_verify else None,
    ) as again:
        run = _watched(again, again.stream(), face)
        to_be_checked = again.settings.verify
    raise typer.Exit(_exit_code(run, to_be_checked=to_be_checked))


@app.command()
def verify(
    notebook: Annotated[Path, typer.Argument(metavar="NB", help="A notebook.")],
    *,
    timeout: Timeout = None,
    sandbox: Sandbox = None,
    memory: Memory = None,
    kernel: Kernel = None,
) -> None:
    """Execute a notebook from zero and compare its outputs."""
    from analyst import session  # noqa: PLC0415 - heavy
    from analyst.faces.progress import one_line, verdict_words  # noqa: PLC0415 - heavy

    with _waiting(f"executing {notebook.name} from zero"):
        verdict = session.verify(
            notebook, timeout=timeout, sandbox=sandbox, memory=memory, kernel=kernel
        )
    typer.echo(verdict_words(verdict.status))
    for difference in verdict.differences:
        typer.echo(f"  {one_line(difference, 300)}")
    if verdict.status == "unchecked":
        raise typer.Exit(BAD_INPUT)
    raise typer.Exit(0 if verdict.reproduced else NOT_ANSWERED)


@app.command()
def doctor(
    *,
    model: Model = None,
    base_url: BaseUrl = None,
    key_env: KeyEnv = None,
    env_file: EnvFile = None,
    sandbox: Sandbox = None,
    kernel: Kernel = None,
) -> None:
    """Say what is really active here, and how to mend what is missing."""
    from analyst.faces.doctor import checks  # noqa: PLC0415 - heavy

    healthy = True
    for check in checks(
        key_env=key_env,
        env_file=str(env_file) if env_file else None,
        model=model,
        base_url=base_url,
        api_key=key_in(key_env),
        sandbox=sandbox,
        kernel=kernel,
    ):
        typer.echo(f"{check.mark} {check.name:<15} {check.words}")
        if check.mend:
            typer.echo(f"  {'':<15} → {check.mend}")
        healthy = healthy and check.ok
    raise typer.Exit(0 if healthy else NOT_ANSWERED)


# What the commands are made of.


def _data_and_question(words: list[str]) -> tuple[str | list[str], str]:
    """The last word is the question, all before it are data."""
    *data, question = words
    if not data:
        raise InputError(
            "There is data or a question missing: write"
            ' analyst ask DATA "QUESTION", the question in quotes.'
        )
    if is_file(question):
        raise InputError(
            f"The last word must be the question, but {question} is a file: write"
            ' analyst ask DATA "QUESTION".'
        )
    return _one_or_many(data), question


def _one_or_many(data: list[str]) -> str | list[str]:
    return data[0] if len(data) == 1 else data


def _face(*, json: bool, events: bool, quiet: bool) -> Face:
    """Who shows the run: what was asked for, else what the output can bear."""
    from analyst.faces import plain  # noqa: PLC0415 - heavy

    if json + events + quiet > 1:
        raise SettingsError("--json, --events and --quiet exclude each other: use one.")
    if json:
        return plain.JsonObject(sys.stdout)
    if events:
        return plain.EventLines(sys.stdout)
    if quiet:
        return plain.AnswerOnly(sys.stdout)
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return plain.PlainLog(sys.stdout)

    from rich.console import Console  # noqa: PLC0415 - only for a terminal

    from analyst.faces.terminal import Terminal  # noqa: PLC0415 - only for a terminal

    return Terminal(Console(highlight=False))


def _watched(session: Analyst | Rerun, events: Pulled[Event], face: Face) -> Run:
    """The run that the events come to, shown; the first signal ends it in order."""
    from analyst.faces.face import watch  # noqa: PLC0415 - heavy
    from analyst.faces.interrupts import interrupts_end_run  # noqa: PLC0415 - heavy

    signals = (signal.SIGINT, signal.SIGTERM)
    with interrupts_end_run(session.interrupt, signals), closing(events):
        return watch(events, face)


def _exit_code(run: Run, *, to_be_checked: bool) -> int:
    proven = run.verdict.reproduced or not to_be_checked
    return 0 if run.stop == "answered" and proven else NOT_ANSWERED


def _waiting(words: str) -> Any:  # noqa: ANN401 - a status of rich, or nothing
    """A sign of life where somebody is looking."""
    if not sys.stdout.isatty():
        return nullcontext()

    from rich.console import Console  # noqa: PLC0415 - only for a terminal
    from rich.text import Text  # noqa: PLC0415 - only for a terminal

    return Console(highlight=False).status(Text(words))


def _program() -> str:
    """The name by which the user called it."""
    match Path(sys.argv[0]).name:
        case "__main__.py":
            return "python -m analyst"
        case "jupyter-analyst":
            return "jupyter analyst"
        case _:
            return "analyst"


def main() -> None:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    # Ended from outside, a run still puts its kernel away.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app(prog_name=_program())
    except AnalystError as error:
        from analyst.faces.progress import one_line  # noqa: PLC0415 - seldom needed

        typer.echo(f"analyst: {one_line(str(error), 1000)}", err=True)
        sys.exit(BAD_INPUT)
