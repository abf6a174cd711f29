"""Refill requests on the embedded chart: facts, rules, then a proposal and a task for a person.

The agent writes MedicationRequest ``intent=proposal, status=draft`` and a Task to approve it
(https://hl7.org/fhir/R4/medicationrequest.html), never an order. Where refills are left a Task for the
pharmacy is kept in the vocabulary of NCPDP SCRIPT (https://standards.ncpdp.org/); no network carries it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from backends.chart import Chart, write_retrying
from backends.interaction_screen import detected_issue, find_issues, review_task
from backends.medicines import active_orders
from backends.practice import Practice
from backends.refill_adding import RefillAdding
from backends.refill_answers import answer, answer_of, inputs, task_wish, wants_proposal
from backends.refill_documents import Request, pharmacy_order, proposal
from backends.refill_facts import FactFinder
from backends.refill_policy import Policy, load_policy
from backends.refill_rules import judge
from backends.staff_tasks import StaffTasks, TaskOrder
from models.audit import append
from models.domain import AddToRefill, DrugIssue, RefillAdded, RefillAnswered, RefillOutcome, RequestRefill


class EmbeddedPharmacy:
    """`models.domain.Pharmacy` on the embedded chart."""

    def __init__(
        self, chart: Chart, practice: Practice, system_url: str, policy: Policy | None = None
    ) -> None:
        self._chart = chart
        self._system_url = system_url
        self._policy = policy or load_policy()
        self._finder = FactFinder(chart.store, practice, self._policy)
        self._tasks = StaffTasks(chart.store, practice, system_url)
        self._adding = RefillAdding(chart, practice, self._policy, self._tasks)

    async def request_refill(self, wish: RequestRefill, *, call_id: str) -> RefillAnswered:
        """Judge a request and write what its outcome calls for, in one transaction, once per (call, action).

        Raises `NotFound` when the order is not this patient's.
        """
        now = self._chart.clock()
        return await write_retrying(self._chart.storage, lambda s: self._request(s, wish, call_id, now))

    async def add_to_refill(self, wish: AddToRefill, *, call_id: str) -> RefillAdded:
        """Keep a word more with a request, once per (call, action). Raises `NotFound` for another's."""
        now = self._chart.clock()
        return await write_retrying(self._chart.storage, lambda s: self._adding.add(s, wish, call_id, now))

    def _request(self, session: Session, wish: RequestRefill, call_id: str, now: datetime) -> RefillAnswered:
        order = self._finder.order(session, wish)  # locked: requests for one order wait for each other
        before = self._answered(session, call_id, wish.action_id)
        if before is not None:
            return before
        found = find_issues(order, active_orders(self._chart.store, session, wish.patient_id), wish.beside)
        facts = self._finder.facts(session, wish, order, call_id, now)
        facts = replace(facts, issues=tuple(issue.detail for issue in found))
        request = Request(wish, order, facts, judge(facts, self._policy), call_id, now)
        given = self._already_open(session, request) or self._write(session, request)
        return replace(given, issues=self._note_issues(session, request, found))

    def _note_issues(
        self, session: Session, request: Request, found: tuple[DrugIssue, ...]
    ) -> tuple[DrugIssue, ...]:
        """Those that staff do not know of yet: each a DetectedIssue, all of them one task to review."""
        new = [self._note_issue(session, request, issue) for issue in found]
        issues = tuple(issue for issue in new if issue is not None)
        if issues:
            order = TaskOrder(review_task(request, issues), request.call_id, focus=issues[0].issue_ref)
            self._tasks.open(session, order, request.now)
        return issues

    def _note_issue(self, session: Session, request: Request, issue: DrugIssue) -> DrugIssue | None:
        """None: the same pair of this patient is known already."""
        system = f"{self._system_url}/drug-issue"
        value = f"{request.wish.patient_id}/{issue.rule.split()[0]}/{issue.detail}"
        if self._chart.store.by_identifier(session, "DetectedIssue", system, value):
            return None
        number = self._tasks.numbered(session, "DetectedIssue", request.call_id, "issue")
        document = detected_issue(request, issue, [number, {"system": system, "value": value}])
        return replace(issue, issue_ref=self._chart.store.create(session, document)[0].ref)

    def _answered(self, session: Session, call_id: str, action_id: str) -> RefillAnswered | None:
        """The answer that this action was given before."""
        row = self._tasks.opened(session, call_id, action_id)
        if row is not None:
            return answer_of(self._chart.store.read(session, "Task", _id(row.resource_ref)).body)
        sent = self._chart.store.by_identifier(
            session, "Task", f"{self._system_url}/action", f"{call_id}/{action_id}"
        )
        return answer_of(sent.body) if sent else None

    def _already_open(self, session: Session, request: Request) -> RefillAnswered | None:
        """The earlier request's answer; a new problem always makes a new task."""
        if request.wish.new_problem or request.verdict.outcome is RefillOutcome.PHARMACY_HAS_REFILLS:
            return None
        _, task = self._finder.open_request(session, request.wish, request.now)
        if task is None:
            return None
        order_id = request.wish.order_id
        return replace(
            answer_of(task), rules=request.verdict.rules, already_open=True, order_id=order_id, visit_type=""
        )

    def _write(self, session: Session, request: Request) -> RefillAnswered:
        _audit(session, request)
        if request.verdict.outcome is RefillOutcome.PHARMACY_HAS_REFILLS:
            return self._tell_pharmacy(session, request)
        proposal_ref = self._propose(session, request) if wants_proposal(request.verdict) else ""
        given = answer(request, proposal_ref, "", self._policy.bridge_visit_type)
        order = TaskOrder(
            wish=task_wish(request),
            call_id=request.call_id,
            focus=proposal_ref or f"MedicationRequest/{request.order['id']}",
            approve=bool(proposal_ref),
            inputs=inputs(given),
        )
        row = self._tasks.open(session, order, request.now)
        return replace(given, task_ref=row.resource_ref)

    def _propose(self, session: Session, request: Request) -> str:
        identifier = self._tasks.numbered(session, "MedicationRequest", request.call_id, "rx")
        document = proposal(request, identifier, self._policy.bridge_days)
        return self._chart.store.create(session, document)[0].ref

    def _tell_pharmacy(self, session: Session, request: Request) -> RefillAnswered:
        """Keep the order for the pharmacy stub; nothing is left for staff to do."""
        number = self._tasks.numbered(session, "Task", request.call_id, "fill")
        action = {
            "system": f"{self._system_url}/action",
            "value": f"{request.call_id}/{request.wish.action_id}",
        }
        given = answer(request, "", "", "")
        self._chart.store.create(session, pharmacy_order(request, [number, action], inputs(given)))
        return given


def _audit(session: Session, request: Request) -> None:
    append(
        session,
        at=request.now,
        actor="agent",
        action="refill-requested",
        subject=f"Patient/{request.wish.patient_id}",
        why=f"call {request.call_id}: {request.verdict.outcome.value}",
    )


def _id(reference: str) -> str:
    return reference.rpartition("/")[2]
