"""What is printed of files for the other side of the border to read."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from ..reading import Reading, Unreadable
from .folders import group
from .route import TOO_LARGE

__all__ = ["MARK", "report"]

MARK = "analyst-sniff: "
_MAX_TABLES = 200


def report(inputs: Sequence[Sequence[str] | Mapping[str, Sequence[str]]]) -> None:
    """Print one marked line of JSON for each input.

    Args:
        inputs: the paths of each: of one file, or of those that fit a pattern; or
            `{"folder": paths}` of those of a folder, where a file may be no table.
    """
    for given in inputs:
        is_folder = isinstance(given, Mapping)
        paths = given["folder"] if isinstance(given, Mapping) else given
        print(MARK + json.dumps(_told(paths, is_folder=is_folder)))  # noqa: T201 - printing is how it reports


def _told(paths: Sequence[str], *, is_folder: bool) -> Mapping[str, object]:
    """The tables of some files, or the sentence that says why there are none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = group([Path(path) for path in paths], is_folder=is_folder)
        except Unreadable as reason:
            return {"unreadable": str(reason)}
        except MemoryError:
            return {"unreadable": TOO_LARGE}
        except OSError as error:
            return {"unreadable": f"cannot be read ({error.strerror}): check the disk"}
        except Exception as error:  # noqa: BLE001 - a file may hold anything
            kind = type(error).__name__
            return {"unreadable": f"is damaged ({kind}): open and save it again"}
    tables = sum(len(readings) for _, readings in found.groups)
    if tables > _MAX_TABLES:
        return {
            "unreadable": f"holds {tables} tables, and {_MAX_TABLES} can be read at "
            "once: give fewer files, or a part of it"
        }
    at = {path: number for number, path in enumerate(paths)}
    return {
        "groups": [
            {"files": [at[str(path)] for path in files], "readings": _plain(readings)}
            for files, readings in found.groups
        ],
        "left_out": [at[str(path)] for path in found.left_out],
    }


def _plain(readings: list[Reading]) -> list[dict[str, object]]:
    return [asdict(reading) for reading in readings]
