"""What a judged request becomes: which task, how urgent, and the answer kept with it in the task's inputs."""

from __future__ import annotations

from backends.medicines import rxnorm_of
from backends.refill_documents import Request, summary
from backends.refill_rules import Verdict
from backends.refusals import Json
from backends.staff_tasks import input_texts
from models.domain import (
    OpenTask,
    Priority,
    RefillAnswered,
    RefillOutcome,
    RuleResult,
    TaskKind,
)

MUST_PASS = ("not-controlled", "not-high-risk")  # for a proposal, whichever rule decided
# Or the same again would be wrong.
MUST_NOT_FAIL = ("order-active", "dose-matches", "on-the-market", "no-new-problem")
PROPOSED = (RefillOutcome.READY_FOR_APPROVAL, RefillOutcome.NEEDS_REVIEW, RefillOutcome.BRIDGE_SUGGESTED)
_WORDS = {True: "passed", False: "failed", None: "unknown"}


def wants_proposal(verdict: Verdict) -> bool:
    passed = {result.rule: result.passed for result in verdict.rules}
    safe = all(passed[rule] is True for rule in MUST_PASS)
    same = all(passed[rule] is not False for rule in MUST_NOT_FAIL)
    return verdict.outcome in PROPOSED and safe and same


def task_wish(request: Request) -> OpenTask:
    return OpenTask(
        action_id=request.wish.action_id,
        kind=_kind(request),
        priority=_priority(request.verdict),
        summary=summary(request),
        patient_id=request.wish.patient_id,
    )


def _kind(request: Request) -> TaskKind:
    verdict = request.verdict
    if verdict.outcome is RefillOutcome.HUMAN_NOW:
        return TaskKind.NURSE_NOW
    if calls_today(request):
        return TaskKind.SAME_DAY_CALLBACK
    passed = {result.rule: result.passed for result in verdict.rules}
    if passed["on-the-market"] is False:
        return TaskKind.MED_CHANGE_REQUEST
    if passed["not-controlled"] is not True:
        return TaskKind.CONTROLLED_REFILL
    if passed["dose-matches"] is False:
        return TaskKind.MED_CHANGE_REQUEST
    too_soon = verdict.decided_by == "not-too-soon" and passed["not-too-soon"] is False
    return TaskKind.REFILL_TOO_SOON_QUESTION if too_soon else TaskKind.REFILL_REVIEW


def calls_today(request: Request) -> bool:
    """Out within two days, as the caller says, of what must not be missed (domain rules, section 3.1)."""
    return request.facts.says_out_soon and request.facts.drug.run_out_matters


def _priority(verdict: Verdict) -> Priority:
    if verdict.outcome is RefillOutcome.HUMAN_NOW:
        return Priority.ASAP
    return Priority.URGENT if verdict.urgent else Priority.ROUTINE


def answer(request: Request, proposal_ref: str, task_ref: str, visit_type: str) -> RefillAnswered:
    """The answer to a request that was just written."""
    verdict = request.verdict
    overdue = any(rule.rule == "visit-recent" and rule.passed is False for rule in verdict.rules)
    return RefillAnswered(
        verdict.outcome,
        proposal_ref,
        task_ref,
        verdict.rules,
        order_id=request.wish.order_id,
        decided_by=verdict.decided_by,
        urgent=calls_today(request),
        visit_type=visit_type if overdue and verdict.outcome in PROPOSED else "",
        medicine=request.facts.label,
        rxnorm=rxnorm_of(request.order),
    )


def inputs(given: RefillAnswered) -> list[tuple[str, str]]:
    """Outcome and every rule's result, kept with the task."""
    results = [
        (f"rule {rule.rule}", f"{_WORDS[rule.passed]}: {rule.detail}".removesuffix(": "))
        for rule in given.rules
    ]
    return [
        ("outcome", given.outcome.value),
        ("order", given.order_id),
        ("decided by", given.decided_by),
        ("visit due", given.visit_type),
        ("call back today", "yes" if given.urgent else ""),
        ("proposal", given.proposal_ref),
        ("medicine", given.medicine),
        ("rxnorm", given.rxnorm),
        *results,
    ]


def answer_of(task: Json) -> RefillAnswered:
    """The answer that a refill's Task was written from."""
    texts = input_texts(task)
    is_fill = any("/fill/" in item.get("value", "") for item in task.get("identifier", []))
    return RefillAnswered(
        RefillOutcome(texts.get("outcome", RefillOutcome.NEEDS_REVIEW.value)),
        texts.get("proposal", ""),
        "" if is_fill else f"Task/{task['id']}",
        tuple(_rule(name, text) for name, text in texts.items() if name.startswith("rule ")),
        order_id=texts.get("order", ""),
        decided_by=texts.get("decided by", ""),
        urgent=texts.get("call back today") == "yes",
        visit_type=texts.get("visit due", ""),
        medicine=texts.get("medicine", ""),
        rxnorm=texts.get("rxnorm", ""),
    )


def _rule(name: str, text: str) -> RuleResult:
    word, _, detail = text.partition(": ")
    return RuleResult(name.removeprefix("rule "), {"passed": True, "failed": False}.get(word), detail)
