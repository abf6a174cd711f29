"""`firstring export-patient`: all that is held on one patient, in one archive for people and programs.

45 CFR 164.524 (access), 164.528 (who it was disclosed to). That it was made is written down before it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlmodel import Session

from agent import settings as settings_module
from agent.custody.files import Packing, packed
from agent.custody.opened import opened, operator
from agent.preparing import practice_of
from agent.settings import Settings
from models import audit, patient_record
from models.errors import NotFound, StorageError
from models.patient_record import Rows
from models.recordings import RecordingState, wav
from models.storage import Storage

EXPORTED = "patient exported"  # in the audit trail
PART_2 = "42CFRPart2"  # http://terminology.hl7.org/CodeSystem/v3-ActCode
# 42 CFR 2.32(a)(2), the short form that goes with every disclosure.
PART_2_NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records.\n"
README = """\
What {practice} holds on one patient in its phone agent, as of {at}.

calls.txt        the calls as they went, to be read
calls.json       calls, turns, tasks, texts, check-ins, waitlist, transfers and what was sent to the chart
consents.json    choices about texts and recordings, number by number
chart.json       the embedded chart's resources of this patient: a FHIR R4 Bundle
audit.json       who looked at this record or did something with it, newest first
recordings/      the sound of calls, as WAV files: left the caller, right the agent

Not in it: calls in which no chart was certain, and what another system's chart holds.
"""


@dataclass(frozen=True)
class Exported:
    calls: int
    recordings: int
    resources: int
    audit: int


@dataclass(frozen=True)
class _Record:
    calls: Rows
    rows: Mapping[str, Rows]
    choices: Rows
    chart: Rows
    audit: list[dict[str, Any]]


def export_patient(chosen: Settings, patient_id: str, target: Path) -> Exported:
    """Raises `NotFound` for nobody known, `KeepingError` where ``target`` cannot be made."""
    with opened(chosen) as storage:
        now = settings_module.clock_of(chosen)()
        record = storage.read_now(lambda session: _read(session, patient_id))
        if not record.chart and not record.calls:
            raise NotFound("no such patient", fix="Give the id that the patient's page in the console has.")
        who, subject = operator(), f"patient/{patient_id}"
        storage.write_now(lambda s: audit.append(s, at=now, actor=who, action=EXPORTED, subject=subject))
        with packed(target.absolute()) as packing:
            _pack(packing, record, chosen, now)
            recordings = _pack_sound(packing, record, chosen, storage)
        return Exported(len(record.calls), recordings, len(record.chart), len(record.audit))


def _read(session: Session, patient_id: str) -> _Record:
    calls = patient_record.calls_of(session, patient_id)
    chart = patient_record.chart_of(session, patient_id)
    references = [f"Task/{one['id']}" for one in chart if one["resourceType"] == "Task"]
    names = [call["id"] for call in calls]
    numbers = {call["caller_number"] for call in calls if call["caller_number"]} | _phones(chart)
    return _Record(
        calls=calls,
        rows=patient_record.rows_of(session, patient_id, names, references),
        choices=patient_record.choices_of(session, numbers),
        chart=chart,
        audit=[asdict(line) for line in patient_record.audit_of(session, patient_id)],
    )


def _phones(chart: Rows) -> set[str]:
    patients = [one for one in chart if one["resourceType"] == "Patient"]
    points = [point for one in patients for point in one.get("telecom", ())]
    return {point["value"] for point in points if point.get("system") == "phone" and point.get("value")}


def _pack(packing: Packing, record: _Record, chosen: Settings, now: datetime) -> None:
    practice = practice_of(chosen)
    zone = ZoneInfo(practice.timezone)
    shown = README.format(practice=practice.name, at=f"{now.astimezone(zone):%Y-%m-%d %H:%M}")
    bundle = {"resourceType": "Bundle", "type": "collection", "timestamp": now.isoformat()}
    bundle["entry"] = [{"resource": one} for one in record.chart]  # type: ignore[assignment]
    files: dict[str, bytes] = {
        "README.txt": shown.encode(),
        "calls.txt": _transcripts(record, zone).encode(),
        "calls.json": _json({"call": record.calls, **record.rows}),
        "consents.json": _json(record.choices),
        "chart.json": _json(bundle),
        "audit.json": _json(record.audit),
    }
    if PART_2.encode() in files["chart.json"]:
        files["NOTICE.txt"] = PART_2_NOTICE.encode()
    for name, content in files.items():
        packing.text(name, content)


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)


def _transcripts(record: _Record, zone: ZoneInfo) -> str:
    lines = []
    for call in record.calls:
        lines.append(f"{call['started'].astimezone(zone):%Y-%m-%d %H:%M}  call {call['id']}")
        for turn in record.rows["turn"]:
            if turn["call_id"] == call["id"]:
                said = (("caller", turn["caller_text"] or turn["keys"]), ("agent", turn["agent_text"]))
                lines += [f"  {who}: {words}" for who, words in said if words]
        lines.append("")
    return "\n".join(lines)


def _pack_sound(packing: Packing, record: _Record, chosen: Settings, storage: Storage) -> int:
    """A file that is gone or damaged is told of beside the others, and stops nothing."""
    kept = 0
    for row in record.rows["recording"]:
        if not row["file"] or row["state"] in (RecordingState.DECLINED, RecordingState.DELETED):
            continue
        name, path = row["call_id"], chosen.recordings_folder / row["file"]
        try:
            pieces = list(wav(path, name, storage.keyring))
        except StorageError as problem:
            packing.text(f"recordings/{name}.txt", f"{problem}\n".encode())
            continue
        packing.stream(f"recordings/{name}.wav", pieces)
        kept += 1
    return kept
