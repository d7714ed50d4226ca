"""Reads files whose paths come by standard input, under bounds, and says what came.

    python tests/tools/fuzz_worker.py MEMORY_BYTES

For each line of input, a line of JSON: `outcome` is `unreadable`, `table` or `fault`.
It is run by its path in a process of its own, because a file may end it.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from analyst.data.inside.code.table import (  # noqa: E402 - the path must be known before
    table_code,
)
from analyst.data.inside.reading import Unreadable  # noqa: E402 - as above
from analyst.data.inside.sniffing.route import readings_of  # noqa: E402 - as above

_LONGEST_SENTENCE_CHARS = 400
_OUR_MISTAKES = (
    "AssertionError",
    "AttributeError",
    "IndexError",
    "KeyError",
    "NameError",
    "RecursionError",
    "TypeError",
    "UnboundLocalError",
    "ZeroDivisionError",
)
"""What a file never is: a sentence that names one of these says nothing of the file."""


def outcome(path: Path) -> dict[str, Any]:
    """What came of a file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            readings = readings_of(path)
        except Unreadable as reason:
            return _sentence(str(reason), path)
        except BaseException as error:  # noqa: BLE001 - any other is the finding
            return _fault("sniffing", error)
        if not readings:
            return {"outcome": "fault", "told": "neither a reading nor a sentence"}
        shapes = []
        for reading in readings:
            scope: dict[str, Any] = {"DATA": str(path)}
            code = table_code(reading, name="df", path="DATA").source
            try:
                exec(compile(code, "<the load cell>", "exec"), scope)
            except BaseException as error:  # noqa: BLE001 - as above
                return _fault("the load cell", error)
            # What stays in its file counts its rows only when it is asked.
            shapes.append(len(scope["df"].columns))
            del scope
        return {"outcome": "table", "told": str(shapes[:5])}


def _sentence(text: str, path: Path) -> dict[str, Any]:
    if any(f"({kind})" in text for kind in _OUR_MISTAKES):
        return {"outcome": "fault", "told": f"hides a mistake: {text}"}
    is_one = text.isprintable() and 0 < len(text) <= _LONGEST_SENTENCE_CHARS
    if is_one and path.name not in text:
        return {"outcome": "unreadable", "told": text}
    return {"outcome": "fault", "told": f"no plain sentence: {text[:200]!r}"}


def _fault(where: str, error: BaseException) -> dict[str, Any]:
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(last.filename).name}:{last.lineno}"
    told = f"{where}: {type(error).__name__} at {place}: {str(error)[:200]}"
    return {"outcome": "fault", "told": told}


def main(memory_bytes: int) -> None:
    """Answer until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    for line in sys.stdin:
        told = outcome(Path(line.rstrip("\n")))
        told["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        answers.write(json.dumps(told) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
