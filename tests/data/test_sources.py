"""A file is looked at before any kernel starts, and bad ones are refused there."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from analyst.data.sources import open_source
from analyst.errors import InputError


def read(path: Path) -> pd.DataFrame:
    """The frame that the load statement of a file makes, run as it stands."""
    source = open_source(path)
    scope: dict[str, object] = {"pd": pd, source.parameter: str(path)}
    exec(source.load, scope)
    frame = scope[source.name]
    assert isinstance(frame, pd.DataFrame)
    return frame


def test_a_plain_file_gets_a_plain_statement(tmp_path: Path) -> None:
    """Only the arguments that matter are written."""
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    source = open_source(tmp_path / "a.csv")
    assert source.load == "df = pd.read_csv(DATA)"
    assert source.bytes == len("x,y\n1,2\n")
    assert source.warnings == ()


@pytest.mark.parametrize(
    ("encoding", "argument"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("cp1252", 'encoding="cp1252"'),
        ("utf-16", 'encoding="utf-16"'),
    ],
)
def test_text_survives_in_every_encoding(
    tmp_path: Path, encoding: str, argument: str | None
) -> None:
    """The frame holds the same names and words whatever the encoding."""
    path = tmp_path / "a.csv"
    path.write_text("Größe;Stadt\n1,5;Köln\n2,5;Paris €\n", encoding=encoding)
    assert (argument or "encoding=") in open_source(path).load or argument is None
    frame = read(path)
    assert list(frame) == ["Größe", "Stadt"]
    assert frame["Größe"].tolist() == [1.5, 2.5]
    assert frame["Stadt"].tolist() == ["Köln", "Paris €"]


def test_an_odd_byte_far_into_the_file_decides_the_encoding(tmp_path: Path) -> None:
    """The encoding is that of the whole file, not of its beginning."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"city,n\n" + b"Rome,1\n" * 300_000 + "Köln,2\n".encode("cp1252"))
    assert 'encoding="cp1252"' in open_source(path).load
    assert read(path)["city"].iloc[-1] == "Köln"


def test_a_character_cut_by_a_chunk_is_still_utf8(tmp_path: Path) -> None:
    """Where the file is cut into pieces for reading does not show in the result."""
    path = tmp_path / "a.csv"
    head = b"c,n\n"
    padding = b"a" * (1024 * 1024 - len(head) - 1)
    path.write_bytes(head + padding + "é,1\nb,2\n".encode())
    assert "encoding" not in open_source(path).load


def test_dates_codes_and_decimals_come_out_right(tmp_path: Path) -> None:
    """The statement that is written does what was found out."""
    path = tmp_path / "a.csv"
    path.write_text("day;zip;price\n2024-01-31;01067;1.234,50\n2024-02-01;10115;2,00\n")
    frame = read(path)
    assert frame["day"].dt.day.tolist() == [31, 1]
    assert frame["zip"].tolist() == ["01067", "10115"]
    assert frame["price"].tolist() == [1234.5, 2.0]


@pytest.mark.parametrize(
    ("content", "names"),
    [("a, b\n1, x\n2, y\n", ["a", "b"]), ("a;b\n1;x;\n2;y;\n", ["a", "b"])],
)
def test_blanks_and_delimiters_too_many_shift_nothing(
    tmp_path: Path, content: str, names: list[str]
) -> None:
    """A blank after each comma is no part of a name; a last delimiter no index."""
    path = tmp_path / "a.csv"
    path.write_text(content)
    frame = read(path)
    assert list(frame) == names
    assert frame["a"].tolist() == [1, 2]
    assert frame["b"].tolist() == ["x", "y"]


def test_awkward_column_names_are_quoted(tmp_path: Path) -> None:
    """A name with quotes in it cannot leave its literal."""
    path = tmp_path / "a.csv"
    name = 'da"y] + os.system("x")'
    pd.DataFrame({name: ["2024-01-31"], "x": [1]}).to_csv(path, index=False)
    assert list(read(path)) == [name, "x"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n\n  \r\n", "nothing but blanks"),
        (b"\xef\xbb\xbf\n", "nothing but blanks"),
        (b"a,b\n", "no rows"),
        (b"a,b\n1,\x00\n", "binary"),
        (b"PK\x03\x04rest", "zip archive"),
        (b"PAR1rest", "Parquet"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"%PDF-1.7", "PDF"),
        (gzip.compress(b"a,b\n1,2\n"), "gzip"),
    ],
)
def test_content_that_is_no_table_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, said: str
) -> None:
    """The sentence names the file, says what is wrong, and what to do."""
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        open_source(path)
    sentence = str(caught.value)
    assert str(path) in sentence
    assert said in sentence
    assert ":" in sentence.removeprefix(str(path))
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_missing_file_is_refused_with_names_that_are_close(tmp_path: Path) -> None:
    """A slip of the pen is answered with what was probably meant."""
    (tmp_path / "Sales.csv").write_text("a\n1\n")
    with pytest.raises(InputError, match=r"did you mean Sales\.csv\?"):
        open_source(tmp_path / "sale.csv")
    with pytest.raises(InputError, match="check the folder"):
        open_source(tmp_path / "nowhere" / "sale.csv")


def test_what_is_no_regular_file_is_never_opened(tmp_path: Path) -> None:
    """A folder, a device without an end and a pipe without a writer are refused."""
    os.mkfifo(tmp_path / "pipe.csv")
    began = time.monotonic()
    for path, said in [
        (tmp_path, "folder"),
        (Path("/dev/zero"), "device"),
        (tmp_path / "pipe.csv", "pipe"),
    ]:
        with pytest.raises(InputError, match=said):
            open_source(path)
    assert time.monotonic() - began < 5


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    """A lack of permission is said as such."""
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n")
    path.chmod(0)
    with pytest.raises(InputError, match="permissions"):
        open_source(path)


@pytest.mark.parametrize("given", ["postgresql://u:secret@h/db", "https://x.org/a.csv"])
def test_addresses_are_refused_without_repeating_them(given: str) -> None:
    """A password in an address does not end up in a message."""
    with pytest.raises(InputError) as caught:
        open_source(given)
    assert "secret" not in str(caught.value)
    assert "CSV" in str(caught.value)


def test_only_samples_of_a_large_file_are_parsed(tmp_path: Path) -> None:
    """A hundred megabytes are hashed, but looked at in three places only."""
    path = tmp_path / "big.csv"
    with path.open("w") as file:
        file.write("n,word\n")
        for _ in range(100):
            file.write("12345678,abcdefghijkl\n" * 50_000)
    began = time.monotonic()
    assert open_source(path).load == "df = pd.read_csv(DATA)"
    assert time.monotonic() - began < 10


def test_the_parent_needs_no_pandas_to_look_at_a_file(tmp_path: Path) -> None:
    """Files of unknown origin are not parsed in the process that holds the key."""
    (tmp_path / "a.csv").write_text("a\n1\n")
    code = (
        "import sys; from pathlib import Path;"
        "from analyst.data.tables import open_tables;"
        "t = open_tables('a.csv', folder=Path(), files_folder='f');"
        "t.cells, t.probe; print('pandas' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
