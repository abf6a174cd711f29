"""Which of the things just offered: "the second one", "the later one", "Thursday's", "the one with Chen"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from intents.readers.corrections import is_refused, is_replaced
from intents.readers.dates import read_when
from intents.readers.lists import alike
from intents.readers.times import AFTERNOON, EVENING, MORNING
from models.domain import Choice, Entity
from words.numbers import UNITS, parse_ordinal
from words.tokens import find_phrase, phrases, span, tokens, without_fillers, word_set

_EARLIER = word_set("earlier earliest sooner soonest former")
_LATER = word_set("later latest latter")
_EITHER = phrases(
    "either one|either|any of them|any one|whichever|doesn't matter|don't care|both work|both are fine"
)
_NONE = phrases(
    "neither|none of them|none of those|none of these|no other|something else|anything else|other times"
)
_COUNTED = word_set("one ones option choice number time appointment slot opening")
_SKIPPED = word_set(
    "the a an of at on in and or with for to is it i i'd i'll that this one me my please take like "
    "let's do want"
)
_FLOOR = 0.82

Hit = tuple[float, int, int]  # likeness, first word, after


def read_choice(text: str, choices: Sequence[Choice], today: date) -> Entity | None:
    """Entity of a ``Choice.value``, or None: nothing said, or nothing that tells the choices apart."""
    found = without_fillers(tokens(text))
    words = [token.text for token in found]
    if not choices or not words or any(find_phrase(words, phrase) is not None for phrase in _NONE):
        return None
    hit = (
        _by_rank(words, choices, today) or _by_content(text, words, choices, today) or _either(words, choices)
    )
    if hit is None:
        return None
    values, (score, at, after) = hit
    certainty = round(min(0.97, score if len(values) == 1 else 0.5), 3)
    return Entity(values[0], span(found, at, after), certainty, tuple(values[1:]))


# --------------------------------------------------------------------------- by place in the list


def _by_rank(words: Sequence[str], choices: Sequence[Choice], today: date) -> tuple[list[str], Hit] | None:
    """ "the second one", "number two", "the last one", "the earlier one"; of corrected ones the last."""
    best: tuple[list[str], Hit] | None = None
    for at in range(len(words)):
        ranked = _rank_at(words, at, choices, today)
        if ranked is None or is_refused(words, at):
            continue
        if best is None or is_replaced(words, best[1][2], at):
            best = ([ranked[0]], (ranked[1], at, ranked[2]))
    return best


def _rank_at(
    words: Sequence[str], at: int, choices: Sequence[Choice], today: date
) -> tuple[str, float, int] | None:
    """(value, certainty, after) of a rank named at a place."""
    word, size = words[at], len(choices)
    if word in _EARLIER or word in _LATER:
        ordered = _in_time(choices, today)
        return ordered[0 if word in _EARLIER else -1].value, 0.92, at + 1
    if word == "last" and _next_is(words, at, _COUNTED):
        return choices[-1].value, 0.92, at + 2
    if word in ("number", "option", "choice") and at + 1 < len(words):
        number = UNITS.get(words[at + 1], int(words[at + 1]) if words[at + 1].isdigit() else 0)
        return (choices[number - 1].value, 0.95, at + 2) if 1 <= number <= size else None
    return _ordinal_at(words, at, choices)


def _ordinal_at(words: Sequence[str], at: int, choices: Sequence[Choice]) -> tuple[str, float, int] | None:
    ordinal = parse_ordinal(words, at)
    if ordinal is None or not 1 <= ordinal[0] <= len(choices) or _names_a_day(words, at, ordinal[1], choices):
        return None
    is_clear = _next_is(words, ordinal[1] - 1, _COUNTED)
    return choices[ordinal[0] - 1].value, 0.95 if is_clear else 0.8, ordinal[1] + (1 if is_clear else 0)


def _names_a_day(words: Sequence[str], at: int, after: int, choices: Sequence[Choice]) -> bool:
    """ "December first", or "the first" where a choice is on the first."""
    spoken = {word for choice in choices for form in choice.spoken for word in form.lower().split()}
    is_dated = bool(set(words[at:after]) & spoken)
    return is_dated and not _next_is(words, after - 1, _COUNTED)


def _next_is(words: Sequence[str], at: int, wanted: frozenset[str]) -> bool:
    return at + 1 < len(words) and words[at + 1] in wanted


def _in_time(choices: Sequence[Choice], today: date) -> list[Choice]:
    """By date and time where every choice says them, else as offered."""
    moments = [_moment(choice, today) for choice in choices]
    if any(not any(moment) for moment in moments) or len(set(moments)) < len(moments):
        return list(choices)
    return [choice for _, choice in sorted(zip(moments, choices, strict=True), key=lambda pair: pair[0])]


def _moment(choice: Choice, today: date) -> tuple[str, str]:
    when = _when(choice, today)
    return str(when.get("date", "")), str(when.get("time", ""))


def _when(choice: Choice, today: date) -> dict[str, str | int]:
    """Date, weekday, time and part of day that any spoken form of a choice gives, the fullest first."""
    known: dict[str, str | int] = {}
    for form in sorted(choice.spoken, key=len, reverse=True):
        for name, entity in read_when(form, today, bare_hours=True).items():
            if name == "date" and entity.alternatives:
                continue
            if not isinstance(entity.value, (bool, float)):
                known.setdefault(name, entity.value)
    if "time" in known:
        hour = int(str(known["time"])[:2])
        known["daypart"] = MORNING if hour < 12 else AFTERNOON if hour < 17 else EVENING
    return known


# --------------------------------------------------------------------------- by what it is


def _by_content(
    text: str, words: Sequence[str], choices: Sequence[Choice], today: date
) -> tuple[list[str], Hit] | None:
    """The choices whose own words, day, time or provider were said; all of them where it is a tie."""
    scores = {choice.value: _content(text, words, choice, choices, today) for choice in choices}
    best = max(score[0] for score in scores.values())
    if best <= 0:
        return None
    values = [value for value, score in scores.items() if score[0] >= best - 0.02]
    if len(values) == len(choices) and len(choices) > 1:
        return None  # what was said tells nothing apart
    return values, scores[values[0]][1]


def _content(
    text: str, words: Sequence[str], choice: Choice, choices: Sequence[Choice], today: date
) -> tuple[float, Hit]:
    """How much of a choice was said, and where; negative points where a day or time contradicts."""
    total, place = 0.0, (0.0, len(words), 0)
    hit = max((hit for form in _forms(choice, choices) for hit in _form_hits(words, form)), default=None)
    if hit:
        total, place = hit[0], hit
    points, span_of_when = _agreement(text, choice, today)
    if points and span_of_when and not hit:
        place = _place_of(span_of_when, text)
    return total + points, (max(0.5, min(0.95, total + points)), place[1], place[2])


def _forms(choice: Choice, choices: Sequence[Choice]) -> tuple[str, ...]:
    """The spoken forms, and each of their words that no other choice has ("Chen" of "Doctor Chen")."""
    others = {
        word for other in choices if other is not choice for form in other.spoken for word in _words(form)
    }
    own = dict.fromkeys(word for form in choice.spoken for word in _words(form) if word.isalpha())
    telling = (word for word in own if word not in others and word not in _SKIPPED and len(word) > 2)
    return (*choice.spoken, *telling)


def _words(form: str) -> tuple[str, ...]:
    return tuple(token.text.removesuffix("'s") for token in tokens(form) if token.text[0].isalnum())


def _form_hits(words: Sequence[str], form: str) -> list[Hit]:
    wanted = _words(form)
    if not wanted or set(wanted) <= _SKIPPED:
        return []
    plain = [word.removesuffix("'s") for word in words]
    hits = []
    for size in {len(wanted), len(wanted) + 1, max(1, len(wanted) - 1)}:
        for at in range(len(plain) - size + 1):
            score = alike(tuple(plain[at : at + size]), wanted)
            if score >= _FLOOR and not is_refused(words, at) and not set(plain[at : at + size]) <= _SKIPPED:
                hits.append((round(0.9 * score + 0.02 * min(len(wanted), 4), 3), at, at + size))
    return hits


def _agreement(text: str, choice: Choice, today: date) -> tuple[float, tuple[int, int] | None]:
    """Points for a day, time or part of day that fits the choice, minus those that contradict it."""
    said = read_when(text, today, bare_hours=True)
    own = _when(choice, today)
    points, place = 0.0, None
    for name in ("date", "weekday", "time", "daypart"):
        if name not in said or name not in own:
            continue
        fits = own[name] in (said[name].value, *said[name].alternatives)
        points += 0.6 if fits else -0.6
        place = said[name].span if fits and place is None else place
    return points, place


def _place_of(place: tuple[int, int], text: str) -> Hit:
    found = without_fillers(tokens(text))
    inside = [at for at, token in enumerate(found) if token.start >= place[0] and token.end <= place[1]]
    return (0.9, inside[0], inside[-1] + 1) if inside else (0.5, 0, 1)


def _either(words: Sequence[str], choices: Sequence[Choice]) -> tuple[list[str], Hit] | None:
    """ "Either one is fine": the first, with the others as rivals."""
    for phrase in _EITHER:
        at = find_phrase(words, phrase)
        if at is not None:
            return [choice.value for choice in choices], (0.5, at, at + len(phrase))
    return None
