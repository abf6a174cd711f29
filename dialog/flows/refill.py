"""A refill: which medicine, any new problem, which pharmacy, an explicit yes; then the request is sent.

Nothing is ever called approved: a person decides. The medicine is found only among the patient's own.
"""

from __future__ import annotations

import re
from dataclasses import replace

from dialog import wording
from dialog.confirming import change, change_step, confirm_step
from dialog.flows import refill_outcome
from dialog.medicines import SURE_DRUG, as_said, bears, named, of_strength
from dialog.reading import says, value, values, word_count, words_at, yes
from dialog.speech import quoted
from dialog.steps import Flow, Step, expect_yes_no, slot_missing
from dialog.tasks import hand_over, open_task
from dialog.turn import Turn
from models.domain import (
    Choice,
    Entity,
    Expectation,
    ExpectationKind,
    Medicine,
    Priority,
    ProxyScope,
    RequestRefill,
    TaskKind,
    Understanding,
)

SPELL_IT = "Could you spell it for me, or say it once more?"
WHICH_STRENGTH = "Which strength do you take?"
_SHORTEST_NAME = 4  # letters
USUAL = "your usual pharmacy"
_USUAL = re.compile(r"\b(usual|regular|same (one|pharmacy|place)|on file|always (use|go))\b")
_PHARMACY_WORD = re.compile(r"\b(pharmacy|drug ?store|place)\b")
_MEDICINE_WORD = re.compile(r"\b(medicine|medication|drug|pill|name)\b")
_DRUG_SLOTS = ("drug", "drug_names", "drug_sure", "order_id", "said", "strength", "several", "unlikely")


def absorb(turn: Turn, heard: Understanding) -> Turn:
    """Keep a medicine, strength and pharmacy from any sentence; a later one corrects an earlier one."""
    turn = _absorb_drug(turn, heard)
    if strength := value(heard, "strength"):
        turn = turn.put(strength=strength)
    pharmacy = _pharmacy(turn, heard)
    return change(turn, pharmacy=pharmacy) if pharmacy else turn


def _absorb_drug(turn: Turn, heard: Understanding) -> Turn:
    entity = heard.entities.get("drug") or _spelled(turn, heard)
    if entity is None:
        return turn
    names = values(entity)
    if turn.has("drug") and turn.slot("drug") == names[0]:  # heard twice: no mishearing
        return turn if turn.has("unlikely") else turn.put(drug_sure=True)
    had_one = turn.has("drug")
    words = names[0] if "drug" not in heard.entities else words_at(heard, "drug") or names[0]
    turn = turn.drop(*_DRUG_SLOTS)
    turn = turn.put(drug=names[0], drug_names="|".join(names), said=words, drug_sure=_sure(entity.certainty))
    return turn.put(changed=True) if had_one else turn


def _spelled(turn: Turn, heard: Understanding) -> Entity | None:
    """A name given letter by letter, where the name was asked for."""
    letters = heard.entities.get("letters")
    asked = turn.state.asking == "refill.drug"
    if letters is None or not asked or len(str(letters.value)) < _SHORTEST_NAME:
        return None
    return replace(letters, value=str(letters.value).lower(), alternatives=())


def _sure(certainty: float) -> bool | None:
    return True if certainty >= SURE_DRUG else None


def _pharmacy(turn: Turn, heard: Understanding) -> str:
    said = value(heard, "pharmacy")
    if not said and turn.state.asking in ("refill.pharmacy", "refill.change"):
        if says(heard, _USUAL):
            return USUAL if turn.patient and turn.patient.pharmacy_name else ""
        said = value(heard, "choice")
    known = {name.lower(): name for name in turn.practice.pharmacies}
    return known.get(said.lower(), said)


def _medicines(turn: Turn) -> tuple[Medicine, ...]:
    return turn.patient.medicines if turn.patient else ()


def _expect_drug(turn: Turn) -> Expectation:
    choices = tuple(Choice(m.name, (m.name, *m.spoken)) for m in _medicines(turn))
    return Expectation(ExpectationKind.DRUG, choices)


def _match(turn: Turn) -> Turn:
    """Settle which order is meant, without a word where it is clear."""
    if turn.patient is None:
        return refill_outcome.failed(turn)
    rejected = turn.slot("rejected").split("|")
    names = [name for name in turn.slot("drug_names").split("|") if name not in rejected]
    found = named(_medicines(turn), names)
    if not found:
        return _off_chart(turn)
    if len(found) > 1 and turn.has("strength"):
        found = of_strength(found, turn.slot("strength")) or found
    if len(found) > 1:
        return _several(turn)
    return _matched(turn, found[0], names)


def _matched(turn: Turn, order: Medicine, names: list[str]) -> Turn:
    """A name that was only another hearing of what was said is asked about, however sure the hearing."""
    first = names[0] == turn.slot("drug") and bears(order, names[0])
    turn = turn.put(order_id=order.order_id, said=as_said(order, turn.slot("said"), names))
    return turn if first else turn.put(said=order_name(order, names), drug_sure=None, unlikely=True)


def order_name(order: Medicine, names: list[str]) -> str:
    return next(name for name in names if bears(order, name))


def _several(turn: Turn) -> Turn:
    """Two orders of one name. Their strengths are chart content, so the caller has to say it."""
    if turn.has("several"):
        return _to_care_team(turn, TaskKind.REFILL_REVIEW)
    return turn.put(several=True).ask("refill.strength", WHICH_STRENGTH)


def _off_chart(turn: Turn) -> Turn:
    """Not on the list, which is never said: once more, then to the care team in the caller's words."""
    if turn.has("spelled"):
        return _to_care_team(turn, TaskKind.MED_CHANGE_REQUEST)
    return turn.drop(*_DRUG_SLOTS).put(spelled=True).ask("refill.drug", SPELL_IT)


def _to_care_team(turn: Turn, kind: TaskKind) -> Turn:
    words = f"{turn.slot('said')} {turn.slot('strength')}".strip()
    summary = f"Asked for a refill of: {quoted(words)}. Caller's words: {turn.state.reason}"
    return hand_over(turn.say(wording.CARE_TEAM), kind, Priority.ROUTINE, summary)


def _hear_drug(turn: Turn, heard: Understanding) -> Turn | None:
    return turn if "drug" in heard.entities or turn.has("drug") else None


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
    return turn.drop(*_DRUG_SLOTS)


def _hear_problem(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    if "symptom" in heard.entities and answer is not False:
        answer = True
    if answer and word_count(heard.text) > 3:
        return _keep_problem(turn.put(new_problem=True), heard)
    return None if answer is None else turn.put(new_problem=answer)


def _keep_problem(turn: Turn, heard: Understanding) -> Turn | None:
    """What the caller says goes to a person today, whatever becomes of the refill."""
    if not heard.text.strip():
        return None
    turn = turn.put(problem=quoted(heard.text)).but(
        symptoms_present=(*turn.state.symptoms_present, quoted(heard.text))
    )
    summary = f"New problem with {turn.slot('said')}: {quoted(heard.text)}"
    return open_task(turn, "desk.quiet", TaskKind.SAME_DAY_CALLBACK, Priority.URGENT, summary)


def _hear_problem_words(turn: Turn, heard: Understanding) -> Turn | None:
    if yes(heard) is False and word_count(heard.text) < 3:
        return turn.put(new_problem=False)
    return _keep_problem(turn, heard)


def _expect_pharmacy(turn: Turn) -> Expectation:
    return Expectation(
        ExpectationKind.CHOICE, tuple(Choice(p, (p,)) for p in turn.practice.pharmacies), digits=1
    )


def _hear_pharmacy(turn: Turn, heard: Understanding) -> Turn | None:
    if turn.has("pharmacy"):
        return turn
    return turn.put(pharmacy=quoted(heard.text, 60)) if heard.text and not turn.practice.pharmacies else None


def _hear_change(turn: Turn, heard: Understanding) -> Turn | None:
    """ "The pharmacy": which of the two is asked anew."""
    if says(heard, _PHARMACY_WORD):
        return turn.drop("changing", "pharmacy")
    if says(heard, _MEDICINE_WORD):
        return turn.drop("changing", *_DRUG_SLOTS)
    return None


def _read_out(turn: Turn) -> str:
    return f"A refill of {turn.slot('said')}, at {turn.slot('pharmacy')}."


def _send(turn: Turn) -> Turn:
    said, order, problem = turn.slot("said"), turn.slot("order_id"), turn.state.slots["new_problem"] is True
    pharmacy = turn.slot("pharmacy")
    if pharmacy == USUAL and turn.patient:
        pharmacy = turn.patient.pharmacy_name
    patient = turn.state.patient_id
    return turn.act(
        "refill.request", lambda id_: RequestRefill(id_, patient, order, said, pharmacy, problem)
    ).wait()


REFILL = Flow(
    "refill",
    (
        Step(
            "drug",
            "Which medication would you like refilled?",
            slot_missing("drug_names"),
            _hear_drug,
            _expect_drug,
            ("Please read me the name on the bottle.", "You can spell the name, one letter at a time."),
        ),
        Step("match", _match, slot_missing("order_id")),
        Step(
            "strength",
            WHICH_STRENGTH,
            lambda turn: False,  # asked by `_match` when two orders share a name
            _hear_strength,
            lambda turn: Expectation(ExpectationKind.NUMBER),
            ("How many milligrams do you take?", "Please say the number on the label, like ten milligrams."),
        ),
        Step(
            "drug_check",
            _ask_drug_check,
            slot_missing("drug_sure"),
            _hear_drug_check,
            expect_yes_no,
            ("Is that the medication, yes or no?", "Press 1 if that is the medication, or 2 if it is not."),
        ),
        Step(
            "problem",
            "Any new problems or side effects with it?",
            slot_missing("new_problem"),
            _hear_problem,
            expect_yes_no,
            ("Has it caused you any trouble, yes or no?", "Press 1 for new problems, or 2 for none."),
        ),
        Step(
            "problem_words",
            "What has been happening?",
            lambda turn: turn.state.slots["new_problem"] is True and not turn.has("problem"),
            _hear_problem_words,
            reasks=("Please tell me in a few words what you noticed.", "For example, say I feel dizzy."),
        ),
        Step(
            "pharmacy",
            "Which pharmacy should we use?",
            slot_missing("pharmacy"),
            _hear_pharmacy,
            _expect_pharmacy,
            ("What is the name of your pharmacy?", "Please say the pharmacy's name, or say my usual one."),
        ),
        change_step(
            _hear_change, ("Is it the medication or the pharmacy?", "Say medication, or say pharmacy.")
        ),
        confirm_step("refill", _read_out, "Is that right?"),
        Step("send", _send),
    ),
    back="Back to your refill.",
    then="Now, your refill.",
    identified=True,
    scope=ProxyScope.REFILLS,
    absorb=absorb,
    outcomes={"refill.request": refill_outcome.answered},
    constants=(SPELL_IT, *refill_outcome.CONSTANTS),
)
