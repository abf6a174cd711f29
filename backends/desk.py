"""The staff's queue: tasks and pages."""

from __future__ import annotations

from sqlmodel import Session, col, select

from backends.chart import Chart, write_retrying
from backends.practice import Practice
from backends.staff_tasks import StaffTasks, TaskOrder
from models.calls import rate
from models.desk import add_page
from models.domain import CallRated, OpenTask, PageStaff, StaffPaged, TaskOpened, TextsStopped
from models.events import append_event
from models.tables import Page
from models.texts import choose_texts


class EmbeddedDesk:
    """`models.domain.Desk` on the practice's own database."""

    def __init__(self, chart: Chart, practice: Practice, system_url: str) -> None:
        self._chart = chart
        self._tasks = StaffTasks(chart.store, practice, system_url)

    async def open_task(self, wish: OpenTask, *, call_id: str) -> TaskOpened:
        """Put work into the queue, once per (call, action), with its due time."""
        now = self._chart.clock()

        def work(session: Session) -> TaskOpened:
            task = self._tasks.open(session, TaskOrder(wish, call_id), now)
            return TaskOpened(task.resource_ref or f"StaffTask/{task.id}")

        return await write_retrying(self._chart.storage, work)

    async def page(self, wish: PageStaff, *, call_id: str) -> StaffPaged:
        """Page somebody about a live danger, once per (call, action)."""
        now = self._chart.clock()

        def work(session: Session) -> StaffPaged:
            mine = (col(Page.call_id) == call_id, col(Page.action_id) == wish.action_id)
            known = session.exec(select(Page.id).where(*mine)).first()
            page = add_page(session, wish, call_id=call_id, at=now)
            if known is None:
                payload = {"page_id": page.id, "red_flag_id": wish.red_flag_id, "summary": wish.summary}
                append_event(session, "page", at=now, call_id=call_id, payload=payload)
            return StaffPaged(f"Page/{page.id}")

        return await write_retrying(self._chart.storage, work)

    async def rate_call(self, score: int, *, call_id: str) -> CallRated:
        """Keep how the caller found the call, 1 to 5; said again, the last score stands."""
        await write_retrying(self._chart.storage, lambda session: rate(session, call_id, score))
        return CallRated()

    async def stop_texts(self, number: str) -> TextsStopped:
        """No texts to this number from now on. Without a number there is nothing that could be sent."""
        now = self._chart.clock()
        if number:
            await write_retrying(
                self._chart.storage, lambda session: choose_texts(session, number, stopped=True, at=now)
            )
        return TextsStopped()
