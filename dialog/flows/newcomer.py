"""Somebody who is not known here wants a first visit: who they are, when, and a request that staff confirm.

No identity is checked and no chart is opened or made: nothing here tells whether anybody is a patient.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from dialog import authority, wording
from dialog.flows import eligibility, holding, preferences, searching
from dialog.flows.kinds import kind_of
from dialog.flows.searching import picked
from dialog.flows.visits_wording import at
from dialog.reading import day, says, sure_value, value, yes
from dialog.speech import birth_date, quoted
from dialog.steps import Flow, Step, slot_missing
from dialog.tasks import to_scheduling
from dialog.turn import Turn
from models.domain import (
    ActionFailed,
    Disposition,
    Expectation,
    ExpectationKind,
    Intent,
    OpeningGone,
    Priority,
    RegisterPatient,
    RegistrationPending,
    Result,
    TaskKind,
    Understanding,
)

_FOR_A_CHART = ("book", "checkin", "questionnaire", "refill", "waitlist")  # what a newcomer cannot have yet
DANGER_ASKED = "newcomer.danger"
NOT_TAKING = "I'm sorry, we're not taking new patients right now."
WELCOME = "Welcome."
NAME = "What is your full name, first and last?"
BORN = "And what is your birth date?"
THEIR_NAME = "What is the patient's full name, first and last?"
THEIR_BORN = "And what is the patient's birth date?"
INSURANCE = "What insurance do you have? Just the company's name."
WHAT_FOR = "What is the visit for?"
WHO_SENT = "Did another doctor send you to us?"
SHALL_STAFF = "Shall I ask our staff to confirm it?"
STAFF_CONFIRM = "I've asked our staff to confirm it; they will call you."
_CONSTANTS = (NOT_TAKING, WELCOME, NAME, BORN, THEIR_NAME, THEIR_BORN, STAFF_CONFIRM, SHALL_STAFF)
_NEW_HERE = re.compile(
    r"\b(new patient|become a patient|not a patient|never been (there|seen|to)|first (time|visit)|"
    r"haven't been (there|seen)|sign(ing)? (me )?up|register|"
    r"establish care|get established|new to (the|your) (practice|office|clinic))\b"
)


_PLACE = r"(there|here|you|you guys|you all|your (practice|office|clinic|place)|the (practice|office|clinic))"
_SAYS_NEW = re.compile(
    r"\b(i'm|i am|as|being) ((just|still|actually|really) )?(a )?(brand )?new (patient|here)\b"
    r"|\b(become|becoming) a patient\b|\b(not|isn't) (yet )?(a|your) patient( yet| there| here)?\b"
    rf"|\bnever been (in |to |a patient )?{_PLACE}\b|\bnever been a patient\b|\bnew to {_PLACE}\b"
    rf"|\bnever been seen (by )?{_PLACE}\b|\bhaven't been (seen )?{_PLACE} (yet|before)\b"
    r"|\b(this is|it's|it is|it'll be|it would be|this would be|that's) (actually )?my (very )?first"
    rf" (time|visit)( ((with |to )?{_PLACE}|coming in))?( ever)?( so)?\s*($|[,.!])"
    r"|\bfirst time (here|there|with you)\b"
)
_KNOWN_HERE = re.compile(r"\b(not|isn't|no longer) (really )?(a |an )?new (patient|here|to)\b")
_GOES_ALONG = (*preferences.ALL, "any_time", "soonest", "only", "needs", "reason")  # to a first visit


def is_meant(turn: Turn, heard: Understanding) -> bool:
    """Whether a wish for a visit is that of a newcomer; who has shown who they are is none."""
    named = value(heard, "visit_type")
    first = any(kind.new_patients and named == kind.code for kind in turn.practice.visit_types)
    new = first or says(heard, _NEW_HERE)
    return new and not turn.state.patient_id and not says(heard, _KNOWN_HERE)


def says_new(turn: Turn, heard: Understanding) -> bool:
    """Whether the caller says outright that nobody here knows them, whatever the wish."""
    return not turn.state.patient_id and says(heard, _SAYS_NEW) and not says(heard, _KNOWN_HERE)


def found_new(turn: Turn, heard: Understanding) -> Turn | None:
    """A wish for care turns out, at a question of who is calling, to be a newcomer's: a first visit."""
    asked_who = turn.state.asking.startswith("identity.") and turn.state.flow in _FOR_A_CHART
    if not asked_who or not says_new(turn, heard):
        return None
    kept = {name: turn.slot(name) for name in _GOES_ALONG if turn.slot(name)}
    if turn.state.flow != "book" and turn.state.reason:
        kept["reason"] = quoted(turn.state.reason, 120)
    for name in ("name", "dob"):
        kept |= {name: turn.known(name)} if turn.known(name) else {}
    return turn.done().begin("newcomer", **kept)


def _absorb(turn: Turn, heard: Understanding) -> Turn:
    """A name, a birth date or a number said along; days and times as everywhere."""
    if "name" in heard.entities and len(value(heard, "name").split()) > 1:
        turn = turn.put(name=value(heard, "name"))
    born = day(value(heard, "dob"))
    if born and born <= preferences.today(turn):
        turn = turn.put(dob=born.isoformat())
    number = sure_value(heard, "phone")
    turn = turn.put(callback=number) if number else turn
    turn = eligibility.with_needs(turn, heard)
    is_wish = turn.state.asking.rpartition(".")[2] in ("when", "pick", "confirm", "change", "")
    return searching.absorb(turn, heard) if is_wish else turn


def _begin(turn: Turn) -> Turn:
    """A practice that takes nobody says so at once, and takes a message."""
    first = next((kind for kind in turn.practice.visit_types if kind.new_patients), None)
    if not turn.practice.accepts_new_patients or first is None:
        kind, priority = TaskKind.ROUTINE_MESSAGE.value, Priority.ROUTINE.value
        return turn.say(NOT_TAKING, wording.TAKE_MESSAGE).begin("message", kind=kind, priority=priority)
    return turn.put(visit_type=first.code, begun=True).say(WELCOME)


# --------------------------------------------------------------------------- who, and what for


def _asks(name: str, own: str, theirs: str) -> Callable[[Turn], Turn]:
    """A question to the patient, or to the parent who calls for one."""

    def ask(turn: Turn) -> Turn:
        return turn.ask(f"newcomer.{name}", theirs if authority.speaks_for_another(turn) else own)

    return ask


def _hear_name(turn: Turn, heard: Understanding) -> Turn | None:
    """No list of names knows a newcomer: what was said in answer is the name, as said."""
    if turn.has("name"):
        return turn
    words = _NAME_LEAD.sub("", heard.text.strip().rstrip(".!")).strip()
    plain = all(word.replace("'", "").replace("-", "").isalpha() for word in words.split())
    is_name = plain and 2 <= len(words.split()) <= 5 and yes(heard) is None and heard.intent is None
    return turn.put(name=words.title()) if is_name else None


_NAME_LEAD = re.compile(r"^(hi|hello|yes|sure|okay|it's|it is|my name is|this is|i'm|i am)[ ,]+", re.I)


def _hear_dob(turn: Turn, heard: Understanding) -> Turn | None:
    return turn if turn.has("dob") else None


def _hear_callback(turn: Turn, heard: Understanding) -> Turn | None:
    return turn if turn.has("callback") else None


def _hear_insurance(turn: Turn, heard: Understanding) -> Turn | None:
    """The insurer's name alone: numbers are for staff to ask."""
    words = " ".join(re.sub(r"[\d#]+", " ", heard.text).split())
    if yes(heard) is False or heard.intent is Intent.DONT_KNOW:
        words = "none named"
    return turn.put(insurance=quoted(words, 60)) if words else None


def _hear_reason(turn: Turn, heard: Understanding) -> Turn | None:
    if not heard.text.strip():
        return None
    words = quoted(heard.text, 120)
    told = "symptom" in heard.entities and words not in turn.state.symptoms_present
    turn = turn.but(symptoms_present=(*turn.state.symptoms_present, words)) if told else turn
    return turn.put(reason=words)


def _hear_referral(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    if answer is False:
        return turn.put(referral="")
    return turn.put(referral=quoted(heard.text, 60)) if heard.text.strip() else turn.put(referral="yes")


def _needs_callback(turn: Turn) -> bool:
    return not (turn.context.caller_number or turn.known("callback") or turn.has("callback"))


# --------------------------------------------------------------------------- the request


def _read_out(turn: Turn) -> str:
    """Only what the caller said themselves, so that a wrong name or birth date is heard."""
    one, born = picked(turn), date.fromisoformat(turn.slot("dob"))
    who = f"{turn.slot('name')}, born {birth_date(born)}"
    return f"{who}: a first visit with {one.provider_name} on {at(turn, one)}."


def _register(turn: Turn) -> Turn:
    phone = turn.slot("callback") or turn.known("callback") or turn.context.caller_number
    born = date.fromisoformat(turn.slot("dob"))

    def order(action_id: str) -> RegisterPatient:
        return RegisterPatient(
            action_id,
            turn.slot("name"),
            born,
            phone,
            insurance=turn.slot("insurance"),
            reason=turn.slot("reason"),
            referral=turn.slot("referral"),
            opening_id=turn.slot("picked"),
            visit_type=turn.slot("visit_type"),
            needs=turn.slot("needs"),
        )

    return turn.act("newcomer.register", order).wait()


def _registered(turn: Turn, result: Result) -> Turn:
    match result:
        case RegistrationPending():
            kind = kind_of(turn)
            turn = turn.say(STAFF_CONFIRM, kind.preparation if kind else "")
            return turn.settle(Disposition.COMPLETED).note(served=True).done()
        case OpeningGone():
            return holding.taken(turn)
        case ActionFailed():
            return _to_staff(turn.say(wording.NO_SYSTEM))
    return turn


def _to_staff(turn: Turn) -> Turn:
    """The schedule cannot be asked: staff get what was said."""
    told = ("name", "dob", "insurance", "reason", "referral", "needs")
    facts = "; ".join(f"{name} {turn.slot(name)}" for name in told if turn.slot(name))
    summary = f"New patient, no time held. {facts}"
    return to_scheduling(turn, TaskKind.PENDING_REGISTRATION, Priority.ROUTINE, summary)


NEWCOMER = Flow(
    "newcomer",
    (
        Step("begin", _begin, slot_missing("begun")),
        Step(
            "name",
            _asks("name", NAME, THEIR_NAME),
            slot_missing("name"),
            _hear_name,
            lambda turn: Expectation(ExpectationKind.NAME),
            ("Please say your first and your last name.", "Please say your name slowly, first and last."),
        ),
        Step(
            "dob",
            _asks("dob", BORN, THEIR_BORN),
            slot_missing("dob"),
            _hear_dob,
            lambda turn: Expectation(ExpectationKind.DOB, digits=8),
            (
                "Please say month, day and year, like June third, nineteen seventy.",
                "You can key it in: two digits for the month, two for the day, four for the year.",
            ),
        ),
        Step(
            "callback",
            "What number can our staff call you at?",
            _needs_callback,
            _hear_callback,
            lambda turn: Expectation(ExpectationKind.PHONE, digits=10),
            ("Please say the phone number, with the area code.", "You can press the ten digits of it."),
        ),
        Step(
            "insurance",
            INSURANCE,
            slot_missing("insurance"),
            _hear_insurance,
            reasks=("For example, Blue Cross, or Medicare.", "Please say its name, or say none."),
            skip=lambda turn: turn.put(insurance="none named"),
        ),
        Step(
            "reason",
            WHAT_FOR,
            slot_missing("reason"),
            _hear_reason,
            reasks=("For example, a physical, or a problem you have.", "Please say it in a few words."),
            free=True,
        ),
        eligibility.DANGER_STEP,
        Step(
            "referral",
            WHO_SENT,
            slot_missing("referral"),
            _hear_referral,
            lambda turn: Expectation(ExpectationKind.YES_NO, digits=1),
            ("Yes, or no?", "Press 1 for yes, or 2 for no."),
            skip=lambda turn: turn.put(referral=""),
        ),
        *holding.steps("newcomer", _read_out, SHALL_STAFF),
        Step("register", _register),
    ),
    back="Back to your first visit.",
    then="Now, your first visit.",
    absorb=_absorb,
    outcomes={**holding.outcomes("newcomer"), "newcomer.register": _registered},
    constants=_CONSTANTS,
)
