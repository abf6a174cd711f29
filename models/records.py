"""All record functions in one import; each takes a session and may be repeated without harm.

`calls` (a call's life), `desk` (tasks, pages), `events`, `guards` (once-only things), `practice` (settings).
"""

from models.calls import (
    call_record,
    calls_from,
    close_call,
    load_call,
    mark_heard,
    open_call,
    patient_blind,
    phone_blind,
    recent_calls,
    require_call,
    resume_call,
    save_done,
    save_turn,
    take_over,
    unfinished_calls,
)
from models.desk import (
    acknowledge,
    add_page,
    add_task,
    claim,
    finish,
    open_tasks,
    release,
    tasks_of,
    waiting_pages,
)
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
from models.rows import insert_if_new
from models.stored import CallEnding, StoredCall, TurnDetail

__all__ = [
    "CallEnding",
    "StoredCall",
    "TurnDetail",
    "acknowledge",
    "add_page",
    "add_task",
    "append_event",
    "burn_token",
    "call_record",
    "calls_from",
    "claim",
    "close_call",
    "events_after",
    "failed_attempts",
    "failed_attempts_in_call",
    "finish",
    "forget_guards",
    "insert_if_new",
    "last_sequence",
    "load_call",
    "mark_heard",
    "note_identity_attempt",
    "open_call",
    "open_tasks",
    "patient_blind",
    "phone_blind",
    "recent_calls",
    "release",
    "require_call",
    "resume_call",
    "save_done",
    "save_setting",
    "save_turn",
    "seen_webhook",
    "setting",
    "setting_versions",
    "take_over",
    "tasks_of",
    "unfinished_calls",
    "waiting_pages",
]
