"""What another system's chart is asked: who is looked for stands in no address, which its log would keep."""

from __future__ import annotations

from datetime import date

import httpx

from models.domain import IdentityLevel, IdentityVerified, VerifyIdentity
from tests.canaries.planted import BORN, MEDICINE, NAME, NUMBER, chart, hits
from tests.canaries.surfaces import leaks
from tests.reading.conftest import Site, clock, ehr, migrated, own, practice, seeded, theirs

__all__ = ["clock", "ehr", "migrated", "own", "practice", "seeded", "theirs"]


async def test_no_address_that_is_asked_holds_one(ehr: Site) -> None:
    asked: list[httpx.Request] = []
    assert ehr.server
    ehr.server.before = asked.append
    await ehr.theirs.chart.transaction(chart())
    directory = ehr.acting.directory
    await directory.names_at(NUMBER)
    claim = VerifyIdentity("v", (NAME,), date.fromisoformat(BORN))
    known = await directory.verify(claim, caller_number=NUMBER, call_id="CA1")
    assert isinstance(known, IdentityVerified), "they were found"
    view = await directory.view(known.patient_id, IdentityLevel.L2)
    assert MEDICINE in str(view), "and their chart was read"
    assert hits(b"".join(request.content for request in asked)), "it was asked for them"
    assert leaks({f"address {number}": str(each.url).encode() for number, each in enumerate(asked)}) == []
