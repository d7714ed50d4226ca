"""The laws of budgets: looked at beforehand, never overrun, ended with an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.agent.desk import Desk
from analyst.agent.loop import answer
from analyst.errors import ModelUnavailable, SettingsError
from analyst.events import (
    CellStarted,
    Event,
    FindingRecorded,
    ModelPrompted,
    ReplyReceived,
    Rich,
    Usage,
    latest,
)
from analyst.run import run_from
from analyst.seams import Reply, Request
from analyst.testing import ScriptedModel, call, plan_and, python, say
from analyst.tokens import estimate_request

MakeDesk = Callable[..., Desk]

ANSWER = call(
    "summarize_findings",
    findings=[{"template": "Until now {done}."}],
    answer="So far {done} cells.",
)


async def facts_of(desk: Desk) -> list[Event]:
    """All facts of a question."""
    return [event async for event in answer(desk, "How many?")]


def counted(reply: Reply, request: Request, written: int) -> Reply:
    """The reply with the usage that a server would report for it."""
    used = Usage(
        fresh_tokens=estimate_request(request), output_tokens=written, requests=1
    )
    return Reply(text=reply.text, calls=reply.calls, usage=used)


def worker(written: int = 150, answers: Reply = ANSWER) -> Callable[[Request], Reply]:
    """A model that works for ever, and answers only where it is told to."""
    count = iter(range(1, 1000))

    def turn(request: Request) -> Reply:
        if "last message" in request.messages[-1].text:
            return counted(answers, request, written)
        code = f"done = {next(count)}\nprint('row ' * 40)"
        work = plan_and(["Work on"], python(code))
        return counted(work, request, written)

    return turn


def asked(desk: Desk) -> list[Request]:
    """What the model was asked."""
    assert isinstance(desk.model, ScriptedModel)
    return desk.model.requests


async def test_turns_end_with_an_answer(make_desk: MakeDesk) -> None:
    """The last of the turns allowed is the one for the answer; no code runs in it."""
    desk = make_desk(*[worker()] * 9, max_steps=4)
    facts = await facts_of(desk)
    run = run_from(facts)
    assert (run.stop, run.answer) == ("steps", "So far 3 cells.")
    assert run.findings[0].text == "Until now 3."
    assert "4 turns" in run.reason
    assert len(asked(desk)) == 4


@pytest.mark.parametrize("written", [40, 150, 900])
@pytest.mark.parametrize("allowed", [3000, 6000, 20_000])
async def test_tokens_are_never_overrun(
    make_desk: MakeDesk, allowed: int, written: int
) -> None:
    """A budget of tokens is never exceeded by more than the last reply, however long
    replies are; the run ends with an answer from what is known.
    """
    desk = make_desk(*[worker(written)] * 200, max_tokens=allowed, max_steps=150)
    run = run_from(await facts_of(desk))
    replies = [f for f in run.facts if isinstance(f, ReplyReceived)]
    before_last = sum(r.usage.tokens for r in replies) - replies[-1].usage.output_tokens
    assert before_last <= allowed
    assert run.stop == "tokens"
    assert run.answer
    assert f"{allowed:,} tokens" in run.reason
    if allowed > 3000:
        assert run.findings


@given(
    allowed=st.integers(500, 30_000),
    lengths=st.lists(st.integers(1, 3000), min_size=1, max_size=8),
)
def test_any_budget_of_tokens_is_kept(
    make_desk: MakeDesk, allowed: int, lengths: list[int]
) -> None:
    """Whatever the budget and however replies vary, the same law holds; where not even
    the first request fits, nothing is sent.
    """
    script = [worker(length) for length in lengths * 30]
    desk = make_desk(*script, max_tokens=allowed, max_steps=150)
    run = run_from(asyncio.run(facts_of(desk)))
    replies = [f for f in run.facts if isinstance(f, ReplyReceived)]
    written = replies[-1].usage.output_tokens if replies else 0
    assert run.usage.tokens - written <= allowed
    assert run.stop in {"tokens", "steps"}
    assert bool(run.answer) == bool(replies)


async def test_a_reply_may_be_as_long_as_is_left(make_desk: MakeDesk) -> None:
    """Where a budget is set the server is told how long the reply may become, so that
    the budget holds even for the last reply.
    """
    desk = make_desk(*[worker()] * 50, max_tokens=8000)
    run = run_from(await facts_of(desk))
    used = 0
    for request, fact in zip(
        asked(desk),
        [f for f in run.facts if isinstance(f, ReplyReceived)],
        strict=True,
    ):
        used += fact.usage.fresh_tokens
        assert request.max_output_tokens is not None
        assert used + request.max_output_tokens <= 8000 * 1.02
        used += fact.usage.output_tokens
    free = make_desk(*[worker()] * 3, max_steps=2)
    await facts_of(free)
    assert asked(free)[0].max_output_tokens is None


async def test_money_is_never_overrun(make_desk: MakeDesk) -> None:
    """The same law in dollars, for a model whose price is known."""
    script = worker()

    def paid(request: Request) -> Reply:
        reply = script(request)
        used = Usage(
            fresh_tokens=reply.usage.fresh_tokens,
            output_tokens=reply.usage.output_tokens,
            requests=1,
            cost_usd=reply.usage.tokens * 1e-6,
        )
        return Reply(text=reply.text, calls=reply.calls, usage=used)

    desk = make_desk(*[paid] * 50, usd_a_token=1e-6, max_cost=0.01, max_steps=60)
    run = run_from(await facts_of(desk))
    assert run.stop == "cost"
    assert run.answer
    assert run.usage.cost_usd is not None
    assert run.usage.cost_usd <= 0.01
    assert "$0.01" in run.reason


async def test_money_needs_a_price(make_desk: MakeDesk) -> None:
    """A budget in money for a model of unknown price is refused before it is asked."""
    desk = make_desk(python("1"), max_cost=1.0)
    with pytest.raises(SettingsError, match="--max-tokens"):
        await facts_of(desk)
    assert asked(desk) == []


async def test_time_is_kept_for_the_answer(make_desk: MakeDesk) -> None:
    """A cell that would use up the time is ended early enough for the last reply."""

    async def slow(self: Any, source: str, **_: Any) -> Any:
        if "endless" in source:
            await asyncio.sleep(60)
        async for item in execute(source, **_):
            yield item

    desk = make_desk(
        python("done = 1"),
        python("endless = 1"),
        *[ANSWER] * 2,
        max_seconds=3,
    )
    execute = desk.kernel.execute
    desk.kernel.execute = slow.__get__(desk.kernel)
    stream = desk.model.stream

    async def thinking(request: Request) -> Any:
        await asyncio.sleep(0.2)
        async for item in stream(request):
            yield item

    desk.model.stream = thinking
    run = run_from(await facts_of(desk))
    assert (run.stop, run.answer) == ("seconds", "So far 1 cells.")
    assert run.seconds < 3.5


async def test_a_last_reply_without_answer_is_made_one(make_desk: MakeDesk) -> None:
    """Where the last reply holds no answer, what is known is told without the model."""
    finding = call("summarize_findings", findings=[{"template": "It is {done}."}])
    desk = make_desk(
        plan_and(["Look", "Look on"], python("done = 1")),
        finding,
        python("more = 2"),
        python("never = 3"),
        max_steps=4,
    )
    facts = await facts_of(desk)
    run = run_from(facts)
    assert run.stop == "steps"
    assert "It is 1." in run.answer
    assert "before an answer" in run.answer
    assert "never" not in run.code
    assert latest(facts, FindingRecorded)


async def test_a_fault_in_the_last_reply_keeps_what_is_known(
    make_desk: MakeDesk,
) -> None:
    """Where the last request fails, what is known is told and the fault is named."""
    desk = make_desk(python("done = 1"), ModelUnavailable("Gone."), max_steps=2)
    run = run_from(await facts_of(desk))
    assert run.stop == "steps"
    assert run.answer
    assert "Gone" in run.reason


async def test_typed_numbers_are_taken_and_marked_in_the_end(
    make_desk: MakeDesk,
) -> None:
    """There is no time to send a last reply back: it is taken, and what it typed is
    marked.
    """
    desk = make_desk(python("done = 1"), say("It is 4711."), max_steps=2)
    run = run_from(await facts_of(desk))
    assert (run.answer, run.unbound) == ("It is 4711.", ("4711",))


async def test_the_limit_is_said_once(make_desk: MakeDesk) -> None:
    """The model hears of the limit in one message, the last before its last reply."""
    desk = make_desk(*[worker()] * 9, max_steps=3)
    facts = await facts_of(desk)
    told = [f for f in facts if isinstance(f, ModelPrompted) and f.about == "limit"]
    assert [f.limit for f in told] == ["steps"]
    cells = [f for f in facts if isinstance(f, CellStarted) and f.role == "step"]
    assert max(f.seq for f in cells) < told[0].seq


def slowed(desk: Desk, *, thinks_seconds: float) -> None:
    """Let the model think and cells with `sleep` take their time."""
    execute, stream = desk.kernel.execute, desk.model.stream

    async def slow(self: Any, source: str, **options: Any) -> Any:
        if "sleep" in source:
            await asyncio.sleep(60)
        async for item in execute(source, **options):
            yield item

    async def thinking(request: Request) -> Any:
        await asyncio.sleep(thinks_seconds)
        async for item in stream(request):
            yield item

    desk.kernel.execute = slow.__get__(desk.kernel)
    desk.model.stream = thinking


async def test_time_is_kept_in_the_first_turn_too(make_desk: MakeDesk) -> None:
    """The first cell may use up the time as well: the model still gets to answer."""
    desk = make_desk(
        python("sleep = 1"), call("summarize_findings", answer="None."), max_seconds=2
    )
    slowed(desk, thinks_seconds=0.2)
    run = run_from(await facts_of(desk))
    assert (run.stop, run.answer) == ("seconds", "None.")


async def test_out_of_time_tells_what_is_known(make_desk: MakeDesk) -> None:
    """Where undoing a cell takes what was kept for the answer, what was found out
    until then is told.
    """
    finding = call("summarize_findings", findings=[{"template": "It is {done}."}])
    desk = make_desk(
        plan_and(["Look", "Look on"], python("done = 7")),
        finding,
        python("sleep = 1"),
        max_seconds=2,
    )
    slowed(desk, thinks_seconds=0.1)
    rollback = desk.kernel.rollback

    async def slow_rollback(sources: Any, **options: Any) -> None:
        await asyncio.sleep(1)
        await rollback(sources, **options)

    desk.kernel.rollback = slow_rollback
    run = run_from(await facts_of(desk))
    assert run.stop == "seconds"
    assert "It is 7." in run.answer


@pytest.mark.parametrize("title", ["Group by {", "{6*7}", "}} {0!r:{1}}"])
async def test_braces_are_words(make_desk: MakeDesk, title: str) -> None:
    """What the model calls a step, and what a server says, is never read as fields."""
    desk = make_desk(
        plan_and([title, "More"], python("a = 1")),
        ModelUnavailable(f"It says {title}."),
        max_steps=2,
    )
    run = run_from(await facts_of(desk))
    assert run.stop == "steps"
    assert "42" not in run.answer
    assert title.split(maxsplit=1)[0].strip("}") in run.answer


async def test_a_last_answer_with_a_bad_brace_is_shown(make_desk: MakeDesk) -> None:
    """What cannot be read as fields and cannot go back is shown as it was written."""
    desk = make_desk(
        python("a = 1"),
        call("summarize_findings", answer="It is {a (set {1, 2."),
        max_steps=2,
    )
    assert run_from(await facts_of(desk)).answer == "It is {a (set {1, 2."


async def test_the_next_question_is_free_again(make_desk: MakeDesk) -> None:
    """After a limit, the next question tells the model that it may go on."""
    desk = make_desk(*[worker()] * 4, max_steps=2)
    await facts_of(desk)
    await facts_of(desk)
    asked_next = [m.text for m in asked(desk)[2].messages if "Question" in m.text]
    assert "code runs again" in asked_next[-1]


async def test_a_long_result_does_not_take_the_answer(make_desk: MakeDesk) -> None:
    """A result that uses up what was kept is told in short, and the model answers."""
    wordy = call("execute_python", code="done = 1\nprint('x ' * 4000)", full=True)

    def counting(reply: Reply) -> Callable[[Request], Reply]:
        return lambda request: counted(reply, request, 100)

    desk = make_desk(
        counting(plan_and(["Look"], wordy)), *[counting(ANSWER)] * 3, max_tokens=3600
    )
    run = run_from(await facts_of(desk))
    assert (run.stop, run.answer) == ("tokens", "So far 1 cells.")
    assert run.usage.tokens <= 3600


async def test_a_refusal_is_one_sentence_and_counted(make_desk: MakeDesk) -> None:
    """What a provider says when it refuses is quoted in short, and was paid for."""
    long = "No.\x1b[31m " + "because " * 2000
    refused = Reply(text=long, refused=True, usage=Usage(fresh_tokens=70, requests=1))
    desk = make_desk(python("a = 1"), refused)
    run = run_from(await facts_of(desk))
    assert run.stop == "failed"
    assert len(run.reason) < 400
    assert "\x1b" not in run.reason
    assert "--model" in run.reason
    assert run.usage.fresh_tokens == 70


async def test_an_answer_that_waits_for_a_look_is_not_lost(
    make_desk: MakeDesk,
) -> None:
    """Where the look at figures fails, the answer that waited for it is given."""
    png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YA"
    png += "AAAASUVORK5CYII="
    code = f"total = sum(numbers)\nshow({png!r})"
    desk = make_desk(
        plan_and(["Draw"], python(code)),
        call("summarize_findings", answer="It is {total}."),
        ModelUnavailable("Gone."),
        vision="auto",
    )
    start = desk.kernel.start

    async def with_figures() -> None:
        await start()
        desk.kernel.namespace["show"] = lambda shown: desk.kernel.shown.append(
            Rich(data={"image/png": shown})
        )

    desk.kernel.start = with_figures
    run = run_from(await facts_of(desk))
    assert (run.stop, run.answer) == ("failed", "It is 10.")
    assert any(m.images for m in asked(desk)[-1].messages)
