"""Files that went wrong: seeded mutations of good ones.

Seeded: `mutant(folder, seeds, seed)` is the same file in every run.
"""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

from .damaged import alone, other_formats

__all__ = ["mutant", "seed_files"]

_NASTY = (
    b'"',
    b"\x00",
    b"\r",
    b"\n\n\n",
    b"'",
    b"\\",
    b";;;;;;",
    b",",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"1e999999",
    b"9" * 400,
    b"\xe2\x80\xae",
    b"\xed\xa0\x80",
    b"{{{{[[[[",
    b"<table><tr><td>",
    b"</table>",
    b"=cmd|' /C calc'!A0",
    b'"""\nimport os\n"""',
    b"\x1a",
    b"\t" * 50,
    b"0000-00-00",
    b"99999999-99-99",
    b"#" * 20,
    b"a" * 5000,
)


def seed_files(folder: Path) -> list[Path]:
    """Good files of every format, to be mutated."""
    folder.mkdir()
    others = [each.path for each in other_formats(folder)]
    damaged = [each.path for each in alone(folder)]
    small = [path for path in others if "sales" in path.name or "." not in path.stem]
    return sorted({*small, *damaged[::3]})


def mutant(folder: Path, seeds: list[Path], seed: int) -> Path:
    """One file made of the good ones."""
    rng = random.Random(seed)
    origin = rng.choice(seeds)
    data = origin.read_bytes()
    data = _within(rng, data) if rng.random() < 0.6 else _mutated(rng, data)
    if rng.random() < 0.1:
        data += rng.choice(seeds).read_bytes()
    suffix = origin.suffix if rng.random() < 0.8 else rng.choice(seeds).suffix
    path = folder / f"{seed}{suffix}"
    path.write_bytes(data)
    return path


def _within(rng: random.Random, data: bytes) -> bytes:
    """Below a compression, so that the damage is not told by its checksum."""
    if data[:2] == b"\x1f\x8b":
        return gzip.compress(_mutated(rng, gzip.decompress(data)))
    if data[:2] != b"PK":
        return _mutated(rng, data)
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(sink, "w") as new:
        names = old.namelist()
        chosen = rng.choice(names)
        for name in names:
            content = old.read(name)
            if name == chosen:
                content = _mutated(rng, content)
            new.writestr(zipfile.ZipInfo(name), content)
    return sink.getvalue()


def _mutated(rng: random.Random, data: bytes) -> bytes:
    for _ in range(rng.choice((1, 1, 2, 5))):
        data = rng.choice(_MUTATIONS)(rng, data)
    return data


def _cut_off(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _flipped(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 3, 30)) if data else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _flipped_at_the_start(rng: random.Random, data: bytes) -> bytes:
    return _flipped(rng, data[:200]) + data[200:]


def _inserted(rng: random.Random, data: bytes) -> bytes:
    for _ in range(rng.choice((1, 1, 4, 40))):
        at = rng.randrange(len(data) + 1)
        data = data[:at] + rng.choice(_NASTY) + data[at:]
    return data


def _noise(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(rng.choice((1, 16, 700))) + data[at:]


def _without_a_piece(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.choice((1, 7, 300)) :]


def _doubled(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data) + 1)
    piece = data[start : start + rng.choice((1, 40, 900))]
    return data[:start] + piece * rng.choice((2, 60)) + data[start:]


def _zeroed(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data) + 1)
    count = min(rng.choice((4, 500)), len(data) - start)
    return data[:start] + bytes(count) + data[start + count :]


def _shuffled_lines(rng: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    rng.shuffle(lines)
    return b"\n".join(lines)


def _swapped_marks(rng: random.Random, data: bytes) -> bytes:
    one, other = rng.sample((b",", b";", b"\t", b'"', b"\n", b" ", b"<", b"{"), 2)
    return data.replace(one, other, rng.choice((1, 10, -1)))


_MUTATIONS: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _cut_off,
    _flipped,
    _flipped_at_the_start,
    _inserted,
    _noise,
    _without_a_piece,
    _doubled,
    _zeroed,
    _shuffled_lines,
    _swapped_marks,
)
