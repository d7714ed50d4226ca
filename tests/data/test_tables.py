"""From what a user gives to cells that stand alone."""

from __future__ import annotations

import contextlib
import io
import keyword
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.data.naming import variable_names
from analyst.data.tables import Tables, open_tables
from analyst.errors import InputError
from analyst.events import Table


def execute(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, Any], tuple[Table, ...]]:
    """Run the cells and the probe where the notebook will lie."""
    monkeypatch.chdir(tables.folder)
    scope: dict[str, Any] = {}
    for cell in tables.cells:
        exec(cell.source, scope)
    return scope, tables.looked_at(printed(tables.probe, scope)).tables


def printed(code: str, scope: dict[str, Any] | None = None) -> str:
    """What a hidden cell prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {} if scope is None else scope)
    return out.getvalue()


def sniffed(tables: Tables) -> Tables:
    """The tables, their files sniffed as in the kernel."""
    return tables.sniffed(printed(tables.sniffing))


@pytest.fixture(autouse=True)
def _settings_stay() -> Any:
    """The setup cell changes pandas and matplotlib for its process; take it back."""
    import matplotlib as mpl  # noqa: PLC0415 - only these tests draw

    mpl.use("agg")
    with mpl.rc_context():
        yield
    pd.reset_option("display.")


def test_one_file_is_df(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A single table is `df`, its path is DATA, and the facts are those of the file."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a b.csv").write_text("x;y\n1,5;u\n2,5;\n")
    tables = sniffed(
        open_tables(
            tmp_path / "data" / "a b.csv", folder=tmp_path, files_folder="f", seed=7
        )
    )
    parameters, setup, load = tables.cells
    assert parameters.source == 'DATA = "data/a b.csv"\nSEED = 7'
    assert [cell.role for cell in tables.cells] == ["parameters", "setup", "load"]
    assert load.source == 'df = pd.read_csv(DATA, sep=";", decimal=",")\ndf.head()'
    assert "analyst" not in setup.source
    scope, [table] = execute(tables, monkeypatch)
    assert scope["df"]["x"].tolist() == [1.5, 2.5]
    assert (table.name, table.path, table.rows) == ("df", "data/a b.csv", 2)
    assert [column.name for column in table.columns] == ["x", "y"]
    assert table.profile.startswith("df: 2 rows, 2 columns\nx float")
    assert table.sha256 == tables.inputs[0].sha256


def test_setup_seeds_what_is_random(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same seed gives the same numbers in a second execution."""
    (tmp_path / "a.csv").write_text("x\n1\n")
    tables = sniffed(
        open_tables(tmp_path / "a.csv", folder=tmp_path, files_folder="f", seed=3)
    )
    execute(tables, monkeypatch)
    first = random.random(), np.random.rand()  # noqa: NPY002 - what the cell seeds
    execute(tables, monkeypatch)
    assert (random.random(), np.random.rand()) == first  # noqa: NPY002 - as above


def test_several_tables_keep_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each table is called after its file or its key, with a path of its own."""
    (tmp_path / "Sales 2024.csv").write_text("x\n1\n")
    tables = sniffed(
        open_tables(
            {"orders": tmp_path / "Sales 2024.csv", "class": pd.DataFrame({"y": [2]})},
            folder=tmp_path,
            files_folder="nb_files",
        )
    )
    orders_line, class_line, _ = tables.cells[0].source.splitlines()
    assert orders_line == 'ORDERS = "Sales 2024.csv"'
    assert class_line.startswith('CLASS_TABLE = "nb_files/class_table-')
    scope, [orders, other] = execute(tables, monkeypatch)
    assert (orders.name, other.name) == ("orders", "class_table")
    assert scope["class_table"]["y"].tolist() == [2]


def test_names_can_be_kept_from_saying_where_data_comes_from(tmp_path: Path) -> None:
    """On request only the keys of a dict become variables, and no file's name does."""
    for name in ("Secret merger.csv", "other.csv"):
        (tmp_path / name).write_text("x\n1\n")
    files = [tmp_path / "Secret merger.csv", tmp_path / "other.csv"]
    opened = [
        sniffed(
            open_tables(given, folder=tmp_path, files_folder="f", name_by_file=False)
        )
        for given in (files, {"a": files[0], "b": files[1]}, files[0])
    ]
    names = [[source.name for source in tables.sources] for tables in opened]
    assert names == [["df_1", "df_2"], ["a", "b"], ["df"]]
    assert opened[0].cells[0].source.startswith('DF_1 = "Secret merger.csv"')


def test_a_live_frame_is_handed_over_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cells load an equal frame; its file is removed by who made it, no other."""
    frame = pd.DataFrame({"v": [1.5, None]}, index=pd.Index(["a", "b"], name="who"))
    tables = sniffed(open_tables(frame, folder=tmp_path, files_folder="nb_files"))
    scope, _ = execute(tables, monkeypatch)
    pd.testing.assert_frame_equal(scope["df"], frame)
    again = open_tables(frame, folder=tmp_path, files_folder="nb_files")
    again.remove_files_made()
    assert tables.files[0].exists()
    tables.remove_files_made()
    assert list(tmp_path.iterdir()) == []


def test_files_that_are_far_away_are_named_from_the_root(tmp_path: Path) -> None:
    """Two levels up is near; beyond that a relative path says nothing."""
    (tmp_path / "a.csv").write_text("x\n1\n")
    near, far = tmp_path / "1" / "2", tmp_path / "1" / "2" / "3"
    far.mkdir(parents=True)
    assert open_tables(tmp_path / "a.csv", folder=near, files_folder="f").paths == (
        "../../a.csv",
    )
    assert open_tables(tmp_path / "a.csv", folder=far, files_folder="f").paths == (
        str(tmp_path / "a.csv"),
    )


def test_bad_data_among_good_leaves_no_file_behind(tmp_path: Path) -> None:
    """All is looked at before anything is kept."""
    with pytest.raises(InputError, match="no file"):
        open_tables(
            {"a": pd.DataFrame({"x": [1]}), "b": tmp_path / "missing.csv"},
            folder=tmp_path,
            files_folder="f",
        )
    assert list(tmp_path.iterdir()) == []


def test_columnar_files_are_read_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parquet and Feather are recognised by what they hold."""
    frame = pd.DataFrame({"x": [1, 2]})
    frame.to_parquet(tmp_path / "p.parquet")
    frame.to_feather(tmp_path / "f.feather")
    tables = sniffed(
        open_tables(
            [tmp_path / "p.parquet", tmp_path / "f.feather"],
            folder=tmp_path,
            files_folder="f",
        )
    )
    scope, _ = execute(tables, monkeypatch)
    assert scope["p"]["x"].tolist() == scope["f"]["x"].tolist() == [1, 2]


def test_a_folder_of_one_shape_is_one_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files stand below each other, each row with the name of its file."""
    (tmp_path / "in").mkdir()
    for month, row in [("jan", "1;01067;2,5"), ("feb", "2;10115;"), ("mar", "3;;1,0")]:
        (tmp_path / "in" / f"{month}.csv").write_text(f"n;zip;x\n{row}\n")
    tables = sniffed(open_tables(tmp_path / "in", folder=tmp_path, files_folder="f"))
    assert tables.cells[0].source.startswith('DATA = "in/*.csv"')
    scope, [table] = execute(tables, monkeypatch)
    frame = scope["df"]
    assert list(frame) == ["source", "n", "zip", "x"]
    assert frame["source"].tolist() == ["feb.csv", "jan.csv", "mar.csv"]
    assert frame["zip"].fillna("").tolist() == ["10115", "01067", ""]
    assert frame["x"].sum() == 3.5
    assert (table.path, table.rows) == ("in/*.csv", 3)


def test_a_folder_of_many_shapes_is_many_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file is a table of its own, called after it."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "orders.csv").write_text("id,who\n1,a\n")
    (tmp_path / "in" / "people.csv").write_text("who,age\na,5\n")
    tables = sniffed(open_tables(tmp_path / "in", folder=tmp_path, files_folder="f"))
    assert tables.cells[0].source.splitlines()[:2] == [
        'ORDERS = "in/orders.csv"',
        'PEOPLE = "in/people.csv"',
    ]
    scope, facts = execute(tables, monkeypatch)
    assert scope["people"]["age"].tolist() == [5]
    assert [table.name for table in facts] == ["orders", "people"]


def test_several_tables_of_a_file_share_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workbook is one parameter and a table a sheet, called after the sheet."""
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        pd.DataFrame({"a": [1, 2]}).to_excel(book, sheet_name="Orders", index=False)
        pd.DataFrame({"b": [3, 4]}).to_excel(book, sheet_name="People", index=False)
    tables = sniffed(
        open_tables(tmp_path / "book.xlsx", folder=tmp_path, files_folder="f")
    )
    assert tables.cells[0].source == 'DATA = "book.xlsx"\nSEED = 0'
    scope, facts = execute(tables, monkeypatch)
    assert scope["orders"]["a"].tolist() == [1, 2]
    assert scope["people"]["b"].tolist() == [3, 4]
    assert [table.path for table in facts] == ["book.xlsx", "book.xlsx"]


def test_what_is_no_table_in_a_folder_is_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bad file of a folder does not keep the others from being read."""
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        (tmp_path / "in" / f"{name}.csv").write_text("id,who\n1,x\n2,y\n")
    (tmp_path / "in" / "c.csv").write_bytes(b"%PDF-1.7 and so on")
    (tmp_path / "in" / "broken.xlsx").write_bytes(b"PK\x03\x04 and no more")
    tables = sniffed(open_tables(tmp_path / "in", folder=tmp_path, files_folder="f"))
    scope, facts = execute(tables, monkeypatch)
    assert sum(table.rows for table in facts) == 4
    assert all(len(scope[table.name]) == 2 for table in facts)
    said = " ".join(tables.warnings)
    assert "c.csv" in said
    assert "broken.xlsx" in said


def test_a_file_that_is_no_table_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """The sentence names the file and says what it is."""
    (tmp_path / "a.csv").write_bytes(b"%PDF-1.7 and so on")
    tables = open_tables(tmp_path / "a.csv", folder=tmp_path, files_folder="f")
    with pytest.raises(InputError, match=r"a\.csv is a PDF .*: .*\.$"):
        sniffed(tables)


def test_the_code_runs_on_its_own(tmp_path: Path) -> None:
    """What loads the data needs no cell before it and no package of ours."""
    (tmp_path / "a.csv").write_text("day;zip;price\n31/01/2024;01067;1.234,50\n")
    with (tmp_path / "a.csv").open("a") as file:
        file.write("01/02/2024;10115;2,00\n" * 3)
    tables = sniffed(open_tables(tmp_path / "a.csv", folder=tmp_path, files_folder="f"))
    check = "print(df['price'].sum(), df['day'].dt.month.tolist(), df['zip'][0])"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"{_BLOCK}\n{tables.code}\n{check}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split("\n")[0] == "1240.5 [1, 2, 2, 2] 01067"


_BLOCK = "import sys; sys.modules['analyst'] = None"


def test_the_parent_needs_no_pandas_to_open_files(tmp_path: Path) -> None:
    """Files of unknown origin are not parsed in the process that holds the key."""
    (tmp_path / "a.csv").write_text("a\n1\n")
    code = (
        "import sys; from pathlib import Path;"
        "from analyst.data.tables import open_tables;"
        "t = open_tables('a.csv', folder=Path(), files_folder='f');"
        "t.sniffing; print({'pandas', 'pyarrow'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "set()"


@given(st.lists(st.text(max_size=12), min_size=1, max_size=8))
def test_variables_are_valid_unique_and_shadow_nothing(stems: list[str]) -> None:
    """Whatever files are called, each gets a variable of its own."""
    names = variable_names(stems)
    assert len(set(names)) == len(names) == len(stems)
    taken = {"pd", "np", "plt", "display", "list", "print", "random"}
    for name in names:
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert name not in taken
