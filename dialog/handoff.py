"""A person takes over: by transfer when somebody can answer now, else by a call back."""

from __future__ import annotations

from dialog import wording
from dialog.tasks import not_saved, open_task
from dialog.turn import Turn
from models.domain import (
    ActionFailed,
    CallTransferred,
    Disposition,
    Phase,
    Priority,
    Result,
    TaskKind,
    TransferCall,
)

TRANSFER = "handoff.transfer"
DANGER_TRANSFER = "danger.transfer"  # of a caller with a danger sign
TAKEN_OVER = ("taken_over", "taken_asking", "taken_asked")  # known of a call that staff wanted for themselves


def reachable(turn: Turn) -> bool:
    """Whether somebody takes an urgent call now: staff, or after hours who is on call."""
    return turn.practice.staff_available or turn.practice.urgent_available


def transferring(turn: Turn) -> bool:
    return not {TRANSFER, DANGER_TRANSFER}.isdisjoint(turn.state.pending.values())


def connect(turn: Turn, reason: str, sentence: str = wording.CONNECTING, *, urgent: bool = False) -> Turn:
    """Order the transfer, once; "transferred" is only said by the carrier's outcome, to the record."""
    if transferring(turn):
        return turn.say(_other_words(turn)).stop()
    turn = turn.say(sentence).phase(Phase.HANDOFF)
    danger, words, caller = bool(turn.known("danger")), turn.state.reason, _who(turn)
    urgent, name = urgent or danger, DANGER_TRANSFER if danger else TRANSFER
    return turn.act(name, lambda id_: TransferCall(id_, reason, urgent, words, caller)).wait()


def _who(turn: Turn) -> str:
    """Whom the caller says they are, for the member of staff who takes the call."""
    return (
        turn.known("caller_name") or turn.known("name") or (turn.patient.given_name if turn.patient else "")
    )


def _other_words(turn: Turn) -> str:
    said = wording.STILL_CONNECTING in turn.state.said
    return wording.ONE_MOMENT if said else wording.STILL_CONNECTING


def transferred(turn: Turn, result: Result) -> Turn:
    """The carrier's answer. After a failure the caller is told, and called back."""
    if isinstance(result, CallTransferred):
        return turn.settle(Disposition.TRANSFERRED).note(with_person=True).wait()
    return not_reached(turn) if isinstance(result, ActionFailed) else turn


def not_reached(turn: Turn) -> Turn:
    if turn.state.disposition is Disposition.TRANSFERRED:
        turn = turn.but(disposition=None)  # the record must not say that somebody took this call
    if turn.state.known.get("taken_over"):
        return _go_on_here(turn)
    turn = turn.say(wording.TRANSFER_FAILED, wording.ASKING_CALL_BACK).but(flow="", slots={}, offers=())
    if turn.known("call_back_left"):
        return turn.saying(wording.TRANSFER_FAILED, wording.CALL_BACK_LEFT).phase(Phase.SERVING).done()
    turn = _call_back(turn, "handoff.callback", "transfer failed")
    return turn.phase(Phase.SERVING).wait()


def _go_on_here(turn: Turn) -> Turn:
    """It was staff who wanted the call, and nobody picked up: the question that was open is put again."""
    asking, asked = turn.known("taken_asking"), turn.known("taken_asked")
    turn = turn.forget(*TAKEN_OVER).phase(Phase.SERVING)
    turn = turn.say(wording.STAFF_NOT_THERE)
    return turn.ask(asking, asked) if asked else turn.but(asking="")


def gave_up(turn: Turn) -> Turn:
    """The caller hung up before anybody was reached: they are called back."""
    if turn.state.disposition is Disposition.TRANSFERRED:
        turn = turn.but(disposition=None)
    return _call_back(turn, "desk.quiet", "hung up before anybody was reached")


def _call_back(turn: Turn, name: str, what: str) -> Turn:
    began = "Staff took the call over" if turn.state.known.get("taken_over") else "Asked for a person"
    summary = f"{began}, {what}. Caller's words: {turn.state.reason or 'none'}"
    return open_task(turn, name, TaskKind.SAME_DAY_CALLBACK, Priority.URGENT, summary)


def callback_opened(turn: Turn, result: Result) -> Turn:
    if isinstance(result, ActionFailed):
        return not_saved(turn).done()
    turn = turn.note(call_back_left=True)
    return turn.say(wording.CALL_BACK_LEFT).settle(Disposition.MESSAGE_TAKEN).done()


OUTCOMES = {TRANSFER: transferred, "handoff.callback": callback_opened}
