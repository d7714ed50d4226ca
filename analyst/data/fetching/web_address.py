"""An address of the web, and as much of it as may be seen.

What stands behind its `?` may be a secret, so only its host and path are shown.
"""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass

from analyst.errors import InputError
from analyst.quoting import quoted

__all__ = ["WebAddress", "is_address"]

_SHOWN_CHARS = 200
_SAFE = "/%:=&?~+!$,;'@()*[]"
"""What is left as it is where an address is written in ASCII."""


def is_address(text: str) -> bool:
    """Whether something that was given is an address of the web."""
    return text[:8].lower().startswith(("https://", "http://"))


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address, and as much of it as may be seen."""

    whole: str
    host: str
    path: str
    has_query: bool

    @property
    def shown(self) -> str:
        """Its scheme, host and path on one line."""
        return quoted(f"https://{self.host}{self.path}", _SHOWN_CHARS)

    @classmethod
    def of(cls, url: str) -> WebAddress:
        """The parts of an address.

        Raises:
            InputError: it is none that may be fetched.
        """
        try:
            parts = urllib.parse.urlsplit(url.strip())
            port = parts.port
        except ValueError:
            raise InputError(
                "The address cannot be read: write it as https://host/path."
            ) from None
        if parts.scheme == "http":
            raise InputError(
                "Addresses are only fetched by https, as others on the way could "
                "change the data: write https://, or download the file and name it."
            )
        if parts.scheme != "https" or not parts.hostname or not url.isprintable():
            raise InputError(
                "The address cannot be read: write it as https://host/path."
            )
        if "@" in parts.netloc:
            raise InputError(
                "The address holds a user or password: take them out, or download the "
                "file yourself and name it."
            )
        try:
            host = parts.hostname.encode("idna").decode()
        except UnicodeError:
            raise InputError(
                "The name of the host cannot be read: check the address."
            ) from None
        netloc = f"[{host}]" if ":" in host else host
        netloc += f":{port}" if port is not None else ""
        path = urllib.parse.quote(parts.path or "/", safe=_SAFE)
        query = urllib.parse.quote(parts.query, safe=_SAFE)
        whole = urllib.parse.urlunsplit(("https", netloc, path, query, ""))
        return cls(whole, netloc, path, bool(query))
