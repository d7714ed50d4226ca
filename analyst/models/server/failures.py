"""What went wrong at a model's server, in one sentence that says what to do.

Whatever the client raises comes through `explain`: a server that said no becomes
`ModelRefused`, one that did not answer, or not as such servers do, `ModelUnavailable`.
No sentence ever holds a key, even where a server sends it back.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from analyst.errors import ContextTooLong, ModelError, ModelRefused, ModelUnavailable
from analyst.models.server.complaints import Complaint, complaint_of
from analyst.models.server.endpoint import Endpoint
from analyst.models.server.frames import NotAReply
from analyst.outputs import plain_text

__all__ = ["choose_a_model", "explain", "is_cut", "is_of_the_server", "no_responses"]

_MAX_NAMES = 8
_TRANSPORTS = {"httpx", "httpx2", "httpcore", "httpcore2", "h11", "h2", "anyio"}
_NO_HOST = re.compile(
    r"name or service|name resolution|nodename|no address", re.IGNORECASE
)
_NO_LISTENER = re.compile(r"refused|attempts failed", re.IGNORECASE)


def explain(
    error: Exception, endpoint: Endpoint, *, models: Sequence[str] = ()
) -> ModelError:
    """The error that the user reads.

    Args:
        error: what the client or its transport raised, or `NotAReply`.
        endpoint: where it was raised.
        models: the names that the server lists, where they are known.
    """
    import openai  # noqa: PLC0415 - slow; whoever has an error of it has loaded it

    match error:
        case NotAReply():
            return _no_reply(error, endpoint, models)
        case openai.APIStatusError():
            return _refusal(complaint_of(error), endpoint, models, _wait(error))
        case _ if "Timeout" in type(error).__name__:
            return _no_answer_in_time(error, endpoint)
        case _:
            return _no_connection(error, endpoint)


def is_of_the_server(error: Exception) -> bool:
    """Whether it is no fault of ours, but of the server or the way to it.

    The second version of the client lets exceptions of its transport through.
    """
    import openai  # noqa: PLC0415 - slow; whoever has an error of it has loaded it

    if isinstance(error, openai.OpenAIError | NotAReply | OSError):
        return True
    return type(error).__module__.partition(".")[0] in _TRANSPORTS


def is_cut(error: Exception) -> bool:
    """Whether a reply merely ended too early, rather than in an error of the server."""
    import openai  # noqa: PLC0415 - slow; whoever has an error of it has loaded it

    if isinstance(error, NotAReply):
        return error.error is None
    refused = isinstance(error, openai.APIStatusError)
    return is_of_the_server(error) and not refused


def no_responses(endpoint: Endpoint) -> ModelRefused:
    """The Responses API was asked for by name, and is not there."""
    return ModelRefused(
        f"{endpoint.host} has no Responses API: leave out --wire, or use --wire chat."
    )


def choose_a_model(endpoint: Endpoint, models: Sequence[str]) -> ModelRefused:
    """Several models are there, or none, and none was named."""
    if not models:
        return ModelRefused(
            f"{endpoint.host} has no model loaded: load one there and name it with "
            "--model."
        )
    return ModelRefused(
        f"{endpoint.host} has {len(models)} models: choose one with --model "
        f"({_some(models)})."
    )


def _no_reply(
    error: NotAReply, endpoint: Endpoint, models: Sequence[str]
) -> ModelError:
    """An answer that is no reply, or an error in place of one."""
    complaint = complaint_of(error)
    if complaint.status or complaint.is_about_credit or complaint.is_about_length:
        return _refusal(complaint, endpoint, models)
    if error.error is not None:
        said = endpoint.quote(complaint.text)
        return ModelUnavailable(
            f"{endpoint.host} answered with an error{said}: ask again, or choose "
            "another model with --model."
        )
    said = endpoint.quote(str(error))
    stream = "" if said else ", and whether the server streams its replies"
    return ModelUnavailable(
        f"{endpoint.host} did not answer like an OpenAI-compatible API{said}: "
        f"{endpoint.url_advice}{stream}."
    )


def _no_answer_in_time(error: Exception, endpoint: Endpoint) -> ModelError:
    if type(error.__cause__).__name__ == "ConnectTimeout":
        return ModelUnavailable(
            f"{endpoint.host} does not take connections: check the base URL and the "
            "network."
        )
    return ModelUnavailable(
        f"{endpoint.host} did not answer within {endpoint.timeout_seconds:g} s: raise "
        "ANALYST_MODEL_TIMEOUT, or ask again when the model has been loaded."
    )


def _no_connection(error: Exception, endpoint: Endpoint) -> ModelError:
    causes = "; ".join(str(cause) for cause in _causes(error))
    if "certificate" in causes.lower():
        return ModelUnavailable(
            f"The certificate of {endpoint.host} is not trusted here: set "
            "SSL_CERT_FILE to the file that holds your organisation's certificates."
        )
    if "[SSL" in causes:
        return ModelUnavailable(
            f"{endpoint.host} does not speak TLS: try a base URL with http:// in place "
            "of https://."
        )
    if _NO_HOST.search(causes):
        return ModelUnavailable(
            f"There is no host {endpoint.host}: check the base URL and the network."
        )
    if _NO_LISTENER.search(causes):
        return ModelUnavailable(
            f"Nothing listens at {endpoint.url}: start the server, or check the base "
            "URL."
        )
    return ModelUnavailable(
        f"The connection to {endpoint.url} broke off: check that the server runs, and "
        "ask again."
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _no_credit(endpoint: Endpoint) -> ModelError:
    return ModelRefused(
        f"The account at {endpoint.host} is out of credit: add credit there, or use "
        "another key or server."
    )


def _refusal(  # noqa: PLR0911 - a table
    complaint: Complaint,
    endpoint: Endpoint,
    models: Sequence[str],
    wait: str = "wait a little and ask again",
) -> ModelError:
    """By what it is about, and then by the status of the answer."""
    host, model = endpoint.host, endpoint.model
    said = endpoint.quote(complaint.text)
    if complaint.is_about_credit:
        return _no_credit(endpoint)
    if complaint.is_about_length:
        return _too_long(endpoint, said)
    match complaint.status:
        case 401 if not endpoint.api_key:
            return ModelRefused(
                f"{host} wants an API key and none was given: name the variable that "
                "holds it with --key-env, or set ANALYST_API_KEY along with "
                "ANALYST_BASE_URL (OPENAI_API_KEY where it is OpenAI's)."
            )
        case 401:
            return ModelRefused(
                f"{host} refused the API key{said}: check the key, and that it belongs "
                "to this server."
            )
        case 403:
            return ModelRefused(
                f"{host} does not let this key use {model}{said}: choose another model "
                "with --model, or another key."
            )
        case _ if complaint.is_about_the_model:
            return _unknown_model(complaint, endpoint, models)
        case 429:
            return ModelUnavailable(
                f"{host} takes no more requests for now{said}: {wait}."
            )
        case 503 if "load" in complaint.text.lower():
            return ModelUnavailable(
                f"{host} is still loading {model}{said}: ask again in a minute."
            )
        case status if status >= 500 or status in {408, 409}:  # noqa: PLR2004 - HTTP
            return ModelUnavailable(
                f"{host} fails with status {status}{said}: ask again later, or look "
                "into its log."
            )
        case _:
            return _bad_request(complaint, endpoint, said)


def _bad_request(complaint: Complaint, endpoint: Endpoint, said: str) -> ModelError:
    host, model = endpoint.host, endpoint.model
    if complaint.is_about_content:
        return ModelRefused(
            f"The content rules of {host} stopped the request{said}: put the question "
            "in other words."
        )
    if complaint.refuses_tools:
        return ModelRefused(
            f"{model} takes no tools at {host}{said}: choose another model with "
            "--model, or ask without tools by --wire text."
        )
    return ModelRefused(
        f"{host} refused the request with status {complaint.status}{said}: choose "
        "another model with --model, or another server."
    )


def _too_long(endpoint: Endpoint, said: str) -> ModelError:
    return ContextTooLong(
        f"The conversation is too long for {endpoint.model} at {endpoint.host}{said}: "
        "ask less at once, or choose a model with a larger context with --model."
    )


def _unknown_model(
    complaint: Complaint, endpoint: Endpoint, models: Sequence[str]
) -> ModelError:
    """A model that is not there, or a URL behind which there is no API at all."""
    host, model = endpoint.host, endpoint.model
    said = endpoint.quote(complaint.text)
    pull = ""
    if "try pulling" in complaint.text:
        pull = f", or run: ollama pull {model}"
    if models and model not in models:
        lowered = {name.lower(): name for name in models}
        close = difflib.get_close_matches(model.lower(), lowered, n=3, cutoff=0.5)
        if close:
            names = " or ".join(lowered[name] for name in close)
            return ModelRefused(f"{host} has no model {model}: did you mean {names}?")
        return ModelRefused(
            f"{host} has no model {model}: choose with --model from {_some(models)}"
            f"{pull}."
        )
    if complaint.names_no_model:
        return ModelRefused(
            f"{host} has no model {model}{said}: choose another with --model{pull}."
        )
    return ModelRefused(
        f"There is no chat API at {endpoint.url}{said}: {endpoint.url_advice}."
    )


def _some(models: Sequence[str]) -> str:
    names = ", ".join(plain_text(name) for name in models[:_MAX_NAMES])
    more = len(models) - _MAX_NAMES
    return f"{names} and {more} more" if more > 0 else names


def _wait(error: Exception) -> str:
    response = getattr(error, "response", None)
    seconds = str(getattr(response, "headers", {}).get("retry-after", ""))
    if not seconds.isdecimal():
        return "wait a little and ask again"
    return f"wait {seconds} s and ask again"
