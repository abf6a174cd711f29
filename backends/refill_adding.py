"""A word more about a request that is with the care team: why it is early, or that it runs out."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from backends.chart import Chart
from backends.medicines import label_of
from backends.practice import Practice
from backends.refill_policy import Policy, drug_facts
from backends.refill_rules import RUN_OUT_SOON_DAYS
from backends.refusals import Json
from backends.staff_tasks import StaffTasks, TaskOrder, due_at, input_parts, input_texts
from models.audit import append
from models.domain import AboutRefill, AddToRefill, OpenTask, Priority, RefillAdded, TaskKind
from models.errors import NotFound
from models.tables import StaffTask, TaskState

_TOLD = {
    AboutRefill.EARLY_REASON: "reason for an early refill",
    AboutRefill.RUNS_OUT: "supply, as the caller says",
}


class RefillAdding:
    """Writes within the caller's transaction."""

    def __init__(self, chart: Chart, practice: Practice, policy: Policy, tasks: StaffTasks) -> None:
        self._store = chart.store
        self._practice = practice
        self._policy = policy
        self._tasks = tasks

    def add(self, session: Session, wish: AddToRefill, call_id: str, now: datetime) -> RefillAdded:
        """Keep the caller's words with the task, once per (call, action). Raises `NotFound`."""
        task = self._task(session, wish)
        name = f"{_TOLD[wish.about]} ({call_id}/{wish.action_id})"
        if name not in input_texts(task):
            self._write(session, wish, task, name, now)
        soon = wish.about is AboutRefill.RUNS_OUT and (wish.days_left or 0) <= RUN_OUT_SOON_DAYS
        if not soon or not self._matters(session, task):
            return RefillAdded(wish.task_ref)
        self._tasks.open(session, TaskOrder(_call_today(wish, task), call_id, focus=_focus(task)), now)
        return RefillAdded(wish.task_ref, today=True)

    def _task(self, session: Session, wish: AddToRefill) -> Json:
        stored = self._store.find(session, "Task", wish.task_ref.removeprefix("Task/"), lock=True)
        whose = stored.body.get("for", {}).get("reference") if stored else ""
        if stored is None or whose != f"Patient/{wish.patient_id}":
            raise NotFound("no such request of this patient")
        return stored.body

    def _write(self, session: Session, wish: AddToRefill, task: Json, name: str, now: datetime) -> None:
        told = f'Caller added, {_TOLD[wish.about]}: "{wish.words}"'
        added = [*task.get("input", []), *input_parts([(name, wish.words)])]
        changed = {**task, "input": added, "description": f"{task.get('description', '')}. {told}"}
        self._store.update(session, changed, task["id"])
        self._tell_queue(session, wish, told, now)
        subject, why = f"Patient/{wish.patient_id}", wish.about.value
        append(session, at=now, actor="agent", action="refill-added-to", subject=subject, why=why)

    def _tell_queue(self, session: Session, wish: AddToRefill, told: str, now: datetime) -> None:
        """Staff see it in their queue; what runs out in two days is urgent."""
        row = session.exec(select(StaffTask).where(col(StaffTask.resource_ref) == wish.task_ref)).first()
        if row is None or row.state == TaskState.DONE:
            return
        row.summary = f"{row.summary}. {told}"
        soon = wish.days_left is not None and wish.days_left <= RUN_OUT_SOON_DAYS
        if soon and row.priority == Priority.ROUTINE.value:
            row.priority = Priority.URGENT.value
            urgent = due_at(TaskKind(row.kind), Priority.URGENT, now, self._practice)
            row.due_at = min(row.due_at or urgent, urgent)
        session.add(row)

    def _matters(self, session: Session, task: Json) -> bool:
        """Whether missing doses of it is dangerous."""
        reference = _focus(task).removeprefix("MedicationRequest/")
        stored = self._store.find(session, "MedicationRequest", reference)
        return stored is not None and drug_facts(label_of(stored.body), self._policy).run_out_matters


def _focus(task: Json) -> str:
    return str(task.get("focus", {}).get("reference", ""))


def _call_today(wish: AddToRefill, task: Json) -> OpenTask:
    summary = f'Runs out: "{wish.words}". {task.get("description", "")}'
    kind, urgent = TaskKind.SAME_DAY_CALLBACK, Priority.URGENT
    return OpenTask(wish.action_id, kind, urgent, summary, wish.patient_id)
