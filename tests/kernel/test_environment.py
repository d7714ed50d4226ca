"""The environment of a kernel is rebuilt, and its folders are private and short."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.kernel.environment import (
    cache_folder,
    kernel_environment,
    runtime_folder,
)

RUNTIME = Path("/run/nowhere")


@given(
    st.dictionaries(
        st.text(min_size=1).filter(lambda name: name != "HOME"),
        st.text(min_size=1).map(lambda value: f"secret:{value}"),
    )
)
def test_nothing_of_the_callers_environment_but_home_gets_in(
    environ: dict[str, str],
) -> None:
    """Whatever the caller's environment holds, that of the kernel does not change."""
    bare = kernel_environment({}, runtime=RUNTIME, cache=RUNTIME, hash_seed=0)
    given_ = kernel_environment(environ, runtime=RUNTIME, cache=RUNTIME, hash_seed=0)
    assert given_ == bare


def test_home_and_hash_seed_are_passed_on() -> None:
    """Two kernels differ in their hash seed where that is asked for."""
    environ = {"HOME": "/home/ada", "PYTHONHASHSEED": "7"}
    one = kernel_environment(environ, runtime=RUNTIME, cache=RUNTIME, hash_seed=0)
    two = kernel_environment(environ, runtime=RUNTIME, cache=RUNTIME, hash_seed=1)
    assert one["HOME"] == "/home/ada"
    assert {name for name in one if one[name] != two[name]} == {"PYTHONHASHSEED"}
    assert one["PYTHONHASHSEED"] == "0"


def test_nothing_of_the_users_profile_is_in_reach() -> None:
    """IPython's and Jupyter's folders lie in the private one."""
    rebuilt = kernel_environment({}, runtime=RUNTIME, cache=RUNTIME, hash_seed=0)
    theirs = [v for k, v in rebuilt.items() if k.startswith(("IPYTHON", "JUPYTER"))]
    assert len(theirs) == 4
    assert all(Path(value).is_relative_to(RUNTIME) for value in theirs)


def test_the_runtime_folder_is_private_and_where_the_user_keeps_such(
    tmp_path: Path,
) -> None:
    """Nobody else can reach the sockets."""
    folder = runtime_folder({"XDG_RUNTIME_DIR": str(tmp_path)})
    try:
        assert folder.parent == tmp_path
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        folder.rmdir()


@pytest.mark.parametrize("place", ["too/long" * 20, "missing"])
def test_a_place_that_cannot_hold_sockets_is_passed_over(
    tmp_path: Path, place: str
) -> None:
    """A name longer than a socket's address, or no folder at all, is no obstacle."""
    unusable = tmp_path / place
    if place != "missing":
        unusable.mkdir(parents=True)
    folder = runtime_folder({"XDG_RUNTIME_DIR": str(unusable)})
    folder.rmdir()
    assert not folder.is_relative_to(unusable)
    assert len(str(folder / "k-5")) <= 107
    if unusable.exists():
        assert list(unusable.iterdir()) == []


def test_the_cache_is_kept_where_it_can_be(tmp_path: Path) -> None:
    """The list of fonts is made once; where nothing can be kept, for each kernel."""
    home = tmp_path / "home"
    blocked = tmp_path / "blocked"
    blocked.write_text("not a folder")
    kept = cache_folder({"HOME": str(home)}, runtime=RUNTIME)
    assert kept == home / ".cache" / "analyst" / "matplotlib"
    assert kept.is_dir()
    lost = cache_folder({"HOME": str(blocked)}, runtime=RUNTIME)
    assert lost == RUNTIME / "matplotlib"
