"""What is odd in texts: several spellings, words for missing, numbers, lost characters.

Looked for in the different texts of the sample, so many of them at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .names import is_identifier
from .noticed import Noticed, Oddity
from .seen import VALUE_CHARS, Seen, clip

__all__ = ["of_mixed", "of_texts"]

_MOST_TEXTS = 5_000
_READ_CHARS = 200
_EXAMPLES = 3
_LABEL_CHARS = 40
_NEARLY_ALL = 0.8
_ENOUGH = 20
_LOST = re.compile("\ufffd|Ã[\x80-\xbf]|â€[\x80-\xbf\u0153-\u2122]")
"""What is left of a character that was read in a wrong encoding."""
_PLACEHOLDERS = "- -- --- ? ?? . n.a. n/a #n/a null (null) nan nil missing tbd"


def of_texts(seen: Seen) -> Iterator[Noticed]:
    """What is odd in a column of text."""
    counts = seen.counts.iloc[:_MOST_TEXTS]
    full = [str(text) for text in counts.index.to_numpy(dtype=object)]
    texts = [text[:_READ_CHARS] for text in full]
    often = counts.tolist()
    about = _About(seen, len(seen.sample) if len(seen.counts) <= _MOST_TEXTS else None)
    yield from _lost(about, texts, often)
    yield from _typed(about)
    yield from _placeholders(about, texts, often)
    # Where nearly each row has a text of its own, they are no labels.
    if len(seen.counts) * 2 <= len(seen.sample):
        yield from _spellings(about, texts, often)
    elif is_identifier(seen.name):
        yield from _untrimmed(about, texts, often)


class _About:
    """The column, for what is noticed of it."""

    def __init__(self, seen: Seen, looked_at: int | None) -> None:
        self.seen = seen
        self.looked_at = looked_at

    def noticed(
        self,
        kind: Oddity,
        count: int,
        examples: list[str],
        **more: Any,  # noqa: ANN401 - fields of several types
    ) -> Noticed:
        """A fact about this column."""
        of = self.looked_at or int(self.seen.counts.iloc[:_MOST_TEXTS].sum())
        fields = {"of": of, "sampled": of < self.seen.present or self.seen.is_part}
        return Noticed(
            kind=kind,
            columns=(self.seen.name,),
            count=count,
            examples=tuple(clip(text, VALUE_CHARS) for text in examples[:_EXAMPLES]),
            **(fields | more),
        )


def _lost(about: _About, texts: list[str], often: list[int]) -> Iterator[Noticed]:
    if not _LOST.search("\n".join(texts)):
        return
    found = [at for at, text in enumerate(texts) if _LOST.search(text)]
    rows = sum(often[at] for at in found)
    yield about.noticed("damaged", rows, [texts[at] for at in found])


def _typed(about: _About) -> Iterator[Noticed]:
    """Numbers or dates that are text, but for a few words perhaps."""
    seen = about.seen
    if is_identifier(seen.name) or len(seen.texts) < 2:  # noqa: PLR2004 - one tells nothing
        return
    if seen.text_of:
        kind: Oddity = "text_dates" if seen.text_of == "dates" else "text_numbers"
        looked_at = len(seen.texts)
        is_part = looked_at < len(seen.sample) or seen.is_sampled
        examples = seen.texts[:1]
        yield about.noticed(kind, looked_at, examples, of=looked_at, sampled=is_part)
        return
    nearly: tuple[tuple[Oddity, list[str]], ...] = (
        ("nearly_dates", seen.unlike_dates),
        ("nearly_numbers", seen.unlike_numbers),
    )
    for almost, unlike in nearly:
        alike = len(seen.texts) - len(unlike)
        if len(seen.texts) >= _ENOUGH and alike >= _NEARLY_ALL * len(seen.texts):
            different = list(dict.fromkeys(unlike))
            yield about.noticed(
                almost,
                len(unlike),
                different,
                of=len(seen.texts),
                sampled=len(seen.texts) < len(seen.sample) or seen.is_sampled,
            )
            return


def _placeholders(
    about: _About, texts: list[str], often: list[int]
) -> Iterator[Noticed]:
    words = {"", *_PLACEHOLDERS.split()}
    found = [at for at, text in enumerate(texts) if text.strip().lower() in words]
    if found and len(found) < len(texts):
        rows = sum(often[at] for at in found)
        yield about.noticed("placeholder", rows, [texts[at] for at in found])


def _spellings(about: _About, texts: list[str], often: list[int]) -> Iterator[Noticed]:
    """Texts that differ only by blanks or by capital letters."""
    first: dict[str, int] = {}
    twins: dict[str, list[int]] = {}
    for at, text in enumerate(texts):
        if len(text) > _LABEL_CHARS:
            continue
        plain = " ".join(text.split()).casefold()
        other = first.setdefault(plain, at)
        if other != at and plain:
            twins.setdefault(plain, [other]).append(at)
    if not twins:
        yield from _untrimmed(about, texts, often)
        return
    rows = sum(
        sum(sorted(often[at] for at in spelled)[:-1]) for spelled in twins.values()
    )
    ranked = sorted(twins.values(), key=lambda spelled: -sum(often[a] for a in spelled))
    yield about.noticed("spellings", rows, [texts[at] for at in ranked[0]])


def _untrimmed(about: _About, texts: list[str], often: list[int]) -> Iterator[Noticed]:
    found = [
        at
        for at, text in enumerate(texts)
        if len(text) <= _LABEL_CHARS and text != text.strip() and text.strip()
    ]
    if found:
        rows = sum(often[at] for at in found)
        yield about.noticed("untrimmed", rows, [texts[at] for at in found])


def of_mixed(seen: Seen) -> Iterator[Noticed]:
    """Values of several types in one column, where they are few enough to name."""
    if seen.series.dtype != object:
        return
    groups: dict[str, list[Any]] = {}
    for value in seen.sample.tolist():
        groups.setdefault(_group(value), []).append(value)
    if len(groups) < 2:  # noqa: PLR2004 - one is not mixed
        return
    ranked = sorted(groups, key=lambda group: (-len(groups[group]), group))
    rare = [value for group in ranked[1:] for value in groups[group]]
    different = list(dict.fromkeys(str(value)[:_READ_CHARS] for value in rare[:100]))
    about = _About(seen, len(seen.sample))
    yield about.noticed("mixed", len(rare), different, groups=(ranked[1], ranked[0]))


def _group(value: object) -> str:
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool):
        return "truth values"
    kind = type(value)
    if kind.__name__ in {"date", "datetime", "Timestamp", "datetime64"}:
        return "dates"
    if hasattr(kind, "__float__") and hasattr(kind, "__abs__"):
        return "numbers"
    return "other values"
