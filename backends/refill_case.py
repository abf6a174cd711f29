"""A refill request as staff are shown it: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from models.domain import RefillOutcome, RuleResult
from models.tables import StaffTask


@dataclass(frozen=True, slots=True)
class Patient:
    """``closed``: why the chart is not in use ("deceased"), "" where it is."""

    patient_id: str
    name: str
    born: str
    closed: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What the caller said of it. ``turn``: of the call, 0 where it cannot be told."""

    medicine: str = ""
    taking: str = ""
    beside: str = ""
    pharmacy: str = ""
    problem: str = ""
    days_left: int | None = None
    more: tuple[str, ...] = ()
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Supply:
    """``left``: days until the last fill is used up, below 0 after it; ``estimated``: from the order."""

    last_fill: date | None = None
    days: int | None = None
    left: int | None = None
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class LabFound:
    """A laboratory that the medicine needs; ``day`` None: none is on record. ``value`` with its unit."""

    name: str
    day: date | None
    value: str
    months: int  # how old it may be
    recent: bool


@dataclass(frozen=True, slots=True)
class RefillCase:
    """One request. ``controlled``, ``high_risk`` None: not known. ``why_not_approve``, ``why_not_deny``: of
    who asks, "" where they may. ``decision``: made before, ``order_made`` of it."""

    task: StaffTask
    patient: Patient
    medicine: str
    is_proposed: bool
    dosage: str
    quantity: str
    days_supply: int | None
    refills: int | None
    outcome: RefillOutcome
    decided_by: str
    rules: tuple[RuleResult, ...]
    controlled: bool | None
    high_risk: bool | None
    run_out_matters: bool
    prescriber: str
    pharmacy: str
    pharmacy_asks: bool
    said: Said
    supply: Supply
    last_visit: date | None
    labs: tuple[LabFound, ...]
    issues: tuple[str, ...]
    why_not_approve: str
    why_not_deny: str
    decision: str
    decided_by_person: str
    order_made: str


@dataclass(frozen=True, slots=True)
class PastRefill:
    """``asked_on``: an ISO day. ``became``: "Approved", "Denied" or how staff closed it, "" while open."""

    asked_on: str
    patient: Patient
    medicine: str
    became: str
    who: str
    task_id: str
