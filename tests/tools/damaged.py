"""The corpus: files with damages, each alone and in pairs, and the truth of each.

Seeded: the same files in every run.

    python tests/tools/damaged.py FOLDER
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from tests.tools.clean_tables import (  # noqa: E402 - the path must be known before
    TABLES,
    CleanTable,
)
from tests.tools.damages import DAMAGES, Damage  # noqa: E402 - as above
from tests.tools.drafts import (  # noqa: E402 - as above
    DoesNotFitError,
    Draft,
    draft_of,
)
from tests.tools.formats import other_formats  # noqa: E402 - as above
from tests.tools.scoring import Specimen  # noqa: E402 - as above

__all__ = ["alone", "clean", "every_pair", "other_formats", "pairs"]


def clean(folder: Path) -> list[Specimen]:
    """Each table without a damage."""
    return [_specimen(folder, table, ()) for table in TABLES]


def alone(folder: Path) -> list[Specimen]:
    """Each damage alone, on the tables in turn."""
    made = (_fitting(folder, (damage,), at) for at, damage in enumerate(DAMAGES))
    return [specimen for specimen in made if specimen]


def pairs(folder: Path, count: int) -> list[Specimen]:
    """So many pairs of damages, drawn so that every damage has its turn."""
    drawn = list(every_pair())
    random.Random(5).shuffle(drawn)
    used: dict[str, int] = {}
    made: list[Specimen] = []
    for at, pair in enumerate(drawn):
        fair = 2 + 2 * len(made) // len(DAMAGES)
        if len(made) == count:
            break
        if count < len(drawn) and any(used.get(d.name, 0) > fair for d in pair):
            continue
        if specimen := _fitting(folder, pair, at):
            made.append(specimen)
            for damage in pair:
                used[damage.name] = used.get(damage.name, 0) + 1
    return made


def every_pair() -> Iterator[tuple[Damage, Damage]]:
    """All pairs of damages that can stand together."""
    for one, other in combinations(DAMAGES, 2):
        if one.group != other.group and not (one.is_alone or other.is_alone):
            yield one, other


def _fitting(folder: Path, damages: Sequence[Damage], turn: int) -> Specimen | None:
    """On the first table, from its turn on, in which all of them find their place."""
    for at in range(len(TABLES)):
        try:
            table = TABLES[(turn + at) % len(TABLES)]
            return _specimen(folder, table, damages)
        except (DoesNotFitError, UnicodeEncodeError):
            continue
    return None


def _specimen(folder: Path, table: CleanTable, damages: Sequence[Damage]) -> Specimen:
    draft = draft_of(table)
    ordered = sorted(damages, key=lambda damage: damage.stage)
    name = " + ".join([table.name, *(damage.name for damage in ordered)])
    rng = random.Random(name)
    is_rendered = False
    for damage in ordered:
        if damage.stage > 2 and not is_rendered:
            draft.render()
            is_rendered = True
        damage.apply(draft, rng)
    if not is_rendered:
        draft.render()
    return Specimen(name, _saved(folder, name, draft), draft.truth(), draft.must_doubt)


def _saved(folder: Path, name: str, draft: Draft) -> Path:
    errors = "surrogateescape" if draft.encoding.startswith("utf-8") else "strict"
    data = draft.text().encode(draft.encoding, errors)
    words = "".join(c if c.isalnum() else "_" for c in name)
    stem = f"{words}_{zlib.crc32(name.encode()):08x}"
    path = folder / f"{stem}{draft.extension}"
    if draft.container.startswith("zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo("data.csv"), data)
            if draft.container == "zip with a note":
                archive.writestr(zipfile.ZipInfo("__MACOSX/._data.csv"), b"\0\5\26\7")
        return path
    path.write_bytes(_packed(data, draft.container))
    return path


def _packed(data: bytes, container: str) -> bytes:
    if container == "gzip":
        return gzip.compress(data, mtime=0)
    if container == "bz2":
        return bz2.compress(data)
    if container == "xz":
        return lzma.compress(data)
    if container == "zstd":
        import zstandard  # noqa: PLC0415 - only where it is needed

        return zstandard.ZstdCompressor().compress(data)
    return data


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    files = [
        *clean(target),
        *other_formats(target),
        *alone(target),
        *pairs(target, 100_000),
    ]
    print(f"{len(files)} files in {target}")  # noqa: T201 - what it is for
