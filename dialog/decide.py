"""`decide`: one event in, one decision out. Pure: the only clock is ``context.now``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dialog import (
    continuing,
    danger,
    emergency,
    handoff,
    hearing,
    keypad,
    machines,
    moves,
    outcomes,
    repair,
    replies,
    staff_orders,
)
from dialog.engine import expectation, go_on
from dialog.spanish import spoken
from dialog.state import DialogState
from dialog.turn import Turn
from models.domain import (
    CallStarted,
    Context,
    Decision,
    Disposition,
    Event,
    Heard,
    HungUp,
    Interrupted,
    Keys,
    NoInput,
    NoPause,
    Outcome,
    Phase,
    StaffJoined,
    StaffOrdered,
    ToneHeard,
    Waiting,
)


def decide(state: DialogState, event: Event, context: Context) -> Decision[DialogState]:
    """What to do about one event: the next state, what to say, what is expected, what to order."""
    if state.phase is Phase.ENDED:
        return Decision(state)
    turn = _HANDLERS[type(event)](Turn(state, context), event)
    turn = replies.finish(turn, event)
    said = tuple(spoken(turn, text) for text in turn.said)
    return Decision(turn.state, said, expectation(turn), turn.actions)


def _heard(turn: Turn, event: Heard) -> Turn:
    return hearing.hear(turn.but(heard_to=""), event.understanding)


def _keys(turn: Turn, event: Keys) -> Turn:
    if event.digits == keypad.PERSON and not turn.state.known.get("with_person"):
        return go_on(moves.person(turn))
    if event.digits == keypad.SPANISH and moves.may_ask_for_spanish(turn):
        return go_on(moves.spanish(turn))
    return hearing.hear(turn, keypad.understood(event.digits, expectation(turn)))


def _no_input(turn: Turn, event: NoInput) -> Turn:
    return hearing.silence(turn)


def _no_pause(turn: Turn, event: NoPause) -> Turn:
    return machines.no_pause(turn)


def _tone(turn: Turn, event: ToneHeard) -> Turn:
    return machines.hear(turn, event.kind)


def _waiting(turn: Turn, event: Waiting) -> Turn:
    return hearing.patience(turn) if event.action_id in turn.state.pending else turn


def _interrupted(turn: Turn, event: Interrupted) -> Turn:
    """Barge-in: what was heard of the reply is kept; the words that broke in come as an event."""
    return turn.but(heard_to=event.heard_to)


def _staff_joined(turn: Turn, event: StaffJoined) -> Turn:
    return turn.phase(Phase.HANDOFF).settle(Disposition.TRANSFERRED).note(with_person=True).wait()


def _hung_up(turn: Turn, event: HungUp) -> Turn:
    """The caller is gone: what they had asked to pass on is passed on, and the end is named honestly."""
    if event.alone and turn.state.known.get("with_person"):
        turn = emergency.gave_up(turn) if turn.known("danger") else handoff.gave_up(turn)
    turn = continuing.keep(turn, repair.leave(danger.leave(turn)))
    served = turn.state.known.get("served") is True
    ended = turn.state.disposition or (Disposition.COMPLETED if served else Disposition.ABANDONED)
    return turn.but(disposition=ended, asking="", asked="").phase(Phase.ENDED)


def _started(turn: Turn, event: CallStarted) -> Turn:
    return go_on(moves.greet(turn, event))


_HANDLERS: Mapping[type, Callable[[Turn, Any], Turn]] = {
    CallStarted: _started,
    Heard: _heard,
    Keys: _keys,
    NoInput: _no_input,
    NoPause: _no_pause,
    ToneHeard: _tone,
    Waiting: _waiting,
    Outcome: outcomes.take,
    Interrupted: _interrupted,
    StaffJoined: _staff_joined,
    StaffOrdered: staff_orders.handle,
    HungUp: _hung_up,
}
