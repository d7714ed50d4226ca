"""Prints what analyses cost, computed from recorded ones, as the README shows it.

python tests/tools/cost_table.py

Prices are those of the installed `genai-prices`; another version may know others.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from analyst.events import Usage
from analyst.models import pricing

__all__ = ["BEGIN", "END", "RECORDINGS", "shown_in", "table", "tokens_of"]

ROOT = Path(__file__).parents[2]
RECORDINGS = {
    "a closed question": ROOT / "notebooks/recordings/fertility-closed.jsonl",
    "an open question": ROOT / "notebooks/recordings/fertility-open.jsonl",
}
BEGIN = "<!-- cost table: begin -->"
END = "<!-- cost table: end -->"

_OPENAI = "https://api.openai.com/v1"
_MODELS = {
    "gpt-4.1-mini": _OPENAI,
    "gpt-5.4-mini": _OPENAI,
    "gpt-5.4": _OPENAI,
    "openai/gpt-oss-120b": "https://api.groq.com/openai/v1",
    "deepseek-chat": "https://api.deepseek.com/v1",
    "anthropic/claude-sonnet-4.5": "https://openrouter.ai/api/v1",
}
_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
"""Some models cost less at night."""
_SERVERS = {
    _OPENAI: "OpenAI",
    "https://api.groq.com/openai/v1": "Groq",
    "https://api.deepseek.com/v1": "DeepSeek",
    "https://openrouter.ai/api/v1": "OpenRouter",
}


def tokens_of(recording: Path) -> list[Usage]:
    """What each turn of a recording used."""
    turns = map(json.loads, recording.read_text(encoding="utf-8").splitlines()[1:])
    return [Usage(**turn["reply"]["usage"]) for turn in turns]


def table() -> str:
    """The table in Markdown: a column for each recording, a row for each model."""
    rows = [
        "| | " + " | ".join(RECORDINGS) + " |",
        "|---" + "|---:" * len(RECORDINGS) + "|",
    ]
    used = {name: tokens_of(path) for name, path in RECORDINGS.items()}
    totals = [sum(usages, start=Usage()) for usages in used.values()]
    for words, count in (
        ("requests", [total.requests for total in totals]),
        ("tokens read anew", [total.fresh_tokens for total in totals]),
        ("tokens from the cache", [total.cached_tokens for total in totals]),
        ("tokens written", [total.output_tokens for total in totals]),
    ):
        rows.append(f"| {words} | " + " | ".join(f"{n:,}" for n in count) + " |")
    for model, url in _MODELS.items():
        costs = [
            sum(
                pricing.price(usage, model=model, base_url=url, at=_AT) or 0.0
                for usage in usages
            )
            for usages in used.values()
        ]
        told = " | ".join(f"${cost:.4f}" for cost in costs)
        rows.append(f"| `{model}` at {_SERVERS[url]} | {told} |")
    rows.append(f"\nPrices: genai-prices {version('genai-prices')}, at noon UTC.")
    return "\n".join(rows)


def shown_in(text: str) -> str:
    """The table that stands between its marks in a text."""
    return text.partition(BEGIN)[2].partition(END)[0].strip()


if __name__ == "__main__":
    print(table())  # noqa: T201 - what it is for
