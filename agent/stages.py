"""A call's stages as they pass, each measured once: for Prometheus always, for its trace where there is one.

Instants are milliseconds of the running loop's clock. Nothing of what was said comes here: codes alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, Protocol

from agent.instants import monotonic_ms
from agent.metrics import ACTIONS, ANSWER_SECONDS, RED_FLAGS, STAGE_SECONDS, TURNS
from dialog.safety import CATALOGUE
from models.domain import Event, Heard, Phase, RedFlagRaised

Code = str | int | bool


class Stage(StrEnum):
    """Where a turn's time goes, in the order in which it passes."""

    RECOGNISE = "recognise"  # end of speech -> its final words
    UNDERSTAND = "understand"  # words -> their meaning
    DECIDE = "decide"  # an event -> what to say and do
    STORE = "store"  # decided -> committed
    ACT = "act"  # one order to a backend -> its outcome; transfers wait for people and do not count
    SPEAK = "speak"  # committed -> the reply's first audio is sent


class CallTrace(Protocol):
    """One stream's trace; see `agent.traces`."""

    def turn(self, at_ms: float, codes: Mapping[str, Code]) -> None: ...

    def stage(self, name: str, from_ms: float, to_ms: float, codes: Mapping[str, Code]) -> None: ...

    def close(self, at_ms: float, codes: Mapping[str, Code]) -> None: ...


class Stages:
    """One stream's. ``rang_ms``: when the carrier asked who answers; None where that was elsewhere."""

    def __init__(self, trace: CallTrace | None = None, rang_ms: float | None = None) -> None:
        self._trace = trace
        self._rang_ms = rang_ms
        self._ready_ms: float | None = None  # a reply is committed and not heard yet

    def passed(self, stage: Stage, from_ms: float, to_ms: float | None = None, **codes: Code) -> float:
        """It took from one instant to another (None: now); how long, in milliseconds."""
        to_ms = monotonic_ms() if to_ms is None else to_ms
        STAGE_SECONDS.labels(stage.value).observe((to_ms - from_ms) / 1_000)
        if self._trace:
            self._trace.stage(stage.value, from_ms, to_ms, codes)
        return to_ms - from_ms

    def turn(self, number: int, event: Event) -> None:
        """A turn begins with what was heard, keyed, or with silence."""
        began = type(event).__name__
        TURNS.labels(began).inc()
        if self._trace:
            self._trace.turn(monotonic_ms(), {"turn": number, "began": began, "intent": _intent(event)})

    def decided(self, from_ms: float, to_ms: float, phase: Phase, raised: Sequence[RedFlagRaised]) -> None:
        """``raised``: the danger signs that this decision has added."""
        for flag in raised:
            RED_FLAGS.labels(_known(flag.red_flag_id), flag.disposition).inc()
        self.passed(Stage.DECIDE, from_ms, to_ms, phase=phase.value, danger=bool(raised))

    def committed(self, from_ms: float, *, speaks: bool) -> None:
        """The decision is stored, or the database has refused it: the reply may be spoken."""
        now_ms = monotonic_ms()
        self.passed(Stage.STORE, from_ms, now_ms)
        if speaks and self._ready_ms is None:
            self._ready_ms = now_ms

    def sounded(self, at_ms: float) -> None:
        """The first audio of a reply is sent."""
        if self._rang_ms is not None:
            ANSWER_SECONDS.observe((at_ms - self._rang_ms) / 1_000)
            self._rang_ms = None
        if self._ready_ms is not None:
            self.passed(Stage.SPEAK, self._ready_ms, at_ms)
            self._ready_ms = None

    def acted(self, action: str, ended: str, from_ms: float) -> None:
        """A backend has answered an order, one way or another."""
        ACTIONS.labels(action, ended).inc()
        if action != "TransferCall":
            self.passed(Stage.ACT, from_ms, action=action, ended=ended)

    def close(self, ended: str) -> None:
        if self._trace:
            self._trace.close(monotonic_ms(), {"ended": ended})


_CATALOGUED: Final = frozenset(sign.id for sign in CATALOGUE)


def _known(flag_id: str) -> str:
    """A rule of a practice's own check-in has an id of the practice's own: not for a label."""
    return flag_id if flag_id in _CATALOGUED else "other"


def _intent(event: Event) -> str:
    intent = event.understanding.intent if isinstance(event, Heard) else None
    return intent.value if intent else ""
