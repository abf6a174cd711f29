"""Wishes beside what lies on the table: "something earlier", "a week later", "the same time another day"."""

from __future__ import annotations

from datetime import datetime, timedelta

from dialog.flows import preferences
from dialog.reading import hints_at, value, yes
from dialog.turn import Turn
from models.domain import (
    BookedVisit,
    Hint,
    Opening,
    Understanding,
)


def asks(heard: Understanding) -> bool:
    """Whether a sentence wishes by comparing. "The later one" names what was offered."""
    if _counts_from_it(heard) or _wants_other(heard):
        return True
    if not hints_at(heard, Hint.EARLIER, Hint.LATER):
        return False
    if "choice" in heard.entities and not hints_at(heard, Hint.NEW_ONE):
        return False
    bounded = {"time_from", "time_to", "date_from", "date_to", "date"} & heard.entities.keys()
    return not bounded and (not hints_at(heard, Hint.NAMED_ONE) or hints_at(heard, Hint.NEW_ONE))


def _counts_from_it(heard: Understanding) -> bool:
    """ "A week later", "the same time"; not "ten, and another at the same time", with an hour of its own."""
    return "shift_days" in heard.entities or ("same" in heard.entities and "time" not in heard.entities)


def objects(heard: Understanding) -> bool:
    """Whether a sentence wants another opening than the one read out: "yes, but a week later" does."""
    plain = not hints_at(heard, Hint.EARLIER, Hint.LATER) and not _wants_other(heard)
    return asks(heard) and not (yes(heard) and plain and "shift_days" not in heard.entities)


def _wants_other(heard: Understanding) -> bool:
    return hints_at(heard, Hint.OTHER_DAY, Hint.OTHER_TIME)


def anew(turn: Turn, heard: Understanding) -> Turn:
    """Search beside the offers, or beside the one that was picked."""
    offers = tuple(one for one in turn.state.offers if one.opening_id == turn.slot("picked"))
    offers = offers or _named(turn, heard) or turn.state.offers
    refused = " ".join(dict.fromkeys([*turn.slot("refused").split(), *(one.opening_id for one in offers)]))
    turn = turn.drop("picked", "held", "confirmed", "changing", "widened", "told", "original").offer(())
    turn = preferences.absorb(turn, heard)
    if _counts_from_it(heard) or _wants_other(heard):
        return _beside_offers(turn.put(refused=refused), heard, offers)
    return _compared(turn, heard, offers)


def _named(turn: Turn, heard: Understanding) -> tuple[Opening, ...]:
    """ "The first one, but a week later"."""
    return tuple(one for one in turn.state.offers if one.opening_id == value(heard, "choice"))


def _beside_offers(turn: Turn, heard: Understanding, offers: tuple[Opening, ...]) -> Turn:
    shift, same = int(value(heard, "shift_days") or 0), value(heard, "same")
    if hints_at(heard, Hint.OTHER_TIME) and not shift and same != "time":
        same = "day"
    turn = beside(turn, offers[0], shift, same)
    other_day = hints_at(heard, Hint.OTHER_DAY) or same == "time"
    if shift or same == "day" or not other_day or any(name in heard.entities for name in preferences.DAYS):
        return turn
    days = [one.start.astimezone(preferences.zone(turn)).date().isoformat() for one in offers]
    refused = " ".join(dict.fromkeys([*turn.slot("not_date").split(), *days]))
    return turn.drop(*preferences.DAYS).put(not_date=refused, any_time=True)


def _compared(turn: Turn, heard: Understanding, offers: tuple[Opening, ...]) -> Turn:
    """Earlier than the first offer, later than the last: in the day where that is said, else at all."""
    starts = sorted(one.start for one in offers)
    earlier = hints_at(heard, Hint.EARLIER)
    first, last = (start.astimezone(preferences.zone(turn)) for start in (starts[0], starts[-1]))
    if hints_at(heard, Hint.IN_THE_DAY):
        minute = timedelta(minutes=1)
        bound = {"time_to": _clock(first - minute)} if earlier else {"time_from": _clock(last + minute)}
        return turn.drop("time", *bound).put(**bound)
    turn = turn.drop(*preferences.RELATIVE, "any_time")
    return turn.put(start_before=first.isoformat()) if earlier else turn.put(start_after=last.isoformat())


def beside(turn: Turn, one: Opening | BookedVisit, shift: int, same: str) -> Turn:
    """So many days later at about the time, the same time, or the same day, counted from ``one``."""
    local = one.start.astimezone(preferences.zone(turn))
    if shift:
        wanted = local.date() + timedelta(days=shift)
        turn = turn.drop(*preferences.DAYS).put(date=wanted.isoformat())
    elif same == "day":
        turn = turn.drop(*preferences.DAYS, *preferences.TIMES).put(date=local.date().isoformat())
    if same == "time":
        return turn.drop(*preferences.TIMES).put(time_from=_clock(local), time_to=_clock(local))
    named = any(turn.has(name) for name in preferences.TIMES)
    return turn.put(time=_clock(local)) if shift and not named else turn


def _clock(at: datetime) -> str:
    return at.strftime("%H:%M")
