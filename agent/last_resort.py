"""A danger sign that no database takes down: staff are rung and texted all the same, without a word of whose.

Nothing is stored, so nothing is known of an answer, and everybody who could be paged is told once. The page
itself is kept (`agent.keeping`) and goes its usual way as soon as the database is back.
"""

from __future__ import annotations

from agent.logs import log
from agent.metrics import PAGE_STEPS
from agent.services import Services
from agent.whom_to_reach import FRONT_DESK, front_desk
from backends.on_call import Channel, Contact
from models.domain import Action, ActionFailed, PageStaff, Result
from models.errors import FirstringError, StorageError, StorageLate
from telephony import twiml
from telephony.rest import Carrier

WORDS = "an urgent call is on the line, and the console cannot show it. Answer the practice's telephone."
BY_STORAGE = frozenset({StorageError.code, StorageLate.code, "backend-timeout"})


def is_needed(action: Action, result: Result) -> bool:
    """A page that found no database."""
    return isinstance(action, PageStaff) and isinstance(result, ActionFailed) and result.code in BY_STORAGE


async def tell_staff(services: Services, call_id: str) -> int:
    """How many orders the carrier has taken. Raises nothing: there is nobody left to tell."""
    if services.carrier is None:
        log.error("alarm.no_carrier", call_id=call_id, code="no-carrier")
        return 0
    taken = 0
    for contact in _people(services):
        for channel in contact.channels:
            taken += await _told(services, services.carrier, contact, channel)
    log.error("alarm.raised", call_id=call_id, count=taken)
    return taken


def _people(services: Services) -> list[Contact]:
    practice, now = services.practice, services.clock()
    people = list(practice.on_call_at(now))
    if practice.is_open(now):
        desk = front_desk(services.settings, practice)
        people.insert(0, Contact(FRONT_DESK, desk, channels=(Channel.CALL,)))
    return people


async def _told(services: Services, carrier: Carrier, contact: Contact, channel: Channel) -> bool:
    text = f"Firstring for {services.practice.name}: {WORDS}"
    try:
        match channel:
            case Channel.CALL:
                await carrier.place_call(contact.phone, twiml.say_and_hang_up(f"{text} {text}"))
            case Channel.TEXT:
                await carrier.send_message(contact.phone, text)
            case _:
                return False
    except FirstringError as problem:
        log.error("alarm.not_raised", kind=channel.value, code=problem.code)
        return False
    PAGE_STEPS.labels(channel=channel.value, state="last-resort").inc()
    return True
