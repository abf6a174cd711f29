"""The calls that this process leads, for staff who follow them: what they order reaches the call's dialog.

Orders rest in the database, so it does not matter which process took them from the console; a process that
leads calls looks for theirs several times a second, and at once for those that it took itself.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from agent.listening_in import Listeners
from agent.logs import log
from models import call_orders
from models.domain import Clock, StaffDeed, StaffOrdered
from models.errors import FirstringError
from models.storage import Storage
from models.tables import CallOrder, OrderState

EVERY_S = 0.25

Tell = Callable[[StaffOrdered], None]


def _stay() -> None:
    """Of a call that cannot go on elsewhere."""


@dataclass
class _Led:
    tell: Tell
    listeners: Listeners = field(default_factory=Listeners)
    move: Callable[[], None] = _stay
    told: set[str] = field(default_factory=set)  # orders that it has had


class LiveCalls:
    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage, self._clock = storage, clock
        self._led: dict[str, _Led] = {}
        self._given = asyncio.Event()

    @contextlib.contextmanager
    def led(
        self,
        call_id: str,
        tell: Tell,
        listeners: Listeners | None = None,
        move: Callable[[], None] = _stay,
    ) -> Iterator[None]:
        """While this process leads the call.

        ``tell`` is called with each order of it, ``listeners`` are given what is heard on it, ``move`` ends
        our stream of it at the next good moment.
        """
        mine = self._led[call_id] = _Led(tell, Listeners() if listeners is None else listeners, move)
        try:
            yield
        finally:
            mine.listeners.end()
            if self._led.get(call_id) is mine:
                del self._led[call_id]

    def listeners(self, call_id: str) -> Listeners | None:
        """Of a call that this process leads; None of any other."""
        led = self._led.get(call_id)
        return led.listeners if led else None

    @property
    def moves(self) -> list[Callable[[], None]]:
        """Of all calls that are led here."""
        return [led.move for led in self._led.values()]

    def given(self) -> None:
        """An order was given in this process: it is looked for at once."""
        self._given.set()

    async def watch(self) -> None:
        """For ever. A database that refuses is asked again."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._given.wait()
            self._given.clear()
            try:
                await self.look()
            except FirstringError as problem:
                log.warning("orders.not_read", code=problem.code)

    async def look(self) -> None:
        """Hands each order to its call, once in this process."""
        if not self._led:
            return
        read = partial(call_orders.waiting_orders, call_ids=tuple(self._led), now=self._clock())
        for order in await self._storage.read(read):
            led = self._led.get(order.call_id)
            if led is not None and order.id not in led.told:
                led.told.add(order.id)
                led.tell(_event(order))

    async def answer(self, order: StaffOrdered, *, obeyed: bool) -> None:
        """What became of it. Where that cannot be stored the console says that nobody answered."""
        state = OrderState.DONE if obeyed else OrderState.REFUSED
        log.info("order.answered", kind=order.deed.value, state=state.value)
        answered = partial(call_orders.answer_order, name=order.order_id, state=state, at=self._clock())
        try:
            await self._storage.write(answered)
        except FirstringError as problem:
            log.warning("order.not_answered", code=problem.code)


def _event(order: CallOrder) -> StaffOrdered:
    return StaffOrdered(order.id, StaffDeed(order.kind), order.contact)
