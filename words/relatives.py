"""Words for who is whose: "mother", "mom", "step daughter"; whom a caller may speak for."""

from __future__ import annotations

import re

# As a part of a pattern, lower case: what may stand after "my".
RELATIVES = (
    r"(?:mother|father|sister|brother|son|daughter)[ -]in[ -]law"
    r"|mother|mom|mum|mommy|mama|father|dad|daddy|papa|parents?|husband|hubby|wife|spouse|partner|fiancee?"
    r"|boyfriend|girlfriend|son|daughter|child|children|kids?|baby|toddler|brother|sister|twins?"
    r"|grand(?:mother|father|ma|pa|son|daughter|child|kid)"
    r"|granny|nana|aunt|uncle|niece|nephew|cousin|friend|neighbou?r|roommate|patient|client|resident|ward"
    r"|step(?:mother|father|mom|dad|son|daughter)"
)
PATIENTS = frozenset({"patient", "client", "resident", "ward"})  # of somebody, and maybe the caller
CARERS = r"(?:care ?giver|care ?taker|carer|home aide|(?:legal )?guardian)"
_RELATIVE = re.compile(RELATIVES)
_SAME = {
    "mom": "mother",
    "mum": "mother",
    "mommy": "mother",
    "mama": "mother",
    "dad": "father",
    "daddy": "father",
    "papa": "father",
    "hubby": "husband",
    "kid": "child",
    "kids": "child",
    "children": "child",
}


def is_relative(word: str) -> bool:
    """ "mother", "mom"."""
    return bool(_RELATIVE.fullmatch(word))


def plain_relation(word: str) -> str:
    """One word for one thing: "mom" is "mother"."""
    return _SAME.get(word, word)
