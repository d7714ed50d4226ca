"""The words that all faces share."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.events import RunFinished, Stop, Usage
from analyst.faces.words import ending, money_words, usage_words


@given(st.floats(0, 1e6, allow_nan=False))
def test_money_reads_as_money(usd: float) -> None:
    """Any price is plain digits behind a dollar sign, off by 5 % or a cent at most."""
    words = money_words(usd)
    assert re.fullmatch(r"\$[\d,]+(\.\d+)?", words)
    told = float(words[1:].replace(",", ""))
    assert told == pytest.approx(usd, rel=0.05)


def test_unknown_cost_is_not_told() -> None:
    """Where no price is known there is no word of money; where it is 0, there is."""
    usage = Usage(fresh_tokens=10, requests=1)
    assert "$" not in usage_words(usage)
    free = Usage(fresh_tokens=10, requests=1, cost_usd=0.0)
    assert usage_words(free).endswith(", $0")


@pytest.mark.parametrize("stop", get_args(Stop))
def test_ending_is_said_in_words(stop: Stop) -> None:
    """A limit is called by what ran out, with its reason behind it."""
    words = ending(RunFinished(stop=stop, reason="All was used.", seconds=2.0))
    assert words.endswith(" 2.0 s: All was used.")
    if stop in {"steps", "tokens", "cost", "seconds"}:
        assert words.startswith("out of ")
    else:
        assert words.startswith(stop)
