"""All that is held on one patient, and nothing of anybody else's."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from sqlmodel import Session

from agent.custody.export import PART_2_NOTICE
from models import audit
from models.chart import ChartResource
from models.errors import NotFound
from models.tables import Call, Transfer
from models.texts import queue_text
from tests.keeping.conftest import NOW, ONE_ENGINE, SOUND, Practice


def patient_of(practice: Practice, call_id: str) -> str:
    storage = practice.storage()
    found = storage.read_now(lambda session: session.get_one(Call, call_id).patient_id)
    storage.close()
    return found


def exported(practice: Practice, patient: str) -> zipfile.ZipFile:
    target = practice.folder / "handed-over.zip"
    done = practice.run("export-patient", patient, "--to", target)
    assert done.exit_code == 0, done.exception
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    return zipfile.ZipFile(target)


def of(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


def test_everything_of_a_patient_and_nothing_of_another(practice: Practice) -> None:
    storage = practice.storage()
    maria = storage.read_now(lambda session: session.get_one(Call, "CAmaria").patient_id)

    def look(session: Session) -> None:
        audit.append(session, at=NOW, actor="kim", action="view", subject="call/CAmaria")
        audit.append(session, at=NOW, actor="kim", action="view", subject="call/CArobert")

    storage.write_now(look)
    storage.close()
    archive = exported(practice, f"Patient/{maria}")

    calls = of(archive, "calls.json")
    assert [call["id"] for call in calls["call"]] == ["CAmaria"]
    assert {turn["call_id"] for turn in calls["turn"]} == {"CAmaria"}
    assert [task["kind"] for task in calls["staff_task"]] == ["refill-review"]
    assert "lisinopril" in archive.read("calls.txt").decode()

    chart = of(archive, "chart.json")
    kinds = {entry["resource"]["resourceType"] for entry in chart["entry"]}
    assert {"Patient", "MedicationRequest", "Encounter", "Task"} <= kinds
    for entry in chart["entry"]:
        get_fhir_model_class(entry["resource"]["resourceType"]).model_validate(entry["resource"])
    patients = [e["resource"] for e in chart["entry"] if e["resource"]["resourceType"] == "Patient"]
    assert [one["id"] for one in patients] == [maria]

    sound = archive.read("recordings/CAmaria.wav")
    assert sound.endswith(SOUND)
    assert sound[:4] == b"RIFF"
    seen = [(line["actor"], line["action"], line["subject"]) for line in of(archive, "audit.json")]
    assert ("kim", "view", "call/CAmaria") in seen
    assert not [line for line in seen if "CArobert" in line[2]]
    whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Robert Smith" not in whole

    storage = practice.storage()
    entries = storage.read_now(lambda s: audit.entries_about(s, f"patient/{maria}"))
    assert entries[-1].action == "patient exported"
    storage.close()


@ONE_ENGINE
def test_the_telephones_of_staff_are_not_handed_over(practice: Practice) -> None:
    storage, staff = practice.storage(), "+16175550777"

    def reach(session: Session) -> None:
        session.add(
            Transfer(
                id="tr", call_id="CAmaria", action_id="a", people=[["Dr. Lee", staff]],
                created_at=NOW, until=NOW, next_at=NOW,
            )
        )  # fmt: skip
        for purpose in ("page", "clock"):
            queue_text(
                session, key=purpose, to_number=staff, body="x", purpose=purpose, at=NOW, call_id="CAmaria"
            )
        queue_text(
            session,
            key="v",
            to_number="+16175550123",
            body="Tuesday",
            purpose="visit",
            at=NOW,
            call_id="CAmaria",
        )

    storage.write_now(reach)
    storage.close()
    archive = exported(practice, patient_of(practice, "CAmaria"))
    calls = of(archive, "calls.json")
    assert [one["id"] for one in calls["transfer"]] == ["tr"]
    assert [one["purpose"] for one in calls["text_message"] if one["key"] in ("page", "clock", "v")] == [
        "visit"
    ]
    assert not [name for name in archive.namelist() if staff.encode() in archive.read(name)]


@ONE_ENGINE
def test_a_record_under_part_2_goes_with_its_notice(practice: Practice) -> None:
    maria = patient_of(practice, "CAmaria")
    storage = practice.storage()

    def label(session: Session) -> None:
        row = session.get_one(ChartResource, ("Patient", maria))
        code = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "42CFRPart2"}
        row.body = {**row.body, "meta": {**row.body["meta"], "security": [code]}}
        session.add(row)

    storage.write_now(label)
    storage.close()
    assert exported(practice, maria).read("NOTICE.txt").decode() == PART_2_NOTICE


@ONE_ENGINE
def test_nobody_known_and_a_file_that_is_there_are_refused(practice: Practice, tmp_path: Path) -> None:
    target = tmp_path / "there.zip"
    assert isinstance(practice.run("export-patient", "nobody", "--to", target).exception, NotFound)
    assert not target.exists()
    target.write_text("mine")
    done = practice.run("export-patient", patient_of(practice, "CAmaria"), "--to", target)
    assert "is there already" in str(done.exception)
    assert target.read_text() == "mine"
