"""All record functions in one import; each takes a session and may be repeated without harm.

`calls` (a call's life), `corrections`, `desk` (tasks, pages), `earlier_calls` (of a number), `events`,
`guards` (once-only things), `practice` (settings), `recordings`, `reviews` (of calls), `task_deeds`.
"""

from models.calls import (
    TRY_LINE,
    call_record,
    close_call,
    load_call,
    mark_heard,
    open_call,
    patient_blind,
    phone_blind,
    recent_calls,
    require_call,
    resume_begun,
    resume_call,
    save_done,
    save_turn,
    take_over,
    unended,
    unfinished_calls,
)
from models.corrections import CorrectedTurn, corrected_turns
from models.desk import (
    acknowledge,
    add_page,
    add_task,
    open_tasks,
    tasks_of,
    waiting_pages,
)
from models.earlier_calls import EarlierCall, calls_from, state_of
from models.events import append_event, events_after, last_sequence
from models.guards import (
    burn_token,
    failed_attempts,
    failed_attempts_in_call,
    forget_guards,
    note_identity_attempt,
    seen_webhook,
)
from models.practice import save_setting, setting, setting_versions
from models.recordings import (
    begin_recording,
    forget_recording,
    note_recording,
    recorded_bytes,
    recorded_files,
    recording_removed,
    require_recording,
    running_recordings,
)
from models.retention import expired_recordings, unwanted_recordings
from models.reviews import mark_for_teaching, mark_reviewed, mark_unreviewed, unmark_for_teaching
from models.rows import insert_if_new
from models.stored import CallEnding, StoredCall, TurnDetail
from models.task_deeds import do_with_task, find_task, steps_of, wake_due

__all__ = [
    "TRY_LINE",
    "CallEnding",
    "CorrectedTurn",
    "EarlierCall",
    "StoredCall",
    "TurnDetail",
    "acknowledge",
    "add_page",
    "add_task",
    "append_event",
    "begin_recording",
    "burn_token",
    "call_record",
    "calls_from",
    "close_call",
    "corrected_turns",
    "do_with_task",
    "events_after",
    "expired_recordings",
    "failed_attempts",
    "failed_attempts_in_call",
    "find_task",
    "forget_guards",
    "forget_recording",
    "insert_if_new",
    "last_sequence",
    "load_call",
    "mark_for_teaching",
    "mark_heard",
    "mark_reviewed",
    "mark_unreviewed",
    "note_identity_attempt",
    "note_recording",
    "open_call",
    "open_tasks",
    "patient_blind",
    "phone_blind",
    "recent_calls",
    "recorded_bytes",
    "recorded_files",
    "recording_removed",
    "require_call",
    "require_recording",
    "resume_begun",
    "resume_call",
    "running_recordings",
    "save_done",
    "save_setting",
    "save_turn",
    "seen_webhook",
    "setting",
    "setting_versions",
    "state_of",
    "steps_of",
    "take_over",
    "tasks_of",
    "unended",
    "unfinished_calls",
    "unmark_for_teaching",
    "unwanted_recordings",
    "waiting_pages",
    "wake_due",
]
