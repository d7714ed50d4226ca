"""Those who look from outside whether an attack got what it wanted."""

from __future__ import annotations

import socket
import stat
import time

from analyst.kernel.transcript import MAX_TEXT_CHARS

from .attack import HELD, OPEN, PARTIAL, Holding, Observe
from .scene import Scene, Told

__all__ = [
    "answers_outside",
    "appears",
    "by_its_word",
    "changed",
    "exists",
    "fills_disk",
    "is_beside",
    "is_flooded",
    "is_heard",
    "is_in_next_cell",
    "is_in_time",
    "is_told",
    "is_victim_changed",
    "is_victim_dead",
    "lasted",
    "left_files",
    "parent_was_signalled",
    "runs_on",
    "shows",
    "written",
]

_LADDER_SECONDS = 4.0  # the grace of an interrupted cell, and a slow machine
_REAPING_SECONDS = 2.0
_DYING_SECONDS = 0.2


def _open_if(condition: object) -> Holding:
    return OPEN if condition else HELD


def by_its_word(scene: Scene, told: Told) -> Holding:
    """What the cell itself says it got."""
    del scene
    for line in reversed(told.word.splitlines()):
        if line.startswith("GOT"):
            return OPEN
        if line.startswith("PARTLY"):
            return PARTIAL
    return HELD


def is_told(scene: Scene, told: Told) -> Holding:
    """Whether the secret came out."""
    return _open_if(scene.secret in told.shown)


def changed(what: str) -> Observe:
    """Whether one of the user's files is not what it was."""

    def look(scene: Scene, told: Told) -> Holding:
        del told
        return _open_if(scene.is_changed(what))

    return look


def written(what: str) -> Observe:
    """Whether one of the user's files has another content, or at least another mode."""

    def look(scene: Scene, told: Told) -> Holding:
        del told
        if scene.is_written(what):
            return OPEN
        return PARTIAL if scene.is_changed(what) else HELD

    return look


def exists(place: str, name: str) -> Observe:
    """Whether there is a file that the attack was to make."""

    def look(scene: Scene, told: Told) -> Holding:
        del told
        path = scene.places[place] / name.format(mark=scene.mark)
        is_there = path.exists()
        path.unlink(missing_ok=True)
        return _open_if(is_there)

    return look


def appears(*names: str, executable: bool = False) -> Observe:
    """Whether one of these lies beside the notebook, or lies there as a program."""

    def look(scene: Scene, told: Told) -> Holding:
        del told
        for name in names:
            path = scene.folder / name
            if path.exists() and (
                not executable or stat.S_IMODE(path.stat().st_mode) & 0o7111
            ):
                return OPEN
        return HELD

    return look


def is_beside(scene: Scene, told: Told) -> Holding:
    """Whether what is read beside the notebook, by whatever name, is the secret."""
    del told
    deadline = time.monotonic() + 3  # a link that comes and goes is seen in this time
    while time.monotonic() < deadline:
        for path in (*scene.folder.glob("*"), *scene.folder.glob("*/*")):
            try:
                if path.is_file() and scene.secret in path.read_text(errors="replace"):
                    return OPEN
            except OSError:
                continue
        if not list(scene.folder.glob("key*")):
            break
    return HELD


def is_heard(scene: Scene, told: Told) -> Holding:
    """Whether one of the listeners outside heard anything."""
    del told
    return _open_if(scene.ears.heard())


def answers_outside(scene: Scene, told: Told) -> Holding:
    """Whether the port that it says it serves can be reached."""
    del scene
    _, found, port = told.word.partition("PORT ")
    if not found:
        return HELD
    try:
        socket.create_connection(("127.0.0.1", int(port.split()[0])), 1).close()
    except OSError:
        return HELD
    return OPEN


def is_victim_dead(scene: Scene, told: Told) -> Holding:
    """Whether the other process has ended."""
    del told
    return _open_if(scene.victim.ends_within(_DYING_SECONDS))


def is_victim_changed(what: str) -> Observe:
    """Whether something of the other process is not what it was."""

    def look(scene: Scene, told: Told) -> Holding:
        del told
        return _open_if(scene.victim.state()[what] != scene.victim.first_state[what])

    return look


def parent_was_signalled(scene: Scene, told: Told) -> Holding:
    """Whether a signal reached this process."""
    del told
    return _open_if(scene.signals_heard)


def runs_on(scene: Scene, told: Told) -> Holding:
    """Whether a process that it started is there after the end of its kernel."""
    del told
    deadline = time.monotonic() + _REAPING_SECONDS
    while scene.strays():
        if time.monotonic() > deadline:
            return OPEN
        time.sleep(0.02)
    return HELD


def fills_disk(scene: Scene, told: Told) -> Holding:
    """Whether it put more on the disk than it may."""
    del told
    return _open_if(scene.bytes_written() > scene.limits.work_bytes * 1.5)


def left_files(most: int) -> Observe:
    """Whether it made more files on the disk than anybody wants."""

    def look(scene: Scene, told: Told) -> Holding:
        del told
        return _open_if(scene.files_made() > most)

    return look


def is_in_time(scene: Scene, told: Told) -> Holding:
    """Whether the cell was ended soon after its time, rather than went on."""
    del scene
    is_late = told.seconds > told.timeout_seconds + _LADDER_SECONDS
    return _open_if(is_late or told.status == "ok")


def lasted(seconds: float) -> Observe:
    """Whether we waited for the cell's real end, whatever it claimed."""

    def look(scene: Scene, told: Told) -> Holding:
        del scene
        return _open_if(told.seconds < seconds)

    return look


def is_flooded(scene: Scene, told: Told) -> Holding:
    """Whether more came through than a cell may put out."""
    del scene
    # Each output is in there twice: as it was yielded, and as it was kept.
    return _open_if(len(told.shown) > 3 * MAX_TEXT_CHARS)


def shows(*needles: str) -> Observe:
    """Whether any of this came through our door."""

    def look(scene: Scene, told: Told) -> Holding:
        del scene
        return _open_if(any(needle in told.shown for needle in needles))

    return look


def is_in_next_cell(needle: str) -> Observe:
    """Whether this is among the outputs of another cell."""

    def look(scene: Scene, told: Told) -> Holding:
        del scene
        return _open_if(needle in told.next_shown)

    return look
