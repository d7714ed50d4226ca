"""Attacks on the kernel itself: so that a cell never ends, or nothing works after it.

Our client holds these whatever the sandbox, so each is first shown to succeed with a
plain kernel and jupyter_client's own client.
"""

from __future__ import annotations

from .attack import EVERYWHERE, Attack
from .observers import is_in_time, lasted
from .plain_kernel import (
    answers_no_more,
    cannot_be_reached,
    ends_by_itself,
    hangs_at_its_end,
    has_no_memory_left,
    was_idle_too_early,
)

_GROUP = "the kernel"


def _stuck(name: str, source: str) -> Attack:
    """An attack after which a plain kernel answers no more."""
    return Attack(
        name=name,
        group=_GROUP,
        source=source,
        expected=EVERYWHERE,
        observe=is_in_time,
        timeout_seconds=0.5,
        live=answers_no_more,
        live_seconds=0.5,
    )


ENDLESS = (
    _stuck("run for ever", "while True: pass"),
    _stuck(
        "run for ever and swallow every interrupt",
        """
while True:
    try:
        while True: time.sleep(0.01)
    except BaseException: pass
""",
    ),
    _stuck("run for ever in C, holding the interpreter", "sum(range(10**12))"),
    _stuck("compute a number that is too large", "7 ** 7 ** 9 % 2"),
    _stuck(
        "run for ever with interrupts ignored",
        "signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(600)",
    ),
    _stuck(
        "run for ever with every signal blocked",
        """
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
while True: time.sleep(1)
""",
    ),
    _stuck("stop its own process", "os.kill(os.getpid(), signal.SIGSTOP)"),
    _stuck(
        "have every later line wait (settrace)",
        """
def wait(*_):
    while True:
        try: time.sleep(600)
        except BaseException: pass
sys.settrace(wait)
""",
    ),
    _stuck(
        "show a value that never ends",
        """
class Endless:
    def __repr__(self): return str(any(itertools.repeat(0)))
display(Endless())
""",
    ),
    _stuck(
        "show a value that hangs",
        """
class Hangs:
    def __repr__(self):
        while True:
            try: time.sleep(600)
            except BaseException: pass
display(Hangs())
""",
    ),
)

FATAL = (
    _stuck("exit", "os._exit(0)"),
    _stuck("crash", "ctypes.string_at(0)"),
    _stuck("kill itself", "os.kill(os.getpid(), signal.SIGKILL)"),
    _stuck("close every descriptor", "os.closerange(0, 4096); time.sleep(0.1)"),
    _stuck(
        "break json, with which it talks",
        "json.dumps = lambda *_, **__: '[]'; print(1, flush=True)",
    ),
    _stuck(
        "sign its messages with another key",
        "get_ipython().kernel.session.key = b'forged'; print(1, flush=True)",
    ),
    Attack(
        name="fill the memory, so that every later cell fails",
        group=_GROUP,
        source="""
def fill_memory():
    hog = []
    while True: hog.append(fill(MB))
_, most = resource.getrlimit(resource.RLIMIT_DATA)
resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, most))
fill_memory()
""",
        expected=EVERYWHERE,
        live=has_no_memory_left,
    ),
    Attack(
        name="hang when it is asked to end",
        group=_GROUP,
        source="""
def wait():
    while True:
        try: time.sleep(600)
        except BaseException: pass
atexit.register(wait)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
""",
        expected=EVERYWHERE,
        is_over_first=True,
        live=hangs_at_its_end,
    ),
    Attack(
        name="end the session from within",
        group=_GROUP,
        source="exit()",
        expected=EVERYWHERE,
        live=ends_by_itself,
    ),
    Attack(
        name="send us to other sockets by its connection file",
        group=_GROUP,
        source="""
path = Path(CONNECTION["file"])
told = json.loads(path.read_text())
path.write_text(json.dumps(told | {"ip": "/tmp/elsewhere"}))
""",
        expected=EVERYWHERE,
        live=cannot_be_reached,
    ),
    Attack(
        name="delete its sockets and its connection file",
        group=_GROUP,
        source="""
place = Path(CONNECTION["ip"])
for path in place.parent.glob(place.name + "-*"):
    path.unlink()
Path(CONNECTION["file"]).unlink()
""",
        expected=EVERYWHERE,
        live=cannot_be_reached,
    ),
    Attack(
        name="wait for ever for an answer",
        group=_GROUP,
        source="input('key: ')",
        expected=EVERYWHERE,
        timeout_seconds=2,
        live=answers_no_more,
        live_seconds=0.5,
    ),
    Attack(
        name="claim to be idle while it goes on",
        group=_GROUP,
        source="""
kernel = get_ipython().kernel
forged = {"execution_state": "idle"}
parent = kernel.get_parent()
kernel.session.send(kernel.iopub_socket, "status", forged, parent=parent)
time.sleep(1)
""",
        expected=EVERYWHERE,
        observe=lasted(1.0),
        live=was_idle_too_early,
    ),
)
