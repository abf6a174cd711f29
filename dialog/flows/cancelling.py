"""Cancel a visit: which, why (a favour, not a condition), an explicit yes; then another time is offered."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from dialog import wording
from dialog.confirming import confirm_step, drops
from dialog.flows import which
from dialog.flows.visits_wording import THAT_VISIT_IS_CANCELLED
from dialog.flows.which import served, to_scheduling, visit
from dialog.reading import asks_other, explicit_yes, says, yes
from dialog.state import Wish
from dialog.steps import Flow, Step, slot_missing
from dialog.turn import Turn
from models.domain import ActionFailed, CancelVisit, Intent, ProxyScope, Result, Understanding, VisitCancelled

ANOTHER_TIME = "I can book another time, if you like."
_MOVES = re.compile(
    r"\b(re-?schedul\w*|re-?book\w*|mov(e|ing) (it|that|my|the|this)|push|postpone|switch|book|instead|swap"
    r"|change (it|that|my|the|this)|(an)?other (time|day|date|week|appointment|visit)|later|earlier|sooner"
    r"|(different|new|better) (time|day|date|week|appointment)"
    r"|(come|make it|do it|have it) (in )?(on|next|at)|next (week|month|\w+day)|(can|could) (i|we))\b"
)
# "Oh, leave it, I'll come", at "I'll cancel your visit. Is that right?"
_KEEPS = re.compile(
    r"\b(keep (it|that|this|my|the)|leave (it|that) (as|how|where|alone|be)|leave it|want to keep"
    r"|(still|be) coming|(i'll|i will|we'll|we will|want to|going to) (come|be there|keep|make it|still))\b"
)
# "I won't be coming", "I'm not going to come", "I can't keep it": quite the other thing.
_CANNOT = re.compile(r"\b(not|never|cannot|unable|no longer|\w+n't)\b")
_ALL = re.compile(r"\b(both|all of them|all three|all|everything)\b")
# The same before anything was read out: "that's all" is none.
_ALL_AT_ONCE = re.compile(
    r"\b(everything|every (appointment|visit)"
    r"|(both|all)( of)? (my|the|those|these) (\w+ )?(appointments|visits)"
    r"|(cancel|drop) (them all|all of them|both( of them)?))\b"
)
PATIENT = "pat"
# Codes of http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason, by what callers say.
REASONS = tuple(
    (code, re.compile(rf"\b({said})\b"))
    for code, said in (
        ("pat-dec", "passed away|died|deceased|funeral for (him|her)"),
        ("pat-fb", "(feel|feeling|doing|much|all) better|don't need it|no longer need|got well|recovered"),
        ("pat-lt", "no ride|a ride|transportation|no car|car (broke|won't)|bus|can't get there|drive me"),
        ("pat-mv", "moved|moving away|relocat\\w+"),
        ("pat-preg", "pregnant|pregnancy"),
        ("pat-uwp", "(another|different|other|new) (doctor|provider|practice|clinic)|not happy|unhappy"),
        ("oth-weath", "weather|snow\\w*|storm|ice|icy|hurricane|flood\\w*"),
        ("oth-fin", "afford|money|cost|insurance|copay|expensive"),
        ("oth-int", "interpreter|translator"),
        ("oth-err", "mistake|by accident|wrong (day|date|time)|double booked|duplicate"),
        (
            "pat",
            "work|job|sick|school|child|kids|busy|trip|vacation|out of town|travel\\w*|conflict"
            "|something came up",
        ),
    )
)


def reason_code(text: str) -> str:
    """The first reason whose words were said, "" for none."""
    return next((code for code, said in REASONS if said.search(text.lower())), "")


def _absorb(turn: Turn, heard: Understanding) -> Turn:
    """ "Cancel my visit, I have no ride" tells why already."""
    code = reason_code(heard.text)
    turn = turn.put(why=code) if code and not turn.has("why") else turn
    turn = turn.put(all=True) if says(heard, _ALL_AT_ONCE) and not turn.has("appointment") else turn
    return which.absorb(turn, heard)


def _hear_which(turn: Turn, heard: Understanding) -> Turn | None:
    return _all(turn) if says(heard, _ALL) else which.hear(turn, heard)


def _all(turn: Turn) -> Turn:
    """ "Both of them": one after the other, each with its own yes."""
    turn = turn.drop("all")
    first, *others = which.upcoming(turn)
    for one in others:
        turn = turn.queue(Wish("cancel", dict(which.about(turn, one).state.slots)))
    return which.about(turn, first)


def _ask_why(turn: Turn) -> Turn:
    return turn.ask("cancel.why", f"May I ask why you're cancelling {which.named(turn)}?")


def _hear_why(turn: Turn, heard: Understanding) -> Turn | None:
    """Any answer will do, and none is needed."""
    if asks_to_move(heard) and yes(heard) is None:
        return turn.begin("move", **which.about_slots(turn)) if visit(turn) else None
    if asks_other(heard):
        return None
    return turn.put(why=turn.slot("why") or reason_code(heard.text) or PATIENT)


def asks_to_move(heard: Understanding) -> bool:
    """ "I will be out of town" sounds like a wish for another day, and is a reason until one is asked for."""
    return heard.intent in (Intent.SCHEDULE_RESCHEDULE, Intent.SCHEDULE_BOOK) and says(heard, _MOVES)


def _read_out(turn: Turn) -> str:
    """Who cancels late hears the practice's policy, and may cancel all the same (domain rules section 4)."""
    one, practice = visit(turn), turn.practice
    late = one is not None and one.start - turn.context.now < timedelta(hours=practice.cancel_notice_h)
    policy = f"{practice.cancel_policy} " if late and practice.cancel_policy else ""
    return f"{policy}I'll cancel {which.named(turn)}."


def _hear_confirm(turn: Turn, heard: Understanding) -> Turn | None:
    if asks_to_move(heard) and visit(turn):
        return turn.begin("move", **which.about_slots(turn))
    answer = False if drops(heard) else explicit_yes(heard)
    if _keeps(heard):  # with a yes before it, nobody knows to what
        answer = None if answer else False
    if answer is None:
        return None
    return turn.put(confirmed=True) if answer else turn.say(wording.LEFT_AS_IT_IS).done()


def _keeps(heard: Understanding) -> bool:
    return says(heard, _KEEPS) and not says(heard, _MOVES) and not says(heard, _CANNOT)


def _cancel(turn: Turn) -> Turn:
    patient, one, why = turn.state.patient_id, turn.slot("appointment"), turn.slot("why") or PATIENT
    turn = _with_reason(turn, why)
    return turn.act("cancel.cancel", lambda id_: CancelVisit(id_, patient, one, why)).wait()


def _with_reason(turn: Turn, why: str) -> Turn:
    """Of several visits the reason is asked for once."""
    queue = (
        replace(wish, slots={"why": why, **wish.slots}) if wish.flow == "cancel" else wish
        for wish in turn.state.queue
    )
    return turn.but(queue=tuple(queue))


def _cancelled(turn: Turn, result: Result) -> Turn:
    match result:
        case VisitCancelled():
            turn = served(turn.say(THAT_VISIT_IS_CANCELLED, ANOTHER_TIME if _may_book_again(turn) else ""))
            return turn.note(cancelled_kind=turn.slot("visit_type")).done()
        case ActionFailed():
            return to_scheduling(turn.say(wording.NO_SYSTEM))
    return turn


def _may_book_again(turn: Turn) -> bool:
    """Not where another wish waits, nor of the dead."""
    return not turn.state.queue and turn.slot("why") != "pat-dec"


CANCEL = Flow(
    "cancel",
    (
        Step("all", _all, lambda turn: turn.has("all") and bool(which.upcoming(turn))),
        *which.steps("cancel", _hear_which),
        Step(
            "why",
            _ask_why,
            slot_missing("why"),
            _hear_why,
            skip=lambda turn: turn.put(why=PATIENT),
            free=True,
        ),
        confirm_step("cancel", _read_out, "Is that right?", _hear_confirm),
        Step("cancel", _cancel),
    ),
    back="Back to cancelling your visit.",
    then="Now, cancelling your visit.",
    identified=True,
    scope=ProxyScope.SCHEDULING,
    absorb=_absorb,
    outcomes={"cancel.cancel": _cancelled},
    constants=(THAT_VISIT_IS_CANCELLED, ANOTHER_TIME),
)
