"""Refill requests as staff see them: what was asked for, what speaks for and against it, what I may do. Pure.

The agent never approves: each request is a proposal that a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlmodel import Session

from console import cards, days
from console.cards import Card
from console.refill_words import LABS, OUTCOMES, RULES, days_left, proposed, rule_words
from models.domain import RefillOutcome, RuleResult
from models.tables import StaffTask, TaskState


class Patient(Protocol):
    @property
    def patient_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def born(self) -> str: ...
    @property
    def closed(self) -> str: ...


class Said(Protocol):
    """In the caller's words; "" for what was not said."""

    @property
    def medicine(self) -> str: ...
    @property
    def taking(self) -> str: ...
    @property
    def beside(self) -> str: ...
    @property
    def pharmacy(self) -> str: ...
    @property
    def problem(self) -> str: ...
    @property
    def days_left(self) -> int | None: ...
    @property
    def more(self) -> Sequence[str]: ...
    @property
    def turn(self) -> int: ...


class Supply(Protocol):
    @property
    def last_fill(self) -> date | None: ...
    @property
    def days(self) -> int | None: ...
    @property
    def left(self) -> int | None: ...
    @property
    def estimated(self) -> bool: ...


class Lab(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def day(self) -> date | None: ...
    @property
    def value(self) -> str: ...
    @property
    def months(self) -> int: ...
    @property
    def recent(self) -> bool: ...


class Case(Protocol):
    """A refill request of the chart. ``why_not_approve``, ``why_not_deny``: "" where who asks may."""

    @property
    def task(self) -> StaffTask: ...
    @property
    def patient(self) -> Patient: ...
    @property
    def medicine(self) -> str: ...
    @property
    def is_proposed(self) -> bool: ...
    @property
    def dosage(self) -> str: ...
    @property
    def quantity(self) -> str: ...
    @property
    def days_supply(self) -> int | None: ...
    @property
    def refills(self) -> int | None: ...
    @property
    def outcome(self) -> RefillOutcome: ...
    @property
    def rules(self) -> Sequence[RuleResult]: ...
    @property
    def controlled(self) -> bool | None: ...
    @property
    def high_risk(self) -> bool | None: ...
    @property
    def run_out_matters(self) -> bool: ...
    @property
    def prescriber(self) -> str: ...
    @property
    def pharmacy(self) -> str: ...
    @property
    def pharmacy_asks(self) -> bool: ...
    @property
    def said(self) -> Said: ...
    @property
    def supply(self) -> Supply: ...
    @property
    def last_visit(self) -> date | None: ...
    @property
    def labs(self) -> Sequence[Lab]: ...
    @property
    def issues(self) -> Sequence[str]: ...
    @property
    def why_not_approve(self) -> str: ...
    @property
    def why_not_deny(self) -> str: ...
    @property
    def decision(self) -> str: ...
    @property
    def decided_by_person(self) -> str: ...


@dataclass(frozen=True, slots=True)
class RefillOrder:
    """A decision from a form. ``deed``: "approve", "change", "deny". ``version``: of the task as shown.
    ``visit``: the front desk books one; ``tell``: they tell the patient."""

    task_id: str
    deed: str
    who: str
    roles: frozenset[str]
    version: int
    note: str = ""
    days_supply: int | None = None
    quantity: float | None = None
    visit: bool = False
    tell: bool = False


class Refills(Protocol):
    """The requests and what can be done with them. ``elsewhere``: the charts are another system's, and
    nothing is decided here. `awaits_decision`: something is proposed that nobody has decided. `one` raises
    `NotFound`; `decide` raises `NotFound` and `TaskRefused`."""

    @property
    def elsewhere(self) -> bool: ...
    def waiting(
        self, session: Session, roles: frozenset[str], now: datetime, limit: int
    ) -> tuple[Sequence[Case], int]: ...
    def decided(self, session: Session, since: datetime) -> Sequence[Past]: ...
    def one(self, session: Session, task_id: str, roles: frozenset[str], now: datetime) -> Case: ...
    def history(self, session: Session, patient_id: str, limit: int) -> Sequence[Past]: ...
    def awaits_decision(self, session: Session, task: StaffTask) -> bool: ...
    async def decide(self, order: RefillOrder) -> None: ...


class Past(Protocol):
    """A request of before. ``task_id`` "" where the queue has none; ``became``: "Approved", "" while open."""

    @property
    def asked_on(self) -> str: ...
    @property
    def patient(self) -> Patient: ...
    @property
    def medicine(self) -> str: ...
    @property
    def became(self) -> str: ...
    @property
    def who(self) -> str: ...
    @property
    def task_id(self) -> str: ...


# --------------------------------------------------------------------------- what the page shows

WOULD_BE_ORDERED, ON_FILE = "Would be ordered", "On file, nothing is proposed"


@dataclass(frozen=True, slots=True)
class Fact:
    """``warns``: it speaks against the refill; the words say so too."""

    name: str
    words: str
    warns: bool = False


@dataclass(frozen=True, slots=True)
class RefillView:
    """``can``: deeds of who looks; ``why_not``: why they may not approve, "" where they may."""

    card: Card
    patient_id: str
    patient: str
    born: str
    closed: str
    medicine: str
    ordering: str  # what ``proposed`` is: what would be ordered, or the order on file
    proposed: str
    marks: tuple[tuple[str, str], ...]  # words and tone
    verdict: str
    tone: str
    failed: tuple[str, ...]
    unknown: tuple[str, ...]
    passed: tuple[str, ...]
    facts: tuple[Fact, ...]
    said: tuple[Fact, ...]
    turn: int
    issues: tuple[str, ...]
    can: frozenset[str]
    why_not: str
    decided: str
    days_supply: int | None
    quantity: str


def view(case: Case, me: str, now: datetime, zone: ZoneInfo, *, elsewhere: bool = False) -> RefillView:
    """Pure."""
    verdict, tone = OUTCOMES[case.outcome]
    patient = case.patient
    can, why_not = _deeds(case, me, elsewhere=elsewhere)
    return RefillView(
        card=cards.card(case.task, me, now, zone),
        patient_id=patient.patient_id,
        patient=patient.name or patient.patient_id or "not identified",
        born=days.born(patient.born, now.astimezone(zone).date()),
        closed=patient.closed if patient.name or not elsewhere else "",  # not here is there
        medicine=case.medicine or "not named in the order",
        ordering=WOULD_BE_ORDERED if case.is_proposed else ON_FILE,
        proposed=proposed(case.dosage, case.quantity, case.days_supply, case.refills),
        marks=_marks(case),
        verdict=verdict,
        tone=tone,
        failed=tuple(rule_words(rule) for rule in case.rules if rule.passed is False),
        unknown=tuple(rule_words(rule) for rule in case.rules if rule.passed is None),
        passed=tuple(RULES.get(rule.rule, rule.rule) for rule in case.rules if rule.passed),
        facts=_facts(case, now.astimezone(zone).date()),
        said=_said(case.said),
        turn=case.said.turn,
        issues=tuple(case.issues),
        can=can,
        why_not=why_not,
        decided=f"{case.decision}, by {case.decided_by_person}" if case.decision else "",
        days_supply=case.days_supply,
        quantity=case.quantity,
    )


def _deeds(case: Case, me: str, *, elsewhere: bool) -> tuple[frozenset[str], str]:
    """What can be done, and why not to approve."""
    task = case.task
    if case.decision or task.state == TaskState.DONE:
        return frozenset(), ""
    if task.owner not in ("", me):
        return frozenset(), f"{task.owner} has it. Only its owner can decide."
    if elsewhere:
        return frozenset({"give-on"}), "The charts are in another system: decide there, then close the task."
    deeds = {"give-on"}
    if not case.why_not_deny:
        deeds.add("deny")
    if not case.why_not_approve:
        deeds |= {"approve", "change"}
    return frozenset(deeds), case.why_not_approve


def _marks(case: Case) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    if case.controlled is not False:
        found.append(("Controlled" if case.controlled else "Schedule not known", "danger"))
    if case.high_risk is not False:
        found.append(("High-risk" if case.high_risk else "Risk not known", "danger"))
    if case.run_out_matters:
        found.append(("Must not run out", "warn"))
    if case.issues:
        found.append(("Interaction to review", "danger"))
    if case.pharmacy_asks:
        found.append(("The pharmacy asks", "calm"))
    return tuple(found)


def _facts(case: Case, today: date) -> tuple[Fact, ...]:
    supply, left = case.supply, case.supply.left
    fill = days.said(supply.last_fill) if supply.last_fill else "none on record"
    length = f", {supply.days} days" if supply.days else ""
    estimated = " (estimated from the order)" if supply.estimated and supply.last_fill else ""
    labs = [
        Fact(
            LABS.get(lab.name, lab.name.capitalize()),
            f"{lab.value or 'result'} on {days.said(lab.day)}"
            + ("" if lab.recent else f": older than {lab.months} months")
            if lab.day
            else "none on record",
            not lab.recent,
        )
        for lab in case.labs
    ]
    return (
        Fact("Last fill", f"{fill}{length}{estimated}", supply.last_fill is None),
        Fact("Days left", days_left(left), left is not None and left <= 2),
        Fact(
            "Last visit",
            days.said(case.last_visit) if case.last_visit else "none on record",
            not case.last_visit,
        ),
        *labs,
        Fact("Prescriber", case.prescriber or "not named in the order", not case.prescriber),
        Fact("Pharmacy on file", case.pharmacy or "none", not case.pharmacy),
    )


def _said(said: Said) -> tuple[Fact, ...]:
    left = "" if said.days_left is None else f"{said.days_left} days"
    told = (
        ("Medicine", said.medicine),
        ("Takes it so", said.taking),
        ("Also takes", said.beside),
        ("Pharmacy", said.pharmacy),
        ("Has left", left),
        ("New problem", said.problem),
        *(("Added", words) for words in said.more),
    )
    return tuple(Fact(name, words, name == "New problem") for name, words in told if words)
