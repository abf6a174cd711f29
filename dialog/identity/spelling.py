"""The last attempt at identity: the first name is spelled, for a recogniser may not tell "Joan" from "John".

Twins share birth date, number and ZIP, so the name alone tells them apart. Everybody is asked at the same
place, whoever is on file, so that the question tells nothing; and nothing of the roster is said.
"""

from __future__ import annotations

from dialog.reading import value
from dialog.steps import Step
from dialog.turn import Turn
from models.domain import Expectation, ExpectationKind, Understanding

SPELL = "Please spell the first name for me."


def want(turn: Turn) -> Turn:
    return turn.note(want_spelling=True)


def _hear(turn: Turn, heard: Understanding) -> Turn | None:
    """The letters decide, also for a name that nobody had thought of."""
    letters = value(heard, "letters").lower()
    if not letters:
        return None
    names = [name for name in turn.known("names").split("|") if name]
    meant = [name for name in names if name.lower().split()[0] == letters]
    _, *family = names[0].split()
    kept = meant or [" ".join((letters.capitalize(), *family))]
    return turn.note(name=kept[0], names="|".join(kept)).forget("want_spelling")


SPELL_STEP = Step(
    "spelling",
    SPELL,
    due=lambda turn: turn.state.known.get("want_spelling") is True,
    hear=_hear,
    expect=lambda turn: Expectation(ExpectationKind.SPELLING),
    reasks=("One letter at a time, please, like A, N, N.", "Just the letters of the first name, slowly."),
)
