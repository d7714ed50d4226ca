"""What one column holds, as far as it can be said without looking at the others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from .cells import FOREIGN_SHARE, Cells, Sorted
from .dates import compact_dates, dates_from, in_several_formats, sort_dates
from .findings import (
    Booleans,
    Finding,
    Nothing,
    Numbers,
    Remark,
    Text,
    cells_told,
    clipped,
    words_told,
)
from .money import is_empty_amount
from .names import says_codes, says_id, says_phone, says_version
from .numbers import (
    Written,
    looks_like_number,
    numbers_from,
    sort_numbers,
    starts_with_zero,
)
from .sentinels import sentinel_numbers
from .stamps import Stamp
from .words import (
    are_opposite,
    is_false_in_pandas,
    is_true_in_pandas,
    stands_for_missing,
)

__all__ = ["look_at"]

_FEW_WORDS = 12
_ENOUGH = 3
"""So many cells of a kind at least, before others are called odd."""
_FEW_AMONG_CODES = 0.1
"""More words than this among digits that may be codes are codes as well."""


def look_at(name: str, cells: Cells) -> Finding:
    """What its cells are.

    Words that pandas takes as missing are nothing here; others are taken as missing
    only where all that is left has one type.
    """
    if not cells.present:
        return Nothing()
    if len(cells.present) <= _FEW_WORDS:
        booleans = _booleans(cells)
        if booleans:
            return _with_gaps(cells, booleans)
    numbers = sort_numbers(cells)
    if numbers and not numbers.foreign:
        return _with_gaps(cells, _numbers(name, cells, numbers))
    dates = sort_dates(cells)
    if dates and not dates.foreign:
        found = dates_from(cells, dates)
        if found:
            return _with_gaps(cells, found)
    return _text(name, cells, numbers, dates)


def _text(
    name: str,
    cells: Cells,
    numbers: Sorted[Written] | None,
    dates: Sorted[Stamp] | None,
) -> Text:
    """Text, and what is to be said where most of it is something else."""
    remark = None
    if numbers and numbers.foreign:
        may_be_codes = (
            says_id(name) or says_codes(name) or starts_with_zero(cells, numbers)
        )
        most = _FEW_AMONG_CODES if may_be_codes else FOREIGN_SHARE
        remark = _odd_cells(cells, numbers, "number", most)
    if dates and dates.foreign and not remark:
        if in_several_formats(cells, dates):
            remark = Remark("stays text, as its dates are written in several formats")
        else:
            remark = _odd_cells(cells, dates, "date", FOREIGN_SHARE)
    if remark:
        return Text(remarks=(remark,))
    if looks_like_number(cells.present):
        said = f"stays text, as {words_told(cells.present)} are no plain numbers"
        return Text(looks_typed=True, remarks=(Remark(said),))
    return Text()


def _booleans(cells: Cells) -> Booleans | None:
    known = {
        text
        for text in cells.present
        if is_true_in_pandas(text) or is_false_in_pandas(text)
    }
    others = [text for text in cells.present if text not in known]
    if known and all(map(stands_for_missing, others)):
        return _booleans_of_pandas(known, tuple(others))
    if len(cells.present) != 2:  # noqa: PLR2004 - yes and no
        return None
    one, two = cells.present
    for true, false in ((one, two), (two, one)):
        if are_opposite(true, false):
            return Booleans(true, false)
    return None


def _booleans_of_pandas(
    known: Collection[str], missing: tuple[str, ...]
) -> Booleans | None:
    """True and false, as long as both are written in one way.

    Beside words for missing there must be both: `True` and `Null` may be surnames.
    """
    true = sorted(filter(is_true_in_pandas, known))
    false = sorted(filter(is_false_in_pandas, known))
    is_one_way = len(true) <= 1 and len(false) <= 1
    if missing and not (is_one_way and true and false):
        return None
    like = (true or false)[0]
    style = str.upper if like.isupper() else str.lower if like.islower() else str.title
    return Booleans(
        true=true[0] if true else style("true"),
        false=false[0] if false else style("false"),
        by_pandas=not missing,
        is_one_way=is_one_way,
        missing=missing,
    )


def _numbers(name: str, cells: Cells, found: Sorted[Written]) -> Finding:
    days = compact_dates(cells, name, found.fitting, found.missing)
    if days:
        return days
    numbers = numbers_from(cells, found)
    if not isinstance(numbers, Numbers):
        return numbers
    if _are_codes(name, numbers, found.fitting):
        said = "kept as text, as its name says that these are codes"
        return Text(looks_typed=True, remarks=(Remark(said),))
    texts = cells.shaped(found.fitting)
    if says_version(name) and numbers.decimal:
        version = next((text for text in texts if text.strip().endswith("0")), "")
        if version:
            told = clipped(version.strip())
            said = f'kept as text, as the 0 of version "{told}" would be lost'
            return Text(looks_typed=True, remarks=(Remark(said),))
    return replace(numbers, codes=sentinel_numbers(texts, numbers))


def _are_codes(name: str, numbers: Numbers, shapes: Collection[str]) -> bool:
    """Whether whole numbers are only names: of places, or to be dialled."""
    if not numbers.whole or not says_codes(name):
        return False
    return len(shapes) == 1 or says_phone(name)


def _odd_cells(
    cells: Cells, found: Sorted[Written] | Sorted[Stamp], kind: str, most: float
) -> Remark | None:
    """Which cells keep a column from being of a kind; None where they are many."""
    odd = cells.count(found.foreign)
    gaps = cells.count({*cells.missing_by_default, *found.missing})
    filled = len(cells.values) - gaps
    if filled - odd < _ENOUGH or odd > most * filled:
        return None
    are_none = f"is no {kind}" if odd == 1 else f"are no {kind}s"
    told = words_told(found.foreign)
    said = f"stays text; {odd} of {filled} values {are_none}: {told}"
    return Remark(said, cells.rows(found.foreign))


def _with_gaps(cells: Cells, finding: Finding) -> Finding:
    """The same, with a word on what is taken as missing."""
    missing = getattr(finding, "missing", ())
    words = [word for word in missing if word.strip()]
    if isinstance(finding, Text | Nothing) or not words:
        return finding
    count = cells.count(words)
    said = f"{words_told(words)} ({cells_told(count)}) taken as missing"
    is_money = isinstance(finding, Numbers) and finding.remove
    if is_money and any(map(is_empty_amount, words)):
        said += ", though in accounts a dash may be zero"
    remark = Remark(said, cells.rows(words))
    return replace(finding, remarks=(*finding.remarks, remark))
