"""What the acting backend wrote in a call, for a chart that lacks it: refill proposals, booked visits. Pure.

The order that a refill is of, the provider and the opening have other ids there, or none: they are named, and
referred to by our own identifiers.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ehr_writeback import codings, parts
from ehr_writeback.config import WritebackConfig
from ehr_writeback.note_lines import NoteLines
from ehr_writeback.planned import (
    CANCELLATION,
    DEVICE,
    ENCOUNTER,
    RX,
    VISIT,
    Json,
    PlannedResource,
    placeholder,
)
from ehr_writeback.times import instant, local_instant, zone_named
from models.domain import (
    BookedVisit,
    BookOpening,
    CallRecord,
    CancelVisit,
    DoneAction,
    MoveVisit,
    RefillAnswered,
    RequestRefill,
    VisitBooked,
    VisitCancelled,
)


def refill_proposals(record: CallRecord, config: WritebackConfig) -> Iterator[PlannedResource]:
    """Those that the target does not have: https://hl7.org/fhir/R4/medicationrequest.html"""
    if config.same_server:
        return
    asked = [(done, done.action, done.result) for done in record.done]
    new = [
        (done, wish, given)
        for done, wish, given in asked
        if isinstance(wish, RequestRefill) and isinstance(given, RefillAnswered)
        if given.proposal_ref and not given.already_open
    ]
    for n, (done, wish, given) in enumerate(new, start=1):
        resource = _proposal(record, config, done, wish, given)
        resource["identifier"] = [parts.identifier(record, config, RX, n)]
        yield PlannedResource(RX, n, resource, depends_on=(DEVICE, ENCOUNTER))


def _proposal(
    record: CallRecord, config: WritebackConfig, done: DoneAction, wish: RequestRefill, given: RefillAnswered
) -> Json:
    """Draft and proposal: nothing is ordered before a prescriber has decided."""
    medicine = given.medicine or wish.said
    resource: Json = {
        "resourceType": "MedicationRequest",
        "meta": {"profile": [codings.US_CORE + "us-core-medicationrequest"]},
        "status": "draft",
        "intent": "proposal",
        "medicationCodeableConcept": _concept(given, medicine),
        "subject": parts.patient(record),
        "encounter": {"reference": placeholder(record.call_id, ENCOUNTER)},
        "authoredOn": instant(parts.at(record, done)),
        "requester": _requester(record),
        "priorPrescription": {**_prior(config, wish.order_id), "display": medicine},
        "note": [{"text": f"Requested by phone; protocol result: {_result(given)}"}],
    }
    if wish.pharmacy:
        named = NoteLines(record).pharmacy(wish.pharmacy)
        resource["dispenseRequest"] = {"performer": {"display": named}}
    return resource


def _prior(config: WritebackConfig, order_id: str) -> Json:
    """The order that is asked for again: by its own id where the target has it, else by our name for it."""
    if config.orders_there:
        return {"reference": f"MedicationRequest/{order_id}"}
    return {"identifier": {"system": config.order_system, "value": order_id}}


def _concept(given: RefillAnswered, medicine: str) -> Json:
    coded = {"coding": [{"system": codings.RXNORM, "code": given.rxnorm}]} if given.rxnorm else {}
    return {**coded, "text": medicine}


def _requester(record: CallRecord) -> Json:
    caller = parts.who_called(record)
    return parts.patient(record) if caller == "the patient" else {"display": caller}


def _result(given: RefillAnswered) -> str:
    reasons = [rule.detail or rule.rule for rule in given.rules if rule.passed is False]
    return f"{given.outcome.value}{': ' if reasons else ''}{'; '.join(reasons)}"


def booked_visits(record: CallRecord, config: WritebackConfig) -> Iterator[PlannedResource]:
    """Those that the target does not have: https://hl7.org/fhir/R4/appointment.html"""
    if config.same_server or config.visits_there:
        return
    booked = [(done, done.result.visit) for done in record.done if isinstance(done.result, VisitBooked)]
    for n, (done, visit) in enumerate(booked, start=1):
        resource = _appointment(record, config, done, visit)
        own = {"system": config.appointment_system, "value": visit.appointment_id}
        resource["identifier"] = [parts.identifier(record, config, VISIT, n), own]
        yield PlannedResource(VISIT, n, resource, depends_on=(DEVICE, ENCOUNTER))


def cancelled_visits(record: CallRecord, config: WritebackConfig) -> Iterator[PlannedResource]:
    """Visits that the caller gave up, found there by the name that we gave them."""
    if config.same_server or config.visits_there:
        return
    given_up = [
        (done.action.appointment_id, reason)
        for done in record.done
        if isinstance(done.action, CancelVisit | MoveVisit)
        if isinstance(done.result, VisitCancelled | VisitBooked)
        for reason in [done.action.reason if isinstance(done.action, CancelVisit) else "pat"]
    ]
    for n, (appointment_id, reason) in enumerate(given_up, start=1):
        resource: Json = {
            "resourceType": "Appointment",
            "identifier": [{"system": config.appointment_system, "value": appointment_id}],
            "set": {
                "status": "cancelled",
                "cancelationReason": {"coding": [{"system": codings.CANCELLATION, "code": reason}]},
            },
        }
        yield PlannedResource(CANCELLATION, n, resource)


def _appointment(record: CallRecord, config: WritebackConfig, done: DoneAction, visit: BookedVisit) -> Json:
    zone, end = zone_named(record.practice_timezone), visit.start + timedelta(minutes=visit.minutes)
    reason = done.action.reason if isinstance(done.action, BookOpening) else ""
    resource: Json = {
        "resourceType": "Appointment",
        "status": "booked",
        "serviceType": [{"text": visit.visit_type}],
        "start": local_instant(visit.start, zone),
        "end": local_instant(end, zone),
        "minutesDuration": visit.minutes,
        "created": instant(parts.at(record, done)),
        "comment": f"Booked by {parts.AGENT_NAME}, call {record.call_id}, with {visit.provider_name}",
        "participant": [
            {"actor": actor, "required": "required", "status": "accepted"}
            for actor in (parts.patient(record), *_with_whom_and_where(config, visit))
        ],
    }
    return {**resource, "reasonCode": [{"text": reason}]} if reason else resource


def _with_whom_and_where(config: WritebackConfig, visit: BookedVisit) -> Iterator[Json]:
    """The provider, by name alone where the target's id is not known, and the place where it is."""
    named: Json = {"display": visit.provider_name}
    there = config.provider_refs.get(visit.provider_id, "")
    yield {"reference": there, **named} if there else named
    if config.location_ref:
        yield {"reference": config.location_ref}
