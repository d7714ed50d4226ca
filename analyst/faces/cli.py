"""The command line: `analyst`, `python -m analyst` and `jupyter analyst`.

What a command prints and what it returns to the shell is a contract: 0 answered and
reproduced, 1 anything less, 2 bad input or usage, 130 aborted. What is heavy is
imported inside the commands, so that `--help` is quick.
"""

from __future__ import annotations

import io
import signal
import sys
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analyst.errors import AnalystError
from analyst.faces import options
from analyst.faces.given import data_and_question, key_in, one_or_many

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
    output: options.Output = None,
    model: options.Model = None,
    base_url: options.BaseUrl = None,
    key_env: options.KeyEnv = None,
    env_file: options.EnvFile = None,
    wire: options.Wire = None,
    window: options.Window = None,
    timeout: options.Timeout = None,
    max_steps: options.MaxSteps = None,
    max_tokens: options.MaxTokens = None,
    max_cost: options.MaxCost = None,
    max_seconds: options.MaxSeconds = None,
    privacy: options.Privacy = None,
    vision: options.Vision = None,
    record: options.Record = None,
    sandbox: options.Sandbox = None,
    memory: options.Memory = None,
    kernel: options.Kernel = None,
    seed: options.Seed = None,
    no_verify: options.NoVerify = False,
    dry_run: options.DryRun = False,
    json: options.Json = False,
    events: options.Events = False,
    quiet: options.Quiet = False,
) -> None:
    """Answer a question about files of data and write the notebook."""
    from analyst.faces.chosen import face_asked_for  # noqa: PLC0415 - heavy
    from analyst.session import Analyst  # noqa: PLC0415 - heavy

    face = face_asked_for(json=json, events=events, quiet=quiet)
    data, question = data_and_question(words)
    with Analyst(
        data,
        notebook=output,
        env_file=env_file,
        model=model,
        base_url=base_url,
        api_key=key_in(key_env),
        wire=wire,
        window=window,
        timeout=timeout,
        max_steps=max_steps,
        max_tokens=max_tokens,
        max_cost=max_cost,
        max_seconds=max_seconds,
        privacy=privacy,
        vision=vision,
        record=record,
        sandbox=sandbox,
        memory=memory,
        kernel=kernel,
        seed=seed,
        verify=False if no_verify else None,
    ) as analyst:
        if dry_run:
            _print_first_request(analyst, question)
            raise typer.Exit
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
    output: options.Output = None,
    timeout: options.Timeout = None,
    sandbox: options.Sandbox = None,
    memory: options.Memory = None,
    kernel: options.Kernel = None,
    no_verify: options.NoVerify = False,
    json: options.Json = False,
    events: options.Events = False,
    quiet: options.Quiet = False,
) -> None:
    """Execute an earlier notebook on new data; no model takes part."""
    from analyst.faces.chosen import face_asked_for  # noqa: PLC0415 - heavy
    from analyst.session import Rerun  # noqa: PLC0415 - heavy

    face = face_asked_for(json=json, events=events, quiet=quiet)
    with Rerun(
        notebook,
        one_or_many(data),
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
    timeout: options.Timeout = None,
    sandbox: options.Sandbox = None,
    memory: options.Memory = None,
    kernel: options.Kernel = None,
) -> None:
    """Execute a notebook from zero and compare its outputs."""
    from analyst import session  # noqa: PLC0415 - heavy
    from analyst.faces.words import one_line, verdict_words  # noqa: PLC0415 - heavy

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
    model: options.Model = None,
    base_url: options.BaseUrl = None,
    key_env: options.KeyEnv = None,
    env_file: options.EnvFile = None,
    wire: options.Wire = None,
    sandbox: options.Sandbox = None,
    kernel: options.Kernel = None,
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
        wire=wire,
        sandbox=sandbox,
        kernel=kernel,
    ):
        typer.echo(f"{check.mark} {check.name:<15} {check.words}")
        if check.mend:
            typer.echo(f"  {'':<15} → {check.mend}")
        healthy = healthy and check.ok
    raise typer.Exit(0 if healthy else NOT_ANSWERED)


# What the commands are made of.


def _print_first_request(session: Analyst, question: str) -> None:
    """The request on stdout, to be read by a program too; the rest on stderr."""
    from analyst.faces.dry_run import remarks, request_text  # noqa: PLC0415 - seldom

    with _waiting("looking at the data"):
        preview = session.preview(question)
    typer.echo(request_text(preview))
    for remark in remarks(preview):
        typer.echo(remark, err=True)


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
        from analyst.faces.words import one_line  # noqa: PLC0415 - seldom needed

        typer.echo(f"analyst: {one_line(str(error), 1000)}", err=True)
        sys.exit(BAD_INPUT)
