"""The refill rules and what they come to, in words for staff. The rules: docs/refills.md."""

from __future__ import annotations

from models.domain import RefillOutcome, RuleResult, TaskKind

DECIDE_FIRST = "The refill is not decided yet: decide about it under Refills first."
REFILL_KINDS = (TaskKind.REFILL_REVIEW, TaskKind.REFILL_TOO_SOON_QUESTION, TaskKind.CONTROLLED_REFILL)

OUTCOMES = {
    RefillOutcome.READY_FOR_APPROVAL: ("Every rule passed", "good"),
    RefillOutcome.NEEDS_REVIEW: ("Needs review", "warn"),
    RefillOutcome.BRIDGE_SUGGESTED: ("Visit overdue: a short supply is proposed", "warn"),
    RefillOutcome.HUMAN_NOW: ("A new problem was told", "danger"),
    RefillOutcome.REFUSED_AUTOMATION: ("Only a person may decide", "danger"),
    RefillOutcome.PHARMACY_HAS_REFILLS: ("The pharmacy still has refills", "calm"),
}
RULES = {
    "identity": "Identity verified in the call",
    "order-active": "Order active",
    "order-named": "Medicine told by its name",
    "dose-matches": "Dose as ordered",
    "on-the-market": "On the market",
    "not-controlled": "Not controlled",
    "not-high-risk": "Not high-risk",
    "no-new-problem": "No new problem",
    "prescriber-here": "Prescribed here",
    "no-refills-left": "No refills left at the pharmacy",
    "not-too-soon": "Not too soon",
    "visit-recent": "Visit recent",
    "labs-recent": "Laboratories recent",
    "class-may-renew": "Class may be renewed by protocol",
    "pharmacy-on-file": "Pharmacy as on file",
    "not-pending": "Not asked for already",
    "interaction-screen": "Screen of pairs clear",
}
# As the policy's file calls them.
LABS = {"tsh": "TSH", "a1c": "HbA1c", "ldl": "LDL", "inr": "INR", "kidney": "Kidney (eGFR or creatinine)"}


def hides_request(kind: str, outcome: str) -> bool:
    """Whether a task that ends so would say what nobody has decided, or lose the request from the queue:
    closed by hand nothing is ordered."""
    return outcome == "sent" or (
        kind == TaskKind.SAME_DAY_CALLBACK and outcome not in ("duplicate", "not-needed")
    )


def rule_words(rule: RuleResult) -> str:
    """ "Visit recent: last visit more than 12 months ago"."""
    name = RULES.get(rule.rule, rule.rule)
    return f"{name}: {rule.detail}" if rule.detail else name


def days_left(left: int | None) -> str:
    """By the last fill and its length."""
    if left is None:
        return "not known"
    if left < 0:
        return f"used up {-left} {'day' if left == -1 else 'days'} ago"
    return "used up today" if left == 0 else f"{left} {'day' if left == 1 else 'days'}"


def proposed(dosage: str, quantity: str, days: int | None, refills: int | None) -> str:
    """What an approval would order."""
    more = "" if refills is None else ("no refills" if refills == 0 else f"{refills} refills")
    parts = (dosage, f"quantity {quantity}" if quantity else "", f"{days} days" if days else "", more)
    return ", ".join(part for part in parts if part)
