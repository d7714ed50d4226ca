"""What is printed of files for the other side of the border to read."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from ..reading import Reading, Unreadable
from .folders import group

__all__ = ["MARK", "report"]

MARK = "analyst-sniff: "


def report(inputs: Sequence[Sequence[str]]) -> None:
    """Print one marked line of JSON for each input.

    Args:
        inputs: the paths of each: one file, or those of a folder.
    """
    for paths in inputs:
        print(MARK + json.dumps(_told(paths)))  # noqa: T201 - printing is how it reports


def _told(paths: Sequence[str]) -> Mapping[str, object]:
    """The tables of some files, or the sentence that says why there are none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            groups = group([Path(path) for path in paths])
        except Unreadable as reason:
            return {"unreadable": str(reason)}
        except MemoryError:
            return {"unreadable": "takes more memory than there is: give a part of it"}
        except OSError as error:
            return {"unreadable": f"cannot be read ({error.strerror}): check the disk"}
        except Exception as error:  # noqa: BLE001 - a file may hold anything
            kind = type(error).__name__
            return {"unreadable": f"is damaged ({kind}): open and save it again"}
    return {
        "groups": [
            {
                "files": [paths.index(str(path)) for path in files],
                "readings": _plain(readings),
            }
            for files, readings in groups
        ]
    }


def _plain(readings: list[Reading]) -> list[dict[str, object]]:
    return [asdict(reading) for reading in readings]
