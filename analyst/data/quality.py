"""What was noticed in a table, told to a person in a sentence each.

The facts come from the kernel (`inside.probing.quality`) and are checked by
`profile.read_probe` before anything is told of them.
"""

from __future__ import annotations

import json

from analyst.data.look import Look, Noticed, Oddity
from analyst.events import Privacy
from analyst.quoting import quoted

__all__ = ["MAX_NOTES", "column_name", "notes"]

FEWEST_ROWS = 5
"""Of fewer nothing is told where single rows may not be."""
MAX_NOTES = 8
"""So many sentences a table."""


_SENTENCES: dict[Oddity, str] = {
    "damaged": "{names}: {rows} lost characters to a wrong encoding",
    "nearly_unique": "{names} is not quite unique: {rows} {repeat} an earlier value",
    "duplicate_rows": "{table}: {rows} {repeat} an earlier row in full",
    "infinite": "{names} is infinite {times}",
    "sentinel": (
        "{names} holds a value {times} that is far from all others "
        "and may stand for a missing one"
    ),
    "mixed": "{names} mixes types: {values} {are} {few} among {most}",
    "nearly_numbers": "{names} would be numbers but for {values}",
    "nearly_dates": "{names} would be dates but for {values}",
    "spellings": "{names} spells values in ways that differ by blanks or capitals",
    "placeholder": "{names} says in words that a value is missing in {rows}",
    "negative": "{names} is negative {times}, and else never",
    "far_dates": "{names} is years away from all other dates {times}",
    "outliers": "{names} is far beyond all other values {times}",
    "key_missing": "{names} is unique but missing in {rows}",
    "text_numbers": "{names} {hold} numbers as text",
    "text_dates": "{names} {hold} dates as text",
    "empty": "{names} {hold} no value at all",
    "mostly_missing": "{names} {be} missing in {share} of rows",
    "equal": "{names} hold the same value in each row",
    "untrimmed": "{names} begins or ends with blanks in {rows}",
    "zeros": "{names} is zero in {share} of values",
    "constant": "{names} {hold} one value throughout",
}


def notes(look: Look, privacy: Privacy) -> tuple[str, ...]:
    """What was noticed in a table, a sentence each, the most important first.

    Args:
        look: what the probe saw of the table.
        privacy: `samples` quotes a few of the values in question, `aggregates` tells
            only of five rows or more, `schema` nothing.

    Example:
        >>> notes(look, "samples")  # doctest: +SKIP
        ('df.order_id is not quite unique: 3 rows repeat an earlier value ("17").',)
    """
    if privacy == "schema":
        return ()
    noticed = [
        one for one in look.noticed if privacy == "samples" or one.count >= FEWEST_ROWS
    ]
    return tuple(
        _sentence(one, look.name, quote_values=privacy == "samples")
        for one in noticed[:MAX_NOTES]
    )


def column_name(table: str, column: str) -> str:
    """A column as code names it, as far as it can be shown.

    >>> column_name("df", "price"), column_name("df", "unit price")
    ('df.price', 'df["unit price"]')
    """
    shown = quoted(column)
    if shown.isidentifier():
        return f"{table}.{shown}"
    return f"{table}[{json.dumps(shown, ensure_ascii=False)}]"


def _sentence(one: Noticed, table: str, *, quote_values: bool) -> str:
    is_one, is_many = one.count == 1, len(one.columns) + one.more_columns > 1
    few, most = one.groups or ("other values", "other values")
    told = _SENTENCES[one.kind].format(
        table=table,
        names=_names(one, table),
        rows="1 row" if is_one else f"{one.count:,} rows",
        values="1 value" if is_one else f"{one.count:,} values",
        times="once" if is_one else f"{one.count:,} times",
        repeat="repeats" if is_one else "repeat",
        are="is" if is_one else "are",
        be="are" if is_many else "is",
        hold="hold" if is_many else "holds",
        share="more than half" if is_many else _share(one.count, one.of),
        few=few,
        most=most,
    )
    shown = ", ".join(json.dumps(quoted(e), ensure_ascii=False) for e in one.examples)
    example = f" ({shown})" if shown and quote_values else ""
    part = f", of {one.of:,} rows looked at" if one.sampled else ""
    return f"{told}{example}{part}."


def _names(one: Noticed, table: str) -> str:
    """Columns as `a, b and 3 more columns`."""
    names = [column_name(table, name) for name in one.columns]
    if one.more_columns:
        names.append(f"{one.more_columns} more column{'s' * (one.more_columns > 1)}")
    *first, last = names or [""]
    return f"{', '.join(first)} and {last}" if first else last


def _share(part: int, whole: int) -> str:
    """Percent, never rounded to all.

    >>> _share(999, 1000)
    'more than 99%'
    """
    percent = round(100 * part / max(1, whole))
    return "more than 99%" if percent == 100 and part < whole else f"{percent}%"  # noqa: PLR2004 - percent
