"""Who is calling: identity against the chart, and the part of a chart that identity allows to be known.

Two items besides the name are asked for (45 CFR 164.514(h) leaves the method to the practice): the exact
birth date, and the caller's number or the ZIP code on file. Nothing ever says which of them failed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product

from sqlmodel import Session

from backends.chart import Chart
from backends.checkins import EmbeddedCheckins
from backends.confidential import is_marked
from backends.identity import (
    Likeness,
    is_current,
    may_be_mistaken,
    name_matches,
    names_of,
    phones_of,
    spoken_name,
    zip_matches,
)
from backends.one_time_codes import OneTimeCodes
from backends.practice import Practice
from backends.proxies import authority_of, permission
from backends.refusals import Json
from backends.views import Places, Views
from models.audit import append
from models.domain import (
    Authority,
    CheckCode,
    CodeNotSent,
    CodeRefused,
    CodeSent,
    IdentityLevel,
    IdentityRefused,
    IdentityVerified,
    PatientView,
    PermissionRecorded,
    ProxyScope,
    RecordPermission,
    SendCode,
    VerifyIdentity,
)
from models.errors import NotFound
from models.guards import failed_attempts, failed_attempts_in_call, note_identity_attempt

ATTEMPTS_PER_CALL = 3
FAILURES_PER_NUMBER = 5
LOCK_TIME = timedelta(hours=24)


class EmbeddedDirectory:
    """`models.domain.Directory` on the embedded chart."""

    def __init__(
        self, chart: Chart, practice: Practice, system_url: str, places: Places, checkins: EmbeddedCheckins
    ) -> None:
        """``places``: where a patient waits on the waitlist."""
        self._chart = chart
        self._codes = OneTimeCodes(chart, practice.name)
        self._system_url = system_url
        self._store = chart.store
        self._practice = practice
        self._views = Views(chart.store, practice, system_url, places, checkins)

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

    async def locked(self, caller_number: str) -> bool:
        """Whether a number has failed so often in 24 hours that its calls are a person's."""
        now = self._chart.clock()
        return await self._chart.storage.read(lambda s: _number_locked(s, caller_number, now))

    async def view(self, patient_id: str, level: IdentityLevel, *, by_proxy: bool = False) -> PatientView:
        """What a call may know of a patient; of what is confidential nothing, where another speaks for them.

        Raises `NotFound` below L1 and for an unknown patient.
        """
        if level is IdentityLevel.L0:
            raise NotFound("nobody's chart is open to an unidentified caller")
        now = self._chart.clock()
        read = self._chart.storage.read
        return await read(lambda s: self._views.view(s, patient_id, level, now, by_proxy=by_proxy))

    async def send_code(self, wish: SendCode, *, call_id: str) -> CodeSent | CodeNotSent:
        return await self._codes.send(wish, call_id=call_id)

    async def check_code(
        self, wish: CheckCode, *, caller_number: str, call_id: str
    ) -> IdentityVerified | CodeRefused:
        return await self._codes.check(wish, caller_number=caller_number, call_id=call_id)

    async def record_permission(self, wish: RecordPermission, *, call_id: str) -> PermissionRecorded:
        """Keep the patient's spoken permission as a Consent, once per (call, action)."""
        now = self._chart.clock()
        day_end = self._practice.instant(now.astimezone(self._practice.zone).date() + timedelta(days=1))
        consent = permission(wish, now, day_end, self._system_url, call_id)
        value = consent["identifier"][0]["value"]
        query = f"identifier={self._system_url}/call|{value}"
        stored, _ = await self._chart.create(consent, if_none_exist=query)
        return PermissionRecorded(Authority((ProxyScope.ALL,), stored.ref, wish.relationship))

    def _verify(
        self, session: Session, claim: VerifyIdentity, caller_number: str, call_id: str, now: datetime
    ) -> IdentityVerified | IdentityRefused:
        if self._locked(session, caller_number, call_id, now):
            _audit(session, now, "identity-locked", f"call/{call_id}", call_id)
            return IdentityRefused(locked=True)
        fitting = self._matches(session, claim, caller_number)
        patient = fitting[0] if len(fitting) == 1 else None
        authority = self._authority(session, patient, claim, now) if patient else None
        accepted = patient is not None and (authority is not None or not claim.caller_names)
        if not self._is_no_guess(session, claim, caller_number, fitting):
            note_identity_attempt(session, caller_number, call_id=call_id, at=now, ok=accepted)
        if patient is not None and accepted:
            _audit(session, now, "identity-verified", f"Patient/{patient['id']}", call_id)
            return IdentityVerified(patient["id"], IdentityLevel.L1, authority)
        _audit(session, now, "identity-refused", f"call/{call_id}", call_id)
        locked = self._locked(session, caller_number, call_id, now)
        return IdentityRefused(locked, several=len(fitting) > 1)

    def _is_no_guess(
        self, session: Session, claim: VerifyIdentity, caller_number: str, fitting: list[Json]
    ) -> bool:
        """Who could be either of two has said nothing wrong; a claim without ZIP code from a number on no
        chart is not complete: it can open nothing.
        """
        if fitting:
            return len(fitting) > 1
        on_file = bool(caller_number) and self._store.all(session, "Patient", ("phone", caller_number))
        return not claim.zip_code and not on_file

    def _locked(self, session: Session, caller_number: str, call_id: str, now: datetime) -> bool:
        if failed_attempts_in_call(session, call_id) >= ATTEMPTS_PER_CALL:
            return True
        return _number_locked(session, caller_number, now)

    def _authority(
        self, session: Session, patient: Json, claim: VerifyIdentity, now: datetime
    ) -> Authority | None:
        """Of who speaks for the patient; None for a patient who speaks, and for a marked chart."""
        if not claim.caller_names or is_marked(patient):
            return None
        scopes = f"{self._system_url}/cs/proxy-scope"
        return authority_of(self._store, session, patient, claim.caller_names, now, scopes)

    def _matches(self, session: Session, claim: VerifyIdentity, caller_number: str) -> list[Json]:
        """The patients who fit in every item, as near as anybody does.

        Names as spelled go before names that merely sound alike, the caller's number before the ZIP code. A
        first name that was only heard may be a twin's: then both fit, until it is spelled.
        """
        born = self._store.all(session, "Patient", ("birthdate", claim.dob.isoformat()))
        known = [patient for patient in born if is_current(patient)]
        reachable = (
            [patient for patient in known if caller_number in phones_of(patient)],
            [patient for patient in known if zip_matches(patient, claim.zip_code)],
        )
        for likeness, patients in product(Likeness, reachable):
            names, spelled = claim.names, claim.spelled
            fitting = [p for p in patients if name_matches(names, names_of(p), likeness, spelled=spelled)]
            if fitting:
                return fitting if spelled else [*fitting, *_twins(patients, fitting, names)]
        return []


def _twins(patients: list[Json], fitting: list[Json], names: tuple[str, ...]) -> list[Json]:
    """Others of that birth date, and of that number or ZIP code, whose first name may have been said."""
    return [p for p in patients if p not in fitting and may_be_mistaken(names, names_of(p))]


def _number_locked(session: Session, caller_number: str, now: datetime) -> bool:
    """Withheld numbers are many people: they are limited per call only."""
    since = now - LOCK_TIME
    return bool(caller_number) and failed_attempts(session, caller_number, since=since) >= FAILURES_PER_NUMBER


def _audit(session: Session, now: datetime, action: str, subject: str, call_id: str) -> None:
    append(session, at=now, actor="agent", action=action, subject=subject, why=f"call {call_id}")
