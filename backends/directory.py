"""Who is calling: identity against the chart, and the part of a chart that identity allows to be known.

Two items besides the name are asked for (45 CFR 164.514(h) leaves the method to the practice): the exact
birth date, and the caller's number or the ZIP code on file. Nothing ever says which of them failed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import product

from sqlmodel import Session

from backends.appointments import Appointments, booked_visit
from backends.chart import Chart
from backends.identity import is_current, name_matches, names_of, phones_of, spoken_name, zip_matches
from backends.medicines import active_orders, medicine, pharmacy_of_order
from backends.practice import Practice
from backends.refusals import Json
from models.audit import append
from models.domain import (
    IdentityLevel,
    IdentityRefused,
    IdentityVerified,
    PatientView,
    VerifyIdentity,
    WaitlistPlace,
)
from models.errors import NotFound
from models.guards import failed_attempts, failed_attempts_in_call, note_identity_attempt

ATTEMPTS_PER_CALL = 3
FAILURES_PER_NUMBER = 5
LOCK_TIME = timedelta(hours=24)
Places = Callable[[Session, str, datetime], tuple[WaitlistPlace, ...]]


class EmbeddedDirectory:
    """`models.domain.Directory` on the embedded chart."""

    def __init__(self, chart: Chart, practice: Practice, system_url: str, places: Places) -> None:
        """``places``: where a patient waits on the waitlist."""
        self._chart = chart
        self._places = places
        self._store = chart.store
        self._practice = practice
        self._appointments = Appointments(chart.store, practice, system_url)

    async def names_at(self, caller_number: str) -> tuple[str, ...]:
        """Full names of the patients with that number on file: a hint to hear with, never spoken."""
        if not caller_number:
            return ()
        found = await self._chart.storage.read(
            lambda s: self._store.all(s, "Patient", ("phone", caller_number))
        )
        return tuple(spoken_name(patient) for patient in found)

    async def roster_names(self) -> tuple[str, ...]:
        """Every patient's full name: to hear with, never to speak."""
        found = await self._chart.storage.read(lambda s: self._store.all(s, "Patient"))
        return tuple(sorted({spoken_name(patient) for patient in found}))

    async def verify(
        self, claim: VerifyIdentity, *, caller_number: str, call_id: str
    ) -> IdentityVerified | IdentityRefused:
        """L1 for exactly one patient who fits; else refused, and locked after 3 failures in a call or
        5 in 24 hours from one number.
        """
        now = self._chart.clock()
        return await self._chart.storage.write(lambda s: self._verify(s, claim, caller_number, call_id, now))

    async def view(self, patient_id: str, level: IdentityLevel) -> PatientView:
        """What a call may know of a patient. Raises `NotFound` below L1 and for an unknown patient."""
        if level is IdentityLevel.L0:
            raise NotFound("nobody's chart is open to an unidentified caller")
        now = self._chart.clock()
        return await self._chart.storage.read(lambda s: self._view(s, patient_id, level, now))

    def _verify(
        self, session: Session, claim: VerifyIdentity, caller_number: str, call_id: str, now: datetime
    ) -> IdentityVerified | IdentityRefused:
        if self._locked(session, caller_number, call_id, now):
            _audit(session, now, "identity-locked", f"call/{call_id}", call_id)
            return IdentityRefused(locked=True)
        patient_id = self._only_match(session, claim, caller_number)
        note_identity_attempt(session, caller_number, call_id=call_id, at=now, ok=bool(patient_id))
        if patient_id:
            _audit(session, now, "identity-verified", f"Patient/{patient_id}", call_id)
            return IdentityVerified(patient_id, IdentityLevel.L1)
        _audit(session, now, "identity-refused", f"call/{call_id}", call_id)
        return IdentityRefused(locked=self._locked(session, caller_number, call_id, now))

    def _locked(self, session: Session, caller_number: str, call_id: str, now: datetime) -> bool:
        if failed_attempts_in_call(session, call_id) >= ATTEMPTS_PER_CALL:
            return True
        # Withheld numbers are many people: they are limited per call only.
        since = now - LOCK_TIME
        return bool(caller_number) and (
            failed_attempts(session, caller_number, since=since) >= FAILURES_PER_NUMBER
        )

    def _only_match(self, session: Session, claim: VerifyIdentity, caller_number: str) -> str:
        """The id of the one patient who fits in every item, "" for none or several.

        Names as spelled go before names that merely sound alike, the caller's number before the ZIP code.
        """
        born = self._store.all(session, "Patient", ("birthdate", claim.dob.isoformat()))
        known = [patient for patient in born if is_current(patient)]
        reachable = (
            [patient for patient in known if caller_number in phones_of(patient)],
            [patient for patient in known if zip_matches(patient, claim.zip_code)],
        )
        for by_sound, patients in product((False, True), reachable):
            fitting = [p for p in patients if name_matches(claim.names, names_of(p), by_sound)]
            if fitting:
                return str(fitting[0]["id"]) if len(fitting) == 1 else ""
        return ""

    def _view(self, session: Session, patient_id: str, level: IdentityLevel, now: datetime) -> PatientView:
        stored = self._store.find(session, "Patient", patient_id)
        if stored is None:
            raise NotFound("no such patient")
        orders = active_orders(self._store, session, patient_id)
        visits = self._appointments.upcoming(session, patient_id, now)
        provider_id = _usual_provider(stored.body)
        pharmacies = (pharmacy_of_order(self._store, session, order) for order in orders)
        return PatientView(
            patient_id=patient_id,
            given_name=spoken_name(stored.body).split(" ")[0],
            level=level,
            medicines=tuple(medicine(order) for order in orders),
            visits=tuple(booked_visit(visit, self._practice) for visit in visits),
            pharmacy_name=next((name for name in pharmacies if name), ""),
            provider_id=provider_id,
            provider_name=self._practice.provider_name(provider_id),
            waitlist=self._places(session, patient_id, now),
        )


def _usual_provider(patient: Json) -> str:
    references = (item.get("reference", "") for item in patient.get("generalPractitioner", []))
    mine = (ref.removeprefix("Practitioner/") for ref in references if ref.startswith("Practitioner/"))
    return str(next(mine, ""))


def _audit(session: Session, now: datetime, action: str, subject: str, call_id: str) -> None:
    append(session, at=now, actor="agent", action=action, subject=subject, why=f"call {call_id}")
