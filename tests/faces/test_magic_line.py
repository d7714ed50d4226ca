"""Reading what stands behind `%analyst`."""

from __future__ import annotations

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from analyst.errors import InputError, SettingsError
from analyst.faces.cli import app
from analyst.faces.magic_line import FLAGS, OPTIONS, MagicLine, read_magic_line
from analyst.settings import Settings

FRAMES = {"df", "prices"}
FILES = {"sales.csv", "my sales.csv"}


def read(line: str, body: str = "") -> MagicLine:
    """The line, read where `FRAMES` live and `FILES` lie."""
    return read_magic_line(
        line, body, is_frame=FRAMES.__contains__, is_data=FILES.__contains__
    )


@pytest.mark.parametrize(
    "question",
    [
        "Is it -5% or 5%?",
        "What of 'North'?",
        'What of "North"?',
        "{x} costs $5, $HOME and `ls`",
        "Why --model of --all?",
        "  two   spaces,\ttab",
        "Does df compare with sales.csv?",
    ],
)
def test_question_is_verbatim(question: str) -> None:
    """From the first word that is neither option nor data, nothing is changed."""
    assert read(f"df {question}").question == question.strip()


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc")), max_size=80))
def test_every_question_survives_behind_dashes(text: str) -> None:
    """Behind `--` any line at all is the question, but for space at its ends."""
    assert read(f"df -- {text}").question == text.strip()


def test_leading_options_and_data_are_read() -> None:
    """Options lead, then data: names of frames and files, quoted where needed."""
    read_line = read(
        "-o 'my out.ipynb' --timeout=5 --no-verify -n run df \"my sales.csv\" Why?"
    )
    assert read_line == MagicLine(
        options={
            "output": "my out.ipynb",
            "timeout": "5",
            "no_verify": "yes",
            "name": "run",
        },
        frames=("df",),
        paths=("my sales.csv",),
        question="Why?",
    )


def test_name_given_twice_begins_the_question() -> None:
    """A frame is named once; the same word again is a word of the question."""
    assert read("df df looks odd?").question == "df looks odd?"


def test_body_of_a_cell_is_the_question() -> None:
    """Nothing in the body is read as data or option, even where it could be."""
    line = read("prices", "df first\n--model matters?\n")
    assert line.frames == ("prices",)
    assert line.question == "df first\n--model matters?"


@pytest.mark.parametrize(
    ("line", "error", "words"),
    [
        ("--modle x df Why?", SettingsError, "has no option --modle; there are: -o"),
        ("-o", SettingsError, "-o needs a value"),
        ("sale.csv Why?", InputError, "no file sale.csv"),
    ],
)
def test_mistakes_are_one_sentence(
    line: str, error: type[Exception], words: str
) -> None:
    """A mistake says what is wrong and what there is instead."""
    with pytest.raises(error, match=words):
        read(line)


def test_same_words_as_in_a_shell() -> None:
    """What `ask` calls an option the magic calls so too, and takes in the same way."""
    command = typer.main.get_command(app).commands["ask"]
    flags = {o for p in command.params if getattr(p, "is_flag", 0) for o in p.opts}
    valued = {o for p in command.params for o in p.opts} - flags
    assert OPTIONS.keys() - {"-n", "--name"} <= valued
    assert FLAGS.keys() <= flags
    left_out = {"--env-file", "--seed"}
    assert {o for o in valued if o.startswith("--")} - OPTIONS.keys() == left_out


def test_what_is_a_setting_is_handed_on_as_one() -> None:
    """Every option is a field of the settings but those with a meaning of their own."""
    line = " ".join(f"{option} x" for option in OPTIONS)
    read_line = read(f"{line} {' '.join(FLAGS)} Why?")
    assert read_line.settings.keys() <= Settings.model_fields.keys()
    own = {"output", "key_env", "name", *FLAGS.values()}
    assert read_line.options.keys() - read_line.settings.keys() == own
