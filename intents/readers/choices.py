"""Which of the things just offered: "the second one", "the later one", "Thursday's", "the one with Chen"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

from intents.readers.calendar import MONTHS, WEEKDAYS
from intents.readers.corrections import is_refused, is_refused_after, is_replaced
from intents.readers.dates import read_when
from intents.readers.dayparts import AFTERNOON, EVENING, MORNING
from intents.readers.hearing import heard
from intents.readers.likeness import alike
from models.domain import Choice, Entity
from words.numbers import UNITS, parse_ordinal
from words.tokens import find_phrase, holds_any, phrases, span, tokens, word_at, word_set

_EARLIER = word_set("earlier earliest sooner soonest former")
_LATER = word_set("later latest latter")
_DENIED = word_set(
    "not no don't can't won't doesn't cannot isn't aren't neither nor didn't wouldn't couldn't never"
)
_EITHER = phrases(
    "either one|either|any of them|any one|whichever|doesn't matter|don't care|both work|both are fine"
)
_NONE = phrases(
    "neither|none of them|none of those|none of these|no other|something else|anything else|other times"
)
_WHICHEVER = word_set("whichever whatever which one")
_COUNTED = word_set("one ones option choice number")
_OFFERED = word_set("time appointment slot opening")  # counted too, where nothing but an answer follows
_ANSWER_ENDS = word_set("is works please sounds would will then thanks thank suits if")
_SKIPPED = word_set(
    "the a an of at on in and or with for to is it i i'd i'll that this one me my please take like "
    "let's do want too early late soon far long"
)
# Alone they tell nothing: "all the time" is not "not at all", nor "every now and then" "every day".
_COMMON = word_set("all every than")
# Of one thing alone these tell nothing either: any other doctor is one, and so is any other December.
_SHARED = word_set("doctor dr nurse am pm morning afternoon") | frozenset(MONTHS)
_BARE_DAY = frozenset(WEEKDAYS) | {f"{day}'s" for day in WEEKDAYS} | word_set("this next coming on")
_FLOOR = 0.82
_THIRD, _LIKE_FIRST = 3, 0.6  # "the third one" of two is a "first" misheard; what is picked is read back

Hit = tuple[float, int, int]  # likeness, first word, after


def read_choice(text: str, choices: Sequence[Choice], today: date) -> Entity | None:
    """Entity of a ``Choice.value``, or None: nothing said, or nothing that tells the choices apart."""
    found = heard(text)
    words = [token.text for token in found]
    if not choices or not words or holds_any(words, _NONE):
        return None
    hit = (
        _other_of_two(words, choices)
        or _by_rank(words, choices, today)
        or _by_content(text, words, choices, today)
        or _either(words, choices)
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


def _other_of_two(words: Sequence[str], choices: Sequence[Choice]) -> tuple[list[str], Hit] | None:
    """ "Not the Tuesday, the other one": of two, where the one that is turned down was named."""
    at = find_phrase(words, ("the", "other", "one"))
    if at is None or len(choices) != len(("this", "that")):
        return None
    named = [one for one in choices if any(_refused_hits(words[:at], form) for form in _forms(one, choices))]
    left = [one.value for one in choices if one not in named]
    return (left, (0.85, at, at + 3)) if len(left) == 1 else None


def _refused_hits(words: Sequence[str], form: str) -> bool:
    """Whether a form is said, and as what is not wanted."""
    said = _words(form)
    places = (at for at in range(len(words) - len(said) + 1) if tuple(words[at : at + len(said)]) == said)
    return bool(said) and any(
        is_refused(words, at) or is_refused_after(words, at + len(said)) for at in places
    )


def _rank_at(
    words: Sequence[str], at: int, choices: Sequence[Choice], today: date
) -> tuple[str, float, int] | None:
    """(value, certainty, after) of a rank named at a place."""
    word = words[at]
    if word in _EARLIER or word in _LATER:
        return _compared(words, at, choices, today)
    if word == "last":
        return (choices[-1].value, 0.92, at + 2) if _is_counted(words, at) else None
    if word in ("number", "option", "choice"):
        number = _small_number(word_at(words, at + 1))
        return (choices[number - 1].value, 0.95, at + 2) if 1 <= number <= len(choices) else None
    return _ordinal_at(words, at, choices)


def _compared(
    words: Sequence[str], at: int, choices: Sequence[Choice], today: date
) -> tuple[str, float, int] | None:
    """ "The later one"; "do you have anything later" and "later this week" ask for something else."""
    is_named = word_at(words, at - 1) == "the" and (at + 1 == len(words) or _ends_answer(words, at + 1))
    is_best = word_at(words, at - 1) in ("is", "comes") and word_at(words, at - 2) in _WHICHEVER
    if not (is_named or is_best or _is_counted(words, at)):
        return None
    ordered = _in_time(choices, today)
    return ordered[0 if words[at] in _EARLIER else -1].value, 0.92, at + 1


def _small_number(word: str) -> int:
    return int(word) if word.isdecimal() and len(word) <= 2 else UNITS.get(word, 0)


def _ordinal_at(words: Sequence[str], at: int, choices: Sequence[Choice]) -> tuple[str, float, int] | None:
    """ "The second one", "the first"; "first I want to ask" and "the first time I called" name nothing."""
    ordinal = parse_ordinal(words, at)
    if ordinal and _is_misheard_first(words, at, ordinal, choices):
        return choices[0].value, _LIKE_FIRST, ordinal[1] + 1
    if ordinal is None or not 1 <= ordinal[0] <= len(choices) or _names_a_day(words, at, ordinal[1], choices):
        return None
    if _is_counted(words, ordinal[1] - 1):
        return choices[ordinal[0] - 1].value, 0.95, ordinal[1] + 1
    is_alone = ordinal[1] == len(words) or (
        word_at(words, at - 1) == "the" and _ends_answer(words, ordinal[1])
    )
    return (choices[ordinal[0] - 1].value, 0.8, ordinal[1]) if is_alone else None


def _is_misheard_first(
    words: Sequence[str], at: int, ordinal: tuple[int, int], choices: Sequence[Choice]
) -> bool:
    """ "The third one", of two of which none is on a third."""
    is_one_more = ordinal[0] == len(choices) + 1 == _THIRD and _is_counted(words, ordinal[1] - 1)
    spoken = " ".join(form for choice in choices for form in choice.spoken).lower()
    return is_one_more and "third" not in spoken and " 3" not in spoken


def _is_counted(words: Sequence[str], at: int) -> bool:
    """Whether "one" follows, or "appointment" and then nothing that would make it another one."""
    follows = word_at(words, at + 1)
    if follows in _COUNTED:
        return True
    return follows in _OFFERED and (at + 2 >= len(words) or _ends_answer(words, at + 2))


def _ends_answer(words: Sequence[str], at: int) -> bool:
    return word_at(words, at) in _ANSWER_ENDS | _COUNTED or (
        word_at(words, at) in _OFFERED and (at + 1 >= len(words) or words[at + 1] in _ANSWER_ENDS)
    )


def _names_a_day(words: Sequence[str], at: int, after: int, choices: Sequence[Choice]) -> bool:
    """ "December second", or "the first" where a choice is on the first."""
    if word_at(words, at - 1) in MONTHS:
        return True
    forms = (set(form.lower().split()) for choice in choices for form in choice.spoken)
    spoken = {word for form in forms if form & MONTHS.keys() for word in form}  # "the second" is a place
    is_dated = bool(set(words[at:after]) & spoken)
    return is_dated and not _is_counted(words, after - 1)


def _in_time(choices: Sequence[Choice], today: date) -> list[Choice]:
    """By date and time where every choice says them, else as offered."""
    moments = [_moment(choice, today) for choice in choices]
    if any(not any(moment) for moment in moments) or len(set(moments)) < len(moments):
        return list(choices)
    return [choice for _, choice in sorted(zip(moments, choices, strict=True), key=lambda pair: pair[0])]


def _moment(choice: Choice, today: date) -> tuple[str, str]:
    when = _when(tuple(choice.spoken), today)
    return str(when.get("date", "")), str(when.get("time", ""))


@lru_cache(maxsize=256)
def _when(spoken: tuple[str, ...], today: date) -> Mapping[str, str | int]:
    """Date, weekday, time and part of day that any spoken form of a choice gives, the fullest first."""
    known: dict[str, str | int] = {}
    for form in sorted(spoken, key=len, reverse=True):
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
    said = read_when(text, today, bare_hours=True)
    scores = {choice.value: _content(text, words, choice, choices, said, today) for choice in choices}
    best = max(score[0] for score in scores.values())
    if best <= 0:
        return None
    values = [value for value, score in scores.items() if score[0] >= best - 0.02]
    if len(values) == len(choices) and len(choices) > 1:
        return None  # what was said tells nothing apart
    return values, scores[values[0]][1]


def _content(
    text: str,
    words: Sequence[str],
    choice: Choice,
    choices: Sequence[Choice],
    said: Mapping[str, Entity],
    today: date,
) -> tuple[float, Hit]:
    """How much of a choice was said, and where; nothing where a day or a time that was said is another."""
    total, place = 0.0, (0.0, len(words), 0)
    if any(_refused_hits(words, form) for form in _forms(choice, choices)):
        return total, place
    hit = max((hit for form in _forms(choice, choices) for hit in _form_hits(words, form)), default=None)
    if hit:
        total, place = hit[0], hit
    points, span_of_when = _agreement(text, said, _when(tuple(choice.spoken), today))
    if points is None:
        return 0.0, place
    if points and span_of_when and not hit:
        place = _place_of(span_of_when, text)
    return total + points, (max(0.5, min(0.95, total + points)), place[1], place[2])


def _forms(choice: Choice, choices: Sequence[Choice]) -> tuple[str, ...]:
    """The spoken forms, and each of their words that no other choice has ("Chen" of "Doctor Chen")."""
    others = {
        word for other in choices if other is not choice for form in other.spoken for word in _words(form)
    }
    own = dict.fromkeys(word for form in choice.spoken for word in _words(form) if word.isalpha())
    others |= _SHARED if len(choices) == 1 else set()
    telling = (word for word in own if word not in others and word not in _SKIPPED and _tells(word))
    return (*choice.spoken, *telling)


def _tells(word: str) -> bool:
    """ "First" tells of an order, not of the December first that is among the choices."""
    return len(word) > 2 and word not in _COMMON and parse_ordinal([word], 0) is None


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
            score = alike(tuple(plain[at : at + size]), wanted, _FLOOR)
            is_said = score >= _FLOOR and not set(plain[at : at + size]) <= _SKIPPED
            if is_said and not is_refused(words, at) and not is_refused_after(words, at + size):
                hits.append((round(0.9 * score + 0.02 * min(len(wanted), 4), 3), at, at + size))
    return hits


def _agreement(
    text: str, said: Mapping[str, Entity], own: Mapping[str, str | int]
) -> tuple[float | None, tuple[int, int] | None]:
    """Points for what was said of day and time and fits the choice; None where any of it is something
    else.
    """
    points, place = 0.0, None
    for name in ("date", "weekday", "time", "daypart"):
        if name not in said or name not in own or (name == "date" and _is_bare_weekday(said, text)):
            continue
        if own[name] not in (said[name].value, *said[name].alternatives):
            return None, None
        points += 0.6
        place = place or said[name].span
    return points, place


def _is_bare_weekday(said: Mapping[str, Entity], text: str) -> bool:
    """ "Tuesday": of any week, and not the date of the next one."""
    if "weekday" not in said:
        return False
    first, after = said["date"].span
    return all(token.text in _BARE_DAY for token in tokens(text[first:after]))


def _place_of(place: tuple[int, int], text: str) -> Hit:
    found = heard(text)
    inside = [at for at, token in enumerate(found) if token.start >= place[0] and token.end <= place[1]]
    return (0.9, inside[0], inside[-1] + 1) if inside else (0.5, 0, 1)


def _either(words: Sequence[str], choices: Sequence[Choice]) -> tuple[list[str], Hit] | None:
    """ "Either one is fine": the first, with the others as rivals."""
    for phrase in _EITHER:
        at = find_phrase(words, phrase)
        if at is not None and not _DENIED & set(words[:at]):
            return [choice.value for choice in choices], (0.5, at, at + len(phrase))
    return None
