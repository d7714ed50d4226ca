"""What was learnt of a server and a model, and is done otherwise from then on.

Each refusal costs a request, so it is remembered: in the process, and for thirty days
in a small file in the user's cache folder (`ANALYST_CACHE` names another). The file
holds hosts, names of models and what is below, never a key; a file that is broken is
as none, and one that cannot be written is no error.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analyst.events import Wire

__all__ = ["Quirks", "quirks_of", "remember"]

_SCHEMA = 1
_FILE = "servers.json"
_MAX_FILE_BYTES = 100_000
_MAX_ENTRIES = 200
_MAX_CHARS = 300
_SECONDS_KEPT = 30 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How a model at a server wants to be spoken to. By default, as all others."""

    wire: Wire = ""
    """Empty: none was found out, so the rule for new ones holds."""
    why: str = ""
    """Why that wire, in a few words: `the server refused tools`."""
    refused: tuple[str, ...] = ()
    """Parameters that it does not take."""
    images: bool = True
    """It was not seen to refuse them."""
    reasoning: bool = False
    """It wants to see its own thinking again with each turn."""
    bridges: bool = False
    """It wants a turn of the model between what a tool answered and the user."""
    limits: bool = True
    """It was not seen to find the limit of a reply too large."""

    @property
    def whole(self) -> bool:
        """It sends its replies whole: it does not stream."""
        return "stream" in self.refused


_known: dict[tuple[Path, str, str], Quirks] = {}
"""What was learnt in this process, by the file that it would be kept in."""


def quirks_of(host: str, model: str) -> Quirks:
    """What is remembered of a model at a host."""
    path = _path()
    learnt = _known.get((path, host, model))
    if learnt is not None:
        return learnt
    entry = _read(path).get(_key(host, model))
    return (_quirks(entry) if entry else None) or Quirks()


def remember(host: str, model: str, quirks: Quirks) -> None:
    """Keep what was learnt of a model at a host."""
    path = _path()
    _known[path, host, model] = quirks
    key = _key(host, model)
    entries = {k: entry for k, entry in _read(path).items() if k != key}
    entries[key] = {"at": int(time.time()), **asdict(quirks)}
    newest = dict(list(entries.items())[-_MAX_ENTRIES:])
    with suppress(OSError):
        _write(path, json.dumps({"schema": _SCHEMA, "entries": newest}, indent=1))


def _key(host: str, model: str) -> str:
    return f"{host} {model}"[:_MAX_CHARS]


def _path() -> Path:
    folder = os.environ.get("ANALYST_CACHE")
    if folder:
        return Path(folder) / _FILE
    import platformdirs  # noqa: PLC0415 - only a served model needs it

    return Path(platformdirs.user_cache_dir("analyst", appauthor=False)) / _FILE


def _read(path: Path) -> dict[str, Any]:
    """The entries of the file that are not too old; none where it is not ours."""
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_FILE_BYTES + 1)
        content = json.loads(text) if len(text) <= _MAX_FILE_BYTES else None
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(content, Mapping) or content.get("schema") != _SCHEMA:
        return {}
    entries = content.get("entries")
    if not isinstance(entries, Mapping):
        return {}
    oldest = time.time() - _SECONDS_KEPT
    return {
        key: entry
        for key, entry in entries.items()
        if isinstance(entry, Mapping)
        and isinstance(entry.get("at"), int)
        and entry["at"] > oldest
    }


def _quirks(entry: Mapping[str, Any]) -> Quirks | None:
    """An entry of the file, or None where it is not as we write them."""
    import pydantic  # noqa: PLC0415 - slow to import

    try:
        return pydantic.TypeAdapter(Quirks).validate_json(json.dumps(entry))
    except (ValueError, RecursionError):
        return None


def _write(path: Path, text: str) -> None:
    """Replace the file in one go, so that nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
