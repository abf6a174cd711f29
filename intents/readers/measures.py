"""What people measure at home: blood pressure, blood sugar, weight, temperature, pulse, oxygen.

A reading is kept as it was said, in the unit that was said or is usual in the United States; one that no
living person has is a mishearing and is not understood. Danger is judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from intents.readers.corrections import is_refused, is_replaced
from intents.readers.hearing import heard
from models.domain import Entity
from words.numbers import parse_below_hundred, parse_cardinal, parse_digits, single_digit
from words.phonetic import similarity
from words.tokens import Phrases, Token, find_phrase, longest_at, phrases, span, word_at, word_set

Numbers = Mapping[
    int, tuple[float, int]
]  # by the place of its first word: what it is, and the place after it

_REACH = 7  # words between what was measured and its value
_UNIT_SURE, _USUAL_SURE = 0.9, 0.75  # with its unit said, and with the usual one taken


@dataclass(frozen=True, slots=True)
class _Kind:
    """``most``, ``least``: what a living person may have, in the usual unit."""

    name: str
    cues: Phrases
    units: dict[str, str]  # as said -> as written
    usual: str
    least: float
    most: float


_POUNDS = dict.fromkeys(("pounds", "pound", "lbs", "lb"), "lb")
_KILOS = dict.fromkeys(("kilos", "kilograms", "kg"), "kg")
_MILLIGRAMS = {"milligrams": "mg/dL", "mg": "mg/dL"}  # of sugar, people leave out the deciliter
_SCALES = {"fahrenheit": "F", "celsius": "C", "centigrade": "C"}
_KINDS = (
    _Kind("glucose", phrases("sugar|sugars|glucose|sugar level"), _MILLIGRAMS, "mg/dL", 20, 1_000),
    _Kind("weight", phrases("weigh|weight|weighed|weighs|weighing|scale"), _POUNDS | _KILOS, "lb", 4, 900),
    _Kind("temperature", phrases("temperature|temp|fever|thermometer"), _SCALES, "", 30, 110),
    _Kind("pulse", phrases("pulse|heart rate|heartbeat"), {"beats": "/min", "bpm": "/min"}, "/min", 20, 300),
    _Kind("oxygen", phrases("oxygen|pulse ox|saturation|sats|sat"), {"percent": "%"}, "%", 40, 100),
)
_FAHRENHEIT, _CELSIUS = (90.0, 110.0), (32.0, 43.0)
_SYSTOLIC, _DIASTOLIC = (50, 280), (20, 180)
_AS_OVER = 0.85  # likeness by sound: "one ninety offer one twenty"
_CHANGES = word_set("gained gain lost lose up down more less over under goal target")
_NO_READING_AFTER = word_set(
    "days day weeks week months month years year hours hour times pills units am pm o'clock over / :"
)


@dataclass(frozen=True, slots=True)
class _Value:
    value: str
    at: int
    after: int
    certainty: float


def read_measures(text: str) -> dict[str, Entity]:
    """Entities blood_pressure ("140/90 mmHg"), glucose, weight, temperature, pulse, oxygen, as far as
    named.
    """
    found = heard(text)
    words = [token.text for token in found]
    numbers = {at: number for at in range(len(words)) if (number := reading_at(words, at))}
    if not numbers:
        return {}
    entities = {"blood_pressure": _chosen(_pressures(words, numbers), words, found)}
    taken = set(range(*_words_of(entities["blood_pressure"], found)))
    for kind in _KINDS:
        entities[kind.name] = _chosen(_values(words, kind, numbers, taken), words, found)
    return {name: entity for name, entity in entities.items() if entity is not None}


def _words_of(entity: Entity | None, found: tuple[Token, ...]) -> tuple[int, int]:
    if entity is None:
        return 0, 0
    inside = [at for at, token in enumerate(found) if entity.span[0] <= token.start < entity.span[1]]
    return inside[0], inside[-1] + 1


def _chosen(values: list[_Value], words: Sequence[str], found: tuple[Token, ...]) -> Entity | None:
    """The first, unless it was taken back; with another beside it, unsure."""
    kept: list[_Value] = []
    for value in values:
        if kept and is_replaced(words, kept[-1].after, value.at):
            kept = []
        if not is_refused(words, value.at):
            kept.append(value)
    if not kept:
        return None
    first, *rest = kept
    others = tuple(dict.fromkeys(other.value for other in rest if other.value != first.value))
    return Entity(first.value, span(found, first.at, first.after), 0.5 if others else first.certainty, others)


# --------------------------------------------------------------------------- blood pressure


def _pressures(words: Sequence[str], numbers: Numbers) -> list[_Value]:
    """ "One forty over ninety", "140/90"."""
    return _one_after_another(numbers, lambda at: _pressure_at(words, at, numbers))


def _one_after_another(numbers: Numbers, value_at: Callable[[int], _Value | None]) -> list[_Value]:
    """Values that begin with a number, none within another."""
    found: list[_Value] = []
    for at in numbers:
        if not found or at >= found[-1].after:
            value = value_at(at)
            found += [value] if value else []
    return found


def _pressure_at(words: Sequence[str], at: int, numbers: Numbers) -> _Value | None:
    upper = numbers[at]
    joint = word_at(words, upper[1])
    if joint != "/" and similarity(joint, "over") < _AS_OVER:
        return None
    lower = numbers.get(upper[1] + 1)
    if lower is None or word_at(words, lower[1]) in ("/", "of"):
        return None
    is_plausible = _within(upper[0], _SYSTOLIC) and _within(lower[0], _DIASTOLIC) and lower[0] < upper[0]
    is_named = find_phrase(words, ("pressure",)) is not None or joint == "over" or upper[0] > 31
    whole = upper[0].is_integer() and lower[0].is_integer()
    if not (is_plausible and is_named and whole):
        return None
    return _Value(f"{upper[0]:.0f}/{lower[0]:.0f} mmHg", at, lower[1], 0.95)


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def reading_at(words: Sequence[str], at: int) -> tuple[float, int] | None:
    """A number as readings are said: "one forty", "one oh five", "a hundred and one point five", "98.6"."""
    whole = _three_digits(words, at) or parse_cardinal(words, at)
    if whole is None:
        return None
    if word_at(words, whole[1]) in ("point", "."):
        part = parse_digits(words, whole[1] + 1)
        return (float(f"{whole[0]}.{part[0]}"), part[1]) if part and len(part[0]) <= 2 else None
    return float(whole[0]), whole[1]


def _three_digits(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """ "One forty" is 140, "one oh five" is 105; "one two" is neither."""
    hundreds = single_digit(word_at(words, at))
    if not hundreds or word_at(words, at).isdecimal():
        return None
    if word_at(words, at + 1) in ("oh", "o"):
        unit = single_digit(word_at(words, at + 2))
        return (hundreds * 100 + unit, at + 3) if unit else None
    rest = parse_below_hundred(words, at + 1)
    return (hundreds * 100 + rest[0], rest[1]) if rest and rest[0] >= 10 else None


# --------------------------------------------------------------------------- one number with its name


def _values(words: Sequence[str], kind: _Kind, numbers: Numbers, taken: set[int]) -> list[_Value]:
    places = {at for at in range(len(words)) if longest_at(words, at, kind.cues)}
    free = {at: number for at, number in numbers.items() if at not in taken}
    return _one_after_another(free, lambda at: _value_at(words, at, free[at], kind, places))


def _value_at(
    words: Sequence[str], at: int, number: tuple[float, int], kind: _Kind, cues: set[int]
) -> _Value | None:
    if word_at(words, number[1]) in _NO_READING_AFTER:
        return None
    is_named = not cues.isdisjoint(range(at - _REACH, at))
    said = kind.units.get(_after_degrees(words, number[1]), "")
    if not is_named and not (said and kind.name in ("weight", "temperature")):
        return None
    if _CHANGES & set(words[max(0, at - 3) : at]) and kind.name in ("weight", "oxygen"):
        return None  # how much was gained is no weight
    unit = said or (_degrees(number[0]) if kind.name == "temperature" else kind.usual)
    if not unit or not _is_lived(number[0], kind, unit):
        return None
    after = _past_unit(words, number[1]) if said else number[1]
    return _Value(_written(number[0], unit), at, after, _UNIT_SURE if said else _USUAL_SURE)


def _after_degrees(words: Sequence[str], at: int) -> str:
    return word_at(words, at + 1) if word_at(words, at) in ("degrees", "degree") else word_at(words, at)


def _past_unit(words: Sequence[str], at: int) -> int:
    return at + (2 if word_at(words, at) in ("degrees", "degree") else 1)


def _degrees(number: float) -> str:
    """The scale a body's temperature must be on; "" for neither."""
    if _within(number, _FAHRENHEIT):
        return "F"
    return "C" if _within(number, _CELSIUS) else ""


def _is_lived(number: float, kind: _Kind, unit: str) -> bool:
    if kind.name == "temperature":
        return _within(number, _FAHRENHEIT if unit == "F" else _CELSIUS)
    return kind.least <= number <= kind.most


def _written(number: float, unit: str) -> str:
    return f"{number:g} {unit}".replace(" %", "%").replace(" /", "/")
