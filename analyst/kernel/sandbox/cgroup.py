"""A bound on what a kernel and all that it starts take together: who can keep it.

A limit of each process is walked around by starting more of them, or by memory that is
shared. Only the system can add up, in a control group, and there are three ways to
come by one:

- systemd, where it answers and is seen to keep its word: it owns the tree then, and
  only it should make groups there.
- version 2, where a group above ours is open to us and hands on its controllers.
- version 1, where the hierarchies of memory and processes are open to us: to root.

A group of ours lies beneath or beside the one that we are in, so what bounds that one
from above bounds ours, too.

https://docs.kernel.org/admin-guide/cgroup-v2.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from analyst.kernel.sandbox.group import Bound, make_group, read_text, remove_stale
from analyst.kernel.sandbox.policy import Limits
from analyst.kernel.sandbox.scope import make_scope

__all__ = ["Bound", "Mount", "find_group", "read_groups", "read_mounts", "total_bound"]

_CONTROLLERS = ("memory", "pids")
_UNIFIED = ""  # stands for version 2, where a controller is looked for
_ROOT, _POINT = 3, 4  # columns of mountinfo
_ESCAPE = re.compile(r"\\([0-7]{3})")


def total_bound(limits: Limits, name: str) -> Bound | None:
    """A bound on the memory and processes of one kernel, where one can be had.

    Groups whose maker was killed are removed on the way.

    Args:
        limits: of which memory and processes are bounded, and swap is not given.
        name: letters and digits; tells this bound from others of this process.

    Returns:
        None where nobody on this system would keep it.

    Example:
        >>> bound = total_bound(limits, "k1")  # doctest: +SKIP
        >>> process = subprocess.Popen([*bound.prefix, *command])  # doctest: +SKIP
        >>> bound.close()  # doctest: +SKIP
    """
    mounts = read_mounts(read_text(Path("/proc/self/mountinfo")))
    groups = read_groups(read_text(Path("/proc/self/cgroup")))
    unified = next((m.point for m in mounts if _UNIFIED in m.controllers), None)
    if unified and (scope := make_scope(limits, name, unified)):
        return scope
    places = _places_of_version_2(mounts, groups) or _places_of_version_1(
        mounts, groups
    )
    for place in places:
        remove_stale(place)
    return make_group(places, name, limits) if places else None


@dataclass(frozen=True, slots=True)
class Mount:
    """A place where a hierarchy of groups can be reached."""

    point: Path
    root: str
    """The group that stands at `point`."""
    controllers: frozenset[str]
    """What it controls; of version 2, which says so in each group, `{""}`."""


def read_mounts(mountinfo: str) -> tuple[Mount, ...]:
    """The hierarchies in a text such as `/proc/self/mountinfo`."""
    found = []
    for line in mountinfo.splitlines():
        place, _, source = line.partition(" - ")
        fields, kind = place.split(" "), source.split(" ")
        if kind[0] not in {"cgroup", "cgroup2"} or len(fields) <= _POINT:
            continue
        options = kind[-1].split(",") if kind[0] == "cgroup" else [_UNIFIED]
        root, point = (_unescape(fields[at]) for at in (_ROOT, _POINT))
        found.append(Mount(Path(point), root, frozenset(options)))
    return tuple(found)


def read_groups(cgroup: str) -> Mapping[str, str]:
    """The group for each controller in a text such as `/proc/self/cgroup`."""
    return {
        controller: path
        for line in cgroup.splitlines()
        for _, controllers, path in [line.split(":", 2)]
        for controller in controllers.split(",")
    }


def find_group(
    controller: str, mounts: Sequence[Mount], groups: Mapping[str, str]
) -> Path | None:
    """The folder of the group that we are in; None where it is out of reach.

    Args:
        controller: its name; empty for version 2.
        mounts: from `read_mounts`.
        groups: from `read_groups`.
    """
    for mount in reversed(mounts):  # a later one lies over an earlier one
        if controller not in mount.controllers:
            continue
        path = PurePosixPath(groups.get(controller, "/.."))
        # A group outside of our namespace is written with dots.
        if path.is_relative_to(mount.root) and ".." not in path.parts:
            return mount.point / path.relative_to(mount.root)
    return None


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda code: chr(int(code[1], 8)), text)


def _places_of_version_2(
    mounts: Sequence[Mount], groups: Mapping[str, str]
) -> tuple[Path, ...]:
    """The nearest group in which one can be made that is controlled, if any.

    Most often not our own: one with processes in it cannot hand on its controllers.
    """
    own = find_group(_UNIFIED, mounts, groups)
    for place in (own, *own.parents) if own else ():
        handed_on = read_text(place / "cgroup.subtree_control").split()
        if set(_CONTROLLERS) <= set(handed_on) and _is_open(place):
            return (place,)
    return ()


def _places_of_version_1(
    mounts: Sequence[Mount], groups: Mapping[str, str]
) -> tuple[Path, ...]:
    """Our own group in each hierarchy; none where one of them is closed to us."""
    found = {find_group(controller, mounts, groups) for controller in _CONTROLLERS}
    places = tuple(place for place in found if place and _is_open(place))
    return places if len(places) == len(found) else ()


def _is_open(place: Path) -> bool:
    """Whether we may make groups there and move processes into them."""
    return os.access(place, os.W_OK) and os.access(place / "cgroup.procs", os.W_OK)
