"""Prices: found by server and name, by the provider's own list, or not known."""

from __future__ import annotations

import socket
import sys

import genai_prices
import pytest

from analyst.events import Usage
from analyst.models import pricing

OPENAI = "https://api.openai.com/v1"
USED = Usage(
    fresh_tokens=600,
    cached_tokens=400,
    output_tokens=100,
    reasoning_tokens=60,
    requests=1,
)


def usd(model: str = "gpt-4.1-mini", base_url: str = OPENAI, **used: int) -> float:
    """A price that is known."""
    found = pricing.price(
        Usage(**used) if used else USED, model=model, base_url=base_url
    )
    assert found is not None
    return found


def listed(model: str) -> genai_prices.types.ModelPrice:
    """The rates of a model of OpenAI."""
    return genai_prices.calc_price(
        genai_prices.Usage(), model, provider_id="openai"
    ).model_price


def test_each_kind_of_token_has_its_own_price() -> None:
    """Fresh input, cached input and output cost what the list says of each."""
    rates, million = listed("gpt-4.1-mini"), 1_000_000
    assert usd(fresh_tokens=million) == pytest.approx(float(rates.input_mtok))
    assert usd(cached_tokens=million) == pytest.approx(float(rates.cache_read_mtok))
    assert usd(output_tokens=million) == pytest.approx(float(rates.output_mtok))
    assert usd(cached_tokens=million) < usd(fresh_tokens=million)
    parts = (
        usd(fresh_tokens=600)
        + usd(cached_tokens=400)
        + usd(output_tokens=100, reasoning_tokens=60)
    )
    assert usd() == pytest.approx(parts)


def test_reasoning_is_output_and_paid_once() -> None:
    """Tokens of reasoning are a part of the output, not paid on top of it, except
    where the provider has a price of its own for them.
    """
    plain = usd(output_tokens=100)
    assert usd(output_tokens=100, reasoning_tokens=60) == plain
    assert usd(output_tokens=100, reasoning_tokens=600) == plain
    there = ("sonar-deep-research", "https://api.perplexity.ai")
    thought = usd(*there, output_tokens=100, reasoning_tokens=60)
    assert 0 < thought < usd(*there, output_tokens=100)


def test_estimated_usage_has_a_price() -> None:
    """Tokens cost the same whether they were counted or estimated."""
    guessed = Usage(fresh_tokens=600, output_tokens=100, estimated=True)
    found = pricing.price(guessed, model="gpt-4.1-mini", base_url=OPENAI)
    assert found == usd(fresh_tokens=600, output_tokens=100)


@pytest.mark.parametrize(
    ("model", "base_url"),
    [
        ("gpt-4.1-mini", "https://API.openai.com/v1/"),
        ("gpt-4.1-mini", "https://api.openai.com:443/v1"),
        ("gpt-4.1-mini-2025-04-14", OPENAI),
        ("gpt-4.1-mini", "https://mine.openai.azure.com/openai/v1/"),
        ("gpt-4.1-mini", "https://mine.services.ai.azure.com/openai/v1/"),
        ("gpt-4.1-mini", "https://mine.cognitiveservices.azure.com/openai/v1/"),
        ("openai/gpt-4.1-mini", "https://openrouter.ai/api/v1"),
        ("anthropic/claude-sonnet-4.5", "https://openrouter.ai/api/v1"),
        ("llama-3.3-70b-versatile", "https://api.groq.com/openai/v1"),
        ("deepseek-chat", "https://api.deepseek.com"),
        ("kimi-k2-0905-preview", "https://api.moonshot.ai/v1"),
        (
            "gemini-2.5-flash",
            "https://generativelanguage.googleapis.com/v1beta/openai/",
        ),
    ],
)
def test_price_is_known(model: str, base_url: str) -> None:
    """Hosted models are found under the names and URLs that their users give."""
    assert 0 < usd(model, base_url) < 0.1


@pytest.mark.parametrize(
    ("model", "base_url"),
    [
        ("gpt-4.1-mini", "http://localhost:11434/v1"),
        ("gpt-4.1-mini", "http://[::1]:8000/v1"),
        ("gpt-4.1-mini", "https://models.example.org/v1"),
        ("gpt-4.1-mini", "https://api.openai.com.example.org/v1"),
        ("gpt-4.1-mini", "https://example.org/api.openai.com/v1"),
        ("gpt-4.1-mini", "https://example.org@localhost/v1"),
        ("gemini-2.5-flash", "https://example.org/x.googleapis.com/v1"),
        ("my-deployment", "https://mine.openai.azure.com/openai/v1/"),
        ("ft:gpt-4.1-mini:me::1", OPENAI),
        ("gpt-unheard-of", OPENAI),
        ("text-embedding-3-small", OPENAI),
        ("whisper-1", OPENAI),
        ("qwen/qwen3-coder:free", "https://openrouter.ai/api/v1"),
        ("", OPENAI),
        ("gpt-4.1-mini", ""),
        ("gpt-4.1-mini", "http://[broken"),
        ("gpt-4.1-mini", "api.openai.com/v1"),
    ],
)
def test_what_is_not_in_the_list_has_no_price(model: str, base_url: str) -> None:
    """An unknown server, an unknown name and a model without a price for text cost an
    unknown amount, never 0.
    """
    assert pricing.price(USED, model=model, base_url=base_url) is None


def test_window_is_that_of_the_list() -> None:
    """The window is known where server and model are, and said so there."""
    assert (pricing.window("gpt-4o-mini", base_url=OPENAI) or 0) == 128_000
    assert pricing.window("gpt-4o-mini", base_url="http://localhost/v1") is None
    assert pricing.window("gpt-unheard-of", base_url=OPENAI) is None


def test_nothing_is_asked_over_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A price is looked up without a connection."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("It went to the network.")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert usd(fresh_tokens=123) > 0
    assert pricing.window("gpt-4.1", base_url=OPENAI)


def test_without_the_package_no_price_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is optional: without it there is no price."""
    assert pricing.is_installed()
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    assert not pricing.is_installed()
    assert pricing.price(USED, model="gpt-4.1-mini", base_url=OPENAI) is None
    assert pricing.window("gpt-4.1-mini", base_url=OPENAI) is None
