"""Times of day as said to a practice: "two twenty", "half past nine", "around ten", "3 pm", mornings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from intents.readers.dayparts import AFTERNOON, DAYPART_WORDS, MORNING, NIGHTS
from words.numbers import TENS, UNITS, parse_below_hundred, single_digit
from words.tokens import longest_at, phrases, starts_with, word_at, word_set

_CUES = word_set("at around about by before after past from till until between near roughly say than maybe")
_TAKES = word_set("it to do try prefer want take something anything for make need")  # "can we make it three"
# What may follow an hour that nothing but a word before it makes one: "at nine", never "after two surgeries".
_AFTER_HOUR = word_set(
    "or and on in to till until through if would is works work please tomorrow today tonight then but that "
    "i we because with for ish sharp exactly thanks thank sounds was good fine this next monday tuesday "
    "wednesday thursday friday saturday sunday any anytime every each no wait sorry actually the maybe i'd "
    "i'll can could at so let's not rather just also either instead it it's it'd that's since before after"
)
_NOT_A_TIME_AFTER = word_set(
    "milligram milligrams mg mcg micrograms units days day weeks week months month years year hours "
    "hour minutes minute pills tablets times percent degrees dollars of people doses refills bottles "
    "th over pounds pound lbs lb point kilos inches feet cents tablet pill oh street avenue road drive lane"
)
_STREETS = word_set("street avenue road drive lane boulevard court place way apartment suite")
_NOON = {"noon": (12, 0), "midday": (12, 0), "midnight": (0, 0)}
_MEASURES = word_set(
    "sugar sugars glucose pressure weigh weighs weight weighed pulse oxygen temperature fever reading "
    "readings level levels rate pounds systolic copay address zip cost costs charge bill paid"
)
_ROOMS = word_set("room apartment suite unit number building")
_MEASURE_REACH = 8
_ROUND_MINUTES = frozenset({5, 10, 15, 20, 25})
_INSIDE_NUMBER = frozenset({"/", ":", ".", *TENS})  # before the hour: "seventy two"
_SUITS = word_set("would works sounds suits")  # "twelve would be good"
_SPAN_LEADS = word_set("from between work works working open hours")
_NAMES_ONE = word_set(
    "the that this which other first second last later earlier morning afternoon evening "
    "another any other same different no some"
)
_CORRECTION = 2  # words
_INSTEAD = phrases("no|sorry|i mean|no wait|no sorry|wait no|make that|rather|actually|or rather")
_EITHER_HALF: Final = (6, 7)  # hours as likely before work as after it


@dataclass(frozen=True, slots=True)
class Time:
    """A time named by words [at, after), as HH:MM of the practice's day.
    ``is_said``: its half of the day was.
    """

    at: int
    after: int
    hour: int
    minute: int
    certainty: float
    is_said: bool = True

    @property
    def value(self) -> str:
        return f"{self.hour:02d}:{self.minute:02d}"

    @property
    def rivals(self) -> tuple[str, ...]:
        """The other half of the day, where neither is the likelier."""
        if self.is_said or self.hour % 12 not in _EITHER_HALF:
            return ()
        return (f"{(self.hour + 12) % 24:02d}:{self.minute:02d}",)

    def within(self, part: str) -> Time:
        """The same on the clock's face, in the part of the day that was named: "tomorrow morning at six"."""
        face = self.hour % 12
        is_other_half = 7 <= face <= 11 if part == AFTERNOON else part == MORNING and 1 <= face <= 5
        if self.is_said or is_other_half:
            return self
        hour = face if part == MORNING else face + 12
        return replace(self, hour=12 if hour == 0 else hour, is_said=True)


def find_times(words: Sequence[str], *, bare_hours: bool = False) -> list[Time]:
    """All times named. ``bare_hours`` also takes a lone "ten", where a time is what was asked for."""
    roughly = {
        at for at, word in enumerate(words) if _without_ish(word) != word or word_at(words, at + 1) == "ish"
    }
    words = [_without_ish(word) for word in words]
    found: list[Time] = []
    at = 0
    while at < len(words):
        has_cue = at in roughly or (bool(found) and _goes_on(words, found[-1].after, at))
        time = _time_at(words, at, bare_hours=bare_hours, has_cue=has_cue)
        if time and (time.is_said or not _measures(words, at)):
            found.append(time)
        at = time.after if time else at + 1
    return found


def _goes_on(words: Sequence[str], after: int, at: int) -> bool:
    """ "From nine to eleven", "at nine, no, ten": an hour behind an hour."""
    between = tuple(words[after:at])
    return between == ("to",) or (
        len(between) <= _CORRECTION and longest_at(between, 0, _INSTEAD) == len(between) > 0
    )


def _without_ish(word: str) -> str:
    """ "Elevenish", "noonish"."""
    about = word.removesuffix("ish")
    return about if about in _NOON or about in UNITS else word


def _measures(words: Sequence[str], at: int) -> bool:
    """ "My sugar was two fifty", "room two ten": no time of day; nor is "nothing after three" a wish for
    three.
    """
    is_denied = word_at(words, at - 1) in ("after", "before") and word_at(words, at - 2) in (
        "nothing",
        "none",
    )
    is_measured = _MEASURES & set(words[max(0, at - _MEASURE_REACH) : at]) and word_at(words, at - 1) != "at"
    return is_denied or bool(is_measured) or word_at(words, at - 1) in _ROOMS


def _time_at(words: Sequence[str], at: int, *, bare_hours: bool, has_cue: bool) -> Time | None:
    if words[at] in _NOON:
        is_daypart = starts_with(words, at - 1, ("before", "noon")) or starts_with(
            words, at - 1, ("after", "noon")
        )
        return None if at and is_daypart else Time(at, at + 1, *_NOON[words[at]], certainty=0.95)
    relative = _past_or_to(words, at)
    if relative:
        return _placed(words, at, *relative, certainty=0.85)
    clock = _hour_and_minute(words, at)
    if clock:
        return _placed(words, at, *clock, certainty=0.9)
    after_part = word_at(words, at - 1) in DAYPART_WORDS and word_at(words, at) != "one"  # "the morning one"
    led = word_at(words, at - 1) in _CUES or after_part  # "evening four"
    return _whole_hour(words, at, bare_hours=bare_hours, has_cue=has_cue or led)


# --------------------------------------------------------------------------- half past two


def _past_or_to(words: Sequence[str], at: int) -> tuple[int, int, int] | None:
    """ "half past nine", "quarter to three", "twenty past ten", "ten to noon": (hour, minute, after)."""
    start = at + 1 if words[at] == "a" and word_at(words, at + 1) == "quarter" else at
    named = {"half": 30, "quarter": 15}.get(word_at(words, start))
    minutes = (named, start + 1) if named else parse_below_hundred(words, start)
    if minutes is None or not 1 <= minutes[0] <= 59:
        return None
    is_counted = word_at(words, minutes[1]) in ("minutes", "mins", "min", "minute")
    place = minutes[1] + (1 if is_counted else 0)
    hour = _hour_word(words, place + 1)
    if hour is None or not _may_join(words, at, minutes[0], place, is_clear=named is not None or is_counted):
        return None
    if word_at(words, place) in ("past", "after"):
        return hour[0], minutes[0], hour[1]
    return (hour[0] - 1) % 24 or 12, 60 - minutes[0], hour[1]


def _hour_word(words: Sequence[str], at: int) -> tuple[int, int] | None:
    if word_at(words, at) in _NOON:
        return _NOON[words[at]][0] or 24, at + 1
    hour = parse_below_hundred(words, at)
    return hour if hour and 1 <= hour[0] <= 23 else None


def _may_join(words: Sequence[str], at: int, minutes: int, place: int, *, is_clear: bool) -> bool:
    """Whether minutes and hour make one time: "nine to five" and "from ten to two" do not."""
    joint = word_at(words, place)
    if joint == "past":
        return True
    if joint == "after":
        return is_clear or minutes in _ROUND_MINUTES
    if joint in ("to", "till"):
        return (is_clear or minutes in _ROUND_MINUTES) and word_at(words, at - 1) not in _SPAN_LEADS
    return joint in ("before", "of") and is_clear


# --------------------------------------------------------------------------- two thirty


def _hour_and_minute(words: Sequence[str], at: int) -> tuple[int, int, int] | None:
    """ "2:20", "two twenty", "nine oh five", "ten thirty"."""
    hour = parse_below_hundred(words, at)
    if hour is None or not 0 <= hour[0] <= 23 or word_at(words, at - 1) in _INSIDE_NUMBER:
        return None
    if word_at(words, hour[1]) in (":", ".") and word_at(words, hour[1] + 1).isdecimal():
        minute = (int(words[hour[1] + 1]), hour[1] + 2) if len(words[hour[1] + 1]) == 2 else None
    else:
        is_typed = words[at].isdecimal() and len(word_at(words, hour[1])) == 2 and words[hour[1]].isdecimal()
        is_hour = hour[1] == at + 1 and (1 <= hour[0] <= 12 or is_typed)
        minute = _spoken_minute(words, hour[1]) if is_hour and not _follows_number(words, at) else None
    if minute is None or not 0 <= minute[0] <= 59 or word_at(words, minute[1]) in _NOT_A_TIME_AFTER:
        return None
    return None if _STREETS & set(words[minute[1] : minute[1] + 3]) else (hour[0], minute[0], minute[1])


def _follows_number(words: Sequence[str], at: int) -> bool:
    """Inside a longer string of numbers there is no time: "six one seven five fifty"."""
    return (
        single_digit(word_at(words, at - 1)) is not None and single_digit(word_at(words, at - 2)) is not None
    )


def _spoken_minute(words: Sequence[str], at: int) -> tuple[int, int] | None:
    if word_at(words, at) in ("oh", "o"):
        digit = single_digit(word_at(words, at + 1))
        return None if digit is None else (digit, at + 2)
    minute = parse_below_hundred(words, at)
    is_padded = word_at(words, at).isdecimal() and len(word_at(words, at)) == 2
    if minute is None or (minute[0] < 10 and not is_padded):
        return None
    return None if parse_below_hundred(words, minute[1]) is not None else minute


# --------------------------------------------------------------------------- at nine


def _whole_hour(words: Sequence[str], at: int, *, bare_hours: bool, has_cue: bool) -> Time | None:
    """ "at nine", "nine o'clock", "3 pm", "around ten"; a lone number only where a time was asked."""
    hour = parse_below_hundred(words, at)
    if hour is None or not 1 <= hour[0] <= 23 or word_at(words, at - 1) in _INSIDE_NUMBER | {"-"}:
        return None
    after = hour[1]
    if word_at(words, after) == "o'clock" or tuple(words[after : after + 2]) == ("o", "clock"):
        return _placed(words, at, hour[0], 0, after + (1 if words[after] == "o'clock" else 2), certainty=0.95)
    if _names_a_thing(words, at):
        return None
    if half_of_day(words, after, hour[0]):
        return _placed(words, at, hour[0], 0, after, certainty=0.95)
    if word_at(words, after) in _NOT_A_TIME_AFTER or word_at(words, after)[:1] in ("/", "-", ":", "."):
        return None
    has_cue = has_cue or (word_at(words, at - 1) == "and" and "between" in words[:at])
    has_cue = has_cue or (bare_hours and words[at] != "one" and word_at(words, at - 1) in _TAKES)
    has_cue = (
        has_cue and (after == len(words) or words[after] in _AFTER_HOUR) and not _is_amount(words, after)
    )
    is_answer = len(words) - (after - at) <= 3 or word_at(words, after) in _SUITS
    is_inside = parse_below_hundred(words, after) or parse_below_hundred(words[at - 1 : at], 0)
    is_answer = is_answer and not is_inside and not _is_amount(words, after)
    is_number_alone = bare_hours and is_answer and (words[at] != "one" or at == 0)
    if has_cue or is_number_alone:
        return _placed(words, at, hour[0], 0, after, certainty=0.75 if has_cue else 0.6)
    return None


def _names_a_thing(words: Sequence[str], at: int) -> bool:
    """ "The one in the afternoon", "the morning one": what was offered, not the hour."""
    named = word_at(words, at - 1) in _NAMES_ONE or word_at(words, at - 2) == "the"
    return words[at] == "one" and named and word_at(words, at + 1) not in ("am", "pm", "a", "p")


def _is_amount(words: Sequence[str], after: int) -> bool:
    """ "About two to three weeks": what is counted stands behind the second number."""
    more = parse_below_hundred(words, after + 1) if word_at(words, after) in ("to", "or", "and") else None
    return more is not None and word_at(words, more[1]) in _NOT_A_TIME_AFTER


def _placed(words: Sequence[str], at: int, hour: int, minute: int, after: int, *, certainty: float) -> Time:
    """Choose morning or afternoon: as said, else the half in which practices are open."""
    half = half_of_day(words, after, hour)
    if half and word_at(words, half[1]) in ("no", "sorry"):
        half = half_of_day(words, half[1] + 1, hour) or half  # "a m, no, p m"
    if half:
        hour = hour % 12 + (12 if half[0] == "pm" else 0) if hour <= 12 else hour % 24
        return Time(at, half[1], hour, minute, 0.97)
    if hour > 12 or hour == 0 or words[after - 1] in _NOON:
        return Time(at, after, hour % 24, minute, certainty)
    if 1 <= hour <= 6:
        hour += 12
    certainty = min(certainty, 0.7) if hour % 12 in _EITHER_HALF else certainty
    return Time(at, after, hour, minute, certainty, is_said=False)


def half_of_day(words: Sequence[str], at: int, hour: int) -> tuple[str, int] | None:
    """ "pm", "p m", "in the morning", "at night": ("am" or "pm", after). Two at night is before dawn."""
    word = word_at(words, at)
    if word in ("am", "pm"):
        return word, at + 1
    if word in ("a", "p") and word_at(words, at + 1) in ("m", "em"):
        return word + "m", at + 2
    start = at + {"in": 2, "at": 1}.get(word, 0)
    named = word_at(words, start)
    part = DAYPART_WORDS.get(named) if not named.endswith("s") else None  # "two thirty, so mornings"
    if part is None or (word == "in" and word_at(words, at + 1) != "the"):
        return None
    before_dawn = named in NIGHTS and (hour == 12 or 1 <= hour <= 5)
    return ("am" if part == MORNING or before_dawn else "pm"), start + 1
