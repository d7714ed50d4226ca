"""Which model and which kernel a session works with."""

from __future__ import annotations

from pathlib import Path

from analyst.errors import SettingsError
from analyst.seams import Kernel, Model
from analyst.settings import OPENAI_URL, Settings

__all__ = ["OFFLINE", "make_kernel", "make_model"]

OFFLINE = "offline"
"""Name of the built-in analyst, which needs neither key nor network."""

_OPENAI_MODEL = "gpt-4.1-mini"
"""For a key of OpenAI and no model named: cheap, and calls tools on this wire."""


def make_model(settings: Settings) -> Model:
    """The model that the settings name.

    Raises:
        SettingsError: a model was named, but no server that has it.
    """
    named = settings.model
    if named == OFFLINE or not (named or settings.base_url):
        from analyst.models.offline import OfflineModel  # noqa: PLC0415 - one of two

        return OfflineModel()
    if not settings.base_url:
        raise SettingsError(
            f"The model {named} needs a server: set OPENAI_API_KEY, or give "
            "--base-url, or use --model offline."
        )
    from analyst.models.chat import ChatModel  # noqa: PLC0415 - one of two

    if not named and settings.base_url == OPENAI_URL:
        named = _OPENAI_MODEL
    return ChatModel(
        model=named,
        base_url=settings.base_url,
        api_key=settings.api_key.get_secret_value(),
        timeout_seconds=settings.model_timeout,
    )


def make_kernel(settings: Settings, folder: Path) -> Kernel:
    """The kernel that the settings ask for.

    Raises:
        SettingsError: a sandbox was asked for that there is not.
    """
    if settings.sandbox in {"bwrap", "landlock"}:
        raise SettingsError(
            f"This version has no {settings.sandbox} sandbox: use --sandbox none."
        )
    from analyst.kernel.kernel import LocalKernel  # noqa: PLC0415 - slow to import

    return LocalKernel(folder=folder)
