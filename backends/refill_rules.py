"""May a refill request go ahead? Rules over facts, pure; the first that fails decides.

The order and the windows follow published clinic refill protocols. Every rule's result is kept, so that staff
see all that is open at once. Nothing here approves anything: the best outcome is a proposal for a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from backends.refill_policy import DrugFacts, Policy, load_policy
from models.domain import RefillOutcome, RuleResult
from words.dosing import Taking, taking
from words.strengths import strengths

DAYS_PER_MONTH = 30.44
RUN_OUT_SOON_DAYS = 2


@dataclass(frozen=True, slots=True)
class RefillFacts:
    """What is known about one request. None: could not be known. Dates are days in practice time."""

    today: date
    drug: DrugFacts
    label: str  # as ordered: "lisinopril 10 MG Oral Tablet"
    said: str = ""  # the caller's words for the medicine
    taking: str = ""  # and for strength and how often
    described: bool = False  # found by what it is for, not by its name
    ordered_taking: Taking = field(default_factory=Taking)  # how the order says to take it
    days_left: int | None = None  # as the caller says
    identified: bool | None = None
    order_active: bool = True
    new_problem: bool | None = None
    prescriber_here: bool | None = None
    ordered_on: date | None = None
    fills_allowed: int | None = None  # first fill and repeats
    fills_made: int | None = None
    last_fill: date | None = None
    last_fill_days: int | None = None  # days of supply
    last_fill_estimated: bool = False
    last_visit: date | None = None
    labs: Mapping[str, date] = field(default_factory=dict)  # by the policy's name, newest
    pharmacy_said: str = ""
    pharmacy_on_file: str = ""
    issues: tuple[str, ...] = ()  # what the screen of pairs finds
    open_request: str = ""  # reference of a request of the last days for the same order

    @property
    def says_out_soon(self) -> bool:
        """The caller says that it is used up within two days."""
        return self.days_left is not None and self.days_left <= RUN_OUT_SOON_DAYS

    @property
    def runs_out(self) -> date | None:
        """The day on which the last fill is used up."""
        if self.last_fill is None or self.last_fill_days is None:
            return None
        return self.last_fill + timedelta(days=self.last_fill_days)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, the rule that decided it ("" when all passed), and every rule's result."""

    outcome: RefillOutcome
    decided_by: str
    rules: tuple[RuleResult, ...]
    urgent: bool = False  # staff see to it today: a new problem, an emergency medicine, dangerous to miss


Answer = tuple[bool | None, str]  # passed (None: not known), detail


@dataclass(frozen=True, slots=True)
class Rule:
    """``unknown`` is the outcome when the rule could not be judged; None lets the request pass."""

    name: str
    check: Callable[[RefillFacts, Policy], Answer]
    failed: RefillOutcome
    unknown: RefillOutcome | None


def _identity(facts: RefillFacts, _: Policy) -> Answer:
    return facts.identified, "" if facts.identified else "not verified in this call"


def _order(facts: RefillFacts, _: Policy) -> Answer:
    return facts.order_active, "" if facts.order_active else "the order is not active"


def _named(facts: RefillFacts, _: Policy) -> Answer:
    return not facts.described, "told by its use, not by its name" if facts.described else ""


def _dose(facts: RefillFacts, _: Policy) -> Answer:
    words = f"{facts.said} {facts.taking}"
    said, ordered = strengths(words), strengths(facts.label)
    if not said <= ordered:
        return False, "the strength said is not the one ordered"
    differs = _taken_otherwise(taking(words), facts.ordered_taking)
    if differs:
        return False, differs
    return (True, "") if said else (None, "no strength was said")


def _taken_otherwise(said: Taking, ordered: Taking) -> str:
    """An order that does not tell how many stands for one at a time; one without a frequency for any."""
    if said.each is not None and said.each != (1.0 if ordered.each is None else ordered.each):
        return "takes another number at a time than ordered"
    if said.times is not None and ordered.times is not None and said.times != ordered.times:
        return "takes it more or less often than ordered"
    return ""


def _on_the_market(facts: RefillFacts, _: Policy) -> Answer:
    return not facts.drug.withdrawn, facts.drug.withdrawn


def _not_controlled(facts: RefillFacts, _: Policy) -> Answer:
    if facts.drug.controlled is None:
        return None, "schedule not known: counts as controlled"
    return not facts.drug.controlled, "controlled substance" if facts.drug.controlled else ""


def _not_high_risk(facts: RefillFacts, _: Policy) -> Answer:
    if facts.drug.high_risk is None:
        return None, "risk not known"
    return not facts.drug.high_risk, "high-risk medicine" if facts.drug.high_risk else ""


def _no_new_problem(facts: RefillFacts, _: Policy) -> Answer:
    if facts.new_problem is None:
        return None, "not asked"
    return not facts.new_problem, "new problem or side effect reported" if facts.new_problem else ""


def _prescriber(facts: RefillFacts, _: Policy) -> Answer:
    if facts.prescriber_here is None:
        return None, "the order names no prescriber"
    return facts.prescriber_here, "" if facts.prescriber_here else "prescribed elsewhere"


def _no_refills_left(facts: RefillFacts, policy: Policy) -> Answer:
    if facts.ordered_on and (facts.today - facts.ordered_on).days > policy.order_valid_days:
        return True, "the prescription is older than a year"
    if facts.fills_allowed is None or facts.fills_allowed <= 1:
        return True, "no refills were ordered"
    if facts.fills_made is None:
        return None, "refills were ordered; no fills are on record"
    left = facts.fills_allowed - facts.fills_made
    return left <= 0, f"{left} refills left" if left > 0 else "all refills are used"


def _not_too_soon(facts: RefillFacts, policy: Policy) -> Answer:
    if facts.last_fill is None or facts.last_fill_days is None:
        return None, "no fill and no length of supply on record"
    wait = -(-facts.last_fill_days * policy.early_percent // 100)
    due = facts.last_fill + timedelta(days=wait)
    note = "estimated from the order" if facts.last_fill_estimated else ""
    if facts.today >= due:
        return True, note
    return False, f"due from {due.isoformat()}" + (f", {note}" if note else "")


def _visit(facts: RefillFacts, _: Policy) -> Answer:
    if facts.last_visit is None:
        return False, "no visit on record"
    recent = within(facts.last_visit, facts.today, facts.drug.visit_months)
    return recent, "" if recent else f"last visit more than {facts.drug.visit_months} months ago"


def _labs(facts: RefillFacts, _: Policy) -> Answer:
    missing = [need for need in facts.drug.labs if not _lab_recent(facts, need.name, need.months)]
    return not missing, ", ".join(f"{need.name} older than {need.months} months" for need in missing)


def _lab_recent(facts: RefillFacts, name: str, months: int) -> bool:
    taken = facts.labs.get(name)
    return taken is not None and within(taken, facts.today, months)


def within(day: date, today: date, months: int) -> bool:
    """Whether a day is not longer ago than so many months."""
    return (today - day).days <= round(months * DAYS_PER_MONTH)


def _review_class(facts: RefillFacts, _: Policy) -> Answer:
    return not facts.drug.review, facts.drug.review


def _pharmacy(facts: RefillFacts, _: Policy) -> Answer:
    if not facts.pharmacy_said or not facts.pharmacy_on_file:
        return None, "no pharmacy to compare"
    same = pharmacy_key(facts.pharmacy_said) == pharmacy_key(facts.pharmacy_on_file)
    return same, "" if same else "not the pharmacy on file"


def pharmacy_key(name: str) -> str:
    """A pharmacy's name as people may shorten it: "Main Street" is "Main Street Pharmacy"."""
    words = re.findall(r"[a-z0-9]+", name.lower())
    return " ".join(
        word for word in words if word not in ("the", "pharmacy", "drugstore", "drug", "drugs", "store")
    )


def _not_pending(facts: RefillFacts, _: Policy) -> Answer:
    return not facts.open_request, "an earlier request is open" if facts.open_request else ""


def _screen(facts: RefillFacts, _: Policy) -> Answer:
    """The pairs stand in their own task: the note must name no medicine that nobody spoke of."""
    count = len(facts.issues)
    return not count, f"{count} to review" if count else ""


_REVIEW = RefillOutcome.NEEDS_REVIEW
_REFUSED = RefillOutcome.REFUSED_AUTOMATION

RULES = (
    Rule("identity", _identity, RefillOutcome.NEEDS_REVIEW, _REVIEW),
    Rule("order-active", _order, _REVIEW, _REVIEW),
    Rule("order-named", _named, _REVIEW, _REVIEW),
    Rule("dose-matches", _dose, _REVIEW, None),
    Rule("on-the-market", _on_the_market, _REFUSED, _REFUSED),
    Rule("not-controlled", _not_controlled, _REFUSED, _REFUSED),
    Rule("not-high-risk", _not_high_risk, _REFUSED, _REFUSED),
    Rule("no-new-problem", _no_new_problem, RefillOutcome.HUMAN_NOW, _REVIEW),
    Rule("prescriber-here", _prescriber, _REVIEW, _REVIEW),
    Rule("no-refills-left", _no_refills_left, RefillOutcome.PHARMACY_HAS_REFILLS, _REVIEW),
    Rule("not-too-soon", _not_too_soon, _REVIEW, _REVIEW),
    Rule("visit-recent", _visit, RefillOutcome.BRIDGE_SUGGESTED, _REVIEW),
    Rule("labs-recent", _labs, _REVIEW, _REVIEW),
    Rule("class-may-renew", _review_class, _REVIEW, _REVIEW),
    Rule("pharmacy-on-file", _pharmacy, _REVIEW, _REVIEW),
    Rule("not-pending", _not_pending, _REVIEW, _REVIEW),
    Rule("interaction-screen", _screen, _REVIEW, _REVIEW),
)


def judge(facts: RefillFacts, policy: Policy | None = None) -> Verdict:
    """The verdict on a request: every rule is asked, the first that does not pass decides."""
    policy = policy or load_policy()
    results: list[RuleResult] = []
    outcome, decided_by = RefillOutcome.READY_FOR_APPROVAL, ""
    for rule in RULES:
        passed, detail = rule.check(facts, policy)
        results.append(RuleResult(rule.name, passed, detail))
        stops = rule.failed if passed is False else rule.unknown if passed is None else None
        if stops is not None and not decided_by:
            outcome, decided_by = stops, rule.name
    return Verdict(outcome, decided_by, tuple(results), urgent=_urgent(facts))


def _urgent(facts: RefillFacts) -> bool:
    out = facts.runs_out
    soon = facts.says_out_soon or (out is not None and (out - facts.today).days <= RUN_OUT_SOON_DAYS)
    return facts.new_problem is True or facts.drug.expedite or (facts.drug.run_out_matters and soon)
