"""What a user gives is found, or refused in one sentence, before any kernel starts."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analyst.data.inputs import Input, open_inputs, plain_stem
from analyst.errors import InputError


def opened(data: Any, folder: Path) -> list[Input]:
    """The inputs of what is given."""
    return open_inputs(data, folder=folder, files_folder="nb_files")


def write(folder: Path, *names: str) -> None:
    """A small file under each name."""
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("a,b\n1,2\n")


def test_a_folder_is_its_data_files_by_kind(tmp_path: Path) -> None:
    """Files of one ending belong together; what is no data, or hidden, is not meant."""
    write(tmp_path, "in/jan.csv", "in/feb.csv", "in/more.json")
    write(tmp_path, "in/README.md", "in/.hidden.csv", "in/chart.png")
    many, single = opened(tmp_path / "in", tmp_path)
    assert [file.name for file in many.files] == ["feb.csv", "jan.csv"]
    assert (many.stem, many.pattern) == ("in", str(tmp_path / "in" / "*.csv"))
    assert (single.stem, single.pattern) == ("more", "")
    assert [file.name for file in single.files] == ["more.json"]


def test_a_pattern_is_the_files_that_fit(tmp_path: Path) -> None:
    """In order of their names; brackets in a name that is there are no pattern."""
    write(tmp_path, "sales_2.csv", "sales_1.csv", "other.csv", "a[1].csv")
    [many] = opened(str(tmp_path / "sales_*.csv"), tmp_path)
    assert [file.name for file in many.files] == ["sales_1.csv", "sales_2.csv"]
    [single] = opened(str(tmp_path / "a[1].csv"), tmp_path)
    assert (single.pattern, single.stem) == ("", "a[1]")
    with pytest.raises(InputError, match="No file fits"):
        opened(str(tmp_path / "nothing_*.csv"), tmp_path)


def test_a_folder_without_data_is_refused(tmp_path: Path) -> None:
    """The sentence says what to do."""
    with pytest.raises(InputError, match="without data files: name a file"):
        opened(tmp_path, tmp_path)


def test_a_missing_file_is_refused_with_names_that_are_close(tmp_path: Path) -> None:
    """A slip of the pen is answered with what was probably meant."""
    write(tmp_path, "Sales.csv")
    with pytest.raises(InputError, match=r"did you mean Sales\.csv\?"):
        opened(tmp_path / "sale.csv", tmp_path)
    with pytest.raises(InputError, match="check the folder"):
        opened(tmp_path / "nowhere" / "sale.csv", tmp_path)


def test_what_is_no_regular_file_is_never_opened(tmp_path: Path) -> None:
    """A device without an end and a pipe without a writer are refused."""
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "empty.csv").touch()
    began = time.monotonic()
    for path, said in [
        (Path("/dev/zero"), "device"),
        (tmp_path / "pipe.csv", "pipe"),
        (str(tmp_path / "p*.csv"), "pipe"),
        (tmp_path / "empty.csv", "is empty"),
    ]:
        with pytest.raises(InputError, match=said):
            opened(path, tmp_path)
    assert time.monotonic() - began < 5


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    """A lack of permission is said as such."""
    write(tmp_path, "a.csv")
    (tmp_path / "a.csv").chmod(0)
    with pytest.raises(InputError, match="permissions"):
        opened(tmp_path / "a.csv", tmp_path)


def test_a_dict_is_several_tables_or_one(tmp_path: Path) -> None:
    """Of paths and frames it is several; of columns of one length it is one."""
    write(tmp_path, "a.csv")
    frame = pd.DataFrame({"x": [1]})
    several = opened({"orders": tmp_path / "a.csv", "people": frame}, tmp_path)
    assert [one.stem for one in several] == ["orders", "people"]
    [single] = opened({"x": [1, 2], "y": ["a", "b"]}, tmp_path)
    assert single.stem == "table"
    [rows] = opened([{"x": 1}, {"x": 2}], tmp_path)
    assert rows.stem == "table"


def test_bad_data_among_good_leaves_no_file_behind(tmp_path: Path) -> None:
    """All is looked at before anything is kept."""
    with pytest.raises(InputError, match="no file"):
        opened({"a": pd.DataFrame({"x": [1]}), "b": tmp_path / "missing.csv"}, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [[], {}, 5, None, [3], {"a": object()}, {"a": 1}])
def test_what_is_no_data_is_refused(data: Any, tmp_path: Path) -> None:
    """The sentence says what may be given."""
    with pytest.raises(InputError, match="DataFrame"):
        opened(data, tmp_path)


def test_the_hash_of_many_files_is_that_of_each(tmp_path: Path) -> None:
    """A changed byte, and a changed name, show in the fingerprint of a folder."""
    write(tmp_path, "in/a.csv", "in/b.csv")

    def fingerprint() -> str:
        [one] = opened(tmp_path / "in", tmp_path)
        assert one.bytes == 2 * len("a,b\n1,2\n")
        return one.sha256

    before = fingerprint()
    assert fingerprint() == before
    (tmp_path / "in" / "b.csv").rename(tmp_path / "in" / "c.csv")
    renamed = fingerprint()
    (tmp_path / "in" / "a.csv").write_text("a,b\n1,3\n")
    assert len({before, renamed, fingerprint()}) == 3


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("sales.csv", "sales"),
        ("sales.csv.gz", "sales"),
        ("v1.2 report.xlsx", "v1.2 report"),
        ("all.zip", "all"),
        ("odd.bin", "odd"),
        (".csv", ".csv"),
    ],
)
def test_a_table_is_called_after_its_file(name: str, stem: str) -> None:
    """What says how a file is stored is no part of its name."""
    assert plain_stem(Path(name)) == stem


def test_a_pattern_of_a_folder_fits_its_files_and_no_other(tmp_path: Path) -> None:
    """Where another file would fit it too, each file is read by itself."""
    write(tmp_path, "z/a.zip", "z/b.zip", "z/c.csv.zip")
    inputs = opened(tmp_path / "z", tmp_path)
    assert [one.pattern for one in inputs] == ["", "", ""]
    assert sorted(one.stem for one in inputs) == ["a", "b", "c"]
    write(tmp_path, "d/a.csv", "d/b.csv")
    (tmp_path / "d" / "x.csv").mkdir()
    assert [one.pattern for one in opened(tmp_path / "d", tmp_path)] == ["", ""]


def test_a_folder_leaves_out_what_holds_nothing(tmp_path: Path) -> None:
    """Locks of Excel are not meant, nor broken links; empty files are told."""
    write(tmp_path, "in/a.xlsx", "in/b.xlsx", "in/~$b.xlsx")
    [together] = opened(tmp_path / "in", tmp_path)
    assert [file.name for file in together.files] == ["a.xlsx", "b.xlsx"]
    assert sorted(tmp_path.glob("in/[!~]*.xlsx")) == list(together.files)
    assert together.pattern.endswith("in/[!~]*.xlsx")
    (tmp_path / "in" / "c.xlsx").touch()
    (tmp_path / "in" / "d.xlsx").symlink_to(tmp_path / "gone.xlsx")
    first, second = opened(tmp_path / "in", tmp_path)
    assert (first.pattern, second.pattern) == ("", "")
    assert (first.from_folder, second.from_folder) == (True, True)
    assert first.warnings[0].endswith("in/c.xlsx.")


def test_a_broken_link_that_was_meant_is_refused(tmp_path: Path) -> None:
    """A pattern that fits it says so in a sentence."""
    write(tmp_path, "a.csv")
    (tmp_path / "b.csv").symlink_to(tmp_path / "gone.csv")
    with pytest.raises(InputError, match=r"b\.csv leads to no file"):
        opened(str(tmp_path / "*.csv"), tmp_path)


def test_a_file_that_vanishes_is_told(tmp_path: Path) -> None:
    """Between its opening and its hash."""
    write(tmp_path, "a.csv")
    [one] = opened(tmp_path / "a.csv", tmp_path)
    (tmp_path / "a.csv").unlink()
    with pytest.raises(InputError, match="cannot be read any more"):
        _ = one.sha256
    with pytest.raises(InputError, match="cannot be read any more"):
        _ = one.bytes


def test_a_name_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    """No notebook can hold it; the sentence itself can be printed."""
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.csv")
    Path(name).write_text("a\n1\n")
    for given in (name, tmp_path, str(tmp_path / "*.csv")):
        with pytest.raises(InputError, match="not UTF-8: rename it") as refused:
            opened(given, tmp_path)
        assert str(refused.value).encode().isascii()
    with pytest.raises(InputError, match="There is no file") as refused:
        opened(name.replace(".csv", ".tsv"), tmp_path)
    assert str(refused.value).encode()


@pytest.mark.parametrize(
    "address",
    [
        "postgresql:/ann:hunter2@db/shop",
        "jdbc:postgresql://ann:hunter2@db/shop",
        Path("postgresql://ann:hunter2@db/shop#orders"),
        "ann:hunter2@db/shop",
        "ann:hunter2*[x]@db/shop",
        "postgresql:/ann:hunter2*@db/shop",
        "~nobody:hunter2@db/shop",
    ],
)
def test_a_mistyped_address_is_not_repeated(
    address: str | Path, tmp_path: Path
) -> None:
    """It may hold a password; the sentence says how addresses are written."""
    with pytest.raises(InputError, match="looks like an address") as refused:
        opened(address, tmp_path)
    assert "hunter2" not in str(refused.value)


def test_blanks_around_an_address_make_it_no_path(tmp_path: Path) -> None:
    """It is taken as the address that it is; its password is in no sentence."""
    with pytest.raises(InputError) as refused:
        opened(" postgresql://ann:hunter2@127.0.0.1:1/shop#orders ", tmp_path)
    assert "There is no file" not in str(refused.value)
    assert "hunter2" not in str(refused.value)
