"""Blocking a provider's time, opening it again, withdrawing openings: deeds of staff, each audited."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from backends.blocks import A_DAY, Blocks, spans
from backends.by_time import beginning
from backends.chart import Chart, write_retrying
from backends.day_sheet import Sheets, held_for
from backends.desk_trail import note
from backends.identity import phones_of
from backends.practice import Practice
from backends.staff_tasks import StaffTasks, TaskOrder
from models.domain import OpenTask, Priority, TaskKind
from models.errors import NotFound
from models.schedule import Block, BlockEffect, DeskOrder, Hold, Visit
from models.tables import StaffTask, TaskState
from models.task_deeds import TaskMoved, do_with_task
from models.task_rules import SYSTEM, Deed, TaskDeed

SOON = timedelta(hours=48)  # a visit that is blocked away so late makes an urgent task
CLOSED_AGAIN = "This block has ended: the visit need not be moved for it."
STANDING = "booked"


class DeskBlocks:
    """``moved`` is told of every task that moves on, in the same transaction."""

    def __init__(
        self, chart: Chart, practice: Practice, system_url: str, moved: TaskMoved | None = None
    ) -> None:
        self._chart, self._practice, self._moved = chart, practice, moved
        self._blocks = Blocks(chart.store, practice, system_url)
        self._sheets = Sheets(chart.store, practice, system_url)
        self._tasks = StaffTasks(chart.store, practice, system_url)

    async def preview(self, block: Block) -> BlockEffect:
        """What would come of it."""
        now = self._chart.clock()

        def work(session: Session) -> BlockEffect:
            found = [
                slot
                for span in spans(block, self._practice)
                for slot in self._blocks.free_in(session, block.provider_id, span)
            ]
            return BlockEffect(len(found), self._visits(session, block), self._holds(session, block, now))

        return await self._chart.storage.read(work)

    async def block(self, block: Block, order: DeskOrder) -> BlockEffect:
        """Set it, and open a task for each visit that it meets; a second time it is found to be set."""
        now, block_id = self._chart.clock(), f"block-{order.form_id}"

        def work(session: Session) -> BlockEffect:
            if self._blocks.slots(session, block_id):
                return BlockEffect(0, (), (), block_id)
            taken = self._blocks.set(session, block, block_id, now)
            visits, holds = self._visits(session, block), self._holds(session, block, now)
            for visit in visits:
                self._tasks.open(session, self._call_them(session, visit, block, block_id, now), now)
            subject = f"provider/{block.provider_id}/{block_id}"
            note(session, now, order.who, "schedule block", subject, block.reason)
            return BlockEffect(taken, visits, holds, block_id)

        return await write_retrying(self._chart.storage, work)

    async def unblock(self, block_id: str, who: str) -> bool:
        """Open it again; its tasks that nobody has begun are closed. False where it does not stand any more.

        Raises `NotFound`.
        """
        now = self._chart.clock()

        def work(session: Session) -> bool:
            if not self._blocks.slots(session, block_id):
                raise NotFound("no such block")
            if not self._blocks.end(session, block_id):
                return False
            self._end_tasks(session, block_id, now)
            note(session, now, who, "schedule unblock", f"block/{block_id}")
            return True

        return await write_retrying(self._chart.storage, work)

    async def withdraw(self, span: Block, order: DeskOrder) -> int:
        """Take openings that nobody has or holds out of the schedule; how many."""
        now = self._chart.clock()

        def work(session: Session) -> int:
            name = f"withdraw-{order.form_id}"
            gone = sum(
                self._blocks.withdraw(session, span.provider_id, one, name, now)
                for one in spans(span, self._practice)
            )
            if gone:
                subject = f"provider/{span.provider_id}/{span.first}"
                note(session, now, order.who, "openings withdraw", subject)
            return gone

        return await write_retrying(self._chart.storage, work)

    def _visits(self, session: Session, block: Block) -> tuple[Visit, ...]:
        """Those that a block meets, earliest first."""
        found: list[Visit] = []
        for begin, end in spans(block, self._practice):
            near = self._sheets.visits(session, beginning(session, "Appointment", begin - A_DAY, end))
            mine = (v for v in near if v.provider_id == block.provider_id and v.status == STANDING)
            found += [visit for visit in mine if visit.start < end and begin < visit.end]
        return tuple({visit.visit_id: visit for visit in found}.values())

    def _holds(self, session: Session, block: Block, now: datetime) -> tuple[Hold, ...]:
        return tuple(
            Hold(held_for(name), start)
            for span in spans(block, self._practice)
            for name, start in self._blocks.holds(session, block.provider_id, span, now).items()
        )

    def _call_them(
        self, session: Session, visit: Visit, block: Block, block_id: str, now: datetime
    ) -> TaskOrder:
        local = visit.start.astimezone(self._practice.zone)
        summary = (
            f"{visit.provider_name} is not there on {local:%a %b} {local.day} at {local:%H:%M} "
            f"({block.reason}). Please call {visit.patient_name or 'the patient'} and move their "
            f"{visit.visit_name}: it stands until then."
        )
        patient = self._chart.store.find(session, "Patient", visit.patient_id) if visit.patient_id else None
        wish = OpenTask(
            f"call-{visit.visit_id}",
            TaskKind.SCHEDULE_ASSIST,
            Priority.URGENT if visit.start - now < SOON else Priority.ROUTINE,
            summary,
            visit.patient_id if patient else "",
            min(phones_of(patient.body), default="") if patient else "",
        )
        return TaskOrder(wish, block_id, focus=f"Appointment/{visit.visit_id}")

    def _end_tasks(self, session: Session, block_id: str, now: datetime) -> None:
        mine = (StaffTask.call_id == block_id, StaffTask.state != TaskState.DONE.value)
        for task in session.exec(select(StaffTask).where(*mine).order_by(col(StaffTask.id))).all():
            deed = Deed.RESOLVE if task.state == TaskState.OPEN else Deed.COMMENT
            outcome = "not-needed" if deed is Deed.RESOLVE else ""
            order = TaskDeed(task.id, deed, SYSTEM, now, words=CLOSED_AGAIN, outcome=outcome)
            do_with_task(session, order, self._moved)
