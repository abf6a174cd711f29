"""From a wish to one held opening: search, offer two at most, pick, hold. Booking and moving share it."""

from __future__ import annotations

import re

from dialog.flows import preferences
from dialog.reading import says, value, yes
from dialog.speech import WEEKDAYS, clock, day_name
from dialog.turn import Turn
from models.domain import (
    Choice,
    Opening,
    Understanding,
)

WHEN = "What day and time would suit you?"
WHICH = "Which would you like?"
THAT_ONE = "Would you like that one?"
NONE_THEN = "I don't see an opening then."
OTHER_DAYS = "Shall I look at other days?"
NONE_AT_ALL = "I don't see an opening that fits."
SCHEDULING_CALLS = "I'm asking our scheduling staff to call you."
JUST_TAKEN = "I'm sorry, that time was just taken."
CONSTANTS = (preferences.DAY_PASSED, WHICH, THAT_ONE, NONE_THEN, NONE_AT_ALL, SCHEDULING_CALLS, JUST_TAKEN)
_NEITHER = re.compile(r"\b(neither|none|nothing|other (day|time)s?|something else|different|later|earlier)\b")


def absorb(turn: Turn, heard: Understanding) -> Turn:
    """Before anything is offered, a day or time is a wish; afterwards it may be a pick (`hear_pick`)."""
    return turn if turn.state.offers else preferences.absorb(turn, heard)


def hear_when(turn: Turn, heard: Understanding) -> Turn | None:
    answered = preferences.known(turn) or turn.has("anyone") or preferences.DAY_PASSED in turn.said
    return turn if answered else None


# --------------------------------------------------------------------------- offers and picks


def chosen(turn: Turn, heard: Understanding) -> Opening | None:
    """The one opening on offer that is meant; None when none or more than one is."""
    said = value(heard, "choice")
    by_choice = [one for one in turn.state.offers if one.opening_id == said]
    if by_choice:
        return by_choice[0]
    wished = preferences.given(heard)
    fitting = [one for one in turn.state.offers if wished and preferences.fits(turn, one, heard)]
    return fitting[0] if len(fitting) == 1 else None


def hear_pick(turn: Turn, heard: Understanding) -> Turn | None:
    """One of the offers, another wish, or neither."""
    one = chosen(turn, heard)
    if one:
        return pick(turn, one)
    if preferences.given(heard):
        return anew(turn, heard)
    if yes(heard) is False or says(heard, _NEITHER):
        return refuse_offers(turn)
    only = turn.state.offers[0] if yes(heard) and len(turn.state.offers) == 1 else None
    return pick(turn, only) if only else None


def pick(turn: Turn, opening: Opening) -> Turn:
    return turn.drop("held", "confirmed", "changing").put(picked=opening.opening_id)


def anew(turn: Turn, heard: Understanding) -> Turn:
    """Search for what is wished now."""
    return preferences.absorb(drop_offers(turn), heard)


def drop_offers(turn: Turn) -> Turn:
    return turn.drop("picked", "held", "confirmed", "changing").offer(())


def refuse_offers(turn: Turn) -> Turn:
    refused = [*turn.slot("refused").split(), *(one.opening_id for one in turn.state.offers)]
    return drop_offers(turn).put(refused=" ".join(dict.fromkeys(refused)))


def picked(turn: Turn) -> Opening:
    return next(one for one in turn.state.offers if one.opening_id == turn.slot("picked"))


def choices(turn: Turn) -> tuple[Choice, ...]:
    """How each offer may be named: its place, day, time or provider, where that tells it from the other."""
    forms = [_forms(turn, place, one) for place, one in enumerate(turn.state.offers)]
    shared = set.intersection(*map(set, forms)) if len(forms) > 1 else set()
    named = zip(turn.state.offers, forms, strict=True)
    return tuple(Choice(one.opening_id, tuple(f for f in own if f not in shared)) for one, own in named)


def _forms(turn: Turn, place: int, one: Opening) -> tuple[str, ...]:
    local = one.start.astimezone(preferences.zone(turn))
    nth, count = (("first", "one"), ("second", "two"))[place]
    hour = clock(local.time()).removesuffix(" AM").removesuffix(" PM").lower()
    half = "morning" if local.hour < 12 else "afternoon"
    places = (f"the {nth} one", f"{nth} one", f"the {nth}", f"number {count}", f"option {count}")
    names = (day_name(local.date()).lower(), WEEKDAYS[local.weekday()].lower(), hour, half)
    return (*places, *names, one.provider_name.lower())
