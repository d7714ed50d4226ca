"""IPython's own kernel, and four things made sure of.

Cells cannot come to rely on `analyst`, which is not importable there; a hidden cell
leaves no trace in `_` and `Out`; a flood of output ends in the kernel; and where there
are no terminals, `!command` does without.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from cap import install
from ipykernel import kernelapp
from ipykernel.displayhook import ZMQShellDisplayHook
from ipykernel.iostream import IOPubThread
from ipykernel.zmqshell import ZMQInteractiveShell
from jupyter_client.jsonutil import json_default

__all__ = ["serve"]

_OURS = ("cap", "confine", "serve", "warden")


class DisplayHook(ZMQShellDisplayHook):
    """Shows every result and remembers those of cells that are not hidden."""

    def update_user_ns(self, result: object) -> None:
        """Keep a result in `_` and `Out`."""
        if self._is_remembered():
            super().update_user_ns(result)  # type: ignore[no-untyped-call]

    def log_output(self, format_dict: object) -> None:
        """Keep a result's text in the history."""
        if self._is_remembered():
            super().log_output(format_dict)  # type: ignore[no-untyped-call]

    def _is_remembered(self) -> bool:
        cell = self.exec_result
        return cell is None or bool(cell.info.store_history)


class ThreadWithoutPipe(IOPubThread):
    """Does not listen on the loopback for what forked processes print."""

    def _setup_pipe_in(self) -> None:
        self._pipe_flag = False


def serve(*, has_terminals: bool) -> None:
    """Run the kernel; returns when it ends.

    Args:
        has_terminals: whether a pseudo-terminal and a socket of the network can be
            made.
    """
    sys.modules["analyst"] = None  # type: ignore[assignment]  # as Python documents it
    ZMQInteractiveShell.displayhook_class = DisplayHook  # type: ignore[assignment]
    if not has_terminals:
        ZMQInteractiveShell.system = ZMQInteractiveShell.system_raw
        kernelapp.IOPubThread = ThreadWithoutPipe  # type: ignore[attr-defined]
    app = kernelapp.IPKernelApp.instance()
    app.initialize()  # type: ignore[no-untyped-call]
    install(app.shell)
    app.session.pack = _tolerant(app.session.pack)
    for name in _OURS:
        sys.modules.pop(name, None)  # a cell may have modules of these names
    app.start()  # type: ignore[no-untyped-call]


def _tolerant(pack: Callable[[object], bytes]) -> Callable[[object], bytes]:
    """Have halves of characters, as broken JSON holds them, not cost the message."""

    def packed(message: object) -> bytes:
        try:
            return pack(message)
        except UnicodeEncodeError:
            text = json.dumps(message, default=json_default, allow_nan=False)
            return text.encode()

    return packed
