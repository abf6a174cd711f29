"""Bulk exports: a line a resource, a chart a patient, nothing half loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from backends.embedded import EmbeddedBackends
from backends.foreign_bulk import read_export
from backends.foreign_file import ChartFileError
from backends.foreign_load import ChartLoader, Loaded
from tests.backends import bundles

ANNA, BEN, DOCTOR, CLINIC = "Patient/a1", "Patient/b2", "Practitioner/d1", "Organization/c1"


def person(number: str, family: str, **changes: Any) -> dict[str, Any]:
    name = [{"use": "official", "given": ["Ottilie"], "family": family}]
    return bundles.patient(id=number, name=name, identifier=[], **changes)


def export(folder: Path, **files: list[Any]) -> list[Path]:
    paths = []
    for name, lines in files.items():
        path = folder / f"{name}.ndjson"
        path.write_bytes(
            b"\n".join(line if isinstance(line, bytes) else orjson.dumps(line) for line in lines)
        )
        paths.append(path)
    return paths


def whole(folder: Path, **more: list[Any]) -> list[Path]:
    """Two patients of one doctor, each with an order; the doctor's clinic is named by the doctor's role."""
    orders = [bundles.order(who, DOCTOR, id=number) for who, number in ((ANNA, "o1"), (BEN, "o2"))]
    orders = [{name: part for name, part in one.items() if name != "encounter"} for one in orders]
    files: dict[str, list[Any]] = {
        "Patient": [person("a1", "Brandt"), person("b2", "Vesper")],
        "MedicationRequest": orders,
        "Encounter": [bundles.visit(ANNA, DOCTOR, id="v1", serviceProvider={"reference": CLINIC})],
        "Practitioner": [bundles.doctor(id="d1")],
        "Organization": [bundles.clinic(id="c1")],
    }
    return export(folder, **files | more)


async def load(backends: EmbeddedBackends, paths: list[Path]) -> Loaded:
    async def no_pause() -> None:
        return

    loader = ChartLoader(backends.chart, backends.practice)
    return await loader.load_export(read_export(paths), no_pause)


async def test_each_patient_comes_with_orders_and_the_people_they_name(
    empty: EmbeddedBackends, tmp_path: Path
) -> None:
    loaded = await load(empty, whole(tmp_path))
    assert loaded.added == {
        "Encounter": 1,
        "MedicationRequest": 2,
        "Organization": 1,
        "Patient": 2,
        "Practitioner": 1,
    }
    assert (loaded.skipped, loaded.nowhere) == ((), {})
    for order, patient in (("o1", ANNA), ("o2", BEN)):
        document = (await empty.chart.read("MedicationRequest", order)).body
        assert (document["subject"]["reference"], document["requester"]["reference"]) == (patient, DOCTOR)


async def test_loading_an_export_again_changes_nothing(empty: EmbeddedBackends, tmp_path: Path) -> None:
    paths = whole(tmp_path)
    await load(empty, paths)
    again = await load(empty, paths)
    assert again.added == {}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"resourceType": "Medi', "MedicationRequest.ndjson line 2 is not JSON"),
        (b"[]", "MedicationRequest.ndjson line 2 is no FHIR resource"),
        (b"{}", "MedicationRequest.ndjson line 2 is no FHIR resource"),
        (b'{"resourceType": "\xff"}', "MedicationRequest.ndjson line 2 is not UTF-8"),
    ],
)
async def test_a_broken_line_refuses_the_export_by_file_and_line(
    empty: EmbeddedBackends, tmp_path: Path, line: bytes, problem: str
) -> None:
    paths = whole(tmp_path, MedicationRequest=[bundles.order(ANNA, DOCTOR), line])
    with pytest.raises(ChartFileError, match=problem) as refused:
        await load(empty, paths)
    assert "Nothing of this export was loaded" in refused.value.fix
    assert (await empty.chart.search("Patient", [])).total == 0


async def test_a_wrong_resource_is_left_out_and_named_by_its_line(
    empty: EmbeddedBackends, tmp_path: Path
) -> None:
    wrong = bundles.order(BEN, DOCTOR, status="perhaps")
    loaded = await load(
        empty, whole(tmp_path, MedicationRequest=[bundles.order(ANNA, DOCTOR, id="o1"), wrong])
    )
    (skipped,) = loaded.skipped
    assert skipped.what == "MedicationRequest.ndjson line 2 MedicationRequest"
    assert not loaded.whole


async def test_a_broken_patient_costs_that_chart_alone(empty: EmbeddedBackends, tmp_path: Path) -> None:
    loaded = await load(
        empty, whole(tmp_path, Patient=[person("a1", "Brandt"), person("b2", "Vesper", birthDate="soon")])
    )
    assert loaded.added["Patient"] == 1
    assert (await empty.chart.search("MedicationRequest", [])).total == 1, (
        "nor are the orders of that chart kept"
    )
    (skipped,) = loaded.skipped
    assert "Patient.ndjson line 2" in skipped.why
    assert "soon" not in skipped.why


async def test_what_belongs_to_no_patient_of_the_export_is_named(
    empty: EmbeddedBackends, tmp_path: Path
) -> None:
    loaded = await load(empty, whole(tmp_path, MedicationRequest=[bundles.order("Patient/zz", DOCTOR)]))
    assert [item.why for item in loaded.skipped] == ["its patient is neither in the file nor in the chart"]


async def test_what_the_chart_does_not_hold_and_older_versions_are_named(
    empty: EmbeddedBackends, tmp_path: Path
) -> None:
    old = person("a1", "Brand", meta={"versionId": "1"})
    new = person("a1", "Brandt", meta={"versionId": "2"})
    loaded = await load(
        empty, whole(tmp_path, Patient=[old, new], OperationOutcome=[{"resourceType": "Basic"}])
    )
    assert {item.what for item in loaded.skipped if not item.broken} == {
        "Patient.ndjson line 1 Patient",
        "OperationOutcome.ndjson line 1 Basic",
    }
    assert (await empty.chart.read("Patient", "a1")).body["name"][0]["family"] == "Brandt"


async def test_a_patient_without_a_birth_date_is_loaded_and_counted(
    empty: EmbeddedBackends, tmp_path: Path
) -> None:
    year_only, none = person("a1", "Brandt", birthDate="1961"), person("b2", "Vesper")
    del none["birthDate"]
    loaded = await load(empty, whole(tmp_path, Patient=[year_only, none]))
    assert loaded.without_birth_date == 2
