"""Numbers as people say them, both ways: "nineteen eighty one", "oh five", "double four", "the third".

Parsers take a sequence of lower-case words and a place in it, and return ``(value, next place)`` or
None. They never guess: "twenty thirty" is no cardinal of 50.
"""

from __future__ import annotations

from collections.abc import Sequence

Found = tuple[int, int]

_UNIT_NAMES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS_NAMES = "twenty thirty forty fifty sixty seventy eighty ninety"
_RANK_NAMES = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_RANK_TENS_NAMES = "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth"

UNITS = {word: number for number, word in enumerate(_UNIT_NAMES.split())}
TENS = dict(zip(_TENS_NAMES.split(), range(20, 100, 10), strict=True))
_MOST_DIGITS = 9  # of a number that counts something; what is longer is a code
SPELLING_SLIPS = {"fourty": "forty", "ninty": "ninety", "fivety": "fifty"}
_ORDINAL_UNITS = {word: number for number, word in enumerate(_RANK_NAMES.split())}
_ORDINAL_TENS = dict(zip(_RANK_TENS_NAMES.split(), range(20, 100, 10), strict=True))
_OH = frozenset({"oh", "o", "owe", "zero", "nought", "naught", "null"})
_REPEATS = {"double": 2, "triple": 3, "treble": 3}
# What a recogniser writes for a digit said on its own; read so only inside strings of digits.
DIGIT_HOMOPHONES = {
    "to": 2,
    "too": 2,
    "for": 4,
    "fore": 4,
    "won": 1,
    "ate": 8,
    "tree": 3,
    "sex": 6,
    "niner": 9,
}


def parse_below_hundred(words: Sequence[str], at: int) -> Found | None:
    """0..99 in words or digits: "seven", "forty two", "42"."""
    word = _word(words, at)
    if word.isdecimal() and len(word) <= 2:
        return int(word), at + 1
    if word in UNITS:
        return UNITS[word], at + 1
    if word not in TENS:
        return None
    unit = UNITS.get(_word(words, at + 1), 0)
    return (TENS[word] + unit, at + 2) if 1 <= unit <= 9 else (TENS[word], at + 1)


def parse_cardinal(words: Sequence[str], at: int) -> Found | None:
    """0..999,999: "one hundred and five", "two thousand four", "12"."""
    word = _word(words, at)
    if word.isdecimal() and len(word) > 2:
        return (int(word), at + 1) if len(word) <= _MOST_DIGITS else None
    below = _parse_below_thousand(words, at)
    if below is None or _word(words, below[1]) != "thousand":
        return below
    thousands, after = below
    rest = _after_and(words, after + 1, 999)
    if thousands == 0:
        return below
    return (thousands * 1_000 + rest[0], rest[1]) if rest else (thousands * 1_000, after + 1)


def _parse_below_thousand(words: Sequence[str], at: int) -> Found | None:
    below = parse_below_hundred(words, at)
    if _word(words, at) == "a" and _word(words, at + 1) in ("hundred", "thousand"):
        below = (1, at + 1)
    if below is None or _word(words, below[1]) != "hundred" or not 1 <= below[0] <= 9:
        return below
    rest = _after_and(words, below[1] + 1, 99)
    return (below[0] * 100 + rest[0], rest[1]) if rest else (below[0] * 100, below[1] + 1)


def _after_and(words: Sequence[str], at: int, most: int) -> Found | None:
    """What follows "hundred" or "thousand", with or without "and"; zero does not."""
    start = at + 1 if _word(words, at) == "and" else at
    parse = parse_below_hundred if most == 99 else _parse_below_thousand
    found = None if _word(words, start).isdecimal() else parse(words, start)
    return found if found and 1 <= found[0] <= most else None


def parse_ordinal(words: Sequence[str], at: int) -> Found | None:
    """1..99 as rank: "third", "twenty first", "21st"."""
    word = _word(words, at)
    if word[:-2].isdecimal() and len(word) <= 4 and word[-2:] in ("st", "nd", "rd", "th"):
        return int(word[:-2]), at + 1
    if word in _ORDINAL_UNITS or word in _ORDINAL_TENS:
        return _ORDINAL_UNITS.get(word, _ORDINAL_TENS.get(word, 0)), at + 1
    unit = _ORDINAL_UNITS.get(_word(words, at + 1), 0)
    if word in TENS and 1 <= unit <= 9:
        return TENS[word] + unit, at + 2
    return None


def parse_year(words: Sequence[str], at: int) -> Found | None:
    """A four-digit year as spoken: "nineteen eighty one", "nineteen oh five", "two thousand and four".

    Years 1800 to 2099. Two-digit years are not read here: their century is a question of plausibility.
    """
    word = _word(words, at)
    if word.isdecimal() and len(word) == 4:
        return _in_range(int(word), at + 1)
    for parse in (_year_in_thousands, _year_in_pairs, _year_in_digits):
        found = parse(words, at)
        if found and _in_range(*found):
            return found
    return None


def _year_in_thousands(words: Sequence[str], at: int) -> Found | None:
    if _word(words, at) not in ("two", "2") or _word(words, at + 1) != "thousand":
        return None
    rest = _after_and(words, at + 2, 99)
    return (2_000 + rest[0], rest[1]) if rest else (2_000, at + 2)


def _year_in_pairs(words: Sequence[str], at: int) -> Found | None:
    """ "nineteen eighty one", "twenty ten", "nineteen oh five", "nineteen hundred"."""
    century = parse_below_hundred(words, at)
    if century is None or century[0] not in (18, 19, 20):
        return None
    if century[1] - at != 1:  # "twenty one" is no century
        century = (20, at + 1) if _word(words, at) == "twenty" else century
    hundreds, after = century[0] * 100, century[1]
    if _word(words, after) == "hundred":
        rest = _after_and(words, after + 1, 99)
        return (hundreds + rest[0], rest[1]) if rest else (hundreds, after + 1)
    return _with_last_two(words, hundreds, after)


def _with_last_two(words: Sequence[str], hundreds: int, at: int) -> Found | None:
    if _word(words, at) in _OH:
        digit = single_digit(_word(words, at + 1))
        return None if digit is None else (hundreds + digit, at + 2)
    pair = parse_below_hundred(words, at)
    if pair is None:
        return None
    if pair[0] < 10 and len(_word(words, at)) != 2:
        second = single_digit(_word(words, at + 1))  # "nineteen six six"
        return None if second is None or not pair[0] else (hundreds + pair[0] * 10 + second, at + 2)
    return hundreds + pair[0], pair[1]


def _year_in_digits(words: Sequence[str], at: int) -> Found | None:
    """ "one nine eight one"."""
    digits = [single_digit(_word(words, at + offset)) for offset in range(4)]
    if any(digit is None for digit in digits):
        return None
    return int("".join(str(digit) for digit in digits)), at + 4


def _in_range(year: int, after: int) -> Found | None:
    return (year, after) if 1_800 <= year <= 2_099 else None


def single_digit(word: str) -> int | None:
    """One digit said alone: "oh", "five", "7"."""
    if word in _OH:
        return 0
    if len(word) == 1 and word.isdecimal():
        return int(word)
    value = UNITS.get(word)
    return value if value is not None and value <= 9 else None


def parse_digits(words: Sequence[str], at: int, *, homophones: bool = False) -> tuple[str, int] | None:
    """A string of digits as people group it: "five five five", "double four", "twenty one oh nine", "800".

    ``homophones`` also reads "to", "for", "ate" as digits, where only digits are expected.
    """
    digits, place = "", at
    while piece := _digits_piece(words, place, homophones):
        digits, place = digits + piece[0], piece[1]
    return (digits, place) if digits else None


def _digits_piece(words: Sequence[str], at: int, homophones: bool) -> tuple[str, int] | None:
    word = _word(words, at)
    if word.isdecimal() and word.isascii():
        return word, at + 1
    if word in _REPEATS:
        digit = single_digit(_word(words, at + 1))
        return None if digit is None else (str(digit) * _REPEATS[word], at + 2)
    digit = single_digit(word)
    if digit is None and homophones:
        digit = DIGIT_HOMOPHONES.get(word)
    if digit is not None:
        return _with_hundred(words, digit, at + 1)
    pair = parse_below_hundred(words, at)
    return (str(pair[0]), pair[1]) if pair else None


def _with_hundred(words: Sequence[str], digit: int, after: int) -> tuple[str, int]:
    """ "eight hundred" inside a phone number is 800; "five thousand" is 5000."""
    zeros = {"hundred": "00", "thousand": "000"}.get(_word(words, after), "")
    return (str(digit) + zeros, after + 1) if zeros and digit else (str(digit), after)


def _word(words: Sequence[str], at: int) -> str:
    if not 0 <= at < len(words):
        return ""
    return SPELLING_SLIPS.get(words[at], words[at])


# --------------------------------------------------------------------------- speaking

_UNIT_WORDS = {n: w for w, n in UNITS.items()}
_TENS_WORDS = {n: w for w, n in TENS.items()}
_ORDINAL_WORDS = {n: w for w, n in (_ORDINAL_UNITS | _ORDINAL_TENS).items()}


def cardinal_words(number: int) -> str:
    """0..999,999 in words. Raises ValueError outside that range."""
    if not 0 <= number <= 999_999:
        raise ValueError(f"cannot say {number}: only 0 to 999,999")
    if number >= 1_000:
        return _joined(cardinal_words(number // 1_000) + " thousand", number % 1_000)
    if number >= 100:
        return _joined(_UNIT_WORDS[number // 100] + " hundred", number % 100)
    if number < 20:
        return _UNIT_WORDS[number]
    return _joined(_TENS_WORDS[number // 10 * 10], number % 10)


def ordinal_words(number: int) -> str:
    """1..99 as a rank in words. Raises ValueError outside that range."""
    if not 1 <= number <= 99:
        raise ValueError(f"cannot rank {number}: only 1 to 99")
    if number in _ORDINAL_WORDS:
        return _ORDINAL_WORDS[number]
    return f"{_TENS_WORDS[number // 10 * 10]} {_ORDINAL_WORDS[number % 10]}"


def year_words(year: int) -> str:
    """A year as Americans say it: "nineteen eighty one", "nineteen oh five", "two thousand four"."""
    century, rest = divmod(year, 100)
    if 2_000 <= year <= 2_009:
        return cardinal_words(year)
    if rest == 0:
        return f"{cardinal_words(century)} hundred"
    return f"{cardinal_words(century)} {'oh ' if rest < 10 else ''}{cardinal_words(rest)}"


def digit_words(digits: str) -> str:
    """Each digit by itself: "02108" "zero two one zero eight". Other characters are left out."""
    return " ".join(_UNIT_WORDS[int(digit)] for digit in digits if digit.isascii() and digit.isdigit())


def _joined(head: str, rest: int) -> str:
    return f"{head} {cardinal_words(rest)}" if rest else head
