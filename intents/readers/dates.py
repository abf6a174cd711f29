"""When a caller wants to come: date, span of dates, weekday, time and part of day, with rivals kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from intents.readers.bounds import limits, without_moved_from
from intents.readers.calendar import Mention, Named
from intents.readers.corrections import is_replaced, refused
from intents.readers.dayparts import Daypart, find_dayparts
from intents.readers.hearing import heard
from intents.readers.mentions import find_mentions
from intents.readers.reasons import explained_from, is_freed
from intents.readers.times import Time, find_times
from models.domain import Entity
from words.tokens import Token, phrases, span, starts_with

T = TypeVar("T", Mention, Daypart)
_SOONEST = phrases(
    "as soon as possible|soonest|earliest|first available|next available|right away|any time|anytime"
)


def read_when(text: str, today: date, *, bare_hours: bool = False) -> dict[str, Entity]:
    """Entities date, date_from, date_to, weekday, time, daypart, as far as named.

    ``today`` is the practice's day. Days gone by are none of them: nobody can come then.
    """
    found = heard(text)
    words = [token.text for token in found]
    entities = _read_days(words, found, today)
    entities.update(_read_times(words, found, entities, bare_hours=bare_hours))
    return entities


def _read_days(words: Sequence[str], found: tuple[Token, ...], today: date) -> dict[str, Entity]:
    named = find_mentions(words, today)
    turned_down = refused(words, [(mention.at, mention.after) for mention in named])
    wished = [
        m.from_day(today)
        for m, is_no in zip(named, turned_down, strict=True)
        if m.last >= today and not is_no
    ]
    kept = without_moved_from(_last_word(_unexplained(wished, words), words), words)
    if not kept:
        return _soonest(words, found, today)
    bounds = limits(kept, words)
    if bounds is None:
        return _entities(kept, found)
    place = span(found, bounds.at, bounds.after)
    sides = {"date_from": bounds.first, "date_to": bounds.last}
    return {name: Entity(day.isoformat(), place, 0.85) for name, day in sides.items() if day}


def _last_word(mentions: list[Mention], words: Sequence[str]) -> list[Mention]:
    """The mentions that stand once corrections have taken back what they replace."""
    kept: list[Mention] = []
    for mention in mentions:
        if kept and is_replaced(words, kept[-1].after, mention.at):
            kept = []
        kept.append(mention)
    return kept


def _entities(kept: list[Mention], found: tuple[Token, ...]) -> dict[str, Entity]:
    entities: dict[str, Entity] = {}
    kept = _named_once(kept, found)
    days = [mention for mention in kept if mention.is_day]
    if days:
        entities["date"] = _date_entity(days, found)
    else:
        spans = [mention for mention in kept if not mention.is_only_weekday]
        if spans:
            entities |= _span_entities(spans[0], found)
    weekdays = [mention for mention in kept if mention.weekday is not None]
    if weekdays:
        entities["weekday"] = _weekday_entity(weekdays, found)
    return entities


def _named_once(kept: list[Mention], found: tuple[Token, ...]) -> list[Mention]:
    """ "Today, which is Friday": the weekday says no other day than the one before it."""
    whole = {m.first.weekday() for m in kept if m.is_day and m.named is not Named.WEEKDAY}
    return [m for m in kept if m.weekday not in whole or not _is_bare(m, found)]


def _is_bare(mention: Mention, found: tuple[Token, ...]) -> bool:
    """A weekday and nothing else: neither "next Friday" nor "or Friday"."""
    is_word = mention.named is Named.WEEKDAY and mention.after - mention.at == 1
    return is_word and not (mention.at and found[mention.at - 1].text in ("or", "and", "next"))


def _span_entities(mention: Mention, found: tuple[Token, ...]) -> dict[str, Entity]:
    place = span(found, mention.at, mention.after)
    length = mention.last - mention.first
    return {
        "date_from": Entity(
            mention.first.isoformat(),
            place,
            mention.certainty,
            tuple(day.isoformat() for day in mention.others),
        ),
        "date_to": Entity(
            mention.last.isoformat(),
            place,
            mention.certainty,
            tuple((day + length).isoformat() for day in mention.others),
        ),
    }


def _date_entity(days: list[Mention], found: tuple[Token, ...]) -> Entity:
    first = days[0]
    others = [*first.others, *(mention.first for mention in days[1:])]
    rivals = tuple(dict.fromkeys(day.isoformat() for day in others if day != first.first))
    certainty = first.certainty if len(days) == 1 else min(first.certainty, 0.6)
    return Entity(first.first.isoformat(), span(found, first.at, first.after), certainty, rivals)


def _weekday_entity(mentions: list[Mention], found: tuple[Token, ...]) -> Entity:
    first = mentions[0]
    others = dict.fromkeys(mention.weekday for mention in mentions[1:] if mention.weekday is not None)
    rivals = tuple(number for number in others if number != first.weekday)
    value = first.weekday if first.weekday is not None else 0
    return Entity(value, span(found, first.at, first.after), max(first.certainty, 0.8), rivals)


def _soonest(words: Sequence[str], found: tuple[Token, ...], today: date) -> dict[str, Entity]:
    for at in range(len(words)):
        for phrase in _SOONEST:
            if starts_with(words, at, phrase):
                return {"date_from": Entity(today.isoformat(), span(found, at, at + len(phrase)), 0.8)}
    return {}


def _read_times(
    words: Sequence[str], found: tuple[Token, ...], days: dict[str, Entity], *, bare_hours: bool
) -> dict[str, Entity]:
    entities: dict[str, Entity] = {}
    parts = _wished_parts(find_dayparts(words), words)
    times = [
        time
        for time in find_times(words, bare_hours=bare_hours)
        if not _inside(span(found, time.at, time.at + 1), days)
    ]
    times = _wished_times(times, words)
    if times:
        entities["time"] = _time_entity(times, parts, found)
    if parts:
        part = parts[-1]
        rivals = tuple(dict.fromkeys(p.value for p in parts if p.value != part.value))
        entities["daypart"] = Entity(part.value, span(found, part.at, part.after), 0.9, rivals)
    return entities


def _wished_parts(parts: list[Daypart], words: Sequence[str]) -> list[Daypart]:
    turned_down = refused(words, [(part.at, part.after) for part in parts])
    return _unexplained([part for part, is_no in zip(parts, turned_down, strict=True) if not is_no], words)


def _unexplained(named: list[T], words: Sequence[str]) -> list[T]:
    """What a reason tells is no wish beside one that came before it."""
    reason = explained_from(words)
    before = [one for one in named if one.at < reason]
    return before or named


def _wished_times(times: list[Time], words: Sequence[str]) -> list[Time]:
    """Not what is turned down, nor what a correction took back."""
    turned_down = refused(words, [(time.at, time.after) for time in times])
    times = [time for time, is_no in zip(times, turned_down, strict=True) if not is_no]
    times = [time for time in times if not is_freed(words, time.at)]
    for place in range(len(times) - 1, 0, -1):
        if is_replaced(words, times[place - 1].after, times[place].at):
            return times[place:]
    return without_moved_from(times, words)


def _time_entity(times: list[Time], parts: list[Daypart], found: tuple[Token, ...]) -> Entity:
    """The first time; a part of the day that was named beside it tells which half is meant."""
    named = {part.value for part in parts}
    placed = [time.within(next(iter(named))) for time in times] if len(named) == 1 else times
    first = placed[0]
    others = (*first.rivals, *(time.value for time in placed[1:]))
    rivals = tuple(dict.fromkeys(value for value in others if value != first.value))
    return Entity(first.value, span(found, first.at, first.after), first.certainty, rivals)


def _inside(place: tuple[int, int], days: dict[str, Entity]) -> bool:
    """A number already read as part of a date is no time."""
    return any(place[0] < entity.span[1] and entity.span[0] < place[1] for entity in days.values())
