"""What cells of text become: only what every one of them says."""

from __future__ import annotations

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analyst.data.inside.code.conversions import conversion_statements
from analyst.data.inside.code.literals import call
from analyst.data.inside.sniffing.check import kind_of
from analyst.data.inside.sniffing.values import Values, convert_texts, read_values


def found_in(delimiter: str = ",", /, **columns: list[str]) -> Values:
    """What is found in these columns of one file."""
    rows = list(zip(*columns.values(), strict=True))
    return read_values(list(columns), rows, delimiter=delimiter)


def read(tmp_path: Path, delimiter: str = ",", /, **columns: list[str]) -> pd.DataFrame:
    """A file of these columns, as the plain code reads it."""
    path = tmp_path / "table.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    found = found_in(delimiter, **columns)
    named = [("sep", delimiter), *found.arguments, ("skip_blank_lines", False)]
    code = [f"df = {call('pd.read_csv', ['PATH'], named)}"]
    code += [text for _, text in conversion_statements(found.conversions, "df")]
    scope: dict[str, Any] = {"pd": pd, "PATH": path}
    exec("\n".join(code), scope)
    df: pd.DataFrame = scope["df"]
    for column in found.columns:
        kind = kind_of(df[column.name])
        assert kind == column.kind or (kind, column.kind) == ("float", "int")
    return df


def told(found: Values) -> str:
    """All doubts as one text."""
    return "\n".join(doubt.text for doubt in found.doubts)


def test_plain_values_need_no_argument() -> None:
    """What pandas reads rightly by itself is left to it, and nothing is said."""
    found = found_in(
        n=["1", "-2", "+3"],
        x=["0.5", "1e-3", ".25"],
        ok=["true", "False", "TRUE"],
        word=["a", "b 1", "c"],
        far=["1.5", "inf", "-Infinity"],
    )
    assert found.arguments == ()
    assert found.conversions == ()
    assert found.doubts == ()
    kinds = [column.kind for column in found.columns]
    assert kinds == ["int", "float", "bool", "str", "float"]


def test_marks_that_agree_are_told_to_the_reader(tmp_path: Path) -> None:
    """One argument for all columns, rather than a statement for each."""
    columns = {
        "price": ["1.234,50", "7,5", "12,25"],
        "stock": ["1.200", "300", "4.000.000"],
        "id": ["1", "2", ""],
    }
    assert found_in(";", **columns).arguments == (
        ("decimal", ","),
        ("thousands", "."),
        ("dtype", {"id": "Int64"}),
    )
    df = read(tmp_path, ";", **columns)
    assert df["price"].tolist() == [1234.5, 7.5, 12.25]
    assert df["stock"].tolist() == [1200, 300, 4000000]
    assert df["id"].tolist() == [1, 2, pd.NA]


def test_marks_that_would_harm_another_column_are_converted(tmp_path: Path) -> None:
    """Days such as 01.02.2024 are no numbers once the marks of others are told."""
    columns = {"price": ["1.234,50", "7,5"], "day": ["31.01.2024", "01.02.2024"]}
    found = found_in(";", **columns)
    assert found.arguments == ()
    df = read(tmp_path, ";", **columns)
    assert df["price"].tolist() == [1234.5, 7.5]
    assert df["day"].tolist() == [pd.Timestamp(2024, 1, 31), pd.Timestamp(2024, 2, 1)]


@pytest.mark.parametrize(
    ("delimiter", "beside", "values"),
    [
        (",", "x", [1.234, 25.678]),
        (";", "1,5", [1234, 25678]),
        (";", "1.5", [1.234, 25.678]),
        (";", "x", ["1.234", "25.678"]),
        ("\t", "1", ["1.234", "25.678"]),
    ],
)
def test_a_mark_before_three_digits_is_read_only_where_something_says_how(
    tmp_path: Path, delimiter: str, beside: str, values: list[Any]
) -> None:
    """The delimiter or another column decides; else the text stays, and both readings
    are named.
    """
    columns = {"open": ["1.234", "25.678"], "beside": [beside, beside]}
    assert read(tmp_path, delimiter, **columns)["open"].tolist() == values
    doubts = told(found_in(delimiter, **columns))
    if isinstance(values[0], str):
        assert '"open"' in doubts
        assert "may be 1.234 or 1234" in doubts or "may be 25.678 or 25678" in doubts
    else:
        assert doubts == ""


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["$1,200", "($30.50)", "$7"], [1200, -30.5, 7]),
        (["1.200,00 €", "-3,50 €", "0 €"], [1200, -3.5, 0]),
        (["USD 5", "USD 1,000,000"], [5, 1000000]),
        (["12%", "3.5 %", "-100%"], [0.12, 0.035, -1]),
        (["(30)", "12"], [-30, 12]),
        (["30.5-", "12"], [-30.5, 12]),
        (["120,50-", "12,25+", "1.250,00"], [-120.5, 12.25, 1250]),
        ([" $1,200.00 ", " $(84.20) ", " $7"], [1200, -84.2, 7]),
        (["30,5- ", " (12)", "1"], [-30.5, -12, 1]),
        (["\u22125.5", "12"], [-5.5, 12]),
        (["1 234,5", "7"], [1234.5, 7]),
        (["1\u00a0234,5", "1\u202f000"], [1234.5, 1000]),
        (["1'234.50", "7"], [1234.5, 7]),
    ],
)
def test_numbers_as_people_write_them(
    tmp_path: Path, texts: list[str], values: list[float]
) -> None:
    """Units, accounts and marks of all places are taken off."""
    df = read(tmp_path, ";", amount=texts, word=["x"] * len(texts))
    assert df["amount"].tolist() == pytest.approx(values)


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (["01234", "94105"], "leading zeros"),
        (["12345678901234567", "1"], "more than 15 digits"),
        (["1e400", "1.5e3"], "beyond the range"),
        (["12E4", "345"], "may be a code"),
        (["5M", "3.2K", "1"], "carry a scale"),
        (["$5", "€7"], "several currencies"),
        (["12%", "0.5"], "percent sign"),
        (["1.5", "1,5"], "contradict each other"),
        (["01/02/2024", "03/04/2024"], "1 February 2024"),
        (["01-02-03", "03-04-05"], "may be"),
        (["31/12/2024", "12/31/2024"], "begin with the day"),
        (["2024-01-31", "31.12.2024"], "several formats"),
        (["2024-01-31 10:00Z", "2024-01-31 10:00"], "offset"),
        (["Jan-20", "Feb-21"], "a day or a month"),
        (["2009-10", "2010-11"], "pair of years"),
        (["1"] * 19 + ["abc"], '1 of 20 values is no number: "abc"'),
        (["2024-01-31"] * 19 + ["soon"], '1 of 20 values is no date: "soon"'),
        (["5", "10+", "5,000+"], "that much or more"),
        (["1,5 m", "2 m"], "a unit or a scale"),
        (["2024-03-14", "03/15/2024", "16 Mar 2024", "20240317"], "several formats"),
        (["24/03/01", "24/03/14", "24/03/28"], "24 March 2001 or 1 March 2024"),
        (["04/12/61", "11/30/58", "07/23/74"], "may be in 1961 or 2061"),
        (["2024-01-31"] * 19 + ["2024-02-31"], '"2024-02-31"'),
    ],
)
def test_what_nobody_can_decide_stays_text_and_is_told(
    tmp_path: Path, texts: list[str], why: str
) -> None:
    """Not a character changes, and the doubt says why."""
    found = found_in(c=texts)
    assert why in told(found)
    assert '"c"' in told(found)
    assert read(tmp_path, c=texts)["c"].tolist() == texts


def test_doubts_name_the_rows(tmp_path: Path) -> None:
    """Lines are rows from 1, the first few of them."""
    [doubt] = found_in(n=["1"] * 50 + ["abc", "2", "abc"] + ["1"] * 50).doubts
    assert doubt.lines == (51, 53)
    assert doubt.rows_left_out == 0


@pytest.mark.parametrize("name", ["zip", "PLZ", "home_phone", "postalCode"])
def test_a_name_makes_codes_of_digits(tmp_path: Path, name: str) -> None:
    """Where digits are only names of something, they stay as they are written."""
    assert read(tmp_path, **{name: ["94105", "10001"]})[name].tolist() == [
        "94105",
        "10001",
    ]
    assert [c.kind for c in found_in(zipper=["94105", "10001"]).columns] == ["int"]


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        (["31.12.2024", "01.02.2024"], "2024-12-31"),
        (["31/12/2024", "01/02/2024"], "2024-12-31"),
        (["12/31/2024", "01/02/2024"], "2024-12-31"),
        (["31-Dec-24", "1-Feb-24"], "2024-12-31"),
        (["December 31, 2024", "May 1, 2024"], "2024-12-31"),
        (["2024-12", "2024-01"], "2024-12-01"),
        (["12/2024", "1/2024"], "2024-12-01"),
        (["2024-12-31T10:30", "2024-01-01T00:00"], "2024-12-31 10:30"),
        (["31.12.2024 10:30", "01.01.2024 9:00"], "2024-12-31 10:30"),
        (["12/31/2024 1:05 PM", "1/1/2024 12:00 AM"], "2024-12-31 13:05"),
        (["2024-12-31 10:30:15.5", "2024-01-01"], "2024-12-31 10:30:15.5"),
        (["2024-12-31T10:30:00Z", "2024-01-01T00:00:00+02:00"], "2024-12-31 10:30Z"),
        (["2024-12-31 10:30 UTC", "2024-01-01 00:00 UTC"], "2024-12-31 10:30Z"),
        ([" 2024-12-31", "2024-01-01 "], "2024-12-31"),
    ],
)
def test_dates_of_one_format(tmp_path: Path, texts: list[str], first: str) -> None:
    """Every cell fits one format and no other."""
    assert read(tmp_path, day=texts)["day"][0] == pd.Timestamp(first)


def test_eight_digits_are_days_only_where_something_says_so() -> None:
    """The name does, or many different numbers that are all days."""
    few = ["20240131", "20240201"]
    days = [f"202401{day:02d}" for day in range(1, 32)]
    kinds = {
        name: column.kind
        for name, texts in [("order_date", few), ("number", few), ("many", days)]
        for column in found_in(**{name: texts}).columns
    }
    assert kinds == {"order_date": "date", "number": "int", "many": "date"}
    assert [c.kind for c in found_in(date=["20240131", "20249999"]).columns] == ["int"]


def test_years_of_two_digits_are_told() -> None:
    """The century is not in the file."""
    assert "two digits" in told(found_in(day=["31.12.24", "01.02.24"]))


def test_other_words_for_missing_are_gaps_among_values_of_one_type(
    tmp_path: Path,
) -> None:
    """They are words elsewhere; each gap is told with its count."""
    columns = {
        "n": ["1", "-", "3", "n.a."],
        "day": ["2024-01-31", "?", "?", "0000-00-00"],
        "word": ["-", "a", "?", "b"],
    }
    df = read(tmp_path, **columns)
    assert df["n"].fillna(0).tolist() == [1, 0, 3, 0]
    assert df["day"].isna().tolist() == [False, True, True, True]
    assert df["word"].tolist() == columns["word"]
    assert '"n": "-", "n.a." (2 cells) taken as missing' in told(found_in(**columns))


@pytest.mark.parametrize(
    "values",
    [
        ["1,25", "-9999", "3,50", "-9999", "2,75"],
        ["$1.20", "$-9,999.00", "$3.10", "$-9,999.00", "$7.00"],
        ["(1)", "2", "3", "9999", "9999", "4"],
        ["1 %", "2 %", "999 %", "999 %", "3 %"],
    ],
)
def test_sentinels_are_told_however_they_are_written(values: list[str]) -> None:
    """A mark or a sign of currency does not hide them."""
    assert "may stand for missing" in told(found_in(";", x=values))


def test_whole_numbers_with_gaps_are_floats_unless_that_harms(tmp_path: Path) -> None:
    """Charts and statistics take floats; names, and what no float holds, stay whole."""
    df = read(
        tmp_path,
        weight=["10", "", "30"],
        customer_id=["1", "", "3"],
        large=["9007199254740993", "", "1"],
    )
    assert df["weight"].dtype == "float64"
    assert df["customer_id"].dtype == "Int64"
    assert df["large"].astype(str)[0] == "9007199254740993"


def test_none_is_a_word_where_it_is_as_frequent_as_others(tmp_path: Path) -> None:
    """It is a category there, and a gap where a column of numbers has it, too."""
    damage = ["None", "Minor", "None", "Severe", "Minor", "Severe"]
    gaps = ["1", "", "3", "-", "5", "6"]
    df = read(tmp_path, damage=damage, n=gaps)
    assert df["damage"].tolist() == damage
    assert df["n"].isna().tolist() == [False, True, False, True, False, False]
    assert "is kept as a word" in told(found_in(damage=damage, n=gaps))
    gaps[1] = "None"
    df = read(tmp_path, damage=damage, n=gaps)
    assert df["damage"].isna().tolist() == [True, False, True, False, False, False]


def test_na_is_a_code_among_codes_of_two_letters(tmp_path: Path) -> None:
    """Namibia is a country; elsewhere it is the gap that R writes, which is told."""
    countries = ["FR", "NA", "DE", "IT"]
    assert read(tmp_path, country=countries)["country"].tolist() == countries
    sex = ["male", "NA", "female", "male"]
    assert read(tmp_path, sex=sex)["sex"].isna().sum() == 1
    assert "is taken as missing" in told(found_in(sex=sex))


def test_sentinels_are_told_and_kept(tmp_path: Path) -> None:
    """A repeated value far from the rest is named, and it stays what it is."""
    texts = ["1.5", "-9999", "3.2", "-9999", "2.0"]
    found = found_in(level=texts)
    assert '"-9999" (2 cells) may stand for missing; it is kept' in told(found)
    assert found.doubts[0].lines == (2, 4)
    assert read(tmp_path, level=texts)["level"].tolist()[1] == -9999
    assert found_in(level=["-9999", "-9998", "-10001", "-9999"]).doubts == ()
    until = ["2024-01-31", "9999-12-31", "2024-02-01", "9999-12-31"]
    assert '"9999-12-31" (2 cells)' in told(found_in(until=until))


@pytest.mark.parametrize(
    ("true", "false"), [("yes", "no"), ("Y", "N"), ("ja", "nein"), ("sí", "no")]
)
def test_two_opposite_words_are_booleans(tmp_path: Path, true: str, false: str) -> None:
    """Exactly two spellings; a third makes words of them, and so does only one."""
    df = read(tmp_path, paid=[true, false, "", true])
    assert df["paid"].tolist() == [True, False, pd.NA, True]
    for texts in ([true, false, "perhaps"], [true, true], [true, false, true.title()]):
        kinds = {column.kind for column in found_in(paid=texts).columns}
        assert kinds == {"str"} or len(set(texts)) == 2


def test_booleans_of_pandas_may_have_gaps(tmp_path: Path) -> None:
    """They do not become a mixture of objects."""
    assert read(tmp_path, ok=["True", "", "False"])["ok"].dtype == "boolean"
    assert read(tmp_path, ok=["True", "-", "False"])["ok"].dtype == "boolean"
    word = ["None", "a", "None", "a"]
    df = read(tmp_path, ok=["True", "", "False", "True"], word=word)
    assert df["ok"].dtype == "boolean"
    assert df["word"].tolist() == word


def test_short_and_long_rows_and_no_rows() -> None:
    """Short rows end in empty cells; nothing is looked at beyond the last column."""
    found = read_values(["a", "b"], [["1"], ["2", "x", "y"], []])
    assert found.arguments == ()
    assert [column.kind for column in found.columns] == ["int", "str"]
    assert len(read_values(["a", "b"], []).columns) == 2
    assert len(read_values(["a", "b", "c"], [["1"]]).columns) == 3


def test_a_column_that_a_reader_left_as_text() -> None:
    """The same rules, by conversions alone; pandas' own words are named, too."""
    conversions, kind, doubts = convert_texts("n", ["1,200", "NA", "-", "3,000,000"])
    assert kind == "int"
    [(_, statement)] = conversion_statements(conversions, "df")
    assert statement.startswith("# 3,000,000\n")
    scope: dict[str, Any] = {
        "pd": pd,
        "df": pd.DataFrame({"n": ["1,200", "NA", "-", "3,000,000"]}),
    }
    exec(statement, scope)
    assert scope["df"]["n"].dropna().tolist() == [1200, 3000000]
    assert "taken as missing" in doubts[0].text
    assert convert_texts("word", ["a", "b"]) == ((), "str", ())
    assert convert_texts("open", ["1.234"])[1] == "str"


def test_what_is_told_is_bounded() -> None:
    """Thousands of columns in doubt make a few sentences, each of bounded length."""
    columns = {f"c{at}" * 30: [f"{at % 9}1.234", "x" * 999] for at in range(3000)}
    columns |= {f"d{at}": [f"1/{1 + at % 9}/{1900 + at}"] * 2 for at in range(150)}
    found = found_in(**columns)
    assert 1 < len(found.doubts) <= 21
    assert all(len(doubt.text) < 600 for doubt in found.doubts)


def test_five_megabytes_take_a_moment() -> None:
    """Numbers, words, codes, days and moments, most of them different."""
    made = random.Random(5)
    start = datetime(2020, 1, 1)  # noqa: DTZ001 - a file rarely says its zone
    rows = [
        [
            str(number),
            f"{made.uniform(0, 1000):.4f}",
            f"{made.gauss(0, 50):.3f}",
            str(start + timedelta(seconds=made.randrange(10**8))),
            made.choice(["Paris", "Berlin", "Rome"]),
            f"customer {made.randrange(10**6)}",
            f"{made.randrange(99999):05d}",
            f"{made.randint(1, 28):02d}.{made.randint(1, 12):02d}.2023",
            made.choice(["yes", "no"]),
            f"{made.randrange(99999)},{made.randint(10, 99)}",
        ]
        for number in range(54_000)
    ]
    assert 4.8e6 < sum(len(";".join(row)) + 1 for row in rows) < 5.3e6
    began = datetime.now()  # noqa: DTZ005 - only a difference counts
    found = read_values([f"c{at}" for at in range(10)], rows, delimiter=";")
    seconds = (datetime.now() - began).total_seconds()  # noqa: DTZ005 - as above
    assert [c.kind for c in found.columns] == [
        *("int", "float", "float", "date", "str"),
        *("str", "str", "date", "bool", "float"),
    ]
    assert seconds < 2.5  # ten times what it takes on a machine of its own
