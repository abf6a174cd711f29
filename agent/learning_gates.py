"""What weights must not lose before they may be used: the gates of `firstring learn`.

Training never sees the frozen test half (`intents.frozen`); here its sentences are only scored. To hold new
weights to something else as well, write a ``Gate`` and add it to ``GATES``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from intents import alarms, frozen
from intents.corpus import examples
from intents.frozen import Case
from intents.frozen.scoring import Answer, Score, is_right, score
from intents.train import danger_halves
from intents.understand import MindService
from models.domain import Context, Expectation, Intent, PracticeFacts, Provider, Transcript

MAY_LOSE = 0.001  # of accuracy and macro-F1: rounding of the stored weights, no more
LABEL_MAY_LOSE = 0.02  # of one label's F1
MAY_BE_MISSED = 0  # more sentences that ask for a person or tell of a symptom
NEVER_LESS = (Intent.HUMAN_AGENT, Intent.SYMPTOM_REPORT)
MAY_SUSPECT_OTHERWISE = 0.005  # of the sentences
_COMPLAINTS = {Intent.SYMPTOM_REPORT, Intent.CHECKIN_RETURN}
_EVERY = 3  # sentence that is held out: half a minute for both minds
_OPEN = Expectation()

CONTEXT = Context(  # the practice that the frozen sentences speak of, on their day
    now=datetime(2026, 11, 30, 14, 0, tzinfo=UTC),
    practice=PracticeFacts(
        name="Oak Street Family Practice",
        phone="+16175550100",
        timezone="America/New_York",
        providers=tuple(Provider(name, f"Doctor {name}") for name in ("Chen", "Patel", "Webb", "Okafor")),
    ),
)


@dataclass(frozen=True)
class Trial:
    """Two minds and the sentences that they are compared on; each is asked once."""

    before: MindService
    after: MindService
    cases: Sequence[Case]
    known: Sequence[Answer] = ()  # what ``before`` has answered in another trial

    def of(self, after: MindService) -> Trial:
        """The same with another mind after, without asking the one before again."""
        return replace(self, after=after, known=self.old)

    @cached_property
    def old(self) -> Sequence[Answer]:
        return self.known or _answers(self.before, self.cases)

    @cached_property
    def new(self) -> list[Answer]:
        return _answers(self.after, self.cases)

    @cached_property
    def scores(self) -> tuple[Score, Score]:
        return score(self.old), score(self.new)

    def flipped(self, *, to_right: bool) -> list[int]:
        """Numbers of the frozen cases that became right, or wrong."""
        pairs = enumerate(zip(self.old, self.new, strict=True))
        return [
            number
            for number, (old, new) in pairs
            if is_right(*old) is not is_right(*new) and is_right(*new) is to_right
        ]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``lost``: what got worse by more than it may; empty: the gate is passed."""

    gate: str
    lost: tuple[str, ...] = ()


Gate = Callable[[Trial], Verdict]


def _answers(mind: MindService, cases: Sequence[Case]) -> list[Answer]:
    return [
        (case, mind.understand(Transcript(case.text, 1.0), case.expectation, CONTEXT).intents)
        for case in cases
    ]


def frozen_gate(trial: Trial) -> Verdict:
    """Accuracy, macro-F1, each label's F1 and strangers caught, over the frozen test half."""
    old, new = trial.scores
    whole = {
        "accuracy": (old.accuracy, new.accuracy),
        "macro-F1": (old.macro_f1, new.macro_f1),
    }
    parts = {label.value: (old.f1[label], new.f1[label]) for label in old.f1}
    parts["strangers caught"] = (old.out_of_scope_caught, new.out_of_scope_caught)
    lost = [*_lost(whole, MAY_LOSE), *_lost(parts, LABEL_MAY_LOSE)]
    return Verdict("frozen test half", tuple(lost))


def _lost(figures: dict[str, tuple[float, float]], most: float) -> list[str]:
    return [f"{name} {old:.4f} -> {new:.4f}" for name, (old, new) in figures.items() if new < old - most]


def person_and_symptom_gate(trial: Trial) -> Verdict:
    """Who asks for a person or tells of a symptom is missed no more often than before."""
    lost = []
    for label in NEVER_LESS:
        missed = [_missed(answers, label) for answers in (trial.old, trial.new)]
        if missed[1] > missed[0] + MAY_BE_MISSED:
            lost.append(f"{label.value} missed {missed[0]} -> {missed[1]} times")
    return Verdict("a person and symptoms", tuple(lost))


def _missed(answers: Sequence[Answer], label: Intent) -> int:
    return sum(_misses(case, said, label) for case, said in answers)


def _misses(case: Case, said: Collection[Intent], label: Intent) -> bool:
    return label in case.intents and label not in said and not is_right(case, said)


def suspicion_gate(trial: Trial) -> Verdict:
    """Dangers are suspected as often as before, and harmless sentences no more often: of those held out."""
    _, held = danger_halves(alarms.rows())
    harmless = [
        example for example in examples() if example.is_test and not _COMPLAINTS & set(example.intents)
    ]
    lost = []
    for name, texts, sign in (
        ("dangers suspected", [row.text for row in held[::_EVERY] if row.flags], 1),
        ("harmless sentences suspected", [example.text for example in harmless[::_EVERY]], -1),
    ):
        old, new = (_suspected(mind, texts) for mind in (trial.before, trial.after))
        if sign * (new - old) < -MAY_SUSPECT_OTHERWISE:
            lost.append(f"{name} {old:.4f} -> {new:.4f}")
    return Verdict("suspicions", tuple(lost))


def _suspected(mind: MindService, texts: Sequence[str]) -> float:
    heard = [mind.understand(Transcript(text, 1.0), _OPEN, CONTEXT).suspected for text in texts]
    return sum(map(bool, heard)) / max(1, len(heard))


GATES: tuple[Gate, ...] = (frozen_gate, person_and_symptom_gate, suspicion_gate)


def trial_of(before: MindService, after: MindService) -> Trial:
    return Trial(before, after, frozen.cases())
