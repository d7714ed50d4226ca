"""A server's list of its models: their names, and how much each can read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analyst.models.server.frames import NotAReply

__all__ = ["read_models"]

_WINDOW_KEYS = (
    "max_model_len",
    "context_length",
    "context_window",
    "loaded_context_length",
    "max_context_length",
    "n_ctx",
    "n_ctx_train",
)
"""As vLLM, OpenRouter, Groq, LM Studio and llama.cpp call it, the surest first."""
_LEAST_TOKENS = 256
_MAX_NAME_CHARS = 200
_MAX_MODELS = 5_000


def read_models(body: object) -> dict[str, int | None]:
    """The names in a list of models, and the tokens that each can read at once.

    None where the list does not say.

    Raises:
        NotAReply: it is no such list.

    Example:
        >>> read_models({"data": [{"id": "a", "max_model_len": 4096}, {"id": "b"}]})
        {'a': 4096, 'b': None}
    """
    models = body.get("data", body.get("models")) if isinstance(body, Mapping) else body
    if not isinstance(models, list):
        raise NotAReply(str(body))
    entries = [m for m in models[:_MAX_MODELS] if isinstance(m, Mapping)]
    named = ((entry.get("id") or entry.get("name"), entry) for entry in entries)
    return {
        name: _window(entry)
        for name, entry in named
        if isinstance(name, str) and len(name) <= _MAX_NAME_CHARS
    }


def _window(entry: Mapping[str, Any]) -> int | None:
    meta = entry.get("meta")
    for place in (entry, meta if isinstance(meta, Mapping) else {}):
        for key in _WINDOW_KEYS:
            tokens = place.get(key)
            if isinstance(tokens, int) and tokens >= _LEAST_TOKENS:
                return tokens
    return None
