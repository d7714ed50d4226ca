"""Which model and which kernel a session works with."""

from __future__ import annotations

from pathlib import Path

from analyst.errors import SettingsError
from analyst.kernel.terms import Terms
from analyst.models.recording.record import REPLAY, RecordingModel
from analyst.seams import Kernel, Model
from analyst.settings import OPENAI_URL, Settings

__all__ = ["OFFLINE", "kernel_terms", "make_kernel", "make_model", "recorded"]

OFFLINE = "offline"
"""Name of the built-in analyst, which needs neither key nor network."""

_OPENAI_MODEL = "gpt-4.1-mini"
"""For a key of OpenAI and no model named: cheap, and calls tools on this wire."""


def make_model(settings: Settings) -> Model:
    """The model that the settings name.

    Raises:
        SettingsError: a model was named, but no server that has it; or a recording
            that cannot be replayed.
    """
    named = settings.model
    if named.startswith(REPLAY):
        from analyst.models.recording.replay import ReplayModel  # noqa: PLC0415 - seldom needed

        return ReplayModel(named.removeprefix(REPLAY))
    if named == OFFLINE or not (named or settings.base_url):
        from analyst.models.offline import OfflineModel  # noqa: PLC0415 - one of two

        return OfflineModel()
    if not settings.base_url:
        raise SettingsError(
            f"The model {named} needs a server: set OPENAI_API_KEY, or give "
            "--base-url, or use --model offline."
        )
    from analyst.models.served import ServedModel  # noqa: PLC0415 - one of two

    if not named and settings.base_url == OPENAI_URL:
        named = _OPENAI_MODEL
    return ServedModel(
        model=named,
        base_url=settings.base_url,
        api_key=settings.api_key.get_secret_value(),
        timeout_seconds=settings.model_timeout,
        wire=settings.wire,
        window_tokens=settings.window,
    )


def recorded(model: Model, settings: Settings) -> Model:
    """The model, its turns written to a file where the settings say so.

    Raises:
        SettingsError: they cannot be written there.
    """
    return RecordingModel(model, settings.record) if settings.record else model


def kernel_terms(settings: Settings, folder: Path, *, is_own_code: bool) -> Terms:
    """Under which terms the kernels of a session start; its inputs are still to come.

    Args:
        settings: the sandbox, the memory and the kernel that were asked for.
        folder: where the notebook lies.
        is_own_code: only code of the built-in analyst will run.

    Raises:
        SettingsError: no sandbox works and none was not said, or there is no such
            kernel.
    """
    from analyst.kernel.choose import choose  # noqa: PLC0415 - seldom needed
    from analyst.kernel.interpreter import (  # noqa: PLC0415 - seldom needed
        named_interpreter,
        this_interpreter,
    )
    from analyst.kernel.sandbox.policy import default_limits  # noqa: PLC0415 - as above

    named = settings.kernel
    return Terms(
        folder=folder,
        sandbox=choose(settings.sandbox, is_own_code=is_own_code).name,
        limits=default_limits(settings.memory),
        interpreter=named_interpreter(named) if named else this_interpreter(),
    )


def make_kernel(terms: Terms) -> Kernel:
    """A kernel under these terms."""
    from analyst.kernel.kernel import LocalKernel  # noqa: PLC0415 - slow to import

    return LocalKernel(terms)
