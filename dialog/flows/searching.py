"""From a wish to one held opening: search, offer two at most, pick, hold. Booking and moving share it."""

from __future__ import annotations

from dialog.flows import preferences, relative
from dialog.reading import hints_at, value, yes
from dialog.speech import WEEKDAYS, clock, day_name
from dialog.turn import Turn
from models.domain import (
    Choice,
    Hint,
    Opening,
    Understanding,
)

WHEN = "What day and time would suit you?"
WHICH = "Which would you like?"
THAT_ONE = "Would you like that one?"
JUST_TAKEN = "I'm sorry, that time was just taken."
EARLIEST = "That's the earliest I have."
_MOST_REFUSED = 4  # openings, two at a time
CONSTANTS = (
    preferences.DAY_PASSED,
    preferences.NO_SUCH_DATE,
    WHICH,
    THAT_ONE,
    JUST_TAKEN,
    EARLIEST,
)


def absorb(turn: Turn, heard: Understanding) -> Turn:
    """Before anything is offered, a day or time is a wish; afterwards it may be a pick (`hear_pick`)."""
    return turn if turn.state.offers else preferences.absorb(turn, heard)


def hear_when(turn: Turn, heard: Understanding) -> Turn | None:
    """Who names a doctor and no day takes the first opening there is."""
    if preferences.DAY_PASSED in turn.said or preferences.NO_SUCH_DATE in turn.said:
        return turn
    if preferences.known(turn):
        return turn
    return turn.put(any_time=True) if preferences.given(turn, heard) else None


# --------------------------------------------------------------------------- offers and picks


def chosen(turn: Turn, heard: Understanding) -> Opening | None:
    """The one opening on offer that is meant; None when none or more than one is."""
    said = value(heard, "choice")
    by_choice = [one for one in turn.state.offers if one.opening_id == said]
    if by_choice:
        return by_choice[0]
    fitting = _fitting(turn, heard)
    return fitting[0] if len(fitting) == 1 else None


def _fitting(turn: Turn, heard: Understanding) -> list[Opening]:
    """What is on offer and named: by what it is, for "not Thursday" asks for others."""
    named = set(preferences.stated(turn, heard)) - set(preferences.NOT)
    if hints_at(heard, Hint.SOONEST):
        named -= {"date_from"}  # "is that the earliest you have?" names none
    return [one for one in turn.state.offers if named and preferences.fits(turn, one, heard)]


def hear_pick(turn: Turn, heard: Understanding) -> Turn | None:
    """One of the offers, another wish, or neither."""
    if hints_at(heard, Hint.NOT_THESE) and not value(heard, "choice") and preferences.given(turn, heard):
        return anew(refuse_offers(turn), heard)  # "neither, do you have Monday": another Monday, if need be
    if asks_if_soonest(heard):
        return soonest(turn, turn.state.offers[0])
    one = None if relative.asks(heard) else chosen(turn, heard)
    if one:
        return pick(turn, one)
    only = turn.state.offers[0] if yes(heard) and len(turn.state.offers) == 1 else None
    if only and "same" in heard.entities and not preferences.given(turn, heard):
        return pick(turn, only)  # "yes, and my daughter at the same time": of another visit, not of this one
    if relative.asks(heard):
        return relative.anew(turn, heard)
    if only and preferences.fits(turn, only, heard):
        return pick(turn, only)  # "that is good, I'm busy in the mornings"
    if preferences.given(turn, heard):
        return None if len(_fitting(turn, heard)) > 1 else _wished_again(turn, heard)
    if yes(heard) is False or hints_at(heard, Hint.OTHERS):
        return _refused_again(refuse_offers(turn))
    if hints_at(heard, Hint.ANY_TIME):
        return at_any_time(turn) if hints_at(heard, Hint.HAVE_YOU) else pick(turn, turn.state.offers[0])
    return None


def pick(turn: Turn, opening: Opening) -> Turn:
    return turn.drop("held", "confirmed", "changing").put(picked=opening.opening_id)


def asks_if_soonest(heard: Understanding) -> bool:
    """ "Is that the earliest you have?" """
    return hints_at(heard, Hint.IF_SOONEST)


def soonest(turn: Turn, one: Opening) -> Turn:
    """Look whether anything comes before ``one``, at any hour of the days that were wished."""
    return _at_all_hours(turn).put(soonest=True, if_soonest=one.opening_id)


def at_any_time(turn: Turn) -> Turn:
    """ "Do they have any time then?": what was offered is not it, and no hour is wished for any more."""
    return _at_all_hours(refuse_offers(turn))


def _at_all_hours(turn: Turn) -> Turn:
    turn = drop_offers(turn).drop("widened", "told", "original", *preferences.TIMES)
    return turn.put(any_time=True)


def found(turn: Turn, openings: tuple[Opening, ...]) -> Turn:
    """Offer two; what was asked after, and is indeed the earliest, is said to be that and read out."""
    asked_after, turn = turn.slot("if_soonest"), turn.drop("if_soonest")
    if openings[0].opening_id == asked_after:
        return pick(turn.say(EARLIEST).offer(openings[:1]), openings[0])
    return turn.offer(openings[:2])


def anew(turn: Turn, heard: Understanding) -> Turn:
    """Search for what is wished now."""
    return preferences.absorb(drop_offers(turn).drop("widened", "told", "original"), heard)


def _wished_again(turn: Turn, heard: Understanding) -> Turn | None:
    """Another wish is searched for. The very same one for the third time was no answer to what is on offer:
    the same openings are not read out for ever.
    """
    wish = ";".join(f"{name}={said}" for name, said in sorted(preferences.stated(turn, heard).items()))
    if wish == turn.slot("wished_again") and not hints_at(heard, Hint.SOONEST, Hint.ANY_TIME):
        return None
    return anew(turn, heard).put(wished_again=wish)


def drop_offers(turn: Turn) -> Turn:
    return turn.drop("picked", "held", "confirmed", "changing").offer(())


def refuse_offers(turn: Turn) -> Turn:
    refused = [*turn.slot("refused").split(), *(one.opening_id for one in turn.state.offers)]
    return drop_offers(turn).put(refused=" ".join(dict.fromkeys(refused)))


def _refused_again(turn: Turn) -> Turn:
    """Who takes none of four may have been misheard: the day and time are asked for anew."""
    wished = any(turn.has(name) for name in (*preferences.DAYS, *preferences.TIMES))
    if len(turn.slot("refused").split()) < _MOST_REFUSED or not wished:
        return turn
    return turn.drop(
        *preferences.DAYS,
        *preferences.TIMES,
        "any_time",
        "soonest",
        "only",
        "widened",
        "told",
        "original",
        "refused",
    )


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
