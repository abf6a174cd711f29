"""That a call was written into a chart, for that chart's own record of accesses: AuditEvent. Pure.

https://hl7.org/fhir/R4/auditevent.html, in the shape of IHE Basic Audit Log Patterns' "Create"
(https://profiles.ihe.net/ITI/BALP/). Our own hash-chained log stays the record of what we did; R4 gives an
AuditEvent no identifier, so it goes last and is looked for by the note that it names.
"""

from __future__ import annotations

from collections.abc import Iterator

from ehr_writeback import codings, parts
from ehr_writeback.config import WritebackConfig
from ehr_writeback.planned import AUDIT, DEVICE, NOTE, Json, PlannedResource, placeholder
from ehr_writeback.times import instant
from models.domain import CallRecord


def access_event(record: CallRecord, config: WritebackConfig) -> Iterator[PlannedResource]:
    """For another server's chart only: our own keeps its log itself."""
    if config.same_server:
        return
    note = {"reference": placeholder(record.call_id, NOTE)}
    resource: Json = {
        "resourceType": "AuditEvent",
        "type": codings.REST,
        "subtype": [codings.CREATE],
        "action": "C",
        "recorded": instant(record.ended),
        "outcome": "0",
        "agent": [
            {
                "type": {"coding": [codings.SOURCE_ROLE]},
                "who": parts.agent(record),
                "requestor": True,
                "purposeOfUse": [{"coding": [codings.TREATMENT]}],
            }
        ],
        "source": {"observer": parts.agent(record)},
        "entity": [
            {"what": note, "role": codings.ROLE_DOMAIN_RESOURCE},
            {"what": parts.patient(record), "role": codings.ROLE_PATIENT},
        ],
    }
    yield PlannedResource(AUDIT, 0, resource, depends_on=(DEVICE, NOTE))
