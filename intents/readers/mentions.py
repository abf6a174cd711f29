"""All days and spans of days in a sentence, each settled by its neighbours.

"From the third to the sixth of January": the third is January's too. "Next week, Tuesday or Wednesday": both
are of that week. "Since Monday" and "I fell on Monday" tell of the Monday that was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from intents.readers import calendar_days, day_counts, day_spans, weekdays
from intents.readers.calendar import (
    MONTHS,
    WEEKDAYS,
    Mention,
    Named,
    Parser,
    end_of_month,
    first_after,
    last_before,
    moved,
    one_day,
    valid,
)
from intents.readers.holidays import holiday
from words.numbers import parse_below_hundred
from words.tokens import longest_at, phrases, word_at, word_set

_RANGE = word_set("to until till through thru -")
_SMALL = word_set("the on that and - or of in until till to through thru")
_BESIDE_SPAN = word_set(
    "of in on the for say sometime maybe is would be good works fine great like either around"
)
_LISTED = word_set("or and the")
_SINCE = word_set("the on about around last this")
_TOLD = word_set(
    "fell started began happened woke fainted missed noticed ended tripped vomited twisted burned passed "
    "ran went"
)
_TOLD_PHRASES = phrases(
    "was there|was seen|was in|was sick|was admitted|was discharged|was at|were there|saw you|saw him|saw her"
    "|saw doctor|saw the|got out|got home|got worse|got sick|got hurt|had surgery|had my surgery"
)
_NOT_TOLD = word_set(
    "can could want need like would will schedule scheduled book booked come move change make cancel "
    "reschedule if and but so for"
)
_TOLD_REACH = 6  # words between what happened and its day


def find_mentions(words: Sequence[str], today: date) -> list[Mention]:
    """In order, the longest reading at each place."""
    found: list[Mention] = []
    at = 0
    while at < len(words):
        best = _longest(words, at, today) or _number_in_range(words, at, today, found)
        if best:
            found.append(best)
        at = best.after if best else at + 1
    found = [_past(mention, today) if _is_told(words, mention) else mention for mention in found]
    return _in_weeks(_in_months(_in_pairs(found, words), words), words)


def _longest(words: Sequence[str], at: int, today: date) -> Mention | None:
    readings = [mention for parse in _PARSERS if (mention := parse(words, at, today))]
    return max(readings, key=lambda mention: mention.after, default=None)


# --------------------------------------------------------------------------- ranges


def _number_in_range(words: Sequence[str], at: int, today: date, found: Sequence[Mention]) -> Mention | None:
    """The bare number of "5 to 23 January" or of "February 14 to 22"; nowhere else is a number a day."""
    number = parse_below_hundred(words, at)
    if number is None or not 1 <= number[0] <= 31:
        return None
    if found and found[-1].after == at - 1 and words[at - 1] in _RANGE:
        return _end_of_range(words, at, number, found[-1])
    joint = number[1]
    if word_at(words, joint) not in _RANGE or (word_at(words, at - 1) != "from" and words[joint] != "-"):
        return None
    last = calendar_days.month_day(words, joint + 1, today)
    first = valid(last.first.year, last.first.month, number[0]) if last else None
    return one_day(at, number[1], first, certainty=0.8, named=Named.DATE) if first else None


def _end_of_range(words: Sequence[str], at: int, number: tuple[int, int], first: Mention) -> Mention | None:
    follows = word_at(words, number[1])
    is_dated = first.is_day and first.named in (Named.DATE, Named.WHOLE) and first.weekday is None
    if (
        not is_dated
        or number[0] <= first.first.day
        or follows in MONTHS
        or follows in ("am", "pm", ":", "o'clock")
    ):
        return None
    last = valid(first.first.year, first.first.month, number[0])
    return one_day(at, number[1], last, certainty=0.8) if last else None


def _in_pairs(found: list[Mention], words: Sequence[str]) -> list[Mention]:
    """Both ends of a range: the open one takes its month or its week from the other."""
    for place in range(len(found) - 1):
        first, last = found[place], found[place + 1]
        if is_range(words, first, last):
            found[place] = first = _before(first, last)
            found[place + 1] = _after(last, first)
        elif set(words[first.after : last.at]) <= _LISTED and first.is_day and last.is_day:
            found[place], found[place + 1] = _of_same_month(first, last), _of_same_month(last, first)
    return found


def _of_same_month(open_one: Mention, other: Mention) -> Mention:
    """ "December tenth or eleventh", "the tenth or eleventh of December"."""
    is_open = (
        open_one.named is Named.DAY and other.named in (Named.DATE, Named.WHOLE) and other.weekday is None
    )
    day = valid(other.first.year, other.first.month, open_one.first.day) if is_open else None
    return replace(open_one, first=day, last=day, named=Named.DATE) if day else open_one


def is_range(words: Sequence[str], first: Mention, last: Mention) -> bool:
    """ "Monday to Wednesday", "between the fifth and the ninth"."""
    between = words[first.after : last.at]
    if not between or not set(between) <= _SMALL:
        return False
    joined = "and" in between and "between" in words[max(0, first.at - 2) : first.at]
    return joined or bool(_RANGE & set(between))


def _before(first: Mention, last: Mention) -> Mention:
    """The day of a range that begins in the month its end names."""
    if first.named is not Named.DAY or not last.is_day or last.named in (Named.DAY, Named.WEEKDAY):
        return first
    month = last.first if first.first.day <= last.first.day else moved(last.first.replace(day=1), -1, "month")
    day = valid(month.year, month.month, first.first.day) if month else None
    return replace(first, first=day, last=day, named=Named.DATE) if day else first


def _after(last: Mention, first: Mention) -> Mention:
    """A range's end comes after its beginning."""
    if not (first.is_day and last.is_day) or last.last > first.first:
        return last
    day: date | None = None
    if last.named is Named.DAY:
        day = _day_after(last.first.day, first.first)
    elif last.named is Named.WEEKDAY:
        day = first_after(last.first.weekday(), first.first)
    elif last.named is Named.DATE:
        day = valid(first.first.year + 1, last.first.month, last.first.day)
    return replace(last, first=day, last=day) if day else last


def _day_after(number: int, day: date) -> date | None:
    month = day if number > day.day else day.replace(day=1) + timedelta(days=32)
    return valid(month.year, month.month, number)


# --------------------------------------------------------------------------- weeks and months


def _in_weeks(found: list[Mention], words: Sequence[str]) -> list[Mention]:
    """A bare weekday beside a week that was named is of that week."""
    weeks = [mention for mention in found if mention.named is Named.WEEK or mention.week is not None]
    if len(weeks) != 1:
        return found
    week = weeks[0]
    monday = week.week or week.first - timedelta(days=week.first.weekday())
    return [_of_week(mention, week, monday, words) for mention in found]


def _of_week(mention: Mention, week: Mention, monday: date, words: Sequence[str]) -> Mention:
    if mention.named is not Named.WEEKDAY or mention.weekday is None or not _are_beside(mention, week, words):
        return mention
    day = monday + timedelta(days=mention.weekday)
    if day == mention.first:
        return mention
    others = (mention.first,) if week.week is not None and mention.at < week.at else ()
    certainty = 0.6 if others else mention.certainty
    return replace(mention, first=day, last=day, others=others, certainty=certainty, named=Named.WHOLE)


def _in_months(found: list[Mention], words: Sequence[str]) -> list[Mention]:
    """ "In December, maybe the tenth": December's."""
    months = [mention for mention in found if mention.named is Named.MONTH]
    if len(months) != 1:
        return found
    return [_of_month(mention, months[0], words) for mention in found]


def _of_month(mention: Mention, month: Mention, words: Sequence[str]) -> Mention:
    if mention.named is not Named.DAY or not _are_beside(mention, month, words):
        return mention
    day = valid(month.last.year, month.last.month, mention.first.day)
    return replace(mention, first=day, last=day, named=Named.WHOLE) if day else mention


def _are_beside(day: Mention, span: Mention, words: Sequence[str]) -> bool:
    """Whether nothing but small words and other bare days stands between; "Thursday or next week" are two
    wishes.
    """
    first, second = sorted((day, span), key=lambda mention: mention.at)
    between = set(words[first.after : second.at])
    if span.week is not None or day.at > span.at:
        return between <= _BESIDE_SPAN | _SMALL | WEEKDAYS.keys()
    return between <= _BESIDE_SPAN - {"either"} and "or" not in between


# --------------------------------------------------------------------------- what has been


def _is_told(words: Sequence[str], mention: Mention) -> bool:
    """Whether the day is told of and not wished for."""
    place = mention.at - 1
    while place >= 0 and words[place] in _SINCE:
        place -= 1
    if place >= 0 and words[place] == "since":
        return True
    before = list(words[max(0, mention.at - _TOLD_REACH) : mention.at])
    told = max((at for at in range(len(before)) if _tells(before, at)), default=None)
    if told is None or set(before[: told + 1]) & {"if", "can", "could", "will", "get"}:
        return False
    return not set(before[told:]) & _NOT_TOLD


def _tells(words: Sequence[str], at: int) -> bool:
    return words[at] in _TOLD or longest_at(words, at, _TOLD_PHRASES) > 0


def _past(mention: Mention, today: date) -> Mention:
    """The last such day or month before today."""
    if mention.last < today or mention.is_only_weekday:
        return mention
    day: date | None = None
    match mention.named:
        case Named.WEEKDAY:
            day = last_before(mention.first.weekday(), today)
        case Named.DAY:
            month = today if mention.first.day < today.day else today.replace(day=1) - timedelta(days=1)
            day = valid(month.year, month.month, mention.first.day)
        case Named.DATE:
            day = valid(mention.first.year - 1, mention.first.month, mention.first.day)
        case Named.MONTH:
            return _past_month(mention, today)
    return replace(mention, first=day, last=day, others=()) if day else mention


def _past_month(mention: Mention, today: date) -> Mention:
    first = mention.first.replace(day=1)
    first = first.replace(year=first.year - 1) if first > today else first
    last = min(end_of_month(first), today - timedelta(days=1))
    return replace(mention, first=first, last=max(first, last))


_PARSERS: tuple[Parser, ...] = (
    weekdays.weekday_with_day, weekdays.ranked_weekday, calendar_days.month_day,
    calendar_days.numeric, day_counts.counted, day_counts.week_or_two, day_counts.beside, day_spans.week,
    day_spans.part_of_week, day_spans.ranked_week, day_spans.month, day_spans.part_of_month,
    day_spans.weekend, day_spans.year, day_counts.simple, weekdays.weekday, calendar_days.day_of_month,
    calendar_days.last_day_of_month, holiday, )  # fmt: skip
