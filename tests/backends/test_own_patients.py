"""Our own record of a patient, as another server's charts are compared with it."""

from __future__ import annotations

from agent.own_patients import own_patients
from backends.embedded import EmbeddedBackends


async def test_a_record_is_read_by_its_reference_and_one_that_is_gone_is_none(
    empty: EmbeddedBackends,
) -> None:
    stored, _ = await empty.chart.create({"resourceType": "Patient", "birthDate": "1981-03-05"})
    read = own_patients(empty.chart)
    found = await read(stored.ref)
    assert found is not None
    assert found["birthDate"] == "1981-03-05"
    assert await read("Patient/nobody") is None
