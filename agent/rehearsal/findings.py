"""The state of schedule, pharmacy, tasks and chart, from the database and from /fhir as others read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from sqlmodel import Session, select

from agent.rehearsal.stage import Opened
from models.chart import ChartResource
from models.contact_tables import WaitlistEntry
from models.tables import Page, StaffTask

# What a call may add to the chart without being asked about it: its own record.
OWN_RECORD = frozenset(
    {
        *("Device", "Encounter", "DocumentReference", "Provenance", "Communication", "Task"),
        *("QuestionnaireResponse", "Observation", "Slot", "DetectedIssue", "Consent", "AuditEvent"),
    }
)
PAGE_SIZE = "200"


@dataclass(frozen=True, slots=True)
class Visit:
    patient: str
    status: str
    start: datetime
    provider: str
    kind: str
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """What can be seen at one moment. Maps are from ids."""

    visits: dict[str, Visit]
    refills: dict[str, tuple[str, str, str]]  # proposal -> patient, medicine, pharmacy
    tasks: dict[str, tuple[str, str]]  # -> kind, patient
    pages: dict[str, str]  # -> red flag
    waitlist: dict[str, str]  # -> state
    versions: dict[str, int] = field(default_factory=dict)  # of the rest of the chart


async def look(opened: Opened) -> State:
    read = opened.services.storage.read
    rows: Any = await read(_rows)
    return State(
        visits={
            one["id"]: _visit(one)
            for one in await _all(opened.chart, "Appointment")
            if "start" in one  # one on the waiting list has no time yet
        },
        refills={
            one["id"]: _refill(one)
            for one in await _all(opened.chart, "MedicationRequest")
            if one.get("intent") == "proposal"
        },
        versions=await read(_versions),
        **rows,
    )


async def _all(chart: httpx.AsyncClient, kind: str) -> list[dict[str, Any]]:
    answer = await chart.get(f"/{kind}", params={"_count": PAGE_SIZE})
    answer.raise_for_status()
    return [entry["resource"] for entry in answer.json().get("entry", ())]


def _rows(session: Session) -> dict[str, Any]:
    tasks = session.exec(select(StaffTask)).all()
    pages = session.exec(select(Page)).all()
    waiting = session.exec(select(WaitlistEntry)).all()
    return {
        "tasks": {task.id: (task.kind, task.patient_id) for task in tasks},
        "pages": {page.id: page.red_flag_id for page in pages},
        "waitlist": {str(entry.id): str(entry.state) for entry in waiting},
    }


def _versions(session: Session) -> dict[str, int]:
    skipped = OWN_RECORD | {"Appointment"}
    rows = session.exec(
        select(ChartResource.resource_type, ChartResource.resource_id, ChartResource.version)
    ).all()
    return {f"{kind}/{key}": version for kind, key, version in rows if kind not in skipped}


def _visit(one: dict[str, Any]) -> Visit:
    who = [str(each["actor"].get("reference", "")) for each in one["participant"]]
    provider = next((ref for ref in who if ref.startswith("Practitioner")), "")
    kinds = [
        coding.get("code", "") for kind in one.get("serviceType", ()) for coding in kind.get("coding", ())
    ]
    return Visit(
        patient=next((ref.removeprefix("Patient/") for ref in who if ref.startswith("Patient/")), ""),
        status=one["status"],
        start=datetime.fromisoformat(one["start"]),
        provider=provider.partition("/")[2],
        kind=next(iter(kinds), ""),
    )


def _refill(one: dict[str, Any]) -> tuple[str, str, str]:
    medicine = one.get("medicationCodeableConcept", {}).get("text", "")
    pharmacy = one.get("dispenseRequest", {}).get("performer", {})
    return (
        one["subject"]["reference"].removeprefix("Patient/"),
        str(medicine),
        str(pharmacy.get("display") or pharmacy.get("reference", "")),
    )


@dataclass(frozen=True, slots=True)
class Changes:
    """What one call changed."""

    booked: list[Visit]
    cancelled: list[Visit]
    refills: list[tuple[str, str, str]]
    tasks: list[tuple[str, str]]
    pages: list[str]
    waitlist: int
    others: list[str]  # other resources, new or changed


def changes(before: State, after: State) -> Changes:
    new = [one for key, one in after.visits.items() if key not in before.visits]
    gone = [
        one
        for key, one in after.visits.items()
        if key in before.visits and before.visits[key].status == "booked" and one.status == "cancelled"
    ]
    odd = [
        f"Appointment/{key}"
        for key, one in before.visits.items()
        if after.visits.get(key) != one and after.visits[key] not in gone
    ]
    known = {f"MedicationRequest/{key}" for key in after.refills}
    touched = [key for key, n in after.versions.items() if before.versions.get(key) != n and key not in known]
    return Changes(
        booked=[one for one in new if one.status == "booked"],
        cancelled=gone,
        refills=_new(before.refills, after.refills),
        tasks=_new(before.tasks, after.tasks),
        pages=_new(before.pages, after.pages),
        waitlist=len(after.waitlist) - len(before.waitlist),
        others=odd + touched,
    )


def _new(before: dict[str, Any], after: dict[str, Any]) -> list[Any]:
    return [value for key, value in after.items() if key not in before]
