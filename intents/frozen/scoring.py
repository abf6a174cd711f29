"""Which answers to a frozen sentence are right, and the figures over all of them. Pure: no model, no file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from intents.frozen import Case
from models.domain import ExpectationKind, Intent

_COURTESIES = frozenset({Intent.GREETING, Intent.GOODBYE})  # beside a wish they are neither right nor wrong
_ANSWERS = frozenset({Intent.AFFIRM, Intent.DENY})
_NOBODY = frozenset({Intent.OUT_OF_SCOPE})

Answer = tuple[Case, Collection[Intent]]


@dataclass(frozen=True, slots=True)
class Score:
    """Every family weighs one. ``accuracy`` is of whole sentences, ``f1`` per label that occurs."""

    accuracy: float
    macro_f1: float
    f1: dict[Intent, float]
    out_of_scope_caught: float
    others_refused: float  # of the sentences that ask for something of ours


def is_right(case: Case, said: Collection[Intent]) -> bool:
    """All that is asked for and nothing else, give or take what the case allows.

    Who asks for nothing of ours may be refused without a label: nothing found is right there too.
    """
    found = frozenset(said)
    if case.intents == _NOBODY and not found:
        return True
    return any(wanted <= found <= wanted | _beside(case, wanted) for wanted in _readings(case))


def _readings(case: Case) -> tuple[frozenset[Intent], ...]:
    return (case.intents,) if case.instead is None else (case.intents, case.instead)


def _beside(case: Case, wanted: frozenset[Intent]) -> frozenset[Intent]:
    """What may come along: courtesies of a wish, and the "yes" that opens an answer to an open question."""
    if not wanted:
        return case.also
    is_open = case.expectation.kind is ExpectationKind.OPEN and not wanted & _ANSWERS
    return case.also | _COURTESIES | (_ANSWERS if is_open else frozenset())


def score(answers: Sequence[Answer]) -> Score:
    """Figures of all answers. Raises ValueError where there are none."""
    if not answers:
        raise ValueError("no answers to score: give one for each case of intents.frozen.cases()")
    f1 = {label: _f1(answers, label) for label in Intent if any(label in case.intents for case, _ in answers)}
    strangers = [(case, said) for case, said in answers if case.intents == _NOBODY]
    ours = [(case, said) for case, said in answers if case.intents - _NOBODY]
    return Score(
        accuracy=_share([(case, is_right(case, said)) for case, said in answers]),
        macro_f1=sum(f1.values()) / len(f1) if f1 else 0.0,
        f1=f1,
        out_of_scope_caught=_share([(case, is_right(case, said)) for case, said in strangers]),
        others_refused=_share([(case, _refused(case, said)) for case, said in ours]),
    )


def _refused(case: Case, said: Collection[Intent]) -> bool:
    return not is_right(case, said) and set(said) <= _NOBODY


def _share(marked: Sequence[tuple[Case, bool]]) -> float:
    whole = sum(case.weight for case, _ in marked)
    return sum(case.weight for case, hit in marked if hit) / whole if whole else 0.0


def _f1(answers: Sequence[Answer], label: Intent) -> float:
    """Of one label; what a case allows beside its own labels is no false alarm."""
    right = missed = false = 0.0
    for case, said in answers:
        wanted, found = _label_wanted(case, said, label), label in said
        right += case.weight * (wanted and found)
        missed += case.weight * (wanted and not found)
        false += case.weight * (found and not wanted and not _allowed(case, said, label))
    return 2 * right / (2 * right + missed + false) if right else 0.0


def _label_wanted(case: Case, said: Collection[Intent], label: Intent) -> bool:
    """A right answer in another reading is not counted as a miss of the first."""
    return label in case.intents and not (label not in said and is_right(case, said))


def _allowed(case: Case, said: Collection[Intent], label: Intent) -> bool:
    return label in case.also or is_right(case, said)
