"""One patient as staff see them: who it is, visits, what they have agreed to or refused; and changing that.

Consent to texts rests in the chart (an extension of Patient); STOP and START rest with the number, as
carriers keep them (47 CFR 64.1200(a)(10)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from backends.appointments import type_code
from backends.chart import Chart, write_retrying
from backends.fhir_time import FhirTimeError, instant
from backends.identity import phones_of, spoken_name
from backends.medicines import active_orders, label_of
from backends.patient_state import replaced_by, why_closed
from backends.practice import Practice
from backends.proxies import ADULT_YEARS, age_years, relationship_of
from backends.refusals import Json, refuse
from backends.store import Stored
from backends.visit_texts import consent_url
from models.audit import append
from models.calls import phone_blind
from models.contact_tables import TextChoice
from models.errors import NotFound
from models.recording_choices import choose_recording, is_declined
from models.text_sending import withhold_queued
from models.texts import choose_texts

VISITS = 12


@dataclass(frozen=True, slots=True)
class Number:
    """A number on file. ``use``: "mobile", "old"; ``stopped``: it asked for no texts, at ``since``;
    ``recorded``: whether calls from it may be."""

    number: str
    use: str
    stopped: bool
    since: datetime | None = None
    recorded: bool = True


@dataclass(frozen=True, slots=True)
class Visit:
    """``status`` as FHIR has it: "booked", "cancelled", "waitlist"."""

    start: datetime | None
    what: str
    who: str
    status: str


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who may speak for the patient. ``scopes``: as the consent gives them; ``ends``: an ISO day, ""."""

    name: str
    relation: str
    scopes: tuple[str, ...]
    basis: str
    ends: str = ""


@dataclass(frozen=True, slots=True)
class PatientFile:
    """``version``: of the chart's document, for a form. ``texts``: agreed to texts about visits."""

    patient_id: str
    name: str
    other_names: tuple[str, ...]
    born: str
    gender: str
    numbers: tuple[Number, ...]
    provider: str
    closed: str
    replaced_by: str
    version: int
    texts: bool
    medicines: tuple[str, ...]
    visits: tuple[Visit, ...]
    speakers: tuple[Speaker, ...]


class PatientFiles:
    """Reads in the caller's transaction; what changes has its own."""

    def __init__(self, chart: Chart, practice: Practice, system_url: str) -> None:
        self._chart, self._store, self._practice = chart, chart.store, practice
        self._consent = consent_url(system_url)

    def file(self, session: Session, patient_id: str, now: datetime) -> PatientFile:
        """Raises `NotFound` for a patient whom the chart does not have (any more)."""
        stored = self._store.find(session, "Patient", patient_id)
        if stored is None:
            raise NotFound("no such patient")
        patient = stored.body
        names = list(dict.fromkeys(_names(patient)))
        return PatientFile(
            patient_id=patient_id,
            name=spoken_name(patient),
            other_names=tuple(name for name in names if name != spoken_name(patient)),
            born=str(patient.get("birthDate", "")),
            gender=str(patient.get("gender", "")),
            numbers=tuple(_numbers(session, patient)),
            provider=self._practice.provider_name(_provider_id(patient)),
            closed=why_closed(patient),
            replaced_by=replaced_by(patient),
            version=stored.version,
            texts=self._agreed(patient),
            medicines=tuple(label_of(order) for order in active_orders(self._store, session, patient_id)),
            visits=self._visits(session, patient_id),
            speakers=tuple(self._speakers(session, patient, now)),
        )

    async def agree_to_texts(self, patient_id: str, version: int, who: str, *, agreed: bool) -> None:
        """Keep it in the chart, on the patient's word. Raises `NotFound`, and a refusal (412) where the chart
        was changed since the form was shown.
        """
        now = self._chart.clock()
        await write_retrying(
            self._chart.storage, lambda s: self._agree(s, patient_id, version, who, now, agreed=agreed)
        )

    async def choose_for_number(
        self, patient_id: str, version: int, index: int, who: str, *, stopped: bool
    ) -> None:
        """STOP or START for a number on file, as if it had been texted. Raises as `agree_to_texts`."""
        now = self._chart.clock()

        def work(session: Session) -> None:
            number = self._number(session, patient_id, version, index)
            choose_texts(session, number, stopped=stopped, at=now)
            if stopped:
                withhold_queued(session, number)
            action = "texts stopped" if stopped else "texts allowed again"
            append(session, at=now, actor=who, action=action, subject=f"patient/{patient_id}")

        await self._chart.storage.write(work)

    async def choose_recording(
        self, patient_id: str, version: int, index: int, who: str, *, declined: bool
    ) -> None:
        """Whether calls from a number on file are recorded, from the next call on. Raises as
        `agree_to_texts`.
        """
        now = self._chart.clock()

        def work(session: Session) -> None:
            number = self._number(session, patient_id, version, index)
            choose_recording(session, number, declined=declined, at=now)
            action = "recording declined" if declined else "recording agreed"
            append(session, at=now, actor=who, action=action, subject=f"patient/{patient_id}")

        await self._chart.storage.write(work)

    def _number(self, session: Session, patient_id: str, version: int, index: int) -> str:
        """By its place among the numbers that the form showed."""
        numbers = list(_numbers(session, self._shown(session, patient_id, version).body))
        if not 0 <= index < len(numbers):
            raise NotFound("no such number on file")
        return numbers[index].number

    def _agree(
        self, session: Session, patient_id: str, version: int, who: str, now: datetime, *, agreed: bool
    ) -> None:
        stored = self._shown(session, patient_id, version)
        others = [one for one in stored.body.get("extension", []) if one.get("url") != self._consent]
        extension = [*others, {"url": self._consent, "valueBoolean": agreed}]
        self._store.update(session, {**stored.body, "extension": extension}, patient_id)
        action = "texts agreed" if agreed else "texts declined"
        append(session, at=now, actor=who, action=action, subject=f"patient/{patient_id}")

    def _shown(self, session: Session, patient_id: str, version: int) -> Stored:
        """The chart's document, as the form showed it."""
        stored = self._store.find(session, "Patient", patient_id, lock=True)
        if stored is None:
            raise NotFound("no such patient")
        if stored.version != version:
            raise refuse(412, "conflict", "the chart was changed meanwhile: look at it again")
        return stored

    def _agreed(self, patient: Json) -> bool:
        return any(
            one.get("url") == self._consent and one.get("valueBoolean") is True
            for one in patient.get("extension", [])
        )

    def _visits(self, session: Session, patient_id: str) -> tuple[Visit, ...]:
        mine = ("patient", f"Patient/{patient_id}")
        found = self._store.newest(session, "Appointment", "date", VISITS, mine)
        return tuple(self._visit(one) for one in found)

    def _visit(self, visit: Json) -> Visit:
        rule = self._practice.visit_rule(type_code(visit))
        people = (part.get("actor", {}) for part in visit.get("participant", []))
        ids = (str(who.get("reference", "")) for who in people)
        doctor = next(
            (ref.removeprefix("Practitioner/") for ref in ids if ref.startswith("Practitioner/")), ""
        )
        return Visit(
            start=_instant(str(visit.get("start", ""))),
            what=rule.visit_type.name if rule else type_code(visit) or "visit",
            who=self._practice.provider_name(doctor),
            status=str(visit.get("status", "")),
        )

    def _speakers(self, session: Session, patient: Json, now: datetime) -> Iterator[Speaker]:
        """Whom the chart names, whatever they may; and who was given leave by voice."""
        mine = ("patient", f"Patient/{patient['id']}")
        consents = self._store.all(session, "Consent", mine)
        child = age_years(patient, now.date()) < ADULT_YEARS
        for person in self._store.all(session, "RelatedPerson", mine):
            given = [one for one in consents if _names_person(one, person["id"])] or [{}]
            for consent in given:
                yield _speaker(spoken_name(person), relationship_of(person), consent, child=child)
        for consent in consents:
            for name in _named_only(consent):
                yield _speaker(name, "", consent, child=False)


def _speaker(name: str, relation: str, consent: Json, *, child: bool) -> Speaker:
    provision = consent.get("provision", {})
    codes = (coding.get("code", "") for one in provision.get("code", []) for coding in one.get("coding", []))
    basis = str(consent.get("policyRule", {}).get("text", ""))
    if not consent:
        basis = "on file; a minor’s parent or guardian needs no form" if child else "on file, no permission"
    elif consent.get("status") != "active":
        basis = f"{basis} ({consent.get('status')})"
    ends = str(provision.get("period", {}).get("end", ""))[:10]
    return Speaker(name, relation, tuple(filter(None, codes)), basis, ends)


def _names_person(consent: Json, person_id: str) -> bool:
    actors = consent.get("provision", {}).get("actor", [])
    return any(one.get("reference", {}).get("reference") == f"RelatedPerson/{person_id}" for one in actors)


def _named_only(consent: Json) -> Iterator[str]:
    """Who is named in words, as a permission by voice has it."""
    for one in consent.get("provision", {}).get("actor", []):
        reference = one.get("reference", {})
        if reference.get("display") and not reference.get("reference"):
            yield str(reference["display"])


def _names(patient: Json) -> Iterator[str]:
    for name in patient.get("name", []):
        said = " ".join([*name.get("given", []), name.get("family", "")]).strip()
        if said:
            yield said


def _numbers(session: Session, patient: Json) -> Iterator[Number]:
    in_use = phones_of(patient)
    for item in patient.get("telecom", []):
        value = str(item.get("value", ""))
        if item.get("system") not in ("phone", "sms") or not value:
            continue
        choice = session.exec(
            select(TextChoice).where(col(TextChoice.number_blind) == phone_blind(value))
        ).first()
        use = str(item.get("use", "")) if value in in_use else "old"
        yield Number(
            value,
            use,
            bool(choice and choice.stopped),
            choice.at if choice else None,
            not is_declined(session, value),
        )


def _provider_id(patient: Json) -> str:
    references = (str(one.get("reference", "")) for one in patient.get("generalPractitioner", []))
    return next((ref.removeprefix("Practitioner/") for ref in references if "Practitioner/" in ref), "")


def _instant(text: str) -> datetime | None:
    try:
        return instant(text) if text else None
    except FhirTimeError:
        return None
