"""Who is calling: full name, exact birth date, and the number or ZIP on file; three attempts in all.

The caller never learns which part failed, nor whether somebody is a patient (45 CFR 164.514(h)).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from dialog import authority, continuing, wording
from dialog.identity import speaker, spelling
from dialog.reading import day, digits_said, sure_value, values, word_count, yes
from dialog.speech import birth_date
from dialog.steps import Step, expect_yes_no
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

MAX_ATTEMPTS = 3
SURE_BIRTH = 0.6  # below this the date is read back, as the caller said it
SURE_CHILD = 0.9  # the same for a date that makes the patient a child
_NOT_NUMBERS = ("identity.name", "identity.dob", "identity.caller", "identity.guardian")
_ZIP_DIGITS = 5
_AROUND_ZIP = 5  # words, as in "oh, and my zip is"
_PERSON = ("name", "names", "dob", "dob_sure", "dob_rejected")
THEIR_NAME = "What is the patient's full name?"
THEIR_BIRTH = "And what is the patient's date of birth?"
THEIR_ZIP = "What is the patient's ZIP code?"
NAME = "May I have your full name?"
BIRTH = "And what is your date of birth?"
ZIP = "What is your ZIP code?"
CONSTANTS = (NAME, THEIR_NAME, BIRTH, THEIR_BIRTH, ZIP, THEIR_ZIP)


def needed(turn: Turn) -> bool:
    return turn.state.identity is IdentityLevel.L0


def absorb(turn: Turn, heard: Understanding) -> Turn:
    """Keep a name, birth date or ZIP said at any time before the check, so that none is asked twice."""
    if not needed(turn) or turn.state.known.get("identity_failed") is True:
        return turn
    turn = speaker.note(turn, heard)
    own = speaker.is_own_name(turn, heard)
    turn = speaker.keep_name(turn, heard) if own else _absorb_name(turn, heard)
    turn = _absorb_birth(turn, heard)
    zip_code = sure_value(heard, "zip") or _bare_zip(turn, heard)
    return turn.note(zip=zip_code) if zip_code else turn


def _bare_zip(turn: Turn, heard: Understanding) -> str:
    """ "02121", in answer to another question of who is calling."""
    digits = digits_said(heard.text) if turn.state.asking in _NOT_NUMBERS else ""
    bare = word_count(heard.text) <= len(digits) + _AROUND_ZIP
    return digits if len(digits) == _ZIP_DIGITS and bare and "dob" not in heard.entities else ""


def _absorb_name(turn: Turn, heard: Understanding) -> Turn:
    name = heard.entities.get("name")
    if name is None or len(str(name.value).split()) < 2:
        return turn
    return turn.note(name=str(name.value), names="|".join(values(name)))


def _absorb_birth(turn: Turn, heard: Understanding) -> Turn:
    birth = heard.entities.get("dob")
    if birth is None:
        return turn
    rejected = turn.known("dob_rejected").split("|")
    days = [born for text in values(birth) if (born := day(text)) and born <= turn.context.now.date()]
    if not days:
        return turn
    left = [born for born in days if born.isoformat() not in rejected]
    chosen = (left or days)[0]  # the same again after a "no": read back again, never believed
    sure = birth.certainty >= SURE_BIRTH and bool(left) and chosen.isoformat() == str(birth.value)
    age = authority.age_years(chosen, turn.context.now.date())
    # "nineteen eighty one" half heard is 2019: read back before a parent is asked for
    sure = sure and (age >= authority.ADULT_YEARS or birth.certainty >= SURE_CHILD)
    return turn.note(dob=chosen.isoformat(), dob_sure=sure, age=age)


def _hear_claim(turn: Turn, heard: Understanding) -> Turn | None:
    """Any part of the claim answers; `absorb` has kept it already."""
    return turn if {"name", "dob", "zip"} & heard.entities.keys() and _has_new(turn, heard) else None


def _has_new(turn: Turn, heard: Understanding) -> bool:
    return any(name in heard.entities and turn.known(name) for name in ("name", "dob", "zip"))


def _hear_birth_check(turn: Turn, heard: Understanding) -> Turn | None:
    if "dob" in heard.entities:
        return turn  # said once more: absorbed, and read back again only if still unsure
    answer = yes(heard)
    if answer is None:
        return None
    if answer:
        return turn.note(dob_sure=True)
    rejected = "|".join(filter(None, (turn.known("dob_rejected"), turn.known("dob"))))
    return turn.forget("dob", "dob_sure", "age").note(dob_rejected=rejected)


def _ask_birth_check(turn: Turn) -> Turn:
    born = date.fromisoformat(turn.known("dob"))
    return turn.ask("identity.dob_check", f"I heard {birth_date(born)}. Is that right?")


def _either(name: str, own: str, theirs: str) -> Callable[[Turn], Turn]:
    """A question to the patient, or to who speaks for them."""

    def ask(turn: Turn) -> Turn:
        return turn.ask(f"identity.{name}", theirs if authority.speaks_for_another(turn) else own)

    return ask


def _expect_name(turn: Turn) -> Expectation:
    """Names to hear with; they are never spoken."""
    return Expectation(ExpectationKind.NAME, _choices(turn.context.caller_names, turn.practice.roster_names))


@lru_cache(maxsize=16)
def _choices(likely: tuple[str, ...], roster: tuple[str, ...]) -> tuple[Choice, ...]:
    """Made once for a roster: a practice with thousands of patients asks for a name in every call."""
    return tuple(Choice(name, (name,)) for name in dict.fromkeys((*likely, *roster)))


def _verify(turn: Turn) -> Turn:
    names = tuple(turn.known("names").split("|"))
    born, zip_code = date.fromisoformat(turn.known("dob")), turn.known("zip")
    callers = tuple(turn.known("caller_names").split("|")) if authority.speaks_for_another(turn) else ()
    claim = turn.but(identity_attempts=turn.state.identity_attempts + 1)
    return claim.act(
        "identity.verify", lambda id_: VerifyIdentity(id_, names, born, zip_code, callers)
    ).wait()


def _answered(turn: Turn, result: Result) -> Turn:
    match result:
        case IdentityVerified(patient_id, level, given):
            verified = turn.but(identity=level, patient_id=patient_id).forget(*_PERSON, "zip", "want_zip")
            opened = authority.granted(verified.but(kept=None), given) if given else verified
            return continuing.verified(opened).say(wording.THANKS).phase(Phase.SERVING)
        case IdentityRefused(locked):
            return _refused(turn, locked)
        case ActionFailed():
            return _unreachable(turn)
    return turn


def _refused(turn: Turn, locked: bool) -> Turn:
    for_another = authority.speaks_for_another(turn)
    if locked or turn.state.identity_attempts >= MAX_ATTEMPTS:
        return speaker.give_up(turn.say(speaker.NO_PERMISSION)) if for_another else give_up(turn)
    if not turn.known("zip"):
        return turn.note(want_zip=True)
    if for_another:
        return turn.note(want_permission=True)
    return spelling.want(turn.forget(*_PERSON)).say(wording.TRY_AGAIN)


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


STEPS = (
    Step(
        "name",
        _either("name", NAME, THEIR_NAME),
        due=lambda turn: not turn.known("name"),
        hear=_hear_claim,
        expect=_expect_name,
        reasks=("First and last name, please.", "Please say the name slowly, first and last."),
    ),
    spelling.SPELL_STEP,
    Step(
        "dob",
        _either("dob", BIRTH, THEIR_BIRTH),
        due=lambda turn: not turn.known("dob"),
        hear=_hear_claim,
        expect=lambda turn: Expectation(ExpectationKind.DOB, digits=8),
        reasks=(
            "What is the birth date, with month, day and year, like June third, nineteen seventy?",
            "You can key it in: two digits for the month, two for the day, four for the year.",
        ),
    ),
    Step(
        "dob_check",
        _ask_birth_check,
        due=lambda turn: not turn.state.known.get("dob_sure"),
        hear=_hear_birth_check,
        expect=expect_yes_no,
        reasks=("Is that date right, yes or no?", "Press 1 if that date is right, or 2 if it is not."),
    ),
    Step(
        "zip",
        _either("zip", ZIP, THEIR_ZIP),
        due=lambda turn: turn.state.known.get("want_zip") is True and not turn.known("zip"),
        hear=_hear_claim,
        expect=lambda turn: Expectation(ExpectationKind.ZIP, digits=5),
        reasks=("Please say the five digits of the ZIP code.", "You can press the five digits of it."),
    ),
)
VERIFY = Step("verify", _verify)
OUTCOMES = {"identity.verify": _answered}
