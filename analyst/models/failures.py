"""What went wrong at a model's server, in one sentence that says what to do.

Whatever the client raises comes through `explain`: a server that said no becomes
`ModelRefused`, one that did not answer, or not as such servers do, `ModelUnavailable`.
No sentence ever holds a key, even where a server sends it back.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Sequence

from analyst.errors import ModelError, ModelRefused, ModelUnavailable
from analyst.models.endpoint import Endpoint
from analyst.models.replies import NotAReply
from analyst.outputs import plain_text

__all__ = [
    "choose_a_model",
    "explain",
    "is_about_the_model",
    "is_cut",
    "refuses_parameter",
]

_MAX_NAMES = 8
_CONTEXT = re.compile(
    r"maximum context length|exceeds? (?:the )?(?:available )?context"
    r"|input tokens exceed|longer than the model's context|prompt is too long",
    re.IGNORECASE,
)
_UNKNOWN_MODEL = re.compile(
    r"model\b.*\b(?:not found|does not exist|not exist|unknown|not a valid)"
    r"|(?:unknown|invalid|no such|not a valid) model",
    re.IGNORECASE | re.DOTALL,
)
_NO_TOOLS = re.compile(
    r"does not support (?:tools|function)|tools? (?:is|are) not supported"
    r"|tool choice requires|function tools with reasoning_effort",
    re.IGNORECASE,
)

_NO_HOST = re.compile(
    r"name or service|name resolution|nodename|no address", re.IGNORECASE
)
_NO_LISTENER = re.compile(r"refused|attempts failed", re.IGNORECASE)


def explain(
    error: Exception, endpoint: Endpoint, *, models: Sequence[str] = ()
) -> ModelError:
    """The error that the user reads.

    Args:
        error: what the client raised, or `NotAReply`.
        endpoint: where it was raised.
        models: the names that the server lists, where they are known.
    """
    import openai  # noqa: PLC0415 - slow; whoever has an error of it has loaded it

    match error:
        case NotAReply() | json.JSONDecodeError():
            return _strange(error, endpoint)
        case openai.APITimeoutError():
            return _no_answer_in_time(error, endpoint)
        case openai.APIStatusError():
            return _refusal(error, endpoint, models)
        case openai.APIConnectionError():
            return _no_connection(error, endpoint)
        case openai.APIError():
            return _reported(error, endpoint)
        case _:
            return _no_connection(error, endpoint)


def refuses_parameter(error: Exception, name: str) -> bool:
    """Whether the server says that it does not want to be sent `name`."""
    return getattr(error, "status_code", 0) in {400, 422} and name in _said(error)


def is_about_the_model(error: Exception) -> bool:
    """Whether the model may be one that the server does not have."""
    status = getattr(error, "status_code", 0)
    if status == 404 or _code(error) == "model_not_found":  # noqa: PLR2004 - HTTP
        return True
    return status == 400 and bool(_UNKNOWN_MODEL.search(_said(error)))  # noqa: PLR2004 - HTTP


def is_cut(error: Exception) -> bool:
    """Whether a reply merely ended too early, rather than in an error of the server."""
    import openai  # noqa: PLC0415 - slow; whoever has an error of it has loaded it

    # The second version of the client lets exceptions of its transport through.
    return isinstance(error, openai.APIConnectionError) or not isinstance(
        error, openai.OpenAIError
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


def _strange(error: Exception, endpoint: Endpoint) -> ModelError:
    # What a JSON parser says is of no use, and it may quote the text.
    said = endpoint.quote(str(error)) if isinstance(error, NotAReply) else ""
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


def _reported(error: Exception, endpoint: Endpoint) -> ModelError:
    """An error that came in the middle of a reply."""
    said = endpoint.quote(_said(error))
    if _code(error) == "insufficient_quota":
        return _no_credit(endpoint)
    return ModelUnavailable(
        f"{endpoint.host} broke off its reply with an error{said}: ask again, or "
        "choose another model with --model."
    )


def _no_credit(endpoint: Endpoint) -> ModelError:
    return ModelRefused(
        f"The account at {endpoint.host} is out of credit: add credit there, or use "
        "another key or server."
    )


def _refusal(error: Exception, endpoint: Endpoint, models: Sequence[str]) -> ModelError:  # noqa: PLR0911 - a table
    """By the status of the answer, and then by what it says."""
    host, model = endpoint.host, endpoint.model
    text = _said(error)
    said = endpoint.quote(text)
    match int(getattr(error, "status_code", 0)):
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
        case _ if is_about_the_model(error):
            return _unknown_model(error, endpoint, models)
        case 413:
            return _too_long(endpoint, "")
        case 429 if _code(error) == "insufficient_quota":
            return _no_credit(endpoint)
        case 429:
            return ModelUnavailable(
                f"{host} takes no more requests for now{said}: {_wait(error)}."
            )
        case status if status >= 500 or status in {408, 409}:  # noqa: PLR2004 - HTTP
            return ModelUnavailable(
                f"{host} fails with status {status}{said}: ask again later, or look "
                "into its log."
            )
        case status:
            return _bad_request(status, text, error, endpoint)


def _bad_request(
    status: int, text: str, error: Exception, endpoint: Endpoint
) -> ModelError:
    host, model, said = endpoint.host, endpoint.model, endpoint.quote(text)
    if _code(error) == "context_length_exceeded" or _CONTEXT.search(text):
        return _too_long(endpoint, said)
    if "content_filter" in _code(error) or "content management policy" in text:
        return ModelRefused(
            f"The content rules of {host} stopped the request{said}: put the question "
            "in other words."
        )
    if _NO_TOOLS.search(text):
        return ModelRefused(
            f"{model} takes no tools at {host}{said}: choose another model with "
            "--model."
        )
    return ModelRefused(
        f"{host} refused the request with status {status}{said}: choose another model "
        "with --model, or another server."
    )


def _too_long(endpoint: Endpoint, said: str) -> ModelError:
    return ModelRefused(
        f"The conversation is too long for {endpoint.model} at {endpoint.host}{said}: "
        "ask less at once, or choose a model with a larger context with --model."
    )


def _unknown_model(
    error: Exception, endpoint: Endpoint, models: Sequence[str]
) -> ModelError:
    """A model that is not there, or a URL behind which there is no API at all."""
    host, model = endpoint.host, endpoint.model
    text = _said(error)
    pull = f", or run: ollama pull {model}" if "try pulling" in text else ""
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
    if _code(error) == "model_not_found" or _UNKNOWN_MODEL.search(text):
        return ModelRefused(
            f"{host} has no model {model}{endpoint.quote(text)}: choose another with "
            f"--model{pull}."
        )
    return ModelRefused(
        f"There is no chat API at {endpoint.url}{endpoint.quote(text)}: "
        f"{endpoint.url_advice}."
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


def _code(error: Exception) -> str:
    """The name that the server gives to the error."""
    return str(getattr(error, "code", "") or getattr(error, "type", "") or "")


def _said(error: Exception) -> str:
    """The server's own words, which hide at different depths."""
    body = getattr(error, "body", None)
    while isinstance(body, dict):
        body = next(
            (body[key] for key in ("error", "message", "detail") if body.get(key)), ""
        )
    return body if isinstance(body, str) else json.dumps(body) if body else ""
