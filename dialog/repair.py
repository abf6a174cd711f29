"""When an answer was not understood, not given, or not heard: other words, then keys, then a person."""

from __future__ import annotations

from dialog import continuing, wording
from dialog.continuing import GO_ON
from dialog.engine import MORE, OPEN, current_flow, flow_step, put_down
from dialog.flows import FLOWS
from dialog.handoff import connect
from dialog.tasks import open_task
from dialog.turn import Turn
from models.domain import Disposition, HangUp, Phase, Priority, TaskKind

OFFER = "repair.offer"
REASKS = {
    OPEN: (
        "You can say, for example, I need a refill, or a visit, or a person.",
        "Please say refill, visit, or message; press zero for a person.",
    ),
    MORE: ("Is there something else, yes or no?", "Please tell me what else you need, or say goodbye."),
    GO_ON: continuing.REASKS,
    OFFER: (wording.PERSON_OR_MESSAGE_AGAIN, "Press zero for a person."),
}
_TROUBLE_LIMIT = 3
_MOST_OFFERS = 3  # of a person or a message, in one call


def reasks(turn: Turn, asking: str) -> tuple[str, ...]:
    step = flow_step(turn, asking)
    if step is None:
        return REASKS.get(asking, ())
    return step.other_words(turn)


def no_match(turn: Turn) -> Turn:
    return _ladder(turn, wording.NOT_UNDERSTOOD_PREFIXES)


def no_input(turn: Turn) -> Turn:
    return _ladder(turn, wording.NOT_HEARD_PREFIXES)


def _ladder(turn: Turn, prefixes: tuple[str, ...]) -> Turn:
    """Third time a person or a message is offered, the fourth decides it."""
    misses = turn.state.misses + 1
    others = reasks(turn, turn.state.asking)
    turn = turn.but(misses=misses)
    if misses > 3 or (misses == 3 and turn.state.asking == OFFER):
        return give_up(turn)
    if misses == 3 or not others:
        return offer(turn, prefixes[-1] if misses < 3 else "")
    again = others[min(misses, len(others)) - 1]
    return turn.say(prefixes[misses - 1]).ask(turn.state.asking, again)


def offer(turn: Turn, lead: str = "") -> Turn:
    """A person or a message; the question that led here may still be answered."""
    offers = int(turn.known("offers") or 0) + 1
    if offers > _MOST_OFFERS:
        return give_up(turn)
    turn = turn.note(offered_from=turn.state.asking, offers=offers).but(misses=3)
    return turn.say(lead).ask(OFFER, wording.PERSON_OR_MESSAGE)


def give_up(turn: Turn, reason: str = "The conversation did not succeed", *, tell: bool = False) -> Turn:
    """A person where one is there; else the number to call, and what was said is kept.

    ``tell``: it was not the caller's doing, so out of hours staff are asked to call back.
    """
    if turn.practice.staff_available:
        return connect(turn, reason)
    turn = leave(turn)
    if tell:
        turn = open_task(turn, "desk.quiet", TaskKind.SAME_DAY_CALLBACK, Priority.URGENT, reason)
    turn = turn.say(wording.COULD_NOT_HELP, *wording.closing(turn.practice)).settle(Disposition.NO_INPUT)
    return hang_up(turn)


def leave(turn: Turn) -> Turn:
    """Save what the caller already said in flows that the call leaves behind."""
    if turn.state.known.get("taken_over") and turn.state.known.get("with_person"):
        return put_down(turn, told=True)
    flow = current_flow(turn)
    return leave_aside(flow.leave(turn) if flow else turn)


def leave_aside(turn: Turn) -> Turn:
    """The same for wishes that were put aside for another and never taken up again."""
    if turn.state.known.get("with_person"):
        return turn
    flow, slots = turn.state.flow, turn.state.slots
    for wish in turn.state.queue:
        if wish.aside:
            turn = FLOWS[wish.flow].leave(turn.but(flow=wish.flow, slots=wish.slots))
    return turn.but(flow=flow, slots=slots)


def hang_up(turn: Turn) -> Turn:
    """End the call kindly, unless the caller has more to say."""
    turn = turn.done().phase(Phase.CLOSING).act("call.hang_up", HangUp)
    return turn.but(asking=OPEN, asked="", misses=0).stop()


def trouble(turn: Turn) -> Turn:
    """The recogniser failed, not the caller: twice asked again, then a person."""
    failures = turn.state.failures + 1
    turn = turn.but(failures=failures)
    if failures == _TROUBLE_LIMIT:
        return give_up(turn, "Our speech recognition failed: the caller could not be understood", tell=True)
    if failures > _TROUBLE_LIMIT:
        return give_up(turn)
    return turn.say(wording.TROUBLE[failures - 1], wording.SAY_AGAIN[failures - 1]).stop()
