"""Refill requests on the embedded chart: facts, rules, then a proposal and a task for a person.

The agent writes MedicationRequest ``intent=proposal, status=draft`` and a Task to approve it
(https://hl7.org/fhir/R4/medicationrequest.html), never an order. Where refills are left a Task for the
pharmacy is kept in the vocabulary of NCPDP SCRIPT (https://standards.ncpdp.org/); no network carries it.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from backends.chart import Chart, write_retrying
from backends.practice import Practice
from backends.refill_documents import Request, pharmacy_order, proposal, summary
from backends.refill_facts import FactFinder
from backends.refill_policy import Policy, load_policy
from backends.refill_rules import Verdict, judge
from backends.refusals import Json
from backends.staff_tasks import StaffTasks, TaskOrder, input_texts
from models.audit import append
from models.domain import (
    OpenTask,
    Priority,
    RefillAnswered,
    RefillOutcome,
    RequestRefill,
    RuleResult,
    TaskKind,
)

MUST_PASS = ("not-controlled", "not-high-risk")  # for a proposal, whichever rule decided
MUST_NOT_FAIL = (
    "order-active",
    "dose-matches",
    "on-the-market",
    "no-new-problem",
)  # or the same again would be wrong
PROPOSED = (RefillOutcome.READY_FOR_APPROVAL, RefillOutcome.NEEDS_REVIEW, RefillOutcome.BRIDGE_SUGGESTED)


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

    async def request_refill(self, wish: RequestRefill, *, call_id: str) -> RefillAnswered:
        """Judge a request and write what its outcome calls for, in one transaction, once per (call, action).

        Raises `NotFound` when the order is not this patient's.
        """
        now = self._chart.clock()
        return await write_retrying(self._chart.storage, lambda s: self._request(s, wish, call_id, now))

    def _request(self, session: Session, wish: RequestRefill, call_id: str, now: datetime) -> RefillAnswered:
        order = self._finder.order(session, wish)  # locked: requests for one order wait for each other
        before = self._answered(session, call_id, wish.action_id)
        if before is not None:
            return before
        facts = self._finder.facts(session, wish, order, call_id, now)
        request = Request(wish, order, facts, judge(facts, self._policy), call_id, now)
        return self._already_open(session, request) or self._write(session, request)

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
        earlier = answer_of(task)
        return RefillAnswered(
            earlier.outcome, earlier.proposal_ref, earlier.task_ref, request.verdict.rules, already_open=True
        )

    def _write(self, session: Session, request: Request) -> RefillAnswered:
        _audit(session, request)
        if request.verdict.outcome is RefillOutcome.PHARMACY_HAS_REFILLS:
            return self._tell_pharmacy(session, request)
        proposal_ref = self._propose(session, request) if _wants_proposal(request.verdict) else ""
        order = TaskOrder(
            wish=_task_wish(request),
            call_id=request.call_id,
            focus=proposal_ref or f"MedicationRequest/{request.order['id']}",
            approve=bool(proposal_ref),
            inputs=_inputs(request.verdict, proposal_ref),
        )
        row = self._tasks.open(session, order, request.now)
        return RefillAnswered(request.verdict.outcome, proposal_ref, row.resource_ref, request.verdict.rules)

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
        inputs = _inputs(request.verdict, "")
        self._chart.store.create(session, pharmacy_order(request, [number, action], inputs))
        return RefillAnswered(request.verdict.outcome, "", "", request.verdict.rules)


def _wants_proposal(verdict: Verdict) -> bool:
    passed = {result.rule: result.passed for result in verdict.rules}
    safe = all(passed[rule] is True for rule in MUST_PASS)
    same = all(passed[rule] is not False for rule in MUST_NOT_FAIL)
    return verdict.outcome in PROPOSED and safe and same


def _task_wish(request: Request) -> OpenTask:
    return OpenTask(
        action_id=request.wish.action_id,
        kind=_kind(request.verdict),
        priority=_priority(request.verdict),
        summary=summary(request),
        patient_id=request.wish.patient_id,
    )


def _kind(verdict: Verdict) -> TaskKind:
    if verdict.outcome is RefillOutcome.HUMAN_NOW:
        return TaskKind.NURSE_NOW
    passed = {result.rule: result.passed for result in verdict.rules}
    if passed["on-the-market"] is False:
        return TaskKind.MED_CHANGE_REQUEST
    if passed["not-controlled"] is not True:
        return TaskKind.CONTROLLED_REFILL
    return TaskKind.MED_CHANGE_REQUEST if passed["dose-matches"] is False else TaskKind.REFILL_REVIEW


def _priority(verdict: Verdict) -> Priority:
    if verdict.outcome is RefillOutcome.HUMAN_NOW:
        return Priority.ASAP
    return Priority.URGENT if verdict.urgent else Priority.ROUTINE


def _inputs(verdict: Verdict, proposal_ref: str) -> list[tuple[str, str]]:
    """Outcome and every rule's result, kept with the task."""
    words = {True: "passed", False: "failed", None: "unknown"}
    results = [
        (f"rule {rule.rule}", f"{words[rule.passed]}: {rule.detail}".removesuffix(": "))
        for rule in verdict.rules
    ]
    return [("outcome", verdict.outcome.value), ("proposal", proposal_ref), *results]


def answer_of(task: Json) -> RefillAnswered:
    """The answer that a refill's Task was written from."""
    texts = input_texts(task)
    rules = tuple(_rule(name, text) for name, text in texts.items() if name.startswith("rule "))
    is_fill = any("/fill/" in item.get("value", "") for item in task.get("identifier", []))
    outcome = RefillOutcome(texts.get("outcome", RefillOutcome.NEEDS_REVIEW.value))
    return RefillAnswered(outcome, texts.get("proposal", ""), "" if is_fill else f"Task/{task['id']}", rules)


def _rule(name: str, text: str) -> RuleResult:
    word, _, detail = text.partition(": ")
    return RuleResult(name.removeprefix("rule "), {"passed": True, "failed": False}.get(word), detail)


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
