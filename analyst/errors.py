"""What can go wrong in a way that the caller should hear.

    AnalystError
      + InputError          the data, the question or a path cannot be used
      + SettingsError       a setting is missing, misspelt or out of its range
      + ModelError          the model's server cannot be used
      |   + ModelRefused    it answered, and said no: key, model name, request
      |   |   + ContextTooLong  the conversation is longer than the model can read
      |   + ModelUnavailable  it did not answer, or not as such a server does
      + KernelError         the kernel cannot be used
      |   + KernelStartError  it did not start
      |   + ReplayError     the successful cells did not run a second time
      + NotebookError       a notebook cannot be read or written
      + Unanswered          a run ended without an answer (`Run.check`)

Who must hear it decides what it is. A mistake of the model is a fact that the
model reads next; a limit that was reached is a result, `Run.stop`; a mistake of
the user is one of these, one sentence that says what is wrong and what to do;
a mistake of ours raises whatever Python raises.
"""

from __future__ import annotations

__all__ = [
    "AnalystError",
    "ContextTooLong",
    "InputError",
    "KernelError",
    "KernelStartError",
    "ModelError",
    "ModelRefused",
    "ModelUnavailable",
    "NotebookError",
    "ReplayError",
    "SettingsError",
    "Unanswered",
]


class AnalystError(Exception):
    """The root of the family: catch it to catch all that a user can mend."""


class InputError(AnalystError):
    """The data, the question or a path that was given cannot be used."""


class SettingsError(AnalystError):
    """A setting is missing, misspelt or out of its range."""


class ModelError(AnalystError):
    """The model's server cannot be used."""


class ModelRefused(ModelError):  # noqa: N818 - reads as what happened
    """The server answered and said no: to the key, the model's name, the request."""


class ContextTooLong(ModelRefused):
    """The conversation is longer than the model can read."""


class ModelUnavailable(ModelError):  # noqa: N818 - reads as what happened
    """The server did not answer, or not as an OpenAI-compatible server does."""


class KernelError(AnalystError):
    """The kernel cannot be used."""


class KernelStartError(KernelError):
    """The kernel did not start."""


class ReplayError(KernelError):
    """Cells that had succeeded did not run again in a fresh kernel."""


class NotebookError(AnalystError):
    """A notebook cannot be read or written."""


class Unanswered(AnalystError):  # noqa: N818 - reads as what happened
    """A run ended without an answer; its reason is the message."""
