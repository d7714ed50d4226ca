"""The settings: one frozen object, a sentence under each field.

Where a value comes from, first one wins: an argument, the environment, a `.env` file
that was asked for by name, the default. A key goes only to the URL that came from
the same source, so that a stray file cannot send a key of the environment elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
from pydantic import ConfigDict, Field, NonNegativeInt, PositiveInt

from analyst.errors import SettingsError
from analyst.events import Privacy

__all__ = ["OPENAI_URL", "READING_TIMEOUTS", "Settings", "load_settings"]

OPENAI_URL = "https://api.openai.com/v1"
READING_TIMEOUTS = 10
"""A cell that reads a whole file may take so many times `timeout`."""
_PREFIX = "ANALYST_"
_LEAST_MEMORY_BYTES = 512_000_000  # pandas alone reserves 350 MB
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Settings(pydantic.BaseModel):
    """How a session works. Immutable; `load_settings` makes one."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True
    )

    model: str = ""
    """Name of the model at the server; `offline` is the built-in analyst; empty: the
    server's only model, or `offline` where there is neither key nor URL."""
    base_url: str = ""
    """URL of an OpenAI-compatible server, with its `/v1`."""
    api_key: pydantic.SecretStr = pydantic.SecretStr("")
    """Key for `base_url`. Never written anywhere, never given to the kernel."""
    wire: Literal["auto", "chat", "responses", "text"] = "auto"
    """How to speak to the server: chat completions, the Responses API, or text alone,
    for models without tools; found out by itself."""
    window: Annotated[int, Field(ge=2048)] | None = None
    """Tokens that the model can read at once, where that is not what is known of it."""
    timeout: Seconds = 30.0
    """Seconds that a cell may take; ten times as many where it reads a whole file."""
    model_timeout: Seconds = 600.0
    """Seconds that the server may take for the next piece of a reply."""
    max_fixes: NonNegativeInt = 3
    """How many times failing code of a step is rewritten before it is given up."""
    max_steps: PositiveInt = 24
    """How many turns the model may take for a question."""
    max_tokens: PositiveInt | None = None
    """Tokens that a question may use, in and out, checked before each request."""
    max_cost: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """US dollars that a question may cost; only for models whose price is known."""
    max_seconds: Seconds | None = None
    """Seconds that a question may take, verification not counted."""
    result_tokens: Annotated[int, Field(ge=60)] = 250
    """About how much of a cell's output the model gets to read."""
    output_bytes: Annotated[int, Field(ge=256)] = 8192
    """How much it gets to read where it asks for all of it, head and tail."""
    privacy: Privacy = "samples"
    """What the model gets to know of the data: ranges, spellings and outputs; numbers
    of groups of five rows or more; names and types of columns alone."""
    vision: Literal["off", "auto"] = "off"
    """Whether the model looks at its figures before it answers, where it can see and
    privacy is `samples`."""
    record: Path | None = None
    """A file to which each turn of the model is written, to be replayed."""
    sandbox: Literal["auto", "bwrap", "landlock", "none"] = "auto"
    """What holds code that a model wrote."""
    memory: Annotated[pydantic.ByteSize, Field(ge=_LEAST_MEMORY_BYTES)] | None = None
    """Memory that cells may take, such as `4GB`; half of the machine's by default."""
    kernel: str = ""
    """The kernelspec of another environment to run the cells in."""
    verify: bool = True
    """Execute the finished notebook again from zero and compare."""
    seed: NonNegativeInt = 0
    """Seed of the random generators, set in the notebook."""


def load_settings(
    *,
    environ: Mapping[str, str] | None = None,
    env_file: str | Path | None = None,
    **arguments: Any,  # noqa: ANN401 - pydantic checks each
) -> Settings:
    """Settings from arguments, the environment and a `.env` file, in that order.

    Args:
        environ: the environment; that of the process where None.
        env_file: a `.env` file; none is read unless it is named.
        arguments: fields of `Settings`; None stands for not given.

    Raises:
        SettingsError: a value is unknown, malformed or out of its range.

    Example:
        >>> load_settings(environ={"ANALYST_TIMEOUT": "5"}).timeout
        5.0
    """
    layers = [
        {name: value for name, value in arguments.items() if value is not None},
        _from_environ(os.environ if environ is None else environ),
        _from_environ(_read_env_file(env_file)) if env_file is not None else {},
    ]
    values: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.items():
            if name not in {"api_key", "base_url"}:
                values.setdefault(name, value)
    values |= _key_and_url(layers)
    try:
        return Settings(**values)
    except pydantic.ValidationError as error:
        raise SettingsError(_sentence(error)) from None


def _key_and_url(layers: list[dict[str, Any]]) -> dict[str, Any]:
    """Key and URL of the first source that names either, never mixed."""
    for layer in layers:
        if layer.get("api_key") or layer.get("base_url"):
            return {
                "base_url": layer.get("base_url") or OPENAI_URL,
                "api_key": layer.get("api_key") or "",
            }
    return {}


def _from_environ(environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings that an environment names.

    `ANALYST_API_KEY` and `ANALYST_BASE_URL` come before OpenAI's own pair, and are
    a pair of their own.
    """
    found = {
        name: environ[variable]
        for name in Settings.model_fields
        if (variable := _PREFIX + name.upper()) in environ and environ[variable]
    }
    if "api_key" not in found and "base_url" not in found:
        found |= {
            name: environ[variable]
            for name, variable in (
                ("api_key", "OPENAI_API_KEY"),
                ("base_url", "OPENAI_BASE_URL"),
            )
            if environ.get(variable)
        }
    return found


def _read_env_file(path: str | Path) -> Mapping[str, str]:
    from dotenv import dotenv_values  # noqa: PLC0415 - only where a file is named

    if not Path(path).is_file():
        raise SettingsError(f"There is no settings file {path}: check --env-file.")
    try:
        found = dotenv_values(path)
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            f"The settings file {path} cannot be read: it must be text, NAME=value."
        ) from None
    return {name: value or "" for name, value in found.items()}


def _sentence(error: pydantic.ValidationError) -> str:
    """What is wrong with the first bad value, without the value of a secret."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"]) or "settings"
    if first["type"] == "extra_forbidden":
        known = ", ".join(Settings.model_fields)
        return f"There is no setting {name}; there are: {known}."
    given = "" if name == "api_key" else f", not {first['input']!r}"
    wanted = first["msg"].removeprefix("Input ").rstrip(".")
    if name == "memory":
        wanted = "should be a size of 512MB or more, such as 4GB"
    return f"The setting {name} {wanted}{given}."
