"""The waitlist: an opening that is held for the caller, where they stand, leaving it, or joining it."""

from __future__ import annotations

import re
from dataclasses import replace

from dialog import wording
from dialog.confirming import confirm_step
from dialog.flows import preferences, widening
from dialog.flows.kinds import kind_named
from dialog.flows.visits_wording import booked, on_file, opening
from dialog.flows.waitlist_joining import (
    CONSTANTS,
    EARLIER,
    JOINING,
    ON_THE_LIST,
    hear_yes,
    joined,
    served,
    to_staff,
    visit,
)
from dialog.reading import explicit_yes, says, value, yes
from dialog.steps import Flow, Step, expect_yes_no
from dialog.turn import Turn
from models.domain import (
    AcceptOffer,
    ActionFailed,
    Intent,
    JsonScalar,
    LeaveWaitlist,
    OfferRefused,
    OpeningGone,
    ProxyScope,
    RefuseOffer,
    Result,
    Understanding,
    VisitBooked,
    WaitlistLeft,
    WaitlistPlace,
)

TAKE_IT = "Would you like to take it?"
STAY = "Would you like to stay on it?"
OFF_THE_LIST = "You're off the waiting list."
STILL_ON_IT = "You stay on the waiting list."
LEAVING = "I'll take you off the waiting list."
NOT_ON_IT = "I don't see you on the waiting list."
NO_LONGER_HELD = "I'm sorry, that time is no longer free."
_LEAVE = re.compile(r"\b(off|leave|remove|take me off|cancel|don't need)\b")
_KEPT = (*preferences.ALL, "visit_type", "any_time", "refused")


# "If anybody drops out I can be there" asks for a place, not where one's place is.
_WAITS_FOR_ONE = re.compile(
    r"\b(if|in case|when) (some|any)(one|body) (cancels|drops out|backs out|gives up)\b"
    r"|\b(some|any)(one|body) drops out\b"
    r"|\b(if|in case|when) (some|any)(one|body)\b.*\bi can (be|come|make|get)\b"
    r"|\b(if|in case) (something|anything|one|a spot) (opens|frees)\b"
)


def mentions(heard: Understanding) -> bool:
    """Whether a sentence is about the waitlist."""
    return value(heard, "mode") == "waitlist"


def from_search(turn: Turn) -> dict[str, JsonScalar]:
    """What a search under way already knows, for a caller who would rather wait."""
    if turn.state.flow not in ("book", "move"):
        return {}
    slots = {name: turn.state.slots[name] for name in _KEPT if turn.has(name)} | widening.wished(turn)
    appointment = turn.slot("appointment")
    return {**slots, "appointment": appointment} if appointment else slots


def offered(turn: Turn) -> WaitlistPlace | None:
    """The place that has an opening held for the caller now."""
    places = turn.patient.waitlist if turn.patient else ()
    return next((place for place in places if place.offer), None)


def untold_offer(turn: Turn) -> bool:
    """Whether an opening is held for the caller that this call has not spoken of."""
    place = offered(turn)
    return place is not None and turn.known("offer_told") != place.entry_id


def _absorb(turn: Turn, heard: Understanding) -> Turn:
    waits = says(heard, _WAITS_FOR_ONE)
    about_it = mentions(heard) or heard.intent is Intent.SCHEDULE_CANCEL
    if says(heard, _LEAVE) and about_it and not waits:
        turn = turn.put(leaving=True)
    if heard.intent is Intent.SCHEDULE_LOOKUP and not waits:
        turn = turn.put(asking_only=True)
    if says(heard, EARLIER):
        turn = turn.put(sooner=True)
    kind = kind_named(turn, value(heard, "visit_type"))
    turn = turn.put(visit_type=kind.code) if kind else turn
    return preferences.absorb(turn, heard)


def _place(turn: Turn) -> WaitlistPlace | None:
    """Where the caller waits already, for this kind of visit or, while none was named, for any."""
    places = turn.patient.waitlist if turn.patient else ()
    kind = turn.slot("visit_type")
    return next((place for place in places if not kind or place.visit_type == kind), None)


# --------------------------------------------------------------------------- an opening is held


def _offer_due(turn: Turn) -> bool:
    return offered(turn) is not None and not turn.has("taking") and not turn.has("leaving")


def _tell_offer(turn: Turn) -> Turn:
    place = offered(turn)
    assert place is not None
    assert place.offer is not None
    old = visit(turn, place.appointment_id)
    told = f"From the waiting list, I'm holding {opening(turn, place.offer)} for you."
    instead = f"It would replace {on_file(turn, old)}." if old else ""
    turn = turn.note(offer_told=place.entry_id).put(entry=place.entry_id)
    return turn.ask("waitlist.offer", told, instead or TAKE_IT, TAKE_IT if instead else "")


def _hear_offer(turn: Turn, heard: Understanding) -> Turn | None:
    answer = explicit_yes(heard)
    return None if answer is None else turn.put(taking=answer)


def _answer_offer(turn: Turn) -> Turn:
    patient, entry = turn.state.patient_id, turn.slot("entry")
    order = AcceptOffer if turn.state.slots["taking"] else RefuseOffer
    return turn.act("waitlist.offer", lambda id_: order(id_, patient, entry)).wait()


def _offer_answered(turn: Turn, result: Result) -> Turn:
    match result:
        case VisitBooked(visit):
            return served(turn.say(booked(turn, visit)))
        case OfferRefused():
            return served(turn.say(wording.ALL_RIGHT, STILL_ON_IT))
        case OpeningGone():
            return served(turn.say(NO_LONGER_HELD, STILL_ON_IT))
        case ActionFailed():
            return to_staff(turn)
    return turn


# --------------------------------------------------------------------------- where they stand, leaving


def _tell_place(turn: Turn) -> Turn:
    place = _place(turn)
    if place is None:
        return turn.say(NOT_ON_IT).done()
    turn = turn.put(entry=place.entry_id, told_place=True)
    return turn.put(joining=True) if _wants_more(turn) else turn


def _wants_more(turn: Turn) -> bool:
    """New days or times are a new wish, and keep the place in line."""
    return not turn.has("asking_only") and preferences.known(turn)


def _hear_stay(turn: Turn, heard: Understanding) -> Turn | None:
    if turn.has("leaving"):
        return turn
    answer = yes(heard)
    if answer is None:
        return None
    return turn.put(leaving=True, confirmed=True) if not answer else served(turn.say(STILL_ON_IT))


def _leave(turn: Turn) -> Turn:
    patient, entry = turn.state.patient_id, turn.slot("entry")
    return turn.act("waitlist.leave", lambda id_: LeaveWaitlist(id_, patient, entry)).wait()


def _left(turn: Turn, result: Result) -> Turn:
    match result:
        case WaitlistLeft():
            return served(turn.say(OFF_THE_LIST))
        case ActionFailed():
            return to_staff(turn)
    return turn


def _asks_about_place(turn: Turn) -> bool:
    if turn.has("told_place"):
        return False
    return turn.has("leaving") or turn.has("asking_only") or _place(turn) is not None


WAITLIST = Flow(
    "waitlist",
    (
        Step(
            "offer",
            _tell_offer,
            _offer_due,
            _hear_offer,
            expect_yes_no,
            ("Shall I book that time for you, yes or no?", "Press 1 to take it, or 2 to pass."),
        ),
        Step("answer_offer", _answer_offer, lambda turn: turn.has("taking")),
        Step("place", _tell_place, _asks_about_place),
        Step(
            "stay",
            lambda turn: turn.ask("waitlist.stay", ON_THE_LIST, STAY),
            lambda turn: turn.has("entry") and not turn.has("leaving") and not turn.has("joining"),
            _hear_stay,
            expect_yes_no,
            ("Shall I keep you on the list, yes or no?", "Press 1 to stay on the list, or 2 to leave it."),
        ),
        replace(
            confirm_step("waitlist", lambda _: LEAVING, "Is that right?", hear_yes),
            due=lambda turn: turn.has("leaving") and not turn.has("confirmed"),
        ),
        Step("leave", _leave, lambda turn: turn.has("leaving")),
        *JOINING,
    ),
    back="Back to the waiting list.",
    then="Now, the waiting list.",
    identified=True,
    scope=ProxyScope.SCHEDULING,
    absorb=_absorb,
    outcomes={
        "waitlist.offer": _offer_answered,
        "waitlist.leave": _left,
        "waitlist.join": joined,
    },
    constants=(*CONSTANTS, TAKE_IT, STAY, OFF_THE_LIST, STILL_ON_IT, NOT_ON_IT, NO_LONGER_HELD),
)
