"""A caller whose line was lost rings back: what may be taken up again, and for whom.

A number proves nobody. So the offer names nothing, identity starts anew, and what was said on the lost call
is used only once the same patient has been verified again. Without that a wish's kind and a day or time are
kept, no name, no medicine, no doctor, no words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dialog import emergency, wording
from dialog.flows import FLOWS, preferences
from dialog.handoff import transferring
from dialog.state import Kept, Wish
from dialog.turn import Turn
from models.domain import Expectation, ExpectationKind, JsonScalar, Phase

GO_ON = "call.go_on"
EXPECT = Expectation(ExpectationKind.YES_NO, digits=1)
REASKS = ("Shall we go on where we were, yes or no?", "Press 1 to go on, or 2 to start anew.")
_OPEN_TO_ALL = frozenset(
    {
        *("kind", "priority", "promised", "about", "any_time", "not_date", "not_weekday", "not_daypart"),
        *preferences.DAYS,
        *preferences.TIMES,
    }
)
_UNFINISHED = frozenset({Phase.OPEN, Phase.IDENTIFYING, Phase.SERVING})
# Held good while their question was open: an opening may be gone, a yes was to something else.
_PASSING = frozenset({"changed", "changing", "confirmed", "picked", "held", "none_found", "refused"})


# --------------------------------------------------------------------------- the lost call


def keep(turn: Turn, left: Turn) -> Turn:
    """At a hang-up without a goodbye: what is unfinished. ``left`` is the turn after promises were kept.

    A flow whose words were passed on is finished: told again, staff would have it twice.
    """
    kept = _danger(turn) or _wishes(turn, passed_on=left.actions != turn.actions)
    return left.but(kept=kept)


def _danger(turn: Turn) -> Kept | None:
    if turn.state.known.get("with_person"):
        return None
    sign = turn.known("doubt")
    if emergency.live(turn) and turn.state.red_flags:
        sign = turn.state.red_flags[-1].red_flag_id
    return Kept(turn.state.call_id, danger=sign) if sign else None


def _wishes(turn: Turn, *, passed_on: bool) -> Kept | None:
    state, before = turn.state, turn.state.kept
    if state.phase not in _UNFINISHED or state.known.get("with_person") or transferring(turn):
        return None
    if before and state.asking == GO_ON:
        return replace(before, call_id=state.call_id)  # the offer stands
    now = () if passed_on or not state.flow else (Wish(state.flow, state.slots),)
    wishes = tuple(_with_sealed(wish, before) for wish in (*now, *state.queue))
    patient_id = state.patient_id or (before.patient_id if before else "")
    return Kept(state.call_id, tuple(map(_lasting, wishes)), patient_id) if wishes else None


def _with_sealed(wish: Wish, before: Kept | None) -> Wish:
    """Cut off twice: what the first call kept and nobody has opened yet is kept on."""
    sealed = _sealed(before, wish.flow) if before else {}
    return replace(wish, slots={**sealed, **wish.slots})


def _lasting(wish: Wish) -> Wish:
    return Wish(wish.flow, {name: value for name, value in wish.slots.items() if name not in _PASSING})


# --------------------------------------------------------------------------- the call after it


def greet(turn: Turn, kept: Kept) -> Turn:
    """After the greeting: the offer, or after a danger sign the direct question first."""
    if kept.danger:
        turn = turn.note(doubt=kept.danger, doubt_quote="", called_back=True).but(kept=None)
        return turn.ask(emergency.DOUBT, wording.DANGER_NOW)
    return turn.ask(GO_ON, wording.CUT_OFF, wording.GO_ON)


def accept(turn: Turn) -> Turn:
    """Where it was, as far as anybody may know: the wish, its day and time. Who it is comes next."""
    kept = turn.state.kept
    wishes = [wish for wish in kept.wishes if wish.flow in FLOWS] if kept else []
    if kept is None or not wishes:
        return decline(turn)
    first, *rest = (Wish(wish.flow, _open_slots(wish)) for wish in wishes)
    turn = turn.but(queue=tuple(rest), continues=kept.call_id, misses=0)
    return turn.say(wording.ALL_RIGHT).begin(first.flow, **first.slots)


def decline(turn: Turn) -> Turn:
    return turn.but(kept=None)


def verified(turn: Turn) -> Turn:
    """The caller has shown who they are: what the same patient said before holds again, nobody else's."""
    kept = turn.state.kept
    if kept is None:
        return turn
    turn = turn.but(kept=None)
    if not kept.patient_id or kept.patient_id != turn.state.patient_id:
        return turn
    queue = (replace(wish, slots={**_sealed(kept, wish.flow), **wish.slots}) for wish in turn.state.queue)
    slots = {**_sealed(kept, turn.state.flow), **turn.state.slots}
    return turn.but(slots=slots, queue=tuple(queue))


def _open_slots(wish: Wish) -> dict[str, JsonScalar]:
    return {name: value for name, value in wish.slots.items() if name in _OPEN_TO_ALL}


def _sealed(kept: Kept, flow: str) -> Mapping[str, JsonScalar]:
    return next((wish.slots for wish in kept.wishes if wish.flow == flow), {})
