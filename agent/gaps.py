"""A call whose record lacks something is a task for staff, whoever led it and however it ended."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import select

from agent.perform import Performer
from agent.services import Services
from models.desk_tables import Page
from models.domain import Action, ActionFailed, PageStaff, Result
from models.errors import StorageError


async def tell(services: Services, live: Collection[str]) -> None:
    """Of the calls that no hang-up here will tell of: another process led them on, or they had ended."""
    for call_id in services.missing:
        if call_id not in live and not services.keeper.is_behind(call_id):
            await tell_of(services, call_id, Performer(services.acting, call_id, ""))


async def tell_of(services: Services, call_id: str, performer: Performer) -> list[tuple[Action, Result]]:
    """What was done for it. Where something of it fails, all is tried again later."""
    done: list[tuple[Action, Result]] = []
    for order in services.missing.orders(call_id):
        if isinstance(order, PageStaff) and await _is_paged(services, call_id):
            continue  # the caller said it again to whoever went on with the call
        result = await performer.perform(order)
        if result is None or isinstance(result, ActionFailed):
            return done
        done.append((order, result))
    services.missing.told(call_id)
    return done


async def _is_paged(services: Services, call_id: str) -> bool:
    asked = select(Page.id).where(Page.call_id == call_id)
    try:
        return await services.storage.read(lambda session: session.exec(asked).first()) is not None
    except StorageError:
        return False  # a page is refused as well, then
