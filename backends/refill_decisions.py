"""What staff decide about a refill request, and the message that the pharmacy gets of it, exactly once.

Approved: the proposal becomes an order (MedicationRequest ``intent=order``), and the pharmacy stub keeps a
NewRx, or the RxRenewalResponse where the pharmacy had asked. Nothing is sent over any network. The task in
the queue is done in the same transaction.
"""

from __future__ import annotations

from datetime import datetime

import orjson
from sqlmodel import Session

from backends.chart import Chart, write_retrying
from backends.fhir_time import fhir_instant
from backends.medicines import RXNORM, label_of, pharmacy_of_order, supply_days
from backends.patient_state import why_closed
from backends.refill_answers import PROPOSED, answer_of
from backends.refill_gathering import issues_of
from backends.refill_ruling import (
    Ruling,
    check_may_decide,
    check_said_before,
    decision_of,
    settle,
    why_not_renew,
)
from backends.refusals import Json, refuse
from backends.script_messages import (
    DrugCoded,
    Message,
    NewRx,
    Prescribed,
    RxRenewalRequest,
    RxRenewalResponse,
    from_json,
    to_json,
)
from backends.staff_tasks import TASK_CODES, StaffTasks, TaskOrder, input_parts, input_texts
from models.audit import append
from models.domain import OpenTask, Priority, TaskKind
from models.errors import NotFound
from models.task_deeds import TaskMoved
from models.task_rules import TaskRefused

NDC = "http://hl7.org/fhir/sid/ndc"
REFERENCE = "RxReferenceNumber"
_OPEN = ("requested", "received", "accepted", "ready", "in-progress", "on-hold")


class RefillDecisions:
    """The staff's side of a refill request, each step in one transaction."""

    def __init__(self, chart: Chart, tasks: StaffTasks, system_url: str) -> None:
        self._chart = chart
        self._store = chart.store
        self._tasks = tasks
        self._system = f"{system_url}/script"

    async def decide(self, task_ref: str, ruling: Ruling, moved: TaskMoved | None = None) -> Message | None:
        """The message for the pharmacy; None for a denial that no pharmacy waits for.

        A second decision changes nothing and gives the first one's message. Raises `NotFound` for what is no
        refill request, a refusal (409) for approving what has no proposal, and `TaskRefused` where it is not
        this person's to decide, or no longer. ``moved`` is told that the task is done.
        """
        now = self._chart.clock()
        return await write_retrying(
            self._chart.storage, lambda s: self._decide(s, task_ref, ruling, now, moved)
        )

    async def receive(self, asked: RxRenewalRequest) -> str:
        """A pharmacy asks for a renewal: a task for staff, once per reference number; its reference."""
        now = self._chart.clock()
        return await write_retrying(self._chart.storage, lambda s: self._receive(s, asked, now))

    async def outbox(self) -> tuple[Message, ...]:
        """Every message kept for pharmacies, oldest first."""
        tasks = await self._chart.storage.read(
            lambda s: self._store.all(s, "Task", ("code", f"{self._system}|message"))
        )
        ordered = sorted(tasks, key=lambda task: str(task["authoredOn"]))
        return tuple(from_json(orjson.loads(input_texts(task)["message"])) for task in ordered)

    def _decide(
        self, session: Session, task_ref: str, ruling: Ruling, now: datetime, moved: TaskMoved | None
    ) -> Message | None:
        stored = self._store.find(session, "Task", task_ref.removeprefix("Task/"), lock=True)
        if stored is None or "outcome" not in input_texts(stored.body):
            raise NotFound("no such refill request")
        task = stored.body
        if task["status"] not in _OPEN or decision_of(task):
            check_said_before(task, ruling)
            return self._kept(session, task["id"])
        source = self._store.read(session, "MedicationRequest", _id(task["focus"]["reference"])).body
        whose = _id(task.get("for", {}).get("reference", ""))
        paired = bool(issues_of(self._store, session, [whose]))
        check_may_decide(answer_of(task), label_of(source), ruling, paired=paired)
        self._check_patient(session, task, ruling)
        self._check_order(session, source, ruling)
        message = self._carried_out(session, task, source, ruling, now)
        made = message.prescriber_order_number if message and ruling.grants else ""
        self._write_down(session, task, ruling, now, made)
        settle(session, task, ruling, now, moved, self._tasks)
        if message is not None:
            self._keep(session, task, message, now)
        return message

    def _check_patient(self, session: Session, task: Json, ruling: Ruling) -> None:
        """Nothing is ordered for a chart that is not in use. Raises `TaskRefused`."""
        patient = self._store.find(session, "Patient", _id(task.get("for", {}).get("reference", "")))
        closed = why_closed(patient.body) if patient else "no longer here"
        if ruling.grants and closed:
            raise TaskRefused(f"The patient’s chart is {closed}: look at it first.")

    def _check_order(self, session: Session, source: Json, ruling: Ruling) -> None:
        """Nothing is renewed that somebody has stopped since it was asked for. Raises `TaskRefused`."""
        name = _id(source.get("priorPrescription", {}).get("reference", ""))
        before = self._store.find(session, "MedicationRequest", name) if name else None
        problem = why_not_renew(source, before.body if before else source)
        if ruling.grants and problem:
            raise TaskRefused(problem)

    def _carried_out(
        self, session: Session, task: Json, source: Json, ruling: Ruling, now: datetime
    ) -> Message | None:
        reference = input_texts(task).get(REFERENCE, "")
        order_id = input_texts(task).get("order") or source["id"]
        if not ruling.grants:
            self._withdraw(session, source)
            denied = RxRenewalResponse(reference, order_id, ruling.kind, None, ruling.note)
            return denied if reference else None
        given = answer_of(task)
        if source["intent"] != "proposal" and not (reference and given.outcome in PROPOSED):
            raise refuse(409, "business-rule", "this request has no proposal that could be approved")
        order = self._order(session, source, ruling, now)
        prescribed = _prescribed(order)
        if reference:
            return RxRenewalResponse(reference, order["id"], ruling.kind, prescribed, ruling.note)
        return NewRx(order["id"], prescribed, pharmacy_of_order(self._store, session, order))

    def _order(self, session: Session, source: Json, ruling: Ruling, now: datetime) -> Json:
        """The order that a person made of the proposal; the proposal itself is done."""
        left_out = ("id", "meta", "identifier", "note", "requester")
        body = {name: value for name, value in source.items() if name not in left_out}
        body |= {"status": "active", "intent": "order", "authoredOn": fhir_instant(now)}
        body["requester"] = self._prescriber(session, source)
        dispense = body.get("dispenseRequest", {})
        if changed := ruling.changes(dispense):
            body["dispenseRequest"] = {**dispense, **changed}
        if source["intent"] == "proposal":
            body["basedOn"] = [{"reference": f"MedicationRequest/{source['id']}"}]
            self._store.update(session, {**source, "status": "completed"}, source["id"])
        else:
            body["priorPrescription"] = {"reference": f"MedicationRequest/{source['id']}"}
        return self._store.create(session, body)[0].body

    def _prescriber(self, session: Session, source: Json) -> Json:
        """The prescriber of the order before; the proposal's requester is the patient."""
        before = source.get("priorPrescription", {}).get("reference", "")
        stored = self._store.find(session, "MedicationRequest", _id(before)) if before else None
        asked: Json = (stored.body if stored else source).get("requester", {"display": "the practice"})
        return asked

    def _withdraw(self, session: Session, source: Json) -> None:
        """A proposal that was denied waits for nobody any more."""
        if source["intent"] == "proposal":
            self._store.update(session, {**source, "status": "cancelled"}, source["id"])

    def _write_down(self, session: Session, task: Json, ruling: Ruling, now: datetime, made: str) -> None:
        """``made`` is the id of the order that came of it, "" after a denial."""
        told = input_parts(
            [
                ("decision", ruling.kind.value),
                ("decided by person", ruling.by),
                ("order made", made),
                ("decision note", ruling.note),
            ]
        )
        status = "completed" if made else "rejected"
        changed = {**task, "status": status, "input": [*task.get("input", []), *told]}
        self._store.update(session, changed, task["id"])
        subject = str(task.get("for", {}).get("reference", ""))
        append(
            session, at=now, actor=ruling.by, action="refill-decided", subject=subject, why=ruling.kind.value
        )

    def _keep(self, session: Session, task: Json, message: Message, now: datetime) -> None:
        """The stub's outbox. The identifier is the task's, so that no task is answered twice."""
        self._store.create(
            session,
            {
                "resourceType": "Task",
                "identifier": [{"system": self._system, "value": task["id"]}],
                "status": "requested",
                "intent": "order",
                "code": {
                    "coding": [
                        {"system": TASK_CODES, "code": "fulfill"},
                        {"system": self._system, "code": "message"},
                    ]
                },
                "description": f"For the pharmacy stub: {message.status}",
                "authoredOn": fhir_instant(now),
                "input": input_parts([("message", orjson.dumps(to_json(message)).decode())]),
            },
        )

    def _kept(self, session: Session, task_id: str) -> Message | None:
        stored = self._store.by_identifier(session, "Task", self._system, task_id)
        return from_json(orjson.loads(input_texts(stored.body)["message"])) if stored else None

    def _receive(self, session: Session, asked: RxRenewalRequest, now: datetime) -> str:
        order = self._store.find(session, "MedicationRequest", asked.prescriber_order_number, lock=True)
        if order is None or order.body["intent"] != "order":
            raise NotFound("no such order")
        wish = OpenTask(
            f"rx-{asked.rx_reference_number}",
            TaskKind.REFILL_REVIEW,
            Priority.ROUTINE,
            f"Pharmacy asks for a renewal: {label_of(order.body)}",
            _id(order.body["subject"]["reference"]),
        )
        inputs = [
            ("outcome", "NEEDS_REVIEW"),
            ("order", order.body["id"]),
            (REFERENCE, asked.rx_reference_number),
            ("PharmacyRequestedRefills", str(asked.pharmacy_requested_refills)),
            ("LastFillDate", asked.last_fill_date),
        ]
        task = TaskOrder(wish, _call_of(asked), focus=order.ref, approve=True, inputs=inputs)
        return self._tasks.open(session, task, now).resource_ref


def _call_of(asked: RxRenewalRequest) -> str:
    """No call stands behind it: the reference number names it."""
    return f"pharmacy-{asked.rx_reference_number}"[:64]


def _prescribed(order: Json) -> Prescribed:
    dispense = order.get("dispenseRequest", {})
    quantity = dispense.get("quantity", {}).get("value")
    coded = {c.get("system"): c.get("code", "") for c in _codings(order)}
    drug = DrugCoded(label_of(order), coded.get(RXNORM, ""), coded.get(NDC, ""))
    return Prescribed(
        drug,
        None if quantity is None else float(quantity),
        supply_days(dispense.get("expectedSupplyDuration")),
        dispense.get("numberOfRepeatsAllowed"),
    )


def _codings(order: Json) -> list[Json]:
    found: list[Json] = order.get("medicationCodeableConcept", {}).get("coding", [])
    return found


def _id(reference: str) -> str:
    return reference.rpartition("/")[2]
