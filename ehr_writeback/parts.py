"""What many resources of one call have in common: names, the patient, the agent, the practice. Pure."""

from __future__ import annotations

from datetime import datetime

from ehr_writeback.checks_header import header_line
from ehr_writeback.config import WritebackConfig
from ehr_writeback.evidence import Evidence
from ehr_writeback.note_lines import NoteLines
from ehr_writeback.planned import DEVICE, Json, placeholder
from models.domain import CallRecord, DoneAction

AGENT_NAME = "AI phone assistant"
NOT_VERIFIED = "not verified"


def identifier(record: CallRecord, config: WritebackConfig, kind: str, n: int = 0) -> Json:
    """Names a resource of a call for ever."""
    # "w": numbers without it are given by the backend that acts during the call, on the same server perhaps.
    value = f"{record.call_id}/{kind}/w{n}" if n else f"{record.call_id}/{kind}"
    return {"system": config.call_system, "value": value}


def patient(record: CallRecord) -> Json:
    """A reference to whom the call was about."""
    reference = record.patient_id if "/" in record.patient_id else f"Patient/{record.patient_id}"
    return {"reference": reference}


def who_called(record: CallRecord) -> str:
    """Who spoke, as the note's head has it; `NOT_VERIFIED` where nothing on the call bears that out."""
    said = NoteLines(record).caller()
    return said if header_line(f"Caller: {said}", Evidence(record)) else NOT_VERIFIED


def agent(record: CallRecord) -> Json:
    """A reference to what answered the call."""
    # The display stays when a server takes no Device: the author is then named, not referred to.
    return {"reference": placeholder(record.call_id, DEVICE), "display": AGENT_NAME}


def practice(config: WritebackConfig) -> Json:
    """A reference to the practice, by name where it has none on the server."""
    named: Json = {"display": config.practice_name}
    return {"reference": config.organization_ref, **named} if config.organization_ref else named


def at(record: CallRecord, done: DoneAction) -> datetime:
    """When something was done: the instant of its turn."""
    return next((turn.at for turn in record.turns if turn.number == done.turn_number), record.ended)
