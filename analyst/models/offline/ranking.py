"""The recipe for a comparison of groups, and the one for a single column."""

from __future__ import annotations

from analyst.models.offline.analysis import (
    Analysis,
    Sentence,
    Step,
    digits,
    fill,
    quoted,
    rows_in_question,
    wording,
)
from analyst.models.offline.intent import Intent
from analyst.models.offline.phrases import (
    calculation,
    caveats,
    in_scope,
    in_title,
    several,
)
from analyst.models.offline.roles import is_place
from analyst.models.offline.words import spoken

__all__ = ["BARS", "groups_compared", "single_value"]

BARS = """
colors = ["#c3d0e0"] * (len(bars) - 1) + ["#2563a8"]
fig, ax = plt.subplots(figsize=(7.5, 1.2 + 0.3 * len(bars)))
ax.barh(bars.index.astype(str), bars, color=colors)
ax.grid(axis="y", visible=False)
""".strip()

_USABLE = """
usable = $frame.dropna(subset=[$columns])
rows_used, left_out = len(usable), len($frame) - len(usable)
group_sizes = usable[$group].value_counts()
group_count = len(group_sizes)
group_sizes.head(10).to_frame("rows")
"""

_COUNTED = """
by_group = usable.groupby($group).size().to_frame("rows")
ranking = by_group["rows"].sort_index().sort_values(
    ascending=$ascending, kind="stable"
)
leader, leader_value = ranking.index[0], ranking.iloc[0]
other_end, other_end_value = ranking.index[-1], ranking.iloc[-1]
leader_share = leader_value / ranking.sum()
ranking.head(10).to_frame("rows")
"""

_SUMMED = """
by_group = usable.groupby($group)[$measure].agg(["sum", "mean", "count"])
ranking = by_group["sum"].sort_index().sort_values(
    ascending=$ascending, kind="stable"
)
leader, leader_value = ranking.index[0], ranking.iloc[0]
other_end, other_end_value = ranking.index[-1], ranking.iloc[-1]
total = ranking.sum()
by_group.reindex(ranking.index).head(10)
"""

_AVERAGED = """
by_group = usable.groupby($group)[$measure].agg(
    ["mean", "median", "min", "max", "count"]
)
# Groups of fewer than five values are not ranked, where there are others.
large = by_group[by_group["count"] >= 5]
ranked = large if len(large) > 1 else by_group
not_ranked = len(by_group) - len(ranked)
ranking = ranked["$aggregate"].sort_index().sort_values(
    ascending=$ascending, kind="stable"
)
leader, leader_value = ranking.index[0], ranking.iloc[0]
other_end, other_end_value = ranking.index[-1], ranking.iloc[-1]
overall = usable[$measure].$aggregate()
by_group.reindex(ranking.index).head(10)
"""

_CHART = """
bars = ranking.head(10)[::-1]
$bars
ax.set_title(f"{leader} is $extreme, at {leader_value:$digits}")
ax.set_xlabel($measure_label)
ax.set_ylabel($group_label)
plt.show()
"""

_VALUE = """
values = $frame[$measure].dropna()
rows, left_out = len($frame), $frame[$measure].isna().sum()
value = values.$aggregate()
middle, low, high = values.median(), values.min(), values.max()
values.describe().to_frame()
"""

_HISTOGRAM = """
fig, ax = plt.subplots()
ax.hist(values, bins=30, color="#c3d0e0")
ax.axvline(value, color="#2563a8", linewidth=2)
ax.set_title(f"$aggregate: {value:$digits}")
ax.set_xlabel($measure_label)
ax.set_ylabel("rows")
plt.show()
"""


def groups_compared(intent: Intent) -> Analysis:
    """Which group has the most, the least, and by how much."""
    assert intent.group is not None
    frame, prelude = rows_in_question(intent)
    names = _names(intent, frame)
    words = wording(intent)
    compare = {"count": _COUNTED, "sum": _SUMMED}.get(intent.aggregate, _AVERAGED)
    steps = (
        Step(
            title="Check the groups and the gaps",
            code="\n".join(
                part for part in (words.code, prelude, fill(_USABLE, **names)) if part
            ),
        ),
        Step(
            title=f"Compute the {in_title(intent)} by {spoken(intent.group.name)}",
            code=fill(compare, **names),
            needs=(1,),
        ),
        Step(
            title="Draw the comparison",
            code=fill(_CHART, **names),
            needs=(1, 2),
        ),
    )
    return Analysis(steps=steps, sentences=tuple(_about_groups(intent, names)))


def _about_groups(intent: Intent, names: dict[str, str]) -> list[Sentence]:
    assert intent.group is not None
    form = names["digits"]
    where = "in" if is_place(intent.group) else "for"
    first, last = ("lowest", "highest") if intent.lowest else ("highest", "lowest")
    rests = f"It rests on {{group_count}} {several(intent)} and "
    used = (intent.group, intent.measure)
    if any(column is not None and column.missing for column in used):
        rests += "{rows_used:,} rows; {left_out:,} lack a value and are left out."
    else:
        rests += "{rows_used:,} rows."
    sentences = [
        Sentence(
            text=f"The {calculation(intent)}{in_scope(intent)} is {first} {where} "
            f"{{leader}}, at {{leader_value:{form}}}, and {last} {where} "
            f"{{other_end}}, at {{other_end_value:{form}}}.",
            needs=(1, 2),
        ),
        Sentence(text=_whole(intent, form), needs=(1, 2)),
        Sentence(text=rests, needs=(1,), is_caveat=True),
        *caveats(intent),
    ]
    if intent.aggregate not in {"count", "sum"} and not intent.group.unique:
        text = "Groups of fewer than five values, which are not ranked: {not_ranked}."
        sentences.append(Sentence(text=text, needs=(1, 2), in_answer=False))
    return sentences


def _whole(intent: Intent, form: str) -> str:
    """The groups against the whole."""
    match intent.aggregate:
        case "count":
            return "{leader} has {leader_share:.0%} of the rows."
        case "sum":
            return f"All together it is {{total:{form}}}."
        case _:
            return f"Over all rows it is {{overall:{form}}}."


def single_value(intent: Intent) -> Analysis:
    """One number of one column, and how its values are spread."""
    assert intent.measure is not None
    frame, prelude = rows_in_question(intent)
    names = _names(intent, frame)
    words = wording(intent)
    form = names["digits"]
    what = calculation(intent)
    steps = (
        Step(
            title=f"Compute the {in_title(intent)}",
            code="\n".join(
                part for part in (words.code, prelude, fill(_VALUE, **names)) if part
            ),
        ),
        Step(title="Draw the spread", code=fill(_HISTOGRAM, **names), needs=(1,)),
    )
    sentences = (
        Sentence(text=f"The {what}{in_scope(intent)} is {{value:{form}}}.", needs=(1,)),
        Sentence(
            text=f"The values run from {{low:{form}}} to {{high:{form}}}, half of them "
            f"up to {{middle:{form}}}.",
            needs=(1,),
        ),
        Sentence(
            text="{left_out:,} of {rows:,} values are missing.",
            needs=(1,),
            is_caveat=True,
        ),
        *caveats(intent),
    )
    return Analysis(steps=steps, sentences=sentences)


def _is_whole(intent: Intent) -> bool:
    """Whether what is computed can only be a whole number."""
    if intent.aggregate == "count":
        return True
    of_one = intent.group is not None and intent.group.unique
    is_int = intent.measure is not None and intent.measure.kind == "int"
    return is_int and (of_one or intent.aggregate in {"sum", "min", "max"})


def _names(intent: Intent, frame: str) -> dict[str, str]:
    """What is filled into the code."""
    used = [column for column in (intent.group, intent.measure) if column is not None]
    counts = intent.aggregate == "count"
    measure = quoted(intent.measure.name) if intent.measure else '""'
    said = spoken(intent.measure.name) if intent.measure else "rows"
    return {
        "frame": frame,
        "columns": ", ".join(quoted(column.name) for column in used),
        "group": quoted(intent.group.name) if intent.group else '""',
        "group_label": quoted(spoken(intent.group.name)) if intent.group else '""',
        "measure": measure,
        "measure_label": quoted("rows" if counts else f"{intent.aggregate} of {said}")
        if intent.kind == "groups"
        else quoted(said),
        "aggregate": intent.aggregate,
        "ascending": str(intent.lowest),
        "extreme": "lowest" if intent.lowest else "highest",
        "digits": digits(intent.measure, whole=_is_whole(intent)),
        "bars": BARS,
    }
