"""The waitlist: an opening that is held for the caller, where they stand, leaving it, or joining it."""

from __future__ import annotations

import re
from dataclasses import replace

from dialog import wording
from dialog.confirming import confirm_step, hear_confirm
from dialog.flows import preferences, widening
from dialog.flows.kinds import expect_kind, hear_kind, kind_named, kind_of
from dialog.flows.visits_wording import at, booked, on_file, opening
from dialog.reading import says, value, yes
from dialog.speech import WEEKDAYS, day_name, either
from dialog.steps import Flow, Step, expect_yes_no, slot_missing
from dialog.tasks import hand_over
from dialog.turn import Turn
from models.domain import (
    AcceptOffer,
    ActionFailed,
    BookedVisit,
    Disposition,
    Intent,
    JoinWaitlist,
    JsonScalar,
    LeaveWaitlist,
    OfferRefused,
    OpeningGone,
    Priority,
    ProxyScope,
    RefuseOffer,
    Result,
    TaskKind,
    Understanding,
    VisitBooked,
    WaitlistJoined,
    WaitlistLeft,
    WaitlistPlace,
)

WHAT_KIND = "What kind of visit should I look out for?"
TAKE_IT = "Would you like to take it?"
SOONER = "Should it be earlier than that visit?"
STAY = "Would you like to stay on it?"
WHICH_DAYS = "Which days or times would suit you?"
MAY_TEXT = "May we text you at the number you're calling from when a time opens?"
ON_THE_LIST = "You're on the waiting list."
WE_TEXT = "We'll text you when a time opens, and you'll have fifteen minutes to answer."
WE_CALL = "Our staff will call you when a time opens."
OFF_THE_LIST = "You're off the waiting list."
STILL_ON_IT = "You stay on the waiting list."
LEAVING = "I'll take you off the waiting list."
NOT_ON_IT = "I don't see you on the waiting list."
NO_LONGER_HELD = "I'm sorry, that time is no longer free."
_LEAVE = re.compile(r"\b(off|leave|remove|take me off|cancel|don't need)\b")
_SOONER = re.compile(r"\b(sooner|earlier|earliest|move (it |me )?up|opens? up)\b")
_KEPT = (*preferences.ALL, "visit_type", "any_time", "refused")


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
    if says(heard, _LEAVE) and (mentions(heard) or heard.intent is Intent.SCHEDULE_CANCEL):
        turn = turn.put(leaving=True)
    if heard.intent is Intent.SCHEDULE_LOOKUP:
        turn = turn.put(asking_only=True)
    if says(heard, _SOONER):
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


def _tell_offer(turn: Turn) -> Turn:
    place = offered(turn)
    assert place is not None
    assert place.offer is not None
    old = _visit(turn, place.appointment_id)
    told = f"From the waiting list, I'm holding {opening(turn, place.offer)} for you."
    instead = f"It would replace {on_file(turn, old)}." if old else ""
    turn = turn.note(offer_told=place.entry_id).put(entry=place.entry_id)
    return turn.ask("waitlist.offer", told, instead or TAKE_IT, TAKE_IT if instead else "")


def _hear_offer(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    return None if answer is None else turn.put(taking=answer)


def _answer_offer(turn: Turn) -> Turn:
    patient, entry = turn.state.patient_id, turn.slot("entry")
    order = AcceptOffer if turn.state.slots["taking"] else RefuseOffer
    return turn.act("waitlist.offer", lambda id_: order(id_, patient, entry)).wait()


def _offer_answered(turn: Turn, result: Result) -> Turn:
    match result:
        case VisitBooked(visit):
            return _served(turn.say(booked(turn, visit)))
        case OfferRefused():
            return _served(turn.say(wording.ALL_RIGHT, STILL_ON_IT))
        case OpeningGone():
            return _served(turn.say(NO_LONGER_HELD, STILL_ON_IT))
        case ActionFailed():
            return _to_staff(turn)
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
    return turn.put(leaving=True, confirmed=True) if not answer else _served(turn.say(STILL_ON_IT))


def _leave(turn: Turn) -> Turn:
    patient, entry = turn.state.patient_id, turn.slot("entry")
    return turn.act("waitlist.leave", lambda id_: LeaveWaitlist(id_, patient, entry)).wait()


def _left(turn: Turn, result: Result) -> Turn:
    match result:
        case WaitlistLeft():
            return _served(turn.say(OFF_THE_LIST))
        case ActionFailed():
            return _to_staff(turn)
    return turn


# --------------------------------------------------------------------------- joining


def _visit(turn: Turn, appointment_id: str) -> BookedVisit | None:
    visits = turn.patient.visits if turn.patient else ()
    return next((one for one in visits if one.appointment_id == appointment_id), None)


def _one_coming(turn: Turn) -> BookedVisit | None:
    """The caller's next visit, which "sooner" is about; None where it is not plain."""
    visits = turn.patient.visits if turn.patient else ()
    coming = [one for one in visits if one.start > turn.context.now]
    kind = turn.slot("visit_type")
    coming = [one for one in coming if not kind or one.visit_type == kind]
    return coming[0] if len(coming) == 1 else None


def _ask_sooner(turn: Turn) -> Turn:
    """A visit on file: is the earlier time to replace it? "Sooner" has said so already."""
    one = _one_coming(turn)
    if one is None or turn.has("appointment"):
        return turn.put(sooner_settled=True)
    if turn.has("sooner"):
        return _for(turn, one)
    return turn.ask("waitlist.sooner", f"I see {on_file(turn, one)}.", SOONER)


def _for(turn: Turn, one: BookedVisit) -> Turn:
    about = {"appointment": one.appointment_id, "visit_type": one.visit_type}
    return turn.put(**about, sooner_settled=True)


def _hear_sooner(turn: Turn, heard: Understanding) -> Turn | None:
    one, answer = _one_coming(turn), yes(heard)
    if says(heard, _SOONER) and one:
        return _for(turn, one)
    if answer is None or one is None:
        return None
    return _for(turn, one) if answer else turn.put(sooner_settled=True)


def _ask_kind(turn: Turn) -> Turn:
    kinds = turn.practice.visit_types
    if len(kinds) < 2:
        return turn.put(visit_type=kinds[0].code if kinds else "visit")
    return turn.ask("waitlist.kind", WHAT_KIND)


def _hear_days(turn: Turn, heard: Understanding) -> Turn | None:
    if preferences.known(turn) or turn.has("with_whom"):
        return turn.put(any_time=True)
    if heard.intent is Intent.DONT_KNOW or yes(heard) is False:
        return turn.put(any_time=True)
    return turn if preferences.DAY_PASSED in turn.said else None


def _ask_texts(turn: Turn) -> Turn:
    if not turn.context.caller_number:
        return turn.put(texts=False)
    return turn.ask("waitlist.texts", MAY_TEXT)


def _hear_texts(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    return None if answer is None else turn.put(texts=answer)


def _read_out(turn: Turn) -> str:
    kind, old = kind_of(turn), _visit(turn, turn.slot("appointment"))
    what = f"a {kind.name if kind else 'visit'}"
    earlier = f" earlier than {at(turn, old)}" if old else ""
    return f"I'll put you on the waiting list for {what}{earlier}{_days(turn)}."


def _days(turn: Turn) -> str:
    """ ", Tuesday or Thursday, in the morning": what the caller wished, as it was understood."""
    wish = preferences.search(turn, "", turn.slot("visit_type"))
    parts: list[str] = []
    if wish.from_date and wish.from_date == wish.to_date:
        parts.append(f"on {day_name(wish.from_date)}")
    elif wish.weekdays:
        parts.append(f"on a {either([WEEKDAYS[day] for day in wish.weekdays])}")
    if wish.daypart:
        parts.append(f"in the {wish.daypart}")
    provider = next((p.name for p in turn.practice.providers if p.provider_id == wish.provider_id), "")
    parts += [f"with {provider}"] if provider else []
    return ", " + ", ".join(parts) if parts else ""


def _hear_confirm(turn: Turn, heard: Understanding) -> Turn | None:
    """A no leaves everything as it is: the wish can be said anew."""
    kept = hear_confirm(turn, heard)
    if kept is not None and kept.has("changing"):
        return kept.say(wording.LEFT_AS_IT_IS).done()
    return kept


def _join(turn: Turn) -> Turn:
    patient, visit = turn.state.patient_id, turn.slot("appointment")
    number = turn.context.caller_number if turn.state.slots.get("texts") else ""
    kind = turn.slot("visit_type")

    def order(action_id: str) -> JoinWaitlist:
        wish = preferences.search(turn, action_id, kind)
        return JoinWaitlist(action_id, patient, wish, visit, number)

    return turn.act("waitlist.join", order).wait()


def _joined(turn: Turn, result: Result) -> Turn:
    match result:
        case WaitlistJoined():
            how = WE_TEXT if turn.state.slots.get("texts") else WE_CALL
            return _served(turn.say(ON_THE_LIST, how))
        case ActionFailed():
            return _to_staff(turn)
    return turn


def _served(turn: Turn) -> Turn:
    return turn.settle(Disposition.COMPLETED).note(served=True).done()


def _to_staff(turn: Turn) -> Turn:
    summary = f"About the waitlist, not done. Caller's words: {turn.state.reason}"
    return hand_over(turn.say(wording.NO_SYSTEM), TaskKind.SCHEDULE_ASSIST, Priority.ROUTINE, summary)


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
            lambda turn: offered(turn) is not None and not turn.has("taking"),
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
            confirm_step("waitlist", lambda _: LEAVING, "Is that right?", _hear_confirm),
            due=lambda turn: turn.has("leaving") and not turn.has("confirmed"),
        ),
        Step("leave", _leave, lambda turn: turn.has("leaving")),
        Step(
            "sooner",
            _ask_sooner,
            slot_missing("sooner_settled"),
            _hear_sooner,
            expect_yes_no,
            ("An earlier time instead of that visit, yes or no?", "Press 1 for yes, or 2 for no."),
        ),
        Step(
            "kind",
            _ask_kind,
            slot_missing("visit_type"),
            hear_kind,
            expect_kind,
            ("For example, a follow-up visit, or a physical.", "Is it a follow-up, or something else?"),
        ),
        Step(
            "days",
            WHICH_DAYS,
            lambda turn: not preferences.known(turn),
            _hear_days,
            reasks=("You can say Tuesday mornings, or any time.", "Please say a weekday, or say any time."),
        ),
        Step(
            "texts",
            _ask_texts,
            slot_missing("texts"),
            _hear_texts,
            expect_yes_no,
            ("May we send you a text message, yes or no?", "Press 1 for yes, or 2 for no."),
        ),
        confirm_step("waitlist", _read_out, "Is that right?", _hear_confirm),
        Step("join", _join),
    ),
    back="Back to the waiting list.",
    then="Now, the waiting list.",
    identified=True,
    scope=ProxyScope.SCHEDULING,
    absorb=_absorb,
    outcomes={
        "waitlist.offer": _offer_answered,
        "waitlist.leave": _left,
        "waitlist.join": _joined,
    },
    constants=(
        *(WHAT_KIND, TAKE_IT, STAY, WHICH_DAYS, MAY_TEXT, ON_THE_LIST, WE_TEXT, WE_CALL),
        *(OFF_THE_LIST, STILL_ON_IT, NOT_ON_IT, NO_LONGER_HELD, SOONER),
    ),
)
