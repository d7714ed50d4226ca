"""Attacks on the copying out of what cells wrote in the working folder."""

from __future__ import annotations

from .attack import HELD, OPEN, Attack, If, expected_by
from .observers import appears, changed, is_beside

_GROUP = "what is copied out"

COPIES = (
    Attack(
        name="have a private key copied through a link",
        group=_GROUP,
        source='os.symlink(SECRET_FILE, "key.csv")',
        observe=is_beside,
        is_collected=True,
    ),
    Attack(
        name="have it copied through a link to its folder",
        group=_GROUP,
        source='os.symlink(os.path.dirname(SECRET_FILE), "keys")',
        observe=is_beside,
        is_collected=True,
    ),
    Attack(
        name="have it copied through a hard link",
        group=_GROUP,
        source='os.link(SECRET_FILE, "key.csv")',
        observe=is_beside,
        is_collected=True,
    ),
    Attack(
        name="have it copied by swapping a file for a link meanwhile",
        group=_GROUP,
        source="""
def swap():
    while True:
        Path("spare.csv").write_text("1,2\\n")
        os.replace("spare.csv", "key.csv")
        os.symlink(SECRET_FILE, "spare.csv")
        os.replace("spare.csv", "key.csv")
threading.Thread(target=swap, daemon=True).start()
time.sleep(0.05)
""",
        observe=is_beside,
        is_collected=True,
        leaves_traces=True,
    ),
    Attack(
        name="have the copying wait for ever (FIFO)",
        group=_GROUP,
        source='os.mkfifo("pipe.csv")',
        observe=appears("pipe.csv"),
        is_collected=True,
    ),
    Attack(
        name="have a device node copied",
        group=_GROUP,
        source='os.mknod("zero.csv", 0o20666, os.makedev(1, 5))',
        expected=expected_by(If("is_root", OPEN, HELD), HELD, HELD),
        observe=appears("zero.csv"),
        is_collected=True,
    ),
    Attack(
        name="have code copied that Python runs by its name",
        group=_GROUP,
        source='Path("sitecustomize.py").write_text("print(1)")',
        observe=appears("sitecustomize.py"),
        is_collected=True,
    ),
    Attack(
        name="have a settings file copied that is hidden",
        group=_GROUP,
        source="""
Path(".bashrc").write_text("echo")
Path(".ipython").mkdir()
Path(".ipython/startup.txt").write_text("1")
""",
        observe=appears(".bashrc", ".ipython"),
        is_collected=True,
    ),
    Attack(
        name="have another notebook copied",
        group=_GROUP,
        source='Path("analysis.ipynb").write_text("{}")',
        observe=appears("analysis.ipynb"),
        is_collected=True,
    ),
    Attack(
        name="have a web page copied",
        group=_GROUP,
        source='Path("report.html").write_text("<script>alert(1)</script>")',
        observe=appears("report.html"),
        is_collected=True,
    ),
    Attack(
        name="have a program copied",
        group=_GROUP,
        source="""
Path("run.csv").write_text("#!/bin/sh\\n")
os.chmod("run.csv", 0o4777)
""",
        observe=appears("run.csv", executable=True),
        is_collected=True,
    ),
    Attack(
        name="have a name copied that rewrites a terminal's line",
        group=_GROUP,
        source='Path("a\\x1b[2K\\nok.csv").write_text("1")',
        observe=appears("a\x1b[2K\nok.csv"),
        is_collected=True,
    ),
    Attack(
        name="overwrite a file of the user's beside the notebook",
        group=_GROUP,
        source='Path("report.csv").write_text("hacked")',
        observe=changed("neighbour"),
        is_collected=True,
    ),
    Attack(
        name="put another file in the place of an input",
        group=_GROUP,
        source="""
name = os.path.basename(INPUT)
Path("fake.csv").write_text("hacked")
os.replace("fake.csv", name)
""",
        observe=changed("input"),
        is_collected=True,
    ),
)
