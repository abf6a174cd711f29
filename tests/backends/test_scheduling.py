"""The diary: what is offered, who gets it, and that nobody ever gets what is taken."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from backends.cells import HOLD_MINUTES
from backends.embedded import EmbeddedBackends
from backends.refusals import PatientBusy, TooManyVisits
from models.domain import (
    BookedVisit,
    BookOpening,
    CancelVisit,
    FindOpenings,
    HoldOpening,
    IdentityLevel,
    MoveVisit,
    Opening,
    OpeningGone,
    OpeningHeld,
    VisitBooked,
)
from models.errors import NotFound
from tests.backends.conftest import SYSTEM, TestClock

MARIA, JAMES = "pt-1001", "pt-1002"


async def find(backends: EmbeddedBackends, code: str = "follow-up", **more: Any) -> tuple[Opening, ...]:
    wish = FindOpenings("f", code, **more)
    return (await backends.scheduling.find(wish)).openings


async def book(
    backends: EmbeddedBackends,
    opening: Opening,
    *,
    patient: str = MARIA,
    call: str = "C1",
    action: str = "a1",
    code: str = "follow-up",
) -> VisitBooked | OpeningGone:
    wish = BookOpening(action, patient, opening.opening_id, code, reason="blood pressure")
    return await backends.scheduling.book(wish, call_id=call)


async def visits(backends: EmbeddedBackends, patient: str) -> tuple[BookedVisit, ...]:
    return (await backends.directory.view(patient, IdentityLevel.L1)).visits


def local(backends: EmbeddedBackends, opening: Opening) -> datetime:
    return opening.start.astimezone(backends.practice.zone)


# --------------------------------------------------------------------------- finding


async def test_the_earliest_openings_are_offered_apart_and_never_in_the_past(
    backends: EmbeddedBackends,
) -> None:
    first, second = await find(backends)
    assert local(backends, first).isoformat() == "2026-11-23T08:00:00-05:00"
    assert second.start - first.start >= timedelta(hours=2)


async def test_nothing_is_offered_within_the_notice_a_visit_needs(
    backends: EmbeddedBackends, clock: TestClock
) -> None:
    clock.now = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # Monday 9:00
    (soon,) = await find(backends, "sick", limit=1)
    (usual,) = await find(backends, limit=1)
    assert local(backends, soon).time().isoformat() == "09:40:00"  # 30 minutes on, next slot
    assert local(backends, usual).time().isoformat() == "11:00:00"  # two hours on


@pytest.mark.parametrize(
    ("daypart", "from_hour", "to_hour"), [("morning", 8, 12), ("afternoon", 12, 17), ("evening", 17, 24)]
)
async def test_dayparts(backends: EmbeddedBackends, daypart: str, from_hour: int, to_hour: int) -> None:
    found = await find(backends, daypart=daypart, limit=6)
    assert found
    assert all(from_hour <= local(backends, one).hour < to_hour for one in found)


async def test_a_wish_for_provider_days_and_dates_is_kept(backends: EmbeddedBackends) -> None:
    found = await find(
        backends, provider_id="dr-patel", weekdays=(1, 3), from_date=date(2026, 12, 1),
        to_date=date(2026, 12, 4), limit=8,
    )  # fmt: skip
    assert found
    assert {one.provider_name for one in found} == {"Doctor Patel"}
    assert {local(backends, one).date() for one in found} == {date(2026, 12, 1), date(2026, 12, 3)}


async def test_about_two_oclock_means_near_two(backends: EmbeddedBackends) -> None:
    for opening in await find(backends, near_time="14:00", weekdays=(2,)):
        assert abs(local(backends, opening).hour * 60 + local(backends, opening).minute - 14 * 60) <= 60


async def test_a_day_and_an_hour_are_answered_with_what_lies_next_to_it(backends: EmbeddedBackends) -> None:
    first, _ = await find(backends, near_time="14:00", weekdays=(2,))
    at = local(backends, first)
    await book(backends, first)
    offers = await find(
        backends,
        near_time=f"{at:%H:%M}",
        from_date=at.date(),
        to_date=at.date(),
        provider_id=first.provider_id,
    )
    assert len(offers) == 2
    for opening in offers:
        assert abs(opening.start - first.start) <= timedelta(minutes=60)


async def test_refused_openings_are_not_offered_again(backends: EmbeddedBackends) -> None:
    first = await find(backends)
    second = await find(backends, not_openings=tuple(one.opening_id for one in first))
    assert not {one.opening_id for one in first} & {one.opening_id for one in second}


async def test_nothing_on_closed_days_lunch_or_past_the_horizon(backends: EmbeddedBackends) -> None:
    assert (
        await find(backends, from_date=date(2026, 11, 26), to_date=date(2026, 11, 26)) == ()
    )  # Thanksgiving
    assert await find(backends, from_date=date(2026, 11, 28), to_date=date(2026, 11, 29)) == ()  # weekend
    assert await find(backends, "sick", from_date=date(2026, 12, 7)) == ()  # a sick visit within 3 days
    monday = await find(backends, from_date=date(2026, 11, 30), to_date=date(2026, 11, 30), limit=100)
    assert monday
    assert all(local(backends, one).hour != 12 for one in monday)


async def test_a_long_visit_never_runs_into_the_break(backends: EmbeddedBackends) -> None:
    found = await find(
        backends, "annual-physical", from_date=date(2026, 11, 24), to_date=date(2026, 11, 24), limit=100
    )
    ends = {(one.start + timedelta(minutes=40)).astimezone(backends.practice.zone).time() for one in found}
    assert max(end for end in ends if end.hour <= 12).isoformat() == "12:00:00"


async def test_an_unknown_visit_type_is_named(backends: EmbeddedBackends) -> None:
    with pytest.raises(NotFound):
        await find(backends, "surgery")


# --------------------------------------------------------------------------- holding and booking


async def test_a_held_opening_is_hidden_until_the_hold_ends(
    backends: EmbeddedBackends, clock: TestClock
) -> None:
    (opening,) = await find(backends, limit=1)
    held = await backends.scheduling.hold(HoldOpening("h", opening.opening_id), call_id="C1")
    assert held == OpeningHeld(opening.opening_id)
    same_provider = await find(backends, limit=50, provider_id=opening.provider_id)
    assert opening.opening_id not in {one.opening_id for one in same_provider}
    refused = await backends.scheduling.hold(HoldOpening("h", opening.opening_id), call_id="C2")
    assert refused == OpeningGone(opening.opening_id)
    clock.move(minutes=HOLD_MINUTES)
    taken_over = await backends.scheduling.hold(HoldOpening("h", opening.opening_id), call_id="C2")
    assert taken_over == OpeningHeld(opening.opening_id)


async def test_a_call_holds_one_opening_and_lets_go_at_its_end(backends: EmbeddedBackends) -> None:
    first, second = await find(backends)
    for opening in (first, second):
        await backends.scheduling.hold(HoldOpening("h", opening.opening_id), call_id="C1")
    freed = await backends.scheduling.hold(HoldOpening("h", first.opening_id), call_id="C2")
    assert isinstance(freed, OpeningHeld)
    await backends.scheduling.release(call_id="C1")
    assert isinstance(await book(backends, second, call="C3"), VisitBooked)


async def test_a_booking_is_an_appointment_and_busy_slots(backends: EmbeddedBackends) -> None:
    (opening,) = await find(backends, "annual-physical", limit=1)
    await backends.scheduling.hold(HoldOpening("h", opening.opening_id), call_id="C1")
    booked = await book(backends, opening, code="annual-physical")
    assert isinstance(booked, VisitBooked)
    document = (await backends.chart.read("Appointment", booked.visit.appointment_id)).body
    assert document["status"] == "booked"
    assert document["identifier"][0] == {"system": f"{SYSTEM}/call", "value": "C1/appt/1"}
    assert document["serviceType"][0]["coding"][0]["code"] == "annual-physical"
    assert document["start"] == "2026-11-23T08:00:00-05:00"
    actors = {item["actor"]["reference"] for item in document["participant"]}
    assert actors == {f"Patient/{MARIA}", f"Practitioner/{opening.provider_id}", "Location/main-office"}
    for slot in document["slot"]:
        stored = await backends.chart.read("Slot", slot["reference"].removeprefix("Slot/"))
        assert stored.body["status"] == "busy"
    assert await visits(backends, MARIA) == (booked.visit,)
    assert isinstance(await book(backends, opening, patient=JAMES, call="C2"), OpeningGone)


async def test_the_same_action_twice_books_once(backends: EmbeddedBackends) -> None:
    (opening,) = await find(backends, limit=1)
    first, second = await book(backends, opening), await book(backends, opening)
    assert first == second
    assert len(await visits(backends, MARIA)) == 1
    (other,) = await find(backends, limit=1, from_date=date(2026, 12, 8))
    another = await book(backends, other, action="a2")
    assert isinstance(another, VisitBooked)
    document = (await backends.chart.read("Appointment", another.visit.appointment_id)).body
    assert document["identifier"][0]["value"] == "C1/appt/2"


async def test_a_patient_cannot_be_in_two_rooms(backends: EmbeddedBackends) -> None:
    monday = await find(backends, limit=100, to_date=date(2026, 11, 23))
    chen = next(one for one in monday if one.provider_id == "dr-chen")
    day: dict[str, Any] = {"from_date": date(2026, 11, 23), "to_date": date(2026, 11, 23)}
    patel = next(
        one for one in await find(backends, "annual-physical", provider_id="dr-patel", limit=100, **day)
        if one.start <= chen.start < one.start + timedelta(minutes=40)
    )  # fmt: skip
    await book(backends, chen)
    with pytest.raises(PatientBusy):
        await book(backends, patel, action="a2", code="annual-physical")


async def test_two_open_visits_of_one_type_are_enough(backends: EmbeddedBackends) -> None:
    for number, day in enumerate((1, 8)):
        (opening,) = await find(backends, limit=1, from_date=date(2026, 12, day))
        await book(backends, opening, action=f"a{number}")
    (third,) = await find(backends, limit=1, from_date=date(2026, 12, 15))
    with pytest.raises(TooManyVisits):
        await book(backends, third, action="a3")
    (lab,) = await find(backends, "lab", limit=1, from_date=date(2026, 12, 15))
    assert isinstance(await book(backends, lab, action="a4", code="lab"), VisitBooked)


async def test_nonsense_openings_are_gone_and_unknown_patients_not_found(
    backends: EmbeddedBackends, clock: TestClock
) -> None:
    (real,) = await find(backends, limit=1)
    for opening_id in ("", "nonsense", "no-such-slot.20", "dr-chen-20261123T1300.x", f"{real.opening_id}000"):
        wish = BookOpening("a", MARIA, opening_id, "follow-up")
        assert await backends.scheduling.book(wish, call_id="C1") == OpeningGone(opening_id)
    with pytest.raises(NotFound):
        await book(backends, real, patient="pt-0000")
    clock.now = real.start
    assert isinstance(await book(backends, real), OpeningGone)


# --------------------------------------------------------------------------- moving and cancelling


async def test_a_visit_is_moved_in_one_step(backends: EmbeddedBackends) -> None:
    (old,) = await visits(backends, JAMES)
    (new,) = await find(backends, limit=1, from_date=date(2026, 12, 8))
    wish = MoveVisit("m1", JAMES, old.appointment_id, new.opening_id)
    moved = await backends.scheduling.move(wish, call_id="C1")
    assert isinstance(moved, VisitBooked)
    assert moved == await backends.scheduling.move(wish, call_id="C1")  # once, however often it is asked
    assert await visits(backends, JAMES) == (moved.visit,)
    former = (await backends.chart.read("Appointment", old.appointment_id)).body
    assert former["status"] == "cancelled"
    assert former["cancelationReason"]["coding"][0]["code"] == "pat"
    freed = await find(
        backends,
        provider_id=old.provider_id,
        limit=500,
        from_date=date(2026, 11, 30),
        to_date=date(2026, 11, 30),
    )
    assert old.start in {one.start for one in freed}


async def test_when_the_new_time_is_gone_the_old_visit_stands(backends: EmbeddedBackends) -> None:
    (old,) = await visits(backends, JAMES)
    (new,) = await find(backends, limit=1, from_date=date(2026, 12, 8))
    await backends.scheduling.hold(HoldOpening("h", new.opening_id), call_id="C2")
    wish = MoveVisit("m1", JAMES, old.appointment_id, new.opening_id)
    assert isinstance(await backends.scheduling.move(wish, call_id="C1"), OpeningGone)
    assert await visits(backends, JAMES) == (old,)
    slot_id = (await backends.chart.read("Appointment", old.appointment_id)).body["slot"][0]["reference"]
    assert (await backends.chart.read("Slot", slot_id.removeprefix("Slot/"))).body["status"] == "busy"


async def test_a_cancelled_visit_frees_its_time_and_cancels_once(backends: EmbeddedBackends) -> None:
    (visit,) = await visits(backends, JAMES)
    wish = CancelVisit("c1", JAMES, visit.appointment_id)
    first = await backends.scheduling.cancel(wish, call_id="C1")
    assert first == await backends.scheduling.cancel(wish, call_id="C1")
    assert await visits(backends, JAMES) == ()
    assert len(await backends.chart.history("Appointment", visit.appointment_id)) == 2
    document = (await backends.chart.read("Appointment", visit.appointment_id)).body
    slot_id = document["slot"][0]["reference"].removeprefix("Slot/")
    rebooked = BookOpening("a", MARIA, f"{slot_id}.{visit.minutes}", "follow-up")
    assert isinstance(await backends.scheduling.book(rebooked, call_id="C2"), VisitBooked)


async def test_nobody_touches_another_patients_visit(backends: EmbeddedBackends) -> None:
    (visit,) = await visits(backends, JAMES)
    (new,) = await find(backends, limit=1)
    for wrong in (visit.appointment_id, "none"):
        with pytest.raises(NotFound):
            await backends.scheduling.cancel(CancelVisit("c", MARIA, wrong), call_id="C1")
        with pytest.raises(NotFound):
            await backends.scheduling.move(MoveVisit("m", MARIA, wrong, new.opening_id), call_id="C1")
    assert await visits(backends, JAMES) == (visit,)


async def test_a_cancelled_visit_cannot_be_moved(backends: EmbeddedBackends) -> None:
    (visit,) = await visits(backends, JAMES)
    (new,) = await find(backends, limit=1)
    await backends.scheduling.cancel(CancelVisit("c", JAMES, visit.appointment_id), call_id="C1")
    with pytest.raises(NotFound):
        await backends.scheduling.move(
            MoveVisit("m", JAMES, visit.appointment_id, new.opening_id), call_id="C1"
        )


# --------------------------------------------------------------------------- races


def winners(answers: list[VisitBooked | OpeningGone]) -> int:
    return sum(isinstance(answer, VisitBooked) for answer in answers)


async def appointments(backends: EmbeddedBackends) -> int:
    return (await backends.chart.search("Appointment", [("status", "booked")])).total


async def test_of_200_callers_for_one_opening_one_wins(backends: EmbeddedBackends) -> None:
    (opening,) = await find(backends, limit=1)
    before = await appointments(backends)
    answers = await asyncio.gather(
        *(book(backends, opening, patient=f"pt-10{n % 14 + 1:02}", call=f"C{n}") for n in range(200))
    )
    assert winners(answers) == 1
    assert await appointments(backends) == before + 1


async def test_of_200_callers_on_four_processes_one_wins(many_processes: list[EmbeddedBackends]) -> None:
    (opening,) = await find(many_processes[0], limit=1)
    before = await appointments(many_processes[0])
    answers = await asyncio.gather(
        *(
            book(many_processes[n % 4], opening, patient=f"pt-10{n % 14 + 1:02}", call=f"C{n}")
            for n in range(200)
        )
    )
    assert winners(answers) == 1
    assert await appointments(many_processes[0]) == before + 1


async def test_of_200_callers_who_hold_one_wins_and_only_that_one_can_book(
    backends: EmbeddedBackends,
) -> None:
    (opening,) = await find(backends, limit=1)
    wish = HoldOpening("h", opening.opening_id)
    held = await asyncio.gather(
        *(backends.scheduling.hold(wish, call_id=f"C{number}") for number in range(200))
    )
    (winner,) = (number for number, answer in enumerate(held) if isinstance(answer, OpeningHeld))
    loser = (winner + 1) % 200
    assert isinstance(await book(backends, opening, call=f"C{loser}"), OpeningGone)
    assert isinstance(await book(backends, opening, call=f"C{winner}"), VisitBooked)


async def test_overlapping_visits_of_different_lengths_never_both_stand(backends: EmbeddedBackends) -> None:
    day: dict[str, Any] = {
        "from_date": date(2026, 12, 1),
        "to_date": date(2026, 12, 1),
        "provider_id": "dr-chen",
    }
    short = await find(backends, limit=100, **day)
    long = await find(backends, "annual-physical", limit=100, **day)
    wishes = [(one, "follow-up") for one in short] + [(one, "annual-physical") for one in long]
    answers = await asyncio.gather(
        *(
            book(backends, opening, patient=f"pt-10{n % 14 + 1:02}", call=f"C{n}", code=code)
            for n, (opening, code) in enumerate(wishes)
        ),
        return_exceptions=True,
    )
    stood = sorted((a.visit.start, a.visit.minutes) for a in answers if isinstance(a, VisitBooked))
    assert stood
    for (start, minutes), (following, _) in pairwise(stood):
        assert start + timedelta(minutes=minutes) <= following
