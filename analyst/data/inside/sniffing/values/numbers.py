"""Numbers: plain ones, and those written for people, such as `1.234,50 €` or `(30)`."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from .cells import Cells, Sorted, sort_cells
from .findings import Numbers, Remark, Text, clipped, words_told
from .marks import BLANKS, MARKS, Marks, is_number, marks_of, plain_mark
from .money import CURRENCY
from .words import INFINITY

__all__ = [
    "EXACT_DIGITS",
    "Written",
    "looks_like_number",
    "numbers_from",
    "sort_numbers",
    "starts_with_zero",
]

EXACT_DIGITS = 15
"""Whole numbers of more digits may change as soon as a computer calculates."""
_NUMBER_CHARS = 60
_SIGNS = r"+\-\u2212\u2013"
"""Plus; for minus the hyphen, the sign itself, and the dash."""
_WRITTEN = re.compile(
    rf"(?P<sign>[{_SIGNS}])?(?P<blank>[{BLANKS}])?"
    rf"(?P<before>{CURRENCY})?[{BLANKS}]?(?P<inner>[{_SIGNS}])?"
    rf"(?P<core>[.,]?9(?:[9{MARKS}]*[9.,])?)(?P<exponent>[eE][-+]?9+)?"
    rf"[{BLANKS}]?(?P<after>{CURRENCY})?[{BLANKS}]?(?P<percent>%)?"
    r"(?P<suffix>[kKmMbB]|bn|mn|Mio\.?|Mrd\.?|Tsd\.?)?(?P<trailing>[-\u2212+])?"
)
_ENCLOSED = re.compile(rf"({CURRENCY}?)[{BLANKS}]?\((.*)\)")
"""`(30)`, and `$(30)` as Excel writes accounts."""
_ALSO_UNITS = frozenset("mbBK")
"""Metres or minutes, bits, bytes, kelvins."""
_MAY_BE_CODE = re.compile(r"9+[eE]9+")
_SCIENTIFIC = re.compile(
    r"(?<![.0-9])(?P<mantissa>[0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+"
)
_STARTS_WITH_ZERO = re.compile(r"\n[^0-9\n]{0,8}0[0-9]")


@dataclass(frozen=True)
class Written:
    """How one shape of number is written."""

    core: str = ""
    """Digits and the marks between them; empty for infinity."""
    exponent: str = ""
    currency: str = ""
    blanks: str = ""
    """Those around the digits."""
    minus: str = ""
    parentheses: bool = False
    trailing: str = ""
    """The sign behind the digits."""
    percent: bool = False
    suffix: str = ""


@lru_cache(maxsize=4096)
def _written(shape: str) -> Written | None:
    """How it is written as a number; None where it is none."""
    if len(shape) > _NUMBER_CHARS:
        return None
    if shape.casefold() in INFINITY:
        return Written()
    text = shape.strip(" ")
    stripped = text.strip()
    negative = _ENCLOSED.fullmatch(stripped)
    enclosed = negative is not None
    inside = f"{negative[1]}{negative[2].strip()}" if negative else stripped
    match = _WRITTEN.fullmatch(inside)
    if match is None or not is_number(match["core"]):
        return None
    signs = [s for s in match.group("sign", "inner", "trailing") if s]
    if len(signs) + enclosed > 1 or (match["before"] and match["after"]):
        return None
    if match["exponent"] and (enclosed or match["percent"] or match["trailing"]):
        return None
    is_anchored = enclosed or match["trailing"]
    around = shape if is_anchored else text
    around += inside if enclosed else ""
    outer = around.replace(match["core"], "", 1)
    return Written(
        core=match["core"],
        exponent=match["exponent"] or "",
        currency=match["before"] or match["after"] or "",
        blanks="".join(sorted({c for c in outer if c.isspace()})),
        minus="".join(sign for sign in signs if sign != "+"),
        parentheses=enclosed,
        trailing=match["trailing"] or "",
        percent=bool(match["percent"]),
        suffix=match["suffix"] or "",
    )


def sort_numbers(cells: Cells) -> Sorted[Written] | None:
    """Which cells are numbers; None where hardly any is."""
    found = sort_cells(cells, _written)
    if found is None or not any(each.core for each in found.fitting.values()):
        return None
    return found


def numbers_from(cells: Cells, found: Sorted[Written]) -> Numbers | Text:
    """What the numbers of a column are, or why they stay text."""
    ways = list(found.fitting.values())
    numbers = [way for way in ways if way.core]
    unlike = _unlike(numbers) or _and_more(cells, found)
    if unlike:
        return Text(remarks=(Remark(unlike),))
    coded = _coded(cells, found)
    if coded:
        return Text(looks_typed=True, remarks=(Remark(coded),))
    marks, open_mark = _decided(cells, found)
    example = _example(cells, found)
    if marks is None:
        return Text(
            looks_typed=True,
            remarks=(
                Remark(
                    "stays text, as marks such as those of "
                    f"{words_told(_marked(cells, found))} contradict each other"
                ),
            ),
        )
    decimal, thousands = marks
    longest = max(_whole_digits(way.core, decimal) for way in numbers)
    if longest > EXACT_DIGITS:
        said = f"stays text, as more than {EXACT_DIGITS} digits are not kept exactly"
        return Text(looks_typed=True, remarks=(Remark(said),))
    inner = {c for way in numbers for c in way.core if not c.isdigit()}
    kinds = {c for c in inner if plain_mark(c) == thousands} if thousands else set()
    remove = {c for way in ways for c in way.currency + way.blanks}
    trailing = {way.trailing for way in numbers} - {""}
    remove |= trailing & {"+"}
    if len(kinds) > 1 or kinds & remove:
        remove |= kinds
        thousands = ""
    elif kinds:
        (thousands,) = kinds
    percent = numbers[0].percent
    minus = {way.minus for way in numbers if way.minus}
    scientific = any(way.exponent for way in numbers)
    return Numbers(
        example=example,
        whole=not (decimal or percent or scientific or len(ways) > len(numbers)),
        decimal=decimal,
        thousands=thousands,
        open_mark=open_mark,
        remove="".join(sorted(remove | ({"%"} if percent else set()))),
        parentheses=any(way.parentheses for way in numbers),
        trailing_minus=bool(trailing - {"+"}),
        minus="".join(minus - {"-"}),
        percent=percent,
        is_scientific=scientific,
        missing=found.missing,
    )


def _unlike(ways: list[Written]) -> str:
    """Why numbers that are written so differently stay text; empty: they do not."""
    currencies = sorted({way.currency for way in ways if way.currency})
    if len(currencies) > 1:
        return f"stays text, as it holds several currencies: {words_told(currencies)}"
    suffixes = sorted({way.suffix for way in ways if way.suffix})
    if suffixes:
        scale = "a unit or a scale" if _may_be_unit(suffixes) else "a scale"
        return f"stays text, as numbers carry {scale}: {words_told(suffixes)}"
    if len({way.percent for way in ways}) > 1:
        return "stays text, as only some of its numbers carry a percent sign"
    if len({way.minus for way in ways if way.minus}) > 1:
        return "stays text, as minus is written in several ways"
    if any(way.exponent for way in ways) and currencies:
        return "stays text, as amounts of money have an exponent"
    return ""


def _may_be_unit(suffixes: list[str]) -> bool:
    """Whether the letter behind all numbers is one of those that say metres, too."""
    return len(suffixes) == 1 and suffixes[0] in _ALSO_UNITS


def _and_more(cells: Cells, found: Sorted[Written]) -> str:
    """Why `65+` is no plain number; empty where others have their minus behind, too."""
    trailing = {way.trailing for way in found.fitting.values()} - {""}
    if trailing != {"+"}:
        return ""
    shapes = {shape for shape, way in found.fitting.items() if way.trailing}
    example = clipped(cells.shaped(shapes)[0])
    return f'stays text, as "{example}" may mean that much or more'


def _coded(cells: Cells, found: Sorted[Written]) -> str:
    """Why numbers may be codes, or too large; empty: they are neither."""
    if starts_with_zero(cells, found):
        return "kept as text, as leading zeros would be lost"
    scientific = [s for s, way in found.fitting.items() if way.exponent]
    if not scientific:
        return ""
    if all(_MAY_BE_CODE.fullmatch(s.strip()) for s in scientific) and not any(
        "." in way.core or "," in way.core for way in found.fitting.values()
    ):
        return f'kept as text, as "{cells.shaped(scientific)[0]}" may be a code'
    if not all(map(_is_in_range, cells.shaped(scientific))):
        return "kept as text, as some are beyond the range of numbers"
    return ""


def starts_with_zero(cells: Cells, found: Sorted[Written]) -> bool:
    """Whether some have leading zeros, as codes do."""
    if not found.missing and not found.foreign:
        return bool(_STARTS_WITH_ZERO.search(cells.joined))
    texts = cells.shaped(found.fitting)
    return any(_STARTS_WITH_ZERO.match("\n" + text) for text in texts)


def _is_in_range(text: str) -> bool:
    """Whether a number with an exponent is neither infinite nor lost as zero."""
    bare = re.sub(r"[^0-9eE.,+-]", "", text).replace(",", ".")
    match = _SCIENTIFIC.search(bare)
    if match is None:
        return False
    value = float(match[0])
    is_zero = not re.search(r"[1-9]", match["mantissa"])
    return math.isfinite(value) and (value != 0 or is_zero)


def _decided(cells: Cells, found: Sorted[Written]) -> tuple[Marks | None, str]:
    """What the marks mean, and the mark that is still open if there is one."""
    ways = marks_of({way.core for way in found.fitting.values() if way.core})
    if len(ways) == 1:
        return ways[0], ""
    if len(ways) != 2 or "" not in ways[0]:  # noqa: PLR2004 - decimal or thousands
        return None, ""
    decimal = ways[0][0]
    tenth = re.compile(rf"[^0-9]*0{re.escape(decimal)}")
    if any(map(tenth.match, cells.shaped(found.fitting))):
        return ways[0], ""
    return ways[0], decimal


def _marked(cells: Cells, found: Sorted[Written]) -> list[str]:
    """An example of each kind of mark."""
    examples = {
        "".join(c for c in way.core if not c.isdigit()): shape
        for shape, way in found.fitting.items()
    }
    return [cells.shaped({shape})[0] for marks, shape in examples.items() if marks]


def _example(cells: Cells, found: Sorted[Written]) -> str:
    """The cell that shows most of how the numbers are written."""
    shape = max(found.fitting, key=lambda each: (_strangeness(each), len(each)))
    return cells.shaped({shape})[0].strip()


def _strangeness(shape: str) -> int:
    return len(set(shape) - {"9", " "})


def _whole_digits(core: str, decimal: str) -> int:
    whole = core.rpartition(decimal)[0] if decimal and decimal in core else core
    return whole.count("9")


def looks_like_number(texts: Collection[str]) -> bool:
    """Whether a reader may take all of them for numbers."""
    return all(map(_is_float, texts))


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
