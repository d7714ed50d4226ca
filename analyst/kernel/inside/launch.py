"""What a kernel process runs from its first line: it gives up its rights, then serves.

Run by its path, by any environment's Python: `launch.py GATE ORDERS arguments`, both
of them descriptors: a file with the orders, and a socket by which the word goes back
that they were carried out. Linux sends this process's true number along with it.

In place of a kernel it can run the attempts that show what holds.
"""

from __future__ import annotations

import json
import os
import socket
import sys


def main() -> None:
    """Confine this process and start the kernel; returns when it ends."""
    # The files beside this one, as long as they are needed.
    from confine import confine  # noqa: PLC0415
    from warden import watch  # noqa: PLC0415

    gate = socket.socket(fileno=int(sys.argv.pop(1)))
    with os.fdopen(int(sys.argv.pop(1)), "rb") as file:
        orders = json.load(file)
    if orders["warden"]:
        watch(gate)
    if os.getpid() != os.getsid(0):
        os.setsid()
    # A kernel ends with its warden or its namespace; its parent's number is not ours.
    os.environ.pop("JPY_PARENT_PID", None)
    confine(orders)
    gate.send(b"confined")
    gate.close()

    if "attempt" in orders:
        from attempt import attempt  # noqa: PLC0415

        print(json.dumps(attempt(orders["attempt"])))  # noqa: T201 - to who asked
        return
    from serve import serve  # noqa: PLC0415

    del sys.path[0]  # the folder of this file, where names could clash
    serve(has_terminals=orders["terminals"])


if __name__ == "__main__":
    main()
