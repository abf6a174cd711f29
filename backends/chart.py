"""The embedded chart: FHIR R4 resources in the practice's own database."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlmodel import Session

from backends import transaction
from backends.capability import capability_statement
from backends.refusals import Json
from backends.search import Pairs
from backends.store import ChartStore, Page, Stored
from models.domain import Clock
from models.errors import Conflict
from models.keyring import KeyRing
from models.storage import Storage

T = TypeVar("T")
TRIES = 4


async def write_retrying(storage: Storage, work: Callable[[Session], T]) -> T:
    """Run ``work`` again when another process stored the same key first: it then finds what is there."""
    for _ in range(TRIES - 1):
        try:
            return await storage.write(work)
        except Conflict as conflict:
            if type(conflict) is not Conflict:
                raise  # our own refusals are answers, not races
    return await storage.write(work)


class Chart:
    """FHIR interactions, each in a transaction of its own. ``store`` is for composing several in one.

    Raises `backends.refusals.ChartRefusal` with the HTTP status and the OperationOutcome's issues.
    """

    def __init__(
        self, storage: Storage, keyring: KeyRing, clock: Clock, store: ChartStore | None = None
    ) -> None:
        """``store`` None: the one in this database."""
        self.storage = storage
        self.store = store or ChartStore(keyring, clock)
        self.clock = clock

    async def read(self, resource_type: str, resource_id: str) -> Stored:
        return await self.storage.read(lambda s: self.store.read(s, resource_type, resource_id))

    async def vread(self, resource_type: str, resource_id: str, version: int) -> Stored:
        return await self.storage.read(lambda s: self.store.vread(s, resource_type, resource_id, version))

    async def history(self, resource_type: str, resource_id: str) -> tuple[Stored, ...]:
        return await self.storage.read(lambda s: self.store.history(s, resource_type, resource_id))

    async def search(self, resource_type: str, pairs: Pairs) -> Page:
        return await self.storage.read(lambda s: self.store.search(s, resource_type, pairs))

    async def create(self, resource: object, *, if_none_exist: str = "") -> tuple[Stored, bool]:
        return await write_retrying(
            self.storage, lambda s: self.store.create(s, resource, if_none_exist=if_none_exist)
        )

    async def update(self, resource: object, resource_id: str, *, if_match: str = "") -> tuple[Stored, bool]:
        return await write_retrying(
            self.storage, lambda s: self.store.update(s, resource, resource_id, if_match=if_match)
        )

    async def transaction(self, bundle: object) -> Json:
        return await write_retrying(self.storage, lambda s: transaction.run(self.store, s, bundle))

    def capability_statement(self, with_operations: bool = False) -> Json:
        """``with_operations``: Appointment/$find, $hold and $book are served too."""
        return capability_statement(self.clock(), with_operations)
