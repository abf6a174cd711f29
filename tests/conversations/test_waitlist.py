"""From "put me on the waiting list" to a booking by text: the real dialog, chart, tidying and text door."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from models.contact_tables import TextMessage
from models.domain import AcceptOffer, CancelVisit, IdentityLevel, JoinWaitlist, VisitBooked
from tests.conversations.conftest import JAMES, MARIA, Line
from tests.conversations.test_tidying import answering_of

JAMES_ID, MARIA_ID = "pt-1002", "pt-1001"


async def joins_for_doctor_chen(line: Line) -> None:
    """Maria waits for a time with Doctor Chen on the day and at the hour of James's visit."""
    call = await line.call(MARIA)
    reply = await call.all_of(
        "can you put me on the waiting list for a follow up with doctor chen on tuesday morning",
        "maria lopez",
        "march fifth nineteen eighty one",
    )
    assert "May we text you" in reply
    assert "Is that right?" in await call.says("yes")
    assert "You're on the waiting list." in await call.says("yes please")
    record = await call.hangs_up()
    assert any(isinstance(done.action, JoinWaitlist) for done in record.done)


async def fill(line: Line) -> None:
    """Every Tuesday of Doctor Chen's is full."""
    backends = line.services.backends

    def work(session: Session) -> None:
        chen = (("status", "free"), ("schedule", "Schedule/schedule-dr-chen"))
        free = backends.chart.store.all(session, "Slot", *chen)
        tuesdays = [slot["id"] for slot in free if datetime.fromisoformat(slot["start"]).weekday() == 1]
        backends.scheduling.openings.set_status(session, tuesdays, "busy")

    await backends.chart.storage.write(work)


async def texts(line: Line) -> list[TextMessage]:
    return await line.services.storage.read(lambda s: list(s.exec(select(TextMessage)).all()))


async def visits(line: Line, patient: str) -> tuple[Any, ...]:
    return (await line.services.backends.directory.view(patient, IdentityLevel.L1)).visits


async def test_a_cancelled_visit_reaches_who_waits_and_is_booked_by_text(line: Line) -> None:
    await fill(line)
    await joins_for_doctor_chen(line)
    answering = answering_of(line)
    await answering.tidying.tidy()
    assert await texts(line) == []
    (freed,) = await visits(line, JAMES_ID)
    call = await line.call(JAMES)
    reply = await call.all_of("cancel my appointment", "james walker", "march third nineteen fifty eight")
    while "I'll cancel" not in reply and len(call.heard) < 8:
        reply = await call.says("something came up")  # why, where that is asked
    assert "That visit is cancelled." in await call.says("yes")
    await answering.tidying.tidy()
    (text,) = await texts(line)
    assert (text.to_number, text.purpose) == (MARIA, "waitlist")
    assert "Harbor Street Family Medicine" in text.body
    assert "Chen" not in text.body
    reply = await answering.sms({"MessageSid": "SM1", "From": MARIA, "Body": "Y"})
    assert "you are booked on" in reply
    (booked,) = await visits(line, MARIA_ID)
    assert booked.start == freed.start
    assert "does not take text messages" in await answering.sms({"From": MARIA, "Body": "thank you doctor"})


async def test_who_calls_instead_hears_what_is_held_and_takes_it(line: Line) -> None:
    await fill(line)
    await joins_for_doctor_chen(line)
    (freed,) = await visits(line, JAMES_ID)
    cancel = CancelVisit("c1", JAMES_ID, freed.appointment_id)
    await line.services.backends.scheduling.cancel(cancel, call_id="C9")
    await answering_of(line).tidying.tidy()
    call = await line.call(MARIA)
    reply = await call.all_of(
        "i got a text about an opening", "maria lopez", "march fifth nineteen eighty one"
    )
    assert "From the waiting list, I'm holding Tuesday" in reply
    assert "You're booked for Tuesday" in await call.says("yes i'll take it")
    record = await call.hangs_up()
    done = [each for each in record.done if isinstance(each.action, AcceptOffer)]
    assert [type(each.result) for each in done] == [VisitBooked]
    assert [visit.start for visit in await visits(line, MARIA_ID)] == [freed.start]


async def test_no_answer_in_a_quarter_of_an_hour_gives_it_back(line: Line) -> None:
    await fill(line)
    await joins_for_doctor_chen(line)
    (freed,) = await visits(line, JAMES_ID)
    cancel = CancelVisit("c1", JAMES_ID, freed.appointment_id)
    await line.services.backends.scheduling.cancel(cancel, call_id="C9")
    answering, now = answering_of(line), line.services.clock()
    await answering.tidying.tidy()
    later(line, now + timedelta(minutes=16))
    await answering.tidying.tidy()
    assert "no longer held" in await answering.sms({"From": MARIA, "Body": "yes"})
    assert await visits(line, MARIA_ID) == ()


def later(line: Line, now: datetime) -> None:
    line.services.clock = lambda: now
    line.services.backends.chart.clock = lambda: now
