"""What the kernel process runs: IPython's own kernel, and two things made sure of.

Cells can never come to rely on `analyst`, which is not importable there, and a hidden
cell leaves no trace in `_` and `Out`. Nothing imports this file: it is run by its path.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Start the kernel; returns when it ends."""
    if not sys.flags.safe_path:
        del sys.path[0]  # the folder of this file, where names could clash
    sys.modules["analyst"] = None  # type: ignore[assignment]  # as Python documents it

    from ipykernel.displayhook import (  # noqa: PLC0415 - the path must be clean before
        ZMQShellDisplayHook,
    )
    from ipykernel.kernelapp import (  # noqa: PLC0415 - the path must be clean before
        launch_new_instance,
    )

    class DisplayHook(ZMQShellDisplayHook):
        """Shows every result and remembers those of cells that are not hidden."""

        def update_user_ns(self, result: object) -> None:
            if self._is_remembered():
                super().update_user_ns(result)  # type: ignore[no-untyped-call]

        def log_output(self, format_dict: object) -> None:
            if self._is_remembered():
                super().log_output(format_dict)  # type: ignore[no-untyped-call]

        def _is_remembered(self) -> bool:
            cell = self.exec_result
            return cell is None or bool(cell.info.store_history)

    from ipykernel.zmqshell import (  # noqa: PLC0415 - the path must be clean before
        ZMQInteractiveShell,
    )

    ZMQInteractiveShell.displayhook_class = DisplayHook  # type: ignore[assignment]
    launch_new_instance()


if __name__ == "__main__":
    main()
