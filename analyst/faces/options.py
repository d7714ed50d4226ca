"""The options of the command line, each defined once and used by every command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "BaseUrl",
    "DryRun",
    "EnvFile",
    "Events",
    "Json",
    "Kernel",
    "KeyEnv",
    "MaxCost",
    "MaxSeconds",
    "MaxSteps",
    "MaxTokens",
    "Memory",
    "Model",
    "NoVerify",
    "Output",
    "Privacy",
    "Quiet",
    "Record",
    "Sandbox",
    "Seed",
    "Timeout",
    "Vision",
    "Window",
    "Wire",
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
Wire = Annotated[
    str | None,
    typer.Option(
        metavar="auto|chat|responses|text",
        help="How to speak to the server; found out by itself.",
    ),
]
Window = Annotated[
    int | None,
    typer.Option(metavar="N", help="Tokens that the model can read at once."),
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
MaxCost = Annotated[
    float | None,
    typer.Option(
        metavar="USD", help="What it may cost, for models whose price is known."
    ),
]
MaxSeconds = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="How long it may take in all.")
]
Privacy = Annotated[
    str | None,
    typer.Option(
        metavar="samples|aggregates|schema",
        help="What the model gets to know of the data; samples.",
    ),
]
Vision = Annotated[
    str | None,
    typer.Option(
        metavar="off|auto", help="Let the model look at its figures, if it can; off."
    ),
]
Record = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write each turn of the model down, for `--model replay:FILE`.",
    ),
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
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Print the first request as it would be sent; send nothing."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Events = Annotated[
    bool, typer.Option("--events", help="Print each event as a line of JSON.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the answer alone.")]
