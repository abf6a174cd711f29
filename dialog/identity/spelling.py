"""The first name letter by letter, for a recogniser may not tell "Joan" from "John".

Twins share birth date, number and ZIP, so the name alone tells them apart. Where all else fits and the name
as heard may be either's, its letters are read back before anybody is believed to be one of the two. At the
last attempt everybody spells, whoever is on file, so that the question tells nothing. Nothing of the roster
is said. Letters that differ from the name as it was heard are read back: one of the two was misheard.
"""

from __future__ import annotations

from dialog import authority
from dialog.reading import value, yes
from dialog.steps import Step, expect_yes_no
from dialog.turn import Turn
from models.domain import Expectation, ExpectationKind, Understanding
from words.phonetic import plain

SPELL = "Please spell your first name for me."
SPELL_THEIRS = "Please spell the first name for me."
CONSTANTS = (SPELL, SPELL_THEIRS)
_MOST_SPELLINGS = 2


def want(turn: Turn) -> Turn:
    return turn.note(want_spelling=True)


def check_heard(turn: Turn) -> Turn:
    """Read the name back as it was heard; a no to it is not counted as a spelling."""
    heard = plain(turn.known("name").split()[0])
    return want(turn).note(letters=heard, spellings="0")


def is_done(turn: Turn) -> bool:
    """Whether letters were given, or asked for in vain."""
    return bool(turn.known("spelled") or turn.known("spellings"))


def names(turn: Turn) -> tuple[str, ...]:
    """The names as heard, both times where they were asked twice, with the first name as it was spelled."""
    both = f"{turn.known('names')}|{turn.known('names_before')}"
    heard = tuple(dict.fromkeys(name for name in both.split("|") if name))
    letters = turn.known("spelled")
    if not letters:
        return heard
    return tuple(dict.fromkeys(" ".join((letters, *name.split()[1:])) for name in heard))


def _is_as_heard(turn: Turn, letters: str) -> bool:
    """The name that was heard best begins with what was spelled, or is all of it."""
    name = turn.known("name").lower()
    return letters in (name.split()[0], name.replace(" ", ""))


def _hear(turn: Turn, heard: Understanding) -> Turn | None:
    letters = value(heard, "letters").lower()
    if not letters:
        return None
    if _is_as_heard(turn, letters):
        return _accept(turn, turn.known("name").split()[0])
    return turn.note(letters=letters)


def _accept(turn: Turn, letters: str) -> Turn:
    return turn.note(spelled=letters.capitalize()).forget("want_spelling", "letters")


def _ask_check(turn: Turn) -> Turn:
    letters = ", ".join(turn.known("letters").upper())
    return turn.ask(
        "identity.letters_check", f"For the first name I have the letters {letters}. Is that right?"
    )


def _hear_check(turn: Turn, heard: Understanding) -> Turn | None:
    if (letters := value(heard, "letters").lower()) and letters != turn.known("letters"):
        again = _again(turn)
        return _hear(again, heard) if again.known("want_spelling") or _is_as_heard(again, letters) else again
    answer = yes(heard)
    if answer is None:
        return None
    return _accept(turn, turn.known("letters")) if answer else _again(turn)


def _again(turn: Turn) -> Turn:
    """Asked once more, then done without."""
    tries = int(turn.known("spellings") or 1)
    turn = turn.forget("letters").note(spellings=tries + 1)
    return turn.forget("want_spelling") if tries >= _MOST_SPELLINGS else turn


def _ask(turn: Turn) -> Turn:
    return turn.ask("identity.spelling", SPELL_THEIRS if authority.speaks_for_another(turn) else SPELL)


SPELL_STEP = Step(
    "spelling",
    _ask,
    due=lambda turn: turn.state.known.get("want_spelling") is True and not turn.known("letters"),
    hear=_hear,
    expect=lambda turn: Expectation(ExpectationKind.SPELLING),
    reasks=("One letter at a time, please, like A, N, N.", "Just the letters of the first name, slowly."),
)
CHECK_STEP = Step(
    "letters_check",
    _ask_check,
    due=lambda turn: bool(turn.known("letters")),
    hear=_hear_check,
    expect=expect_yes_no,
    reasks=("Are those letters right, yes or no?", "Press 1 if the letters are right, or 2 if not."),
)
