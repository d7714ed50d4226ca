"""Real tables that nobody here made: each cell against an independent reading.

They lie in a folder beside the repository; where it is not there, this is skipped.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analyst.data.inside.sniffing.route import readings_of

from ..tools.scoring import (  # noqa: TID252 - tests are no package
    frame_of,
    is_missing,
)

FOLDER = Path(__file__).parents[3] / "shared" / "data"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the real tables are not beside the repository"
)


@dataclass(frozen=True)
class Known:
    """What a person sees who opens the file."""

    rows: int
    columns: int
    encoding: str = "utf-8"
    header_rows: int = 1
    dates: dict[str, str] = field(default_factory=dict)
    percents: tuple[str, ...] = ()


ISO = "%Y-%m-%d"
CLOCK = "%Y-%m-%d %H:%M:%S"
FILES = {
    "airline-safety.csv": Known(56, 8),
    "airports.csv": Known(3376, 7),
    "bechdel-movies.csv": Known(1794, 15),
    "birdstrikes.csv": Known(10_000, 14, dates={"Flight Date": ISO}),
    "dc-wikia.csv": Known(6896, 13),
    "drinks.csv": Known(193, 5),
    "hate-crimes.csv": Known(51, 12),
    "healthexp.csv": Known(274, 4),
    "mpg.csv": Known(398, 9),
    "penguins.csv": Known(344, 7),
    "planets.csv": Known(1035, 6),
    "recent-grads.csv": Known(173, 21),
    "seattle-weather.csv": Known(1461, 6, dates={"date": ISO}),
    "star-wars-survey.csv": Known(1186, 38, "cp1252", header_rows=2),
    "taxis.csv": Known(6433, 14, dates={"pickup": CLOCK, "dropoff": CLOCK}),
    "us-employment.csv": Known(120, 24, dates={"month": ISO}),
}


def read(path: Path, known: Known) -> tuple[list[str], list[list[str]]]:
    """By the csv module and by what a person sees."""
    with path.open(encoding=known.encoding, newline="") as stream:
        records = [record for record in csv.reader(stream) if record]
    rows = records[known.header_rows :]
    assert {len(row) for row in rows} == {known.columns}
    assert len(rows) == known.rows
    return records[0], rows


def is_same(got: Any, text: str, pattern: str, *, doubted: bool) -> bool:
    """Whether a value is what is written there; a word may be missing with a doubt."""
    if is_missing(got):
        return not text.strip() or doubted or text.lower() in {"nan", "n/a", "#n/a"}
    if isinstance(got, str):
        return got in (text, text.strip()) and (doubted or not pattern)
    if isinstance(got, dt.datetime):
        return bool(pattern) and got == pd.to_datetime(text, format=pattern)
    if type(got).__name__ in {"bool", "bool_"}:
        return text.lower() in {str(bool(got)).lower(), "yes" if got else "no"}
    plain = text.replace(",", "").replace("$", "")
    try:
        return float(got) == float(plain) and not (plain[:1] == "0" and plain.isdigit())
    except ValueError:
        return False


def is_zero(text: str) -> bool:
    """A single nought is no leading one."""
    return text.strip() == "0"


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_is_right_in_every_cell(name: str) -> None:
    """Rows, columns, names and cells are those of an independent reading."""
    known = FILES[name]
    names, rows = read(FOLDER / name, known)
    [reading] = readings_of(FOLDER / name)
    frame = frame_of(reading, FOLDER / name)
    assert frame.shape == (known.rows, known.columns)
    if known.header_rows == 1:
        assert list(frame.columns) == names
    doubted = bool(reading.doubts)
    wrong = []
    for at, column in enumerate(names):
        pattern = known.dates.get(column, "")
        for row, got in enumerate(frame.iloc[:, at].tolist()):
            text = rows[row][at]
            if is_zero(text) and got in (0, "0"):
                continue
            if not is_same(got, text, pattern, doubted=doubted):
                wrong.append(f"[{row}, {column}] is {got!r}, not {text!r}")
    assert not wrong, f"{len(wrong)} cells: " + "; ".join(wrong[:8])


@pytest.mark.parametrize("name", ["drinks.csv", "seattle-weather.csv", "taxis.csv"])
def test_a_clean_real_file_raises_no_doubt(name: str) -> None:
    """Nobody is warned of a table in which nothing is wrong."""
    [reading] = readings_of(FOLDER / name)
    assert reading.doubts == ()


def test_words_that_look_missing_are_kept_or_doubted() -> None:
    """6,496 of the strikes caused the damage `None`: a word, no missing value."""
    [reading] = readings_of(FOLDER / "birdstrikes.csv")
    frame = frame_of(reading, FOLDER / "birdstrikes.csv")
    _, rows = read(FOLDER / "birdstrikes.csv", FILES["birdstrikes.csv"])
    words = sum(row[2] == "None" for row in rows)
    kept = int((frame["Effect Amount of damage"] == "None").sum())
    assert words > 1000
    assert kept == words or any("None" in doubt.text for doubt in reading.doubts)


def test_a_list_of_records() -> None:
    """JSON records are rows, their keys columns, their values cells."""
    path = FOLDER / "gapminder.json"
    records = json.loads(path.read_text(encoding="utf-8"))
    [reading] = readings_of(path)
    frame = frame_of(reading, path)
    assert list(frame.columns) == list(records[0])
    assert frame.to_dict("records") == records


def test_features_of_a_map() -> None:
    """GeoJSON: a row a feature, with its properties and its coordinates."""
    path = FOLDER / "earthquakes.json"
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    [reading] = readings_of(path)
    frame = frame_of(reading, path)
    assert len(frame) == len(features)
    [magnitude] = [c for c in frame.columns if str(c).split(".")[-1] == "mag"]
    expected = [feature["properties"]["mag"] for feature in features]
    got = [None if is_missing(mag) else mag for mag in frame[magnitude].tolist()]
    assert got == expected
    west = {feature["geometry"]["coordinates"][0] for feature in features}
    columns = [frame[column].tolist() for column in frame.select_dtypes("number")]
    assert any(set(values) == west for values in columns)


def test_a_file_of_arrow() -> None:
    """Values and types are those that pyarrow tells."""
    import pyarrow as pa  # noqa: PLC0415 - only here

    path = FOLDER / "flights-200k.arrow"
    [reading] = readings_of(path)
    with path.open("rb") as stream:
        data = stream.read()
    is_file = data.startswith(b"ARROW1")
    opened = (pa.ipc.open_file if is_file else pa.ipc.open_stream)(data)
    pd.testing.assert_frame_equal(
        frame_of(reading, path), opened.read_all().to_pandas(), check_dtype=False
    )
