"""Refills and patients on the console of a practice whose charts are another system's."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from intents.understand import MindService
from models import records
from tests.console.browser import browser
from tests.conversations.at_the_console import console_of, shown
from tests.conversations.conftest import MARIA
from tests.conversations.elsewhere import Elsewhere, practice_elsewhere
from tests.reading.conftest import patient


@pytest.fixture
async def practice(
    seeded: Path, tmp_path: Path, mind: MindService, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Elsewhere]:
    patient(monkeypatch)
    theirs = shutil.copytree(seeded, tmp_path / "theirs")
    async with practice_elsewhere(theirs, tmp_path / "ours", mind, operations=False) as opened:
        yield opened


async def test_what_was_asked_for_is_shown_decided_there_and_closed_here(practice: Elsewhere) -> None:
    call = await practice.line.call(MARIA)
    await call.all_of("i need a refill of my lisinopril", "maria lopez", "march fifth nineteen eighty one")
    await call.all_of("no", "main street pharmacy", "yes", "no that's all")
    record = await call.hangs_up()
    services = practice.line.services
    [task] = await services.storage.read(lambda session: records.tasks_of(session, record.call_id))
    app = await console_of(services)
    async with browser(app, "prescriber") as doctor:
        text = shown((await doctor.get("/refills")).text)
        for words in (
            "This practice’s charts are in another system.", "lisinopril", "Every rule passed",
            "decide there, then close the task", "Main Street",
        ):  # fmt: skip
            assert words in text, words
        assert "Approve as proposed" not in text
        assert "no longer here" not in text
        refused = await doctor.post(f"/refills/{task.id}/approve", data={"version": str(task.version)})
        assert refused.status_code == 409
        await doctor.post(f"/tasks/{task.id}/claim")
        assert (await doctor.post(f"/tasks/{task.id}/resolve", data={"outcome": "sent"})).status_code == 303
        text = shown((await doctor.get("/refills")).text)
        assert "No refill waits for a decision." in text
        assert "Approved and sent to the pharmacy" in text
        page = (await doctor.get(f"/patients/{task.patient_id}")).text
        assert "This patient’s chart is in another system." in page
        assert f'href="/calls/{record.call_id}"' in page
        assert f'href="/tasks/{task.id}"' in page
        assert "look patients up there" in shown((await doctor.get("/patients")).text)
        changed = await doctor.post(f"/patients/{task.patient_id}/texts", data={"choice": "no"})
        assert changed.status_code == 404
        assert (await doctor.get("/patients/of-nobody")).status_code == 404
    assert await services.backends.refill_decisions.outbox() == ()
