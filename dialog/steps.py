"""A flow is its questions: what a step asks, when it is due, and what an answer does to the slots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dialog.turn import Turn
from models.domain import Expectation, ExpectationKind, IdentityLevel, ProxyScope, Understanding

Hear = Callable[[Turn, Understanding], Turn | None]
OutcomeHandler = Callable[[Turn, Any], Turn]


def expect_open(turn: Turn) -> Expectation:
    return Expectation(ExpectationKind.OPEN)


def expect_yes_no(turn: Turn) -> Expectation:
    return Expectation(ExpectationKind.YES_NO, digits=1)


def not_heard(turn: Turn, heard: Understanding) -> Turn | None:
    return None


def as_it_is(turn: Turn, heard: Understanding) -> Turn:
    return turn


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a flow, or one act.

    ``ask`` is the question, or a function that puts it (or acts, or settles the step by itself).
    ``hear`` returns the turn with the answer kept, or None when this was no answer to the question.
    ``skip`` goes on after a silence, where an answer is a favour.
    ``free``: any words answer it, also some that end a call elsewhere ("I have to go to work").
    ``reasks`` are said when it was not: other words with an example, then keys or spelling.
    """

    name: str
    ask: str | Callable[[Turn], Turn]
    due: Callable[[Turn], bool] = lambda turn: True
    hear: Hear = not_heard
    expect: Callable[[Turn], Expectation] = expect_open
    reasks: tuple[str, ...] = ()
    skip: Callable[[Turn], Turn] | None = None
    reasks_now: Callable[[Turn], tuple[str, ...]] | None = None  # where the question itself varies
    free: bool = False

    def other_words(self, turn: Turn) -> tuple[str, ...]:
        """Of the question, as it stands now."""
        return self.reasks_now(turn) if self.reasks_now else self.reasks


@dataclass(frozen=True, slots=True)
class Flow:
    """``absorb`` keeps what a sentence says beyond its question; ``unless`` skips the identity check.

    ``leave`` saves what a caller already said when the call ends or a person takes over. ``put_down`` does
    when the flow is given up for good; its second value says that staff are being told anyway. ``steps_now``
    gives the steps of a flow whose questions are the practice's own.
    """

    name: str
    steps: tuple[Step, ...]
    back: str = ""  # "Back to your refill."
    then: str = ""  # "Now, your refill."
    identified: bool = False  # identity comes first
    level: IdentityLevel = IdentityLevel.L1  # how sure of it, where it comes first
    scope: ProxyScope = ProxyScope.ALL  # what somebody who speaks for the patient needs
    survives_refusal: bool = False  # goes on when identity failed
    absorb: Callable[[Turn, Understanding], Turn] = as_it_is
    outcomes: Mapping[str, OutcomeHandler] = field(default_factory=dict)
    failed: Callable[[Turn], Turn] | None = None
    leave: Callable[[Turn], Turn] = lambda turn: turn
    put_down: Callable[[Turn, bool], Turn] = lambda turn, told: turn
    steps_now: Callable[[Turn], Sequence[Step]] | None = None
    constants: tuple[str, ...] = ()  # further sentences that never vary


def steps_of(flow: Flow, turn: Turn) -> Sequence[Step]:
    return flow.steps_now(turn) if flow.steps_now else flow.steps


def slot_missing(name: str) -> Callable[[Turn], bool]:
    return lambda turn: not turn.has(name)


def put_question(owner: str, step: Step, turn: Turn) -> Turn:
    """Ask what the step asks, or let it act."""
    if isinstance(step.ask, str):
        return turn.ask(f"{owner}.{step.name}", step.ask)
    return step.ask(turn)
