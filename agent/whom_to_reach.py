"""Whom a caller is put through to, what that person is told first, and by which numbers."""

from __future__ import annotations

import re
from datetime import datetime

from agent.settings import Settings
from backends.practice import Practice
from dialog import safety
from models.contact_tables import Transfer
from models.domain import TransferCall
from models.records import StoredCall

FRONT_DESK = "front desk"
MOST_WORDS = 30  # of the caller's, spoken to staff
_DANGER = re.compile(r"Danger sign (RF\d\d)")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def front_desk(chosen: Settings, practice: Practice) -> str:
    """The practice's telephone, where a person answers during opening hours."""
    return chosen.staff_number or practice.phone


def own_number(chosen: Settings, practice: Practice) -> str:
    """The number at the carrier that our own calls and texts come from."""
    return chosen.twilio_number or (practice.lines[0].number if practice.lines else practice.phone)


def may_call(chosen: Settings, practice: Practice) -> frozenset[str]:
    """All that is ever dialled: whatever a caller says, no other number is."""
    return practice.on_call.numbers | {front_desk(chosen, practice)}


def phones(chosen: Settings, practice: Practice) -> list[tuple[str, str]]:
    """Names and numbers of the practice's telephones that a call may go to: the front desk first."""
    contacts = [(each.name, each.phone) for each in practice.on_call.contacts if each.phone]
    return [(FRONT_DESK, front_desk(chosen, practice)), *contacts]


def people_for(
    order: TransferCall, stored: StoredCall, chosen: Settings, practice: Practice, now: datetime
) -> list[tuple[str, str]]:
    """Names and numbers in the order in which they are rung: the front desk while it is open, then who is
    on call for such a call. Where the order names a contact, they alone. Never a number that leads back to
    us: the one that was called or forwarded."""
    ours = {"", stored.called_number, stored.forwarded_from}
    if order.contact:
        return [each for each in phones(chosen, practice) if each[0] == order.contact and each[1] not in ours]
    desk = [(FRONT_DESK, front_desk(chosen, practice))] if practice.is_open(now) else []
    on_call = [(each.name, each.phone) for each in practice.on_call_at(now, urgent=order.urgent)]
    found = {number: name for name, number in reversed((*desk, *on_call)) if number not in ours}
    return [(name, number) for number, name in reversed(found.items())]


# --------------------------------------------------------------------------- what they are told


def whisper(transfer: Transfer, practice_name: str) -> str:
    """What whoever picks up hears before any key. No name: anybody may have answered the telephone."""
    urgency = "urgent, " if transfer.urgent else ""
    words = without_names(transfer.words, transfer.name)
    said = f" The caller says: {words}." if words else ""
    return (
        f"Firstring call for {practice_name}: {urgency}{_kind(transfer.reason)}.{said} "
        "Press 1 to take the call, 2 to pass."
    )


def after_the_key(transfer: Transfer) -> str:
    """What only the person who has taken the call hears."""
    name = f"The caller gave the name {transfer.name}. " if transfer.name else ""
    return f"{name}You are being connected."


def _kind(reason: str) -> str:
    danger = _DANGER.match(reason)
    if danger:
        return f"possible {safety.by_id(danger.group(1)).name.lower()}"
    return reason[:1].lower() + reason[1:]


def without_names(words: str, name: str) -> str:
    """The caller's words as far as they tell what, not who: names given and all numbers are left out."""
    names = {part.lower() for part in _WORD.findall(name)}
    kept = (
        part
        for part in words.split()
        if not any(char.isdigit() for char in part)
        and names.isdisjoint(piece.lower() for piece in _WORD.findall(part.removesuffix("'s")))
    )
    return " ".join(list(kept)[:MOST_WORDS]).strip(" .,;:!?")
