"""The one-time code: asked for only where a flow needs it, sent only to the mobile number on file."""

from __future__ import annotations

import re

from dialog import wording
from dialog.reading import digits_said, says, value, yes
from dialog.steps import Step, expect_yes_no
from dialog.turn import Turn
from models.domain import (
    ActionFailed,
    CheckCode,
    CodeNotSent,
    CodeRefused,
    CodeSent,
    Expectation,
    ExpectationKind,
    IdentityVerified,
    Result,
    SendCode,
    Understanding,
)

DIGITS = 6
WHY = "To read from a chart I need one more check."
TO_BE_SURE = "One more check, to be sure it is you."
SHALL_I = "May I text a code to the mobile number on file?"
ON_ITS_WAY = "A code is on its way."
SAY_IT = "Please say or key in its six digits."
CANNOT_SEND = "I'm not able to send a code on this call."
CONSTANTS = (WHY, TO_BE_SURE, SHALL_I, ON_ITS_WAY, SAY_IT, CANNOT_SEND)
_PAUSE_MS = 1_500  # a code is read off in two groups
_AGAIN = re.compile(
    r"\b(re-?send|another (one|code)|new code|again|nothing came"
    r"|did(n't| not) (get|come|arrive|receive))\b"
)
_NO_PHONE = re.compile(
    r"\b(do(n't| not) have (it|my|that|the|a|any)|can(not|'t) (get|read|see|check)|lost my"
    r"|(old|wrong|different) (number|phone))\b"
)


def _ask_offer(turn: Turn) -> Turn:
    why = TO_BE_SURE if turn.state.known.get("spoke_for") and not turn.known("basis") else WHY
    return turn.ask("identity.code_offer", why, SHALL_I)


def _hear_offer(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    if answer is None:
        return None
    return turn.note(code_wanted=True) if answer else _without(turn)


def _send(turn: Turn) -> Turn:
    patient, basis = turn.state.patient_id, turn.known("basis")
    return turn.act("identity.code_sent", lambda id_: SendCode(id_, patient, basis)).wait()


def _sent(turn: Turn, result: Result) -> Turn:
    match result:
        case CodeSent():
            return turn.note(code_sent=True).say(ON_ITS_WAY)
        case CodeNotSent():
            return _without(turn.say(CANNOT_SEND))
        case ActionFailed():
            return _without(turn.say(wording.NO_SYSTEM))
    return turn


def _without(turn: Turn) -> Turn:
    """No code on this call: what needs one is a person's."""
    return turn.forget("code_wanted", "code_sent", "code").note(code_failed=True)


def _hear_code(turn: Turn, heard: Understanding) -> Turn | None:
    if digits := _digits(heard):
        return turn.note(code=digits)
    if says(heard, _NO_PHONE):
        return _without(turn)
    if says(heard, _AGAIN):
        again = turn.state.known.get("code_again") is True
        return _without(turn) if again else turn.note(code_again=True, code_sent=False)
    return None


def _digits(heard: Understanding) -> str:
    """The six digits, keyed or said in any grouping; "" for more or fewer."""
    keyed = value(heard, "number") if not heard.text else ""
    digits = digits_said(heard.text) or keyed
    return digits if len(digits) == DIGITS else ""


def _check(turn: Turn) -> Turn:
    patient, code = turn.state.patient_id, turn.known("code")
    turn = turn.forget("code")
    return turn.act("identity.code_checked", lambda id_: CheckCode(id_, patient, code)).wait()


def _checked(turn: Turn, result: Result) -> Turn:
    match result:
        case IdentityVerified(level=level):
            return turn.but(identity=level).forget("code_sent", "code_wanted").say(wording.THANKS)
        case CodeRefused(more=True):
            return turn.say(wording.TRY_AGAIN)
        case CodeRefused():
            return _without(turn.say(wording.NOT_VERIFIED))
        case ActionFailed():
            return _without(turn.say(wording.NO_SYSTEM))
    return turn


STEPS = (
    Step(
        "code_offer",
        _ask_offer,
        due=lambda turn: not turn.state.known.get("code_wanted"),
        hear=_hear_offer,
        expect=expect_yes_no,
        reasks=("Shall I text you a code, yes or no?", "Press 1 for the code, or 2 to leave a message."),
    ),
    Step("code_send", _send, due=lambda turn: not turn.state.known.get("code_sent")),
    Step(
        "code",
        SAY_IT,
        due=lambda turn: not turn.known("code"),
        hear=_hear_code,
        expect=lambda turn: Expectation(ExpectationKind.NUMBER, pause_ms=_PAUSE_MS, digits=DIGITS),
        reasks=(
            "Take your time, and say the six digits of the code once the text is there.",
            "Key in the six digits of the code, or say, send it again.",
        ),
    ),
    Step("code_check", _check),
)
OUTCOMES = {"identity.code_sent": _sent, "identity.code_checked": _checked}
