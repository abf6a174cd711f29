"""A finished call as FHIR R4 resources: pure, the same record always gives the same resources.

Profiles: US Core 6.1 Encounter, DocumentReference and Provenance, https://hl7.org/fhir/us/core/STU6.1/
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta

import orjson

from ehr_writeback import checkins, codings, parts
from ehr_writeback.access_event import access_event
from ehr_writeback.config import WritebackConfig
from ehr_writeback.drug_issues import drug_issues, issues_of
from ehr_writeback.note import CheckedNote, write_checked_note
from ehr_writeback.note_facts import unkept_turn
from ehr_writeback.note_lines import NoteLines
from ehr_writeback.planned import (
    CHANGE,
    COMMUNICATION,
    DEVICE,
    ENCOUNTER,
    NOTE,
    OBSERVATION,
    PROVENANCE,
    RESPONSE,
    TASK,
    Json,
    PlannedResource,
    key_of,
    placeholder,
)
from ehr_writeback.proposals import booked_visits, cancelled_visits, refill_proposals
from ehr_writeback.times import instant, local_instant, zone_named
from ehr_writeback.withheld import UNVERIFIED, borne_out, instead
from models.domain import (
    CallRecord,
    DoneAction,
    FileCheckin,
    OpenTask,
    PageStaff,
    RedFlagRaised,
    StaffPaged,
    TaskOpened,
)

_MADE_BY_CALL = re.compile(
    r"(MedicationRequest|Appointment|Task|Communication|DetectedIssue)/[A-Za-z0-9.-]{1,64}"
)


def plan(
    record: CallRecord, config: WritebackConfig, note: CheckedNote | None = None
) -> tuple[PlannedResource, ...]:
    """Everything to write for a call, in the order of writing; nothing for a call without a known patient.

    ``note`` is that of the call where it is written already. What it withholds is in no other resource.
    """
    if not record.patient_id:
        return ()
    note = note or write_checked_note(record, config.medicine_names)
    told = borne_out(record, note)
    first = (_device(record, config), _encounter(told, config), _note(record, config, note.text))
    planned = (*first, *_checkins(told, config), *_made_elsewhere(told, config), *_for_staff(told, config))
    planned = (*planned, *_put_right(record, told, config))
    return (*planned, _provenance(record, config, planned), *access_event(record, config))


def _made_elsewhere(record: CallRecord, config: WritebackConfig) -> Iterator[PlannedResource]:
    """What the acting backend wrote, for a chart that lacks it."""
    yield from drug_issues(record, config, parts.patient(record))
    yield from refill_proposals(record, config)
    yield from booked_visits(record, config)
    yield from cancelled_visits(record, config)


def _for_staff(record: CallRecord, config: WritebackConfig) -> Iterator[PlannedResource]:
    yield from _tasks(record, config)
    for n, flag in enumerate(record.red_flags, start=1):
        yield _communication(record, config, n, flag)


def note_text(record: CallRecord, config: WritebackConfig) -> str:
    """The note without what nothing on the call bears out."""
    return write_checked_note(record, config.medicine_names).text


def made_by_call(record: CallRecord) -> tuple[str, ...]:
    """References to what the acting backend wrote during the call, each once."""
    names = ("proposal_ref", "task_ref", "resource_ref", "page_ref")
    found = [getattr(done.result, name, "") for done in record.done for name in names]
    found += [issue.issue_ref for issue in issues_of(record)]
    return tuple(dict.fromkeys(ref for ref in found if _MADE_BY_CALL.fullmatch(ref)))


def software_version(record: CallRecord) -> str:
    """Names exactly what answered: our version and a digest of all model versions."""
    digest = hashlib.sha256(orjson.dumps(dict(record.models), option=orjson.OPT_SORT_KEYS)).hexdigest()
    return f"{record.models.get('firstring', 'unknown')}-models-{digest[:12]}"


def _device(record: CallRecord, config: WritebackConfig) -> PlannedResource:
    """The agent itself, one per software version: https://hl7.org/fhir/R4/device.html"""
    version = software_version(record)
    modules = [{"type": {"text": name}, "value": value} for name, value in sorted(record.models.items())]
    resource: Json = {
        "resourceType": "Device",
        "identifier": [{"system": config.device_system, "value": version}],
        "manufacturer": "Firstring",
        "deviceName": [{"name": parts.AGENT_NAME, "type": "user-friendly-name"}],
        "type": {"coding": [codings.AI_DEVICE]},
        "version": [{"value": version}, *modules],
    }
    return PlannedResource(DEVICE, 0, resource)


def _encounter(record: CallRecord, config: WritebackConfig) -> PlannedResource:
    """The call itself: https://hl7.org/fhir/us/core/STU6.1/StructureDefinition-us-core-encounter.html

    R4 cannot name a Device as participant: who answered stands in the note's author and the Provenance.
    """
    zone = zone_named(record.practice_timezone)
    resource: Json = {
        "resourceType": "Encounter",
        "meta": {"profile": [codings.US_CORE + "us-core-encounter"]},
        "identifier": [parts.identifier(record, config, ENCOUNTER)],
        "status": "finished",
        "class": codings.VIRTUAL,
        "type": [{"coding": [codings.TELEPHONE_ENCOUNTER], "text": "Telephone encounter"}],
        "subject": parts.patient(record),
        "period": {"start": local_instant(record.started, zone), "end": local_instant(record.ended, zone)},
        "serviceProvider": parts.practice(config),
    }
    if config.location_ref:
        resource["location"] = [{"location": {"reference": config.location_ref}}]
    if record.reason:
        resource["reasonCode"] = [{"text": record.reason}]
    return PlannedResource(ENCOUNTER, 0, resource)


def _note(record: CallRecord, config: WritebackConfig, text: str) -> PlannedResource:
    """https://hl7.org/fhir/us/core/STU6.1/StructureDefinition-us-core-documentreference.html"""
    context: Json = {
        "encounter": [{"reference": placeholder(record.call_id, ENCOUNTER)}],
        "period": {"start": instant(record.started), "end": instant(record.ended)},
    }
    if related := [{"reference": ref} for ref in _referable(record, config)]:
        context["related"] = related
    resource: Json = {
        "resourceType": "DocumentReference",
        "meta": {
            "profile": [codings.US_CORE + "us-core-documentreference"],
            "security": [codings.AI_ASSERTED],
        },
        "identifier": [parts.identifier(record, config, NOTE)],
        "status": "current",
        "docStatus": "preliminary",
        "type": {"coding": [codings.TELEPHONE_NOTE]},
        "category": [{"coding": [codings.CLINICAL_NOTE]}],
        "subject": parts.patient(record),
        "date": instant(record.ended),
        "author": [parts.agent(record)],
        "content": [{"attachment": _attachment(record, text), "format": codings.PLAIN_FORMAT}],
        "context": context,
    }
    return PlannedResource(NOTE, 0, resource, depends_on=(DEVICE, ENCOUNTER))


def _attachment(record: CallRecord, text: str) -> Json:
    return {
        "contentType": "text/plain; charset=utf-8",
        "data": base64.b64encode(text.encode()).decode(),
        "title": f"Telephone encounter {record.call_id}",
        "creation": instant(record.ended),
    }


def _checkins(record: CallRecord, config: WritebackConfig) -> Iterator[PlannedResource]:
    """Each check-in of the call: its answers, then what was measured or scored in it."""
    filed = [(done, done.action) for done in record.done if isinstance(done.action, FileCheckin)]
    count = 0
    for n, (done, wish) in enumerate(filed, start=1):
        at, call = parts.at(record, done), {"reference": placeholder(record.call_id, ENCOUNTER)}
        answers = {**checkins.response(wish, at, parts.agent(record)), "encounter": call}
        answers["identifier"] = parts.identifier(record, config, RESPONSE, n)
        yield PlannedResource(RESPONSE, n, answers, depends_on=(DEVICE, ENCOUNTER))
        source = {"reference": placeholder(record.call_id, key_of(RESPONSE, n))}
        for one in checkins.observations(wish, at, parts.agent(record)):
            count += 1
            own: Json = {"identifier": [parts.identifier(record, config, OBSERVATION, count)]}
            resource = {**one, **own, "encounter": call, "derivedFrom": [source]}
            needed = (DEVICE, ENCOUNTER, key_of(RESPONSE, n))
            yield PlannedResource(OBSERVATION, count, resource, depends_on=needed)


def _tasks(record: CallRecord, config: WritebackConfig) -> Iterator[PlannedResource]:
    """The tasks that the target does not have: opened elsewhere, or not opened as a backend failed."""
    missing = [(done, wish) for done in record.done if (wish := _missing_task(done, config))]
    for n, (done, wish) in enumerate(missing, start=1):
        yield _task(record, config, n, done, wish)


def _missing_task(done: DoneAction, config: WritebackConfig) -> OpenTask | None:
    if not isinstance(done.action, OpenTask):
        return None
    there = isinstance(done.result, TaskOpened) and _MADE_BY_CALL.fullmatch(done.result.task_ref)
    return None if there and config.same_server else done.action


def _put_right(record: CallRecord, told: CallRecord, config: WritebackConfig) -> Iterator[PlannedResource]:
    """Tasks that the call opened in this very chart, in words that nothing on it bears out."""
    summaries = {
        one.action.action_id: one.action.summary for one in told.done if isinstance(one.action, OpenTask)
    }
    n = 0
    for done in record.done if config.same_server else ():
        if not isinstance(done.action, OpenTask) or _missing_task(done, config):
            continue
        if (words := summaries[done.action.action_id]) != done.action.summary:
            n += 1
            yield _new_words(n, done, words)


def _new_words(n: int, done: DoneAction, words: str) -> PlannedResource:
    reference = done.result.task_ref if isinstance(done.result, TaskOpened) else ""
    wish: Json = {"resourceType": "Task", "target": {"reference": reference}, "set": {"description": words}}
    return PlannedResource(CHANGE, n, wish)


def _task(
    record: CallRecord, config: WritebackConfig, n: int, done: DoneAction, wish: OpenTask
) -> PlannedResource:
    """https://hl7.org/fhir/R4/task.html"""
    approval = wish.kind in codings.APPROVALS
    opened = parts.at(record, done)
    due = opened + timedelta(seconds=codings.DUE_AFTER_S.get(wish.kind, codings.DUE_AFTER_ROUTINE_S))
    resource: Json = {
        "resourceType": "Task",
        "identifier": [parts.identifier(record, config, TASK, n)],
        "status": "requested",
        "intent": "proposal" if approval else "order",
        "priority": wish.priority.value,
        "code": {
            "coding": [
                {"system": codings.TASK_CODE, "code": "approve" if approval else "fulfill"},
                {"system": config.task_system, "code": wish.kind.value},
            ]
        },
        "description": wish.summary,
        "for": parts.patient(record),
        "encounter": {"reference": placeholder(record.call_id, ENCOUNTER)},
        "authoredOn": instant(opened),
        "requester": parts.agent(record),
        "restriction": {"period": {"end": instant(due)}},
    }
    if config.task_owner_ref:
        resource["owner"] = {"reference": config.task_owner_ref}
    return PlannedResource(TASK, n, resource, depends_on=(DEVICE, ENCOUNTER))


def _communication(
    record: CallRecord, config: WritebackConfig, n: int, flag: RedFlagRaised
) -> PlannedResource:
    """A danger sign, for the staff: https://hl7.org/fhir/R4/communication.html"""
    lines = NoteLines(record)
    turn = lines.turn_with(flag.quote) or lines.turn_of_page(flag.red_flag_id)
    words = (turn.heard_to or turn.agent_text) if turn else ""
    told = [f"Told to caller: {lines.quote(words)}"] if words else []
    resource: Json = {
        "resourceType": "Communication",
        "identifier": [parts.identifier(record, config, COMMUNICATION, n)],
        "status": "completed",
        "category": [{"coding": [codings.NOTIFICATION]}],
        "priority": "stat",
        "medium": [{"coding": [codings.BY_PHONE]}],
        "subject": parts.patient(record),
        "topic": {"text": f"Red flag {flag.red_flag_id} ({flag.disposition})"},
        "encounter": {"reference": placeholder(record.call_id, ENCOUNTER)},
        "sent": instant(turn.at if turn else record.ended),
        "sender": parts.agent(record),
        "payload": [{"contentString": line} for line in (_sign(record, flag), *told, *_pages(record, flag))],
    }
    if config.page_recipient_ref:
        resource["recipient"] = [{"reference": config.page_recipient_ref}]
    return PlannedResource(COMMUNICATION, n, resource, depends_on=(DEVICE, ENCOUNTER))


def _sign(record: CallRecord, flag: RedFlagRaised) -> str:
    """The words that raised it; those that are kept for the staff's sake alone are marked so."""
    lines = NoteLines(record)
    if not flag.quote:
        turn = lines.turn_of_page(flag.red_flag_id)
        return instead(lines.quote(turn.caller_text) if turn and turn.caller_text else "")
    unverified = f" ({UNVERIFIED})" if unkept_turn(flag, record, lines) else ""
    return f"Caller{unverified}: {lines.quote(flag.quote)}"


def _pages(record: CallRecord, flag: RedFlagRaised) -> Iterator[str]:
    for done in record.done:
        if isinstance(done.action, PageStaff) and done.action.red_flag_id in ("", flag.red_flag_id):
            yield "Staff paged" if isinstance(done.result, StaffPaged) else "Page to staff not delivered"


def _provenance(
    record: CallRecord, config: WritebackConfig, planned: tuple[PlannedResource, ...]
) -> PlannedResource:
    """Who made all this: https://hl7.org/fhir/us/core/STU6.1/StructureDefinition-us-core-provenance.html

    Provenance has no identifier in R4, so it goes last, when its targets exist.
    """
    keys = [item.key for item in planned if item.kind != DEVICE]
    targets = [placeholder(record.call_id, key) for key in keys] + list(_referable(record, config))
    author: Json = {
        "type": codings.participant("author"),
        "role": [{"coding": [codings.AI_DEVICE]}],
        "who": parts.agent(record),
        "onBehalfOf": parts.practice(config),
    }
    informant: Json = {
        "type": codings.participant("informant"),
        "who": {"display": _informant(record)},
    }
    resource: Json = {
        "resourceType": "Provenance",
        "meta": {"profile": [codings.US_CORE + "us-core-provenance"]},
        "target": [{"reference": target} for target in targets],
        "recorded": instant(record.ended),
        "reason": [{"coding": [codings.AI_ASSERTED]}],
        "agent": [author, informant],
    }
    return PlannedResource(PROVENANCE, 0, resource, depends_on=(DEVICE, *keys))


def _informant(record: CallRecord) -> str:
    caller, level = parts.who_called(record), f"level {record.identity.value}"
    if caller == "the patient":
        return f"Caller, identified as the patient at {level}"
    return f"Caller: {caller}; the patient was identified at {level}"


def _referable(record: CallRecord, config: WritebackConfig) -> tuple[str, ...]:
    visits = tuple(ref for ref in made_by_call(record) if ref.startswith("Appointment/"))
    return made_by_call(record) if config.same_server else visits if config.visits_there else ()
