"""Appointment resources, https://hl7.org/fhir/R4/appointment.html: written, read back, counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from backends.fhir_time import fhir_instant, instant
from backends.practice import Practice
from backends.refusals import ChartRefusal, Json, PatientBusy, TooManyVisits
from backends.schedule_rules import Candidate
from backends.store import ChartStore, Stored
from backends.visit_types import VisitRule
from models.domain import BookedVisit, JoinWaitlist, VisitType
from models.errors import NotFound

MAX_OPEN_VISITS = 2  # of one type, for one patient
CONFIRMED = "StructureDefinition/confirmed-by-patient"  # Appointment.extension, valueDateTime
CANCELLATION_REASONS = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"


@dataclass(frozen=True, slots=True)
class Booking:
    """What an Appointment is written from."""

    patient_id: str
    opening: Candidate
    rule: VisitRule
    call_id: str
    action_id: str
    reason: str = ""
    instead_of: str = ""  # the id of the appointment that this one replaces
    comment: str = ""  # for staff; "": that the assistant booked it in this call
    needs: str = ""  # what staff must have ready, in the caller's words


class Appointments:
    """Reads and writes Appointments within the caller's transaction."""

    def __init__(self, store: ChartStore, practice: Practice, system_url: str) -> None:
        self._store = store
        self._practice = practice
        self._system_url = system_url

    def made_by(self, session: Session, call_id: str, action_id: str) -> Stored | None:
        """The appointment that this action of this call has already made."""
        value = f"{call_id}/{action_id}"
        return self._store.by_identifier(session, "Appointment", f"{self._system_url}/action", value)

    def open_visit(self, session: Session, appointment_id: str, patient_id: str) -> Stored:
        """The patient's own appointment, whatever its status. Raises `NotFound`."""
        try:
            stored = self._store.read(session, "Appointment", appointment_id)
        except ChartRefusal:
            raise NotFound("no such appointment") from None
        if patient_of(stored.body) != patient_id:
            raise NotFound("no such appointment for this patient")
        return stored

    def check_room(self, session: Session, booking: Booking, now: datetime) -> None:
        """Raises `PatientBusy` or `TooManyVisits`; the appointment that is replaced does not count."""
        busy = self.times(session, booking.patient_id, now, booking.instead_of)
        if any(booking.opening.overlaps(*span) for span in busy):
            raise PatientBusy("the patient has another visit at that time")
        visits = [
            visit
            for visit in self.upcoming(session, booking.patient_id, now)
            if visit["id"] != booking.instead_of
        ]
        same = [visit for visit in visits if type_code(visit) == booking.rule.visit_type.code]
        if len(same) >= MAX_OPEN_VISITS:
            raise TooManyVisits("the patient already has the most open visits of this type")

    def upcoming(self, session: Session, patient_id: str, now: datetime) -> list[Json]:
        """The patient's booked appointments that have not ended, earliest first."""
        yesterday = now - timedelta(days=1)  # a visit may have begun already
        found = self._store.all(
            session,
            "Appointment",
            ("patient", f"Patient/{patient_id}"),
            ("status", "booked"),
            ("date", f"ge{fhir_instant(yesterday)}"),
        )
        timed = [visit for visit in found if "start" in visit and "end" in visit]
        return sorted((v for v in timed if instant(v["end"]) > now), key=lambda v: instant(v["start"]))

    def times(
        self, session: Session, patient_id: str, now: datetime, but: str = ""
    ) -> list[tuple[datetime, datetime]]:
        """When the patient is expected already, the visit ``but`` left aside; nothing for nobody."""
        visits = self.upcoming(session, patient_id, now) if patient_id else []
        return [(instant(v["start"]), instant(v["end"])) for v in visits if v["id"] != but]

    def write(self, session: Session, booking: Booking, appointment_id: str, now: datetime) -> Stored:
        """Store the booked Appointment under this id: a new one, or one that was on the waitlist."""
        return self._store.update(session, self.document(session, booking, now), appointment_id)[0]

    def confirm(self, session: Session, stored: Stored, now: datetime) -> Stored:
        """The patient has said that they will come."""
        document = self.confirmed(stored.body, now)
        return self._store.update(session, document, stored.body["id"], if_match=stored.etag)[0]

    def confirmed(self, visit: Json, now: datetime) -> Json:
        """The Appointment with the patient's part accepted, and when that was."""
        url = f"{self._system_url}/{CONFIRMED}"
        patient = {"reference": f"Patient/{patient_of(visit)}"}
        parts = [
            {**part, "status": "accepted"} if part.get("actor") == patient else part
            for part in visit["participant"]
        ]
        others = [one for one in visit.get("extension", []) if one.get("url") != url]
        extension = [*others, {"url": url, "valueDateTime": fhir_instant(now)}]
        return {**visit, "participant": parts, "extension": extension}

    def cancel(self, session: Session, stored: Stored, reason: str, words: str = "") -> Stored:
        """Set the status ``cancelled`` with its reason, also in words where there are any."""
        why: Json = {"coding": [{"system": CANCELLATION_REASONS, "code": reason}]}
        why |= {"text": words} if words else {}
        document = {**stored.body, "status": "cancelled", "cancelationReason": why}
        return self._store.update(session, document, stored.body["id"], if_match=stored.etag)[0]

    def _next_number(self, session: Session, call_id: str) -> int:
        number = 1
        while self._store.by_identifier(
            session, "Appointment", f"{self._system_url}/call", f"{call_id}/appt/{number}"
        ):
            number += 1
        return number

    def document(self, session: Session, booking: Booking, now: datetime) -> Json:
        """The booked Appointment, without an id."""
        number = self._next_number(session, booking.call_id)
        document: Json = {
            "resourceType": "Appointment",
            "identifier": [
                {"system": f"{self._system_url}/call", "value": f"{booking.call_id}/appt/{number}"},
                {"system": f"{self._system_url}/action", "value": f"{booking.call_id}/{booking.action_id}"},
            ],
            "status": "booked",
            "created": fhir_instant(now),
            "comment": booking.comment or _comment(booking),
            **self.frame(session, booking.opening, booking.rule.visit_type, booking.patient_id),
        }
        if booking.reason:
            document["reasonCode"] = [{"text": booking.reason}]
        if booking.instead_of:
            document["supportingInformation"] = [{"reference": f"Appointment/{booking.instead_of}"}]
        return document

    def frame(
        self, session: Session, opening: Candidate, visit_type: VisitType, patient_id: str = ""
    ) -> Json:
        """What every Appointment about an opening says: kind, time, slots, and who takes part."""
        return {
            "serviceType": [service_type(visit_type, self._system_url)],
            "slot": [{"reference": f"Slot/{slot_id}"} for slot_id in opening.slot_ids],
            "start": _local(opening.start, self._practice),
            "end": _local(opening.end, self._practice),
            "minutesDuration": opening.minutes,
            "participant": self._participants(session, opening, patient_id),
        }

    def _participants(self, session: Session, opening: Candidate, patient_id: str) -> list[Json]:
        slot = self._store.read(session, "Slot", opening.slot_ids[0]).body
        schedule_id = slot["schedule"]["reference"].rpartition("/")[2]
        actors = self._store.read(session, "Schedule", schedule_id).body["actor"]
        references = [f"Patient/{patient_id}"] if patient_id else []
        references += [actor["reference"] for actor in actors]
        return [
            {"actor": {"reference": reference}, "required": "required", "status": "accepted"}
            for reference in references
        ]


def service_type(visit_type: VisitType, system_url: str) -> Json:
    """A visit type as an Appointment names it."""
    if not visit_type.code:
        return {"text": "visit"}
    coding = {"system": f"{system_url}/cs/visit-type", "code": visit_type.code}
    return {"coding": [coding], "text": visit_type.name}


def waiting_visit(
    wish: JoinWaitlist, visit_type: VisitType, system_url: str, call_id: str, now: datetime
) -> Json:
    """The Appointment of status ``waitlist``: it has no time yet (invariant app-3 allows that)."""
    wanted = wish.wish
    people = [{"actor": {"reference": f"Patient/{wish.patient_id}"}, "status": "accepted"}]
    if wanted.provider_id:
        provider = {"reference": f"Practitioner/{wanted.provider_id}"}
        people.append({"actor": provider, "status": "needs-action"})
    document: Json = {
        "resourceType": "Appointment",
        "identifier": [{"system": f"{system_url}/action", "value": f"{call_id}/{wish.action_id}"}],
        "status": "waitlist",
        "serviceType": [service_type(visit_type, system_url)],
        "created": fhir_instant(now),
        "comment": f"Put on the waitlist by the AI phone assistant, call {call_id}",
        "participant": people,
    }
    days = (("start", wanted.from_date), ("end", wanted.to_date))
    period = {name: day.isoformat() for name, day in days if day is not None}
    if period:
        document["requestedPeriod"] = [period]
    if wish.appointment_id:
        document["supportingInformation"] = [{"reference": f"Appointment/{wish.appointment_id}"}]
    return document


def created_at(appointment: Json) -> datetime:
    """When it was made; one that does not say was made long ago."""
    return instant(appointment["created"]) if "created" in appointment else datetime.min.replace(tzinfo=UTC)


def _comment(booking: Booking) -> str:
    by = f"Booked by the AI phone assistant, call {booking.call_id}"
    return f"{by}. Needs: {booking.needs}" if booking.needs else by


def booked_visit(appointment: Json, practice: Practice) -> BookedVisit:
    """What a call may know of an appointment."""
    provider_id = _participant(appointment, "Practitioner")
    start, end = instant(appointment["start"]), instant(appointment["end"])
    return BookedVisit(
        appointment_id=appointment["id"],
        provider_id=provider_id,
        provider_name=practice.provider_name(provider_id),
        start=start,
        minutes=int((end - start).total_seconds()) // 60,
        visit_type=type_code(appointment),
    )


def patient_of(appointment: Json) -> str:
    """The id of the patient who takes part, "" for none."""
    return _participant(appointment, "Patient")


def slots_of(appointment: Json) -> list[str]:
    """The ids of the slots that an appointment fills."""
    return [item["reference"].rpartition("/")[2] for item in appointment.get("slot", [])]


def type_code(appointment: Json) -> str:
    """The visit type's code, "" for an appointment that came without one."""
    codings = (coding for item in appointment.get("serviceType", []) for coding in item.get("coding", []))
    return str(next((coding["code"] for coding in codings if "code" in coding), ""))


def _participant(appointment: Json, resource_type: str) -> str:
    references = (item.get("actor", {}).get("reference", "") for item in appointment["participant"])
    mine = (ref for ref in references if ref.startswith(f"{resource_type}/"))
    return str(next(mine, "")).rpartition("/")[2]


def _local(moment: datetime, practice: Practice) -> str:
    """An instant with the practice's own offset, as staff read it."""
    return moment.astimezone(practice.zone).isoformat(timespec="seconds")
