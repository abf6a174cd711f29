"""A finished call -> FHIR R4: note and resources (pure), outbox and ledger, sender, dispatcher."""

from ehr_writeback.config import WritebackConfig
from ehr_writeback.dispatcher import Dispatcher, DispatcherConfig
from ehr_writeback.linking import BadReference, Patients, link_call
from ehr_writeback.note import write_note
from ehr_writeback.outbox import enqueue, retry_dead
from ehr_writeback.planned import PlannedResource
from ehr_writeback.resources import note_text, plan
from ehr_writeback.status import WritebackStatus, writeback_status
from ehr_writeback.stuck import Figures, Stuck, figures, stuck

__all__ = [
    "BadReference",
    "Dispatcher",
    "DispatcherConfig",
    "Figures",
    "Patients",
    "PlannedResource",
    "Stuck",
    "WritebackConfig",
    "WritebackStatus",
    "enqueue",
    "figures",
    "link_call",
    "note_text",
    "plan",
    "retry_dead",
    "stuck",
    "write_note",
    "writeback_status",
]
