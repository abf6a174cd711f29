"""A finished call -> FHIR R4: note and resources (pure), outbox and ledger, sender, dispatcher."""

from ehr_writeback.advice import Advice, advice_on
from ehr_writeback.config import WritebackConfig
from ehr_writeback.dispatcher import Dispatcher, DispatcherConfig
from ehr_writeback.linking import BadReference, Patients, check_reference, link_call
from ehr_writeback.note import write_note
from ehr_writeback.outbox import enqueue, retry_dead
from ehr_writeback.planned import PlannedResource
from ehr_writeback.resources import note_text, plan
from ehr_writeback.revisions import (
    NOTE_DEEDS,
    NoteStanding,
    amend_note,
    note_on_paper,
    note_standing,
    retract_note,
    sign_note,
)
from ehr_writeback.status import WritebackStatus, writeback_status
from ehr_writeback.stuck import Figures, Stuck, figures, stuck
from ehr_writeback.task_status import catch_up, task_moved
from ehr_writeback.unlinked import DecidedMeanwhile, Unlinked, choose, none_of_them, unlinked

__all__ = [
    "NOTE_DEEDS",
    "Advice",
    "BadReference",
    "DecidedMeanwhile",
    "Dispatcher",
    "DispatcherConfig",
    "Figures",
    "NoteStanding",
    "Patients",
    "PlannedResource",
    "Stuck",
    "Unlinked",
    "WritebackConfig",
    "WritebackStatus",
    "advice_on",
    "amend_note",
    "catch_up",
    "check_reference",
    "choose",
    "enqueue",
    "figures",
    "link_call",
    "none_of_them",
    "note_on_paper",
    "note_standing",
    "note_text",
    "plan",
    "retract_note",
    "retry_dead",
    "sign_note",
    "stuck",
    "task_moved",
    "unlinked",
    "write_note",
    "writeback_status",
]
