"""Closed grammars in JSGF (https://www.w3.org/TR/jsgf/), kept flat: optional loops hang the decoder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from models.domain import Expectation, ExpectationKind
from voice import carriers
from voice.spoken_text import words_of

_DIGITS: Final = (*carriers.DIGITS, "oh")
_ZIP, _PHONE, _LOCAL = 5, 10, 7  # digits
_DIGIT_LEADS: Final = (
    "it's",
    "it is",
    "that's",
    "um",
    "uh",
    "yes",
    "my zip code is",
    "my number is",
    "the number is",
)
_LEADS: Final = (
    "my date of birth is", "my birthday is", "my birth date is", "date of birth", "i was born",
    "i was born on", "born", "it's", "it is", "yes", "sure", "um", "uh", "yes it's", "that's",
    "her date of birth is", "his date of birth is",
)  # fmt: skip


def _either(forms: Iterable[str]) -> str:
    return " | ".join(dict.fromkeys(forms))


def birth_date() -> str:
    """Dates of birth, 1910 to 2029, as people say them: named month or figures, with the usual openings.

    Every rule is expanded where it is named, so each stands as seldom as can be.
    """
    ordinals = [carriers.ordinal(day) for day in range(1, 32)]
    cardinals = [carriers.cardinal(number) for number in range(1, 32)]
    tens = [carriers.cardinal(number) for number in range(20, 100, 10)]
    teens = [carriers.cardinal(number) for number in range(10, 20)]
    units = carriers.DIGITS[1:]
    return f"""#JSGF V1.0;
grammar birth;
public <birth> = [<lead>] <date> [<century>] <year>;
<lead> = {_either(_LEADS)};
<date> = <month> [the] <day> | [the] <ordinal> of <month> | <day> <month> | <figure> [of] <figure>;
<month> = {_either(carriers.MONTHS)};
<day> = {_either([*ordinals, *cardinals])};
<ordinal> = {_either(ordinals)};
<figure> = {_either(cardinals)} | oh <unit> | zero <unit> | one <digit> | two <digit> | three oh | three one;
<century> = nineteen | nineteen hundred | twenty | two thousand | two thousand and | one nine | two oh;
<year> = <ten> | <ten> <unit> | {_either(teens)} | oh <unit> | <unit> | two thousand | <unit> <digit>;
<ten> = {_either(tens)};
<unit> = {_either(units)};
<digit> = {_either(_DIGITS)};
"""


def digits(length: int) -> str:
    """So many digits one by one. Of a telephone number also the last seven, with "area code" before ten."""
    some = "[[area code] <digit> <digit> <digit>] " if length == _PHONE else ""
    some += " ".join(["<digit>"] * (_LOCAL if length == _PHONE else length))
    return f"""#JSGF V1.0;
grammar digits;
public <digits> = [<lead>] {some};
<lead> = {_either(_DIGIT_LEADS)};
<digit> = {_either(_DIGITS)};
"""


def letters() -> str:
    """A word letter by letter."""
    return f"""#JSGF V1.0;
grammar letters;
public <letters> = <letter>+;
<letter> = {_either(carriers.LETTERS)};
"""


_DRUG_LEADS: Final = (
    "my", "the", "it's", "it's the", "it's my", "no the", "yes the", "refill my", "i take", "i need my",
    "i need a refill of my", "i need a refill on my", "i'd like my", "i need", "i want", "it's called", "um",
    "uh",
)  # fmt: skip
_NAME_LEADS: Final = (
    "my name is", "this is", "it's", "i'm", "yes", "yes this is", "yes my name is", "hi this is", "um", "uh",
    "the name is",
)  # fmt: skip
_TAILS: Final = ("please", "works", "is fine", "is good", "would be good", "would be great", "thank you")
_LEADS_OF: Final = {
    ExpectationKind.DRUG: _DRUG_LEADS,
    ExpectationKind.NAME: _NAME_LEADS,
}


def for_answer(expectation: Expectation, drugs: tuple[str, ...] = ()) -> str:
    """The grammar to listen with beside free speech; empty where there is none.

    Where a medicine is expected all of the formulary's ``drugs`` take part: a medicine that is not on
    the patient's list must not be bent into one that is.
    """
    if fixed := _FIXED.get(expectation.kind):
        return fixed()
    spoken = tuple(form for choice in expectation.choices for form in choice.spoken)
    if expectation.closed:
        return only(spoken)
    leads = _LEADS_OF.get(expectation.kind)
    others = drugs if expectation.kind is ExpectationKind.DRUG else ()
    return closed_list((*spoken, *others), leads) if leads and spoken else ""


_FIXED: Final[dict[ExpectationKind, Callable[[], str]]] = {
    ExpectationKind.DOB: birth_date,
    ExpectationKind.ZIP: lambda: digits(_ZIP),
    ExpectationKind.PHONE: lambda: digits(_PHONE),
    ExpectationKind.SPELLING: letters,
}


@lru_cache(maxsize=64)
def closed_list(spoken: tuple[str, ...], leads: tuple[str, ...]) -> str:
    """One of these answers, perhaps with a few words around it."""
    return f"""#JSGF V1.0;
grammar closed;
public <answer> = [<lead>] <item> [<tail>];
<lead> = {_either(leads)};
<tail> = {_either(_TAILS)};
<item> = {_either(_in_words(spoken))};
"""


@lru_cache(maxsize=8)
def only(spoken: tuple[str, ...]) -> str:
    """One of these phrases and nothing around it."""
    return f"""#JSGF V1.0;
grammar only;
public <phrase> = {_either(_in_words(spoken))};
"""


def _in_words(spoken: Iterable[str]) -> list[str]:
    return [" ".join(words) for words in map(words_of, spoken) if words]


def words(grammar: str) -> set[str]:
    """Every word that a grammar of ours can produce."""
    bodies = [line.partition("=")[2] or line for line in grammar.splitlines()[2:]]
    return {token for body in bodies for token in re.sub(r"<\w+>|[\[\]|;]", " ", body).split()}
