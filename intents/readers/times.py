"""Times of day as said to a practice: "two twenty", "half past nine", "around ten", "3 pm", mornings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from words.numbers import parse_below_hundred, single_digit
from words.tokens import phrases, starts_with, word_set

MORNING, AFTERNOON, EVENING = "morning", "afternoon", "evening"
DAYPART_WORDS = {
    word: part
    for part, listed in (
        (MORNING, "morning mornings forenoon"),
        (AFTERNOON, "afternoon afternoons lunchtime"),
        (EVENING, "evening evenings night nights tonight"),
    )
    for word in listed.split()
}
_DAYPART_PHRASES = {
    phrase: part
    for part, listed in (
        (MORNING, "first thing|before work|before lunch|early in the day"),
        (AFTERNOON, "after lunch|end of the day|later in the day"),
        (EVENING, "after work"),
    )
    for phrase in phrases(listed)
}
_CUES = word_set("at around about by before after past from till until between near roughly say")
_NOT_A_TIME_AFTER = word_set(
    "milligram milligrams mg mcg micrograms units days day weeks week months month years year hours "
    "hour minutes minute pills tablets times percent degrees dollars of people doses refills bottles "
    "th over"
)
_NOON = {"noon": (12, 0), "midday": (12, 0), "midnight": (0, 0)}


@dataclass(frozen=True, slots=True)
class Time:
    """A time named by words [at, after), as HH:MM of the practice's day."""

    at: int
    after: int
    hour: int
    minute: int
    certainty: float

    @property
    def value(self) -> str:
        return f"{self.hour:02d}:{self.minute:02d}"


@dataclass(frozen=True, slots=True)
class Daypart:
    at: int
    after: int
    value: str


def find_times(words: Sequence[str], *, bare_hours: bool = False) -> list[Time]:
    """All times named. ``bare_hours`` also takes a lone "ten", where a time is what was asked for."""
    found, at = [], 0
    while at < len(words):
        time = _time_at(words, at, bare_hours=bare_hours)
        if time:
            found.append(time)
        at = time.after if time else at + 1
    return found


def find_dayparts(words: Sequence[str]) -> list[Daypart]:
    """Morning, afternoon, evening; "good morning" is a greeting and is left out."""
    found = []
    for at, word in enumerate(words):
        if word in DAYPART_WORDS and _word(words, at - 1) != "good" and not _follows_hour(words, at):
            found.append(Daypart(at, at + 1, DAYPART_WORDS[word]))
        for phrase, value in _DAYPART_PHRASES.items():
            if starts_with(words, at, phrase):
                found.append(Daypart(at, at + len(phrase), value))
    return found


def _follows_hour(words: Sequence[str], at: int) -> bool:
    """ "last night", "the other night": not a wish."""
    return _word(words, at - 1) in ("last", "other", "all", "every")


def _time_at(words: Sequence[str], at: int, *, bare_hours: bool) -> Time | None:
    if words[at] in _NOON:
        return Time(at, at + 1, *_NOON[words[at]], certainty=0.95)
    relative = _past_or_to(words, at)
    if relative:
        return _placed(words, at, *relative, certainty=0.9)
    clock = _hour_and_minute(words, at)
    if clock:
        return _placed(words, at, *clock, certainty=0.9)
    return _whole_hour(words, at, bare_hours=bare_hours)


def _past_or_to(words: Sequence[str], at: int) -> tuple[int, int, int] | None:
    """ "half past nine", "quarter to three", "twenty past ten": (hour, minute, after)."""
    start = at + 1 if words[at] == "a" and _word(words, at + 1) == "quarter" else at
    named = {"half": 30, "quarter": 15}.get(_word(words, start))
    minutes = (named, start + 1) if named else parse_below_hundred(words, start)
    if minutes is None or not 1 <= minutes[0] <= 59:
        return None
    joint = _word(words, minutes[1])
    hour = parse_below_hundred(words, minutes[1] + 1)
    if joint not in ("past", "after", "to", "till", "before", "of") or hour is None or not 1 <= hour[0] <= 23:
        return None
    if joint in ("after", "before", "of") and named is None:
        return None  # "five after three" is rare, "ten before noon" rarer, "two of five" is no time
    if joint in ("past", "after"):
        return hour[0], minutes[0], hour[1]
    return (hour[0] - 1) or 12, 60 - minutes[0], hour[1]


def _hour_and_minute(words: Sequence[str], at: int) -> tuple[int, int, int] | None:
    """ "2:20", "two twenty", "nine oh five", "ten thirty"."""
    hour = parse_below_hundred(words, at)
    if hour is None or not 0 <= hour[0] <= 23 or _word(words, at - 1) in ("/", ":", "."):
        return None
    if _word(words, hour[1]) in (":", ".") and _word(words, hour[1] + 1).isdigit():
        minute = (int(words[hour[1] + 1]), hour[1] + 2) if len(words[hour[1] + 1]) == 2 else None
    else:
        is_typed = words[at].isdigit() and len(_word(words, hour[1])) == 2 and words[hour[1]].isdigit()
        is_hour = hour[1] == at + 1 and (1 <= hour[0] <= 12 or is_typed)
        minute = _spoken_minute(words, hour[1]) if is_hour else None
    if minute is None or not 0 <= minute[0] <= 59 or _word(words, minute[1]) in _NOT_A_TIME_AFTER:
        return None
    return hour[0], minute[0], minute[1]


def _spoken_minute(words: Sequence[str], at: int) -> tuple[int, int] | None:
    if _word(words, at) in ("oh", "o"):
        digit = single_digit(_word(words, at + 1))
        return None if digit is None else (digit, at + 2)
    minute = parse_below_hundred(words, at)
    is_padded = _word(words, at).isdigit() and len(_word(words, at)) == 2
    if minute is None or (minute[0] < 10 and not is_padded):
        return None
    return None if single_digit(_word(words, minute[1])) is not None else minute


def _whole_hour(words: Sequence[str], at: int, *, bare_hours: bool) -> Time | None:
    """ "at nine", "nine o'clock", "3 pm", "around ten"; a lone number only where a time was asked."""
    hour = parse_below_hundred(words, at)
    if hour is None or not 1 <= hour[0] <= 23 or _word(words, at - 1) in ("/", ":", ".", "-"):
        return None
    after = hour[1]
    if _word(words, after) == "o'clock" or tuple(words[after : after + 2]) == ("o", "clock"):
        return _placed(words, at, hour[0], 0, after + (1 if words[after] == "o'clock" else 2), certainty=0.95)
    if _half_of_day(words, after):
        return _placed(words, at, hour[0], 0, after, certainty=0.95)
    if _word(words, after) in _NOT_A_TIME_AFTER or _word(words, after)[:1] in ("/", "-", ":", "."):
        return None
    has_cue = _word(words, at - 1) in _CUES or (_word(words, at - 1) == "and" and "between" in words[:at])
    is_number_alone = bare_hours and len(words) - (after - at) <= 3 and (words[at] != "one" or at == 0)
    if has_cue or is_number_alone:
        return _placed(words, at, hour[0], 0, after, certainty=0.75 if has_cue else 0.6)
    return None


def _placed(words: Sequence[str], at: int, hour: int, minute: int, after: int, *, certainty: float) -> Time:
    """Choose morning or afternoon: as said, else the half in which practices are open."""
    half = _half_of_day(words, after)
    if half:
        hour = hour % 12 + (12 if half[0] == "pm" else 0) if hour <= 12 else hour
        return Time(at, half[1], hour, minute, 0.97)
    if 1 <= hour <= 6:
        hour += 12
    return Time(at, after, hour, minute, certainty)


def _half_of_day(words: Sequence[str], at: int) -> tuple[str, int] | None:
    """ "pm", "p m", "in the morning", "tonight": ("am" or "pm", after)."""
    word = _word(words, at)
    if word in ("am", "pm"):
        return word, at + 1
    if word in ("a", "p") and _word(words, at + 1) in ("m", "em"):
        return word + "m", at + 2
    start = at + {"in": 2, "at": 1}.get(word, 0)
    part = DAYPART_WORDS.get(_word(words, start))
    if part is None or (word == "in" and _word(words, at + 1) != "the"):
        return None
    return ("am" if part == MORNING else "pm"), start + 1


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if 0 <= at < len(words) else ""
