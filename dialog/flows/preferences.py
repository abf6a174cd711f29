"""When and with whom: what the caller wishes of an opening, and which openings fit it.

A wish rests in slots: days as ISO dates and weekdays as numbers, several with spaces between; times as
"HH:MM" of the practice's day. What is turned down ("not Thursdays") stands beside what is wished.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dialog.reading import day, hints_at, says, value, values, words_at
from dialog.turn import Turn
from models.domain import (
    BookedVisit,
    FindOpenings,
    Hint,
    Opening,
    Understanding,
)

DAY_PASSED = "That day has passed."
NO_SUCH_DATE = "I don't find that date in the calendar."
DAYS = ("date", "date_from", "date_to", "weekday")
TIMES = ("time", "daypart", "time_from", "time_to")
WITH = ("provider", "with_whom")
NOT = ("not_date", "not_weekday", "not_daypart", "not_provider")
RELATIVE = ("start_after", "start_before")
WISHED = {"days": DAYS, "times": TIMES, "with": WITH}
ALL = (*DAYS, *TIMES, *WITH, *NOT)
_AT_ANY_TIME = re.compile(r"any ?time( (at all|you have))?")
_BARE_DAY = re.compile(r"(on |this |next |coming |the )*(mon|tues|wednes|thurs|fri|satur|sun)days?( or .*)?")
# "It's 11 am now" tells the time, and wishes for none.
_THE_CLOCK = re.compile(r"\b(it's|it is)( (only|already|about|like|almost))? [\w: ]{1,20}\b(right )?now\b")
_DAYPARTS = {"morning": (8, 12), "afternoon": (12, 17), "evening": (17, 24)}  # hours, practice time


def zone(turn: Turn) -> ZoneInfo:
    return ZoneInfo(turn.practice.timezone)


def today(turn: Turn) -> date:
    return turn.context.now.astimezone(zone(turn)).date()


# --------------------------------------------------------------------------- what a sentence says


def stated(turn: Turn, heard: Understanding) -> dict[str, str]:
    """Wishes about day, time and provider. "Thursday" is every Thursday from the nearest one on."""
    found = heard.entities
    said = {name: " ".join(values(found[name])) for name in (*NOT, "weekday") if name in found}
    said |= {
        name: value(heard, name) for name in (*DAYS, *TIMES, *WITH) if name in found and name not in said
    }
    if "date" in said:
        said["date"] = " ".join(values(found["date"]))
    if "weekday" in said and _BARE_DAY.fullmatch(words_at(heard, "date").lower()):
        said["date_from"] = said.pop("date").split()[0]
    if _AT_ANY_TIME.fullmatch(words_at(heard, "date_from").lower()):
        said.pop("date_from", None)  # of any day: it limits none
    if says(heard, _THE_CLOCK):
        said.pop("time", None)
    if "time_from" in said or "time_to" in said:
        said.pop("time", None)  # a bound is no wish for that very time
    if "time" in said:
        said.pop("daypart", None)  # "four in the evening": the hour says more
    return _with_providers(turn, said)


def _with_providers(turn: Turn, said: dict[str, str]) -> dict[str, str]:
    """Ids in place of names, and nobody's in place of a name that is none of the practice's."""
    if "provider" in said:
        said["provider"] = provider_id(turn, said["provider"])
        said.pop("with_whom", None)
    if "not_provider" in said:
        ids = (provider_id(turn, name) for name in said["not_provider"].split())
        said["not_provider"] = " ".join(filter(None, ids))
    return said


def provider_id(turn: Turn, said: str) -> str:
    """The provider meant, by id, name or spoken form; "" (anyone) when it is none of the practice's."""
    wanted = said.lower()
    for provider in turn.practice.providers:
        forms = (provider.provider_id, provider.name, *provider.spoken)
        if wanted in (form.lower() for form in forms):
            return provider.provider_id
    return ""


def given(turn: Turn, heard: Understanding) -> bool:
    return bool(stated(turn, heard)) or "no_such_date" in heard.entities


def absorb(turn: Turn, heard: Understanding) -> Turn:
    """Keep them. A new day replaces the old one whole, so does a new time; what is turned down adds up."""
    if "no_such_date" in heard.entities:
        return turn.say(NO_SUCH_DATE)
    wished = stated(turn, heard)
    if _has_passed(turn, heard, wished):
        return turn.say(DAY_PASSED)
    turn = put(turn, wished)
    if wished and hints_at(heard, Hint.ONLY):
        turn = turn.put(only=" ".join(name for name, group in WISHED.items() if set(group) & set(wished)))
    if hints_at(heard, Hint.SOONEST):
        turn = turn.put(soonest=True)
    return turn.put(any_time=True) if hints_at(heard, Hint.ANY_TIME, Hint.SOONEST) else turn


# What a new wish of a kind takes back.
_RELEASED = {"days": ("any_time", "soonest", *RELATIVE), "times": ("any_time",), "with": ()}
_OPPOSITES = {
    "weekday": "not_weekday",
    "date": "not_date",
    "daypart": "not_daypart",
    "provider": "not_provider",
}


def put(turn: Turn, wished: Mapping[str, str]) -> Turn:
    """Keep what `stated` gave."""
    for name, group in WISHED.items():
        new = {key: wished[key] for key in group if key in wished}
        turn = turn.drop(*group, *_RELEASED[name]).put(**new) if new else turn
    return _turn_down(turn, wished)


def _turn_down(turn: Turn, wished: Mapping[str, str]) -> Turn:
    """The last word holds: what is turned down is wished no more, and the other way about."""
    for name, opposite in _OPPOSITES.items():
        no, yes = wished.get(opposite, "").split(), wished.get(name, "").split()
        if no or yes:
            refused = dict.fromkeys(one for one in (*turn.slot(opposite).split(), *no) if one not in yes)
            turn = _kept(turn, opposite, refused)
            turn = _kept(turn, name, [one for one in turn.slot(name).split() if one not in no])
    return turn


def _kept(turn: Turn, name: str, left: Iterable[str]) -> Turn:
    text = " ".join(left)
    return turn.put(**{name: text}) if text else turn.drop(name)


def _has_passed(turn: Turn, heard: Understanding, wished: Mapping[str, str]) -> bool:
    first = day(wished.get("date", "").partition(" ")[0])
    if first:
        return first < today(turn)
    gone = "past_date" in heard.entities and not set(DAYS) & set(wished)
    return gone and turn.state.asking.endswith((".when", ".pick"))


# --------------------------------------------------------------------------- what is known


def known(turn: Turn) -> bool:
    names = (*DAYS, *TIMES, *RELATIVE, "not_date", "not_weekday", "not_daypart", "any_time")
    return any(turn.has(name) for name in names)


def search(turn: Turn, action_id: str, visit_type: str) -> FindOpenings:
    """The search for what is wished; openings refused before stay out."""
    dates = _dates(turn.slot("date"))
    return FindOpenings(
        action_id,
        visit_type,
        provider_id=_wished_provider(turn),
        from_date=dates[0] if dates else day(turn.slot("date_from")),
        to_date=_latest(dates[-1] if dates else day(turn.slot("date_to")), day(turn.slot("within"))),
        dates=dates if len(dates) > 1 else (),
        weekdays=() if dates else _numbers(turn.slot("weekday")),
        daypart=turn.slot("daypart"),
        near_time=turn.slot("time"),
        not_openings=tuple(turn.slot("refused").split()),
        limit=2,
        not_weekdays=_numbers(turn.slot("not_weekday")),
        not_dates=_dates(turn.slot("not_date")),
        not_dayparts=tuple(turn.slot("not_daypart").split()),
        not_before=turn.slot("time_from"),
        not_after=turn.slot("time_to"),
        not_providers=_unwished_providers(turn),
        prefer=_continuity(turn),
        start_after=_instant(turn.slot("start_after")),
        start_before=_instant(turn.slot("start_before")),
        patient_id=turn.state.patient_id,
        instead_of=turn.slot("appointment"),
    )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split())


def _dates(text: str) -> tuple[date, ...]:
    return tuple(sorted(found for one in text.split() if (found := day(one))))


def _latest(one: date | None, other: date | None) -> date | None:
    return min(one, other) if one and other else one or other


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _wished_provider(turn: Turn) -> str:
    """Named before own before anybody (domain rules section 4)."""
    own = turn.patient.provider_id if turn.patient and turn.slot("with_whom") == "own" else ""
    return turn.slot("provider") or own


def _unwished_providers(turn: Turn) -> tuple[str, ...]:
    """ "Someone else than last time": neither the usual provider nor the one of the visit or the offers."""
    named = turn.slot("not_provider").split()
    if turn.slot("with_whom") == "other":
        last = turn.patient.care_team[:1] if turn.patient else ()
        usual = (turn.patient.provider_id,) if turn.patient else ()
        named += [one for one in (*usual, *last, turn.slot("visit_provider")) if one]
    return tuple(dict.fromkeys(named))


def _continuity(turn: Turn) -> tuple[str, ...]:
    """Who is offered first, the usual provider before the care team; nobody where only the day counts."""
    if turn.has("soonest") or turn.slot("provider") or turn.slot("with_whom") == "other":
        return ()
    team = (turn.patient.provider_id, *turn.patient.care_team) if turn.patient else ()
    return tuple(dict.fromkeys(one for one in (turn.slot("visit_provider"), *team) if one))


# --------------------------------------------------------------------------- which openings fit


def fits(turn: Turn, opening: Opening | BookedVisit, heard: Understanding) -> bool:
    """Whether an opening is what a sentence says of day, time and provider."""
    return matches(turn, opening, stated(turn, heard))


def matches(turn: Turn, opening: Opening | BookedVisit, said: Mapping[str, str]) -> bool:
    """The same, for what `stated` gave before."""
    local = opening.start.astimezone(zone(turn))
    iso, weekday, at = local.date().isoformat(), str(local.weekday()), local.strftime("%H:%M")
    own = turn.patient.provider_id if turn.patient else ""
    company = {"own": opening.provider_id == own, "other": opening.provider_id != own}
    checks = (
        iso in said.get("date", iso).split(),
        said.get("date_from", iso) <= iso <= said.get("date_to", iso),
        weekday in said.get("weekday", weekday).split(),
        said.get("time", at) == at,
        said.get("time_from", at) <= at <= said.get("time_to", at),
        _in(local, said.get("daypart", "")),
        said.get("provider", opening.provider_id) in ("", opening.provider_id),
        company.get(said.get("with_whom", ""), True),
        iso not in said.get("not_date", "").split(),
        weekday not in said.get("not_weekday", "").split(),
        opening.provider_id not in said.get("not_provider", "").split(),
        not any(_in(local, part) for part in said.get("not_daypart", "").split()),
    )
    return all(checks)


def _in(local: datetime, part: str) -> bool:
    first, after = _DAYPARTS.get(part, (0, 24))
    return first <= local.hour < after
