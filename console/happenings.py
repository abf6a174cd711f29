"""The stream of open pages: that something has changed, never what. Replayed by number after a break.

Server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html. One reader per process
asks the database and tells every open page. What a page missed stands in the table of events.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass

from sqlmodel import Session, and_, col, or_, select

from models.domain import Priority
from models.errors import FirstringError
from models.events import events_after, last_sequence
from models.storage import Storage
from models.tables import Call, EventRow, Page, PageState, StaffTask, TaskState
from models.task_rules import BEGINNABLE

EVERY_S = 0.2
STILL_THERE_S = 15.0  # a comment, so that proxies do not close a stream in which nothing happens
RETRY_MS = 2_000
MOST_REPLAYED = 500
MOST_UNREAD = 100  # happenings that wait for one page
KINDS = {"queue": "queue", "page": "queue", "task.half": "queue", "task.over": "queue"}
CALLS = "calls"
URGENT = (Priority.URGENT.value, Priority.ASAP.value)
STILL_THERE = ": still there\n\n"


@dataclass(frozen=True, slots=True)
class Happening:
    """``kinds`` of pages that are not as they were: "queue", "calls". ``alarms``: how many tasks
    and pages need somebody now. ``calls``: tags of the calls that go on and are not as they were."""

    sequence: int
    kinds: tuple[str, ...] = ()
    alarms: int = 0
    calls: tuple[str, ...] = ()

    def sent(self) -> str:
        data = json.dumps({"kinds": self.kinds, "alarms": self.alarms, "calls": self.calls})
        return f"id: {self.sequence}\nevent: changed\ndata: {data}\n\n"


def kinds_of(rows: Iterable[EventRow]) -> set[str]:
    """Which pages are not as they were after these events."""
    return {KINDS.get(row.kind, CALLS) for row in rows}


@dataclass(frozen=True, slots=True)
class State:
    """What tells whether anything has happened, by indexes only: it is asked several times a second."""

    sequence: int = 0
    calls: frozenset[tuple[str, int]] = frozenset()  # that go on, each with what is stored of it, counted
    alarms: int = 0


class Happenings:
    """The reader, which runs while a page is open, and the pages that it tells.

    ``stopping``: whether the server is to end; open streams then end by themselves, so that it need not wait.
    """

    def __init__(
        self,
        storage: Storage,
        every_s: float = EVERY_S,
        still_there_s: float = STILL_THERE_S,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._storage, self._every_s, self._still_there_s = storage, every_s, still_there_s
        self._stopping = stopping
        self._heard: set[asyncio.Queue[Happening | None]] = set()
        self._reader: asyncio.Task[None] | None = None
        self._seen = State()

    @property
    def listeners(self) -> int:
        return len(self._heard)

    @property
    def is_reading(self) -> bool:
        return self._reader is not None and not self._reader.done()

    async def stream(
        self, after: int | None, signed_in: Callable[[], Awaitable[bool]], *, once: bool = False
    ) -> AsyncGenerator[str, None]:
        """What has happened after the event ``after`` (None: from now on), and then what happens.

        It ends when ``signed_in`` says so, which is asked every few seconds; ``once``: after the first.
        """
        yield f"retry: {RETRY_MS}\n\n"
        heard: asyncio.Queue[Happening | None] = asyncio.Queue(MOST_UNREAD)
        now = asyncio.get_running_loop().time
        asked = now()
        try:
            async for happened in self._told(heard, after):
                if now() - asked >= self._still_there_s:
                    asked = now()
                    if not await signed_in():
                        return
                yield happened.sent() if happened else STILL_THERE
                if once:
                    return
        finally:
            self._heard.discard(heard)

    async def _told(
        self, heard: asyncio.Queue[Happening | None], after: int | None
    ) -> AsyncIterator[Happening | None]:
        """Happenings, until the server stops; None when there were none for a while."""
        await self._listen(heard)
        now = self._seen
        since = now.sequence if after is None else after
        missed = await self._storage.read(lambda session: events_after(session, since, limit=MOST_REPLAYED))
        newest = max([now.sequence, *(row.sequence or 0 for row in missed)])
        yield Happening(newest, tuple(sorted(kinds_of(missed))), now.alarms)
        while True:
            try:
                async with asyncio.timeout(self._still_there_s):
                    happened = await heard.get()
            except TimeoutError:
                yield None
                continue
            if happened is None:
                return
            yield happened

    async def _listen(self, heard: asyncio.Queue[Happening | None]) -> None:
        if not self._heard:
            self._seen = await self._storage.read(read_state)
        self._heard.add(heard)
        if not self.is_reading:
            self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        """While anybody listens. A database that refuses is asked again."""
        while self._heard and not self._stopping():
            await asyncio.sleep(self._every_s)
            try:
                await self._look()
            except FirstringError:
                continue
        self._tell(None)

    async def _look(self) -> None:
        before, now = self._seen, await self._storage.read(read_state)
        if now == before:
            return
        rows = await self._storage.read(
            lambda session: events_after(session, before.sequence, limit=MOST_REPLAYED)
        )
        kinds, moved = kinds_of(rows), {call_id for call_id, _ in now.calls ^ before.calls}
        if moved:
            kinds.add(CALLS)
        self._seen = now
        calls = sorted(tag(call_id) for call_id in moved)
        self._tell(Happening(now.sequence, tuple(sorted(kinds)), now.alarms, tuple(calls)))

    def _tell(self, happened: Happening | None) -> None:
        for heard in self._heard:
            if heard.full():  # a page that does not read: it asks again, from where it was
                while not heard.empty():
                    heard.get_nowait()
                heard.put_nowait(None)
            else:
                heard.put_nowait(happened)


def read_state(session: Session) -> State:
    on_the_line = session.exec(select(Call.id, Call.changes).where(col(Call.ended).is_(None))).all()
    return State(
        last_sequence(session),
        frozenset((call_id, changes) for call_id, changes in on_the_line),
        count_alarms(session),
    )


def tag(call_id: str) -> str:
    """What a call is named by in the stream: its own page knows it, others learn nothing by it."""
    return hashlib.sha256(call_id.encode()).hexdigest()[:16]


def count_alarms(session: Session) -> int:
    """Tasks that need somebody now (`task_rules.needs_somebody`), and pages that wait for another reason."""
    danger, unbegun = StaffTask.priority == Priority.STAT.value, col(StaffTask.started_at).is_(None)
    escalated = (col(StaffTask.priority).in_(URGENT), StaffTask.state == TaskState.OPEN.value)
    needed = or_(and_(danger, unbegun), and_(*escalated, col(StaffTask.warned_at).is_not(None)))
    query = select(StaffTask.call_id).where(col(StaffTask.state).in_(BEGINNABLE), needed)
    calls = session.exec(query).all()
    pages = session.exec(select(Page.call_id).where(Page.state == PageState.WAITING.value)).all()
    return len(calls) + sum(call_id not in calls for call_id in pages)
