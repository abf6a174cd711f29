"""A danger sign is there: fixed words, staff paged, the line kept until a person or the caller ends it.

The agent instructs; it never places an emergency call for the caller, and never hangs up on one.
"""

from __future__ import annotations

from dialog import safety, wording
from dialog.handoff import DANGER_TRANSFER, TAKEN_OVER, connect, reachable, transferring
from dialog.reading import yes
from dialog.safety import Code
from dialog.tasks import open_task
from dialog.turn import WAITING, Turn
from models.domain import (
    ActionFailed,
    CallTransferred,
    Disposition,
    PageStaff,
    Phase,
    Priority,
    RedFlagRaised,
    Result,
    TaskKind,
    Understanding,
)

CALL_911 = "danger.call_911"
DOUBT = "danger.doubt"
CAN_YOU_CALL = {
    Code.D0: safety.CAN_YOU_CALL,
    Code.D0_988: "Can you call or text 988 right now?",
    Code.D0_PC: "Can you call them right now?",
}
CALL_NOW = {
    Code.D0: "Please hang up and call 911 now.",
    Code.D0_988: "Please call or text 988 now.",
    Code.D0_PC: "Please hang up and call Poison Help now.",
}
# Poison Help is for who is awake and breathing (America's Poison Centers).
IF_COLLAPSED = "If someone collapses, has a seizure or can't breathe, call 911."


def live(turn: Turn) -> bool:
    """An emergency is under way: nothing else is served."""
    return turn.known("danger") in (code.value for code in CAN_YOU_CALL)


def code_now(turn: Turn) -> Code:
    return Code(turn.known("danger"))


def summary(flag: RedFlagRaised) -> str:
    return f"{flag.red_flag_id} {_name(flag)}. Caller's words: {flag.quote or 'none'}"


def _name(flag: RedFlagRaised) -> str:
    """Of a sign of the catalogue; a rule of a check-in tells its own reason in the words."""
    known = {sign.id: sign.name for sign in safety.CATALOGUE}
    return known.get(flag.red_flag_id, "rule")


def recorded(turn: Turn, flags: list[RedFlagRaised]) -> Turn:
    """Every sign that is present stands in the record."""
    quotes = (flag.quote for flag in flags)  # what was said, not what the catalogue calls it
    turn = turn.but(
        red_flags=(*turn.state.red_flags, *flags),
        symptoms_present=tuple(dict.fromkeys((*turn.state.symptoms_present, *quotes))),
        reason=turn.state.reason or flags[0].quote,
    )
    return turn.settle(Disposition.ESCALATED)


def page(turn: Turn, flag: RedFlagRaised) -> Turn:
    return turn.act("danger.page", lambda id_: PageStaff(id_, summary(flag), flag.red_flag_id))


def begin(turn: Turn, flag: RedFlagRaised, code: Code) -> Turn:
    """Say what to do, page, leave the task: all in one decision; then ask whether they can."""
    turn = turn.but(queue=()).done().note(danger=code.value).phase(Phase.HANDOFF)
    turn = page(turn.say(safety.sentence(code)), flag)
    turn = open_task(turn, "danger.task", TaskKind.RED_FLAG_911, Priority.STAT, summary(flag))
    if code is Code.D0_988 and reachable(turn) and not transferring(turn):
        return transfer(turn, "")  # its own words have said so
    turn = turn.say(IF_COLLAPSED) if code is Code.D0_PC else turn
    return turn.ask(CALL_911, CAN_YOU_CALL[code])


def transfer(turn: Turn, sentence: str = wording.CONNECTING_HELP) -> Turn:
    turn = connect(turn, f"Danger sign {turn.state.red_flags[-1].red_flag_id}", sentence)
    return turn.but(asking=CALL_911 if live(turn) else WAITING)


def hear(turn: Turn, heard: Understanding) -> Turn:
    """ "Can you call 911 right now?" A yes: then do. Anything else: a person, and we stay."""
    code = code_now(turn)
    if yes(heard) is True and code is not Code.D0_988 and not turn.known("will_call"):
        return _stay(turn.note(will_call=True), CALL_NOW[code], wording.UNTIL_YOU_DO)
    return keep_the_line(turn if yes(heard) is True else turn.forget("will_call"))


def keep_the_line(turn: Turn) -> Turn:
    """Words that we are here, never the same twice running; a person as soon as one can be had."""
    kind = wording.STAYING_988 if code_now(turn) is Code.D0_988 else wording.STAYING
    place = turn.state.waits % len(kind)
    place = (place + (kind[place] in turn.state.said)) % len(kind)
    turn = turn.but(waits=place + 1)
    calling = turn.state.known.get("will_call") or transferring(turn)
    if reachable(turn) and not calling:
        return transfer(turn.say(kind[place]))
    return _stay(turn, kind[place])


def _stay(turn: Turn, *sentences: str) -> Turn:
    return turn.say(*sentences).but(asking=CALL_911).stop()


def person(turn: Turn) -> Turn:
    """A person asked for in the middle of an emergency."""
    if reachable(turn):
        return transfer(turn)
    return _stay(turn, wording.CLOSED, CALL_NOW[code_now(turn)])


# --------------------------------------------------------------------------- urgent, no emergency


def nurse_now(turn: Turn, flag: RedFlagRaised) -> Turn:
    """A nurse takes the call, or calls back within 15 minutes."""
    turn = page(turn.done().note(danger=Code.D1.value), flag)
    if reachable(turn):
        return transfer(turn.say(safety.sentence(Code.D1)), "")
    return nurse_calls_back(turn, flag)


def nurse_calls_back(turn: Turn, flag: RedFlagRaised) -> Turn:
    turn = open_task(turn, "desk.quiet", TaskKind.NURSE_NOW, Priority.STAT, summary(flag))
    turn = turn.say(wording.WITHIN_15_MINUTES, wording.IF_WORSE).forget("danger").done()
    return turn.phase(Phase.SERVING)


def same_day(turn: Turn, flag: RedFlagRaised) -> Turn:
    turn = open_task(turn.done(), "desk.quiet", TaskKind.SAME_DAY_CALLBACK, Priority.URGENT, summary(flag))
    return turn.say(safety.sentence(Code.D2))


# --------------------------------------------------------------------------- outcomes


def _transferred(turn: Turn, result: Result) -> Turn:
    if isinstance(result, CallTransferred):
        return turn.note(with_person=True).wait()
    return not_reached(turn) if isinstance(result, ActionFailed) else turn.stop()


def not_reached(turn: Turn) -> Turn:
    """The transfer came back: an emergency keeps the line, a nurse calls back for the rest."""
    turn = turn.forget(*TAKEN_OVER).say(wording.NOBODY_YET)
    if live(turn):
        return turn.ask(CALL_911, CAN_YOU_CALL[code_now(turn)])
    return nurse_calls_back(turn, turn.state.red_flags[-1])


def gave_up(turn: Turn) -> Turn:
    """The caller hung up while we looked for a person: an emergency has its task, a nurse calls back."""
    if live(turn) or not turn.state.red_flags:
        return turn
    flag = turn.state.red_flags[-1]
    return open_task(turn, "desk.quiet", TaskKind.NURSE_NOW, Priority.STAT, summary(flag))


def _noted(turn: Turn, result: Result) -> Turn:
    return turn.stop()


OUTCOMES = {DANGER_TRANSFER: _transferred, "danger.page": _noted, "danger.task": _noted}
CONSTANTS = (*CAN_YOU_CALL.values(), *CALL_NOW.values(), IF_COLLAPSED)
