"""Given names people go by, and how alike two full names are."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from words.phonetic import similarity
from words.tokens import words

_TABLE = Path(__file__).with_name("nicknames.txt")
_SHORT = {"st.": "saint", "st": "saint"}


@lru_cache(maxsize=1)
def _going_by() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        members = line.split("#")[0].split()
        for member in members:
            table.setdefault(member, set()).update(members)
    return {name: frozenset(others - {name}) for name, others in table.items()}


def nicknames(given: str) -> frozenset[str]:
    """Other names a person so called may use, lower case; empty for an unknown name."""
    return _going_by().get(given.lower(), frozenset())


def same_given_name(left: str, right: str) -> float:
    """0..1: spelling and sound, or 0.95 where one is a known short form of the other."""
    left, right = left.lower(), right.lower()
    if left == right:
        return 1.0
    return 0.95 if right in nicknames(left) else similarity(left, right)


def same_family_name(left: str, right: str) -> float:
    """0..1; one half of a double name counts 0.9 ("Garcia" for "Garcia-Lopez")."""
    whole = similarity(left, right)
    halves_left, halves_right = words(left.replace("-", " ")), words(right.replace("-", " "))
    if len(halves_left) <= 1 and len(halves_right) <= 1:
        return whole
    best_half = max((similarity(a, b) for a in halves_left for b in halves_right), default=0.0)
    return max(whole, 0.9 * best_half)


def same_person_name(left: str, right: str) -> float:
    """0..1 between two full names; family names weigh more and neither part may be quite different."""
    if "-" in split(left)[0] + split(right)[0]:  # "Anne Marie Miller" is "Anne-Marie Miller"
        left, right = _double_given(left, right), _double_given(right, left)
    given_left, family_left = split(left)
    given_right, family_right = split(right)
    if not (family_left and family_right):
        return 0.0
    given = same_given_name(given_left, given_right)
    family = same_family_name(family_left, family_right)
    return round(min(given + 0.25, family + 0.2, 0.45 * given + 0.55 * family), 4)


def _double_given(name: str, other: str) -> str:
    """The name with its first two words joined where the other's given name is a double one."""
    parts, is_double = name.split(), "-" in split(other)[0]
    return (
        f"{parts[0]}-{' '.join(parts[1:])}" if is_double and len(parts) > 2 and "-" not in parts[0] else name
    )


def split(full_name: str) -> tuple[str, str]:
    """("susan", "miller jones"): the first word, and the rest without a middle initial. Lower case."""
    parts = [_SHORT.get(part, part) for part in full_name.lower().split()]
    if len(parts) < 2:
        return (parts[0] if parts else "", "")
    rest = [part for part in parts[1:-1] if len(part.strip(".")) > 1] + parts[-1:]
    return parts[0], " ".join(rest)
