"""Which of the patient's own orders is meant: by its name, else by what it is for. Never a guess.

Names that are easily taken for one another are told apart by spelling or strength; what the chart holds is
never said.
"""

from __future__ import annotations

from dialog import wording
from dialog.flows.refill_list import (
    Mention,
    begin,
    has_current,
    settle,
    unsettle,
    waiting,
    wanted,
)
from dialog.flows.refill_match import (
    ON_THE_LABEL,
    SPELL_AGAIN,
    SPELL_IT,
    WHICH_STRENGTH,
    match_order,
    medicines,
    own,
    to_care_team,
)
from dialog.medicines import bears, of_strength
from dialog.reading import value, yes
from dialog.spelled_drugs import may_spell
from dialog.steps import Step, expect_yes_no
from dialog.tasks import hand_over
from dialog.turn import Turn
from models.domain import (
    Choice,
    Expectation,
    ExpectationKind,
    Intent,
    Priority,
    TaskKind,
    Understanding,
)

WHICH = "Which medication would you like refilled?"
TELL_APART = "Please spell its name, or tell me the strength on the label."
LONG_LIST = "That is a long list, so our staff will go over it with you."
CONSTANTS = (SPELL_IT, SPELL_AGAIN, WHICH_STRENGTH, ON_THE_LABEL, TELL_APART, LONG_LIST)


def expect_drug(turn: Turn) -> Expectation:
    choices = tuple(Choice(m.name, (m.name, *m.spoken)) for m in medicines(turn))
    return Expectation(ExpectationKind.DRUG, choices)


# --------------------------------------------------------------------------- answers


def _hear_drug(turn: Turn, heard: Understanding) -> Turn | None:
    settled = bool(wanted(turn)) and not turn.has("again")  # the one before was named again, and no other
    return turn.drop("again") if has_current(turn) or settled else None


def _hear_label(turn: Turn, heard: Understanding) -> Turn | None:
    """A name; who has only told of its use again, or cannot read the label, is helped by a person."""
    if turn.has("use") and heard.intent is not Intent.DONT_KNOW:
        return None
    return turn


def _hear_strength(turn: Turn, heard: Understanding) -> Turn | None:
    said = value(heard, "strength") or value(heard, "number")
    return turn.put(strength=said) if said else None


def _ask_drug_check(turn: Turn) -> Turn:
    return turn.ask("refill.drug_check", f"Did you say {turn.slot('said')}?")


def _hear_drug_check(turn: Turn, heard: Understanding) -> Turn | None:
    if "drug" in heard.entities:
        return turn.drop("changed")
    answer = yes(heard)
    if answer is None:
        return None
    if answer:
        return turn.put(drug_sure=True)
    if turn.has("unlikely"):  # the other hearing was wrong: the first is left, on the list or not
        turn = turn.put(rejected=f"{turn.slot('rejected')}|{turn.slot('said')}")
        return turn.drop("order_id", "unlikely").put(said=turn.slot("drug"), drug_sure=True)
    return unsettle(turn, again=True)


def _ask_use_check(turn: Turn) -> Turn:
    said = turn.slot("said")
    return turn.ask("refill.use_check", f"{said[0].upper()}{said[1:]}, is that right?")


def _hear_use_check(turn: Turn, heard: Understanding) -> Turn | None:
    if not turn.has("use"):  # named instead
        return turn.drop("changed")
    answer = yes(heard)
    if answer is None:
        return None
    return turn.put(checked=True) if answer else unsettle(turn, labelled=True, again=True)


def _hear_apart(turn: Turn, heard: Understanding) -> Turn | None:
    """The name letter by letter, or the strength that this order has: either tells two names apart."""
    order = own(turn)
    if order is None:  # another name was said
        return turn
    letters, strength = value(heard, "letters").lower(), value(heard, "strength") or value(heard, "number")
    if letters:
        same = bears(order, letters) or may_spell(letters, turn.slot("said").lower())
        return turn.put(apart=True, drug_sure=True) if same else _respelled(turn, letters)
    if not strength:
        return unsettle(turn, again=True) if yes(heard) is False else None
    if of_strength((order,), strength):
        return turn.put(apart=True, drug_sure=True, strength=strength)
    return to_care_team(turn.put(strength=strength), TaskKind.MED_CHANGE_REQUEST)


def _respelled(turn: Turn, letters: str) -> Turn:
    return begin(turn, Mention((letters,), letters)).put(spelled=True)


def _change(turn: Turn) -> Turn:
    """Stop, raise or switch: the prescriber decides, and nothing is sent as a refill."""
    names = [item.said for item in wanted(turn)] + [m.said for m in waiting(turn)] + [turn.slot("said")]
    about = ", ".join(dict.fromkeys(name for name in names if name)) or "medicine not named"
    summary = f"Asked for a change, not a refill ({about}). Caller's words: {turn.slot('change')}"
    return hand_over(turn.say(wording.CARE_TEAM), TaskKind.MED_CHANGE_REQUEST, Priority.ROUTINE, summary)


def _too_many(turn: Turn) -> Turn:
    names = [turn.slot("said"), *(item.said for item in wanted(turn)), *(m.said for m in waiting(turn))]
    summary = f"Asked for many refills at once: {', '.join(name for name in names if name)}"
    return hand_over(turn.say(LONG_LIST), TaskKind.REFILL_REVIEW, Priority.ROUTINE, summary)


def _any(turn: Turn) -> bool:
    return has_current(turn) or bool(wanted(turn))


STEPS = (
    Step("too_many", _too_many, lambda turn: turn.has("too_many")),
    Step("change_request", _change, lambda turn: turn.has("change") and _any(turn)),
    Step(
        "drug",
        WHICH,
        lambda turn: not has_current(turn) and (turn.has("again") or not wanted(turn)),
        _hear_drug,
        expect_drug,
        ("Please read me the name on the bottle.", "You can spell the name, one letter at a time."),
    ),
    Step("match", match_order, lambda turn: has_current(turn) and not turn.has("order_id")),
    Step(
        "label",
        ON_THE_LABEL,
        lambda turn: False,  # asked by `_match_use`
        _hear_label,
        expect_drug,
        ("Please read me the name on the bottle.", "You can spell the name, one letter at a time."),
    ),
    Step(
        "strength",
        WHICH_STRENGTH,
        lambda turn: False,  # asked by `_match` when two orders share a name
        _hear_strength,
        lambda turn: Expectation(ExpectationKind.NUMBER),
        ("How many milligrams do you take?", "Please say the number on the label, like ten milligrams."),
    ),
    Step(
        "use_check",
        _ask_use_check,
        lambda turn: turn.has("use") and not turn.has("checked"),
        _hear_use_check,
        expect_yes_no,
        ("Is that the one, yes or no?", "Press 1 if that is the one, or 2 if it is not."),
    ),
    Step(
        "apart",
        lambda turn: turn.ask("refill.apart", f"I heard {turn.slot('said')}.", TELL_APART),
        lambda turn: turn.has("alike") and not turn.has("apart"),
        _hear_apart,
        lambda turn: Expectation(ExpectationKind.DRUG),
        ("How many milligrams does the label say?", "You can spell the name, one letter at a time."),
    ),
    Step(
        "drug_check",
        _ask_drug_check,
        lambda turn: turn.has("drug_names") and not turn.has("drug_sure"),
        _hear_drug_check,
        expect_yes_no,
        ("Is that the medication, yes or no?", "Press 1 if that is the medication, or 2 if it is not."),
    ),
    Step("settle", settle, has_current),
)
