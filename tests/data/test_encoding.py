"""The encoding of a text is found by its bytes, and nothing in it is lost unsaid."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import pytest

from analyst.data.inside.reading import Unreadable
from analyst.data.inside.sniffing.delimited.encoding import decoded, encoding_of
from analyst.data.inside.sniffing.files import WHOLE_BYTES, open_file

# ruff: noqa: RUF001 - letters of other scripts are the point
TEXTS = {
    "cp1252": "Name,Straße\nJosé,Müller – „gut“\n" * 10,
    "cp1251": "имя,город,возраст\nАнна,Москва,31\nОльга,Санкт-Петербург,44\n" * 8,
    "cp1253": "όνομα,πόλη\nΕλένη,Θεσσαλονίκη\nΓιώργος,Αθήνα\n" * 8,
    "gb18030": "姓名,城市,年龄\n王小明,北京,31\n李丽,上海,28\n" * 8,
    "shift_jis": "名前,都市,年\nさくら,とうきょう,31\nたろう,おおさか,28\n" * 8,
    "euc_kr": "이름,도시,나이\n김민수,서울,31\n이영희,부산,28\n" * 8,
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_scripts_of_before_unicode(tmp_path: Path, encoding: str) -> None:
    """The text is right whatever the encoding is called, and a doubt names it."""
    path = tmp_path / "a.csv"
    path.write_bytes(TEXTS[encoding].encode(encoding))
    found = decoded(open_file(path))
    assert found.text == TEXTS[encoding]
    assert any("not UTF-8" in doubt.text for doubt in found.doubts)


@pytest.mark.parametrize("mark", ["^", "~", "|", "||", "\t"])
@pytest.mark.parametrize("encoding", TEXTS)
def test_delimiters_say_nothing_of_the_script(encoding: str, mark: str) -> None:
    """Whatever parts the words, the same letters come out."""
    text = TEXTS[encoding].replace(",", mark)
    found, replaces = encoding_of(text.encode(encoding), is_whole=True)
    assert text.encode(encoding).decode(found) == text
    assert not replaces


@pytest.mark.parametrize("text", ["w:À:e\nx:y:z\n", "é\nñ\nü\n", "É;à;ï\n"])
def test_single_letters_with_accents_are_western(text: str) -> None:
    """High bytes that stand alone are no characters of two bytes."""
    assert encoding_of(text.encode("cp1252"), is_whole=True) == ("cp1252", False)


@hypothesis.given(
    text=st.text(
        st.characters(codec="utf-8", exclude_characters="\0\ufeff"), min_size=1
    )
)
def test_utf8_is_utf8(text: str) -> None:
    """Whatever is valid UTF-8 is taken for it; a cut in a character changes nothing."""
    data = text.encode() + "é".encode()
    assert encoding_of(data, is_whole=True) == ("utf-8", False)
    assert encoding_of(data[:-1], is_whole=False) == ("utf-8", False)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("script", ["cp1252", "cp1251", "gb18030"])
def test_wide_text_without_a_mark(encoding: str, script: str) -> None:
    """The zero bytes of separators tell how wide a character is, in any script."""
    data = TEXTS[script].encode(encoding)
    assert encoding_of(data, is_whole=True) == (encoding, False)


def test_bad_bytes_are_replaced_and_their_lines_told(tmp_path: Path) -> None:
    """A few bad bytes do not make UTF-8 another encoding."""
    path = tmp_path / "a.csv"
    lines = ["name,city"] + [f"Zoë {n},Köln" for n in range(20)]
    data = "\n".join(lines).encode().replace(b"Zo\xc3\xab 4", b"Zo\xc3 4")
    path.write_bytes(data)
    found = decoded(open_file(path))
    assert (found.encoding, found.replaces) == ("utf-8", True)
    assert found.doubts[0].lines == (6,)


def test_a_large_file_is_cut_between_lines(tmp_path: Path) -> None:
    """Start, middle and end of a large file are whole lines."""
    path = tmp_path / "a.csv"
    line = "Zoë,Köln,12345678901234567890\n"
    count = WHOLE_BYTES // len(line.encode()) + 1000
    path.write_bytes((line * count).encode())
    found = decoded(open_file(path))
    assert not found.is_whole
    assert len(found.pieces) == 2
    for text in (found.text, *found.pieces):
        assert set(text.splitlines(keepends=True)) == {line}


@pytest.mark.parametrize("content", [b"\0" * 5000, bytes(range(2, 9)) * 900, b" \n\t"])
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    """Binary data and blanks end in a sentence."""
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match="no text"):
        decoded(open_file(path))
