"""A rehearsed call as it went: what was said, what was done in which turn, what changed."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.rehearsal.findings import Changes
from agent.rehearsal.knowing import Act
from models.domain import Action, IdentityLevel, Result


@dataclass
class PlayedTurn:
    """One act of the caller and all that the agent said until the next. The first turn's act is empty: the
    call arrives. ``apart``: where the agent took several turns meanwhile (asked, waited, asked again), each.
    """

    act: Act
    heard_as: str  # the caller's words as they reached the agent
    reply: str
    level: IdentityLevel  # after the turn
    orders: list[Action] = field(default_factory=list)
    results: list[tuple[Action, Result]] = field(default_factory=list)
    apart: tuple[str, ...] = ()

    @property
    def replies(self) -> tuple[str, ...]:
        """The agent's turns, one or more; the whole reply is all of them."""
        return self.apart or (self.reply,)


@dataclass
class Played:
    """One call. ``failure`` is what broke it, "" where nothing did."""

    call_id: str
    seed: int
    turns: list[PlayedTurn]
    changes: Changes | None = None
    disposition: str = ""
    transferred: bool = False
    agent_hung_up: bool = False
    took_s: float = 0.0
    failure: str = ""

    @property
    def level(self) -> IdentityLevel:
        return self.turns[-1].level if self.turns else IdentityLevel.L0

    def transcript(self) -> list[str]:
        lines: list[str] = []
        for turn in self.turns:
            lines += _caller_lines(turn)
            lines += [f"agent:  {reply or '(nothing)'}" for reply in turn.replies]
        return lines


def _caller_lines(turn: PlayedTurn) -> list[str]:
    act = turn.act
    if act.hangs_up:
        return ["caller: (hangs up)"]
    if act.keys:
        return [f"caller: (presses {act.keys})"]
    if not act.text:
        return ["caller: (silent)"] if act.topic else []
    over = "(speaking over) " if act.over else ""
    heard = turn.heard_as if turn.heard_as != act.text else ""
    return [f"caller: {over}{act.text}", *([f"   as heard: {heard}"] if heard else [])]
