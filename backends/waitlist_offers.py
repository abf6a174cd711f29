"""An opening frees: the first in line whom it fits is offered it, held for them meanwhile.

Everything is decided from the database at the moment, a transaction for each offer, so that a process that
dies between two of them leaves nothing half done, and the next look goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, select

from backends import cells
from backends.appointments import Booking, created_at, type_code
from backends.chart import Chart, write_retrying
from backends.fhir_time import instant
from backends.identity import phones_of
from backends.openings import Openings
from backends.patient_state import replaced_by, why_closed
from backends.practice import Practice
from backends.refusals import PatientBusy, TooManyVisits
from backends.schedule_rules import Candidate, FreeSlot
from backends.scheduling import EmbeddedScheduling
from backends.staff_tasks import StaffTasks, TaskOrder
from backends.store import ChartStore
from backends.waitlist import EmbeddedWaitlist, held_as, wish_of
from backends.waitlist_replies import Replies
from models.calls import phone_blind
from models.contact_tables import WaitlistEntry, WaitState
from models.domain import FindOpenings, OpenTask, Priority, TaskKind
from models.errors import NotFound
from models.texts import is_stopped, queue_text

ANSWER_WITHIN = timedelta(minutes=15)  # one patient at a time, domain rules section 4
CALLED_WITHIN = timedelta(hours=1)  # staff must see the task and call
# Texts at the hours that 47 CFR 64.1200(c)(1) leaves to callers, though it speaks of sales only.
TEXTS_FROM, TEXTS_UNTIL = time(8), time(21)


class Offers:
    """Finds whom a free opening fits, and offers it."""

    def __init__(
        self,
        chart: Chart,
        practice: Practice,
        scheduling: EmbeddedScheduling,
        waitlist: EmbeddedWaitlist,
        system_url: str,
    ) -> None:
        self._chart = chart
        self._practice = practice
        self._scheduling = scheduling
        self._waitlist = waitlist
        self._tasks = StaffTasks(chart.store, practice, system_url)
        self._replies = Replies(practice)

    async def offer_openings(self, now: datetime) -> int:
        """Pass on what was not answered in time, then offer what is free, longest waiting first; how many.

        Safe to repeat, and to run in several processes at once.
        """
        await write_retrying(self._chart.storage, lambda session: self._expire(session, now))
        look = _OneLook(self._chart.store, self._practice)
        made = 0
        for entry_id in await self._chart.storage.read(_in_line):
            made += await self._offer(entry_id, look, now)
        return made

    async def offer_now(self, entry_id: str, now: datetime) -> bool:
        """Offer this entry what fits it best, whoever waits longer: by text where they may be texted now,
        otherwise held for staff to call. False where nothing fits, or it does not wait.
        """
        look, read = _OneLook(self._chart.store, self._practice), self._chart.storage.read
        candidate = await read(lambda session: self._fitting(session, entry_id, look, now))
        if candidate is None:
            return False
        try:
            return await write_retrying(
                self._chart.storage,
                lambda session: self._hold(session, entry_id, candidate, now, staff_ask=True),
            )
        except cells.Gone:
            return False

    def _expire(self, session: Session, now: datetime) -> None:
        late = (
            col(WaitlistEntry.state) == WaitState.OFFERED.value,
            col(WaitlistEntry.offer_until) <= now,
        )
        for entry in session.exec(select(WaitlistEntry).where(*late).with_for_update()).all():
            self._waitlist.pass_on(session, entry)

    async def _offer(self, entry_id: str, look: _OneLook, now: datetime) -> bool:
        """Offer one entry what fits best of what is free; another process may be faster."""
        candidate = await self._chart.storage.read(lambda session: self._best(session, entry_id, look, now))
        if candidate is None:
            return await self._end_if_over(entry_id, now)
        try:
            return await write_retrying(
                self._chart.storage, lambda session: self._hold(session, entry_id, candidate, now)
            )
        except cells.Gone:
            return False

    async def _end_if_over(self, entry_id: str, now: datetime) -> bool:
        """Nothing fits: perhaps nothing can any more."""

        def work(session: Session) -> None:
            entry = session.get(WaitlistEntry, entry_id, with_for_update=True, populate_existing=True)
            waiting = entry is not None and entry.state == WaitState.WAITING.value
            if entry is not None and waiting and self._over(session, entry, now):
                self._waitlist.end(session, entry)

        if await self._chart.storage.read(lambda session: self._may_be_over(session, entry_id, now)):
            await write_retrying(self._chart.storage, work)
        return False

    def _may_be_over(self, session: Session, entry_id: str, now: datetime) -> bool:
        entry = session.get(WaitlistEntry, entry_id)
        return entry is not None and self._over(session, entry, now)

    def _over(self, session: Session, entry: WaitlistEntry, now: datetime) -> bool:
        """The wished days are past, the visit to replace does not stand, the patient has got one since, or
        their chart is in use no more: a family is not to be texted about a visit of who has died.
        """
        last = wish_of(entry).to_date
        if last is not None and last < now.astimezone(self._practice.zone).date():
            return True
        if self._chart_closed(session, entry.patient_id):
            return True
        if entry.appointment_id:
            try:
                old = self._waitlist.replaced(session, entry)
            except NotFound:
                return True
            return old is None or instant(old.body["start"]) <= now
        upcoming = self._scheduling.appointments.upcoming(session, entry.patient_id, now)
        return any(type_code(v) == entry.visit_type and created_at(v) > entry.created_at for v in upcoming)

    def _chart_closed(self, session: Session, patient_id: str) -> bool:
        """A chart that was merged into another still has its visits: whoever merged it sees to them."""
        patient = self._chart.store.find(session, "Patient", patient_id)
        return patient is None or (bool(why_closed(patient.body)) and not replaced_by(patient.body))

    def _best(self, session: Session, entry_id: str, look: _OneLook, now: datetime) -> Candidate | None:
        entry = session.get(WaitlistEntry, entry_id)
        if entry is None or not self._reachable(session, entry, now):
            return None
        return self._fitting(session, entry_id, look, now)

    def _fitting(self, session: Session, entry_id: str, look: _OneLook, now: datetime) -> Candidate | None:
        """What of all that is free fits an entry best."""
        entry = session.get(WaitlistEntry, entry_id)
        if entry is None or self._over(session, entry, now):
            return None
        rule = self._scheduling.rule(entry.visit_type)
        busy = self._scheduling.appointments.times(session, entry.patient_id, now, entry.appointment_id)
        return next(iter(look.find(session, self._wish(session, entry), rule, now, busy)), None)

    def _wish(self, session: Session, entry: WaitlistEntry) -> FindOpenings:
        """The search, earlier than the visit that it would replace."""
        wish = replace(wish_of(entry), not_openings=tuple(entry.refused or ()), limit=1)
        old = self._waitlist.replaced(session, entry)
        if old is None:
            return wish
        start = instant(old.body["start"])
        day = start.astimezone(self._practice.zone).date()
        return replace(wish, start_before=start, to_date=min(day, wish.to_date or day))

    def _reachable(self, session: Session, entry: WaitlistEntry, now: datetime) -> bool:
        """By text at decent hours, by staff while they are there; no second offer to one number."""
        if not self._texted(session, entry):
            return self._practice.is_open(now)
        taken = select(WaitlistEntry.id).where(col(WaitlistEntry.offered_to) == entry.number_blind)
        local = now.astimezone(self._practice.zone).time()
        return TEXTS_FROM <= local < TEXTS_UNTIL and session.exec(taken).first() is None

    def _texted(self, session: Session, entry: WaitlistEntry) -> bool:
        return bool(entry.text_number) and not is_stopped(session, entry.text_number)

    def _hold(
        self, session: Session, entry_id: str, candidate: Candidate, now: datetime, *, staff_ask: bool = False
    ) -> bool:
        """Hold the opening and promise the message, in one transaction; ``staff_ask``: staff call who cannot
        be texted now. Raises `cells.Gone`.
        """
        entry = session.get(WaitlistEntry, entry_id, with_for_update=True, populate_existing=True)
        if entry is None or entry.state != WaitState.WAITING.value:
            return False
        reachable = self._reachable(session, entry, now)
        if not reachable and not staff_ask:
            return False
        opening = self._scheduling.openings.read(session, candidate.opening_id, now)
        if not self._has_room(session, entry, opening, now):
            entry.refused = [*(entry.refused or []), opening.opening_id]
            session.add(entry)
            return False
        by_text = reachable and self._texted(session, entry)
        self._hold_for(session, entry, opening, now, ANSWER_WITHIN if by_text else CALLED_WITHIN)
        entry.offered_to = phone_blind(entry.text_number) if by_text else None
        session.flush()
        (self._text if by_text else self._ask_staff)(session, entry, opening, now)
        return True

    def _hold_for(
        self, session: Session, entry: WaitlistEntry, opening: Candidate, now: datetime, span: timedelta
    ) -> None:
        cells.hold(session, opening, held_as(entry), now, now + span)
        entry.state = WaitState.OFFERED.value
        entry.offered_opening, entry.offered_at, entry.offer_until = opening.opening_id, now, now + span
        entry.offers += 1
        session.add(entry)

    def _has_room(self, session: Session, entry: WaitlistEntry, opening: Candidate, now: datetime) -> bool:
        rule = self._scheduling.rule(entry.visit_type)
        booking = Booking(entry.patient_id, opening, rule, "", "", instead_of=entry.appointment_id)
        try:
            self._scheduling.appointments.check_room(session, booking, now)
        except (PatientBusy, TooManyVisits):
            return False
        return True

    def _text(self, session: Session, entry: WaitlistEntry, opening: Candidate, now: datetime) -> None:
        body = self._replies.offer(opening.start, int(ANSWER_WITHIN.total_seconds()) // 60)
        queue_text(
            session,
            key=f"waitlist/{entry.id}/{entry.offers}",
            to_number=entry.text_number,
            body=body,
            purpose="waitlist",
            at=now,
            call_id=entry.call_id,
        )

    def _ask_staff(self, session: Session, entry: WaitlistEntry, opening: Candidate, now: datetime) -> None:
        until = (now + CALLED_WITHIN).astimezone(self._practice.zone)
        local = opening.start.astimezone(self._practice.zone)
        summary = (
            f"Waitlist: {local:%a %b} {local.day}, {local:%H:%M} with "
            f"{self._practice.provider_name(opening.provider_id)} is held for this patient until "
            f"{until:%H:%M}. Please call them; if they ring us, the assistant can book it too."
        )
        patient = self._chart.store.find(session, "Patient", entry.patient_id)
        number = min(phones_of(patient.body), default="") if patient else ""
        wish = OpenTask(
            f"offer-{entry.offers}",
            TaskKind.SCHEDULE_ASSIST,
            Priority.URGENT,
            summary,
            entry.patient_id,
            number,
        )
        self._tasks.open(session, TaskOrder(wish, held_as(entry)), now)


class _OneLook(Openings):
    """Openings whose days are read once for all entries of one look; what is held is read each time."""

    def __init__(self, store: ChartStore, practice: Practice) -> None:
        super().__init__(store, practice)
        self._days: dict[date, list[FreeSlot]] = {}
        self._all: dict[str, str] | None = None

    def schedules(self, session: Session, provider_id: str) -> dict[str, str]:
        if self._all is None:
            self._all = super().schedules(session, "")
        return {name: owner for name, owner in self._all.items() if provider_id in ("", owner)}

    def free_slots(
        self, session: Session, schedules: Mapping[str, str], first: date, last: date
    ) -> list[FreeSlot]:
        found: list[FreeSlot] = []
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            if day not in self._days:
                self._days[day] = super().free_slots(session, self._all or {}, day, day)
            found += [slot for slot in self._days[day] if slot.schedule in schedules]
        return found


def _in_line(session: Session) -> list[str]:
    """Ids of those who wait, longest first."""
    query = select(WaitlistEntry.id).where(col(WaitlistEntry.state) == WaitState.WAITING.value)
    return list(session.exec(query.order_by(col(WaitlistEntry.created_at), col(WaitlistEntry.id))))
