"""A call whose record lacks something is a task for staff, whoever led it and however it ended."""

from __future__ import annotations

from collections.abc import Collection

from agent.perform import Performer
from agent.services import Services
from models.domain import ActionFailed, OpenTask, Priority, TaskKind

GAP = "Part of this call could not be stored: what was said then is not in its record. Call the patient back."


def order(call_id: str) -> OpenTask:
    return OpenTask(f"{call_id}-gap", TaskKind.ROUTINE_MESSAGE, Priority.URGENT, GAP)


async def tell(services: Services, live: Collection[str]) -> None:
    """Of the calls that no hang-up here will tell of: another process led them on, or they had ended."""
    for call_id in list(services.incomplete):
        if call_id in live or services.keeper.is_behind(call_id):
            continue
        result = await Performer(services.acting, call_id, "").perform(order(call_id))
        if not isinstance(result, ActionFailed):
            services.incomplete.discard(call_id)
