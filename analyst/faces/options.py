"""The options of the command line, each defined once and used by every command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "BaseUrl",
    "EnvFile",
    "Events",
    "Json",
    "Kernel",
    "KeyEnv",
    "MaxSeconds",
    "MaxSteps",
    "MaxTokens",
    "Memory",
    "Model",
    "NoVerify",
    "Output",
    "Quiet",
    "Sandbox",
    "Seed",
    "Timeout",
]

Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Where the notebook goes."),
]
Model = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="A model of the server, or `offline`, the built-in one."
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="An OpenAI-compatible server. No key is sent to it but that of --key-env.",
    ),
]
KeyEnv = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="The environment variable that holds the server's key."
    ),
]
EnvFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Read settings from this .env file too."),
]
Timeout = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", help="How long a cell may take; 30."),
]
MaxSteps = Annotated[
    int | None, typer.Option(metavar="N", help="How many turns the model may take; 24.")
]
MaxTokens = Annotated[
    int | None, typer.Option(metavar="N", help="Tokens that may be used, in and out.")
]
MaxSeconds = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="How long it may take in all.")
]
Sandbox = Annotated[
    str | None,
    typer.Option(
        metavar="auto|bwrap|landlock|none", help="What holds code that a model wrote."
    ),
]
Memory = Annotated[
    str | None,
    typer.Option(metavar="SIZE", help="Memory for cells, as 4GB; half of what is."),
]
Kernel = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Run the cells in this kernel of Jupyter's."),
]
Seed = Annotated[
    int | None, typer.Option(metavar="N", help="Seed of the random generators; 0.")
]
NoVerify = Annotated[
    bool,
    typer.Option("--no-verify", help="Do not execute the notebook again to check it."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Events = Annotated[
    bool, typer.Option("--events", help="Print each event as a line of JSON.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the answer alone.")]
