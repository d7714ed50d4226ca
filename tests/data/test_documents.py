"""JSON: the records are found, every value is kept as it stands there."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.data.inside.sniffing.files import WHOLE_BYTES

from ..tools.loading import (  # noqa: TID252 - tests are no package
    only_table_of,
    tables_of,
    why_unreadable,
)

REAL = Path(__file__).parents[3] / "shared" / "data"
RECORDS = [
    {"id": 1, "zip": "01067", "day": "2024-01-31", "x": 1.5, "ok": True},
    {"id": 2, "zip": "10115", "day": "2024-02-01", "x": None, "ok": False},
]


def written(folder: Path, document: Any, name: str = "table.json") -> Path:
    """A document in a file."""
    path = folder / name
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def test_values_keep_their_types(tmp_path: Path) -> None:
    """Codes stay text, dates become dates, and the code says so in plain words."""
    table = only_table_of(written(tmp_path, RECORDS))
    assert table.cells["zip"] == ["01067", "10115"]
    assert table.cells["x"] == [1.5, None]
    assert table.frame["day"].dt.day.tolist() == [31, 1]
    assert table.frame.dtypes.astype(str)[["id", "ok"]].tolist() == ["int64", "bool"]
    assert "pd.DataFrame(json.loads(Path(DATA).read_bytes()))" in table.code
    assert table.reading.doubts == ()


def test_a_record_a_line(tmp_path: Path) -> None:
    """Bad lines are listed and counted: rows read and rows left out are all."""
    path = tmp_path / "log.txt"
    lines = [json.dumps(RECORDS[0]), '{"id": 1,', "", json.dumps(RECORDS[1]), "oops"]
    path.write_text("\ufeff" + "\r\n".join([*lines, lines[0]]), encoding="utf-8")
    table = only_table_of(path)
    assert table.cells["id"] == [1, 2, 1]
    [doubt] = table.reading.doubts
    assert (doubt.lines, doubt.rows_left_out) == ((2, 5), 2)


@pytest.mark.parametrize(
    ("document", "cells"),
    [
        ({"a": [1, 2], "b": ["x", "y"]}, {"a": [1, 2], "b": ["x", "y"]}),
        (
            {"columns": ["a", "b"], "index": [0, 1], "data": [[1, "x"], [2, "y"]]},
            {"a": [1, 2], "b": ["x", "y"]},
        ),
        (
            {"columns": ["a"], "index": ["p", "q"], "data": [[1], [2]]},
            {"index": ["p", "q"], "a": [1, 2]},
        ),
        (
            {"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": "y"}},
            {"a": [1, 2], "b": ["x", "y"]},
        ),
        (
            {"0": {"a": 1, "b": "x"}, "1": {"a": 2, "b": "y"}},
            {"a": [1, 2], "b": ["x", "y"]},
        ),
        (
            {"bob": {"a": 1, "b": 2}, "eve": {"a": 3, "b": 4}},
            {"key": ["bob", "eve"], "a": [1, 3], "b": [2, 4]},
        ),
        ([["name", "n"], ["x", 5], ["y", 6]], {"name": ["x", "y"], "n": [5, 6]}),
        ([[1, 2], [3, 4]], {"column_1": [1, 3], "column_2": [2, 4]}),
        (["x", "y"], {"value": ["x", "y"]}),
        ({"a": 1, "b": {"c": "x"}}, {"a": [1], "b.c": ["x"]}),
        (
            {"fields": [{"name": "a"}, {"name": "b"}], "rows": [[1, 2], [3, 4]]},
            {"a": [1, 3], "b": [2, 4]},
        ),
        (
            {"meta": {"n": 2}, "result": {"items": [{"a": {"b": 1}}, {"a": {"b": 2}}]}},
            {"a.b": [1, 2]},
        ),
    ],
)
def test_tables_are_found_in_any_form(
    tmp_path: Path, document: Any, cells: dict[str, list[Any]]
) -> None:
    """Records, columns, rows, keyed objects: each becomes the table that is meant."""
    assert only_table_of(written(tmp_path, document)).cells == cells


def test_several_lists_are_several_tables(tmp_path: Path) -> None:
    """Each list of records is a table with a label; what is beside them is told."""
    document = {"customers": [{"c": 1}], "orders": [{"i": 1}, {"i": 2}], "version": 3}
    orders, customers = tables_of(written(tmp_path, document))
    assert (orders.reading.label, customers.reading.label) == ("orders", "customers")
    assert (orders.cells, customers.cells) == ({"i": [1, 2]}, {"c": [1]})
    assert "'version'" in orders.told


def test_long_numbers_stay_exact(tmp_path: Path) -> None:
    """No id is rounded: not beside missing ones, and not beyond 64 bits."""
    ids = [9007199254740993, None, 9007199254740995]
    records = [{"id": number, "n": 7, "x": 0.5, "big": 2**70 + 1} for number in ids]
    table = only_table_of(written(tmp_path, records))
    told = [None if text is None else int(text) for text in table.cells["id"]]
    assert told == ids
    assert [int(text) for text in table.cells["big"]] == [2**70 + 1] * 3
    assert (table.cells["n"], table.cells["x"]) == ([7] * 3, [0.5] * 3)
    assert "'id'" in table.told


@given(
    records=st.lists(
        st.fixed_dictionaries(
            {
                "i": st.one_of(st.none(), st.integers(-(2**64), 2**64)),
                "f": st.one_of(st.none(), st.floats(allow_nan=False)),
                "s": st.one_of(st.none(), st.text(st.characters(codec="utf-8"))),
                "b": st.booleans(),
                "o": st.fixed_dictionaries({"in": st.integers(-9, 9)}),
            }
        ),
        min_size=1,
        max_size=8,
    ),
    by_line=st.booleans(),
)
def test_any_records_come_back(
    tmp_path_factory: pytest.TempPathFactory, *, records: list[Any], by_line: bool
) -> None:
    """Whatever was written as JSON, a document or a record a line, is read equal."""
    path = tmp_path_factory.mktemp("any") / "table"
    lines = [json.dumps(record) for record in records]
    path.write_text("\n".join(lines) if by_line else f"[{','.join(lines)}]")
    [table] = tables_of(path)
    converted = {each.column for each in table.reading.conversions}
    for key, name in (("i", "i"), ("f", "f"), ("s", "s"), ("b", "b"), ("o", "o.in")):
        meant = [record[key]["in"] if key == "o" else record[key] for record in records]
        found = table.cells[name]
        if key == "i":
            found = [None if value is None else int(value) for value in found]
        if key != "s" or name not in converted:
            assert found == meant


def test_names_that_would_become_one_are_kept_apart(tmp_path: Path) -> None:
    """`a.b` and the `b` of `a` are two columns."""
    records = [{"a.b": 1, "a": {"b": 2}}, {"a.b": 3, "a": {"b": 4}}]
    table = only_table_of(written(tmp_path, records))
    assert list(table.cells.values()) == [[1, 3], [2, 4]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"a": 1, "a": 2}]', "stands twice"),
        ('[{"a": 1}, null, {"a": 2}]', "left out"),
        ('[{"a": [1, 2]}, {"a": []}]', "Lists"),
        ('[{"a": 1}, {"a": "x"}]', "Both text"),
        ('[{"day": "01/02/2024"}, {"day": "03/04/2024"}]', "day"),
    ],
)
def test_doubts_are_told(tmp_path: Path, text: str, said: str) -> None:
    """What was not taken as it stands is said."""
    path = tmp_path / "table.json"
    path.write_text(text)
    table = only_table_of(path)
    assert said in table.told
    left_out = sum(doubt.rows_left_out for doubt in table.reading.doubts)
    assert len(table.frame) + left_out == len(json.loads(text))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[{"a": 1}, {"a": ', "line 1, character"),
        ('{"a":\n1}\n{"a":\n2}', "one after the other"),
        ("[" * 100_000, "levels"),
        ('{"a":' * 5000 + "1" + "}" * 5000, "levels"),
        ('[{"a": ' + "9" * 5000 + "}]", "thousands of digits"),
        (r'[{"a": "\ud800"}]', "half characters"),
        (json.dumps([{f"k{at}": 1 for at in range(20_000)}]), "20,000 columns"),
        (json.dumps({f"k{at}": at for at in range(20_000)}), "many values"),
        (
            json.dumps([{f"k{at}": 1} for at in range(9_000)]),
            "most of them empty",
        ),
        ("[]", "without records"),
        ("{}", "without any value"),
        ('{"type": "Topology", "objects": {}}', "TopoJSON"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: str, said: str) -> None:
    """Damage and hostile forms end in a sentence."""
    path = tmp_path / "odd.json"
    path.write_text(content)
    assert said in why_unreadable(path)


def test_text_that_begins_with_a_bracket_is_no_json(tmp_path: Path) -> None:
    """A table of text under a heading in brackets is read as such."""
    path = tmp_path / "a.txt"
    path.write_text("[2024] sales,n\nx,1\ny,2\n")
    assert only_table_of(path).cells["n"] == [1, 2]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "cp1252"])
@pytest.mark.parametrize("separator", ["\n", ", "])
def test_encodings(tmp_path: Path, encoding: str, separator: str) -> None:
    """The same words come out whatever the encoding."""
    words = ["Köln", "Größe", "straße"]
    lines = [json.dumps({"w": word}, ensure_ascii=False) for word in words]
    text = separator.join(lines) if separator == "\n" else f"[{separator.join(lines)}]"
    path = tmp_path / "table"
    path.write_text(text, encoding=encoding)
    assert only_table_of(path).cells["w"] == words


def test_features_with_points(tmp_path: Path) -> None:
    """A feature is a row; no name of a property is taken from it."""
    features = [
        {
            "type": "Feature",
            "id": "f1",
            "properties": {"id": 7, "size": {"m": 2}},
            "geometry": {"type": "Point", "coordinates": [8.5, 47.3, 400]},
        }
    ] * 2
    document = {"type": "FeatureCollection", "features": features}
    table = only_table_of(written(tmp_path, document))
    row = {name: cells[0] for name, cells in table.cells.items()}
    assert row == {
        "feature.id": "f1",
        "id": 7,
        "longitude": 8.5,
        "latitude": 47.3,
        "z": 400,
        "size.m": 2,
    }


def test_features_with_outlines(tmp_path: Path) -> None:
    """Of an outline its kind is in the table; where all of them lie is told."""
    ring = [[0, 0], [5, 1], [2, 9], [0, 0]]
    geometries = [
        {"type": "Polygon", "coordinates": [ring]},
        {"type": "Point", "coordinates": [1, 2]},
        None,
    ]
    lines = [
        json.dumps({"type": "Feature", "properties": {"n": n}, "geometry": geometry})
        for n, geometry in enumerate(geometries)
    ]
    path = tmp_path / "a.geojsonl"
    path.write_text("\n".join(lines))
    table = only_table_of(path)
    assert table.cells["geometry.type"] == ["Polygon", "Point", None]
    assert table.cells["longitude"] == [None, 1, None]
    assert "between 0 and 5 of longitude and 0 and 9 of latitude" in table.told


@pytest.mark.parametrize("by_line", [True, False])
def test_a_large_document_is_judged_by_its_start(
    tmp_path: Path, *, by_line: bool
) -> None:
    """What is larger than a bound is not read through, and its rows not counted."""
    path = tmp_path / "large.json"
    record = json.dumps({"day": "2024-01-31", "o": {"x": 1.5}, "t": "x" * 1000})
    times = WHOLE_BYTES // len(record) + 1
    with path.open("w") as stream:
        stream.write("" if by_line else '{"n": 1, "list": [')
        stream.write(("\n" if by_line else ",").join([record] * times))
        stream.write("" if by_line else "]}")
    [table] = tables_of(path)
    assert table.reading.rows is None
    assert list(table.cells) == ["day", "t", "o.x"]
    assert len(table.frame) == times


def test_packed_documents(tmp_path: Path) -> None:
    """The code unpacks what is packed."""
    path = tmp_path / "table"
    path.write_bytes(gzip.compress(json.dumps(RECORDS).encode()))
    table = only_table_of(path)
    assert table.cells["id"] == [1, 2]
    assert "gzip.decompress" in table.code


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [("earthquakes.json", 1707, 30), ("gapminder.json", 682, 6)],
)
def test_real_documents(name: str, rows: int, columns: int) -> None:
    """Real files are read whole: each value is the one in the document."""
    if not REAL.is_dir():
        pytest.skip(f"there are no real tables in {REAL}")
    table = only_table_of(REAL / name)
    assert table.frame.shape == (rows, columns)
    document = json.loads((REAL / name).read_text(encoding="utf-8"))
    records = document if isinstance(document, list) else document["features"]
    for key in ("mag", "place", "time", "country", "pop", "fertility"):
        if key in table.cells:
            meant = [record.get("properties", record)[key] for record in records]
            assert table.cells[key] == meant


def test_numbers_as_text_stay_text_and_are_told(tmp_path: Path) -> None:
    """Once for all columns of them, and not for codes, keys or words."""
    path = tmp_path / "table.json"
    records = [
        {"id": "17", "zip": "01067", "price": "1.234,50", "paid": "ja", "who": "A"},
        {"id": "18", "zip": "50667", "price": "12,00", "paid": "nein", "who": "B"},
        {"id": "19", "zip": "80331", "price": "7,25", "paid": "ja", "who": "C"},
    ]
    path.write_text(json.dumps(records))
    table = only_table_of(path)
    assert table.cells["price"] == ["1.234,50", "12,00", "7,25"]
    assert table.cells["paid"] == ["ja", "nein", "ja"]
    [doubt] = table.reading.doubts
    assert "'price' and 'paid'" in doubt.text


def test_long_numbers_are_told_once(tmp_path: Path) -> None:
    """That long numbers stay text is not said again of numbers as text."""
    path = tmp_path / "table.json"
    path.write_text('[{"n": 12345678901234567, "x": 1}, {"n": null, "x": 2}]')
    table = only_table_of(path)
    assert table.cells["n"] == ["12345678901234567", None]
    [doubt] = table.reading.doubts
    assert "too long" in doubt.text


def test_null_for_an_object_makes_no_column(tmp_path: Path) -> None:
    """A key with an object here and null there has the columns of the object alone."""
    path = tmp_path / "table.json"
    records: list[dict[str, object]] = [
        {"a": 1, "o": {"x": {"y": 2}}, "p": {"q": 1}},
        {"a": 2, "o": None, "p": 7},
        {"a": 3, "o": {"x": None}, "p": None},
    ]
    path.write_text(json.dumps(records))
    table = only_table_of(path)
    assert table.cells == {
        "a": [1, 2, 3],
        "o.x.y": [2, None, None],
        "p.q": [1, None, None],
        "p": [None, 7, None],
    }


def test_mixed_values_stay_as_they_are_and_are_told(tmp_path: Path) -> None:
    """A column of numbers and words holds each as it stands in the file."""
    path = tmp_path / "table.jsonl"
    path.write_text('{"id": 1, "price": 12.5}\n{"id": "A3", "price": "on request"}\n')
    table = only_table_of(path)
    assert table.cells == {"id": [1, "A3"], "price": [12.5, "on request"]}
    assert "'id' and 'price'" in table.told


def test_what_is_said_of_the_file_is_told_apart(tmp_path: Path) -> None:
    """What stands beside the tables is about the file, not about the first of them."""
    path = tmp_path / "table.json"
    document = {
        "total": 2,
        "people": [{"a": 1, "n": "1,5"}, {"a": 2, "n": "2,5"}, {"a": 3, "n": "0,5"}],
        "places": [{"b": 1}, {"b": 2}],
    }
    path.write_text(json.dumps(document))
    people, places = tables_of(path)
    assert [doubt.of_file for doubt in people.reading.doubts] == [True, False]
    assert "'total'" in people.reading.doubts[0].text
    assert not places.reading.doubts
