"""What comes next: the due step of the flow, identity before it, the next wish after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dialog import authority, continuing, identity, satisfaction, wording
from dialog.flows import FLOWS, waitlist
from dialog.flows.message import KINDS
from dialog.handoff import connect, transferring
from dialog.identity import speaker
from dialog.state import Wish
from dialog.steps import Flow, Step, put_question, steps_of
from dialog.turn import Turn
from models.domain import Choice, Expectation, ExpectationKind, Intent, JsonScalar, Phase, Priority, TaskKind

# Slots that held good only while their question was open; a flow that comes back asks anew.
_PASSING = ("changed", "changing", "confirmed", "picked", "held", "none_found")
_AFTER_OFFER = ("book", "lookup")  # an opening that is held for the caller is told of before these
_MOST_STEPS = 40  # a flow that neither asks nor acts is a defect; this bounds it
MORE = "call.more"
OPEN = "call.open"
_YES_NO = Expectation(ExpectationKind.YES_NO, digits=1)
_PERSON = Choice("person", ("a person", "person", "someone"))
_MESSAGE = Choice("message", ("a message", "message", "leave a message"))
# Questions that belong to no flow. "Anything else?" stays open: its best answer is a wish.
_UNOWNED = {
    "danger.doubt": _YES_NO,
    "danger.call_911": _YES_NO,
    continuing.GO_ON: continuing.EXPECT,
    satisfaction.ASKING: satisfaction.EXPECT,
    "repair.offer": Expectation(ExpectationKind.CHOICE, (_PERSON, _MESSAGE), digits=1),
}


def go_on(turn: Turn) -> Turn:
    """Take the next steps until something is asked or awaited."""
    for _ in range(_MOST_STEPS):
        if turn.stopped:
            return turn
        turn = _next(turn)
    return turn.done().ask(MORE, wording.ANYTHING_ELSE)


def awaited(turn: Turn) -> bool:
    """An outcome that the flow cannot go on without."""
    names = set(turn.state.pending.values())
    owners = {name.partition(".")[0] for name in names}
    return "desk.task" in names or not owners.isdisjoint({turn.state.flow, "identity"})


def _next(turn: Turn) -> Turn:
    if awaited(turn) or transferring(turn):
        return turn.wait()
    flow = FLOWS.get(turn.state.flow)
    if flow is None:
        return _next_wish(turn)
    if flow.identified and not authority.permits(turn, flow):
        return _not_permitted(turn)
    level = identity.level_for(turn, flow)
    if flow.identified and not identity.reached(turn, level):
        if not identity.was_refused(turn, level):
            step = identity.next_step(turn, level)
            return put_question("identity", step, turn.phase(Phase.IDENTIFYING))
        if not flow.survives_refusal:
            return _without_identity(turn)
    if flow.name in _AFTER_OFFER and waitlist.untold_offer(turn):
        return put_aside(turn).begin("waitlist")
    return put_question(flow.name, _due(steps_of(flow, turn), turn), turn.phase(Phase.SERVING))


def _due(steps: Sequence[Step], turn: Turn) -> Step:
    return next(step for step in steps if step.due(turn))


def _not_permitted(turn: Turn) -> Turn:
    """Who speaks may not have this done: a person's matter for a child, a message for anybody else."""
    if not authority.alone(turn):
        return speaker.message(turn.say(speaker.NO_PERMISSION))
    if turn.practice.staff_available:
        return connect(turn.done(), "A child calls alone")
    kind, priority = TaskKind.SAME_DAY_CALLBACK.value, Priority.URGENT.value
    return turn.say(wording.CLOSED).begin("message", kind=kind, priority=priority, promised=True)


def _without_identity(turn: Turn) -> Turn:
    """Refused just now: told already. Refused before: a message is what can still be done."""
    if turn.actions:
        return turn.done()
    if turn.state.known.get("spoke_for"):
        return speaker.unproven(turn)
    kind, priority = KINDS[Intent.MESSAGE_FOR_PROVIDER]
    return turn.say(wording.NEEDS_STAFF).begin("message", kind=kind.value, priority=priority.value)


def _next_wish(turn: Turn) -> Turn:
    if not turn.state.queue and waitlist.untold_offer(turn):
        return turn.begin("waitlist")
    if not turn.state.queue:
        return turn.phase(Phase.SERVING).ask(MORE, wording.ANYTHING_ELSE)
    wish, *rest = turn.state.queue
    flow = FLOWS[wish.flow]
    turn = turn.but(queue=tuple(rest)).begin(wish.flow, **wish.slots)
    if len(turn.said) > 1:
        return turn  # enough said: the next question tells of itself what it is about
    return turn.say(flow.back if wish.aside else flow.then)


def put_aside(turn: Turn) -> Turn:
    """Keep the flow under way for later; its search and its yes do not keep."""
    flow = turn.state.flow
    if not flow or awaited(turn):  # what was ordered already is not ordered twice
        return turn.done()
    slots = {name: v for name, v in turn.state.slots.items() if name not in _PASSING}
    aside = Wish(flow, slots, aside=True)
    return turn.but(queue=(aside, *turn.state.queue)).done()


def begin(turn: Turn, flow: str, slots: dict[str, JsonScalar]) -> Turn:
    return put_aside(turn).begin(flow, **slots)


def put_down(turn: Turn, *, told: bool = False) -> Turn:
    """The flow is given up for good: what was answered is kept. ``told``: staff hear of the call anyway."""
    flow = FLOWS.get(turn.state.flow)
    return flow.put_down(turn, told) if flow else turn


def current_flow(turn: Turn) -> Flow | None:
    return FLOWS.get(turn.state.flow)


def flow_step(turn: Turn, asking: str) -> Step | None:
    """The step of a flow or of the identity check that a question belongs to."""
    owner, _, name = asking.partition(".")
    flow = FLOWS.get(owner)
    steps = identity.STEPS if owner == "identity" else steps_of(flow, turn) if flow else ()
    return next((step for step in steps if step.name == name), None)


def expectation(turn: Turn) -> Expectation:
    """What the open question expects: made anew each time, so that no list of names rests in the state."""
    step = flow_step(turn, turn.state.asking)
    kind = step.expect(turn) if step else _UNOWNED.get(turn.state.asking, Expectation())
    return replace(kind, asked=turn.state.asked)
