"""A patient's requests for refills that are open, or were closed in the last days: to tell their status."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from backends.fhir_time import fhir_instant
from backends.refusals import Json
from backends.staff_tasks import input_texts
from backends.store import ChartStore
from models.domain import OpenRequest, RequestStage, TaskKind
from models.tables import StaffTask, TaskState

CLOSED_DAYS = 7  # for how long after it was asked a closed request is still told of
REFILL_KINDS = frozenset(
    kind.value
    for kind in (
        TaskKind.REFILL_REVIEW,
        TaskKind.REFILL_TOO_SOON_QUESTION,
        TaskKind.CONTROLLED_REFILL,
        TaskKind.MED_CHANGE_REQUEST,
    )
)
_NOT_GRANTED = frozenset({"rejected", "cancelled", "failed"})


def open_requests(
    store: ChartStore, session: Session, patient_id: str, now: datetime, zone: ZoneInfo
) -> tuple[OpenRequest, ...]:
    """The newest first; one per order."""
    tasks = store.all(session, "Task", ("patient", f"Patient/{patient_id}"))
    since = fhir_instant(now - timedelta(days=CLOSED_DAYS))
    done = _done(session, [f"Task/{task['id']}" for task in tasks])
    found: dict[str, OpenRequest] = {}
    for task in sorted(tasks, key=lambda task: str(task.get("authoredOn", "")), reverse=True):
        request = _request(task, zone, is_done=f"Task/{task['id']}" in done)
        recent = str(task.get("authoredOn", "")) >= since
        if request and (recent or request.stage is RequestStage.WITH_CARE_TEAM):
            found.setdefault(request.order_id or task["id"], request)
    return tuple(found.values())


def _done(session: Session, references: list[str]) -> set[str]:
    """Tasks that staff have closed in their queue."""
    if not references:
        return set()
    query = select(StaffTask.resource_ref).where(
        col(StaffTask.resource_ref).in_(references), col(StaffTask.state) == TaskState.DONE
    )
    return set(session.exec(query))


def _request(task: Json, zone: ZoneInfo, *, is_done: bool) -> OpenRequest | None:
    kind = _kind(task)
    if kind not in REFILL_KINDS:
        return None
    asked_on = _day(str(task.get("authoredOn", "")), zone)
    texts = input_texts(task)
    order_id = texts.get("order made") or texts.get("order", "")
    return OpenRequest(kind, asked_on, _stage(task, is_done=is_done), order_id) if asked_on else None


def _kind(task: Json) -> str:
    codes = (coding.get("code", "") for coding in task.get("code", {}).get("coding", []))
    return next((code for code in codes if code in REFILL_KINDS), "")


def _stage(task: Json, *, is_done: bool) -> RequestStage:
    """Closed in the queue without a word on the outcome: a person can tell, we cannot."""
    status = task.get("status")
    if status == "completed" or input_texts(task).get("order made"):
        return RequestStage.ANSWERED
    if status in _NOT_GRANTED or is_done:
        return RequestStage.NOT_GRANTED
    return RequestStage.WITH_CARE_TEAM


def _day(instant: str, zone: ZoneInfo) -> date | None:
    try:
        return datetime.fromisoformat(instant).astimezone(zone).date()
    except ValueError:
        return None
