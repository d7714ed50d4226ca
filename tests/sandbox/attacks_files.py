"""Attacks on what is the user's: files to be read, changed, moved, watched."""

from __future__ import annotations

from .attack import HELD, OPEN, Attack, If, expected_by
from .observers import changed, exists, is_told, written

_GROUP = "files of the user"
# Landlock rules over what files hold, not over what is known about them.
_NOT_BY_LANDLOCK = expected_by(OPEN, OPEN, HELD)

READING = (
    Attack(
        name="read a private key in the home",
        group=_GROUP,
        source="got(Path(SECRET_FILE).read_text())",
        observe=is_told,
    ),
    Attack(
        name="read it through a shell",
        group=_GROUP,
        source="""
shell = f"cat {SECRET_FILE}"
get_ipython().run_cell_magic("bash", "", shell)
""",
        observe=is_told,
    ),
    Attack(
        name="read it through the root of another process",
        group=_GROUP,
        source='got(Path(f"/proc/{VICTIM}/root{SECRET_FILE}").read_text())',
        observe=is_told,
    ),
    Attack(
        name="climb to it from each open descriptor",
        group=_GROUP,
        source="""
os.open(".", os.O_RDONLY)
for number in range(3, 64):
    for height in range(10):
        path = "../" * height + SECRET_FILE.lstrip("/")
        try:
            key = os.open(path, os.O_RDONLY, dir_fd=number)
        except OSError:
            continue
        got(os.read(key, 1000).decode())
""",
        observe=is_told,
        leaves_traces=True,
    ),
    Attack(
        name="read it by its handle, from beneath every path",
        group=_GROUP,
        source="""
mounted = os.open(INPUT, os.O_RDONLY)
key = call("open_by_handle_at", mounted, HANDLE, os.O_RDONLY)
got(os.read(key, 1000).decode())
""",
        expected=expected_by(If("is_root", OPEN, HELD), HELD, HELD),
        observe=is_told,
    ),
    Attack(
        name="read the machine's disk",
        group=_GROUP,
        source='got(len(open(DISK, "rb").read(16)))',
        expected=expected_by(If("can_read_disk", OPEN, HELD), HELD, HELD),
    ),
    Attack(
        name="make a device node of the disk and read that",
        group=_GROUP,
        source="""
os.mknod("disk", 0o60600, DISK_NUMBER)
got(len(open("disk", "rb").read(16)))
""",
        expected=expected_by(If("can_read_disk", OPEN, HELD), HELD, HELD),
    ),
    Attack(
        name="open a device of the machine",
        group=_GROUP,
        source='got(os.open("/dev/fuse", os.O_RDWR))',
        expected=expected_by(If("has_fuse", OPEN, HELD), HELD, HELD),
    ),
    Attack(
        name="list the home",
        group=_GROUP,
        source="""
names = os.listdir(HOME_OUTSIDE)
if ".ssh" in names: got(names)
else: print("REFUSED", names)
""",
    ),
    Attack(
        name="ask whether a file is there, and how long it is",
        group=_GROUP,
        source="got(os.stat(SECRET_FILE).st_size)",
        expected=_NOT_BY_LANDLOCK,
    ),
    Attack(
        name="watch what happens in the home",
        group=_GROUP,
        source="""
watching = LIBC.inotify_init1(0)
if LIBC.inotify_add_watch(watching, HOME_OUTSIDE.encode(), 0x3) < 0:
    raise OSError(ctypes.get_errno(), "inotify_add_watch")
if not os.path.exists(os.path.join(HOME_OUTSIDE, "notes.txt")):
    raise FileNotFoundError("another home")
got("watching")
""",
    ),
    Attack(
        name="read the list of accounts",
        group=_GROUP,
        source="""
accounts = Path("/etc/passwd").read_text()
if "root:" in accounts: got(accounts[:40])
else: print("REFUSED", accounts)
""",
    ),
)

CHANGING = (
    Attack(
        name="overwrite a file outside",
        group=_GROUP,
        source='Path(OUTSIDE).write_text("hacked")',
        observe=changed("outside"),
    ),
    Attack(
        name="plant a start-up file in the home",
        group=_GROUP,
        source='Path(HOME_OUTSIDE, ".bashrc").write_text("hacked")',
        observe=exists("home", ".bashrc"),
    ),
    Attack(
        name="change the mode of a private key",
        group=_GROUP,
        source="os.chmod(SECRET_FILE, 0o644)",
        observe=changed("secret"),
    ),
    Attack(
        name="append to an input",
        group=_GROUP,
        source='open(INPUT, "a").write("9,9\\n")',
        observe=changed("input"),
    ),
    Attack(
        name="empty an input",
        group=_GROUP,
        source="os.truncate(INPUT, 0)",
        observe=changed("input"),
    ),
    Attack(
        name="delete an input",
        group=_GROUP,
        source="os.remove(INPUT)",
        observe=changed("input"),
    ),
    Attack(
        name="move an input away",
        group=_GROUP,
        source='os.rename(INPUT, INPUT + ".old")',
        observe=changed("input"),
    ),
    Attack(
        name="put another folder in the place of an input's",
        group=_GROUP,
        source="""
folder = os.path.dirname(OTHER_INPUT)
os.rename(folder, folder + "-old")
os.mkdir(folder)
Path(OTHER_INPUT).write_text("hacked")
""",
        observe=changed("other_input"),
    ),
    Attack(
        name="write to an input through a hard link",
        group=_GROUP,
        source="""
os.link(OTHER_INPUT, "mine.csv")
open("mine.csv", "a").write("9,9\\n")
""",
        observe=changed("other_input"),
    ),
    Attack(
        name="write to an input that is open for reading",
        group=_GROUP,
        source="""
number = os.open(INPUT, os.O_RDONLY)
open(f"/proc/self/fd/{number}", "a").write("9,9\\n")
""",
        observe=changed("input"),
    ),
    Attack(
        name="make an input writable, then write",
        group=_GROUP,
        source='os.chmod(INPUT, 0o666); open(INPUT, "w").write("9,9\\n")',
        observe=written("input"),
    ),
    Attack(
        name="change the date of an input",
        group=_GROUP,
        source="os.utime(INPUT, (0, 0))",
        observe=changed("input"),
    ),
    Attack(
        name="delete the working folder with all that is in it",
        group=_GROUP,
        source="shutil.rmtree(FOLDER, ignore_errors=True); os.chdir('/')",
        observe=changed("neighbour"),
        leaves_traces=True,
    ),
    Attack(
        name="install a package",
        group=_GROUP,
        source="""
name = f"canary{MARK}.py"
Path(sysconfig.get_path("purelib"), name).write_text("")
""",
        expected=expected_by(If("can_install", OPEN, HELD), HELD, HELD),
        observe=exists("packages", "canary{mark}.py"),
    ),
    Attack(
        name="leave something for the next kernel to read",
        group=_GROUP,
        source="""
for place in PLACES():
    with contextlib.suppress(OSError):
        Path(place, f"canary{MARK}").write_text("")
""",
        afterwards="""
found = [p for p in PLACES() if Path(p, f"canary{MARK}").exists()]
if found: got(found)
else: print("REFUSED")
for place in found:
    Path(place, f"canary{MARK}").unlink()
""",
        is_over_first=True,
    ),
)
