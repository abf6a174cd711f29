"""The explicit yes before anything is done, and what a caller may answer instead of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from dialog import wording
from dialog.reading import explicit_yes, says, word_count, yes
from dialog.steps import Hear, Step, expect_open, expect_yes_no, slot_missing
from dialog.turn import Turn
from models.domain import Expectation, Understanding

WHAT_TO_CHANGE = "What should I change?"
_NOTHING = re.compile(r"\b(nothing|never ?mind|forget it|leave it|don't|do not|cancel)\b")
_BARE = 4  # words
_DROPPED = re.compile(
    r"\b(forget it|never ?mind|leave it|changed my mind|after all|any ?more|don't book (it|that|anything|one)"
    r"|(i'll|i will|let me) (call|ring|phone)( you)? (back|again|later))\b"
)


def change(turn: Turn, **slots: str | bool | float) -> Turn:
    """Fill slots; one that held something else makes a pending yes void (`changed`)."""
    moved = any(turn.has(name) and turn.state.slots[name] != value for name, value in slots.items())
    turn = turn.put(**slots)
    return turn.put(changed=True) if moved else turn


def hear_confirm(turn: Turn, heard: Understanding) -> Turn | None:
    """A yes confirms what was read out; a sentence that changes it is read out anew."""
    if turn.has("changed"):
        return turn.drop("changed", "changing")
    return hear_yes_or_no(turn, heard)


def drops(heard: Understanding) -> bool:
    """ "Hmm, leave it", where the no was lost: nothing is done."""
    return yes(heard) is None and word_count(heard.text) <= _BARE and says(heard, _DROPPED)


def hear_yes_or_no(turn: Turn, heard: Understanding) -> Turn | None:
    """A no is asked what to change, unless it says that the whole wish is dropped."""
    answer = explicit_yes(heard)
    if (answer is False and says(heard, _DROPPED)) or drops(heard):
        return turn.say(wording.LEFT_AS_IT_IS).done()
    if answer is None:
        return None
    return turn.put(confirmed=True) if answer else turn.put(changing=True)


def change_step(
    hear: Hear, reasks: tuple[str, str], expect: Callable[[Turn], Expectation] = expect_open
) -> Step:
    """ "What should I change?", after a plain no."""

    def answered(turn: Turn, heard: Understanding) -> Turn | None:
        if turn.has("changed"):
            return turn.drop("changed", "changing")
        if yes(heard):  # the no was a mishearing: read out once more
            return turn.drop("changing")
        if _nothing(heard):
            return turn.say(wording.LEFT_AS_IT_IS).done()
        return hear(turn, heard)

    def due(turn: Turn) -> bool:
        return turn.has("changing")

    return Step("change", WHAT_TO_CHANGE, due, answered, expect, reasks)


def _nothing(heard: Understanding) -> bool:
    """ "Nothing, leave it": and nothing else in the sentence."""
    bare = word_count(heard.text) <= 4 and not heard.entities.keys() - {"yes_no"}
    return bare and (says(heard, _NOTHING) or yes(heard) is False)


def confirm_step(
    owner: str,
    read_out: Callable[[Turn], str],
    question: str,
    hear: Hear = hear_confirm,
    expect: Callable[[Turn], Expectation] = expect_yes_no,
) -> Step:
    """Read out what would be done and ask for a yes. ``expect`` may name what a caller says instead."""

    def ask(turn: Turn) -> Turn:
        return turn.drop("changed").ask(f"{owner}.confirm", read_out(turn), question)

    reasks = ("Is that right, yes or no?", "Press 1 for yes, or 2 for no.")
    return Step("confirm", ask, slot_missing("confirmed"), hear, expect, reasks)
