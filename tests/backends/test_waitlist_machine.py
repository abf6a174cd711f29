"""The waitlist under any sequence of joins, answers, silences, cancellations and restarts."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import Session, col, select

from backends.embedded import EmbeddedBackends
from backends.practice import Practice
from backends.waitlist import held_as
from models.chart import BookingCell
from models.contact_tables import WaitlistEntry, WaitState
from models.domain import (
    AcceptOffer,
    BookOpening,
    CancelVisit,
    FindOpenings,
    IdentityLevel,
    JoinWaitlist,
    LeaveWaitlist,
    OpeningGone,
    RefuseOffer,
)
from models.errors import Conflict
from tests.backends.conftest import TestClock, backends_on, database_in

T = TypeVar("T")
DAY = date(2026, 12, 1)
PATIENTS = {"pt-1001": "+16175550123", "pt-1002": "+16175550144", "pt-1003": "+16175550131", "pt-1004": ""}
SLOTS = tuple(f"dr-chen-20261201T1{hour}00" for hour in (3, 4, 5))
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
patients = st.sampled_from(sorted(PATIENTS))
slots = st.sampled_from(SLOTS)


class Machine(RuleBasedStateMachine):
    seeded: Path
    practice: Practice

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = TestClock(datetime(2026, 11, 23, 15, 0, tzinfo=UTC))
        shutil.copytree(self.seeded, self.folder / "db")
        self.count = 0
        self.open()

    def open(self) -> None:
        storage = database_in(self.folder / "db")
        self.backends: EmbeddedBackends = backends_on(storage, storage.keyring, self.practice, self.clock)

    def teardown(self) -> None:
        self.backends.chart.storage.close()
        shutil.rmtree(self.folder)

    def wait(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return asyncio.run(run())

    def read(self, work: Any) -> Any:
        return self.backends.chart.storage.read_now(work)

    def name(self) -> str:
        self.count += 1
        return f"a{self.count}"

    def entries(self) -> list[WaitlistEntry]:
        found: list[WaitlistEntry] = self.read(lambda s: list(s.exec(select(WaitlistEntry)).all()))
        return found

    def entry(self, patient: str) -> WaitlistEntry | None:
        live = (WaitState.WAITING, WaitState.OFFERED)
        return next((e for e in self.entries() if e.patient_id == patient and e.state in live), None)

    @initialize()
    def the_day_is_full(self) -> None:
        def work(session: Session) -> None:
            days = (("start", "ge2026-12-01"), ("start", "lt2026-12-02"))
            chen = ("schedule", "Schedule/schedule-dr-chen")
            found = [slot["id"] for slot in self.backends.chart.store.all(session, "Slot", chen, *days)]
            self.backends.scheduling.openings.set_status(session, found, "busy")

        self.backends.chart.storage.write_now(work)

    @rule(patient=patients)
    def joins(self, patient: str) -> None:
        wish = FindOpenings("f", "follow-up", provider_id="dr-chen", from_date=DAY, to_date=DAY)
        order = JoinWaitlist(self.name(), patient, wish, text_number=PATIENTS[patient])
        self.wait(self.backends.waitlist.join(order, call_id=f"C-{patient}"))

    @rule(patient=patients)
    def leaves(self, patient: str) -> None:
        if entry := self.entry(patient):
            self.wait(
                self.backends.waitlist.leave(LeaveWaitlist(self.name(), patient, entry.id), call_id="C1")
            )

    @rule(slot=slots)
    def a_slot_is_opened(self, slot: str) -> None:
        """Unless somebody is booked on it: staff open no taken time."""

        def work(session: Session) -> None:
            mine = (col(BookingCell.opening_id) == f"{slot}.20", col(BookingCell.appointment_id).is_not(None))
            if session.exec(select(BookingCell.id).where(*mine)).first() is None:
                self.backends.scheduling.openings.set_status(session, [slot], "free")

        self.backends.chart.storage.write_now(work)

    @rule(patient=patients, slot=slots)
    def a_caller_books(self, patient: str, slot: str) -> None:
        order = BookOpening(self.name(), patient, f"{slot}.20", "follow-up")
        try:
            self.wait(self.backends.scheduling.book(order, call_id=f"B{self.count}"))
        except Conflict:
            return  # another visit then, or two of the kind already

    @rule(patient=patients)
    def a_visit_is_cancelled(self, patient: str) -> None:
        view = self.wait(self.backends.directory.view(patient, IdentityLevel.L1))
        for visit in view.visits[:1]:
            order = CancelVisit(self.name(), patient, visit.appointment_id)
            self.wait(self.backends.scheduling.cancel(order, call_id="C1"))

    @rule(minutes=st.sampled_from([1, 5, 16, 61]))
    def time_passes_and_openings_are_offered(self, minutes: int) -> None:
        self.clock.move(minutes=minutes)
        before = {entry.id: entry.offers for entry in self.entries()}
        self.wait(self.backends.offers.offer_openings(self.clock()))
        self.order_was_kept(before)

    @rule(patient=patients, body=st.sampled_from(["Y", "yes please", "N", "what?"]))
    def a_text_comes(self, patient: str, body: str) -> None:
        self.wait(self.backends.waitlist.answer_offer(PATIENTS[patient], body))

    @rule(patient=patients, takes=st.booleans())
    def they_call_in(self, patient: str, takes: bool) -> None:
        entry = self.entry(patient)
        if entry is None:
            return
        if not takes:
            self.wait(
                self.backends.waitlist.refuse(RefuseOffer(self.name(), patient, entry.id), call_id="C1")
            )
            return
        was_live = entry.state == WaitState.OFFERED and (entry.offer_until or self.clock()) > self.clock()
        try:
            order = AcceptOffer(self.name(), patient, entry.id)
            answer = self.wait(self.backends.waitlist.accept(order, call_id=f"A{self.count}"))
        except Conflict:
            return
        assert isinstance(answer, OpeningGone) is not was_live

    @rule()
    def the_process_dies_and_comes_back(self) -> None:
        self.backends.chart.storage.close()
        self.open()

    def order_was_kept(self, before: dict[str, int]) -> None:
        """Nobody who waits longer was passed over, but who had passed on that very opening."""
        now = self.entries()
        for made in (e for e in now if e.offers > before.get(e.id, 0) and e.state == WaitState.OFFERED):
            for other in (e for e in now if e.state == WaitState.WAITING and e.created_at < made.created_at):
                asleep = not other.text_number and not self.practice.is_open(self.clock())
                assert asleep or made.offered_opening in (other.refused or [])

    @invariant()
    def no_time_is_given_twice(self) -> None:
        page = self.wait(self.backends.chart.search("Appointment", [("status", "booked"), ("_count", "200")]))
        filled = [item["reference"] for stored in page.found for item in stored.body["slot"]]
        assert len(filled) == len(set(filled))

    @invariant()
    def an_opening_has_one_live_offer_and_it_is_held(self) -> None:
        offered = [entry for entry in self.entries() if entry.state == WaitState.OFFERED]
        assert len({entry.offered_opening for entry in offered}) == len(offered)
        holders = self.read(lambda s: set(s.exec(select(BookingCell.held_by_call)).all()))
        for entry in offered:
            live = (entry.offer_until or self.clock()) > self.clock()
            assert not live or held_as(entry) in holders


def test_nobody_gets_a_time_twice_and_the_line_is_kept(seeded: Path, practice: Practice) -> None:
    Machine.seeded, Machine.practice = seeded, practice
    run_state_machine_as_test(
        Machine,
        settings=settings(max_examples=200 if LONG else 8, stateful_step_count=25, deadline=None),
    )
