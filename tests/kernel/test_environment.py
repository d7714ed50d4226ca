"""The environment of a kernel is rebuilt, and its folders are private and short."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from analyst.kernel.environment import kernel_environment
from analyst.kernel.process.fonts import cache_folder, give_fonts, make_fonts
from analyst.kernel.process.runtime import RuntimeFolder
from analyst.kernel.sandbox.enclosure import private_folders

PYTHON = Path(sys.executable)
NOWHERE = Path("/run/nowhere")
HOLD = """
import sys, time
from analyst.kernel.process.runtime import RuntimeFolder
print(RuntimeFolder({"XDG_RUNTIME_DIR": sys.argv[1]}).path, flush=True)
time.sleep(60)
"""


def test_two_kernels_differ_in_nothing_but_their_hash_seed() -> None:
    """All else that could change a result is fixed."""
    one = kernel_environment(PYTHON, hash_seed=0)
    two = kernel_environment(PYTHON, hash_seed=1)
    assert {name for name in one if one[name] != two[name]} == {"PYTHONHASHSEED"}
    assert one["PYTHONHASHSEED"] == "0"
    assert one["TZ"] == "UTC"


def test_nothing_of_the_users_profile_is_in_reach() -> None:
    """IPython's, Jupyter's and matplotlib's folders lie in the private one."""
    assert len(private_folders(NOWHERE)) == 5
    for value in private_folders(NOWHERE).values():
        assert Path(value).is_relative_to(NOWHERE)


def test_the_runtime_folder_is_private_and_where_the_user_keeps_such(
    tmp_path: Path,
) -> None:
    """Nobody else can reach the sockets, and nothing of it stays."""
    folder = RuntimeFolder({"XDG_RUNTIME_DIR": str(tmp_path)})
    assert folder.path.parent == tmp_path
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    folder.remove()
    folder.remove()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["too/long" * 20, "missing"])
def test_a_place_that_cannot_hold_sockets_is_passed_over(
    tmp_path: Path, place: str
) -> None:
    """A name longer than a socket's address, or no folder at all, is no obstacle."""
    unusable = tmp_path / place
    if place != "missing":
        unusable.mkdir(parents=True)
    folder = RuntimeFolder({"XDG_RUNTIME_DIR": str(unusable)})
    folder.remove()
    assert not folder.path.is_relative_to(unusable)
    assert len(str(folder.path / "sockets" / "k-5")) <= 107
    if unusable.exists():
        assert list(unusable.iterdir()) == []


def test_the_folder_of_a_killed_process_is_removed_by_the_next(tmp_path: Path) -> None:
    """That of a living one stays, and so does what is no folder of ours."""
    (tmp_path / "analyst-notes").mkdir(mode=0o700)
    (tmp_path / "analyst-notes" / "lock").touch()
    (tmp_path / "analyst-12345678").mkdir()
    (tmp_path / "analyst-12345678" / "lock").touch()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    held = Path(holder.stdout.readline().strip())
    RuntimeFolder({"XDG_RUNTIME_DIR": str(tmp_path)}).remove()
    assert held.is_dir()
    holder.kill()
    holder.communicate()
    RuntimeFolder({"XDG_RUNTIME_DIR": str(tmp_path)}).remove()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["analyst-12345678", "analyst-notes"]


def test_the_cache_is_kept_where_it_can_be(tmp_path: Path) -> None:
    """In the user's cache; nowhere where nothing can be kept."""
    home = tmp_path / "home"
    blocked = tmp_path / "blocked"
    blocked.write_text("not a folder")
    kept = cache_folder({"HOME": str(home)}, PYTHON)
    assert kept is not None
    assert kept.parent == home / ".cache" / "analyst" / "matplotlib"
    assert kept.is_dir()
    assert cache_folder({"HOME": str(home)}, Path("/other/bin/python")) != kept
    assert cache_folder({"HOME": str(blocked)}, PYTHON) is None
    assert cache_folder({}, PYTHON) is None


def test_the_list_of_fonts_is_made_once_and_given_as_a_copy(tmp_path: Path) -> None:
    """What a kernel does to its list does nothing to the one that is kept."""
    cache = tmp_path / "cache"
    cache.mkdir()
    make_fonts(cache, PYTHON)
    give_fonts(tmp_path / "one", cache=cache)
    (kept,) = cache.glob("fontlist-*.json")
    made = kept.stat().st_mtime_ns
    (tmp_path / "one" / kept.name).write_text("spoiled")
    make_fonts.cache_clear()
    make_fonts(cache, PYTHON)
    give_fonts(tmp_path / "two", cache=cache)
    assert (tmp_path / "two" / kept.name).read_text() == kept.read_text()
    assert kept.stat().st_mtime_ns == made
