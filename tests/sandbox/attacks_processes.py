"""Attacks on other processes and on the system that they share."""

from __future__ import annotations

from .attack import EVERYWHERE, HELD, OPEN, Attack, If, expected_by
from .observers import (
    is_told,
    is_victim_changed,
    is_victim_dead,
    parent_was_signalled,
    runs_on,
)
from .plain_kernel import left_a_process, told_a_secret

_PEEKING = "secrets of other processes"
_HARMING = "other processes"
_SYSTEM = "the system"

PEEKING = (
    Attack(
        name="read a key in its own environment",
        group=_PEEKING,
        source="got(dict(os.environ))",
        expected=EVERYWHERE,
        observe=is_told,
        live=told_a_secret,
    ),
    Attack(
        name="read the environment of every process",
        group=_PEEKING,
        source="""
for path in Path("/proc").glob("[0-9]*/environ"):
    with contextlib.suppress(OSError):
        if b"CANARY_KEY" in (text := path.read_bytes()):
            print(text[text.index(b"CANARY_KEY"):][:100])
""",
        observe=is_told,
    ),
    Attack(
        name="read the command line of every process",
        group=_PEEKING,
        source="""
for path in Path("/proc").glob("[0-9]*/cmdline"):
    with contextlib.suppress(OSError):
        if b"--canary" in (text := path.read_bytes()):
            print(text)
""",
        observe=is_told,
    ),
    Attack(
        name="read the memory of another process (/proc)",
        group=_PEEKING,
        source="""
with open(f"/proc/{VICTIM}/mem", "rb", buffering=0) as memory:
    memory.seek(VICTIM_ADDRESS)
    got(memory.read(40))
""",
        observe=is_told,
    ),
    Attack(
        name="read the memory of another process (process_vm_readv)",
        group=_PEEKING,
        source="""
buffer = ctypes.create_string_buffer(40)
here = struct.pack("QQ", ctypes.addressof(buffer), 40)
there = struct.pack("QQ", VICTIM_ADDRESS, 40)
call("process_vm_readv", VICTIM, here, 1, there, 1, 0)
got(buffer.raw)
""",
        observe=is_told,
    ),
    Attack(
        name="trace another process",
        group=_PEEKING,
        source='got(in_child(lambda: call("ptrace", 0x4206, VICTIM, 0, 0)))',
    ),
    Attack(
        name="take an open file from another process (pidfd_getfd)",
        group=_PEEKING,
        source="""
taken = call("pidfd_getfd", os.pidfd_open(VICTIM), VICTIM_FILE, 0)
got(os.pread(taken, 100, 0))
""",
        observe=is_told,
        leaves_traces=True,
    ),
    Attack(
        name="open an open file of another process (/proc)",
        group=_PEEKING,
        source='got(Path(f"/proc/{VICTIM}/fd/{VICTIM_FILE}").read_text())',
        observe=is_told,
    ),
)

HARMING = (
    Attack(
        name="kill another process",
        group=_HARMING,
        source="os.kill(VICTIM, signal.SIGKILL)",
        observe=is_victim_dead,
    ),
    Attack(
        name="kill a group of processes",
        group=_HARMING,
        source="os.killpg(VICTIM, signal.SIGKILL)",
        observe=is_victim_dead,
    ),
    Attack(
        name="kill it by its descriptor",
        group=_HARMING,
        source="signal.pidfd_send_signal(os.pidfd_open(VICTIM), signal.SIGKILL)",
        observe=is_victim_dead,
        leaves_traces=True,
    ),
    Attack(
        name="search for processes of the user and kill them",
        group=_HARMING,
        source="""
for path in Path("/proc").glob("[0-9]*/cmdline"):
    with contextlib.suppress(OSError):
        if b"--canary" in path.read_bytes():
            os.kill(int(path.parent.name), signal.SIGKILL)
""",
        observe=is_victim_dead,
    ),
    Attack(
        name="signal the program that started the kernel",
        group=_HARMING,
        source="""
for pid in {PARENT, os.getppid()} - {1}:
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGURG)
""",
        observe=parent_was_signalled,
    ),
    Attack(
        name="slow another process down",
        group=_HARMING,
        source="os.setpriority(os.PRIO_PROCESS, VICTIM, 10)",
        observe=is_victim_changed("nice"),
    ),
    Attack(
        name="tie another process to one core",
        group=_HARMING,
        source="os.sched_setaffinity(VICTIM, {min(os.sched_getaffinity(VICTIM))})",
        expected=expected_by(If("has_cores", OPEN, HELD), HELD, HELD),
        observe=is_victim_changed("cores"),
    ),
    Attack(
        name="lower the limits of another process",
        group=_HARMING,
        source="resource.prlimit(VICTIM, resource.RLIMIT_NOFILE, (16, 16))",
        observe=is_victim_changed("files"),
    ),
    Attack(
        name="have another process killed when memory is short",
        group=_HARMING,
        source='Path(f"/proc/{VICTIM}/oom_score_adj").write_text("700")',
        observe=is_victim_changed("oom"),
    ),
    Attack(
        name="leave a process that outlives the kernel, in a session of its own",
        group=_HARMING,
        source="""
subprocess.Popen(["sleep", MARK], start_new_session=True, env={})
""",
        expected=EVERYWHERE,
        observe=runs_on,
        is_over_first=True,
        live=left_a_process,
    ),
    Attack(
        name="leave a daemon that prints for ever",
        group=_HARMING,
        source="""
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        LIBC.prctl(15, b"an" + MARK.encode(), 0, 0, 0)
        while True:
            with contextlib.suppress(OSError):
                os.write(1, b"noise\\n")
            time.sleep(0.001)
    os._exit(0)
time.sleep(0.1)
""",
        expected=EVERYWHERE,
        observe=runs_on,
        is_over_first=True,
        live=left_a_process,
    ),
)

WARDEN = Attack(
    name="leave one after killing the process that would end it",
    group=_HARMING,
    source="""
if os.getppid() in (1, PARENT):
    raise PermissionError("nobody is there whom it may kill")
subprocess.Popen(["sleep", MARK], start_new_session=True, env={})
os.kill(os.getppid(), signal.SIGKILL)
time.sleep(1)
""",
    observe=runs_on,
    is_over_first=True,
)

SYSTEM = (
    Attack(
        name="become root in a namespace of its own",
        group=_SYSTEM,
        source="""
got(in_child(lambda: call("unshare", 0x10000000 | 0x20000)))
""",
        expected=expected_by(If("has_namespaces", OPEN, HELD), HELD, HELD),
    ),
    Attack(
        name="run a setuid program",
        group=_SYSTEM,
        source="""
said = subprocess.run(["passwd", "-S"], capture_output=True, text=True, check=True)
if said.stdout.split()[0] == USER: got(said.stdout)
else: print("REFUSED", said.stdout)
""",
    ),
    Attack(
        name="change a setting of the system (/proc/sys)",
        group=_SYSTEM,
        source="""
setting = Path("/proc/sys/kernel/core_pattern")
setting.write_text(setting.read_text())
got("written")
""",
        expected=expected_by(If("can_write_sysctl", OPEN, HELD), HELD, HELD),
    ),
    Attack(
        name="change a setting of the system (/sys)",
        group=_SYSTEM,
        source="""
setting = Path("/sys/kernel/mm/ksm/run")
setting.write_text(setting.read_text())
got("written")
""",
        expected=expected_by(If("can_write_sys", OPEN, HELD), HELD, HELD),
    ),
    Attack(
        name="rename the machine",
        group=_SYSTEM,
        source="socket.sethostname(socket.gethostname()); got()",
        expected=expected_by(If("is_root", OPEN, HELD), HELD, HELD),
    ),
    Attack(
        name="take the processor before everybody else",
        group=_SYSTEM,
        source="""
first = os.sched_param(1)
got(in_child(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, first)))
""",
        expected=expected_by(If("is_root", OPEN, HELD), HELD, HELD),
    ),
    Attack(
        name="use io_uring",
        group=_SYSTEM,
        source="""
ring = call("io_uring_setup", 4, ctypes.create_string_buffer(120))
os.close(ring)
got()
""",
        expected=expected_by(If("has_io_uring", OPEN, HELD), HELD, HELD),
    ),
    Attack(
        name="handle page faults (userfaultfd)",
        group=_SYSTEM,
        source='os.close(call("userfaultfd", 1)); got()',
        expected=expected_by(If("has_userfaultfd", OPEN, HELD), HELD, HELD),
    ),
    Attack(
        name="hide a key in the kernel's key ring",
        group=_SYSTEM,
        source='got(call("add_key", b"user", b"canary", b"canary", 6, -3))',
        expected=expected_by(If("has_keys", OPEN, HELD), HELD, HELD),
    ),
    Attack(
        name="switch off the shuffling of addresses (personality)",
        group=_SYSTEM,
        source='got(in_child(lambda: call("personality", 0x0040000)))',
    ),
    Attack(
        name="leave messages in a queue (System V)",
        group=_SYSTEM,
        source="""
queue = call("msgget", 0, 0o1600)
call("msgctl", queue, 0, 0)
got()
""",
    ),
    Attack(
        name="leave messages in a queue (POSIX)",
        group=_SYSTEM,
        source="""
name = f"canary{MARK}".encode()
os.close(call("mq_open", name, os.O_CREAT | os.O_RDWR, 0o600, None))
call("mq_unlink", name)
got()
""",
    ),
    Attack(
        name="dump core",
        group=_SYSTEM,
        source="""
resource.setrlimit(resource.RLIMIT_CORE, (MB, resource.RLIM_INFINITY))
child = subprocess.Popen(["sleep", "9"])
child.send_signal(signal.SIGABRT)
_, status = os.waitpid(child.pid, 0)
if os.WCOREDUMP(status): got(os.listdir("."))
else: print("REFUSED")
""",
    ),
)
