"""The refill requests that wait for a person, each with what it takes to decide it: read, nothing written.

The rules' results are those of the call. Fills, visits and laboratories are as the chart has them now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from backends.chart import Chart
from backends.medicines import label_of, prescriber_id, supply_days
from backends.practice import Practice
from backends.refill_answers import answer_of
from backends.refill_case import PastRefill, Patient, RefillCase
from backends.refill_gathering import Gathered, focus_of, gather, patients_of
from backends.refill_policy import Policy
from backends.refill_requests import REFILL_KINDS
from backends.refill_ruling import decision_of, why_not_approve, why_not_deny, why_not_renew
from backends.refusals import Json
from backends.staff_tasks import input_texts
from models.domain import RefillOutcome, TaskKind
from models.errors import NotFound
from models.tables import StaffTask, TaskState
from models.task_rules import outcome_of

KINDS = REFILL_KINDS | {TaskKind.SAME_DAY_CALLBACK.value}  # what runs out today is a call back
OPEN = [state.value for state in TaskState if state is not TaskState.DONE]  # by its index, not by "not done"
MOST_DECIDED = 50
NO_PROPOSAL = "No proposal was made: what was asked for is not the order on file, or is for a person alone."


class RefillQueue:
    """Reads within the caller's transaction."""

    def __init__(self, chart: Chart, practice: Practice, policy: Policy) -> None:
        self._store, self._practice, self._policy = chart.store, practice, policy

    def waiting(
        self, session: Session, roles: frozenset[str], now: datetime, limit: int
    ) -> tuple[tuple[RefillCase, ...], int]:
        """The first ``limit`` undecided requests by their due time, and how many there are in all."""
        query = select(StaffTask).where(col(StaffTask.state).in_(OPEN), col(StaffTask.kind).in_(KINDS))
        rows = session.exec(query.order_by(col(StaffTask.due_at), col(StaffTask.created_at))).all()
        papers = self._papers(session, rows)
        asked = [
            (row, papers[row.id]) for row in rows if row.id in papers and not decision_of(papers[row.id])
        ]
        return self._cases(session, asked[:limit], roles, now), len(asked)

    def one(self, session: Session, task_id: str, roles: frozenset[str], now: datetime) -> RefillCase:
        """Raises `NotFound` for what is no refill request."""
        row = session.get(StaffTask, task_id)
        papers = self._papers(session, [row]) if row is not None else {}
        if row is None or task_id not in papers:
            raise NotFound("no such refill request")
        return self._cases(session, [(row, papers[task_id])], roles, now)[0]

    def awaits_decision(self, session: Session, row: StaffTask) -> bool:
        """Whether somebody could still approve what this task proposes: closing it would lose the request."""
        task = self._papers(session, [row]).get(row.id)
        if task is None or decision_of(task):
            return False
        if input_texts(task).get("RxReferenceNumber"):
            return True
        asked = self._store.find(session, "MedicationRequest", focus_of(task))
        return asked is not None and (asked.body["intent"], asked.body["status"]) == ("proposal", "draft")

    def decided(self, session: Session, since: datetime) -> tuple[PastRefill, ...]:
        """Those that were closed since then, the last first."""
        query = select(StaffTask).where(
            col(StaffTask.done_at) >= since, col(StaffTask.kind).in_(REFILL_KINDS)
        )
        rows = session.exec(query.order_by(col(StaffTask.done_at).desc()).limit(MOST_DECIDED)).all()
        papers = self._papers(session, rows)
        people = patients_of(self._store, session, [row.patient_id for row in rows])
        return tuple(
            self._past(papers[row.id], row, people[row.patient_id]) for row in rows if row.id in papers
        )

    def history(self, session: Session, patient_id: str, limit: int) -> tuple[PastRefill, ...]:
        """A patient's requests, the newest first, whoever answered them."""
        if not patient_id:
            return ()
        mine = ("patient", f"Patient/{patient_id}")
        tasks = [
            task
            for task in self._store.newest(session, "Task", "authored-on", 5 * limit, mine)
            if "outcome" in input_texts(task)
        ]
        references = [f"Task/{task['id']}" for task in tasks]
        query = select(StaffTask).where(col(StaffTask.resource_ref).in_(references))
        rows = {row.resource_ref: row for row in session.exec(query).all()}
        patient = patients_of(self._store, session, [patient_id])[patient_id]
        return tuple(self._past(task, rows.get(f"Task/{task['id']}"), patient) for task in tasks[:limit])

    def _past(self, task: Json, row: StaffTask | None, patient: Patient) -> PastRefill:
        texts, given = input_texts(task), answer_of(task)
        ended = outcome_of(row.kind, row.outcome) if row is not None else None
        by_pharmacy = "Filled by the pharmacy" if given.outcome is RefillOutcome.PHARMACY_HAS_REFILLS else ""
        return PastRefill(
            asked_on=str(task.get("authoredOn", ""))[:10],
            patient=patient,
            medicine=given.medicine or str(task.get("description", "")),
            became=texts.get("decision", "") or (ended.words if ended else by_pharmacy),
            who=texts.get("decided by person", "") or (row.owner if row and ended else ""),
            task_id=row.id if row is not None else "",
        )

    def _papers(self, session: Session, rows: Sequence[StaffTask]) -> dict[str, Json]:
        """The Tasks of the chart by the rows' ids, as far as they are refill requests."""
        ids = {row.id: row.resource_ref.removeprefix("Task/") for row in rows if row.resource_ref}
        papers = self._store.several(session, "Task", list(ids.values()))
        found = {row_id: papers[task_id] for row_id, task_id in ids.items() if task_id in papers}
        return {row_id: task for row_id, task in found.items() if "outcome" in input_texts(task)}

    def _cases(
        self, session: Session, asked: Sequence[tuple[StaffTask, Json]], roles: frozenset[str], now: datetime
    ) -> tuple[RefillCase, ...]:
        """All of them with the same few statements."""
        today = now.astimezone(self._practice.zone).date()
        found = gather(self._store, session, asked, self._policy)
        return tuple(self._case(row, task, found, roles, today) for row, task in asked)

    def _case(
        self, row: StaffTask, task: Json, found: Gathered, roles: frozenset[str], today: date
    ) -> RefillCase:
        texts, given = input_texts(task), answer_of(task)
        asked, before = found.asked(task), found.before(task)
        label = label_of(asked) or given.medicine
        drug = found.drugs[label]
        pharmacy_asks = bool(texts.get("RxReferenceNumber"))
        proposed = asked.get("intent") == "proposal" or pharmacy_asks
        dispense = asked.get("dispenseRequest", {})
        patient = found.patient(row.patient_id)
        return RefillCase(
            task=row,
            patient=patient,
            medicine=label,
            is_proposed=proposed,
            dosage=_dosage(asked),
            quantity=_quantity(dispense.get("quantity")),
            days_supply=supply_days(dispense.get("expectedSupplyDuration")),
            refills=dispense.get("numberOfRepeatsAllowed"),
            outcome=given.outcome,
            decided_by=given.decided_by,
            rules=given.rules,
            controlled=drug.controlled,
            high_risk=drug.high_risk,
            run_out_matters=drug.run_out_matters,
            prescriber=self._prescriber(before),
            pharmacy=found.pharmacy(before),
            pharmacy_asks=pharmacy_asks,
            said=found.said(row, texts),
            supply=found.supply(before, today),
            last_visit=found.last_visit(row.patient_id),
            labs=found.labs(row.patient_id, drug, today),
            issues=found.issues.get(row.patient_id, ()),
            why_not_approve=_why_not(proposed, patient.closed)
            or why_not_renew(asked, before)
            or why_not_approve(given, label, roles, paired=row.patient_id in found.issues),
            why_not_deny=why_not_deny(label, roles),
            decision=decision_of(task),
            decided_by_person=texts.get("decided by person", ""),
            order_made=texts.get("order made", ""),
        )

    def _prescriber(self, order: Json) -> str:
        known = self._practice.provider_name(prescriber_id(order))
        return known or str(order.get("requester", {}).get("display", ""))


def _why_not(proposed: bool, closed: str) -> str:
    """Why nobody may approve it."""
    if closed:
        return f"The patient’s chart is {closed}: look at it first."
    return "" if proposed else NO_PROPOSAL


def _dosage(order: Json) -> str:
    return next((str(one["text"]) for one in order.get("dosageInstruction", []) if one.get("text")), "")


def _quantity(quantity: Json | None) -> str:
    if not quantity or quantity.get("value") is None:
        return ""
    return f"{quantity['value']:g} {quantity.get('unit', '')}".strip()
