"""Joining the waitlist: for which visit, on which days, and whether we may send a text."""

from __future__ import annotations

import re

from dialog import wording
from dialog.confirming import confirm_step, hear_confirm
from dialog.flows import preferences
from dialog.flows.kinds import expect_kind, hear_kind, kind_of
from dialog.flows.visits_wording import at, on_file
from dialog.reading import says, yes
from dialog.speech import WEEKDAYS, day_name, either
from dialog.steps import Step, expect_yes_no, slot_missing
from dialog.tasks import hand_over, to_scheduling
from dialog.turn import Turn
from models.domain import (
    ActionFailed,
    BookedVisit,
    Disposition,
    Intent,
    JoinWaitlist,
    Priority,
    Result,
    TaskKind,
    Understanding,
    WaitlistJoined,
)

WHAT_KIND = "What kind of visit should I look out for?"
SOONER = "Should it be earlier than that visit?"
WHICH_DAYS = "Which days or times would suit you?"
MAY_TEXT = "May we text you at the number you're calling from when a time opens?"
ON_THE_LIST = "You're on the waiting list."
WE_TEXT = "We'll text you when a time opens, and you'll have fifteen minutes to answer."
WE_CALL = "Our staff will call you when a time opens."
NOT_KEPT = "I can't keep a waiting list myself."
CONSTANTS = (WHAT_KIND, SOONER, WHICH_DAYS, MAY_TEXT, ON_THE_LIST, WE_TEXT, WE_CALL, NOT_KEPT)
NOT_OFFERED = "not-offered"  # the code of a backend that has no such thing
EARLIER = re.compile(r"\b(sooner|earlier|earliest|move (it |me )?up|opens? up)\b")


def served(turn: Turn) -> Turn:
    return turn.settle(Disposition.COMPLETED).note(served=True).done()


def to_staff(turn: Turn) -> Turn:
    summary = f"About the waitlist, not done. Caller's words: {turn.state.reason}"
    return hand_over(turn.say(wording.NO_SYSTEM), TaskKind.SCHEDULE_ASSIST, Priority.ROUTINE, summary)


def _kept_by_staff(turn: Turn) -> Turn:
    """No list is kept here: staff get the whole wish, as it was read back."""
    kind, old = kind_of(turn), visit(turn, turn.slot("appointment"))
    sooner = f", earlier than {at(turn, old)}" if old else ""
    texts = "may be texted" if turn.state.slots.get("texts") else "by telephone"
    wish = f"For your waiting list: a {kind.name if kind else 'visit'}{sooner}{_days(turn)}; {texts}."
    summary = f"{wish} Caller's words: {turn.state.reason}"
    return to_scheduling(turn.say(NOT_KEPT), TaskKind.SCHEDULE_ASSIST, Priority.ROUTINE, summary)


def visit(turn: Turn, appointment_id: str) -> BookedVisit | None:
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
    if says(heard, EARLIER) and one:
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
    kind, old = kind_of(turn), visit(turn, turn.slot("appointment"))
    what = f"a {kind.name if kind else 'visit'}"
    list_ = f"I'll put you on the waiting list for {what}"
    if old is None:
        return f"{list_}{_days(turn)}."
    return f"{list_}. It should be earlier than {at(turn, old)}{_days(turn)}."


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


def hear_yes(turn: Turn, heard: Understanding) -> Turn | None:
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


def joined(turn: Turn, result: Result) -> Turn:
    match result:
        case WaitlistJoined():
            how = WE_TEXT if turn.state.slots.get("texts") else WE_CALL
            return served(turn.say(ON_THE_LIST, how))
        case ActionFailed(code=code):
            return _kept_by_staff(turn) if code == NOT_OFFERED else to_staff(turn)
    return turn


JOINING = (
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
    confirm_step("waitlist", _read_out, "Is that right?", hear_yes),
    Step("join", _join),
)
