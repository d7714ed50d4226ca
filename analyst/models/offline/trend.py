"""The recipe for a course over time: coverage, course, changes by group, ranking."""

from __future__ import annotations

from datetime import datetime

from analyst.events import Column
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
from analyst.models.offline.ranking import BARS
from analyst.models.offline.roles import is_place
from analyst.models.offline.words import spoken

__all__ = ["trend"]

_MONTHS_FROM_DAYS, _YEARS_FROM_DAYS = 92, 1096
_SLACK_DAYS = {"year": 31, "month": 3, "day": 0}

_COVERED = """
# A $unit can be compared if it has at least half as many values as the best one.
$unit = $period
values_in_$unit = $frame.groupby($unit)[$measure].count()
enough = values_in_$unit >= values_in_$unit.max() / 2
comparable, thin = values_in_$unit[enough], values_in_$unit[~enough]
left_out = ", ".join(map(str, thin.index[-5:])) or "none"
first_$unit, last_$unit = comparable.index[0], comparable.index[-1]
first_values, last_values = comparable.iloc[0], comparable.iloc[-1]
missing = $frame[$measure].isna().sum()
missing_share = missing / len($frame)
values_in_$unit.tail(6).to_frame("values")
"""

_WHOLE = """
# The first and the last $unit can be compared only if the data cover all of it.
$unit = $period
rows_in_$unit = $frame.groupby($unit).size()
slack = pd.Timedelta(days=$slack)
starts, ends = rows_in_$unit.index.start_time, rows_in_$unit.index.end_time.normalize()
first_date, last_date = $frame[$time].min(), $frame[$time].max()
enough = (starts >= first_date.normalize() - slack) & (ends <= last_date + slack)
comparable, thin = rows_in_$unit[enough], rows_in_$unit[~enough]
left_out = ", ".join(map(str, thin.index[-5:])) or "none"
first_$unit, last_$unit = comparable.index[0], comparable.index[-1]
comparable.iloc[[0, -1]].to_frame("rows")
"""

_EVERY = """
$unit = $period
comparable = $frame.groupby($unit).size()
first_$unit, last_$unit = comparable.index[0], comparable.index[-1]
comparable.iloc[[0, -1]].to_frame("rows")
"""

_COURSE = """
by_$unit = $frame[$unit.isin(comparable.index)].groupby($unit)$sum_up
first, last = by_$unit.iloc[0], by_$unit.iloc[-1]
change = last - first
direction = "fell" if last < first else "rose" if last > first else "went"
peak_$unit, peak = by_$unit.idxmax(), by_$unit.max()
trough_$unit, trough = by_$unit.idxmin(), by_$unit.min()

fig, ax = plt.subplots()
ax.plot($horizontal, by_$unit, linewidth=2)
ax.set_title(f"$title {direction} from {first:$digits} to {last:$digits}")
ax.set_xlabel($time_label)
ax.set_ylabel($measure_label)
plt.show()
print(f"{first_$unit}: {first:$digits}, {last_$unit}: {last:$digits}")
"""

_CHANGES = """
grid = $frame.groupby([$group, $unit])$sum_up.unstack($fill)
changes = (grid[last_$unit] - grid[first_$unit]).dropna()
changes = changes.sort_index().sort_values(kind="stable")
compared = len(changes)
fallen, risen = (changes < 0).sum(), (changes > 0).sum()
most_down, most_up = changes.min(), changes.max()
most_down_name = changes.index[0] if compared else "none"
most_up_name = changes.index[-1] if compared else "none"
extremes = changes if compared <= 10 else pd.concat([changes.head(5), changes.tail(5)])
grid.loc[extremes.index, [first_$unit, last_$unit]].assign(change=extremes)
"""

_LATEST = """
latest = grid[last_$unit].dropna().sort_index()
latest = latest.sort_values(ascending=$ascending, kind="stable")
leader, leader_value = latest.index[0], latest.iloc[0]
other_end, other_end_value = latest.index[-1], latest.iloc[-1]
ranked = len(latest)

bars = latest.head(10)[::-1]
$bars
ax.set_title(f"{leader} is $extreme in {last_$unit}, at {leader_value:$digits}")
ax.set_xlabel($measure_label)
ax.set_ylabel($group_label)
plt.show()
latest.head(10).to_frame(str(last_$unit))
"""


def trend(intent: Intent) -> Analysis:
    """How the measure went over time and, where there are groups, in which most."""
    assert intent.time is not None
    names = _names(intent)
    _, prelude = rows_in_question(intent)
    words = wording(intent)
    check = fill(_check(intent), **names)
    steps = [
        Step(
            title=f"Check which {names['unit']}s can be compared",
            code="\n".join(part for part in (words.code, prelude, check) if part),
        ),
        Step(
            title=f"Follow the {in_title(intent)} by {names['unit']}",
            code=fill(_COURSE, **names),
            needs=(1,),
        ),
    ]
    if intent.group is not None:
        steps += [
            Step(
                title=f"Compare the changes by {spoken(intent.group.name)}",
                code=fill(_CHANGES, **names),
                needs=(1,),
            ),
            Step(
                title=f"Rank by the last {names['unit']}",
                code=fill(_LATEST, **names),
                needs=(1, 3),
            ),
        ]
    return Analysis(steps=tuple(steps), sentences=tuple(_sentences(intent, names)))


def _check(intent: Intent) -> str:
    """A sum over a part of a year is no sum over a year; a mean of few is no mean."""
    assert intent.time is not None
    if intent.time.kind == "date" and intent.aggregate in {"count", "sum"}:
        return _WHOLE
    return _EVERY if intent.measure is None else _COVERED


def _unit(time: Column) -> str:
    """Years, months or days, whichever cut the range of dates best."""
    if time.kind != "date":
        return "year"
    first, last = (datetime.fromisoformat(text) for text in (time.low, time.high))
    days = (last - first).days
    if days >= _YEARS_FROM_DAYS:
        return "year"
    return "month" if days >= _MONTHS_FROM_DAYS else "day"


def _names(intent: Intent) -> dict[str, str]:
    """What is filled into the code."""
    assert intent.time is not None
    frame, _ = rows_in_question(intent)
    time = quoted(intent.time.name)
    unit = _unit(intent.time)
    measure = quoted(intent.measure.name) if intent.measure else '""'
    counts = intent.aggregate == "count"
    said = spoken(intent.measure.name) if intent.measure else "rows"
    period = f"{frame}[{time}]"
    if intent.time.kind == "date":
        period += f'.dt.to_period("{unit[0].upper()}")'
    elif intent.time.kind == "float":
        period += '.astype("Int64")'
    on_axis = {"date": f"by_{unit}.index.to_timestamp()"}
    return {
        "frame": frame,
        "time": time,
        "unit": unit,
        "period": period,
        "slack": str(_SLACK_DAYS[unit]),
        "measure": measure,
        "sum_up": ".size()" if counts else f"[{measure}].{intent.aggregate}()",
        "fill": "fill_value=0" if counts else "",
        "horizontal": on_axis.get(intent.time.kind, f"by_{unit}.index.astype(int)"),
        "digits": digits(intent.measure, whole=counts),
        "title": _chart_title(intent),
        "time_label": quoted(unit),
        "measure_label": quoted("rows" if counts else f"{intent.aggregate} of {said}"),
        "group": quoted(intent.group.name) if intent.group else '""',
        "group_label": quoted(spoken(intent.group.name)) if intent.group else '""',
        "ascending": str(intent.lowest),
        "extreme": "lowest" if intent.lowest else "highest",
        "bars": BARS,
    }


def _chart_title(intent: Intent) -> str:
    """The subject of the chart's title, to stand inside an f-string."""
    said = in_title(intent).replace("{", "{{").replace("}", "}}")
    return quoted(said[0].upper() + said[1:])[1:-1]


def _sentences(intent: Intent, names: dict[str, str]) -> list[Sentence]:
    unit, form = names["unit"], names["digits"]
    when = "on" if unit == "day" else "in"
    sentences = [
        Sentence(
            text=f"The {calculation(intent)}{in_scope(intent)} {{direction}} from "
            f"{{first:{form}}} {when} {{first_{unit}}} to {{last:{form}}} {when} "
            f"{{last_{unit}}}.",
            needs=(1, 2),
        ),
        Sentence(
            text=f"It was highest {when} {{peak_{unit}}}, at {{peak:{form}}}, and "
            f"lowest {when} {{trough_{unit}}}, at {{trough:{form}}}.",
            needs=(1, 2),
            in_answer=intent.group is None,
        ),
    ]
    if intent.group is not None:
        sentences += _about_groups(intent, unit, form)
    return [*sentences, *caveats(intent), *_about_coverage(intent, unit)]


def _about_groups(intent: Intent, unit: str, form: str) -> list[Sentence]:
    assert intent.group is not None
    groups = several(intent)
    when = "On" if unit == "day" else "In"
    where = "in" if is_place(intent.group) else "for"
    first, last = ("lowest", "highest") if intent.lowest else ("highest", "lowest")
    return [
        Sentence(
            text=f"{when} {{last_{unit}}} it is {first} {where} {{leader}}, at "
            f"{{leader_value:{form}}}, and {last} {where} {{other_end}}, at "
            f"{{other_end_value:{form}}}, of {{ranked}} {groups}.",
            needs=(1, 3, 4),
        ),
        Sentence(
            text=f"Of {{compared}} {groups} with values at both ends, {{fallen}} fell "
            "and {risen} rose; the changes run from "
            f"{{most_down:+{form}}} ({{most_down_name}}) to "
            f"{{most_up:+{form}}} ({{most_up_name}}).",
            needs=(1, 3),
        ),
    ]


def _about_coverage(intent: Intent, unit: str) -> list[Sentence]:
    """What the first step found out about gaps."""
    check = _check(intent)
    gaps = intent.measure is not None and intent.measure.missing > 0
    texts: list[tuple[str, bool]] = []
    if check is _COVERED:
        if gaps:
            text = "{missing:,} values ({missing_share:.0%}) are missing."
            texts.append((text, True))
        behind = (
            f"Values behind the two ends: {{first_values:,}} for {{first_{unit}}}, "
            f"{{last_values:,}} for {{last_{unit}}}."
        )
        texts.append((behind, gaps or intent.group is not None))
        texts.append(("Left out for too few values: {left_out}.", gaps))
    elif check is _WHOLE:
        texts.append((f"Left out are {unit}s not covered whole: {{left_out}}.", True))
    else:
        whole = f"The table does not say whether its last {unit} is whole."
        texts.append((whole, True))
    if unit == "month":
        texts.append(("The season of the year is not taken out.", True))
    return [
        Sentence(text=text, needs=(1,), in_answer=in_answer, is_caveat=True)
        for text, in_answer in texts
    ]
