"""Visits booked, moved and given up at the desk: the same rules and the same cells as a caller's.

Who stands at the desk is looked at by a person: the notice that a visit needs, kinds that staff alone book,
and the limit of missed visits are the staff's to judge. What one patient may have at a time is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from backends.appointments import Booking, type_code
from backends.chart import Chart, write_retrying
from backends.day_sheet import Sheets
from backends.desk_trail import note
from backends.identity import letters, names_of, phones_of, spoken_name
from backends.patient_state import why_closed
from backends.practice import Practice
from backends.refusals import Json
from backends.schedule_rules import Candidate
from backends.scheduling import EmbeddedScheduling
from backends.store import Stored
from models.domain import Opening, OpeningGone, VisitBooked
from models.errors import Conflict, NotFound
from models.schedule import DeskBooking, DeskOrder, Ending, Person, Visit
from words.phonetic import similarity

MOST_PEOPLE = 20
FURTHEST_DAYS = 730  # as far as openings may be published
SOUNDS_ALIKE = 0.85  # of words.phonetic: about 0.9 is the same sound


class VisitChanged(Conflict):
    """Somebody else did something with the visit after this form was shown."""

    code = "visit-changed"
    fix = "Look at the schedule again."


class DeskVisits:
    """Each deed is one transaction with its line of the audit trail, once for each form."""

    def __init__(
        self, chart: Chart, practice: Practice, scheduling: EmbeddedScheduling, system_url: str
    ) -> None:
        self._chart, self._practice, self._scheduling = chart, practice, scheduling
        self._sheets = Sheets(chart.store, practice, system_url)

    async def people(self, name: str, born: date) -> tuple[Person, ...]:
        """Patients born that day whose names hold every word of ``name``: begun, or as it sounds."""
        words = letters(name).split()

        def work(session: Session) -> tuple[Person, ...]:
            found = self._chart.store.all(session, "Patient", ("birthdate", born.isoformat()))
            fitting = [one for one in found if not why_closed(one) and _is_called(one, words)]
            return tuple(_person(one) for one in fitting[:MOST_PEOPLE])

        return await self._chart.storage.read(work) if words else ()

    async def person(self, patient_id: str) -> Person:
        """Raises `NotFound`."""

        def work(session: Session) -> Person:
            stored = self._chart.store.find(session, "Patient", patient_id)
            if stored is None or why_closed(stored.body):
                raise NotFound("no such patient")
            return _person(stored.body)

        return await self._chart.storage.read(work)

    async def openings(
        self, visit_type: str, day: date, provider_id: str = "", patient_id: str = "", but: str = ""
    ) -> tuple[Opening, ...]:
        """What can be booked on a day, or on the next within a month that has any, earliest first.

        None meets a visit of the patient other than ``but``. Raises `NotFound` for an unknown visit type.
        """
        rule, now = self._scheduling.rule(visit_type), self._chart.clock()
        rule = replace(rule, lead_min=0, horizon_days=FURTHEST_DAYS)
        whom = [provider_id] if provider_id else []

        def work(session: Session) -> tuple[Opening, ...]:
            busy = self._scheduling.appointments.times(session, patient_id, now, but)
            for days in _looks(day):
                begin, end = self._practice.instant(days[0]), self._practice.instant(days[1])
                found = self._scheduling.openings.between(session, rule, begin, end, now, whom)
                if free := [one for one in found if not any(one.overlaps(*span) for span in busy)]:
                    return tuple(self._scheduling.opening(one) for one in self._of_first_day(free))
            return ()

        return await self._chart.storage.read(work)

    def _of_first_day(self, found: Sequence[Candidate]) -> Iterator[Candidate]:
        day = found[0].start.astimezone(self._practice.zone).date()
        return (one for one in found if one.start.astimezone(self._practice.zone).date() == day)

    async def book(self, wish: DeskBooking, order: DeskOrder) -> VisitBooked | OpeningGone:
        """Raises `NotFound`, also for a chart that is not in use, `PatientBusy` or `TooManyVisits`."""
        rule, now, call_id = self._scheduling.rule(wish.visit_type), self._chart.clock(), _call_id(order)

        def work(session: Session) -> Stored:
            opening = self._scheduling.openings.read(session, wish.opening_id, now, wish.visit_type)
            self._scheduling.lock_patient(session, wish.patient_id)
            self._check_in_use(session, wish.patient_id)
            booking = Booking(
                wish.patient_id,
                opening,
                rule,
                call_id,
                "book",
                wish.reason,
                comment=_comment("Booked", order),
            )
            made = self._scheduling.write_visit(session, booking, now)
            self._scheduling.texts.confirm(session, made, wish.patient_id, opening.start, now)
            _audit(session, now, order, "visit book", made, wish.patient_id)
            return made

        return await self._scheduling.once(work, wish.opening_id, call_id, "book")

    def _check_in_use(self, session: Session, patient_id: str) -> None:
        stored = self._chart.store.find(session, "Patient", patient_id)
        if stored is None or why_closed(stored.body):
            raise NotFound("no such patient in use")

    async def visit(self, visit_id: str) -> Visit:
        """Raises `NotFound`, also for one that does not stand any more."""

        def work(session: Session) -> Visit:
            stored = self._chart.store.find(session, "Appointment", visit_id)
            found = self._sheets.visits(session, [stored] if stored else [])
            if not found:
                raise NotFound("no such visit")
            return found[0]

        return await self._chart.storage.read(work)

    async def cancel(self, ending: Ending, order: DeskOrder) -> None:
        """Raises `NotFound` and `VisitChanged`."""
        now = self._chart.clock()

        def work(session: Session) -> None:
            stored, patient_id = self._shown(session, ending)
            self._scheduling.free_visit(session, stored, ending.reason, ending.words)
            _audit(session, now, order, "visit cancel", stored, patient_id, ending.words)

        await write_retrying(self._chart.storage, work)

    async def move(self, ending: Ending, opening_id: str, order: DeskOrder) -> VisitBooked | OpeningGone:
        """Booked and given up in one transaction. Raises as `cancel` and `book`."""
        now, call_id = self._chart.clock(), _call_id(order)

        def work(session: Session) -> Stored:
            old, patient_id = self._shown(session, ending)
            opening = self._scheduling.openings.read(session, opening_id, now, type_code(old.body))
            rule, comment = self._scheduling.rule_of(old, opening), _comment("Moved", order)
            booking = Booking(
                patient_id, opening, rule, call_id, "move", _reason(old.body), old.body["id"], comment
            )
            moved = self._scheduling.write_visit(session, booking, now)
            self._scheduling.free_visit(session, old, ending.reason, ending.words)
            self._scheduling.texts.confirm(session, moved, patient_id, opening.start, now)
            _audit(session, now, order, "visit move", old, patient_id, ending.words)
            return moved

        return await self._scheduling.once(work, opening_id, call_id, "move")

    def _shown(self, session: Session, ending: Ending) -> tuple[Stored, str]:
        """The visit as the form showed it, with its patient; locked, so that of two forms one is late."""
        stored = self._chart.store.find(session, "Appointment", ending.visit_id, lock=True)
        if stored is None:
            raise NotFound("no such visit")
        if stored.body["status"] != "booked":
            raise VisitChanged("This visit does not stand any more")
        if stored.version != ending.version:
            raise VisitChanged("This visit has changed since you opened it")
        patient_id = self._sheets.visits(session, [stored])[0].patient_id
        if patient_id:
            self._scheduling.lock_patient(session, patient_id)
        return stored, patient_id


def _looks(day: date) -> Iterator[tuple[date, date]]:
    """The day by itself, then the weeks after it."""
    begin = day + timedelta(days=1)
    yield day, begin
    for number in range(4):
        yield begin + timedelta(days=7 * number), begin + timedelta(days=7 * (number + 1))


def _call_id(order: DeskOrder) -> str:
    """What stands in the place of a call."""
    return f"desk-{order.form_id}"


def _comment(deed: str, order: DeskOrder) -> str:
    return f"{deed} at the desk by {order.who}"


def _audit(
    session: Session,
    now: datetime,
    order: DeskOrder,
    action: str,
    stored: Stored,
    patient_id: str,
    words: str = "",
) -> None:
    subject = f"patient/{patient_id}" if patient_id else stored.ref
    why = f"{stored.ref}: {words}" if words else stored.ref
    note(session, now, order.who, action, subject, why)


def _reason(visit: Json) -> str:
    return next((str(why["text"]) for why in visit.get("reasonCode", []) if why.get("text")), "")


def _is_called(patient: Json, words: list[str]) -> bool:
    known = {part for given, family in names_of(patient) for part in (*given, *family, "".join(family))}
    known |= set(letters(spoken_name(patient)).split())
    return all(any(name.startswith(word) or _sounds(word, name) for name in known) for word in words)


def _sounds(word: str, name: str) -> bool:
    return similarity(word, name) >= SOUNDS_ALIKE


def _person(patient: Json) -> Person:
    numbers = sorted(phones_of(patient))
    usual = (item.get("reference", "") for item in patient.get("generalPractitioner", []))
    mine = next((ref for ref in usual if ref.startswith("Practitioner/")), "")
    return Person(
        patient_id=patient["id"],
        name=spoken_name(patient),
        born=str(patient.get("birthDate", "")),
        phone_end=numbers[0][-4:] if numbers else "",
        provider_id=mine.rpartition("/")[2],
    )
