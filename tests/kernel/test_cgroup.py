"""A kernel and all that it starts take no more together than they may."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.kernel.sandbox.cgroup import (
    Bound,
    find_group,
    read_groups,
    read_mounts,
    total_bound,
)
from analyst.kernel.sandbox.group import remove_group
from analyst.kernel.sandbox.policy import Limits

LIMITS = Limits(memory_bytes=96 << 20, processes=24)
ROOMY = Limits(memory_bytes=1 << 30, processes=100)

# Takes memory that no limit of a process counts: it is shared.
TAKE = """
import mmap, sys
size = int(sys.argv[1]) << 20
kept = mmap.mmap(-1, size)
for at in range(0, size, 4096): kept[at] = 1
print("took", flush=True)
sys.stdin.read()
"""

FORK = """
import os, signal
children = []
try:
    for _ in range(200):
        child = os.fork()
        if child == 0: signal.pause()
        children.append(child)
except BlockingIOError:
    pass
finally:
    for child in children: os.kill(child, signal.SIGKILL)
print(len(children))
"""

# A parent that is killed while a process in its bound lives on.
ABANDON = """
import os, signal, subprocess
from analyst.kernel.sandbox.cgroup import total_bound
from analyst.kernel.sandbox.policy import Limits
bound = total_bound(Limits(memory_bytes=96 << 20, processes=24), "abandoned")
child = subprocess.Popen([*bound.prefix, "sleep", "60"], stdout=subprocess.DEVNULL)
print(child.pid, flush=True)
while "sleep" not in open(f"/proc/{child.pid}/comm").read(): pass
os.kill(os.getpid(), signal.SIGKILL)
"""

DEBIAN_12 = (
    "24 30 0:22 / /proc rw,nosuid shared:13 - proc proc rw\n"
    "29 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev shared:9 - cgroup2 cgroup2 rw,nsd\n"
)
DOCKER_V1 = (
    "700 690 0:40 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
    "701 700 0:29 /docker/c0ffee /sys/fs/cgroup/systemd ro - cgroup cgroup rw,name=x\n"
    "702 700 0:33 /docker/c0ffee /sys/fs/cgroup/memory ro master:15 - cgroup cgroup "
    "rw,memory\n"
    "703 700 0:34 /docker/c0ffee /sys/fs/cgroup/cpu,pids ro - cgroup none rw,cpu,pids\n"
)
HYBRID = (
    "25 20 0:23 / /sys/fs/cgroup ro shared:9 - tmpfs tmpfs ro,mode=755\n"
    "26 25 0:24 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw\n"
    "27 25 0:25 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
    "28 25 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "29 25 0:30 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"
)


@pytest.mark.parametrize(
    ("mountinfo", "cgroup", "controller", "folder"),
    [
        pytest.param(
            DEBIAN_12,
            "0::/user.slice/user-1000.slice/session-3.scope\n",
            "",
            "/sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope",
            id="Debian 12, Ubuntu 24",
        ),
        pytest.param(
            DEBIAN_12, "0::/\n", "memory", None, id="version 2 has no folder for memory"
        ),
        pytest.param(
            HYBRID,
            "5:pids:/user.slice\n4:memory:/user.slice/a:b\n1:name=systemd:/x\n0::/y\n",
            "memory",
            "/sys/fs/cgroup/memory/user.slice/a:b",
            id="both versions, a colon in a name",
        ),
        pytest.param(
            HYBRID, "4:memory:/\n0::/y\n", "", "/sys/fs/cgroup/unified/y", id="both, 2"
        ),
        pytest.param(
            DOCKER_V1,
            "4:cpu,pids:/docker/c0ffee/inner\n3:memory:/docker/c0ffee\n",
            "pids",
            "/sys/fs/cgroup/cpu,pids/inner",
            id="Docker shows a part of the hierarchy, two controllers share it",
        ),
        pytest.param(
            DOCKER_V1,
            "3:memory:/docker/decade\n",
            "memory",
            None,
            id="we are not in the part that is shown",
        ),
        pytest.param(
            "9 8 0:26 /../../../.. /sys/fs/cgroup rw - cgroup2 cgroup rw,nsdelegate\n",
            "0::/\n",
            "",
            None,
            id="Podman without root: the mount is older than our namespace",
        ),
        pytest.param(
            "9 8 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup rw,nsdelegate\n",
            "0::/../../init.scope\n",
            "",
            None,
            id="we are outside of our namespace",
        ),
        pytest.param(
            "9 8 0:26 / /my\\040groups/v\\0412 rw - cgroup2 none rw\n",
            "0::/a b\n",
            "",
            "/my groups/v!2/a b",
            id="odd characters",
        ),
        pytest.param(
            DEBIAN_12 + DEBIAN_12.replace("/sys/fs/cgroup", "/over"),
            "0::/a\n",
            "",
            "/over/a",
            id="the later mount counts",
        ),
        pytest.param("", "", "memory", None, id="no groups at all"),
    ],
)
def test_our_group_is_found_where_it_is(
    mountinfo: str, cgroup: str, controller: str, folder: str | None
) -> None:
    """What the system says is believed, and no place is taken for granted."""
    found = find_group(controller, read_mounts(mountinfo), read_groups(cgroup))
    assert found == (Path(folder) if folder else None)


WORDS = ["0:26", "/", "/a", "-", " - ", "\n", "cgroup", "cgroup2", "rw,memory", "\\0"]


@given(st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_no_text_of_mounts_is_too_odd(text: str) -> None:
    """A line that makes no sense is no mount."""
    assert all(mount.controllers for mount in read_mounts(text))
    assert read_mounts(text + "\n" + DEBIAN_12)[-1] == read_mounts(DEBIAN_12)[0]


@pytest.fixture
def bound() -> Iterator[Bound | None]:
    """A bound, where one can be had; nothing of it stays."""
    bound = total_bound(LIMITS, "test")
    yield bound
    if bound is not None:
        bound.close()


def own_folders() -> list[Path]:
    """The groups that we are in, wherever they can be seen."""
    mounts = read_mounts(Path("/proc/self/mountinfo").read_text())
    groups = read_groups(Path("/proc/self/cgroup").read_text())
    found = [find_group(name, mounts, groups) for name in ("", "memory", "pids")]
    return [folder for folder in found if folder]


def groups_of_ours() -> set[Path]:
    """All groups of this process, wherever they can be seen."""
    mark = f"-{os.getpid()}-"
    return {
        group
        for folder in own_folders()
        for place in (folder, *folder.parents)
        if place.is_relative_to("/sys/fs/cgroup")
        for group in place.glob("analyst-*")
        if mark in group.name
    }


def start(bound: Bound | None, program: str, *words: str) -> subprocess.Popen[str]:
    """A Python program, in the bound if there is one."""
    return subprocess.Popen(
        [*(bound.prefix if bound else ()), sys.executable, "-c", program, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def first_lines(processes: Sequence[subprocess.Popen[str]]) -> list[str]:
    """What each says first; nothing where it ended before."""
    return [p.stdout.readline().strip() for p in processes if p.stdout]


def end(processes: Sequence[subprocess.Popen[str]]) -> list[int]:
    """Let each go; how each ended."""
    for process in processes:
        process.communicate("")
    return [process.returncode for process in processes]


def until(condition: Callable[[], bool], seconds: float = 5) -> bool:
    """Whether a condition holds before long."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def is_group(bound: Bound | None) -> bool:
    """Whether it is a group that we made ourselves, rather than asked systemd for."""
    return bound is not None and "systemd-run" not in bound.prefix


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_a_bound_can_be_had_where_the_system_is_open_to_us(bound: Bound | None) -> None:
    """It is refused only where a group cannot be made, and then nothing was made."""
    may_make = all(
        os.access(f"/sys/fs/cgroup/{name}/cgroup.procs", os.W_OK)
        for name in ("memory", "pids")
    )
    if may_make:
        assert bound is not None
    if bound is None:
        assert groups_of_ours() == set()


def test_memory_is_bounded_in_total(bound: Bound | None) -> None:
    """Processes of which each stays below the limit do not exceed it together.

    A sibling outside lives; where there is no bound, all of them do.
    """
    outside = start(None, TAKE, "40")
    inside = [start(bound, TAKE, "40") for _ in range(4)]
    said = first_lines([outside, *inside])
    exceeded = bound is not None and bound.was_exceeded()
    outcomes = end([outside, *inside])
    assert said[0] == "took"
    assert outcomes[0] == 0
    killed = outcomes[1:].count(-signal.SIGKILL)
    assert (killed > 0) is (bound is not None)
    assert exceeded is (bound is not None)
    assert killed < 4


def test_one_that_fits_is_left_alone(bound: Bound | None) -> None:
    """A bound says that it was exceeded only where it was."""
    process = start(bound, TAKE, "20")
    assert first_lines([process]) == ["took"]
    assert end([process]) == [0]
    assert bound is None or not bound.was_exceeded()


def test_processes_are_bounded_in_total(bound: Bound | None) -> None:
    """A fork bomb stops at the limit, also where it is root's."""
    process = start(bound, FORK)
    forked = int(first_lines([process])[0])
    end([process])
    assert forked == (LIMITS.processes - 1 if bound else 200)


def test_close_ends_what_is_left_and_removes_the_group() -> None:
    """Also what has left its session; and the word on memory stays."""
    bound = total_bound(LIMITS, "closed")
    if bound is None:
        assert groups_of_ours() == set()
        return
    hog = start(bound, TAKE, "400")
    assert end([hog]) == [-signal.SIGKILL]
    left = start(bound, "import time; print('on', flush=True); time.sleep(60)")
    assert first_lines([left]) == ["on"]
    bound.close()
    assert end([left]) == [-signal.SIGKILL]
    assert groups_of_ours() == set()
    assert bound.was_exceeded()
    bound.close()


def test_a_closed_bound_starts_nothing(bound: Bound | None) -> None:
    """A command that cannot be bounded does not run, and says so."""
    if bound is None or not is_group(bound):
        assert groups_of_ours() == set()
        return
    bound.close()
    done = subprocess.run(
        [*bound.prefix, "echo", "ran"], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert done.stdout == ""
    assert "cgroup.procs" in done.stderr


def test_two_bounds_do_not_know_each_other(bound: Bound | None) -> None:
    """What one kernel takes is not taken from another, nor ended with it."""
    other = total_bound(ROOMY, "other")
    assert (other is None) is (bound is None)
    large, small = start(other, TAKE, "200"), start(bound, TAKE, "20")
    assert first_lines([large, small]) == ["took", "took"]
    if bound is not None:
        bound.close()
        assert until(lambda: small.poll() is not None)
    assert large.poll() is None
    assert end([large]) == [0]
    end([small])
    if other is not None:
        assert not other.was_exceeded()
        other.close()


def test_groups_of_a_killed_parent_are_removed(bound: Bound | None) -> None:
    """At the next start, with all that was left in them; those of the living stay."""
    if bound is None or not is_group(bound):
        assert groups_of_ours() == set()
        return
    keeps_running = start(bound, TAKE, "1")
    assert first_lines([keeps_running]) == ["took"]
    parent = subprocess.run(
        [sys.executable, "-c", ABANDON], stdout=subprocess.PIPE, text=True, check=False
    )
    assert parent.returncode == -signal.SIGKILL
    abandoned = int(parent.stdout)
    assert is_running(abandoned)
    stale = [g for f in own_folders() for g in f.glob("analyst-*-abandoned")]
    assert stale
    another = total_bound(ROOMY, "next")
    assert another is not None
    another.close()
    assert not any(group.exists() for group in stale)
    assert until(lambda: not is_running(abandoned))
    assert end([keeps_running]) == [0]


def test_a_group_inside_a_group_goes_with_it() -> None:
    """Version 2, where it is mounted and open to us; what is inside is killed."""
    places = [f for f in own_folders() if (f / "cgroup.controllers").exists()]
    places = [place for place in places if os.access(place, os.W_OK)]
    if not places:
        assert os.geteuid() != 0 or not os.access("/sys/fs/cgroup/unified", os.W_OK)
        return
    group = places[0] / f"analyst-test-{os.getpid()}"
    (group / "inner").mkdir(parents=True)
    process = subprocess.Popen(["sleep", "60"])
    (group / "inner" / "cgroup.procs").write_text(str(process.pid))
    remove_group(group)
    assert process.wait(timeout=5) == -signal.SIGKILL
    assert not group.exists()
