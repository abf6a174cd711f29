"""The last attempt at identity: the first name is spelled, for a recogniser may not tell "Joan" from "John".

Twins share birth date, number and ZIP, so the name alone tells them apart. Everybody is asked at the same
place, whoever is on file, so that the question tells nothing; and nothing of the roster is said. Letters that
differ from the name as it was heard are read back: one of the two was misheard.
"""

from __future__ import annotations

from dialog.reading import value, yes
from dialog.steps import Step, expect_yes_no
from dialog.turn import Turn
from models.domain import Expectation, ExpectationKind, Understanding

SPELL = "Please spell your first name for me."
_MOST_SPELLINGS = 2


def want(turn: Turn) -> Turn:
    return turn.note(want_spelling=True)


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
    return turn.ask("identity.letters_check", f"I have the letters {letters}. Is that right?")


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


SPELL_STEP = Step(
    "spelling",
    SPELL,
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
