"""The birth date: as it was said or keyed, and read back before it may open a chart from a foreign number.

From the number on file the number confirms what was heard. From any other a word lost on the line could make
another patient's birth date of it, so that the caller confirms it: domain rules section 2 allow one read-back
of what the caller said. The same answer says that the caller is the patient, whatever was lost before.
"""

from __future__ import annotations

import re
from datetime import date

from dialog import authority, relatives
from dialog.identity import asking
from dialog.reading import day, says, values, yes
from dialog.speech import birth_date
from dialog.steps import Step, expect_yes_no
from dialog.turn import Turn
from models.domain import Expectation, ExpectationKind, Understanding

SURE = 0.6  # below this the date is read back, as the caller said it
SURE_CHILD = 0.9  # the same for a date that makes the patient a child
THEIRS = "And what is the patient's date of birth?"
OWN = "And what is your date of birth?"
FOR_YOURSELF = "Are you calling for yourself?"
KEYED = (
    "Say the date of birth once more, or key it in. "
    "Two digits for the month, two for the day, four for the year."
)
IS_IT_RIGHT = ("Is that date right, yes or no?", "Press 1 if that date is right, or 2 if it is not.")
FOR_SELF_TOO = (
    "Are you the patient, and is that your own date of birth?",
    "Press 1 if you are the patient and that date is yours, or 2 if not.",
)
CONSTANTS = (OWN, THEIRS, FOR_YOURSELF, KEYED, *FOR_SELF_TOO)
_ZIP = re.compile(r"\bzip\b")  # "my zip code is zero two one one one" is no first of February
_ASKED = ("identity.dob", "identity.dob_check")
FACTS = ("dob", "dob_sure", "dob_checked")


def absorb(turn: Turn, heard: Understanding) -> Turn:
    """Keep a birth date. Said twice alike, or keyed in, it needs no read-back."""
    birth = heard.entities.get("dob")
    if birth is None or says(heard, _ZIP):
        return turn
    turn = _with_rejected(turn, heard)
    rejected = turn.known("dob_rejected").split("|")
    days = [born for text in values(birth) if (born := day(text)) and born <= turn.context.now.date()]
    if not days:
        return turn
    left = [born for born in days if born.isoformat() not in rejected]
    chosen = (left or days)[0]  # the same again after a "no": read back again, never believed
    sure = birth.certainty >= SURE and bool(left) and chosen.isoformat() == str(birth.value)
    age = authority.age_years(chosen, turn.context.now.date())
    # "nineteen eighty one" half heard is 2019: read back before a parent is asked for
    sure = sure and (age >= authority.ADULT_YEARS or birth.certainty >= SURE_CHILD)
    asked = turn.state.asking in _ASKED
    lacks = _may_lack_a_word(turn, heard, chosen)
    sure = sure and not lacks
    again = asked and bool(left) and turn.known("dob") == chosen.isoformat() and not lacks
    checked = again or (sure and not heard.text)
    return turn.note(dob=chosen.isoformat(), dob_sure=sure or checked, dob_checked=checked, age=age)


def _may_lack_a_word(turn: Turn, heard: Understanding, born: date) -> bool:
    """ "Nineteen eighty" once more, and no yes: of "no, nineteen eighty one" both ends are lost easily."""
    return turn.state.asking == "identity.dob_check" and born.year % 10 == 0 and yes(heard) is None


def _unchecked(turn: Turn) -> bool:
    facts = turn.state.known
    return not facts.get("dob_sure") or (asking.needs_zip(turn) and not facts.get("dob_checked"))


def _asks_for_self(turn: Turn) -> bool:
    """Whether it is still open that the caller is the patient; who has a child's date is asked elsewhere."""
    if authority.speaks_for_another(turn) or authority.is_child(turn) or "for_self" in turn.state.known:
        return False
    return asking.needs_zip(turn)


def _ask_check(turn: Turn) -> Turn:
    born = birth_date(date.fromisoformat(turn.known("dob")))
    if _asks_for_self(turn):
        return turn.ask("identity.dob_check", f"You are the patient, born {born}. Is that right?")
    return turn.ask("identity.dob_check", f"I heard the birth date {born}. Is that right?")


def _hear_check(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    if "dob" in heard.entities or (authority.speaks_for_another(turn) and relatives.relation_in(heard)):
        turn = turn.note(for_self=True) if answer and _asks_for_self(turn) else turn  # absorbed already
        doubted = bool(turn.known("dob_rejected")) and not turn.state.known.get("dob_sure")
        return turn.forget(*FACTS, "age") if doubted else turn  # a second doubt is keyed in
    if answer is None and _asks_for_self(turn):
        if relatives.for_self(heard):
            return turn.note(for_self=True)  # and the date is read back once more
        if relatives.points_away(heard):
            return turn  # "Maria is the patient": whether they call for themselves is asked next
    if answer is None:
        return None
    if answer:
        said = {"for_self": True} if _asks_for_self(turn) else {}
        return turn.note(dob_sure=True, dob_checked=True, **said)
    unclear = {"want_for_self": True} if _asks_for_self(turn) else {}
    return _with_rejected(turn, heard).note(**unclear).forget(*FACTS, "age")


def _reasks(turn: Turn) -> tuple[str, ...]:
    """A yes to them must be one to all of the question: that the caller is the patient, too."""
    if _asks_for_self(turn):
        return FOR_SELF_TOO
    return IS_IT_RIGHT


def _with_rejected(turn: Turn, heard: Understanding) -> Turn:
    """A "no" to a date that was read back: it is not believed when it is heard again."""
    if turn.state.asking != "identity.dob_check" or yes(heard) is not False or not turn.known("dob"):
        return turn
    before = [born for born in turn.known("dob_rejected").split("|") if born]
    return turn.note(dob_rejected="|".join(dict.fromkeys((*before, turn.known("dob")))))


def _wants_for_self(turn: Turn) -> bool:
    """After a no that may have meant the person, and after a date that was keyed in."""
    open_still = "for_self" not in turn.state.known and not authority.speaks_for_another(turn)
    keyed = turn.state.known.get("dob_checked") is True and _asks_for_self(turn)
    return open_still and (turn.state.known.get("want_for_self") is True or keyed)


def _hear_for_self(turn: Turn, heard: Understanding) -> Turn | None:
    if authority.speaks_for_another(turn):
        return turn  # "no, for my mother": absorbed
    answer = relatives.for_self(heard) or yes(heard)
    if answer is None and relatives.names_one(heard):
        answer = False  # "it's wear my theater wife": whoever names a relative here is not the patient
    if answer is None:
        return None
    if answer:
        return turn.note(for_self=True)
    return asking.for_another(turn.forget("dob_rejected"), "someone")  # the person was denied, no date


def _ask_birth(turn: Turn) -> Turn:
    if turn.known("dob_rejected"):
        return turn.ask("identity.dob", KEYED)  # heard wrong once
    return turn.ask("identity.dob", THEIRS if authority.speaks_for_another(turn) else OWN)


FOR_SELF = Step(
    "for_self",
    FOR_YOURSELF,
    due=_wants_for_self,
    hear=_hear_for_self,
    expect=expect_yes_no,
    reasks=("Are you the patient, yes or no?", "Press 1 if you are the patient, or 2 if not."),
)
BIRTH = Step(
    "dob",
    _ask_birth,
    due=lambda turn: not turn.known("dob"),
    hear=asking.hear_claim,
    expect=lambda turn: Expectation(ExpectationKind.DOB, digits=8),
    reasks=(
        "Say the date of birth once more, or key it in: two digits for month and day, four for the year.",
        "You can key it in: two digits for the month, two for the day, four for the year.",
    ),
)
CHECK = Step(
    "dob_check",
    _ask_check,
    due=_unchecked,
    hear=_hear_check,
    expect=expect_yes_no,
    reasks=IS_IT_RIGHT,
    reasks_now=_reasks,
)
