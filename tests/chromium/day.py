"""A morning at the demo practice, by keyboard: real calls through dialog, schedule, pharmacy and chart."""

from __future__ import annotations

from dataclasses import dataclass

from agent.chat import Keyboard
from agent.conversation import Conversation
from agent.services import Services
from agent.workers import local
from intents.understand import MindService
from models.domain import CallStarted

MARIA, JAMES, ROBERT, LINDA, STRANGER = (
    "+16175550123", "+16175550144", "+16175550131", "+16175550136", "+16175550199",
)  # fmt: skip
MARIA_IS, JAMES_IS = ("Maria Lopez", "March 5 1981"), ("James Walker", "March 3 1958")


@dataclass(frozen=True, slots=True)
class DayCall:
    """``goes_on``: the caller is still on the line."""

    call_id: str
    number: str
    lines: tuple[str, ...]
    goes_on: bool = False


VISIT = DayCall(
    *("CA-day-visit", JAMES),
    ("I'd like to book a follow up", *JAMES_IS, "any morning", "the first one", "yes", "no", ""),
)
REFILL = DayCall(
    *("CA-day-refill", MARIA),
    ("I need a refill of lisinopril", *MARIA_IS, "no", "Harbor Drugs", "yes", "no", "five"),
)
PARKING = DayCall(*("CA-day-office", STRANGER), ("do you have parking", "no", ""))
BILL = DayCall(*("CA-day-bill", LINDA), ("I have a question about my bill from March", "yes", "no", "four"))
DANGER = DayCall(
    *("CA-day-danger", ROBERT), ("I need a refill", "actually I have crushing chest pain right now", "yes")
)
LIVE = DayCall(
    *("CA-day-live", "+16175550138"), ("I need to move my appointment", "Sofia Rossi", "June 17 1994"), True
)
DAY = (VISIT, PARKING, REFILL, BILL, DANGER, LIVE)


async def play(services: Services, mind: MindService, calls: tuple[DayCall, ...] = DAY) -> None:
    """One call after the other, each written to the chart. ``mind`` is loaded."""
    services.mind = local(mind)
    for call in calls:
        await _play(services, call)
    await services.dispatcher.drain_once()


async def _play(services: Services, call: DayCall) -> None:
    conversation = await Conversation.open(services, call.call_id, call.number)
    keyboard = Keyboard(services, conversation)
    await keyboard.take(CallStarted())
    for said in call.lines:
        if keyboard.ended:
            break
        await keyboard.hear(said)
    if not call.goes_on:
        await conversation.hang_up()
