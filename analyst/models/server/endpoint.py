"""Where a model is, and what may be said of it: never a key.

Servers send keys back in their errors, whole or in part, and people put them into
URLs. Every sentence about a server takes its words from here.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit, urlunsplit

from analyst.errors import SettingsError
from analyst.outputs import plain_text

__all__ = ["MAX_QUOTED_CHARS", "Endpoint"]

MAX_QUOTED_CHARS = 200
"""Of what a server says."""

_MAX_READ_CHARS = 4_000
"""Of what a server says, before it is looked through for secrets."""

_SECRETS = (
    (re.compile(r"\bsk-[\w*.…-]+"), "***"),
    (re.compile(r"(?i)\bbearer\s+[^\s\"',}]+"), "Bearer ***"),
    (re.compile(r"[\w-]*\*{3,}[\w*.-]*"), "***"),
)
_PAGE = re.compile(r"<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_LONG_KEY_CHARS = 8
_OPENAI_HOST = "api.openai.com"
_AZURE_HOSTS = (
    ".openai.azure.com",
    ".services.ai.azure.com",
    ".cognitiveservices.azure.com",
)
_LOCAL_ENDINGS = (".local", ".lan", ".internal", ".localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A model at a server, and all that a sentence about it may need.

    Raises:
        SettingsError: the URL is none.
    """

    model: str
    base_url: str
    api_key: str = field(repr=False)
    timeout_seconds: float

    def __post_init__(self) -> None:
        try:
            url = urlsplit(self.base_url)
            valid = url.scheme in {"http", "https"} and bool(url.hostname)
            _ = url.port
        except ValueError:
            valid = False
        if not valid:
            raise SettingsError(
                f"The base URL must be one such as http://localhost:11434/v1, not "
                f"{_without_secrets(self.base_url, self.api_key)!r}."
            )

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(self.base_url)

    @property
    def host(self) -> str:
        """Name and port of the server, without what stands before an @."""
        return self._parts.netloc.rpartition("@")[2]

    @property
    def url(self) -> str:
        """The base URL as it may be shown."""
        parts = self._parts
        return urlunsplit((parts.scheme, self.host, parts.path.rstrip("/"), "", ""))

    @property
    def is_openai(self) -> bool:
        """It is OpenAI's own server."""
        return self._parts.hostname == _OPENAI_HOST

    @property
    def is_azure(self) -> bool:
        """It is one of Azure's that speak as OpenAI's do."""
        return str(self._parts.hostname).endswith(_AZURE_HOSTS)

    @property
    def is_local(self) -> bool:
        """It is on this machine or in this network, as far as its name tells."""
        name = str(self._parts.hostname)
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return "." not in name or name.endswith(_LOCAL_ENDINGS)
        return address.is_private or address.is_loopback

    @property
    def url_advice(self) -> str:
        """What is usually wrong with a URL behind which there is something else."""
        if "v1" in self._parts.path.split("/"):
            return "check the base URL"
        return f"check the base URL, which usually ends in /v1 ({self.url}/v1)"

    def quote(self, text: str) -> str:
        """Some of `text`, on one line, without secrets, as an aside; or nothing."""
        text = _start_of(text, self.api_key)
        if _PAGE.search(text):
            return ""
        text = " ".join(plain_text(_without_secrets(text, self.api_key)).split())
        if len(text) > MAX_QUOTED_CHARS:
            text = f"{text[:MAX_QUOTED_CHARS]}…"
        return f' (it says: "{text.rstrip(".")}")' if text else ""


def _start_of(text: str, key: str) -> str:
    """As much of a text as is looked at, which does not end within the key."""
    if len(text) <= _MAX_READ_CHARS:
        return text
    text = text[:_MAX_READ_CHARS]
    for length in range(len(key) - 1, 0, -1):
        if text.endswith(key[:length]):
            return text[:-length]
    return text


def _without_secrets(text: str, key: str) -> str:
    if key:
        # Many words hold a short key by chance, so that has to stand alone.
        edge = "" if len(key) >= _LONG_KEY_CHARS else r"\b"
        text = re.sub(f"{edge}{re.escape(key)}{edge}", "***", text)
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text
