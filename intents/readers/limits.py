"""What an opening must not be: days and parts of the day turned down, and from when until when in the day.

"Not Thursdays", "anything but mornings", "after three", "before noon", "between ten and two".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from intents.readers.calendar import Mention, Named
from intents.readers.corrections import refused
from intents.readers.dayparts import find_dayparts
from intents.readers.hearing import heard
from intents.readers.mentions import find_mentions
from intents.readers.reasons import is_freed, is_of_children, that_hour
from intents.readers.times import Time, find_times
from models.domain import Entity
from words.tokens import Token, phrases, span, starts_with, word_set

MOST_DAYS = 62  # of a span that is turned down
_SMALL = word_set("about around maybe say like even the at anytime sometime any time")
# What stands before a time -> no earlier, earlier only, no later.
_LEADS = {
    phrase: meaning
    for meaning, listed in (
        (
            "from",
            "after|past|later than|not before|no earlier than|no sooner than|not earlier than|not until|from"
            "|starting|beginning|starting from|anytime after|any time after|not sooner than",
        ),
        ("before", "before|earlier than|prior to|sooner than"),
        ("to", "by|until|till|up to|no later than|not later than|not after|not past"),
    )
    for phrase in phrases(listed)
}
_TURNED = {"from": "before", "before": "from", "to": "from"}
_ABSENT = word_set(
    "can't cannot couldn't won't unavailable busy work working works not isn't don't "
    "school class classes lecture lectures meeting meetings practice shift"
)
_ABSENT_REACH = 6
_FROM_AFTER = phrases("or later|or after|or beyond|onward|onwards|and after|and later|at the earliest")
_TO_AFTER = phrases("or earlier|or before|or sooner|at the latest")
_JOINTS = word_set("and to till until -")


def read_limits(text: str, today: date) -> dict[str, Entity]:
    """Entities not_weekday, not_date, not_daypart, time_from, time_to, as far as said.

    Times are "HH:MM", both ends allowed: "before noon" is until 11:59.
    """
    found = heard(text)
    words = ["not" if token.text in ("nothing", "none") else token.text for token in found]
    return _days(words, found, today) | _dayparts(words, found) | _times(words, found)


# --------------------------------------------------------------------------- days


def _days(words: Sequence[str], found: tuple[Token, ...], today: date) -> dict[str, Entity]:
    named = find_mentions(words, today)
    no = refused(words, [(mention.at, mention.after) for mention in named])
    turned_down = [mention for mention, is_no in zip(named, no, strict=True) if is_no]
    weekly = [mention for mention in turned_down if _is_weekly(mention)]
    others = [mention for mention in turned_down if not _is_weekly(mention) and mention.last >= today]
    entities: dict[str, Entity] = {}
    if weekly:
        entities["not_weekday"] = _several([m.weekday or 0 for m in weekly], weekly[0], found)
    if others:
        days = [day.isoformat() for mention in others for day in _all_days(mention.from_day(today))]
        entities["not_date"] = _several(days[:MOST_DAYS], others[0], found)
    return entities


def _is_weekly(mention: Mention) -> bool:
    """ "Thursdays", "Thursday": of any week; "this Thursday" and "Thursday the third" are one day."""
    return mention.is_only_weekday or (mention.weekday is not None and mention.named is Named.WEEKDAY)


def _all_days(mention: Mention) -> list[date]:
    count = min((mention.last - mention.first).days + 1, MOST_DAYS)
    return [mention.first + timedelta(days=number) for number in range(count)]


def _several(values: Sequence[str | int], first: Mention, found: tuple[Token, ...]) -> Entity:
    value, *others = dict.fromkeys(values)
    return Entity(value, span(found, first.at, first.after), 0.9, tuple(others))


def _dayparts(words: Sequence[str], found: tuple[Token, ...]) -> dict[str, Entity]:
    parts = find_dayparts(words)
    no = refused(words, [(part.at, part.after) for part in parts])
    turned_down = [part for part, is_no in zip(parts, no, strict=True) if is_no]
    if not turned_down:
        return {}
    first, *others = dict.fromkeys(part.value for part in turned_down)
    place = span(found, turned_down[0].at, turned_down[0].after)
    return {"not_daypart": Entity(first, place, 0.9, tuple(others))}


# --------------------------------------------------------------------------- times of day


def _times(words: Sequence[str], found: tuple[Token, ...]) -> dict[str, Entity]:
    entities: dict[str, Entity] = {}
    times = find_times(words)
    for place, time in enumerate(times):
        following = times[place + 1] if place + 1 < len(times) else None
        if following and _is_range(words, time, following):
            ends = _in_order(time, following)
            return {
                name: Entity(end.value, span(found, end.at, end.after), 0.85)
                for name, end in zip(("time_from", "time_to"), ends, strict=True)
            }
        meaning = _meaning(words, time) or _told(words, time, times)
        if meaning:
            name = "time_from" if meaning == "from" else "time_to"
            value = _minute_before(time) if meaning == "before" else time.value
            entities[name] = Entity(value, span(found, time.at, time.after), min(time.certainty, 0.85))
    return entities | _noon(words, found)


def _is_range(words: Sequence[str], first: Time, second: Time) -> bool:
    """ "Between ten and two", "from nine to eleven"; "ten or two" are two times."""
    joint = words[first.after : second.at]
    lead = words[first.at - 1] if first.at else ""
    return len(joint) == 1 and joint[0] in _JOINTS and (joint[0] != "and" or lead == "between")


def _in_order(first: Time, second: Time) -> tuple[Time, Time]:
    """ "From eight to ten": ten is no earlier than eight, also where neither says which half of the day."""
    return (first, second) if first.value <= second.value else (second, first)


def _meaning(words: Sequence[str], time: Time) -> str:
    """Which way a time bounds, "" where it does not."""
    if any(starts_with(words, time.after, said) for said in _FROM_AFTER):
        return "from"
    if any(starts_with(words, time.after, said) for said in _TO_AFTER):
        return "to"
    at = time.at
    while at > 0 and words[at - 1] in _SMALL:
        at -= 1
    leads = [said for said in _LEADS if at >= len(said) and starts_with(words, at - len(said), said)]
    if not leads:
        return ""
    longest = max(leads, key=len)
    before = words[max(0, at - len(longest) - _ABSENT_REACH) : at - len(longest)]
    if _ABSENT & set(before) and is_of_children(before):
        return ""
    return _TURNED[_LEADS[longest]] if _ABSENT & set(before) else _LEADS[longest]


def _told(words: Sequence[str], time: Time, times: Sequence[Time]) -> str:
    """The bound that an hour of their own day sets, where no other hour is wished: "I get off at four"."""
    that = that_hour(words, time.after)
    if that:
        return "before" if that == "before" else "from"
    is_own = is_freed(words, time.at) and not is_of_children(words[: time.at])
    return "from" if is_own and len(times) == 1 else ""


def _minute_before(time: Time) -> str:
    minutes = max(time.hour * 60 + time.minute - 1, 0)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _noon(words: Sequence[str], found: tuple[Token, ...]) -> dict[str, Entity]:
    """ "Before noon" and "after noon" are parts of the day to other readers; "not before noon" is not."""
    for at in range(len(words) - 1):
        if words[at] in ("before", "after") and words[at + 1] in ("noon", "midday"):
            turned = bool(_ABSENT & set(words[max(0, at - _ABSENT_REACH) : at]))
            name = "time_to" if (words[at] == "before") is not turned else "time_from"
            value = "11:59" if name == "time_to" else "12:00"
            return {name: Entity(value, span(found, at, at + 2), 0.9)}
    return {}
