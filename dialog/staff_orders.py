"""What a member of staff who follows the call orders: the call for themselves, or its kind end.

An order that is not carried out changes nothing and is said to nobody; `obeyed` tells which it was.
"""

from __future__ import annotations

from dataclasses import replace

from dialog import danger, emergency, moves, repair, wording
from dialog.engine import go_on
from dialog.flows import DANGER_QUESTIONS, questionnaire
from dialog.glance import in_danger, leaves_us
from dialog.handoff import connect, transferring
from dialog.state import DialogState
from dialog.turn import Turn
from models.domain import Disposition, Phase, StaffDeed, StaffOrdered, TransferCall

ORDER = "staff_order"  # the one that was carried out last
REASON = "Staff take the call over"


def obeyed(state: DialogState, event: StaffOrdered) -> bool:
    """Whether this order was carried out, now or by a process that led the call before."""
    return state.known.get(ORDER) == event.order_id


def take(turn: Turn, event: StaffOrdered) -> Turn:
    if obeyed(turn.state, event) or leaves_us(turn.state):
        return turn.stop()
    if event.deed is StaffDeed.TAKE_OVER:
        return _take_over(_still_here(turn.note(**{ORDER: event.order_id})), event)
    if _danger_is_open(turn) or turn.state.phase is Phase.HANDOFF or _is_ending(turn):
        return turn.stop()
    return _end(turn.note(**{ORDER: event.order_id}))


def _danger_is_open(turn: Turn) -> bool:
    """Also a question that every caller is asked, whose answer may be a danger sign: it is waited for."""
    asked = turn.state.asking in DANGER_QUESTIONS or questionnaire.danger_asked(turn) is not None
    return asked or in_danger(turn.state)


def _is_ending(turn: Turn) -> bool:
    return turn.state.phase is Phase.CLOSING and "call.hang_up" in turn.state.pending.values()


def _still_here(turn: Turn) -> Turn:
    left = {id_: name for id_, name in turn.state.pending.items() if name != "call.hang_up"}
    return turn.but(pending=left)


def _take_over(turn: Turn, event: StaffOrdered) -> Turn:
    """On the way to the telephone that was chosen. An open question about danger counts as a yes, as for
    whoever asks for a person; nobody there, and the call goes on where it was."""
    turn = turn.forget("staff_ends")  # of an end that was ordered before
    turn = turn.note(taken_over=True, taken_asking=turn.state.asking, taken_asked=turn.state.asked)
    if turn.state.asking == emergency.DOUBT:
        turn = danger.silent_doubt(turn)
    turn = turn.say(wording.STAFF_WANT_YOU)
    if not transferring(turn):
        grave = turn.known("danger") and turn.state.red_flags
        turn = emergency.transfer(turn) if grave else connect(turn, REASON)
    return _to(turn, event.contact)


def _to(turn: Turn, contact: str) -> Turn:
    """Whichever transfer is ordered now rings this telephone, and no other."""
    actions = (
        replace(action, contact=contact) if isinstance(action, TransferCall) else action
        for action in turn.actions
    )
    return replace(turn, actions=tuple(actions))


def _end(turn: Turn) -> Turn:
    """A fixed goodbye, with the way to our staff in it; who then asks for a person or tells of a danger is
    heard, and nothing else is begun any more."""
    kept = repair.leave(turn.note(staff_ends=True)).done()  # what was said for staff reaches them
    turn = moves.close(kept.say(wording.STAFF_END))
    return turn.settle(Disposition.STAFF_ENDED)


def handle(turn: Turn, event: StaffOrdered) -> Turn:
    return go_on(take(turn, event))
