"""What is really active on this machine, and the command that mends what is missing.

Versions are read from what is installed, a kernel is started for real, and a key is
told by the name of the variable that holds it: never shown, never sent.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlsplit

from analyst.errors import AnalystError, SettingsError
from analyst.events import Holding, Usage
from analyst.faces.words import money_words, one_line
from analyst.seams import Model, Request
from analyst.settings import Settings, load_settings

__all__ = ["Check", "checks"]

_PACKAGES = (
    "analyst",
    "ipykernel",
    "jupyter_client",
    "nbclient",
    "nbformat",
    "pandas",
    "matplotlib",
    "pyarrow",
    "duckdb",
    "openai",
)
_MARKS: Mapping[Holding, str] = {"held": "✓", "partial": "~", "open": "✗"}
_KEY_VARIABLES = ("ANALYST_API_KEY", "OPENAI_API_KEY")
_NOTHING = Request(messages=(), tools=(), question="")
"""To see whether it would go to a server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    words: str
    ok: bool = True
    """False where something that is needed does not work."""
    holding: Holding = "held"
    """How far it holds; `partial`: not all is there, and all that is needed is."""
    mend: str = ""
    """What to do about it."""

    @property
    def mark(self) -> str:
        """A sign to be seen at a glance."""
        return _MARKS[self.holding] if self.ok else _MARKS["open"]


def checks(
    *,
    key_env: str | None = None,
    env_file: str | None = None,
    **arguments: Any,  # noqa: ANN401 - settings, checked where they are loaded
) -> Iterator[Check]:
    """Look at one thing after the other, each when it is asked for.

    Args:
        key_env: the variable that holds the key in `arguments`.
        env_file: a `.env` file to be read too.
        arguments: settings, as `load_settings` takes them.
    """
    yield Check(name="python", words=f"{platform.python_version()} ({sys.executable})")
    yield _platform()
    yield from (_package(name) for name in _PACKAGES)
    yield from _model(key_env, env_file, arguments)
    yield from _sandbox(arguments)
    yield _kernel(arguments)


def _platform() -> Check:
    system = platform.system()
    words = f"{system} {platform.release()} ({platform.machine()})"
    match system:
        case "Linux":
            return Check(name="platform", words=words)
        case "Darwin":
            return Check(name="platform", words=f"{words}: no sandbox yet, untested")
        case _:
            return Check(
                name="platform",
                words=f"{words}: not supported",
                ok=False,
                mend="run it inside WSL: wsl --install",
            )


def _package(name: str) -> Check:
    try:
        return Check(name=name, words=version(name))
    except PackageNotFoundError:
        return Check(
            name=name,
            words="not installed",
            ok=False,
            mend=f"{sys.executable} -m pip install {name}",
        )


def _model(
    key_env: str | None, env_file: str | None, arguments: Mapping[str, Any]
) -> Iterator[Check]:
    try:
        from analyst.session.wiring import make_model  # noqa: PLC0415 - may be missing

        settings = load_settings(env_file=env_file, **arguments)
        model = make_model(settings)
    except (AnalystError, ModuleNotFoundError) as error:
        yield _broken("model", error, "correct that option or variable")
        return
    if model.name == "offline":
        yield Check(
            name="model",
            words="offline, the built-in analyst; it needs no server and no key",
        )
        return
    if not model.preview(_NOTHING).url:
        yield Check(name="model", words=f"{one_line(model.name)}; it needs no server")
        return
    yield Check(
        name="model",
        words=one_line(model.name) or "the only one that the server offers",
    )
    yield _server(settings)
    yield _key(settings, key_env, env_file)
    yield _wire(settings, model.name)
    yield Check(name="window", words=f"{model.window_tokens:,} tokens at once")
    yield _price(model)


def _server(settings: Settings) -> Check:
    """The host alone: user names and passwords may stand in a URL."""
    host = urlsplit(settings.base_url).hostname
    if not host:
        return Check(
            name="server",
            words="the base URL names no host",
            ok=False,
            mend="write it as https://HOST/v1",
        )
    return Check(name="server", words=one_line(host))


def _key(settings: Settings, key_env: str | None, env_file: str | None) -> Check:
    key = settings.api_key.get_secret_value()
    if not key:
        return Check(
            name="key",
            words="none is sent; a server that wants one needs --key-env NAME beside"
            " --base-url",
        )
    named = [key_env] if key_env else []
    holder = next(
        (name for name in (*named, *_KEY_VARIABLES) if os.environ.get(name) == key),
        env_file,
    )
    return Check(name="key", words=f"from {holder}")


def _wire(settings: Settings, model: str) -> Check:
    """How the server will be spoken to first, and who says so."""
    from analyst.models.server.endpoint import Endpoint  # noqa: PLC0415 - only for a server
    from analyst.models.server.quirks import quirks_of  # noqa: PLC0415 - only for a server
    from analyst.models.server.switching import usual_wire  # noqa: PLC0415 - as above

    if settings.wire != "auto":
        return Check(name="wire", words=f"{settings.wire}, as you said")
    endpoint = Endpoint(
        model=model, base_url=settings.base_url, api_key="", timeout_seconds=1
    )
    learnt = quirks_of(endpoint.host, model)
    if learnt.wire:
        why = f": {one_line(learnt.why)}" if learnt.why else ""
        words = f"{learnt.wire}, remembered{why}"
    else:
        words = f"{usual_wire(endpoint)}, by rule"
    if learnt.refused:
        words += f"; without {one_line(', '.join(learnt.refused))}, remembered"
    return Check(name="wire", words=words)


def _price(model: Model) -> Check:
    """What tokens cost there; it is no fault where that is not known."""
    from analyst.models.pricing import is_installed  # noqa: PLC0415 - only for a server

    # Of a length that no provider charges more for.
    read = model.price(Usage(fresh_tokens=1000, requests=1))
    written = model.price(Usage(output_tokens=1000, requests=1))
    if read is not None and written is not None:
        said = f"{money_words(1000 * read)} in, {money_words(1000 * written)} out"
        return Check(name="price", words=f"{said}, for a million tokens")
    if not is_installed():
        return Check(
            name="price",
            words="not known: there is no list of prices",
            holding="partial",
            mend=f"{sys.executable} -m pip install 'analyst[prices]'",
        )
    return Check(
        name="price", words="not in the list of prices: tokens alone are shown"
    )


def _sandbox(arguments: Mapping[str, Any]) -> Iterator[Check]:
    """The sandbox in force, and each protection as it was found by trying."""
    try:
        from analyst.kernel import choose, trial  # noqa: PLC0415 - slow

        wanted = load_settings(**arguments).sandbox
        sandbox = choose.choose(wanted, is_own_code=False)
        tried = trial.try_out(sandbox.name)
    except (AnalystError, ModuleNotFoundError) as error:
        yield _broken("sandbox", error, "the offline analyst works without one")
        return
    said = "none, as you said" if wanted == "none" else sandbox.name
    yield Check(name="sandbox", words=said)
    for each in tried.protections:
        note = f": {each.note}" if each.note else ""
        yield Check(
            name=f"  {each.name}",
            words=f"{each.holding}{note}",
            holding=each.holding,
            mend=choose.how_to_hold(each, tried),
        )


def _kernel(arguments: Mapping[str, Any]) -> Check:
    try:
        from analyst.session import probe_kernel  # noqa: PLC0415 - may be missing

        settings = load_settings(**arguments)
        seconds = probe_kernel(settings)
    except SettingsError as error:
        return _broken("kernel", error, "see above")
    except (AnalystError, ModuleNotFoundError) as error:
        mend = f"{sys.executable} -m pip install --force-reinstall ipykernel"
        return _broken("kernel", error, mend)
    return Check(
        name="kernel",
        words=f"{settings.kernel or 'python3'} starts in {seconds:.1f} s",
    )


def _broken(name: str, error: Exception, mend: str) -> Check:
    """What an error of the family says; a missing module is told by its package."""
    if isinstance(error, ModuleNotFoundError):
        mend = "install what is missing above"
    return Check(name=name, words=one_line(str(error), 300), ok=False, mend=mend)
