"""The numbers of a text, spoken or written: "one eighty two" and "182" are one number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from words.numbers import parse_below_hundred, parse_cardinal, parse_ordinal, single_digit

_TOKEN = re.compile(
    r"[a-z]+\d\w*|\d+(?:[.:/-]\d+)*|[a-z]+|[^\sa-z\d]"
)  # a mark between two numbers keeps them apart
_HYPHEN = re.compile(r"(?<=[a-z])-(?=[a-z])")
_PARTS = re.compile(r"\d+")


def numbers_in(text: str) -> frozenset[str]:
    """Every number as digits, however it was said. A run of number words is read as a whole, never in part.

    "one forty two over eighty eight" holds 142 and 88; "oh two one one one" holds 02111.
    """
    tokens = _TOKEN.findall(_HYPHEN.sub(" ", text.casefold()))
    return frozenset(number for run in _runs(tokens) for number in _readings(run))


def _runs(tokens: Sequence[str]) -> Iterator[list[str]]:
    """Maximal stretches of tokens that are numbers; "and", "a" and "point" count only inside one."""
    run: list[str] = []
    for at, token in enumerate(tokens):
        inside = bool(run) and token in ("and", "point") and _is_number(tokens, at + 1)
        starts = token == "a" and tokens[at + 1 : at + 2] == ["hundred"]
        if _is_number(tokens, at) or inside or starts:
            run.append(token)
            if parse_ordinal([token], 0):  # "march fifth nineteen eighty one" is two
                yield run
                run = []
        elif run:
            yield run
            run = []
    if run:
        yield run


def _is_number(tokens: Sequence[str], at: int) -> bool:
    token = tokens[at] if at < len(tokens) else ""
    known = parse_below_hundred(tokens, at) or parse_ordinal(tokens, at)
    return token[:1].isdigit() or token in ("hundred", "thousand", "oh") or known is not None


def _readings(run: list[str]) -> Iterator[str]:
    if "point" in run:
        at = run.index("point")
        yield from (f"{whole}.{part}" for whole in _readings(run[:at]) for part in _readings(run[at + 1 :]))
        return
    for token in run:
        if token[:1].isdigit():
            yield from (token, token.lstrip("0") or "0", *_PARTS.findall(token))
    whole = parse_cardinal(run, 0)
    if whole and whole[1] == len(run):
        yield str(whole[0])
        return
    yield "".join(_pieces(run))
    if "and" in run:  # two numbers, perhaps
        at = run.index("and")
        yield from (*_readings(run[:at]), *_readings(run[at + 1 :]))


def _pieces(run: Sequence[str]) -> Iterator[str]:
    """The run as digits side by side: "nineteen eighty one" -> "1981"."""
    at = 0
    while at < len(run):
        found = parse_ordinal(run, at) or _hundreds(run, at) or parse_below_hundred(run, at)
        if run[at][:1].isdigit():
            yield run[at]
            at += 1
        elif found:
            yield str(found[0])
            at = found[1]
        else:
            digit = single_digit(run[at])
            yield "" if digit is None else str(digit)
            at += 1


def _hundreds(run: Sequence[str], at: int) -> tuple[int, int] | None:
    found = parse_cardinal(run, at)
    return found if found and "hundred" in run[at : found[1]] else None
