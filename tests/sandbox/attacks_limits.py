"""Attacks that take more than their share: memory, processes, descriptors, disk."""

from __future__ import annotations

from .attack import EVERYWHERE, HELD, OPEN, Attack, Expected, If, expected_by
from .observers import fills_disk, left_files
from .plain_kernel import filled_disk

_MEMORY = "memory"
_COUNTS = "processes and descriptors"
_DISK = "disk"

_WITH_A_TOTAL: Expected = If("has_total_bound", HELD, OPEN)


def _mapped(how: str) -> str:
    """Take more than the limit through a mapping, and touch every page of it."""
    return f"""
size = MEMORY // 2 * 3
{how}
for start in range(0, size, MB):
    taken[start : start + MB] = fill(MB)
got(size // MB)
taken.close()
"""


MEMORY = (
    Attack(
        name="take more memory than there may be, Python",
        group=_MEMORY,
        source="hog = [fill(MB) for _ in range(MEMORY // 2 * 3 // MB)]; got(len(hog))",
        leaves_traces=True,
    ),
    Attack(
        name="take more memory than there may be, NumPy",
        group=_MEMORY,
        source="import numpy; got(numpy.ones(MEMORY // 2 * 3 // 8).sum())",
    ),
    Attack(
        name="take it as shared memory (mmap)",
        group=_MEMORY,
        source=_mapped("taken = mmap.mmap(-1, size)"),
    ),
    Attack(
        name="take it as shared memory (/dev/zero)",
        group=_MEMORY,
        source=_mapped('taken = mmap.mmap(os.open("/dev/zero", os.O_RDWR), size)'),
        leaves_traces=True,
    ),
    Attack(
        name="take it as a file in memory (memfd)",
        group=_MEMORY,
        source=_mapped(
            'number = os.memfd_create("hog")\n'
            "os.ftruncate(number, size)\n"
            "taken = mmap.mmap(number, size)\n"
            "os.close(number)"
        ),
    ),
    Attack(
        name="take it as a segment (System V)",
        group=_MEMORY,
        source="""
size = MEMORY // 2 * 3
segment = call("shmget", 0, size, 0o1600)
address = call("shmat", segment, None, 0)
call("shmctl", segment, 0, None)
ctypes.memset(address, 170, size)
got(size // MB)
""",
        leaves_traces=True,
    ),
    Attack(
        name="take it as stack that may grow",
        group=_MEMORY,
        source=_mapped(
            "taken = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x100)"
        ),
    ),
    Attack(
        name="take it as read-only pages, written through /proc",
        group=_MEMORY,
        source="""
size = MEMORY // 2 * 3
private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
LIBC.mmap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3]
LIBC.mmap.argtypes += [ctypes.c_long]
address = LIBC.mmap(None, size, mmap.PROT_READ, private, -1, 0)
with open("/proc/self/mem", "r+b", buffering=0) as memory:
    for start in range(0, size, MB):
        memory.seek(address + start)
        memory.write(fill(MB))
got(size // MB)
""",
        leaves_traces=True,
    ),
    Attack(
        name="take it as a file in /dev/shm",
        group=_MEMORY,
        source="""
with open(f"/dev/shm/canary{MARK}", "wb") as file:
    os.unlink(file.name)
    for _ in range(MEMORY // 2 * 3 // MB):
        file.write(fill(MB))
got()
""",
    ),
    Attack(
        name="take it in many processes, each within its limit",
        group=_MEMORY,
        source="""
hog = f"import time; a = b'x' * {MEMORY // 2}; print(1, flush=True); time.sleep(9)"
command = [sys.executable, "-S", "-c", hog]
hogs = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(5)]
try:
    fed = [hog.stdout.read(1) for hog in hogs].count(b"1")
finally:
    for hog in hogs:
        hog.kill(); hog.wait(); hog.stdout.close()
if fed == 5: got(fed)
else: print("REFUSED", fed)
""",
        expected=expected_by(OPEN, _WITH_A_TOTAL, _WITH_A_TOTAL),
    ),
)

COUNTS = (
    Attack(
        name="start processes without end",
        group=_COUNTS,
        source="""
children = []
try:
    for _ in range(PROCESSES + 60):
        children.append(subprocess.Popen(["sleep", "60"]))
    got(len(children))
finally:
    for child in children:
        child.kill(); child.wait()
""",
        expected=expected_by(OPEN, _WITH_A_TOTAL, If("counts_processes", HELD, OPEN)),
    ),
    Attack(
        name="start threads without end",
        group=_COUNTS,
        source="""
enough = threading.Event()
threading.stack_size(1 << 16)
try:
    for _ in range(PROCESSES + 60):
        threading.Thread(target=enough.wait, daemon=True).start()
    got(threading.active_count())
finally:
    enough.set()
""",
        expected=expected_by(OPEN, _WITH_A_TOTAL, If("counts_processes", HELD, OPEN)),
        leaves_traces=True,
    ),
    Attack(
        name="open files without end",
        group=_COUNTS,
        source="""
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
opened = []
try:
    for _ in range(FILES + 100):
        opened.append(os.open("/dev/null", os.O_RDONLY))
    got(len(opened))
finally:
    for number in opened:
        os.close(number)
""",
    ),
    Attack(
        name="raise its own limits",
        group=_COUNTS,
        source="""
most = resource.RLIM_INFINITY
before = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
with open("large", "wb") as file:
    os.truncate(file.name, 4 * WORK)
got()
""",
    ),
)

DISK = (
    Attack(
        name="write a file that is too long",
        group=_DISK,
        source="""
with open("long.csv", "wb") as file:
    for _ in range(2 * WORK // MB):
        file.write(fill(MB))
""",
        observe=fills_disk,
    ),
    Attack(
        name="write many files that are too long together",
        group=_DISK,
        source="""
for number in range(2 * WORK // MB):
    Path(f"part-{number}.csv").write_bytes(fill(MB))
""",
        expected=expected_by(OPEN, OPEN, HELD),
        observe=fills_disk,
    ),
    Attack(
        name="fill the folder for temporary files",
        group=_DISK,
        source="""
import tempfile
for number in range(2 * TMP // MB):
    with tempfile.NamedTemporaryFile(prefix=f"canary{MARK}", delete=False) as file:
        file.write(fill(MB))
""",
        expected=expected_by(OPEN, OPEN, HELD),
        observe=fills_disk,
    ),
    Attack(
        name="fill the log of its own process",
        group=_DISK,
        source="""
for _ in range(2 * WORK // MB):
    os.write(sys.stderr._original_stdstream_copy, fill(MB))
""",
        expected=EVERYWHERE,
        observe=fills_disk,
        live=filled_disk,
    ),
    Attack(
        name="make 100,000 files",
        group=_DISK,
        source="""
for number in range(100_000):
    os.close(os.open(f"{number}.csv", os.O_CREAT))
""",
        expected=expected_by(OPEN, OPEN, HELD),
        observe=left_files(20_000),
        is_collected=True,
        timeout_seconds=20,
    ),
    Attack(
        name="make a sparse file of a terabyte",
        group=_DISK,
        source="""
with open("sparse.csv", "wb") as file:
    os.truncate(file.name, 1 << 40)
got()
""",
    ),
    Attack(
        name="make folders so deep that they are hard to remove",
        group=_DISK,
        source="""
for _ in range(3000):
    os.mkdir("deep")
    os.chdir("deep")
""",
        observe=left_files(1000),
        is_over_first=True,
    ),
)
