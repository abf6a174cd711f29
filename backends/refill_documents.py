"""The documents of a refill request, pure: proposal, staff summary, and the pharmacy's order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backends.fhir_time import fhir_instant
from backends.refill_rules import RefillFacts, Verdict
from backends.refusals import Json
from backends.staff_tasks import TASK_CODES, input_parts
from models.domain import RefillOutcome, RequestRefill

UCUM = "http://unitsofmeasure.org"
_COPIED = ("medicationCodeableConcept", "medicationReference", "dosageInstruction")


@dataclass(frozen=True, slots=True)
class Request:
    """A judged request."""

    wish: RequestRefill
    order: Json
    facts: RefillFacts
    verdict: Verdict
    call_id: str
    now: datetime


def proposal(request: Request, identifier: Json, bridge_days: int) -> Json:
    """MedicationRequest ``intent=proposal``: the old order again, for a person to approve."""
    order = request.order
    document: Json = {
        "resourceType": "MedicationRequest",
        "identifier": [identifier],
        "status": "draft",
        "intent": "proposal",
        **{name: order[name] for name in _COPIED if name in order},
        "subject": order["subject"],
        "authoredOn": fhir_instant(request.now),
        "requester": {"reference": f"Patient/{request.wish.patient_id}"},
        "priorPrescription": {"reference": f"MedicationRequest/{order['id']}"},
        "note": [{"text": f"Requested by phone; protocol result: {_result(request.verdict)}"}],
    }
    dispense = _dispense(request, bridge_days)
    return {**document, "dispenseRequest": dispense} if dispense else document


def _dispense(request: Request, bridge_days: int) -> Json:
    before = request.order.get("dispenseRequest", {})
    if request.verdict.outcome is RefillOutcome.BRIDGE_SUGGESTED:
        supply = {"value": bridge_days, "unit": "days", "system": UCUM, "code": "d"}
        kept = {name: before[name] for name in ("performer",) if name in before}
        return {**kept, "numberOfRepeatsAllowed": 0, "expectedSupplyDuration": supply}
    names = ("performer", "quantity", "expectedSupplyDuration")
    return {name: before[name] for name in names if name in before}


def _result(verdict: Verdict) -> str:
    failed = [rule for rule in verdict.rules if rule.passed is False]
    reasons = "; ".join(rule.detail for rule in failed if rule.detail)
    return f"{verdict.outcome.value}{': ' if reasons else ''}{reasons}"


def summary(request: Request) -> str:
    """Facts for staff, in the caller's words where there are any."""
    wish, facts = request.wish, request.facts
    parts = [
        f"Refill requested by phone: {facts.label or 'medicine not named in the order'}",
        f'caller said "{wish.said}"' if wish.said else "",
        f'says they take it so: "{wish.taking}"' if wish.taking else "",
        f'says they also take "{wish.beside}"' if wish.beside else "",
        f"caller says {wish.days_left} days are left" if wish.days_left is not None else "",
        f"pharmacy: {wish.pharmacy or 'not said'}",
        "caller reports a new problem or side effect" if wish.new_problem else "",
        f'in the caller\'s words: "{wish.problem}"' if wish.new_problem and wish.problem else "",
        f"supply ends {facts.runs_out.isoformat()}" if facts.runs_out else "",
        f"protocol result: {_result(request.verdict)}",
    ]
    return ". ".join(part for part in parts if part)


def pharmacy_order(request: Request, identifiers: list[Json], inputs: list[tuple[str, str]]) -> Json:
    """A Task for the pharmacy to fill what is left, in NCPDP SCRIPT's words."""
    order = request.order
    dispense = order.get("dispenseRequest", {})
    quantity = dispense.get("quantity", {}).get("value")
    fields = [
        ("status", "FillRequested"),
        ("DrugCoded", request.facts.label),
        ("Quantity", "" if quantity is None else str(quantity)),
        ("DaysSupply", _text(request.facts.last_fill_days)),
        ("LastFillDate", request.facts.last_fill.isoformat() if request.facts.last_fill else ""),
        ("RefillsRemaining", _text(_left(request.facts))),
        ("PrescriberOrderNumber", order["id"]),
    ]
    return {
        "resourceType": "Task",
        "identifier": identifiers,
        "status": "requested",
        "intent": "order",
        "priority": "routine",
        "code": {"coding": [{"system": TASK_CODES, "code": "fulfill"}]},
        "description": f"Fill a remaining refill at {request.wish.pharmacy or 'the pharmacy on file'}",
        "focus": {"reference": f"MedicationRequest/{order['id']}"},
        "for": {"reference": f"Patient/{request.wish.patient_id}"},
        "authoredOn": fhir_instant(request.now),
        "requester": {"display": "AI phone assistant"},
        **({"owner": dispense["performer"]} if "performer" in dispense else {}),
        "input": input_parts([*fields, *inputs]),
    }


def _left(facts: RefillFacts) -> int | None:
    if facts.fills_allowed is None or facts.fills_made is None:
        return None
    return facts.fills_allowed - facts.fills_made


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
