"""Interrupting a run once and twice."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from analyst.faces.interrupts import interrupts_end_run


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_asks_and_second_raises(sent: signal.Signals) -> None:
    """The first signal only asks the run to end; the second is a KeyboardInterrupt."""
    asked: list[str] = []
    signals = (signal.SIGINT, signal.SIGTERM)
    with interrupts_end_run(lambda: asked.append("end"), signals):
        os.kill(os.getpid(), sent)
        assert asked == ["end"]
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert asked == ["end"]


def test_signals_are_as_they_were_afterwards() -> None:
    """Whatever happened in between, the handlers of before are back."""
    before = signal.getsignal(signal.SIGINT)
    with interrupts_end_run(lambda: None):
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_other_threads_are_left_alone() -> None:
    """Off the main thread, where no signal arrives, nothing is changed or raised."""
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    def work() -> None:
        with interrupts_end_run(lambda: None):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
