"""Which columns join two tables, and what a join would do.

Names make candidates, values decide: how many rows of one table find their value in the
other, and whether it stands there once. Of a long table a sample of rows is looked up,
but always in all rows of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from .candidates import (
    ABBREVIATED,
    ALIKE,
    FAMILY,
    ONLY_VALUES,
    SAME,
    Candidate,
    Kept,
    candidates,
    is_key,
)
from .names import is_identifier, words_of
from .noticed import Join, Relation
from .seen import NAME_CHARS, Seen, clip, sample_positions

__all__ = ["found_joins"]

_MOST_TABLES = 20
_MOST_LOOKUPS = 60
_MOST_JOINS = 20
_MOST_OF_A_PAIR = 3
_MOST_TOGETHER = 4
_SAMPLE_ABOVE = 200_000
_FEW_DIFFERENT = 5
_TIMES = ("year", "month", "quarter", "week", "day", "date")
_ENOUGH_FOUND = {SAME: 0.5, ALIKE: 0.5, ABBREVIATED: 0.8, ONLY_VALUES: 0.95}
"""How many rows must find their value, by how much the names say already."""


def found_joins(tables: Sequence[Kept]) -> list[Join]:
    """How tables join; what names and values say best comes first."""
    tables = tables[:_MOST_TABLES]
    stacked = [
        Join(one.name, (), other.name, (), "same-columns")
        for one, other in combinations(tables, 2)
        if _have_same_columns(one, other)
    ]
    alike = {frozenset((join.left_table, join.right_table)) for join in stacked}
    found = [*stacked, *_by_column(tables, alike)]
    joined = {frozenset((join.left_table, join.right_table)) for join in found}
    for one, other in combinations(tables, 2):
        if frozenset((one.name, other.name)) not in joined:
            found += _safely(_together, one, other)
    return found[:_MOST_JOINS]


def _have_same_columns(one: Kept, other: Kept) -> bool:
    return len(one.names) > 1 and set(one.names) == set(other.names)


def _by_column(tables: Sequence[Kept], apart: set[frozenset[str]]) -> list[Join]:
    """Joins by one column, of tables that are not kept apart."""
    found: list[Join] = []
    used: set[tuple[str, ...]] = set()
    of_pair: dict[frozenset[str], int] = {}
    lookups = 0
    for candidate in candidates(tables):
        names = (candidate.one.name, candidate.other.name)
        pair = frozenset(names)
        ends = {
            (names[0], candidate.left.name, names[1]),
            (names[1], candidate.right.name, names[0]),
        }
        again = len(ends & used) > (candidate.likeness >= ALIKE)
        if again or pair in apart or of_pair.get(pair, 0) >= _MOST_OF_A_PAIR:
            continue
        lookups += 1
        if lookups > _MOST_LOOKUPS:
            break
        for join in _safely(_looked_up, candidate):
            found.append(join)
            used |= ends
            of_pair[pair] = of_pair.get(pair, 0) + 1
    return found


def _safely(look: Any, *arguments: Any) -> list[Join]:  # noqa: ANN401 - one of the functions here
    """What one of them finds; nothing, where the values are too odd for it."""
    try:
        return list(look(*arguments))
    except Exception:  # noqa: BLE001 - a cell may hold any object
        return []


def _looked_up(candidate: Candidate) -> Iterator[Join]:
    """How two columns join, by their values."""
    families = {FAMILY[candidate.left.kind], FAMILY[candidate.right.kind]}
    if len(families) > 1:
        yield from _of_types(candidate)
        return
    if families == {"numbers"} and not candidate.says_key:
        return  # both tables may have a year, or an amount
    ways = [*_way(candidate), *_way(candidate.turned)]
    to_one = [way for way in ways if way.relation.endswith("to-one")]
    if to_one:
        yield min(to_one, key=lambda way: way.unmatched / way.rows)
    elif ways and candidate.says_key and candidate.likeness >= ALIKE:
        yield max(ways, key=lambda way: way.relation)


def _way(candidate: Candidate) -> Iterator[Join]:
    """What becomes of the rows of the left when they are looked up in the right."""
    left, right = candidate.left, candidate.right
    if right.is_part:
        return
    mine, theirs = _values(left), _values(right)
    is_long = len(mine) > _SAMPLE_ABOVE
    if is_long:
        mine = mine.take(sample_positions(len(mine)))
    often = mine.value_counts(sort=False)
    matched = theirs[theirs.isin(often.index)]
    there = matched.value_counts(sort=False)
    found = often[often.index.isin(there.index)]
    is_sampled = is_long or left.is_part
    relation: Relation = "many-to-many"
    after = 0
    if not len(found):
        relation = "none"
    elif len(there) == len(matched):
        relation = "one-to-one" if is_key(left) else "many-to-one"
    elif not is_sampled:
        after = int((found * there.reindex(found.index)).sum())
    if _is_worth_telling(candidate, len(often), int(found.sum()), len(mine)):
        yield _join(
            candidate,
            relation,
            rows=len(mine),
            unmatched=len(mine) - int(found.sum()),
            rows_after=after,
            sampled=is_sampled,
        )


def _is_worth_telling(
    candidate: Candidate, different: int, found: int, rows: int
) -> bool:
    if candidate.likeness == ONLY_VALUES and different < _FEW_DIFFERENT:
        return False
    both = is_identifier(candidate.left.name) and is_identifier(candidate.right.name)
    if candidate.likeness == SAME and both:
        return True  # also that few or none are found
    return found >= _ENOUGH_FOUND[candidate.likeness] * rows


def _of_types(candidate: Candidate) -> Iterator[Join]:
    """Numbers on one side and the same as text on the other."""
    import pandas as pd  # noqa: PLC0415 - only once there is a table

    left, right = candidate.left, candidate.right
    is_sure = candidate.likeness >= ALIKE and candidate.says_key
    if not is_sure or right.is_part or "date" in {left.kind, right.kind}:
        return
    mine, theirs = (
        pd.to_numeric(_values(seen), errors="coerce") for seen in (left, right)
    )
    found = mine.isin(theirs.dropna()) & mine.notna()
    if found.mean() >= _ENOUGH_FOUND[candidate.likeness]:
        yield _join(
            candidate,
            "none",
            rows=len(mine),
            unmatched=len(mine),
            types=(FAMILY[left.kind], FAMILY[right.kind]),
            sampled=left.is_part,
        )


def _join(
    candidate: Candidate,
    relation: Relation,
    **more: Any,  # noqa: ANN401 - fields of several types
) -> Join:
    return Join(
        candidate.one.name,
        (clip(candidate.left.name, NAME_CHARS),),
        candidate.other.name,
        (clip(candidate.right.name, NAME_CHARS),),
        relation,
        missing=candidate.left.missing,
        **more,
    )


def _values(seen: Seen) -> Any:  # noqa: ANN401 - a Series
    """Its values without gaps, so that those of two columns can be compared."""
    import pandas as pd  # noqa: PLC0415 - only once there is a table

    if FAMILY[seen.kind] == "numbers":
        return pd.Series(seen.numbers)
    values = seen.series.dropna()
    if seen.kind == "date":
        return pd.to_datetime(values).astype("datetime64[us]")
    return values.astype("str").reset_index(drop=True)


def _together(one: Kept, other: Kept) -> Iterator[Join]:
    """Columns of the same names that are a key only together, as year and region."""
    shared = [
        (left, right)
        for left in one.columns
        for right in other.columns
        if left.name == right.name and left.kind == right.kind and _tells(left)
    ][:_MOST_TOGETHER]
    sides = [[left for left, _ in shared], [right for _, right in shared]]
    if len(shared) < 2 or any(seen.is_sampled for side in sides for seen in side):  # noqa: PLR2004 - one is not together
        return
    hashed = [_hashed(side) for side in sides]
    names = tuple(clip(left.name, NAME_CHARS) for left, _ in shared)
    for at, (table, target) in enumerate(((one, other), (other, one))):
        mine, theirs = hashed[at], hashed[1 - at]
        found = int(mine.isin(theirs).sum())
        is_enough = found and found >= _ENOUGH_FOUND[SAME] * len(mine)
        if is_enough and not theirs.duplicated().any():
            yield Join(
                table.name,
                names,
                target.name,
                names,
                "many-to-one" if mine.duplicated().any() else "one-to-one",
                rows=len(mine),
                unmatched=len(mine) - found,
            )
            return


def _tells(seen: Seen) -> bool:
    """Whether it tells rows apart rather than measures something."""
    is_time = any(word in _TIMES for word in words_of(seen.name))
    return seen.kind in {"str", "date"} or (
        seen.kind == "int" and (is_time or is_identifier(seen.name))
    )


def _hashed(side: Sequence[Seen]) -> Any:  # noqa: ANN401 - a Series
    """A number for the values of each row, gaps included."""
    import pandas as pd  # noqa: PLC0415 - only once there is a table

    frame = pd.DataFrame(
        {
            at: seen.series.reset_index(drop=True).astype("str").fillna("")
            for at, seen in enumerate(side)
        }
    )
    return pd.util.hash_pandas_object(frame, index=False)
