"""The hostile table: what each attack gets in each sandbox, asserted exactly."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..tools.hostile_table import (  # noqa: TID252 - tests are no package
    shown_in,
    table,
)
from .attack import Attack, expected_here
from .attacks import ATTACKS
from .facts import Facts
from .plain_kernel import PlainKernel
from .stage import STATE_HASH, Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

HELD_BY_OUR_CLIENT = [attack for attack in ATTACKS if attack.live is not None]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_an_attack_gets_what_the_table_says(
    attack: Attack, stage: Stage, facts: Facts
) -> None:
    """No more and no less, and the next cell works on the right state."""
    verdict, told = await stage.play(attack)
    expected = expected_here(attack.expected[stage.sandbox], facts)
    assert await stage.state_hash() == STATE_HASH
    assert verdict == expected, told


@pytest.mark.parametrize("attack", HELD_BY_OUR_CLIENT, ids=lambda attack: attack.name)
async def test_what_our_client_holds_is_live_without_it(
    attack: Attack, plain: PlainKernel
) -> None:
    """In a plain kernel, with jupyter_client's own client, it succeeds."""
    assert attack.live is not None
    await plain.start()
    try:
        await plain.attack(attack.source, seconds=attack.live_seconds)
        assert await attack.live(plain), plain.text[:2000]
    finally:
        if not plain.is_fresh:
            await plain.kill()
        plain.scene.mend()


async def test_every_attack_is_shown_to_succeed_somewhere() -> None:
    """An attack that is held everywhere, and harmless without us, proves nothing."""
    names = [attack.name for attack in ATTACKS]
    assert len(set(names)) == len(names) >= 45
    for attack in ATTACKS:
        assert attack.expected["none"] != "held" or attack.live is not None, attack.name


async def test_the_readme_shows_the_table() -> None:
    """What is asserted here is what users read: `tests/tools/hostile_table.py`."""
    readme = Path(__file__).parents[2] / "README.md"
    assert shown_in(readme.read_text()) == table()
