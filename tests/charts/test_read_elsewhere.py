"""The twelve charts on another server: patients identified, medicines read, refills judged, noted there."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx
import pytest

from backends.embedded import EmbeddedBackends
from intents.understand import MindService
from models.desk import open_tasks
from models.domain import (
    DoneAction,
    IdentityLevel,
    PatientView,
    RefillAnswered,
    RequestRefill,
    VerifyIdentity,
)
from models.keyring import KeyRing
from models.storage import Storage
from tests.charts.conftest import COUNT, NOW, SYSTEM, Person, assert_noted, chart_files, person_of
from tests.charts.test_callers import ASKS, spoken
from tests.charts.test_refill_outcomes import ACTIVE, OUTCOMES
from tests.conversations.elsewhere import Elsewhere, practice_elsewhere
from tests.reading.conftest import patient, reading, served

TYPE = "http://loinc.org|34748-4"  # Telephone encounter Note


async def test_every_patient_and_every_order(
    charts: EmbeddedBackends, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on our own chart: the same outcome of the same rule for each of the orders."""
    patient(monkeypatch)
    storage = Storage.open(f"sqlite:///{tmp_path}/own.db", KeyRing.load_or_create(tmp_path / "keys.json"))
    own = EmbeddedBackends(storage, storage.keyring, charts.practice, lambda: NOW, SYSTEM)
    async with httpx.AsyncClient(transport=served(charts, operations=False)) as http:
        acting = reading(own, http)
        for path, active in zip(chart_files(), ACTIVE, strict=True):
            person = person_of(path)
            view = await _identified(acting, person)
            assert sorted(medicine.name for medicine in view.medicines) == sorted(active)
            for count, medicine in enumerate(view.medicines):
                wish = RequestRefill(
                    f"r{count}", person.patient_id, medicine.order_id, medicine.name, "Elm Square", False
                )
                answer = await acting.pharmacy.request_refill(wish, call_id=person.patient_id)
                decided = [r.rule for r in answer.rules if r.passed is not True and r.rule != "dose-matches"]
                assert (answer.outcome, decided[0]) == OUTCOMES[medicine.name][:2], medicine.name
    storage.close()


async def _identified(acting: object, person: Person) -> PatientView:
    directory = acting.directory  # type: ignore[attr-defined]
    claim = VerifyIdentity("v", (person.name,), person.born)
    answer = await directory.verify(claim, caller_number=person.phone, call_id=person.patient_id)
    assert getattr(answer, "patient_id", "") == person.patient_id
    view: PatientView = await directory.view(person.patient_id, IdentityLevel.L1)
    return view


async def test_every_patient_calls_and_is_noted_there(
    practice_folder: Path, tmp_path: Path, mind: MindService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Known as themselves, their own order found, the outcome as stated, and all of it in their chart."""
    patient(monkeypatch)
    theirs = shutil.copytree(practice_folder, tmp_path / "theirs")
    async with practice_elsewhere(theirs, tmp_path / "ours", mind, operations=True) as practice:
        for path, (words, medicine) in zip(chart_files(), ASKS, strict=True):
            person = person_of(path)
            call = await practice.line.call(person.phone)
            reply = await call.all_of("i need a refill", person.name, spoken(person.born), words)
            if "spell its name" in reply:  # another medicine of this chart sounds or looks like it
                await call.says(" ".join(words))
            await call.all_of("no", "main street pharmacy", "yes", "no that's all")
            record = await call.hangs_up()
            assert (record.patient_id, record.identity) == (person.patient_id, IdentityLevel.L1)
            (asked,) = [done for done in record.done if isinstance(done.result, RefillAnswered)]
            await _stands_there(practice, person, medicine, asked)
        assert len(await practice.held("DocumentReference", type=TYPE)) == COUNT


async def _stands_there(practice: Elsewhere, person: Person, medicine: str, asked: DoneAction) -> None:
    """What one call left on that server, and in our own queue."""
    wish, answer = asked.action, asked.result
    assert isinstance(wish, RequestRefill)
    assert isinstance(answer, RefillAnswered)
    outcome, _, kind, _ = OUTCOMES[medicine]
    assert answer.outcome is outcome, medicine
    orders = await practice.held("MedicationRequest", patient=f"Patient/{person.patient_id}")
    proposals = [order for order in orders if order["intent"] == "proposal"]
    assert wish.order_id in {order["id"] for order in orders if order["status"] == "active"}
    prior = [one["priorPrescription"]["reference"] for one in proposals]
    assert prior == ([f"MedicationRequest/{wish.order_id}"] if answer.proposal_ref else [])
    (note,) = await practice.held("DocumentReference", patient=f"Patient/{person.patient_id}", type=TYPE)
    assert_noted(note, person, wish.order_id, answer)
    tasks = await practice.line.services.storage.read(open_tasks)
    assert [task.kind for task in tasks if task.patient_id == person.patient_id] == [kind.value], medicine
