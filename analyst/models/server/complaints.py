"""What a server means when it says no.

Each server has its own words for the same few things, and half of them use the wrong
status. `complaint_of` makes one `Complaint` of whatever was raised or sent, and its
properties say what it is about; what follows from that is for `switching` and
`failures`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from analyst.models.server.frames import NotAReply

__all__ = ["Complaint", "complaint_of"]

_CONTEXT = re.compile(
    r"maximum context length|exceeds? (?:the |its )?(?:available |model's )?context"
    r"|input tokens exceed|longer than the (?:model's )?context|prompt is too long"
    r"|input is too long|context (?:window|the overflows)|exceeds the maximum number"
    r"|reduce the length of the|request too large|tokens must be reduced"
    r"|`inputs` tokens \+",
    re.IGNORECASE,
)
_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_TOO_LARGE = re.compile(
    r"too (?:large|high|big|long|many)|at most|less than|(?:greater|larger|more) than"
    r"|exceed|<=|\d\s*>\s*\d|maximum (?:value|allowed)|maximum context|up to"
    r"|in the completion|out of range|between|smaller",
    re.IGNORECASE,
)
_NO_USER_AFTER_TOOL = re.compile(
    r"role\W{0,3}user\W.{0,40}after.{0,20}\btool|roles must alternate",
    re.IGNORECASE | re.DOTALL,
)
_CONTEXT_CODES = {"context_length_exceeded", "exceed_context_size_error"}
_LIMIT = re.compile(
    r"(?:context (?:length|size|window)(?: of only| of| is)?|maximum(?: number)? of"
    r"|tokens allowed|n_ctx|>)\W{0,6}([\d,]{4,9})\b",
    re.IGNORECASE,
)
_UNKNOWN_MODEL = re.compile(
    r"model\b.*\b(?:not found|does not exist|not exist|unknown|not a valid)"
    r"|(?:unknown|invalid|no such|not a valid) model|DeploymentNotFound",
    re.IGNORECASE | re.DOTALL,
)
_NO_TOOLS = re.compile(
    r"\b(?:tools?|functions?)\b.{0,60}?"
    r"(?:(?:not|n't|un) ?(?:be )?(?:support|enabled|available|permitted|allowed)"
    r"|requires? )"
    r"|(?:not|n't|un) ?support\w*.{0,30}?\b(?:tool|function)"
    r"|support tool use|roles must alternate",
    re.IGNORECASE | re.DOTALL,
)
_USE_RESPONSES = re.compile(r"v1/responses|Responses API", re.IGNORECASE)
_NO_STREAM = re.compile(
    r"stream(?:ing|s)? (?:\w+ ){0,4}?(?:not|un) ?(?:support|available|allowed)"
    r"|(?:not|n't|un) ?support\w* stream|tools with stream",
    re.IGNORECASE,
)
_IMAGES = re.compile(r"image|vision|multi-?modal", re.IGNORECASE)
_TEXT_ONLY = re.compile(
    r"content\b.{0,80}?\b(?:string|str)\b|expected.{0,10}text|valid string",
    re.IGNORECASE | re.DOTALL,
)
_MAX_CHARS = 8_000
_UNREADABLE = {400, 404, 405, 413, 415, 422, 500, 501}
"""The statuses of servers that do not understand a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What a server said instead of a reply."""

    status: int = 0
    """That of HTTP; 0 where none came with it."""
    code: str = ""
    """The server's name for the error."""
    parameter: str = ""
    """The parameter that it says the error is about."""
    text: str = ""
    """Its own words."""

    @property
    def is_about_length(self) -> bool:
        """The conversation is longer than the model can read."""
        if self.status == 413 or self.code in _CONTEXT_CODES:  # noqa: PLR2004 - HTTP
            return True
        return self.status not in {401, 403} and bool(_CONTEXT.search(self.text))

    @property
    def limit_tokens(self) -> int | None:
        """How much the model can read, where the words about length name it."""
        named = [int(n.replace(",", "") or 0) for n in _LIMIT.findall(self.text)]
        return min((n for n in named if n), default=None)

    @property
    def is_about_a_limit(self) -> bool:
        """The reply was to become longer than it may, whatever the limit is called."""
        if self.status not in {0, 400, 422}:
            return False
        named = self.parameter in _LIMITS or any(name in self.text for name in _LIMITS)
        named = named or "in the completion" in self.text
        return named and bool(_TOO_LARGE.search(self.text))

    @property
    def wants_a_bridge(self) -> bool:
        """What a tool answered is to be followed by the model, not by the user."""
        told = self.code == "3230" or _NO_USER_AFTER_TOOL.search(self.text)
        return self.status in _UNREADABLE | {0} and bool(told)

    @property
    def is_about_the_model(self) -> bool:
        """The model may be one that the server does not have."""
        return self.status == 404 or self.names_no_model  # noqa: PLR2004 - HTTP

    @property
    def names_no_model(self) -> bool:
        """It says in so many words that there is no such model."""
        if self.code in {"model_not_found", "DeploymentNotFound"}:
            return True
        return self.status in {400, 404} and bool(_UNKNOWN_MODEL.search(self.text))

    @property
    def refuses_tools(self) -> bool:
        """The model or the server takes no tools, or not over this wire."""
        if self.status not in _UNREADABLE | {0}:
            return False
        return self.parameter in {"tools", "tool_choice"} or bool(
            _NO_TOOLS.search(self.text) or self._quotes("tools")
        )

    @property
    def wants_responses(self) -> bool:
        """The model is to be asked over the Responses API."""
        return self.status in {400, 404} and bool(_USE_RESPONSES.search(self.text))

    @property
    def lacks_the_route(self) -> bool:
        """There is no such API at the server."""
        return self.status in {404, 405, 501} and not self.names_no_model

    @property
    def refuses_images(self) -> bool:
        """It is about images, or about content that is more than text."""
        if self.status not in _UNREADABLE:
            return False
        told = _IMAGES.search(self.text) or self.parameter.endswith("content")
        return bool(told or _TEXT_ONLY.search(self.text))

    @property
    def wants_reasoning(self) -> bool:
        """The thinking of earlier turns is to be sent along."""
        return self.status in {400, 422} and "reasoning_content" in self.text

    @property
    def is_about_credit(self) -> bool:
        """The account has nothing left."""
        return self.code == "insufficient_quota" or self.status == 402  # noqa: PLR2004 - HTTP

    @property
    def is_about_content(self) -> bool:
        """The provider's rules stopped the request."""
        return "content_filter" in self.code or "content management" in self.text

    def refuses(self, name: str) -> bool:
        """Whether the server does not want to be sent the parameter `name`."""
        if self.status not in {400, 404, 422, 501}:
            return False
        if self.parameter == name or self._quotes(name):
            return True
        if name == "stream":
            return bool(_NO_STREAM.search(self.text))
        # A name that is a word of its own may be just that.
        return "_" in name and re.search(rf"\b{name}\b", self.text) is not None

    def _quotes(self, name: str) -> bool:
        return re.search(rf"[\"'`]{name}[\"'`]", self.text) is not None


def complaint_of(error: Exception) -> Complaint:
    """What an exception of the client, or an answer that is no reply, says."""
    if isinstance(error, NotAReply):
        return _reported(error)
    body = getattr(error, "body", None)
    return Complaint(
        status=int(getattr(error, "status_code", 0) or 0),
        code=_name(error),
        parameter=str(getattr(error, "param", "") or ""),
        text=_words(body),
    )


def _reported(error: NotAReply) -> Complaint:
    """An error that came with a good status, or in the middle of a reply."""
    said = error.error
    if not isinstance(said, Mapping):
        return Complaint(text=_words(said))
    code = said.get("code")
    return Complaint(
        status=code if isinstance(code, int) and 400 <= code < 600 else 0,  # noqa: PLR2004 - HTTP
        code=str(code or said.get("type") or ""),
        parameter=str(said.get("param") or ""),
        text=_words(said),
    )


def _name(error: Exception) -> str:
    return str(getattr(error, "code", "") or getattr(error, "type", "") or "")


def _words(body: object) -> str:
    """The server's own words, which hide at different depths."""
    while isinstance(body, Mapping):
        keys = ("error", "message", "detail", "msg")
        body = next((body[key] for key in keys if body.get(key)), "")
    if not isinstance(body, str):
        body = json.dumps(body, default=str) if body else ""
    return body[:_MAX_CHARS]
