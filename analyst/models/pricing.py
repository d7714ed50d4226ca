"""What tokens cost, by the provider's list of prices, where that is known.

The list is that of the optional package `genai-prices`, as it was when the package was
made: nothing is asked over the network. A price is found by where the server is, then
by the model's name there, since the same name costs something else elsewhere, and
nothing on one's own machine. What is not in the list has no price, rather than none to
pay.
"""

from __future__ import annotations

import importlib.util
import re
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from analyst.events import Usage

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

__all__ = ["is_installed", "price", "window"]


def is_installed() -> bool:
    """Whether there is a list of prices at all."""
    return importlib.util.find_spec("genai_prices") is not None


def price(
    usage: Usage, *, model: str, base_url: str, at: datetime | None = None
) -> float | None:
    """US dollars for the tokens of one reply, estimated ones included.

    Tokens from the cache and tokens of reasoning count as the provider counts them.
    Add up prices rather than tokens: a long request may cost more for each of its own.

    Args:
        usage: the tokens.
        model: its name at the server.
        base_url: where the server is.
        at: when it was asked, as some cost less at night; now where None.

    Returns:
        None where the server or the model is not in the list; never a made-up 0.

    Example:
        >>> price(  # doctest: +SKIP
        ...     Usage(fresh_tokens=600, cached_tokens=400, output_tokens=100),
        ...     model="gpt-4.1-mini", base_url="https://api.openai.com/v1",
        ... )
        0.00044
    """
    found = _looked_up(usage, model, base_url, at)
    if found is None:
        return None
    rates = found.model_price
    # Some models are listed without a price, or with that of what they hear or draw.
    if rates.input_mtok is None or rates.output_mtok is None:
        return None
    return float(found.total_price)


def window(model: str, *, base_url: str) -> int | None:
    """How many tokens the model can read at once, where the list says so."""
    found = _looked_up(Usage(), model, base_url)
    return (found.model.context_window or None) if found else None


def _looked_up(
    usage: Usage, model: str, base_url: str, at: datetime | None = None
) -> PriceCalculation | None:
    """What the list says of a model at a server, or None."""
    host = _host(base_url)
    if not (host and is_installed()):
        return None
    import genai_prices  # noqa: PLC0415 - optional, and slow

    # A proxy may name in its path the server that it stands before; it is not that.
    url = f"https://{host}{urlsplit(base_url.strip()).path.replace('.', '')}"
    try:
        found = genai_prices.calc_price(
            genai_prices.Usage(
                input_tokens=usage.fresh_tokens + usage.cached_tokens,
                cache_read_tokens=usage.cached_tokens,
                output_tokens=usage.output_tokens,
                output_reasoning_tokens=min(
                    usage.reasoning_tokens, usage.output_tokens
                ),
            ),
            model,
            provider_api_url=url,
            genai_request_timestamp=at,
        )
    except (LookupError, ValueError):
        return None
    return found if _is_whole_host(found.provider.api_pattern, host, url) else None


def _is_whole_host(pattern: str, host: str, url: str) -> bool:
    """Whether a provider's pattern covers the host up to its end.

    Patterns have no end of their own, so they also find api.openai.com.example.org.
    """
    found = re.match(pattern, url)
    if found is None:
        return False
    means_any_ending = found[0].endswith(".")
    return means_any_ending or found.end() >= len(f"https://{host}")


def _host(base_url: str) -> str:
    """Name of the server, in lower case; empty where the URL is none."""
    try:
        return urlsplit(base_url.strip()).hostname or ""
    except ValueError:
        return ""
