"""Work for staff: a row in their queue, and a FHIR Task in the chart when it is about a known patient.

https://hl7.org/fhir/R4/task.html. Both are written in the caller's transaction, once per (call, action).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from backends.fhir_time import fhir_instant
from backends.practice import Practice, add_open_time, next_business_day_end
from backends.refusals import Json
from backends.store import ChartStore, Stored
from models.desk import add_task
from models.domain import OpenTask, Priority, TaskKind
from models.tables import StaffTask

TASK_CODES = "http://hl7.org/fhir/CodeSystem/task-code"
AT_ONCE = timedelta(minutes=5)
REFILL_TIME = timedelta(hours=48)
SAME_DAY_HOURS = 4  # of opening

_AT_ONCE_KINDS = (TaskKind.RED_FLAG_911, TaskKind.NURSE_NOW)
_REFILL_KINDS = (
    *(TaskKind.REFILL_REVIEW, TaskKind.REFILL_TOO_SOON_QUESTION, TaskKind.CONTROLLED_REFILL),
    TaskKind.MED_CHANGE_REQUEST,
)
_URGENT = (Priority.URGENT, Priority.ASAP, Priority.STAT)


@dataclass(frozen=True, slots=True)
class TaskOrder:
    """A task to open. ``inputs`` are (name, text) pairs that staff see with it."""

    wish: OpenTask
    call_id: str
    focus: str = ""
    approve: bool = False  # somebody must say yes or no, rather than do something
    inputs: Sequence[tuple[str, str]] = ()


def due_at(kind: TaskKind, priority: Priority, now: datetime, practice: Practice) -> datetime:
    """When a task must be done: danger in 5 minutes, same day in 4 opening hours, refills in 48 hours,
    everything else by the end of the next business day; an urgent one no later than the same day.
    """
    same_day = add_open_time(practice, now, SAME_DAY_HOURS)
    if kind in _AT_ONCE_KINDS:
        return now + AT_ONCE
    if kind is TaskKind.SAME_DAY_CALLBACK:
        return same_day
    usual = now + REFILL_TIME if kind in _REFILL_KINDS else next_business_day_end(practice, now)
    return min(usual, same_day) if priority in _URGENT else usual


class StaffTasks:
    """Opens tasks within the caller's transaction."""

    def __init__(self, store: ChartStore, practice: Practice, system_url: str) -> None:
        self._store = store
        self._practice = practice
        self._system_url = system_url

    def open(self, session: Session, order: TaskOrder, now: datetime) -> StaffTask:
        """Open a task, or find the one that this action of this call opened before."""
        wish = order.wish
        before = self.opened(session, order.call_id, wish.action_id)
        if before is not None:
            return before
        due = due_at(wish.kind, wish.priority, now, self._practice)
        ref = self._chart_task(session, order, now, due).ref if wish.patient_id else ""
        return add_task(session, wish, call_id=order.call_id, at=now, due_at=due, resource_ref=ref)

    def opened(self, session: Session, call_id: str, action_id: str) -> StaffTask | None:
        """The task that an action of a call has already opened."""
        mine = (col(StaffTask.call_id) == call_id, col(StaffTask.action_id) == action_id)
        return session.exec(select(StaffTask).where(*mine)).first()

    def numbered(self, session: Session, resource_type: str, call_id: str, kind: str) -> Json:
        """The next free identifier ``<call>/<kind>/<n>`` of a call."""
        system, number = f"{self._system_url}/call", 1
        while self._store.by_identifier(session, resource_type, system, f"{call_id}/{kind}/{number}"):
            number += 1
        return {"system": system, "value": f"{call_id}/{kind}/{number}"}

    def _chart_task(self, session: Session, order: TaskOrder, now: datetime, due: datetime) -> Stored:
        wish = order.wish
        task_code = {"system": TASK_CODES, "code": "approve" if order.approve else "fulfill"}
        own_code = {"system": f"{self._system_url}/cs/call-task", "code": wish.kind.value}
        task: Json = {
            "resourceType": "Task",
            "identifier": [self.numbered(session, "Task", order.call_id, "task")],
            "status": "requested",
            "intent": "proposal" if order.approve else "order",
            "priority": wish.priority.value,
            "code": {"coding": [task_code, own_code]},
            "description": wish.summary,
            "for": {"reference": f"Patient/{wish.patient_id}"},
            "authoredOn": fhir_instant(now),
            "requester": {"display": "AI phone assistant"},
            "restriction": {"period": {"end": fhir_instant(due)}},
        }
        if order.focus:
            task["focus"] = {"reference": order.focus}
        if order.inputs:
            task["input"] = input_parts(order.inputs)
        return self._store.create(session, task)[0]


def input_parts(inputs: Sequence[tuple[str, str]]) -> list[Json]:
    """``Task.input`` for (name, text) pairs; a pair without text is left out."""
    return [{"type": {"text": name}, "valueString": text} for name, text in inputs if text]


def input_texts(task: Json) -> dict[str, str]:
    """A Task's inputs as written by `StaffTasks`."""
    return {item["type"].get("text", ""): item.get("valueString", "") for item in task.get("input", [])}
