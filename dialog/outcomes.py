"""What came of an action. A late or foreign outcome is dropped; nothing is called done before this."""

from __future__ import annotations

from collections.abc import Mapping

from dialog import emergency, handoff, honesty, identity, moves, privacy, satisfaction, tasks
from dialog.engine import go_on
from dialog.flows import FLOWS
from dialog.flows.refill_outcome import sentences
from dialog.flows.visits_wording import THAT_VISIT_IS_CANCELLED, booked
from dialog.steps import OutcomeHandler
from dialog.turn import WAITING, Turn
from models.domain import Disposition, Outcome, RefillAnswered, Result, VisitBooked, VisitCancelled

_HANDLERS: Mapping[str, OutcomeHandler] = {
    **identity.OUTCOMES,
    **tasks.OUTCOMES,
    **handoff.OUTCOMES,
    **emergency.OUTCOMES,
    "recording.stop": honesty.recording_stopped,
    **privacy.OUTCOMES,
    **satisfaction.OUTCOMES,
    **{name: handler for flow in FLOWS.values() for name, handler in flow.outcomes.items()},
}


def take(turn: Turn, event: Outcome) -> Turn:
    """Hand an outcome to what ordered the action."""
    name = turn.state.pending.get(event.action_id)
    handler = _HANDLERS.get(name) if name else None
    if name is None or handler is None:
        return turn.stop()
    left = {id_: other for id_, other in turn.state.pending.items() if id_ != event.action_id}
    turn, owner = turn.but(pending=left, waits=0), name.partition(".")[0]
    if turn.state.known.get("with_person"):
        return turn.settle(Disposition.TRANSFERRED).stop()
    if _is_out_of_our_hands(turn) and owner not in ("danger", "handoff"):
        return turn.stop()
    if owner in FLOWS and owner != turn.state.flow:
        return _late(turn, event.result)
    return _answered(turn, handler, event.result)


def _is_out_of_our_hands(turn: Turn) -> bool:
    """An emergency has the line, or a person is on the way: other news would only disturb."""
    return emergency.live(turn) or handoff.transferring(turn)


def _answered(turn: Turn, handler: OutcomeHandler, result: Result) -> Turn:
    """Go on with the flow; a question that was open meanwhile is put again after the news."""
    asking, asked = turn.state.asking, turn.state.asked
    after = handler(turn, result)
    if asking == WAITING:
        return go_on(after)
    if asking != emergency.DOUBT and after.stopped:
        return after
    if after.said:
        return after.ask(asking, asked)
    return after.but(asking=asking, asked=asked).stop()


def _late(turn: Turn, result: Result) -> Turn:
    """What a flow that was left had still ordered: said, because it is done."""
    news = _news(turn, result)
    if news and turn.state.known.get("staff_ends"):
        return moves.close(turn.say(*news))  # nothing else is asked any more
    return moves.again(turn.say(*news)) if news else turn.stop()


def _news(turn: Turn, result: Result) -> tuple[str, ...]:
    match result:
        case VisitBooked(visit):
            return (booked(turn, visit),)
        case VisitCancelled():
            return (THAT_VISIT_IS_CANCELLED,)
        case RefillAnswered():
            return sentences(result)
    return ()
