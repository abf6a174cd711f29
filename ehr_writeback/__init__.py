"""A finished call -> FHIR R4: note and resources (pure), outbox and ledger, sender, dispatcher."""

from ehr_writeback.config import WritebackConfig
from ehr_writeback.dispatcher import Dispatcher, DispatcherConfig
from ehr_writeback.linking import BadReference, Patients, link_call
from ehr_writeback.note import write_note
from ehr_writeback.outbox import enqueue, retry_dead
from ehr_writeback.planned import PlannedResource
from ehr_writeback.resources import note_text, plan
from ehr_writeback.status import WritebackStatus, writeback_status

__all__ = [
    "BadReference",
    "Dispatcher",
    "DispatcherConfig",
    "Patients",
    "PlannedResource",
    "WritebackConfig",
    "WritebackStatus",
    "enqueue",
    "link_call",
    "note_text",
    "plan",
    "retry_dead",
    "write_note",
    "writeback_status",
]
