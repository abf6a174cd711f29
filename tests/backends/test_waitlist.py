"""The waitlist: who is offered what frees, one at a time, and that it is booked exactly once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from sqlmodel import Session, select

from backends.embedded import EmbeddedBackends
from backends.practice import Practice
from models.contact_tables import TextMessage, WaitlistEntry
from models.desk import tasks_of
from models.domain import (
    AcceptOffer,
    BookOpening,
    CancelVisit,
    FindOpenings,
    HoldOpening,
    IdentityLevel,
    JoinWaitlist,
    LeaveWaitlist,
    Opening,
    OpeningGone,
    OpeningHeld,
    RefuseOffer,
    VisitBooked,
    WaitlistJoined,
    WaitlistPlace,
)
from models.errors import NotFound
from models.tables import StaffTask
from models.texts import choose_texts
from tests.backends.conftest import TestClock

MARIA, JAMES, ROBERT = "pt-1001", "pt-1002", "pt-1003"
NUMBERS = {MARIA: "+16175550123", JAMES: "+16175550144", ROBERT: "+16175550131"}
DAY = date(2026, 12, 1)  # a Tuesday
MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # ten in the morning, staff at their desks


@pytest.fixture(autouse=True)
def monday(clock: TestClock) -> None:
    clock.now = MONDAY


async def fill(backends: EmbeddedBackends) -> list[Opening]:
    """Every opening of the day is taken, by whomever; what they were, earliest first."""
    practice, store = backends.practice, backends.chart.store
    begin, end = practice.instant(DAY), practice.instant(DAY + timedelta(days=1))

    def work(session: Session) -> list[Opening]:
        day = (("start", f"ge{begin.isoformat()}"), ("start", f"lt{end.isoformat()}"))
        slots = store.all(session, "Slot", *((name, text.replace("+00:00", "Z")) for name, text in day))
        backends.scheduling.openings.set_status(session, [slot["id"] for slot in slots], "busy")
        return [_opening(practice, slot) for slot in slots]

    return sorted(await backends.chart.storage.write(work), key=lambda one: (one.start, one.provider_id))


def _opening(practice: Practice, slot: dict[str, Any]) -> Opening:
    provider_id = slot["schedule"]["reference"].removeprefix("Schedule/schedule-")
    start = datetime.fromisoformat(slot["start"])
    name = practice.provider_name(provider_id)
    return Opening(f"{slot['id']}.20", provider_id, name, start, 20)


async def free(backends: EmbeddedBackends, *openings: Opening) -> None:
    def work(session: Session) -> None:
        ids = [one.opening_id.rpartition(".")[0] for one in openings]
        backends.scheduling.openings.set_status(session, ids, "free")

    await backends.chart.storage.write(work)


async def join(backends: EmbeddedBackends, patient: str, *, texts: bool = True, **more: Any) -> str:
    """On the list for that Tuesday; the entry's id."""
    wish = FindOpenings("f", "follow-up", from_date=DAY, to_date=DAY, **more)
    number = NUMBERS[patient] if texts else ""
    order = JoinWaitlist("a1", patient, wish, text_number=number)
    joined = await backends.waitlist.join(order, call_id=f"C-{patient}")
    return joined.entry_id


async def look(backends: EmbeddedBackends) -> int:
    return await backends.offers.offer_openings(backends.clock())


async def place(backends: EmbeddedBackends, patient: str) -> WaitlistPlace:
    (found,) = (await backends.directory.view(patient, IdentityLevel.L1)).waitlist
    return found


async def texts(backends: EmbeddedBackends) -> list[TextMessage]:
    return await backends.chart.storage.read(lambda s: list(s.exec(select(TextMessage)).all()))


async def booked(backends: EmbeddedBackends, patient: str) -> list[datetime]:
    return [visit.start for visit in (await backends.directory.view(patient, IdentityLevel.L1)).visits]


# --------------------------------------------------------------------------- joining and leaving


async def test_joining_is_an_appointment_of_status_waitlist(backends: EmbeddedBackends) -> None:
    entry_id = await join(backends, MARIA, provider_id="dr-chen")
    document = (await backends.chart.read("Appointment", entry_id)).body
    get_fhir_model_class("Appointment").model_validate(document)
    assert document["status"] == "waitlist"
    assert document["requestedPeriod"] == [{"start": "2026-12-01", "end": "2026-12-01"}]
    actors = {part["actor"]["reference"] for part in document["participant"]}
    assert actors == {f"Patient/{MARIA}", "Practitioner/dr-chen"}
    assert await place(backends, MARIA) == WaitlistPlace(entry_id, "follow-up")
    assert await booked(backends, MARIA) == []


async def test_joining_twice_is_one_place_in_line(backends: EmbeddedBackends) -> None:
    first = await join(backends, MARIA)
    assert await join(backends, MARIA) == first  # the same action again
    wish = FindOpenings("f", "follow-up", daypart="morning")
    again = await backends.waitlist.join(JoinWaitlist("a2", MARIA, wish), call_id="C9")
    assert again == WaitlistJoined(first, f"Appointment/{first}", already=True)
    assert (await place(backends, MARIA)).entry_id == first


async def test_leaving(backends: EmbeddedBackends) -> None:
    entry_id = await join(backends, MARIA)
    with pytest.raises(NotFound):
        await backends.waitlist.leave(LeaveWaitlist("l", JAMES, entry_id), call_id="C2")
    for _ in range(2):  # the second time finds it done
        await backends.waitlist.leave(LeaveWaitlist("l", MARIA, entry_id), call_id="C1")
    assert (await backends.directory.view(MARIA, IdentityLevel.L1)).waitlist == ()
    assert (await backends.chart.read("Appointment", entry_id)).body["status"] == "cancelled"


async def test_an_unknown_kind_of_visit_or_patient_is_named(backends: EmbeddedBackends) -> None:
    for patient, kind in ((MARIA, "surgery"), ("nobody", "follow-up")):
        order = JoinWaitlist("a", patient, FindOpenings("f", kind))
        with pytest.raises(NotFound):
            await backends.waitlist.join(order, call_id="C1")


# --------------------------------------------------------------------------- offers


async def test_what_frees_is_offered_by_text_to_the_first_in_line(
    backends: EmbeddedBackends, clock: TestClock
) -> None:
    day = await fill(backends)
    for patient in (MARIA, JAMES):
        await join(backends, patient)
        clock.move(minutes=1)
    assert await look(backends) == 0
    await free(backends, day[0])
    assert await look(backends) == 1
    assert await look(backends) == 0  # nobody else is told of it meanwhile
    (text,) = await texts(backends)
    assert (text.to_number, text.purpose) == (NUMBERS[MARIA], "waitlist")
    assert text.body == (
        "Harbor Street Family Medicine: a time is open on Tue Dec 1 at 8:00 AM. Reply Y to take it or N to "
        "pass, within 15 minutes, or call 617-555-0100. Reply STOP for no more texts."
    )
    assert (await place(backends, MARIA)).offer == day[0]
    assert (await place(backends, JAMES)).offer is None
    taken = await backends.scheduling.hold(HoldOpening("h", day[0].opening_id), call_id="C7")
    assert taken == OpeningGone(day[0].opening_id)


async def test_a_yes_by_text_books_it_once(backends: EmbeddedBackends) -> None:
    day = await fill(backends)
    entry_id = await join(backends, MARIA)
    await free(backends, day[0])
    await look(backends)
    reply = await backends.waitlist.answer_offer(NUMBERS[MARIA], "Y please")
    assert reply is not None
    assert "you are booked on Tue Dec 1 at 8:00 AM" in reply
    assert await booked(backends, MARIA) == [day[0].start]
    document = (await backends.chart.read("Appointment", entry_id)).body
    assert document["status"] == "booked"  # the very Appointment that waited
    assert await backends.waitlist.answer_offer(NUMBERS[MARIA], "Y please") == reply  # delivered twice
    assert await booked(backends, MARIA) == [day[0].start]


async def test_no_and_no_answer_give_it_to_the_next(backends: EmbeddedBackends, clock: TestClock) -> None:
    day = await fill(backends)
    for patient in (MARIA, JAMES, ROBERT):
        await join(backends, patient)
        clock.move(minutes=1)
    await free(backends, day[0])
    await look(backends)
    assert "still on the list" in str(await backends.waitlist.answer_offer(NUMBERS[MARIA], "N"))
    await look(backends)
    assert (await place(backends, JAMES)).offer == day[0]
    clock.move(minutes=15)
    assert "no longer held" in str(await backends.waitlist.answer_offer(NUMBERS[JAMES], "Y"))
    await look(backends)
    assert (await place(backends, ROBERT)).offer == day[0]
    await free(backends, day[3])
    await look(backends)
    assert (await place(backends, MARIA)).offer == day[3]  # who passed keeps the place for another one


async def test_it_is_accepted_by_calling_in(backends: EmbeddedBackends) -> None:
    day = await fill(backends)
    entry_id = await join(backends, MARIA)
    await free(backends, day[0])
    await look(backends)
    with pytest.raises(NotFound):
        await backends.waitlist.accept(AcceptOffer("x", JAMES, entry_id), call_id="C2")
    first = await backends.waitlist.accept(AcceptOffer("x", MARIA, entry_id), call_id="C1")
    assert isinstance(first, VisitBooked)
    assert first == await backends.waitlist.accept(AcceptOffer("x", MARIA, entry_id), call_id="C1")
    assert await booked(backends, MARIA) == [day[0].start]


async def test_refused_on_the_telephone_it_goes_on(backends: EmbeddedBackends, clock: TestClock) -> None:
    day = await fill(backends)
    entry_id = await join(backends, MARIA)
    clock.move(minutes=1)
    await join(backends, JAMES)
    await free(backends, day[0])
    await look(backends)
    await backends.waitlist.refuse(RefuseOffer("r", MARIA, entry_id), call_id="C1")
    await look(backends)
    assert (await place(backends, JAMES)).offer == day[0]
    gone = await backends.waitlist.accept(AcceptOffer("x", MARIA, entry_id), call_id="C1")
    assert isinstance(gone, OpeningGone)


async def test_the_old_visit_stands_until_the_swap_succeeds(backends: EmbeddedBackends) -> None:
    """James has a visit on a later day, and would come sooner."""
    (old,) = (await backends.directory.view(JAMES, IdentityLevel.L1)).visits
    wish = FindOpenings("f", "follow-up")
    order = JoinWaitlist("a1", JAMES, wish, old.appointment_id, NUMBERS[JAMES])
    await backends.waitlist.join(order, call_id="C1")
    assert await look(backends) == 1
    offer = (await place(backends, JAMES)).offer
    assert offer is not None
    assert offer.start < old.start
    assert await booked(backends, JAMES) == [old.start]
    await backends.waitlist.answer_offer(NUMBERS[JAMES], "yes")
    assert await booked(backends, JAMES) == [offer.start]
    assert (await backends.chart.read("Appointment", old.appointment_id)).body["status"] == "cancelled"


async def test_a_place_ends_with_the_visit_it_was_to_replace(backends: EmbeddedBackends) -> None:
    (old,) = (await backends.directory.view(JAMES, IdentityLevel.L1)).visits
    await fill(backends)
    order = JoinWaitlist(
        "a1", JAMES, FindOpenings("f", "follow-up", from_date=DAY, to_date=DAY), old.appointment_id
    )
    await backends.waitlist.join(order, call_id="C1")
    await backends.scheduling.cancel(CancelVisit("c", JAMES, old.appointment_id), call_id="C2")
    assert await look(backends) == 0
    assert (await backends.directory.view(JAMES, IdentityLevel.L1)).waitlist == ()


async def test_a_place_ends_when_its_days_are_past_or_the_visit_was_booked(
    backends: EmbeddedBackends, clock: TestClock
) -> None:
    day = await fill(backends)
    await join(backends, MARIA)
    await join(backends, ROBERT)
    clock.move(minutes=1)
    await free(backends, day[5])
    order = BookOpening("b", ROBERT, day[5].opening_id, "follow-up")
    assert isinstance(await backends.scheduling.book(order, call_id="C8"), VisitBooked)
    await look(backends)
    assert (await backends.directory.view(ROBERT, IdentityLevel.L1)).waitlist == ()
    assert (await backends.directory.view(MARIA, IdentityLevel.L1)).waitlist != ()
    clock.now = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
    await look(backends)
    assert (await backends.directory.view(MARIA, IdentityLevel.L1)).waitlist == ()


# --------------------------------------------------------------------------- consent, hours, numbers


@pytest.mark.parametrize("closed", [{"deceasedBoolean": True}, {"active": False}])
async def test_who_has_died_or_left_the_practice_is_offered_nothing(
    backends: EmbeddedBackends, closed: dict[str, bool]
) -> None:
    """Also by staff's own click; the place is given up, and the next in line is asked."""
    taken = await fill(backends)
    gone, next_in_line = await join(backends, MARIA), await join(backends, JAMES)
    body = (await backends.chart.read("Patient", MARIA)).body
    await backends.chart.update({**body, **closed}, MARIA)
    await free(backends, taken[0])
    assert not await backends.offers.offer_now(gone, MONDAY)
    assert await look(backends) == 1
    assert [text.to_number for text in await texts(backends)] == [NUMBERS[JAMES]]
    assert (await backends.chart.read("Appointment", gone)).body["status"] == "cancelled"
    assert (await place(backends, JAMES)).entry_id == next_in_line


async def test_without_consent_staff_are_asked_to_call(backends: EmbeddedBackends) -> None:
    day = await fill(backends)
    entry_id = await join(backends, MARIA, texts=False)
    await free(backends, day[0])
    await look(backends)
    assert await texts(backends) == []
    (task,) = await backends.chart.storage.read(lambda s: tasks_of(s, f"waitlist-{entry_id}"))
    assert (task.kind, task.callback_number) == ("schedule-assist", NUMBERS[MARIA])
    assert "Tue Dec 1, 08:00 with Doctor Chen" in task.summary
    assert (await place(backends, MARIA)).offer == day[0]


async def test_a_number_that_said_stop_gets_no_text(backends: EmbeddedBackends) -> None:
    day = await fill(backends)
    await join(backends, MARIA)
    await backends.chart.storage.write(
        lambda s: choose_texts(s, NUMBERS[MARIA], stopped=True, at=backends.clock())
    )
    await free(backends, day[0])
    await look(backends)
    assert await texts(backends) == []
    rows = await backends.chart.storage.read(lambda s: list(s.exec(select(StaffTask)).all()))
    assert len(rows) == 1


async def test_nobody_is_texted_at_night_or_called_when_nobody_is_there(
    backends: EmbeddedBackends, clock: TestClock
) -> None:
    day = await fill(backends)
    await join(backends, MARIA)
    await join(backends, JAMES, texts=False)
    await free(backends, day[0], day[9])
    clock.now = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)  # two in the morning
    assert await look(backends) == 0
    clock.now = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)  # half past seven in the evening
    assert await look(backends) == 1
    assert (await place(backends, MARIA)).offer is not None


async def test_one_number_has_one_offer_at_a_time(backends: EmbeddedBackends, clock: TestClock) -> None:
    """Two of a household share a telephone: a "Y" must not be of both."""
    day = await fill(backends)
    await join(backends, MARIA)
    clock.move(minutes=1)
    wish = FindOpenings("f", "follow-up", from_date=DAY, to_date=DAY)
    order = JoinWaitlist("a1", ROBERT, wish, text_number=NUMBERS[MARIA])
    await backends.waitlist.join(order, call_id="C2")
    await free(backends, day[0], day[6])
    assert await look(backends) == 1
    await backends.waitlist.answer_offer(NUMBERS[MARIA], "Y")
    assert await look(backends) == 1
    assert (await place(backends, ROBERT)).offer == day[6]


@pytest.mark.parametrize("body", ["", "who is this", "yes no", "STOP", "what time?", "Y or N?"])
async def test_what_answers_nothing_changes_nothing(backends: EmbeddedBackends, body: str) -> None:
    day = await fill(backends)
    await join(backends, MARIA)
    await free(backends, day[0])
    await look(backends)
    assert await backends.waitlist.answer_offer(NUMBERS[MARIA], body) is None
    assert (await place(backends, MARIA)).offer == day[0]


async def test_a_held_opening_comes_back_to_everybody(backends: EmbeddedBackends, clock: TestClock) -> None:
    day = await fill(backends)
    entry_id = await join(backends, MARIA)
    await free(backends, day[0])
    await look(backends)
    await backends.waitlist.leave(LeaveWaitlist("l", MARIA, entry_id), call_id="C1")
    held = await backends.scheduling.hold(HoldOpening("h", day[0].opening_id), call_id="C7")
    assert held == OpeningHeld(day[0].opening_id)


async def test_nothing_personal_rests_readable(backends: EmbeddedBackends) -> None:
    await join(backends, MARIA)
    row = await backends.chart.storage.read(lambda s: s.exec(select(WaitlistEntry)).one())
    assert NUMBERS[MARIA] not in repr(row)
    assert timedelta(0) == backends.clock() - row.created_at
