"""Which medicines the built-in recogniser listens for."""

from __future__ import annotations

import asyncio
from pathlib import Path

from agent.lexicon import read_lexicon
from agent.local_server import demo_settings
from agent.preparing import backends_of, keyring_of, prepare_tool
from agent.settings import clock_of
from models.storage import Storage
from words import formulary

ORDER = {
    "resourceType": "MedicationRequest",
    "status": "active",
    "intent": "order",
    "subject": {"reference": "Patient/pt-1001"},
    "medicationCodeableConcept": {"text": "dofetilide 0.5 MG Oral Capsule"},
}


def test_it_listens_for_the_common_medicines_and_those_on_the_charts(tmp_path: Path) -> None:
    chosen = demo_settings(tmp_path / "data")
    prepare_tool(chosen)
    storage = Storage.open(chosen.database, keyring_of(chosen))
    try:
        before = read_lexicon(storage)
        asyncio.run(backends_of(chosen, storage, clock_of(chosen)).chart.create(ORDER))
        after = read_lexicon(storage)
    finally:
        storage.close()
    assert set(formulary.common_names()) <= set(before.likely_medicines)
    assert set(after.likely_medicines) - set(before.likely_medicines) == {"dofetilide", "tikosyn"}
    assert set(after.likely_medicines) < set(after.medicine_names)
