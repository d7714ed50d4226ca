"""A kernel of ours on which attacks are played, and the state that must survive."""

from __future__ import annotations

import hashlib
import json

import pandas as pd

from analyst.events import CellError, Rich, Stream
from analyst.kernel.kernel import LocalKernel
from analyst.kernel.terms import Terms
from analyst.seams import Execution

from .attack import Attack, Holding, SandboxName
from .observers import by_its_word
from .scene import Scene, Told, as_cell

__all__ = ["STATE_HASH", "Stage"]

GOOD_CELLS = (
    "import pandas as pd\nstate = {'number': 41, 'list': [1, 2, 3]}",
    "state['number'] += 1\nstate['list'].append(state['number'])",
    "state['table'] = pd.DataFrame({'a': state['list']}) * 0.5",
)
_HASH = """
import hashlib
told = repr((state["number"], state["list"], state["table"].to_csv()))
print(hashlib.sha256(told.encode()).hexdigest())
"""
STATE_HASH = hashlib.sha256(
    repr(
        (
            42,
            [1, 2, 3, 42],
            pd.DataFrame({"a": [0.5, 1.0, 1.5, 21.0]}).to_csv(),
        )
    ).encode()
).hexdigest()
"""What the good cells leave in memory."""

_MISTAKES = {
    "AssertionError",
    "AttributeError",
    "ImportError",
    "IndexError",
    "KeyError",
    "ModuleNotFoundError",
    "NameError",
    "SyntaxError",
    "TypeError",
    "ValueError",
}
"""An attack that ends by one of these was not refused: it is wrong."""


class Stage:
    """One kernel in one sandbox, for all attacks."""

    def __init__(self, scene: Scene, sandbox: SandboxName) -> None:
        self.scene = scene
        self.sandbox = sandbox
        self._kernel = LocalKernel(
            Terms(
                folder=scene.folder,
                inputs=scene.inputs,
                sandbox=sandbox,
                limits=scene.limits,
                environ=scene.environ,
            )
        )

    async def open(self) -> None:
        """Start the kernel and run the good cells."""
        await self._kernel.start()
        await self.rollback()

    async def close(self) -> None:
        """End the kernel."""
        await self._kernel.close()

    async def rollback(self) -> None:
        """Make the memory anew, as the agent does when a cell has failed."""
        await self._kernel.rollback(GOOD_CELLS, timeout_seconds=20)

    async def play(self, attack: Attack) -> tuple[Holding, Told]:
        """Run an attack, judge it, and mend the world; the state is left to check."""
        await self._run(self.scene.preamble(), hidden=True, timeout_seconds=20)
        self.scene.weigh_disk()
        told = await self._attack(attack)
        assert told.error not in _MISTAKES, f"the attack is wrong: {told}"
        try:
            if attack.is_collected:
                await self._kernel.collect()
            if attack.is_over_first:
                await self.rollback()
            if attack.afterwards:
                told = await self._ask_the_next(attack)
            verdict = (attack.observe or by_its_word)(self.scene, told)
            if not attack.is_over_first and (
                told.status != "ok" or attack.leaves_traces
            ):
                await self._mend_and_rollback()
        finally:
            self.scene.mend()
        return verdict, told

    async def state_hash(self) -> str:
        """What a hidden cell computes from the state."""
        return (await self._run(_HASH, hidden=True, timeout_seconds=20)).word.strip()

    async def _mend_and_rollback(self) -> None:
        self.scene.mend()
        await self.rollback()

    async def _attack(self, attack: Attack) -> Told:
        told = await self._run(
            as_cell(attack.source), timeout_seconds=attack.timeout_seconds
        )
        if told.status != "ok":
            return told
        following = await self._run(_HASH, hidden=True, timeout_seconds=2)
        return Told(**(vars(told) | {"next_shown": following.shown}))

    async def _ask_the_next(self, attack: Attack) -> Told:
        await self._run(self.scene.preamble(), hidden=True, timeout_seconds=20)
        return await self._run(as_cell(attack.afterwards), timeout_seconds=10)

    async def _run(
        self, source: str, *, timeout_seconds: float, hidden: bool = False
    ) -> Told:
        yielded = [
            item
            async for item in self._kernel.execute(
                source, timeout_seconds=timeout_seconds, hidden=hidden
            )
        ]
        execution = yielded[-1]
        assert isinstance(execution, Execution)
        seen = [*yielded[:-1], *execution.outputs]
        printed = [o.text for o in execution.outputs if isinstance(o, Stream)]
        return Told(
            status=execution.status,
            seconds=execution.seconds,
            timeout_seconds=timeout_seconds,
            word="".join(printed),
            shown=json.dumps([_all_of(item) for item in seen]),
            error=execution.error.name if execution.error else "",
        )


def _all_of(item: object) -> object:
    match item:
        case Stream():
            return item.text
        case Rich():
            return dict(item.data)
        case CellError():
            # The traceback quotes the attack, which is not what it got.
            return [item.name, item.message]
    return []
