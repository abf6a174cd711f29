# ruff: noqa: E501 -- word lists: one group a line reads better than wrapped
"""Word groups for values by number: temperatures and sugars as they are spoken, ages in weeks and days."""

from __future__ import annotations

from collections.abc import Mapping

_UNITS = "one two three four five six seven eight nine".split()
_TENTHS = ("", *(f" point {unit}" for unit in _UNITS), " and a half", " and half")


def _fahrenheit() -> list[str]:
    """100.4 F to 107 F: "a hundred and one", "one oh one point two", "hundred point six"."""
    hundreds = ("hundred", "hundred and", "one oh", "one o", "one zero", "a hundred and")
    low = [f"hundred{join} point {unit}" for unit in _UNITS[3:] for join in ("", " and")]
    return low + [
        f"{hundred} {unit}{tenth}" for hundred in hundreds for unit in _UNITS[:7] for tenth in _TENTHS
    ]


def _celsius() -> list[str]:
    """38 C to 41 C; a bare "thirty eight" may be an age, so only what stands near "temperature" counts."""
    return [
        f"{whole}{tenth}"
        for whole in ("thirty eight", "thirty nine", "forty", "38", "39")
        for tenth in _TENTHS
    ]


def _weeks(first: int, last: int) -> list[str]:
    teens = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
    names = [*_UNITS, *teens]
    return [form for n in range(first, last + 1) for form in (str(n), names[n - 1])]


READINGS: Mapping[str, tuple[str, ...]] = {
    "fahrenheit": tuple(_fahrenheit()),
    "celsius": tuple(_celsius()),
    "days_old": tuple(f"{n} {unit} old" for n in _weeks(2, 19) for unit in ("days", "day")),
    # Without "old": an age only where somebody "is" it; else how long something has lasted.
    "few_weeks": (
        *(f"{n} {unit}" for n in _weeks(1, 12) for unit in ("weeks", "week")),
        *(f"{n} days" for n in _weeks(2, 19)),
        "one month", "two months", "two month", "1 month", "2 months", "a month",
    ),
    "gauge": tuple(
        "temperature temp thermometer fever reading reads reading_was says measured rectal rectally forehead bottom".split()
    ),
    "sugar_talk": (
        *"sugar sugars glucose insulin diabetes diabetic libre dexcom glucometer sensor meter monitor fingerstick".split(),
        "finger stick", "finger prick", "glucose tablets", "test strip", "low spells", "low spell", "low spells",
        "having a low", "sugar low", "juice", "sweating", "shaky", "shaking", "i am low", "he is low", "she is low",
    ),
    "reads": (
        *"reads read says said reading number shows showing showed at is was it now over under under hit".split(),
        "down to", "dropped to", "came up", "come up", "reading of", "went to",
    ),
    "sick_up": (
        *"vomiting vomit vomited throwing threw heaving heaves heaved retching puking puke puked barfing".split(),
        "throw up", "comes back up", "come back up", "comes right back up", "keep anything down",
        "keep nothing down", "keep water down", "keep food down", "sick to my stomach", "being sick",
        "breathing fast", "breathing hard", "breathing heavy", "breathing so fast", "fruity", "fruit", "juicy fruit",
        "nail polish", "acetone", "confused", "so thirsty", "very thirsty", "sleepy", "drowsy", "panting",
    ),
}  # fmt: skip
