"""Check-ins on the practice's own database: which questionnaire fits a patient, and the answers kept.

The QuestionnaireResponse goes into the chart with the call's note (ehr_writeback): here is what staff and the
next call need at once.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from backends.chart import Chart, write_retrying
from backends.fhir_time import instant
from backends.index import Blind
from backends.practice import Practice
from backends.refusals import Json
from models.audit import append
from models.codec import from_json, to_json
from models.contact_tables import CheckinRow
from models.domain import CheckinFiled, CheckinStatus, Coding, FileCheckin, OpenCheckin, Questionnaire
from models.rows import insert_if_new

RECENT = timedelta(days=30)
FIT = "urn:firstring:checkin-fit"
DISCHARGE, SURGERY = Coding(FIT, "recent-discharge"), Coding(FIT, "recent-surgery")
_OVER = ("inactive", "remission", "resolved")
_INPATIENT = (
    "IMP",
    "ACUTE",
    "NONAC",
    "OBSENC",
)  # https://terminology.hl7.org/ValueSet-v3-ActEncounterCode.html
_PLANNED = "planned"  # the system of what a care plan asks for
_PATIENT = "checkin.patient"


class EmbeddedCheckins:
    """`models.domain.Checkins` on the embedded chart."""

    def __init__(
        self, chart: Chart, practice: Practice, questionnaires: Sequence[Questionnaire], blind: Blind
    ) -> None:
        self._blind = blind
        self._chart = chart
        self._store = chart.store
        self._practice = practice
        self._questionnaires = questionnaires  # they change while we run: signed, taken back

    async def file(self, wish: FileCheckin, *, call_id: str) -> CheckinFiled:
        """Keep the answers, once per (call, action)."""
        now = self._chart.clock()
        return await write_retrying(self._chart.storage, lambda s: self._file(s, wish, call_id, now))

    def _file(self, session: Session, wish: FileCheckin, call_id: str, now: datetime) -> CheckinFiled:
        row = CheckinRow(
            id=uuid.uuid4().hex,
            call_id=call_id,
            action_id=wish.action_id,
            patient_id=wish.patient_id,
            patient_blind=self._blind(_PATIENT, wish.patient_id),
            questionnaire=wish.questionnaire,
            status=wish.status.value,
            filed=to_json(wish),
            at=now,
        )
        if insert_if_new(session, row):
            _audit(session, wish, call_id, now)
        mine = (col(CheckinRow.call_id) == call_id, col(CheckinRow.action_id) == wish.action_id)
        return CheckinFiled(f"Checkin/{session.exec(select(CheckinRow.id).where(*mine)).one()}")

    def begun(self, session: Session, patient_id: str, now: datetime) -> OpenCheckin | None:
        """The newest check-in of today, in practice time, where it was not finished."""
        today = now.astimezone(self._practice.zone).date()
        mine = col(CheckinRow.patient_blind) == self._blind(_PATIENT, patient_id)
        row = session.exec(select(CheckinRow).where(mine).order_by(col(CheckinRow.at).desc())).first()
        if row is None or row.status != CheckinStatus.IN_PROGRESS:
            return None
        if row.at.astimezone(self._practice.zone).date() != today:
            return None
        filed: FileCheckin = from_json(row.filed or {})
        return OpenCheckin(filed.questionnaire, filed.answers)

    def fitting(
        self, session: Session, patient_id: str, now: datetime, *, by_proxy: bool = False
    ) -> tuple[str, ...]:
        """Names of the questionnaires that fit: planned ones first, then after hospital or surgery, then
        those of conditions. Nobody answers for a patient what is about their mind.
        """
        reasons = tuple(self._reasons(session, patient_id, now))
        asked = (one for one in self._questionnaires if not (by_proxy and one.self_only))
        ranked = ((_rank(one, reasons), one.name) for one in asked)
        return tuple(name for rank, name in sorted(ranked) if rank < len(reasons))

    def _reasons(self, session: Session, patient_id: str, now: datetime) -> Iterator[Coding]:
        """What the chart gives as reasons for a check-in, the strongest first."""
        yield from self._planned(session, patient_id)
        if any(_is_recent_stay(one, now) for one in self._all(session, "Encounter", patient_id)):
            yield DISCHARGE
        if any(_is_recent_surgery(one, now) for one in self._all(session, "Procedure", patient_id)):
            yield SURGERY
        for condition in self._all(session, "Condition", patient_id):
            if not _codes(condition.get("clinicalStatus")) & set(_OVER):
                yield from _codings(condition.get("code"))

    def _planned(self, session: Session, patient_id: str) -> Iterator[Coding]:
        for plan in self._all(session, "CarePlan", patient_id):
            if plan.get("status") == "active":
                for url in plan.get("instantiatesCanonical", []):
                    yield Coding(_PLANNED, url.partition("|")[0])

    def _all(self, session: Session, kind: str, patient_id: str) -> list[Json]:
        return self._store.all(session, kind, ("patient", f"Patient/{patient_id}"))


def _rank(one: Questionnaire, reasons: Sequence[Coding]) -> int:
    """The place of the first reason that this questionnaire is for; past the end for none."""
    return next((at for at, reason in enumerate(reasons) if _is_for(one, reason)), len(reasons))


def _is_for(one: Questionnaire, reason: Coding) -> bool:
    if reason.system == _PLANNED:
        return reason.code == one.url
    return any(fit.system == reason.system and _covers(fit, reason.code) for fit in one.fits)


def _covers(fit: Coding, code: str) -> bool:
    """A category of ICD-10-CM ("I50") covers what is below it ("I50.9")."""
    return code == fit.code or ("icd-10" in fit.system and code.startswith(f"{fit.code}."))


def _is_recent(at: str, now: datetime) -> bool:
    return timedelta(0) <= now - instant(at if "T" in at else f"{at}T00:00:00Z") <= RECENT


def _is_recent_stay(encounter: Json, now: datetime) -> bool:
    left = encounter.get("period", {}).get("end")
    inpatient = encounter.get("class", {}).get("code") in _INPATIENT
    return inpatient and bool(left) and _is_recent(left, now)


def _is_recent_surgery(procedure: Json, now: datetime) -> bool:
    """https://hl7.org/fhir/R4/procedure.html; SNOMED CT 387713003 is the category of surgical procedures."""
    at = procedure.get("performedDateTime") or procedure.get("performedPeriod", {}).get("end")
    surgical = "387713003" in _codes(procedure.get("category"))
    return surgical and procedure.get("status") == "completed" and bool(at) and _is_recent(at, now)


def _codings(concept: Any) -> Iterator[Coding]:
    for one in (concept or {}).get("coding", []):
        yield Coding(one.get("system", ""), one.get("code", ""))


def _codes(concept: Any) -> set[str]:
    return {coding.code for coding in _codings(concept)}


def _audit(session: Session, wish: FileCheckin, call_id: str, now: datetime) -> None:
    append(
        session,
        at=now,
        actor="agent",
        action="checkin-filed",
        subject=f"Patient/{wish.patient_id}",
        why=f"call {call_id}: {wish.status.value}",
    )
