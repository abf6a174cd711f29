"""When a caller wants to come: date, span of dates, weekday, time and part of day, with rivals kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from intents.readers.calendar import Mention, find_mentions
from intents.readers.corrections import is_refused, is_replaced
from intents.readers.times import find_dayparts, find_times
from models.domain import Entity
from words.tokens import Token, phrases, span, starts_with, tokens, without_fillers

_SOONEST = phrases(
    "as soon as possible|soonest|earliest|first available|next available|right away|any time|anytime"
)


def read_when(text: str, today: date, *, bare_hours: bool = False) -> dict[str, Entity]:
    """Entities date, date_from, date_to, weekday, time, daypart, as far as named.

    ``today`` is the practice's day. Days gone by are none of them: nobody can come then.
    """
    found = without_fillers(tokens(text))
    words = [token.text for token in found]
    entities = _read_days(words, found, today)
    entities.update(_read_times(words, found, entities, bare_hours=bare_hours))
    return entities


def _read_days(words: Sequence[str], found: tuple[Token, ...], today: date) -> dict[str, Entity]:
    mentions = [m for m in find_mentions(words, today) if _is_wish(m, words, today)]
    kept = _last_word(mentions, words)
    if not kept:
        return _soonest(words, found, today)
    limited = _limits(kept, words, found)
    if limited:
        return limited
    return _entities(kept, found)


def _is_wish(mention: Mention, words: Sequence[str], today: date) -> bool:
    """Days to come that are not turned down; "since yesterday" is no wish."""
    return mention.last >= today and not is_refused(words, mention.at)


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
    days = [mention for mention in kept if mention.is_day]
    if days:
        entities["date"] = _date_entity(days, found)
    else:
        spans = [mention for mention in kept if not mention.is_only_weekday]
        if spans:
            place = span(found, spans[0].at, spans[0].after)
            entities["date_from"] = Entity(spans[0].first.isoformat(), place, spans[0].certainty)
            entities["date_to"] = Entity(spans[0].last.isoformat(), place, spans[0].certainty)
    weekdays = [mention for mention in kept if mention.weekday is not None]
    if weekdays:
        entities["weekday"] = _weekday_entity(weekdays, found)
    return entities


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


def _limits(kept: list[Mention], words: Sequence[str], found: tuple[Token, ...]) -> dict[str, Entity]:
    """ "after the fifteenth", "before Friday", "by Friday", "between Monday and Wednesday"."""
    first = kept[0]
    place = span(found, first.at, first.after)
    lead = _lead(words, first.at)
    if len(kept) >= 2 and (lead in ("between", "from") or "through" in words[first.after : kept[1].at]):
        whole = span(found, first.at, kept[1].after)
        last = kept[1].last if kept[1].last >= first.first else kept[1].last + timedelta(weeks=1)
        return _bounds(first.first, last, whole)
    if lead in ("after", "past"):
        return _bounds(first.last + timedelta(days=1), None, place)
    if lead == "starting":
        return _bounds(first.first, None, place)
    if lead == "before":
        return _bounds(None, first.first - timedelta(days=1), place)
    return _bounds(None, first.last, place) if lead in ("by", "until", "till") else {}


def _lead(words: Sequence[str], at: int) -> str:
    while at > 0 and words[at - 1] in ("the", "on", "next", "this"):
        at -= 1
    return words[at - 1] if at > 0 else ""


def _bounds(first: date | None, last: date | None, place: tuple[int, int]) -> dict[str, Entity]:
    bounds = {"date_from": first, "date_to": last}
    return {name: Entity(day.isoformat(), place, 0.85) for name, day in bounds.items() if day}


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
    times = [time for time in find_times(words, bare_hours=bare_hours) if not is_refused(words, time.at)]
    times = [time for time in times if not _inside(span(found, time.at, time.after), days)]
    for place, time in enumerate(times):
        if place and is_replaced(words, times[place - 1].after, time.at):
            times = times[place:]
            break
    if times:
        rivals = tuple(dict.fromkeys(time.value for time in times[1:] if time.value != times[0].value))
        place_in_text = span(found, times[0].at, times[0].after)
        entities["time"] = Entity(times[0].value, place_in_text, times[0].certainty, rivals)
    parts = [part for part in find_dayparts(words) if not is_refused(words, part.at)]
    if parts:
        part = parts[-1]
        rivals = tuple(dict.fromkeys(p.value for p in parts if p.value != part.value))
        entities["daypart"] = Entity(part.value, span(found, part.at, part.after), 0.9, rivals)
    return entities


def _inside(place: tuple[int, int], days: dict[str, Entity]) -> bool:
    """A number already read as part of a date is no time."""
    return any(place[0] < entity.span[1] and entity.span[0] < place[1] for entity in days.values())
