"""Interrupting a run: once ends it in good order, twice ends it now.

The first Ctrl-C (the stop button of a notebook, a SIGTERM in a shell) must not tear
the drawing of a display or the writing of a notebook apart. So it raises nothing: it
asks the session to end the question, and the run goes on until it says that it was
interrupted. From then on a signal does what it does everywhere: `KeyboardInterrupt`.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

__all__ = ["interrupts_end_run"]


@contextmanager
def interrupts_end_run(
    end_run: Callable[[], None],
    signals: Sequence[signal.Signals] = (signal.SIGINT,),
) -> Iterator[None]:
    """While this holds, the first of `signals` calls `end_run`, the next one raises.

    `end_run` is called from a signal handler on the main thread. On any other thread
    nothing is changed, since signals do not arrive there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def first(_signal: int, _frame: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.default_int_handler)
        end_run()

    before = {each: signal.signal(each, first) for each in signals}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
