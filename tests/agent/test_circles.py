"""The laws of repetition and of long conversations."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from analyst.agent.desk import Desk
from analyst.agent.loop import answer
from analyst.errors import ContextTooLong
from analyst.events import (
    CallAnswered,
    CellStarted,
    ConversationCompacted,
    Event,
    StepFinished,
    latest,
)
from analyst.run import run_from
from analyst.seams import Request
from analyst.testing import call, plan_and, python, say
from analyst.tokens import estimate_request

MakeDesk = Callable[..., Desk]


async def facts_of(desk: Desk) -> list[Event]:
    """All facts of a question."""
    return [event async for event in answer(desk, "What is the sum?")]


def ran(facts: list[Event]) -> list[str]:
    """The code of steps that ran."""
    return [f.source for f in facts if isinstance(f, CellStarted) and f.role == "step"]


async def test_failed_code_is_not_run_again(make_desk: MakeDesk) -> None:
    """The same code after its failure is not run: the model is told to change its
    approach, however the code is laid out; the third time the step is over.
    """
    desk = make_desk(
        plan_and(["Break", "Add"], python("numbers.clear(); 1 / 0")),
        python("numbers.clear()\n1/0  # again"),
        python("numbers.clear()\n\n1 / 0"),
        python("total = sum(numbers)"),
        say("{total}"),
    )
    facts = await facts_of(desk)
    assert len(ran(facts)) == 2
    told = [f.text for f in facts if isinstance(f, CallAnswered)]
    assert all("Change your approach" in text for text in told)
    ended = {f.step: f.status for f in facts if isinstance(f, StepFinished)}
    assert ended == {1: "given_up", 2: "done"}
    assert run_from(facts).stop == "partial"
    assert run_from(facts).answer == "10"


async def test_the_same_error_ends_a_step_the_third_time(make_desk: MakeDesk) -> None:
    """Other code with the same error is told so the second time; the third time the
    step is over, though more fixes would be allowed.
    """
    desk = make_desk(
        plan_and(["Break", "Add"], python("a = 1\nnumbers.first")),
        python("b = 2\nnumbers.first"),
        python("c = 3\nnumbers.first"),
        python("total = sum(numbers)"),
        say("{total}"),
        max_fixes=9,
    )
    facts = await facts_of(desk)
    requests = desk.model.requests
    assert "change your approach" not in requests[1].messages[-1].text
    assert "change your approach" in requests[2].messages[-1].text
    assert "given up" in requests[3].messages[-1].text
    ended = {f.step: f.status for f in facts if isinstance(f, StepFinished)}
    assert ended == {1: "given_up", 2: "done"}


async def test_another_error_is_another_try(make_desk: MakeDesk) -> None:
    """Numbers and addresses do not make an error another one, but its words do."""
    desk = make_desk(
        python("numbers[10]"),
        python("numbers.first"),
        python("raise ValueError('row 12 of 0x7f00')"),
        python("raise ValueError('row 99 of 0x7fff')"),
        say("{len(numbers)}"),
        say("{len(numbers)}"),
    )
    await facts_of(desk)
    told = [r.messages[-1].text for r in desk.model.requests]
    assert ["change your approach" in text for text in told[1:5]] == [
        False,
        False,
        False,
        True,
    ]


async def test_code_that_succeeded_is_not_run_twice(make_desk: MakeDesk) -> None:
    """The same code right after its success is not run, so it changes nothing twice."""
    desk = make_desk(
        python("numbers.append(5)"),
        python("numbers.append(5)"),
        python("total = sum(numbers)"),
        python("numbers.append(5)"),
        say("{sum(numbers)}"),
    )
    run = run_from(await facts_of(desk))
    assert run.answer == "20"
    assert len(ran(list(run.facts))) == 3


async def test_a_model_in_a_circle_is_asked_for_its_answer(make_desk: MakeDesk) -> None:
    """A model that only repeats itself is stopped long before its turns are used up."""
    desk = make_desk(*[python("total = sum(numbers)")] * 24)
    run = run_from(await facts_of(desk))
    assert run.stop == "steps"
    assert "same code" in run.reason
    assert len(desk.model.requests) == 5


def chatty(rounds: int) -> list[object]:
    """Replies whose results are long."""
    work = [python(f"n{i} = {i}\nprint('value ' * 60)") for i in range(rounds)]
    return [plan_and(["Work"], work[0]), *work[1:], *[say("Done.")] * 2]


async def test_a_long_conversation_is_shortened_once(make_desk: MakeDesk) -> None:
    """At 70 % of the window old results become one line each; code, errors' names and
    the newest result stay, and all before it is the same bytes from then on.
    """
    desk = make_desk(*chatty(14), window_tokens=3600)
    facts = await facts_of(desk)
    assert run_from(facts).stop == "answered"
    cuts = [f for f in facts if isinstance(f, ConversationCompacted)]
    assert len(cuts) == 1
    assert cuts[0].tokens > 0.7 * 3600
    requests = desk.model.requests
    assert all(estimate_request(request) <= 3600 for request in requests)
    breaks = [
        n
        for n, (before, after) in enumerate(pairwise(requests))
        if after.messages[: len(before.messages)] != before.messages
    ]
    assert len(breaks) == 1
    after = requests[breaks[0] + 1]
    assert after.messages[:2] == requests[0].messages
    assert "n0 = 0" in after.messages[2].calls[0].arguments
    assert "value" not in after.messages[3].text
    assert "value" in after.messages[-1].text


async def test_what_the_server_finds_too_long_is_shortened(make_desk: MakeDesk) -> None:
    """Where the server says that the conversation is too long, it is made short and
    sent once more; where that does not help the run keeps what it has.
    """
    work = chatty(3)
    too_long = ContextTooLong("The conversation is too long: ask less.")
    desk = make_desk(*work[:3], too_long, *work[3:])
    facts = await facts_of(desk)
    assert run_from(facts).stop == "answered"
    assert latest(facts, ConversationCompacted)
    sizes = [estimate_request(request) for request in desk.model.requests]
    assert sizes[4] < sizes[3]

    desk = make_desk(*work[:3], too_long, too_long)
    run = run_from(await facts_of(desk))
    assert (run.stop, run.reason) == ("failed", str(too_long))
    assert run.steps[0].done

    desk = make_desk(too_long)
    with pytest.raises(ContextTooLong):
        await facts_of(desk)


async def test_all_output_is_read_on_request(make_desk: MakeDesk) -> None:
    """A model that asks for all of an output gets more of it, up to a bound."""

    def code(n: int) -> str:
        return f"n = {n}\nprint('\\n'.join(f'line {{i}}' for i in range(2000)))"

    wanted = python(code(2))
    arguments = wanted.calls[0].arguments[:-1] + ', "full": true}'
    whole = type(wanted.calls[0])(
        id="whole", name="execute_python", arguments=arguments
    )
    desk = make_desk(python(code(1)), type(wanted)(calls=(whole,)), *[say("Done.")] * 2)
    await facts_of(desk)
    last: Request = desk.model.requests[-1]
    results = [m.text for m in last.messages if m.role == "tool"]
    assert len(results[0]) < 900
    assert 7000 < len(results[1].encode()) < 8400


async def test_more_of_a_result_may_be_read(make_desk: MakeDesk) -> None:
    """The same code runs again where the model wants to read all of its output."""
    code = "print('\\n'.join(f'line {i}' for i in range(900)))"
    whole = call("execute_python", code=code, full=True)
    desk = make_desk(python(code), whole, whole, *[say("Done.")] * 2)
    facts = await facts_of(desk)
    assert len(ran(facts)) == 2
    assert "line 400" in desk.model.requests[2].messages[-1].text


async def test_a_result_that_was_dropped_can_be_had_again(make_desk: MakeDesk) -> None:
    """After old results were shortened, the same code is no repetition."""
    last = python("n13 = 13\nprint('value ' * 60)")
    desk = make_desk(*chatty(14)[:14], last, *[say("Done.")] * 2, window_tokens=3600)
    facts = await facts_of(desk)
    cut = latest(facts, ConversationCompacted)
    assert cut is not None
    told = [f for f in facts if isinstance(f, CallAnswered) and f.seq > cut.seq]
    assert all("stands above" not in f.text or f.seq > cut.through for f in told)


async def test_the_same_query_is_noticed(make_desk: MakeDesk) -> None:
    """A query that was answered is not asked again under another name."""
    query = call("query_dataframe", sql="SELECT 42 AS x")
    again = call("query_dataframe", sql="SELECT 42 AS x")
    desk = make_desk(query, again, *[say("Done.")] * 2)
    facts = await facts_of(desk)
    assert len(ran(facts)) == 1


async def test_nothing_runs_after_the_answer(make_desk: MakeDesk) -> None:
    """Calls behind the answer in the same message are not run."""
    end = call("summarize_findings", findings=[], answer="{total}")
    more = python("late = 1")
    desk = make_desk(
        python("total = sum(numbers)"), type(end)(calls=end.calls + more.calls)
    )
    facts = await facts_of(desk)
    assert run_from(facts).answer == "10"
    assert len(ran(facts)) == 1
