"""Nothing fits: one limit after the other is given up and said so; then the waiting list, or staff."""

from __future__ import annotations

import json
from collections.abc import Mapping

from dialog import wording
from dialog.flows import preferences
from dialog.reading import yes
from dialog.steps import Step, expect_yes_no
from dialog.tasks import SCHEDULING_CALLS
from dialog.tasks import to_scheduling as leave_to_scheduling
from dialog.turn import Turn
from models.domain import JsonScalar, Priority, TaskKind, Understanding

NONE_THEN = "I don't see an opening then."
NOTHING_EARLIER = "I don't see anything earlier."
NOTHING_LATER = "I don't see anything later."
NONE_AT_ALL = "I don't see an opening that fits."
WAITLIST = "Shall I put you on our waiting list?"
CONSTANTS = (NONE_THEN, NOTHING_EARLIER, NOTHING_LATER, NONE_AT_ALL, SCHEDULING_CALLS, WAITLIST)
_WAITLIST_FLOW = "waitlist"
_LEADS: Mapping[str, str] = {
    "days": "on other days",
    "times": "at other times",
    "with": "with other providers",
}


def narrower(turn: Turn) -> Turn | None:
    """The search with one limit less, and why; None when nothing is left that a caller would give up.

    What was turned down ("not Thursdays") and what was said to be the only thing stays as it is.
    """
    if turn.has("start_before") or turn.has("start_after"):
        lead = NOTHING_EARLIER if turn.has("start_before") else NOTHING_LATER
        return turn.drop(*preferences.RELATIVE).put(any_time=True).say(lead)
    given_up = _following(turn)
    if not given_up:
        return None
    turn = turn if turn.has("original") else turn.put(original=_wish(turn))
    turn = turn.drop(*preferences.ALL).put(**wished(turn))
    dropped = [slot for name in given_up for slot in preferences.WISHED[name]]
    return turn.drop(*dropped).put(any_time=True, widened=" ".join(given_up))


def _following(turn: Turn) -> tuple[str, ...]:
    """What is given up next: the days alone, the times alone, the provider alone, then all of them.

    Who named one date cares for that day: its other times come first.
    """
    wish, only = wished(turn), turn.slot("only").split()
    names = [n for n, group in preferences.WISHED.items() if n not in only and _limits(wish, group)]
    if "times" in names and "date" in wish:
        names.sort(key=lambda name: name != "times")
    ways = [(name,) for name in names] + ([tuple(names)] if len(names) > 1 else [])
    tried = tuple(turn.slot("widened").split())
    return next(iter(ways[ways.index(tried) + 1 :] if tried in ways else ways), ())


def _limits(wish: Mapping[str, JsonScalar], group: tuple[str, ...]) -> bool:
    return any(wish.get(name) not in (None, "", "any") for name in group)


def said(turn: Turn) -> Turn:
    """That nothing fits what was wished, once for each search."""
    news = turn.has("widened") and turn.slot("told") != turn.slot("widened")
    return turn.put(told=turn.slot("widened")).say(NONE_THEN) if news else turn


def lead(turn: Turn) -> str:
    """ "On other days, I have", or plainly "I have"."""
    given_up = ", ".join(_LEADS[name] for name in turn.slot("widened").split())
    return f"{given_up[0].upper()}{given_up[1:]}, I have" if given_up else "I have"


# --------------------------------------------------------------------------- nothing at all


def nothing(turn: Turn) -> Turn:
    """Nothing in the whole calendar: the waiting list, or staff. A deadline is for staff alone."""
    turn = turn.say(NONE_AT_ALL)
    return to_scheduling(turn) if turn.has("within") else turn.put(none_found=True)


def step(owner: str) -> Step:
    return Step(
        "waitlist",
        lambda turn: turn.ask(f"{owner}.waitlist", WAITLIST),
        lambda turn: turn.has("none_found"),
        _hear,
        expect_yes_no,
        ("The waiting list, yes or no?", "Press 1 for the waiting list, or 2 for a call from our staff."),
    )


def _hear(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    if answer is None:
        return None
    if not answer:
        return to_scheduling(turn.drop("none_found"))
    wish = wished(turn)
    about = {name: turn.slot(name) for name in ("visit_type", "appointment") if turn.has(name)}
    return turn.begin(_WAITLIST_FLOW, **wish, **about)


def wished(turn: Turn) -> dict[str, JsonScalar]:
    """What was wished before any of it was given up: whoever waits, waits for that."""
    found: dict[str, JsonScalar] = json.loads(turn.slot("original") or _wish(turn))
    return found


def _wish(turn: Turn) -> str:
    return json.dumps({name: turn.state.slots[name] for name in preferences.ALL if turn.has(name)})


def to_scheduling(turn: Turn) -> Turn:
    """No opening, or no schedule to ask: a person goes on with it; today, where a deadline runs."""
    kind, needs = turn.slot("visit_type"), turn.slot("needs")
    extra = f" Needs: {needs}." if needs else ""
    summary = f"Wants a visit ({kind}), none arranged.{extra} Caller's words: {turn.state.reason}"
    due = Priority.URGENT if turn.has("within") else Priority.ROUTINE
    return leave_to_scheduling(turn, TaskKind.SCHEDULE_ASSIST, due, summary)


def no_system(turn: Turn) -> Turn:
    return to_scheduling(turn.say(wording.NO_SYSTEM))
