"""Where a model is, and what may be said of it: never a key.

Servers send keys back in their errors, whole or in part, and people put them into
URLs. Every sentence about a server takes its words from here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit, urlunsplit

from analyst.errors import SettingsError
from analyst.outputs import plain_text

__all__ = ["MAX_QUOTED_CHARS", "Endpoint"]

MAX_QUOTED_CHARS = 200
"""Of what a server says."""

_SECRETS = (
    (re.compile(r"\bsk-[\w*.…-]+"), "***"),
    (re.compile(r"(?i)\bbearer\s+[^\s\"',}]+"), "Bearer ***"),
    (re.compile(r"[\w-]*\*{3,}[\w*.-]*"), "***"),
)
_PAGE = re.compile(r"<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_LONG_KEY_CHARS = 8


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
    def url_advice(self) -> str:
        """What is usually wrong with a URL behind which there is something else."""
        if "v1" in self._parts.path.split("/"):
            return "check the base URL"
        return f"check the base URL, which usually ends in /v1 ({self.url}/v1)"

    def quote(self, text: str) -> str:
        """Some of `text`, on one line, without secrets, as an aside; or nothing."""
        if _PAGE.search(text):
            return ""
        text = " ".join(plain_text(_without_secrets(text, self.api_key)).split())
        if len(text) > MAX_QUOTED_CHARS:
            text = f"{text[:MAX_QUOTED_CHARS]}…"
        return f' (it says: "{text.rstrip(".")}")' if text else ""


def _without_secrets(text: str, key: str) -> str:
    if key:
        # Many words hold a short key by chance, so that has to stand alone.
        edge = "" if len(key) >= _LONG_KEY_CHARS else r"\b"
        text = re.sub(f"{edge}{re.escape(key)}{edge}", "***", text)
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text
