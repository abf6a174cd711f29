"""A task of the staff moves on, and its Task in the chart follows: promised in the same transaction.

https://hl7.org/fhir/R4/task.html. Who did what, with their words, stands in our own history alone.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from ehr_writeback.config import WritebackConfig
from ehr_writeback.outbox import outbox_kind, promise
from ehr_writeback.planned import MOVE, TASK, Json, PlannedResource, key_of, placeholder
from ehr_writeback.times import instant
from models.desk import tasks_of
from models.tables import OutboxRow, StaffTask
from models.task_rules import fhir_status, on_duty, outcome_of

_STATES = {
    "requested": "Waits for a person",
    "accepted": "Handed over, not begun",
    "in-progress": "A person is at it",
    "on-hold": "Put off",
}


def task_moved(
    session: Session, task: StaffTask, at: datetime, config: WritebackConfig, target: str = "embedded"
) -> bool:
    """Promise the Task's new status and owner; False for one that the chart does not have (yet)."""
    rows = _rows(session, task.call_id, target)
    planned = _planned_as(rows, task)
    if planned:
        reference = placeholder(task.call_id, planned)
    elif config.same_server and task.resource_ref.startswith("Task/"):
        reference = task.resource_ref
    else:
        return False
    before = [planned, _last_move(rows, reference)]
    wish: Json = {"resourceType": "Task", "target": {"reference": reference}, "set": _as_it_stands(task, at)}
    done = [int(row.payload["n"]) for row in rows if row.payload["kind"] == MOVE]
    move = PlannedResource(MOVE, max(done, default=0) + 1, wish, depends_on=tuple(filter(None, before)))
    promise(session, task.call_id, [move], target, at)
    return True


def catch_up(
    session: Session, call_id: str, at: datetime, config: WritebackConfig, target: str = "embedded"
) -> None:
    """The call's tasks are promised now: what was done with them during the call follows."""
    if config.same_server:
        return  # they stood in the chart from the start
    for task in tasks_of(session, call_id):
        if task.version:
            task_moved(session, task, at, config, target)


def _as_it_stands(task: StaffTask, at: datetime) -> Json:
    status = fhir_status(task)
    ended = outcome_of(task.kind, task.outcome)
    words = ended.words if ended else _STATES.get(status, "Done")
    owner = task.owner or on_duty(task.kind)
    return {
        "status": status,
        "businessStatus": {"text": words},
        "owner": {"display": owner},
        "lastModified": instant(at),
    }


def _rows(session: Session, call_id: str, target: str) -> list[OutboxRow]:
    query = select(OutboxRow).where(
        col(OutboxRow.call_id) == call_id, col(OutboxRow.kind) == outbox_kind(target)
    )
    return list(session.exec(query).all())


def _planned_as(rows: list[OutboxRow], task: StaffTask) -> str:
    """The key of the Task that the write-back makes for this one, "" when it makes none.

    Of several of its kind, the one in the same words; words may be withheld from a chart, so that of one
    alone nothing more is asked.
    """
    same = [row for row in rows if row.payload["kind"] == TASK and _is_of(row.payload["resource"], task)]
    alike = [row for row in same if row.payload["resource"].get("description") == task.summary]
    found = alike or (same if len(same) == 1 else [])
    return key_of(TASK, int(found[0].payload["n"])) if found else ""


def _is_of(resource: Json, task: StaffTask) -> bool:
    return any(coding.get("code") == task.kind for coding in resource["code"]["coding"])


def _last_move(rows: list[OutboxRow], reference: str) -> str:
    """The key of the one before: the chart gets them in their order."""
    same = [
        int(row.payload["n"])
        for row in rows
        if row.payload["kind"] == MOVE and row.payload["resource"]["target"]["reference"] == reference
    ]
    return key_of(MOVE, max(same)) if same else ""
