"""When and with whom: what the caller wishes of an opening, and which openings fit it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from dialog.reading import day, says, value, values, words_at
from dialog.turn import Turn
from models.domain import BookedVisit, FindOpenings, Opening, Understanding

DAY_PASSED = "That day has passed."
DAYS = ("date", "date_from", "date_to", "weekday")
TIMES = ("time", "daypart")
_WITH = "provider"
ALL = (*DAYS, *TIMES, _WITH)
_ANY_TIME = re.compile(
    r"\b(any ?time|any day|whenever|first available|next available|as soon as|soonest|earliest|asap|"
    r"doesn't matter|don't care|whatever)\b"
)
_ANYONE = re.compile(r"\b(any ?one|any ?body|any (doctor|provider)|whoever|no preference)\b")
_BARE_DAY = re.compile(r"(on |this |next |coming |the )*(mon|tues|wednes|thurs|fri|satur|sun)days?( or .*)?")
_DAYPARTS = {"morning": (0, 12), "afternoon": (12, 17), "evening": (17, 24)}  # hours, practice time


def zone(turn: Turn) -> ZoneInfo:
    return ZoneInfo(turn.practice.timezone)


def today(turn: Turn) -> date:
    return turn.context.now.astimezone(zone(turn)).date()


def stated(heard: Understanding) -> dict[str, str]:
    """Wishes about day, time and provider. "Thursday" is every Thursday from the nearest one on."""
    said = {name: value(heard, name) for name in ALL if name in heard.entities}
    if "weekday" in said:
        said["weekday"] = ",".join(values(heard.entities["weekday"]))
        if _BARE_DAY.fullmatch(words_at(heard, "date").lower()):
            said["date_from"] = said.pop("date")
    return said


def given(heard: Understanding) -> bool:
    return bool(stated(heard))


def absorb(turn: Turn, heard: Understanding) -> Turn:
    """Keep them. A new day replaces the old one whole, and so does a new time."""
    wished = stated(heard)
    if (wanted := day(wished.get("date", ""))) and wanted < today(turn):
        return turn.say(DAY_PASSED)
    for group in (DAYS, TIMES):
        new = {name: wished[name] for name in group if name in wished}
        turn = turn.drop(*group, "any_time").put(**new) if new else turn
    if _WITH in wished:
        turn = turn.put(provider=provider_id(turn, wished[_WITH]))
    if says(heard, _ANYONE):
        turn = turn.put(provider="", anyone=True)
    return turn.put(any_time=True) if says(heard, _ANY_TIME) else turn


def provider_id(turn: Turn, said: str) -> str:
    """The provider meant, by id, name or spoken form; "" (anyone) when it is none of the practice's."""
    wanted = said.lower()
    for provider in turn.practice.providers:
        forms = (provider.provider_id, provider.name, *provider.spoken)
        if wanted in (form.lower() for form in forms):
            return provider.provider_id
    return ""


def known(turn: Turn) -> bool:
    return any(turn.has(name) for name in (*DAYS, *TIMES, "any_time"))


def narrow(turn: Turn) -> bool:
    """Whether there is a wish that can be widened."""
    return any(turn.slot(name) for name in ALL)


def widened(turn: Turn) -> Turn:
    return turn.drop(*ALL).put(any_time=True, widened=True)


def search(turn: Turn, action_id: str, visit_type: str) -> FindOpenings:
    """The search for what is wished; openings refused before stay out."""
    one = day(turn.slot("date"))
    return FindOpenings(
        action_id,
        visit_type,
        provider_id=turn.slot(_WITH),
        from_date=one or day(turn.slot("date_from")),
        to_date=one or day(turn.slot("date_to")),
        weekdays=tuple(int(text) for text in turn.slot("weekday").split(",") if text and not one),
        daypart=turn.slot("daypart"),
        near_time=turn.slot("time"),
        not_openings=tuple(turn.slot("refused").split()),
        limit=2,
    )


def fits(turn: Turn, opening: Opening | BookedVisit, heard: Understanding) -> bool:
    """Whether an opening is what a sentence says of day, time and provider."""
    said = stated(heard)
    local = opening.start.astimezone(zone(turn))
    first, last = _DAYPARTS.get(said.get("daypart", ""), (0, 24))
    checks: dict[str, Callable[[str], bool]] = {
        "date": lambda text: text == local.date().isoformat(),
        "date_from": lambda text: text <= local.date().isoformat(),
        "date_to": lambda text: text >= local.date().isoformat(),
        "weekday": lambda text: str(local.weekday()) in text.split(","),
        "time": lambda text: text == local.strftime("%H:%M"),
        "daypart": lambda text: first <= local.hour < last,
        "provider": lambda text: provider_id(turn, text) == opening.provider_id,
    }
    return all(checks[name](text) for name, text in said.items())
