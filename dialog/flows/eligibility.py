"""Which kind of visit, and what must be settled before one is looked for: who may book it, and is it safe."""

from __future__ import annotations

import re
from datetime import date, timedelta

from dialog.flows import preferences, searching, widening
from dialog.flows.kinds import bookable, expect_kind, hear_kind, kind_named, kind_of
from dialog.reading import day, says, value, yes
from dialog.speech import quoted
from dialog.steps import Step, expect_yes_no, slot_missing
from dialog.turn import Turn
from models.domain import Intent, Understanding

WHAT_KIND = "What kind of visit do you need?"
# Asked before anything is offered to a caller with a symptom: danger is never put off to an appointment.
DANGER = "Do you have chest pain or trouble breathing right now?"
DANGER_ASKED = "book.danger"  # a yes, or no clear answer, is a danger sign
STAFF_ARRANGE = "Our staff arrange that kind of visit."
STAFF_BOOK = "Our staff will have to book this visit with you."
TWO_ALREADY = "You already have two visits of that kind."
LEFT_HOSPITAL = "What day did you leave the hospital?"
NOT_BY_VIDEO = "We can't do a video visit from there."
CONSTANTS = (WHAT_KIND, DANGER, STAFF_ARRANGE, STAFF_BOOK, TWO_ALREADY, LEFT_HOSPITAL, NOT_BY_VIDEO)
MAX_OPEN = 2  # visits of one type
MAX_NO_SHOWS = 3  # in twelve months (domain rules section 4)
_SOON_DAYS, _LATEST_DAYS = 7, 14  # after a discharge (Medicare transitional care)
_DENIED = ("chest pain", "trouble breathing")
_LEFT = re.compile(
    r"\b(home|out|back|discharged|released|let go|let out|sent home|left)\b( \w+){0,2}? (from |of |by )?"
    r"(the |a |your )?hospital\b|\bhospital (discharged|released|sent|let) (me|her|him|us)\b"
)
_TODAY = re.compile(r"\b(today|this morning)\b")
_NEEDS = re.compile(
    r"\b(interpreter|translator|sign language|wheelchair|walker|hard of hearing|deaf|blind|low vision|"
    r"oxygen tank|stretcher|hoyer lift)\b"
)


def absorb(turn: Turn, heard: Understanding) -> Turn:
    """The kind, and what staff should know of: an interpreter, a wheelchair."""
    kind = kind_named(turn, value(heard, "visit_type"))
    if kind and kind.code != turn.slot("visit_type"):
        turn = searching.drop_offers(turn).put(visit_type=kind.code)
    turn = searching.absorb(_sick_today(with_needs(turn, heard), heard), heard)
    return _home_from_hospital(turn, heard)


def _home_from_hospital(turn: Turn, heard: Understanding) -> Turn:
    """ "I came home from the hospital on Friday" names a kind, and the day that is asked for."""
    kind = next((kind for kind in turn.practice.visit_types if kind.after_hospital), None)
    told = kind and says(heard, _LEFT) and turn.slot("visit_type") in ("", kind.code)
    if kind is None or not told:
        return turn
    turn, left = turn.put(visit_type=kind.code), _day_left(turn, heard)
    return _within(turn.drop(*preferences.DAYS), left) if left and not turn.has("within") else turn


def _day_left(turn: Turn, heard: Understanding) -> date | None:
    """A day that is past: of "Friday" the last one."""
    today = preferences.today(turn)
    if said := day(value(heard, "past_date")):
        return said
    if "weekday" in heard.entities:
        back = (today.weekday() - int(value(heard, "weekday"))) % 7 or 7
        return today - timedelta(days=back)
    said = day(value(heard, "date")) if "date" in heard.entities else None
    if said is None and says(heard, _TODAY):
        return today
    return said if said and said <= today else None


def _within(turn: Turn, left: date) -> Turn:
    """As long as a visit after that day still counts, and the soonest that suits."""
    latest = max(left + timedelta(days=_LATEST_DAYS), preferences.today(turn))
    return turn.put(within=latest.isoformat(), any_time=True, soonest=True)


def with_needs(turn: Turn, heard: Understanding) -> Turn:
    """An interpreter or a wheelchair, in the caller's words: for staff."""
    return turn.put(needs=quoted(heard.text)) if says(heard, _NEEDS) else turn


def _sick_today(turn: Turn, heard: Understanding) -> Turn:
    """ "I have a cough, can I be seen today" names a kind without saying so."""
    soon = day(value(heard, "date"))
    sick = next((kind for kind in turn.practice.visit_types if kind.screened), None)
    today = preferences.today(turn)
    wanted = "symptom" in heard.entities and soon in (today, today + timedelta(days=1))
    return turn.put(visit_type=sick.code) if sick and wanted and not turn.has("visit_type") else turn


# --------------------------------------------------------------------------- which kind


def _ask_kind(turn: Turn) -> Turn:
    """After a cancelled visit, another of the same kind is what is booked."""
    kinds, before = bookable(turn), turn.known("cancelled_kind")
    if any(kind.code == before for kind in kinds):
        return turn.put(visit_type=before).forget("cancelled_kind")
    if len(kinds) < 2:
        return turn.put(visit_type=kinds[0].code if kinds else "visit")
    return turn.ask("book.kind", WHAT_KIND)


# --------------------------------------------------------------------------- may it be booked here


def _gate(turn: Turn) -> Turn:
    """Visits that only staff arrange, patients whom only staff book, and no third visit of one kind."""
    kind, patient = kind_of(turn), turn.patient
    if kind and kind.staff_only:
        return widening.to_scheduling(turn.say(STAFF_ARRANGE))
    if patient and patient.no_shows >= MAX_NO_SHOWS:
        return widening.to_scheduling(turn.say(STAFF_BOOK))
    same = [visit for visit in patient.visits if kind and visit.visit_type == kind.code] if patient else []
    if len(same) >= MAX_OPEN:
        return widening.to_scheduling(turn.say(TWO_ALREADY))
    return _as_new(turn).put(gated=turn.slot("visit_type"))


def _as_new(turn: Turn) -> Turn:
    """Not seen within three years: the longer first visit, whatever its reason; said as "a visit"."""
    first = next((k for k in turn.practice.visit_types if k.new_patients), None)
    kind = kind_of(turn)
    is_long_ago = turn.patient is not None and not turn.patient.established
    if not (first and kind and is_long_ago) or kind.screened or kind.after_hospital or kind.video:
        return turn
    return turn.put(visit_type=first.code)


# --------------------------------------------------------------------------- is it safe


def danger_due(turn: Turn) -> bool:
    """A symptom was told, or the kind of visit is for one; and danger was not denied yet."""
    kind = kind_of(turn)
    needed = bool(turn.state.symptoms_present) or bool(kind and kind.screened)
    return needed and not set(_DENIED) <= set(turn.state.symptoms_denied)


def _hear_danger(turn: Turn, heard: Understanding) -> Turn | None:
    """Only a clear no comes this far: the danger screen hears everything else first."""
    if yes(heard) is not False:
        return None
    new = tuple(name for name in _DENIED if name not in turn.state.symptoms_denied)
    return turn.but(symptoms_denied=(*turn.state.symptoms_denied, *new))


# --------------------------------------------------------------------------- video, and after a hospital


def _place_due(turn: Turn) -> bool:
    kind = kind_of(turn)
    return bool(kind and kind.video and turn.practice.licensed_states and not turn.has("placed"))


def _ask_place(turn: Turn) -> Turn:
    states = " or ".join(turn.practice.licensed_states)
    return turn.ask("book.place", f"Will you be in {states} for the video visit?")


def _hear_place(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    named = any(state.lower() in heard.text.lower() for state in turn.practice.licensed_states)
    if answer is None and not named:
        return None
    if answer is False:
        return widening.to_scheduling(turn.say(NOT_BY_VIDEO))
    return turn.put(placed=True)


def _left_due(turn: Turn) -> bool:
    kind = kind_of(turn)
    return bool(kind and kind.after_hospital and not turn.has("within"))


def _hear_left(turn: Turn, heard: Understanding) -> Turn | None:
    """Seven days from the discharge, while there is time for that, else fourteen."""
    left = _day_left(turn, heard)
    if left is None and heard.intent is Intent.DONT_KNOW:
        return _within(turn, preferences.today(turn) - timedelta(days=_SOON_DAYS))
    return _within(turn.drop(*preferences.DAYS), left) if left else None


DANGER_STEP = Step(
    "danger",
    DANGER,
    danger_due,
    _hear_danger,
    expect_yes_no,
    ("Chest pain, or trouble breathing: yes or no?",),
)
STEPS = (
    Step(
        "kind",
        _ask_kind,
        slot_missing("visit_type"),
        hear_kind,
        expect_kind,
        ("For example, a follow-up visit, or a physical.", "Is it a follow-up, or something else?"),
    ),
    Step("gate", _gate, lambda turn: turn.slot("gated") != turn.slot("visit_type")),
    DANGER_STEP,
    Step(
        "place",
        _ask_place,
        _place_due,
        _hear_place,
        expect_yes_no,
        ("Will you be there for the video visit, yes or no?", "Press 1 for yes, or 2 for no."),
    ),
    Step(
        "left",
        LEFT_HOSPITAL,
        _left_due,
        _hear_left,
        reasks=("Was it today, yesterday, or which day?", "For example, last Tuesday, or three days ago."),
    ),
)
