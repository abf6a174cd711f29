"""Slots of a FHIR server, taken for a booking: each PUT names the version that was seen: two cannot win.

https://hl7.org/fhir/R4/http.html#concurrency: a server that holds another version by then answers 412.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog

from backends import cells
from backends.fhir_time import FhirTimeError, fhir_instant, instant
from backends.reading.looks import Looks
from backends.reading.problems import NotOffered
from backends.refusals import Json
from fhir.client import Stored
from fhir.errors import Conflicting, FhirError
from models.errors import BackendError, NotFound

log = structlog.get_logger("firstring")
FREE, TAKEN, BUSY = "free", "busy-tentative", "busy"
_UNTIL = "held by Firstring until "
LIFE = timedelta(minutes=5)  # of a claim whose booking never came: then its slot counts as free again


class Claims:
    """Takes slots and gives them back. Raises the errors of `problems`."""

    def __init__(self, looks: Looks) -> None:
        self._looks = looks

    async def take(self, slot_ids: Sequence[str], now: datetime, life: timedelta = LIFE) -> list[Stored]:
        """All of the slots, or none. Raises `cells.Gone` when one is not free any more."""
        seen = await asyncio.gather(*(self._read(slot_id) for slot_id in slot_ids))
        if not all(slot.resource and is_free(slot.resource, now) for slot in seen):
            raise cells.Gone
        taken: list[Stored] = []
        try:
            for slot in seen:
                comment = f"{_UNTIL}{fhir_instant(now + life)}"
                taken.append(await self._put(slot, TAKEN, comment))
        except Conflicting:
            await self.give_back(taken)
            raise cells.Gone from None
        except BaseException:
            await self.give_back(taken)
            raise
        return taken

    async def settle(self, taken: Iterable[Stored]) -> None:
        """They belong to a booking now. One that cannot be marked so stays taken, and is nobody else's."""
        for slot in taken:
            await self._quietly(slot, BUSY)

    async def give_back(self, taken: Iterable[Stored]) -> None:
        for slot in taken:
            await self._quietly(slot, FREE)

    async def free(self, slot_ids: Iterable[str]) -> bool:
        """Set the slots of a cancelled visit free; whether all of them are."""
        done = [await self._free(slot_id) for slot_id in slot_ids]
        return all(done)

    async def _free(self, slot_id: str) -> bool:
        try:
            slot = await self._read(slot_id)
        except NotFound:
            return True
        except BackendError:
            return False
        is_so = slot.resource is not None and slot.resource.get("status") == FREE
        return is_so or await self._quietly(slot, FREE)

    async def _quietly(self, slot: Stored, status: str) -> bool:
        try:
            await self._put(slot, status)
        except (FhirError, BackendError) as problem:
            log.warning("slot.not_marked", status=status, code=problem.code)
            return False
        return True

    async def _read(self, slot_id: str) -> Stored:
        return await self._looks.ask(lambda: self._looks.client.read(f"Slot/{slot_id}"))

    async def _put(self, slot: Stored, status: str, comment: str = "") -> Stored:
        if not slot.etag:
            raise NotOffered("the server names no versions of its slots: a booking could not be made safe")
        document: Json = {**(slot.resource or {}), "status": status}
        document.pop("comment", None)
        if comment:
            document["comment"] = comment
        return await self._looks.client.update(document, if_match=slot.etag)


def is_free(slot: Json, now: datetime) -> bool:
    """Free, or taken by one of our bookings that never came about."""
    if slot.get("status") != TAKEN:
        return bool(slot.get("status") == FREE)
    comment = str(slot.get("comment", ""))
    try:
        return comment.startswith(_UNTIL) and instant(comment.removeprefix(_UNTIL)) <= now
    except FhirTimeError:
        return False
