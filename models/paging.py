"""Pages until somebody answers, and tasks that run out of time: every step one UPDATE, so that of several
processes one takes it, and one that dies leaves it to the next."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, and_, or_, update
from sqlmodel import Session, SQLModel, col, select

from models.contact_tables import PageStep
from models.desk import acknowledge
from models.domain import Priority
from models.rows import insert_if_new
from models.tables import NOT_DONE, Page, PageState, StaffTask, TaskState

SENDING, SENT, FAILED, ANSWERED = "sending", "sent", "failed", "answered"
AT_ONCE = (Priority.STAT.value,)  # danger and nurse-now: domain rules section 1.3
SET_BACK = timedelta(minutes=5)  # what was made so far ahead of now: the clock was set back since


def due_pages(session: Session, now: datetime, waited: Collection[str] = ()) -> list[Page]:
    """Pages that nobody has answered and of which the next step is due, oldest first.

    ``waited``: those that have waited for it, whatever the clock shows.
    """
    due = or_(col(Page.next_at).is_(None), col(Page.next_at) <= now, col(Page.id).in_(waited))
    query = select(Page).where(Page.state == PageState.WAITING.value, due).order_by(col(Page.at))
    return list(session.exec(query).all())


def claim_step(
    session: Session, page: Page, *, contact: str, channel: str, at: datetime, next_at: datetime
) -> PageStep | None:
    """The next step of a page, this process' to take; None where another has it or somebody answered."""
    mine = (
        col(Page.id) == page.id,
        col(Page.state) == PageState.WAITING.value,
        col(Page.level) == page.level,
    )
    if not _update(session, Page, *mine, values={"level": page.level + 1, "next_at": next_at}):
        return None
    number = page.level + 1
    insert_if_new(
        session,
        PageStep(page_id=page.id, number=number, contact=contact, channel=channel, state=SENDING, at=at),
    )
    query = select(PageStep).where(PageStep.page_id == page.id, PageStep.number == number)
    return session.exec(query).one()


def task_taken(session: Session, page: Page, *, at: datetime) -> bool:
    """Whether somebody has begun the page's task meanwhile: that answers the page. To have been handed it
    does not."""
    task = session.get(StaffTask, page.task_id, populate_existing=True) if page.task_id else None
    return task is not None and task.started_at is not None and acknowledge(session, page.id, task.owner, at)


def put_off(session: Session, page: Page, *, next_at: datetime) -> None:
    """There is nobody to be tried now."""
    _update(session, Page, col(Page.id) == page.id, values={"next_at": next_at})


def step_of(session: Session, step_id: int) -> PageStep | None:
    return session.get(PageStep, step_id, populate_existing=True)


def steps_of(session: Session, page_id: str) -> list[PageStep]:
    """Whom a page has tried, in order."""
    query = select(PageStep).where(PageStep.page_id == page_id).order_by(col(PageStep.number))
    return list(session.exec(query).all())


def step_sent(session: Session, step_id: int) -> None:
    mine = (col(PageStep.id) == step_id, col(PageStep.state) == SENDING)
    _update(session, PageStep, *mine, values={"state": SENT})


def step_failed(session: Session, step: PageStep, error: str, *, at: datetime) -> None:
    """This step reached nobody: the next is due at once, unless it was taken already."""
    mine = (col(PageStep.id) == step.id, col(PageStep.state).in_((SENDING, SENT)))
    if _update(session, PageStep, *mine, values={"state": FAILED, "error": error}):
        last = (col(Page.id) == step.page_id, col(Page.level) == step.number)
        _update(session, Page, *last, values={"next_at": at})


def text_key(page_id: str, number: int) -> str:
    """The key of the text message of a page's step."""
    return f"page/{page_id}/{number}"


def text_of_step_failed(session: Session, key: str, *, at: datetime) -> None:
    """The text of this key did not get through."""
    _, page_id, number = key.split("/")
    query = select(PageStep).where(PageStep.page_id == page_id, PageStep.number == int(number))
    step = session.exec(query).first()
    if step is not None:
        step_failed(session, step, "text-failed", at=at)


def step_answered(session: Session, step_id: int) -> None:
    _update(session, PageStep, col(PageStep.id) == step_id, values={"state": ANSWERED})


def waiting_for(session: Session, contact: str) -> list[tuple[str, int]]:
    """Pages that still wait and were sent to this contact, each with the last step that went to them."""
    query = select(Page.id, PageStep.id).join(PageStep, col(PageStep.page_id) == col(Page.id))
    query = query.where(Page.state == PageState.WAITING.value, PageStep.contact == contact)
    found = dict(session.exec(query.order_by(col(PageStep.number))).all())
    return [(page_id, step_id) for page_id, step_id in found.items() if step_id is not None]


# --------------------------------------------------------------------------- service levels


def half_spent(session: Session, now: datetime) -> list[StaffTask]:
    """Tasks of which half of the time is over and nobody was told."""
    open_ = (col(StaffTask.state).in_(NOT_DONE), col(StaffTask.warned_at).is_(None))
    query = select(StaffTask).where(*open_, col(StaffTask.due_at).is_not(None))
    tasks = session.exec(query).all()
    return [
        task for task in tasks if task.due_at and now - task.created_at >= (task.due_at - task.created_at) / 2
    ]


def overdue(session: Session, now: datetime) -> list[StaffTask]:
    """Tasks of which all the time is over and nobody was told; how long a danger waits must be known."""
    open_ = (col(StaffTask.state).in_(NOT_DONE), col(StaffTask.escalated_at).is_(None))
    unknown = and_(col(StaffTask.priority).in_(AT_ONCE), col(StaffTask.created_at) >= now + SET_BACK)
    query = select(StaffTask).where(*open_, or_(col(StaffTask.due_at) <= now, unknown))
    return list(session.exec(query.order_by(col(StaffTask.due_at))).all())


def note_warned(session: Session, task_id: str, at: datetime) -> bool:
    """True for the one who is to tell."""
    mine = (col(StaffTask.id) == task_id, col(StaffTask.warned_at).is_(None))
    return _update(session, StaffTask, *mine, values={"warned_at": at})


def note_escalated(session: Session, task_id: str, at: datetime) -> bool:
    """True for the one who is to tell."""
    mine = (col(StaffTask.id) == task_id, col(StaffTask.escalated_at).is_(None))
    return _update(session, StaffTask, *mine, values={"escalated_at": at})


def unowned(session: Session, now: datetime, after: timedelta) -> int:
    """How many danger and nurse-now tasks nobody has taken for so long, or for nobody knows how long."""
    open_ = (col(StaffTask.state) == TaskState.OPEN.value, col(StaffTask.priority).in_(AT_ONCE))
    long_ = or_(col(StaffTask.created_at) <= now - after, col(StaffTask.created_at) >= now + SET_BACK)
    query = select(StaffTask.id).where(*open_, long_)
    return len(session.exec(query).all())


def answered_by(session: Session, call_id: str) -> str:
    """Who has answered a page of this call, "" nobody."""
    query = select(Page.acknowledged_by).where(
        Page.call_id == call_id, Page.state == PageState.ACKNOWLEDGED.value
    )
    return session.exec(query).first() or ""


def is_paged(session: Session, call_id: str) -> bool:
    """Whether a page of this call is under way."""
    query = select(Page.id).where(Page.call_id == call_id, Page.state == PageState.WAITING.value)
    return session.exec(query).first() is not None


def _update(session: Session, table: type[SQLModel], *where: Any, values: dict[str, Any]) -> bool:
    result: CursorResult[Any] = session.connection().execute(update(table).where(*where).values(**values))
    return result.rowcount > 0
