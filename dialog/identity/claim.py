"""Who is calling: full name, exact birth date, and the number or ZIP on file; three attempts in all.

The caller never learns which part failed, nor whether somebody is a patient (45 CFR 164.514(h)). The number
is tried first; where it does not do, the birth date is read back and the ZIP code asked for; at the last
attempt the first name is spelled. What was refused is not tried again. The order is the same for everybody
but twins: where all fits and the first name may be either's, its letters are read back.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from dialog import authority, continuing, wording
from dialog.dictated import is_part
from dialog.identity import asking, birth, speaker, spelling
from dialog.reading import digits_said, says, sure_value, values, word_count
from dialog.steps import Step
from dialog.tasks import open_task
from dialog.turn import Turn
from models.domain import (
    ActionFailed,
    Choice,
    Disposition,
    Expectation,
    ExpectationKind,
    IdentityLevel,
    IdentityRefused,
    IdentityVerified,
    Phase,
    Priority,
    Result,
    TaskKind,
    Understanding,
    VerifyIdentity,
)
from words.numbers import single_digit
from words.tokens import words

MAX_ATTEMPTS = 3
_NOT_NUMBERS = ("identity.name", "identity.dob", "identity.caller", "identity.guardian")
# "No, I'm Ann Smith" at a read-back is no name of the patient.
_NO_NAMES = (*asking.WHO_IT_IS, "identity.letters_check")
_ZIP_DIGITS = 5
# "My ZIP code is zero two one two six" is no birth date, though its digits may be read as one.
_ZIP_SAID = re.compile(r"\bzip\b|\bpostal code\b")
_AROUND_ZIP = 5  # words, as in "oh, and my zip is"
_NAME = ("name", "names")
_DONE = (
    "names_before",
    "for_self",
    "want_for_self",
    "want_spelling",
    "spelled",
    "letters",
    "spellings",
    "refused",
    "several",
)
_PERSON = (*_NAME, *birth.FACTS, "dob_rejected", *_DONE)
THEIR_NAME = "What is the patient's full name?"
THEIR_ZIP = "What is the patient's ZIP code?"
NAME = "May I have your full name?"
ZIP = "What is your ZIP code?"
CONSTANTS = (NAME, THEIR_NAME, ZIP, THEIR_ZIP, *birth.CONSTANTS, *spelling.CONSTANTS)


def needed(turn: Turn) -> bool:
    return turn.state.identity is IdentityLevel.L0


def absorb(turn: Turn, heard: Understanding) -> Turn:
    """Keep a name, birth date or ZIP said at any time before the check, so that none is asked twice."""
    if not needed(turn) or turn.state.known.get("identity_failed") is True:
        return turn
    turn = speaker.note(turn, heard)
    own = speaker.is_own_name(turn, heard)
    turn = speaker.keep_name(turn, heard) if own else _absorb_name(turn, heard)
    turn = turn if says(heard, _ZIP_SAID) else birth.absorb(turn, heard)
    zip_code = sure_value(heard, "zip") or _bare_zip(turn, heard)
    return turn.note(zip=zip_code) if zip_code else turn


def _bare_zip(turn: Turn, heard: Understanding) -> str:
    """ "02121", in answer to another question of who is calling."""
    plain = not any(_is_of_a_date(word) for word in words(heard.text))
    digits = digits_said(heard.text) if turn.state.asking in _NOT_NUMBERS and plain else ""
    bare = word_count(heard.text) <= len(digits) + _AROUND_ZIP
    is_date = "dob" in heard.entities and not says(heard, _ZIP_SAID)
    return digits if len(digits) == _ZIP_DIGITS and bare and not is_date else ""


def _is_of_a_date(word: str) -> bool:
    """ "January twenty fifth eighteen" are five digits, and no ZIP code."""
    return len(word) > 1 and is_part(word) and single_digit(word) is None and not word.isdecimal()


def _absorb_name(turn: Turn, heard: Understanding) -> Turn:
    name = heard.entities.get("name")
    if name is None or len(str(name.value).split()) < 2 or turn.state.asking in _NO_NAMES:
        return turn
    return turn.note(name=str(name.value), names="|".join(values(name)))


def _ask_name(turn: Turn) -> Turn:
    return turn.ask("identity.name", THEIR_NAME if authority.speaks_for_another(turn) else NAME)


def _ask_zip(turn: Turn) -> Turn:
    return turn.ask("identity.zip", THEIR_ZIP if authority.speaks_for_another(turn) else ZIP)


def _expect_name(turn: Turn) -> Expectation:
    """Names to hear with; they are never spoken."""
    return Expectation(ExpectationKind.NAME, _choices(turn.context.caller_names, turn.practice.roster_names))


@lru_cache(maxsize=16)
def _choices(likely: tuple[str, ...], roster: tuple[str, ...]) -> tuple[Choice, ...]:
    """Made once for a roster: a practice with thousands of patients asks for a name in every call."""
    return tuple(Choice(name, (name,)) for name in dict.fromkeys((*likely, *roster)))


def _verify(turn: Turn) -> Turn:
    names, zip_code = spelling.names(turn), turn.known("zip")
    callers = tuple(turn.known("caller_names").split("|")) if authority.speaks_for_another(turn) else ()
    claim = "/".join((*names, turn.known("dob"), zip_code, *callers))
    if claim == turn.known("refused") and not turn.state.known.get("several"):
        return _spent(turn)
    born, spelled = date.fromisoformat(turn.known("dob")), bool(turn.known("spelled"))
    turn = turn.note(refused=claim).but(identity_attempts=turn.state.identity_attempts + 1)
    return turn.act(
        "identity.verify", lambda id_: VerifyIdentity(id_, names, born, zip_code, callers, spelled)
    ).wait()


def _answered(turn: Turn, result: Result) -> Turn:
    match result:
        case IdentityVerified(patient_id, level, given):
            verified = turn.but(identity=level, patient_id=patient_id).forget(*_PERSON, "zip", "want_zip")
            opened = authority.granted(verified.but(kept=None), given) if given else verified
            return continuing.verified(opened).say(wording.THANKS).phase(Phase.SERVING)
        case IdentityRefused(locked, several):
            return _refused(turn.note(several=several), locked)
        case ActionFailed():
            return _unreachable(turn)
    return turn


def _refused(turn: Turn, locked: bool) -> Turn:
    if locked or turn.state.identity_attempts >= MAX_ATTEMPTS:
        return _spent(turn)
    if turn.state.known.get("several") and not spelling.is_done(turn):
        return spelling.check_heard(turn)
    if not asking.needs_zip(turn):
        return turn.note(want_zip=True)
    if authority.speaks_for_another(turn):
        return turn.note(want_permission=True)
    before = turn.known("names")  # of two hearings either may be the right one
    return spelling.want(turn.forget(*_NAME, "zip")).note(names_before=before).say(wording.TRY_AGAIN)


def _spent(turn: Turn) -> Turn:
    """No further attempt."""
    if authority.speaks_for_another(turn):
        return speaker.give_up(turn.say(speaker.NO_PERMISSION))
    return give_up(turn)


def give_up(turn: Turn) -> Turn:
    """The only words for it, whichever part failed; a person calls the number on file."""
    summary = f"Identity was not verified. Caller's words: {turn.state.reason or 'none'}"
    turn = turn.forget(*_PERSON, "zip", "want_zip").note(identity_failed=True).phase(Phase.SERVING)
    turn = turn.say(wording.NOT_VERIFIED, wording.STAFF_WILL_CALL).settle(Disposition.IDENTITY_FAILED)
    return open_task(turn, "desk.quiet", TaskKind.IDENTITY_FAILED_CALLBACK, Priority.ROUTINE, summary)


def _unreachable(turn: Turn) -> Turn:
    turn = turn.say(wording.NO_SYSTEM, wording.TELLING_STAFF).note(identity_failed=True).phase(Phase.SERVING)
    summary = f"Identity could not be checked. Caller's words: {turn.state.reason or 'none'}"
    return open_task(turn, "desk.quiet", TaskKind.SAME_DAY_CALLBACK, Priority.URGENT, summary)


NAME_STEP = Step(
    "name",
    _ask_name,
    due=lambda turn: not turn.known("name"),
    hear=asking.hear_claim,
    expect=_expect_name,
    reasks=("First and last name, please.", "Please say the name slowly, first and last."),
)
ZIP_STEP = Step(
    "zip",
    _ask_zip,
    due=lambda turn: asking.needs_zip(turn) and not turn.known("zip"),
    hear=asking.hear_claim,
    expect=lambda turn: Expectation(ExpectationKind.ZIP, digits=5),
    reasks=("Please say or press the five digits of the ZIP code.", "You can press the five digits of it."),
)
WHO = (birth.FOR_SELF, NAME_STEP, spelling.SPELL_STEP, spelling.CHECK_STEP, birth.BIRTH, birth.CHECK)
VERIFY = Step("verify", _verify)
OUTCOMES = {"identity.verify": _answered}
