"""A dry run: the first request as it would be sent, for a person to read.

What would be sent stands there to the letter; only characters that steer a terminal
or turn its text around are written as JSON writes them when they are escaped.
"""

from __future__ import annotations

import json
import re

from analyst.seams import Preview

__all__ = ["remarks", "request_text"]

_STEERING = re.compile("[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def request_text(preview: Preview) -> str:
    r"""Where the request would go, and its body as JSON.

    >>> print(request_text(Preview(url="http://h/v1", body={"a": "\x9b"}, tokens=1)))
    POST http://h/v1
    {
      "a": "\u009b"
    }
    """
    if not preview.url:
        return "Nothing would be sent: this model needs no server."
    body = json.dumps(dict(preview.body), indent=2, ensure_ascii=False)
    return f"POST {preview.url}\n{_STEERING.sub(_escaped, body)}"


def remarks(preview: Preview) -> tuple[str, ...]:
    """A line each: what the request does not say itself."""
    if not preview.url:
        return ()
    size = f"about {preview.tokens:,} tokens; nothing was sent"
    if preview.body.get("model"):
        return (size,)
    return size, "no model was named: the server would first be asked which it has"


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
