"""Phrases that a practice adds to the danger catalogue: read as it writes them, and checked. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dialog.safety.notation import Part, compile_phrase, is_common
from dialog.safety.text import Spoken, spoken
from models.errors import PhraseError

MOST_PHRASES = 200
MOST_ELEMENTS = 20
MOST_GAPS = 3  # each may be seven words long: more of them make a turn slow to screen
MOST_EVERYDAY = 0.01  # of a practice's everyday sentences: a wider phrase frightens more than it finds
_GAPS = ("~", "~~", "~#")
_JOINTS = ("+", "&")
_GROUP = re.compile(r"\{\w+\}")


def as_notation(phrase: str) -> str:
    """The phrase as the catalogue would write it: "Can't catch wind" is "can not catch wind".

    Raises `PhraseError`.
    """
    if len(phrase.split()) > MOST_ELEMENTS:
        raise PhraseError(f"a phrase may have {MOST_ELEMENTS} words at most")
    elements = [_element(element) for element in phrase.split()]
    _check_order(elements)
    return " ".join(elements)


def problem_of(phrase: str, everyday: Sequence[Spoken]) -> str:
    """What is wrong with a phrase, "" when nothing is. ``everyday``: sentences of no danger."""
    try:
        parts = compile_phrase(as_notation(phrase))
    except PhraseError as problem:
        return str(problem)
    except KeyError as unknown:
        return f"there is no word group {{{unknown.args[0]}}}"
    if all(is_common(need) for part in parts for need in part.needs):
        return "it has only words that everybody uses; a word that is rarer is needed"
    met = sum(_meets(parts, said) for said in everyday)
    if everyday and met > MOST_EVERYDAY * len(everyday):
        return (
            f"it is too common: {met} of {len(everyday)} everyday sentences say it, "
            f"and at most {MOST_EVERYDAY:.0%} may"
        )
    return ""


def _element(element: str) -> str:
    """One element with its words as `spoken` writes a caller's; gaps and joints as they are."""
    if element in (*_GAPS, *_JOINTS, "^", "$"):
        return element
    mark = "@" if element.startswith("@") else ""
    optional = "?" if element.endswith("?") else ""
    options = element.removeprefix("@").removesuffix("?").split("/")
    return mark + "/".join(map(_option, options)) + optional


def _option(option: str) -> str:
    if _GROUP.fullmatch(option):
        return option
    words = spoken(option.replace("_", " ")).words
    if not words or set("{}~&+^$@?") & set(option):
        raise PhraseError(f"{option!r} is no word and no sign of the notation")
    return "_".join(words)


def _check_order(elements: Iterable[str]) -> None:
    """Each part begins and ends with something that must be said."""
    parts = re.split(r" [+&] ", f" {' '.join(elements)} ")
    for part in (one.split() for one in parts):
        said = [one for one in part if one not in ("^", "$")]
        if not said or any(one in (*_GAPS, *_JOINTS) or one.endswith("?") for one in (said[0], said[-1])):
            raise PhraseError("it must begin and end with a word that has to be said")
        if sum(one in _GAPS for one in part) > MOST_GAPS:
            raise PhraseError(f"it may have {MOST_GAPS} gaps (~) at most")
        if "^" in part[1:] or "$" in part[:-1]:
            raise PhraseError("^ stands at the beginning and $ at the end")


def _meets(parts: Iterable[Part], said: Spoken) -> bool:
    words = frozenset(said.words)
    return all(
        not any(map(words.isdisjoint, part.needs)) and any(True for _ in part.find(said)) for part in parts
    )
