"""`firstring load-charts` as an operator runs it: folders, bad files beside good ones, a server beside it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from agent import load_charts
from agent.local_server import demo_settings
from agent.preparing import backends_of, keyring_of
from agent.settings import Settings, clock_of
from models.errors import SettingsError
from models.storage import Storage
from models.tables import AuditEntry
from tests.backends import bundles
from tests.backends.bundles import bundle, entry


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    return demo_settings(tmp_path / "data")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good file, a broken one, and a file that is no chart."""
    folder = tmp_path / "charts"
    folder.mkdir()
    (folder / "b good.json").write_text(json.dumps(bundles.whole()))
    (folder / "c broken.json").write_text('{"resourceType": "Bundle", ')
    (folder / "readme.txt").write_text("no chart")
    return folder


async def load(chosen: Settings, *paths: Path, own: bool = False) -> tuple[int, list[dict[str, Any]]]:
    shown: list[dict[str, Any]] = []
    code = await load_charts.run(chosen, paths, shown.append, own_patients=own, as_json=True)
    return code, shown


async def test_a_good_file_beside_a_bad_one_is_loaded(chosen: Settings, folder: Path) -> None:
    code, (good, bad, last) = await load(chosen, folder)
    assert code == 1
    assert (good["result"], good["added"]["Patient"]) == ("loaded", 1)
    assert bad["result"] == "refused"
    assert bad["error"]["code"] == "chart-file"
    assert bad["error"]["fix"]
    assert last == {"total": {"files": 1, "new_patients": 1, "new_resources": 5}}
    (folder / "c broken.json").unlink()
    code, (good, _) = await load(chosen, folder)
    assert (code, good["result"]) == (0, "unchanged")


async def test_wrong_paths_are_wrong_use_and_the_rest_is_loaded(chosen: Settings, folder: Path) -> None:
    empty = folder / "empty"
    empty.mkdir()
    code, shown = await load(chosen, folder / "nothing.json", empty, folder / "b good.json")
    assert code == 2
    assert "No such file" in shown[0]["error"]["problem"]
    assert "no .json files" in shown[1]["error"]["problem"]
    assert shown[2]["result"] == "loaded"


async def test_a_broken_resource_is_told_by_the_exit_code(chosen: Settings, tmp_path: Path) -> None:
    document = bundles.whole()
    document["entry"][4]["resource"]["status"] = "perhaps"
    path = tmp_path / "one.json"
    path.write_text(json.dumps(document))
    code, (loaded, _) = await load(chosen, path)
    assert code == 1
    assert loaded["skipped"][0]["what"] == "entry[4] MedicationRequest"


async def test_what_the_operator_reads(chosen: Settings, folder: Path) -> None:
    lines: list[str] = []
    await load_charts.run(chosen, [folder], lines.append, own_patients=False, as_json=False)
    text = "\n".join(lines)
    assert "dropped: 1 social security number, 1 driver's licence, 1 passport number" in text
    assert "not loaded: it is not JSON" in text
    assert "fix: " in text
    assert lines[-1] == "1 files, 1 new patients, 5 new resources"
    assert "Brandt" not in text
    assert bundles.SSN not in text


async def test_files_that_others_refer_to_are_loaded_first(chosen: Settings, tmp_path: Path) -> None:
    search = "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|9999999901"
    people = bundle(entry(bundles.DOCTOR, bundles.doctor()), kind="batch")
    chart = bundle(entry(bundles.PATIENT, bundles.patient()), entry(bundles.VISIT, bundles.visit(by=search)))
    (tmp_path / "Alma.json").write_text(json.dumps(chart))
    (tmp_path / "practitionerInformation1.json").write_text(json.dumps(people))
    _, shown = await load(chosen, tmp_path)
    assert shown[0]["file"].endswith("practitionerInformation1.json")
    assert "Practitioner" not in shown[1]["nowhere"]


async def test_loading_is_audited_without_names(chosen: Settings, folder: Path) -> None:
    await load(chosen, folder)
    with _opened(chosen) as storage:
        entries = storage.read_now(_audited)
    assert [entry.actor for entry in entries] == ["operator"]


def _audited(session: Session) -> list[AuditEntry]:
    return list(session.exec(select(AuditEntry).where(AuditEntry.action == "chart-loaded")))


async def test_a_server_that_uses_the_database_goes_on_meanwhile(chosen: Settings, folder: Path) -> None:
    with _opened(chosen, server=True) as storage:
        chart = backends_of(chosen, storage, clock_of(chosen)).chart
        stop = asyncio.Event()
        written = 0

        async def serve() -> int:
            nonlocal written
            while not stop.is_set():
                await chart.create(bundles.doctor(identifier=[]))
                written += 1
            return written

        serving = asyncio.create_task(serve())
        code, (good, *_) = await load(chosen, folder / "b good.json")
        stop.set()
        total = await serving
        assert (code, good["result"]) == (0, "loaded")
        assert total >= 1
        assert (await chart.search("Practitioner", [])).total == total + 1, "both wrote, nothing was lost"
        assert await backends_of(chosen, storage, clock_of(chosen)).directory.names_at("+16175550178")


async def test_with_a_real_ehr_the_charts_are_not_here(tmp_path: Path) -> None:
    chosen = demo_settings(tmp_path / "data", fhir_base_url="https://ehr.example/fhir")
    with pytest.raises(SettingsError, match="FHIR_BASE_URL"):
        await load(chosen, tmp_path)


@contextlib.contextmanager
def _opened(chosen: Settings, *, server: bool = False) -> Iterator[Storage]:
    storage = Storage.open(chosen.database, keyring_of(chosen), server=server)
    try:
        yield storage
    finally:
        storage.close()


async def test_a_folder_of_lines_is_one_export(chosen: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "Patient.ndjson").write_text(json.dumps(bundles.patient(id="a1", birthDate="1961")) + "\n")
    (folder / "MedicationRequest.ndjson").write_text(json.dumps(bundles.order("Patient/a1")) + "\n")
    code, (loaded, last) = await load(chosen, folder)
    assert (code, loaded["result"], loaded["without_birth_date"]) == (0, "loaded", 1)
    assert last == {"total": {"files": 1, "new_patients": 1, "new_resources": 2}}
    (folder / "MedicationRequest.ndjson").write_text('{"resourceType": "Medic\n')
    code, (refused, _) = await load(chosen, folder)
    assert code == 1
    assert "MedicationRequest.ndjson line 1 is not JSON" in refused["error"]["problem"]
    assert refused["error"]["fix"]
