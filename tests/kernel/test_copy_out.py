"""What cells wrote arrives whole, over nothing, and nothing else arrives with it."""

from __future__ import annotations

import os
import resource
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.kernel.files.copy_out import Copied, CopiedFile, copy_out

MB = 1 << 20
CANARY = "c4n4ry"

# Exchanges a file, a pipe and a folder against links, as fast as the system can.
SWAP = """
import ctypes, os, sys
work, vault = sys.argv[1:]
os.chdir(work)
os.symlink(vault + "/x.csv", "to_file"); os.symlink(vault, "to_folder")
os.mkfifo("pipe.csv"); os.mkdir("folder")
for path in ("file.csv", "folder/x.csv"): open(path, "w").write("plain")
exchange = ctypes.CDLL(None).renameat2
print("on", flush=True)
while True:
    for one, other in ((b"file.csv", b"to_file"), (b"folder", b"to_folder")):
        for _ in range(99): exchange(-100, one, -100, other, 2)
    exchange(-100, b"pipe.csv", -100, b"to_file", 2)
"""
GROW = """
import sys
with open(sys.argv[1] + "/x.csv", "ab", 0) as file:
    print("on", flush=True)
    while True: file.write(b"x" * 10)
"""
CRASH = """
import os, sys, pathlib
from analyst.kernel.files import delivery
from analyst.kernel.files.copy_out import copy_out
def crash(*_): os._exit(9)
delivery._stamp_of = delivery._give_name = crash
work = os.open(sys.argv[1], os.O_PATH | os.O_DIRECTORY)
copy_out(work, pathlib.Path(sys.argv[2]), already={}, max_bytes=10**9)
"""


class Places:
    """A kernel's working folder and the user's own."""

    def __init__(self, root: Path) -> None:
        self.work = root / "work"
        self.folder = root / "folder"
        self.work.mkdir(parents=True)
        self.folder.mkdir()

    def write(self, path: str, text: str = "new") -> Path:
        """What a cell does."""
        file = self.work / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def copy_out(
        self,
        *,
        already: Mapping[str, CopiedFile] | None = None,
        max_bytes: int = 10 * MB,
        max_files: int = 1000,
        ignored: tuple[str, ...] = (),
    ) -> Copied:
        """Copy it out."""
        work_fd = os.open(self.work, os.O_PATH | os.O_DIRECTORY)
        try:
            return copy_out(
                work_fd,
                self.folder,
                already=already or {},
                max_bytes=max_bytes,
                max_files=max_files,
                ignored=ignored,
            )
        finally:
            os.close(work_fd)

    def there(self) -> dict[str, str]:
        """All files in the user's folder."""
        return {
            str(path.relative_to(self.folder)): path.read_text()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Two empty folders."""
    return Places(tmp_path)


def known(*rounds: Copied) -> dict[str, CopiedFile]:
    """What a session remembers of what it copied."""
    return {file.name: file for collected in rounds for file in collected.files}


def running(program: str, *words: object) -> subprocess.Popen[bytes]:
    """A program that changes things meanwhile."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, words)], stdout=subprocess.PIPE
    )


def test_files_arrive_in_the_same_places(places: Places) -> None:
    """Text, tables and pictures, in folders too, with ordinary rights."""
    script = places.write("deep/er/out.csv", "a,b\n1,2\n")
    script.chmod(0o777)
    places.write("chart.PNG", "picture")
    places.write("all.csv.gz", "packed")
    collected = places.copy_out()
    assert places.there() == {
        "all.csv.gz": "packed",
        "chart.PNG": "picture",
        "deep/er/out.csv": "a,b\n1,2\n",
    }
    assert [(f.path, f.bytes) for f in collected.files] == [
        ("all.csv.gz", 6),
        ("chart.PNG", 7),
        ("deep/er/out.csv", 8),
    ]
    assert collected.left == ()
    mask = os.umask(0)
    os.umask(mask)
    for path in places.folder.rglob("*.*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o644 & ~mask


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("page.html", "only data"),
        ("drawing.svg", "only data"),
        ("run.py", "only data"),
        ("notes.ipynb", "only data"),
        ("model.pkl", "only data"),
        ("array.npy", "only data"),
        ("all.zip", "only data"),
        ("all.tar.gz", "only data"),
        ("chart.png.gz", "only data"),
        ("csv", "only data"),
        ("x.csv.sh", "only data"),
        (".csv", "hidden"),
        (".hidden.csv", "hidden"),
        (".config/x.csv", "hidden"),
        ("--checkpoint-action=exec=sh x.csv", "as an option"),
        ("package.json", "act on"),
        ("Requirements.txt", "act on"),
        ("CLAUDE.md", "act on"),
        ("a\nb.csv", "cannot be shown"),
        ("a\x1b[2J.csv", "cannot be shown"),
        ("\u202efdp.csv", "cannot be shown"),
        ("\udcff.csv", "cannot be shown"),
        ("/".join("d" * 17) + "/x.csv", "too deep"),
    ],
)
def test_what_is_not_data_by_its_name_is_left(
    places: Places, name: str, why: str
) -> None:
    """And said to be, in a sentence that can be shown."""
    places.write(name)
    places.write("kept.csv")
    collected = places.copy_out()
    assert [file.path for file in collected.files] == ["kept.csv"]
    assert places.there() == {"kept.csv": "new"}
    (sentence,) = collected.left
    assert why in sentence
    assert sentence.isprintable()


def test_only_files_are_copied(places: Places, tmp_path: Path) -> None:
    """No links, wherever they point, no pipes, no sockets; a second name is fine."""
    secret = tmp_path / "secret.csv"
    secret.write_text(CANARY)
    places.write("one.csv")
    os.link(places.work / "one.csv", places.work / "two.csv")
    (places.work / "link.csv").symlink_to(secret)
    (places.work / "dangling.csv").symlink_to("nowhere")
    (places.work / "folder").symlink_to(tmp_path)
    os.mkfifo(places.work / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(places.work / "socket.csv"))
        collected = places.copy_out()
    assert places.there() == {"one.csv": "new", "two.csv": "new"}
    assert len(collected.left) == 5


def test_a_race_wins_nothing(places: Places, tmp_path: Path) -> None:
    """However often a name is exchanged against a link, what it points to stays out."""
    vault = tmp_path / "vault"
    vault.mkdir()
    (vault / "x.csv").write_text(CANARY)
    attacker = running(SWAP, places.work, vault)
    done: list[Copied] = []
    copied: dict[str, CopiedFile] = {}
    try:
        assert attacker.stdout is not None
        attacker.stdout.readline()
        while len(done) < 500 or not all(seen_by(done)):
            done.append(places.copy_out(already=copied))
            copied |= known(done[-1])
            assert CANARY not in places.there().values()
        assert attacker.poll() is None
    finally:
        attacker.kill()
        attacker.communicate()


def seen_by(done: Sequence[Copied]) -> tuple[bool, bool]:
    """Whether a file was copied, and whether a link was met."""
    return any(c.files for c in done), any("a link" in str(c.left) for c in done)


def test_a_folder_is_entered_once_it_is_open(places: Places, tmp_path: Path) -> None:
    """The user's own links are not followed either: nothing is written behind them."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (places.folder / "out").symlink_to(elsewhere)
    (places.folder / "x.csv").symlink_to(elsewhere / "y.csv")
    places.write("out/x.csv")
    places.write("x.csv")
    collected = places.copy_out()
    assert list(elsewhere.iterdir()) == []
    assert [(f.path, f.renamed_from) for f in collected.files] == [("x-2.csv", "x.csv")]
    (sentence,) = collected.left
    assert sentence.startswith("out/x.csv: it cannot be copied")


def test_what_was_there_before_stays(places: Places) -> None:
    """A name that is taken gets a number, and the file keeps it from then on."""
    (places.folder / "x.csv.gz").write_text("old")
    (places.folder / "x-2.csv.gz").mkdir()
    places.write("x.csv.gz", "one")
    first = places.copy_out()
    assert [(f.path, f.renamed_from) for f in first.files] == [
        ("x-3.csv.gz", "x.csv.gz")
    ]
    places.write("x.csv.gz", "two")
    second = places.copy_out(already=known(first))
    assert known(second)["x.csv.gz"].path == "x-3.csv.gz"
    assert places.there() == {"x.csv.gz": "old", "x-3.csv.gz": "two"}


def test_a_file_of_this_session_is_updated(places: Places) -> None:
    """Unless somebody has changed it; one that was removed comes back."""
    places.write("a/x.csv", "one")
    first = places.copy_out()
    places.write("a/x.csv", "two")
    second = places.copy_out(already=known(first))
    assert places.there() == {"a/x.csv": "two"}
    (places.folder / "a" / "x.csv").write_text("by hand")
    places.write("a/x.csv", "three")
    third = places.copy_out(already=known(first, second))
    assert places.there() == {"a/x.csv": "by hand", "a/x-2.csv": "three"}
    (places.folder / "a" / "x-2.csv").unlink()
    fourth = places.copy_out(already=known(first, second, third))
    assert places.there() == {"a/x.csv": "by hand", "a/x-2.csv": "three"}
    assert fourth.files[0].renamed_from == "a/x.csv"


def test_a_link_put_in_the_place_of_a_copy_is_not_followed(
    places: Places, tmp_path: Path
) -> None:
    """An update replaces our own file or nothing."""
    places.write("x.csv", "one")
    first = places.copy_out()
    other = tmp_path / "other.csv"
    (places.folder / "x.csv").rename(other)
    (places.folder / "x.csv").symlink_to(other)
    places.write("x.csv", "two")
    assert places.copy_out(already=known(first)).files[0].path == "x-2.csv"
    assert other.read_text() == "one"


def test_inputs_are_not_copied_back(places: Places) -> None:
    """Nor is anything said of them."""
    places.write("data/sales.csv", "input")
    places.write("data/out.csv", "output")
    collected = places.copy_out(ignored=("data/sales.csv",))
    assert places.there() == {"data/out.csv": "output"}
    assert collected.left == ()


def test_bytes_and_files_are_bounded(places: Places) -> None:
    """What fits is copied; what does not is named; a file of holes weighs its size."""
    places.write("a.csv", "x" * 60)
    places.write("b.csv", "x" * 60)
    places.write("c.csv", "x" * 30)
    with (places.work / "d.csv").open("wb") as file:
        file.truncate(1 << 40)
    collected = places.copy_out(max_bytes=100)
    assert sorted(places.there()) == ["a.csv", "c.csv"]
    assert [left.partition(":")[0] for left in collected.left] == ["b.csv", "d.csv"]
    assert len(places.copy_out(max_files=3, max_bytes=10 * MB).files) == 3


def test_very_many_names_are_looked_at_and_told_of_within_bounds(
    places: Places,
) -> None:
    """A folder full of rubbish costs little, and does not fill the report."""
    for number in range(21_000):
        os.mknod(places.work / f"{number}.tmp")
    collected = places.copy_out()
    assert len(collected.left) == 101
    assert collected.left[-1].endswith(" more were not copied.")
    assert any("only 20,000 names" in sentence for sentence in collected.left)


def test_a_file_that_grows_is_left_out(places: Places) -> None:
    """Half of a table is worse than none."""
    places.write("x.csv", "x" * 10 * MB)
    writer = running(GROW, places.work)
    collected = Copied()
    try:
        assert writer.stdout is not None
        writer.stdout.readline()
        while not collected.left:  # it may be so quick that nothing was written
            collected = places.copy_out(max_bytes=1000 * MB, already=known(collected))
    finally:
        writer.kill()
        writer.communicate()
    assert collected.left == ("x.csv: it was still being written.",)
    assert collected.files == ()
    assert places.copy_out(max_bytes=1000 * MB).left == ()


def test_a_full_disk_leaves_nothing_half_written(places: Places) -> None:
    """What cannot be written is named, and no piece of it stays; the rest arrives."""
    places.write("large.csv", "x" * 3 * MB)
    places.write("small.csv", "x")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MB, hard))
    try:
        collected = places.copy_out()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [file.path for file in collected.files] == ["small.csv"]
    (sentence,) = collected.left
    assert sentence == "large.csv: it cannot be copied (File too large)."
    assert sorted(p.name for p in places.folder.iterdir()) == ["small.csv"]


def test_a_crash_leaves_nothing_half_written(places: Places) -> None:
    """A file has no name until it is complete."""
    places.write("x.csv", "x" * MB)
    crashed = running(CRASH, places.work, places.folder)
    crashed.communicate()
    assert crashed.returncode == 9
    assert list(places.folder.iterdir()) == []


@pytest.fixture
def poor_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system as USB sticks have it: no files without a name, no second names."""

    def no_links(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(os, "O_TMPFILE", 1 << 30)


def test_a_poor_disk_is_written_to_as_well(places: Places, poor_disk: None) -> None:
    """The same laws hold: over nothing, updated, and no draft stays."""
    (places.folder / "x.csv").write_text("old")
    places.write("x.csv", "one")
    first = places.copy_out()
    places.write("x.csv", "two")
    places.copy_out(already=known(first))
    assert places.there() == {"x.csv": "old", "x-2.csv": "two"}


@pytest.mark.parametrize("gone", ["work", "folder"])
def test_a_folder_that_is_gone_is_a_sentence(places: Places, gone: str) -> None:
    """Nothing raises on the way out of a session."""
    places.write("x.csv")
    work_fd = os.open(places.work, os.O_PATH | os.O_DIRECTORY)
    if gone == "folder":
        places.folder.rmdir()
    else:
        (places.work / "x.csv").unlink()
        places.work.rmdir()
    collected = copy_out(work_fd, places.folder, already={}, max_bytes=MB)
    os.close(work_fd)
    assert collected.files == ()
    assert gone == "work" or "Nothing was copied" in collected.left[0]


def test_no_descriptor_is_left_open(places: Places, tmp_path: Path) -> None:
    """Whatever went wrong on the way."""
    for name in ("a/b/x.csv", "a/y.py", ".z/q.csv"):
        places.write(name)
    (places.folder / "a").symlink_to(tmp_path)
    before = sorted(Path("/proc/self/fd").iterdir())
    places.copy_out()
    assert sorted(Path("/proc/self/fd").iterdir()) == before


NAMES = ["x.csv", "x-2.csv", "d/x.csv", "d/e/y.txt", "z.py"]


@given(
    written=st.sets(st.sampled_from(NAMES)),
    there=st.sets(st.sampled_from(["x.csv", "x-2.csv", "x-3.csv", "d/x.csv", "d.csv"])),
    rounds=st.integers(1, 3),
)
def test_nothing_is_lost_and_nothing_is_overwritten(
    written: set[str], there: set[str], rounds: int
) -> None:
    """Whatever was there stays as it was; every file of data has one copy, its last."""
    with tempfile.TemporaryDirectory() as root:
        places = Places(Path(root))
        for path in there:
            (places.folder / path).parent.mkdir(exist_ok=True)
            (places.folder / path).write_text("old")
        results: list[Copied] = []
        for number in range(rounds):
            for path in written:
                places.write(path, f"{path} {number}")
            results.append(places.copy_out(already=known(*results)))
        found = places.there()
        data = {path for path in written if not path.endswith(".py")}
        assert {path: found.pop(path) for path in there} == dict.fromkeys(there, "old")
        assert sorted(found.values()) == sorted(f"{p} {rounds - 1}" for p in data)
        assert len(results[-1].left) == len(written - data)
