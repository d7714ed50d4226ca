"""What any kernel of ours must do: the outputs of cells. One text for every kind."""

from __future__ import annotations

import base64

import pytest

from analyst.events import Rich, Stream

from .cells_and_outputs import PUTS_OUT, errors, result, shown
from .conftest import Ours

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("name", PUTS_OUT)
async def test_a_cell_puts_out(ours: Ours, name: str) -> None:
    """Exactly this and in this order, whatever the kind of kernel."""
    source, expected = PUTS_OUT[name]
    execution = await ours.run(source)
    assert (execution.status, execution.outputs) == ("ok", expected)


async def test_half_a_pair_of_surrogates_is_a_question_mark(ours: Ours) -> None:
    """Text that no encoding can hold, as broken JSON brings it, is shown as well as
    it can be, in what is printed, shown and raised.
    """
    printed = await ours.run("print('a\\ud83d b')")
    assert printed.outputs == (Stream(text="a? b\n"),)
    value = await ours.run("class A:\n def __repr__(self): return '\\ud83d'\nA()")
    assert value.outputs == (result("?"),)
    raised = await ours.run("raise ValueError('\\ud83d')")
    assert raised.error is not None
    assert (raised.error.name, raised.error.message) == ("ValueError", "?")


async def test_warnings_are_told_on_stderr(ours: Ours) -> None:
    """With their kind, their text and the line; once for each place."""
    execution = await ours.run("import warnings\nwarnings.warn('care', stacklevel=1)")
    (warning,) = execution.outputs
    assert isinstance(warning, Stream)
    assert warning.name == "stderr"
    assert "UserWarning: care" in warning.text
    assert "warnings.warn('care', stacklevel=1)" in warning.text


async def test_a_later_cell_leaves_an_earlier_display_alone(ours: Ours) -> None:
    """What a cell put out is final: an update that comes later is seen nowhere."""
    first = await ours.run("handle = display('old', display_id=True)")
    later = await ours.run("handle.update('new')")
    assert first.outputs == (shown("'old'"),)
    assert (later.status, later.outputs) == ("ok", ())


@pytest.mark.parametrize(
    ("source", "pieces"),
    [
        ("%time sum(range(10))", ["CPU times: ", "Wall time: ", "45"]),
        ("%%time\nprint('on')", ["text='on", "Wall time: "]),
        ("%%timeit -n1 -r1\npass", [" per loop (mean ± std. dev. of 1 run, 1 loop"]),
        ("only_here = 1\n%who int", ["only_here"]),
        ("%whos int", ["Variable", "Type", "Data/Info"]),
        ("%lsmagic", ["%%timeit"]),
    ],
)
async def test_magics_work(ours: Ours, source: str, pieces: list[str]) -> None:
    """Those that a notebook of an analysis is likely to hold."""
    execution = await ours.run(source)
    assert execution.status == "ok", execution
    for piece in pieces:
        assert piece in str(execution.outputs), source


async def test_a_shells_errors_are_seen(ours: Ours) -> None:
    """On a terminal they are not told from output; without one they are."""
    execution = await ours.run("!echo no >&2")
    expected = Stream(text="no\n") if ours.kind.ways.has_terminals else errors("no\n")
    assert execution.outputs == (expected,)
    assert await ours.printed("print(_exit_code)") == "0\n"
    await ours.run("!exit 3")
    assert await ours.printed("print(_exit_code)") == "3\n"


async def test_figures_are_their_own_cells(ours: Ours) -> None:
    """Two in a cell are two pictures after its text; none is left for the next cell,
    nor after one that failed.
    """
    two = await ours.run(
        "import matplotlib.pyplot as plt\n"
        "plt.plot([1, 2]); plt.figure(); plt.plot([2, 1])\n"
        "print('drawn')"
    )
    text, *figures = two.outputs
    assert text == Stream(text="drawn\n")
    assert len(figures) == 2
    for figure in figures:
        assert isinstance(figure, Rich)
        png = base64.b64decode(figure.data["image/png"])
        assert png.startswith(b"\x89PNG")
    assert figures[0] != figures[1]
    assert (await ours.run("x = 1")).outputs == ()
    assert (await ours.run("plt.plot([1]); plt.show(); 5")).outputs[-1] == result("5")
    await ours.run("plt.plot([3])\n1 / 0")
    assert (await ours.run("x = 1")).outputs == ()


async def test_much_output_is_kept_whole(ours: Ours) -> None:
    """Just under the limits nothing is lost, neither of text nor of a value."""
    text = await ours.run("print('x' * 3_900_000)\nprint('y' * 90_000)")
    assert text.outputs == (Stream(text="x" * 3_900_000 + "\n" + "y" * 90_000 + "\n"),)
    many = await ours.printed("for n in range(20_000): print(n)")
    assert many == "".join(f"{n}\n" for n in range(20_000))
    value = await ours.run("class A:\n def __repr__(self): return 'z' * 999_000\nA()")
    assert value.outputs == (result("z" * 999_000),)


@pytest.mark.parametrize(
    ("source", "name", "pieces"),
    [
        ("def f(): g()\ndef g(): 1 / 0\nf()", "ZeroDivisionError", ["in f", "in g"]),
        (
            "try: {}['a']\nexcept KeyError: int('b')",
            "ValueError",
            ["KeyError: 'a'", "During handling of the above exception"],
        ),
        (
            "try: {}['a']\nexcept KeyError as error: raise OSError('b') from error",
            "OSError",
            ["KeyError: 'a'", "direct cause", "OSError: b"],
        ),
        (
            "import pandas as pd\npd.DataFrame({'a': [1]})['b']",
            "KeyError",
            ["site-packages/pandas", "----> 2 pd.DataFrame({'a': [1]})['b']"],
        ),
        ("x = = 2", "SyntaxError", ["x = = 2\n        ^"]),
        ("if True:\nx = 1", "IndentationError", ["expected an indented block"]),
        ("missing_name", "NameError", ["name 'missing_name' is not defined"]),
        ("%no_such_magic", "UsageError", []),
        ("%%bash\nexit 3", "CalledProcessError", ["exit status 3"]),
        ("raise ExceptionGroup('g', [OSError('a')])", "ExceptionGroup", ["OSError: a"]),
        (
            "import asyncio\nasync def fail(): 1 / 0\nawait fail()",
            "ZeroDivisionError",
            ["in fail"],
        ),
        ("input('name?')", "StdinNotImplementedError", []),
        ("import getpass; getpass.getpass()", "StdinNotImplementedError", []),
    ],
)
async def test_an_error_says_where(
    ours: Ours, source: str, name: str, pieces: list[str]
) -> None:
    """By its name and a traceback that shows the line; the kernel goes on."""
    execution = await ours.run(source)
    assert execution.error is not None, execution
    assert execution.error.name == name
    # Of a group of exceptions the kernel shows the traceback beforehand.
    told = [o.text for o in execution.outputs if isinstance(o, Stream)]
    for piece in pieces:
        assert piece in execution.error.traceback + "".join(told)
    assert (await ours.run("1")).outputs == (result("1"),)


async def test_the_history_is_that_of_the_cells(ours: Ours) -> None:
    """`_`, `Out` and `In` hold the cells that were run, and no hidden one."""
    await ours.run("'one'")
    await ours.run("'hidden'", hidden=True)
    assert await ours.printed("print(_, Out[max(Out)])") == "one one\n"
    assert await ours.printed("print(In[-2])") == "print(_, Out[max(Out)])\n"
    before = await ours.printed("print(len(In), len(Out))", hidden=True)
    await ours.run("hidden_name = 1\nhidden_name", hidden=True)
    assert await ours.printed("print(len(In), len(Out))", hidden=True) == before
