"""Who would come sooner: joining, leaving, and the yes or no to an opening that is held for them.

An entry is a row with its search, and an Appointment of status ``waitlist`` in the chart under the same id
(https://hl7.org/fhir/R4/appointment.html): a yes turns that very Appointment into the booking. The opening is
held in the same five-minute cells as a caller's, so nobody else can be given it meanwhile.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from backends import cells
from backends.appointments import Booking, booked_visit, waiting_visit
from backends.chart import Chart, write_retrying
from backends.fhir_time import instant
from backends.practice import Practice
from backends.refusals import PatientBusy, TooManyVisits
from backends.scheduling import EmbeddedScheduling
from backends.store import Stored
from backends.waitlist_replies import Replies, read_answer
from models.calls import patient_blind, phone_blind
from models.codec import from_json, to_json
from models.contact_tables import WaitlistEntry, WaitState
from models.domain import (
    AcceptOffer,
    FindOpenings,
    JoinWaitlist,
    LeaveWaitlist,
    OfferRefused,
    Opening,
    OpeningGone,
    RefuseOffer,
    VisitBooked,
    WaitlistJoined,
    WaitlistLeft,
    WaitlistPlace,
)
from models.errors import NotFound

ANSWERED_FOR = timedelta(days=1)  # a late answer still is about the last offer
LIVE = (WaitState.WAITING.value, WaitState.OFFERED.value)


class EmbeddedWaitlist:
    """`models.domain.Waitlist` on the embedded chart; `Offers` makes the offers."""

    def __init__(
        self, chart: Chart, practice: Practice, scheduling: EmbeddedScheduling, system_url: str
    ) -> None:
        self._chart = chart
        self._practice = practice
        self._scheduling = scheduling
        self._system_url = system_url
        self._replies = Replies(practice)

    async def join(self, wish: JoinWaitlist, *, call_id: str) -> WaitlistJoined:
        """Put a patient on the list, once per (call, action). Raises `NotFound`.

        A patient who waits for such a visit already keeps the place in line, with the new wish.
        """
        rule, now = self._scheduling.rule(wish.wish.visit_type), self._chart.clock()

        def work(session: Session) -> WaitlistJoined:
            self._scheduling.lock_patient(session, wish.patient_id)
            known = _joined_by(session, call_id, wish.action_id)
            if known is not None:
                return WaitlistJoined(known.id, f"Appointment/{known.id}")
            before = _same_wait(session, wish)
            entry = before or _new_entry(wish, call_id, now)
            _keep_wish(entry, wish)
            session.add(entry)
            session.flush()
            document = waiting_visit(wish, rule.visit_type, self._system_url, call_id, now)
            stored = self._chart.store.update(session, document, entry.id)[0]
            return WaitlistJoined(entry.id, stored.ref, already=before is not None)

        return await write_retrying(self._chart.storage, work)

    async def leave(self, wish: LeaveWaitlist, *, call_id: str) -> WaitlistLeft:
        """Take a patient off the list, or find them off it. Raises `NotFound` for another's entry."""

        def work(session: Session) -> WaitlistLeft:
            entry = _own_entry(session, wish.entry_id, wish.patient_id)
            if entry.state in LIVE:
                self.end(session, entry)
            return WaitlistLeft(entry.id)

        return await write_retrying(self._chart.storage, work)

    async def accept(self, wish: AcceptOffer, *, call_id: str) -> VisitBooked | OpeningGone:
        """Book what is held for this patient, once. Raises `NotFound`, `PatientBusy`, `TooManyVisits`."""
        now = self._chart.clock()

        def work(session: Session) -> VisitBooked | OpeningGone:
            entry = _own_entry(session, wish.entry_id, wish.patient_id)
            return self.book_held(session, entry, call_id, wish.action_id, now)

        try:
            return await write_retrying(self._chart.storage, work)
        except cells.Gone:
            return OpeningGone(wish.entry_id)

    async def refuse(self, wish: RefuseOffer, *, call_id: str) -> OfferRefused:
        """Let the held opening go to the next in line. Raises `NotFound` for another's entry."""

        def work(session: Session) -> OfferRefused:
            self.pass_on(session, _own_entry(session, wish.entry_id, wish.patient_id))
            return OfferRefused(wish.entry_id)

        return await write_retrying(self._chart.storage, work)

    async def answer_offer(self, number: str, body: str) -> str | None:
        """The reply to a text from ``number`` (E.164), None when it answers no offer of ours.

        Yes books the held opening, no passes it on; a yes that comes too late is told so, and one that is
        delivered twice gets the same reply twice.
        """
        answer, now = read_answer(body), self._chart.clock()
        if not number or answer is None:
            return None

        def work(session: Session) -> str | None:
            entry = _offered_to(session, number)
            if entry is None or (entry.offer_until or now) <= now:
                return self._again(session, number, now)
            if not answer:
                self.pass_on(session, entry)
                return self._replies.kept_waiting()
            try:
                with session.begin_nested():
                    return self._accepted_by_text(session, entry, now)
            except (cells.Gone, PatientBusy, TooManyVisits):
                self.pass_on(session, entry)
                return self._replies.too_late()

        return await write_retrying(self._chart.storage, work)

    def places(self, session: Session, patient_id: str, now: datetime) -> tuple[WaitlistPlace, ...]:
        """Where a patient waits, oldest first, each with the opening that is held for them at ``now``."""
        mine = (
            col(WaitlistEntry.patient_blind) == patient_blind(patient_id),
            col(WaitlistEntry.state).in_(LIVE),
        )
        rows = session.exec(select(WaitlistEntry).where(*mine).order_by(col(WaitlistEntry.created_at)))
        return tuple(
            WaitlistPlace(row.id, row.visit_type, row.appointment_id, self.live_offer(session, row, now))
            for row in rows
        )

    def pass_on(self, session: Session, entry: WaitlistEntry) -> None:
        """No, or no answer in time: the opening is free for the next in line, and not offered here again."""
        if entry.state != WaitState.OFFERED.value:
            return
        cells.free_call(session, held_as(entry))
        entry.refused = [*(entry.refused or []), entry.offered_opening]
        _close_offer(entry, WaitState.WAITING)
        session.add(entry)
        session.flush()

    def end(self, session: Session, entry: WaitlistEntry) -> None:
        """Off the list, in the chart too."""
        cells.free_call(session, held_as(entry))
        _close_offer(entry, WaitState.LEFT)
        session.add(entry)
        session.flush()
        stored = self._chart.store.find(session, "Appointment", entry.id)
        if stored is not None and stored.body["status"] == "waitlist":
            self._scheduling.appointments.cancel(session, stored, "pat")

    def _again(self, session: Session, number: str, now: datetime) -> str | None:
        """The reply where no offer is open: what came of the last one, if it was made within a day."""
        last = _last_offered(session, number)
        if last is None or last.offered_at is None or now - last.offered_at >= ANSWERED_FOR:
            return None
        if last.state != WaitState.BOOKED.value:
            return self._replies.too_late() if last.state in LIVE else None
        visit = self._chart.store.read(session, "Appointment", last.id).body
        return self._replies.booked(instant(visit["start"])) if visit["status"] == "booked" else None

    def _accepted_by_text(self, session: Session, entry: WaitlistEntry, now: datetime) -> str:
        booked = self.book_held(session, entry, held_as(entry), f"offer-{entry.offers}", now)
        if isinstance(booked, OpeningGone):
            raise cells.Gone
        return self._replies.booked(booked.visit.start)

    def book_held(
        self,
        session: Session,
        entry: WaitlistEntry,
        call_id: str,
        action_id: str,
        now: datetime,
        comment: str = "",
    ) -> VisitBooked | OpeningGone:
        """The held opening becomes the visit; what it replaces is cancelled in the same transaction."""
        made = self._scheduling.appointments.made_by(session, call_id, action_id)
        if made is not None:
            return VisitBooked(booked_visit(made.body, self._practice), made.ref)
        if entry.state != WaitState.OFFERED.value or (entry.offer_until or now) <= now:
            return OpeningGone(entry.offered_opening)
        self._scheduling.lock_patient(session, entry.patient_id)
        opening = self._scheduling.openings.read(session, entry.offered_opening, now, entry.visit_type)
        old = self.replaced(session, entry)
        rule = self._scheduling.rule(entry.visit_type)
        booking = Booking(
            entry.patient_id,
            opening,
            rule,
            call_id,
            action_id,
            instead_of=old.body["id"] if old else "",
            comment=comment,
        )
        cells.free_call(session, held_as(entry))
        stored = self._scheduling.write_visit(session, booking, now, entry.id)
        if old is not None:
            self._scheduling.free_visit(session, old, "pat")
        _close_offer(entry, WaitState.BOOKED)
        session.add(entry)
        session.flush()
        return VisitBooked(booked_visit(stored.body, self._practice), stored.ref)

    def has_booked(self, session: Session, call_id: str, action_id: str) -> bool:
        """Whether this action has booked before."""
        return self._scheduling.appointments.made_by(session, call_id, action_id) is not None

    def replaced(self, session: Session, entry: WaitlistEntry) -> Stored | None:
        """The visit that an earlier time would replace, while it stands."""
        if not entry.appointment_id:
            return None
        old = self._scheduling.appointments.open_visit(session, entry.appointment_id, entry.patient_id)
        return old if old.body["status"] == "booked" else None

    def live_offer(self, session: Session, entry: WaitlistEntry, now: datetime) -> Opening | None:
        """What is held for an entry at ``now``."""
        if entry.state != WaitState.OFFERED.value or (entry.offer_until or now) <= now:
            return None
        try:
            return self._scheduling.opening(
                self._scheduling.openings.read(session, entry.offered_opening, now)
            )
        except cells.Gone:
            return None


def held_as(entry: WaitlistEntry) -> str:
    """The name that an entry's hold goes by, in place of a call's."""
    return f"waitlist-{entry.id}"


def wish_of(entry: WaitlistEntry) -> FindOpenings:
    """The search that an opening must answer."""
    wish: FindOpenings = from_json(entry.wish or {})
    return wish


def _new_entry(wish: JoinWaitlist, call_id: str, now: datetime) -> WaitlistEntry:
    return WaitlistEntry(
        id=uuid.uuid4().hex,
        call_id=call_id,
        action_id=wish.action_id,
        patient_id=wish.patient_id,
        patient_blind=patient_blind(wish.patient_id),
        visit_type=wish.wish.visit_type,
        created_at=now,
    )


def _keep_wish(entry: WaitlistEntry, wish: JoinWaitlist) -> None:
    entry.wish = to_json(wish.wish)
    entry.appointment_id = wish.appointment_id
    entry.text_number = wish.text_number
    entry.number_blind = phone_blind(wish.text_number)
    entry.refused = list(dict.fromkeys([*(entry.refused or []), *wish.wish.not_openings]))


def _close_offer(entry: WaitlistEntry, state: WaitState) -> None:
    entry.state = state.value
    entry.offered_opening, entry.offer_until, entry.offered_to = "", None, None


def _joined_by(session: Session, call_id: str, action_id: str) -> WaitlistEntry | None:
    mine = (col(WaitlistEntry.call_id) == call_id, col(WaitlistEntry.action_id) == action_id)
    return session.exec(select(WaitlistEntry).where(*mine)).first()


def _same_wait(session: Session, wish: JoinWaitlist) -> WaitlistEntry | None:
    """Where this patient waits for this kind of visit already; an offer that is open now stays open."""
    mine = (
        col(WaitlistEntry.patient_blind) == patient_blind(wish.patient_id),
        col(WaitlistEntry.visit_type) == wish.wish.visit_type,
        col(WaitlistEntry.state).in_(LIVE),
    )
    return session.exec(select(WaitlistEntry).where(*mine)).first()


def _own_entry(session: Session, entry_id: str, patient_id: str) -> WaitlistEntry:
    """Locked, so that a yes, a no and the passing of time wait for each other. Raises `NotFound`."""
    entry = session.get(WaitlistEntry, entry_id, with_for_update=True, populate_existing=True)
    if entry is None or entry.patient_id != patient_id:
        raise NotFound("this patient has no such entry on the waitlist")
    return entry


def _offered_to(session: Session, number: str) -> WaitlistEntry | None:
    query = select(WaitlistEntry).where(col(WaitlistEntry.offered_to) == phone_blind(number))
    return session.exec(query.with_for_update()).first()


def _last_offered(session: Session, number: str) -> WaitlistEntry | None:
    mine = (
        col(WaitlistEntry.number_blind) == phone_blind(number),
        col(WaitlistEntry.offered_at).is_not(None),
    )
    query = select(WaitlistEntry).where(*mine).order_by(col(WaitlistEntry.offered_at).desc())
    return session.exec(query).first()
