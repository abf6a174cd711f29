"""Texts on their way to the carrier: each once, whatever breaks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from models import desk, text_sending
from models.contact_tables import TextMessage
from models.texts import queue_text
from telephony.double import Fate
from telephony.rest import Carrier, CarrierBusy, CarrierTimeout, SentMessage
from tests.conversations.conftest import Line
from tests.conversations.staffed import Staffed, staffed

ANN = "+16175550123"


async def queue(practice: Staffed, purpose: str = "visit", to_number: str = ANN) -> None:
    services = practice.line.services
    await services.storage.write(
        lambda session: queue_text(
            session, key=f"k/{purpose}", to_number=to_number, body="Your visit is on Monday.",
            purpose=purpose, at=services.clock(), call_id="CAtexted",
        )
    )  # fmt: skip


async def row(practice: Staffed) -> tuple[str, str, int]:
    def work(session: Session) -> TextMessage:
        return session.exec(select(TextMessage)).one()

    text = await practice.read(work)
    return text.state, text.last_error, text.attempts


async def tasks(practice: Staffed) -> list[tuple[str, str]]:
    found = await practice.read(lambda session: desk.tasks_of(session, "CAtexted"))
    return [(task.kind, task.callback_number) for task in found]


class Broken(Carrier):
    """Answers texts as it is told to."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self.asked = 0

    async def send_message(self, to_number: str, body: str, *, status_url: str = "") -> SentMessage:
        self.asked += 1
        if self._failures:
            raise self._failures.pop(0)
        return SentMessage("SM1", "queued")

    def close(self) -> None:
        return


async def test_a_text_is_sent_once_and_its_delivery_is_known(line: Line) -> None:
    async with staffed(line, {}) as practice:
        await queue(practice)
        await practice.answering.sender.tick()
        await practice.answering.sender.tick()
        await practice.exchange.settled()
        assert practice.exchange.inbox.to(ANN) == ["Your visit is on Monday."]
        assert await row(practice) == ("delivered", "", 1)
        assert await tasks(practice) == []


@pytest.mark.parametrize("fate", [Fate("undelivered", 30006), Fate("failed", 30008)])
async def test_a_number_that_takes_no_texts_is_a_task_to_call(line: Line, fate: Fate) -> None:
    async with staffed(line, {}, fates={ANN: fate}) as practice:
        await queue(practice)
        await practice.answering.sender.tick()
        await practice.exchange.settled()
        assert await row(practice) == ("failed", f"carrier-{fate.error_code}", 1)
        assert await tasks(practice) == [("routine-message", ANN)]


async def test_a_code_that_does_not_arrive_is_no_task_the_caller_is_there(line: Line) -> None:
    async with staffed(line, {}, fates={ANN: Fate("undelivered", 30006)}) as practice:
        await queue(practice, "code")
        await practice.answering.sender.tick()
        await practice.exchange.settled()
        assert await tasks(practice) == []


async def test_a_busy_carrier_is_asked_again_ever_later(line: Line) -> None:
    async with staffed(line, {}) as practice:
        broken = Broken(*[CarrierBusy("429")] * 3)
        practice.line.services.carrier = broken
        await queue(practice)
        for wait_s in (0, 15, 60, 300):
            practice.later(wait_s)
            await practice.answering.sender.tick()
            await practice.answering.sender.tick()
        assert broken.asked == 4
        assert (await row(practice))[0] == "sent"


async def test_of_a_text_that_may_be_out_staff_hear_and_it_is_not_sent_twice(line: Line) -> None:
    async with staffed(line, {}) as practice:
        practice.line.services.carrier = broken = Broken(CarrierTimeout("no answer"))
        await queue(practice)
        for _ in range(3):
            await practice.answering.sender.tick()
            practice.later(3_600)
        assert broken.asked == 1
        assert await row(practice) == ("failed", "carrier-timeout", 1)
        assert await tasks(practice) == [("routine-message", ANN)]
        await practice.answering.sender.news("1", {"MessageStatus": "delivered"})
        assert (await row(practice))[0] == "delivered", "the carrier's last word counts"


async def test_a_sender_that_was_killed_leaves_nothing_to_be_sent_twice(line: Line) -> None:
    async with staffed(line, {}) as practice:
        await queue(practice)
        now = practice.line.services.clock()
        await practice.line.services.storage.write(
            lambda session: text_sending.claim_text(
                session, 1, at=now, lease=timedelta(seconds=30), latest=timedelta(hours=1)
            )
        )
        await practice.answering.sender.tick()
        assert (await row(practice))[0] == "sending"
        practice.later(31)
        await practice.answering.sender.tick()
        assert await row(practice) == ("failed", "not-known", 1)
        assert practice.exchange.inbox.messages == []


async def test_stop_between_promise_and_sending_holds(line: Line) -> None:
    async with staffed(line, {}) as practice:
        await queue(practice)
        await practice.exchange.text("STOP", ANN, "+16175550100")
        await practice.answering.sender.tick()
        assert practice.exchange.inbox.to(ANN) == []
        assert await row(practice) == ("withheld", "stopped", 0)


async def test_a_stop_that_only_the_carrier_knows_is_no_failure(line: Line) -> None:
    async with staffed(line, {}) as practice:
        practice.exchange.inbox._opted_out.add(("+16175550100", ANN))
        await queue(practice)
        await practice.answering.sender.tick()
        assert await row(practice) == ("withheld", "stopped", 1)
        assert await tasks(practice) == []


async def test_a_code_is_not_sent_when_nobody_waits_for_it_any_more(line: Line) -> None:
    async with staffed(line, {}) as practice:
        await queue(practice, "code")
        practice.later(301)
        await practice.answering.sender.tick()
        assert await row(practice) == ("failed", "too-late", 0)
        assert practice.exchange.inbox.messages == []


async def test_a_number_abroad_is_not_texted(line: Line) -> None:
    async with staffed(line, {}) as practice:
        await queue(practice, to_number="+442079460958")
        await practice.answering.sender.tick()
        assert await row(practice) == ("failed", "number-not-allowed", 1)
        assert practice.exchange.inbox.messages == []


@pytest.mark.parametrize("hours_back", [0.2, 1, 26])
async def test_a_text_goes_out_though_the_clock_was_set_back_before(line: Line, hours_back: float) -> None:
    async with staffed(line, {}) as practice:
        await queue(practice)
        practice.later(-hours_back * 3_600)
        await practice.answering.sender.tick()
        await practice.exchange.settled()
        assert practice.exchange.inbox.to(ANN) == ["Your visit is on Monday."]


async def test_a_text_that_the_carrier_was_too_busy_for_is_tried_again_though_the_clock_was_set_back(
    line: Line,
) -> None:
    async with staffed(line, {}) as practice:
        practice.line.services.carrier = broken = Broken(CarrierBusy("503"))
        await queue(practice)
        await practice.answering.sender.tick()
        await practice.answering.sender.tick()
        assert broken.asked == 1
        practice.later(-3_600)
        await practice.answering.sender.tick()
        assert await row(practice) == ("sent", "", 2)


async def test_a_text_whose_sender_died_is_known_to_be_lost_though_the_clock_was_set_back(
    line: Line,
) -> None:
    async with staffed(line, {}) as practice:
        await queue(practice)
        await practice.answering.sender._claim(1)
        await practice.answering.sender.tick()
        assert (await row(practice))[0] == "sending"
        practice.later(-3_600)
        await practice.answering.sender.tick()
        assert await row(practice) == ("failed", "not-known", 1)
        assert await tasks(practice) == [("routine-message", ANN)]
