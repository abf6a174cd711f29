"""Has the caller come to what they wanted to say? Pure; for how long a pause is waited."""

from __future__ import annotations

from typing import Final

from models.domain import Intent, Understanding

_SURE: Final = 0.85  # of a value
_CERTAIN: Final = 0.9  # of a wish
_POLITE: Final = frozenset("please thanks thank you ma'am sir".split())
# Not here: what is dictated piece by piece (dates, numbers, letters), and what others of its kind follow
# (symptoms), or reasons (yes and no).
_CLOSING: Final = frozenset("name drug pharmacy provider choice visit_type weekday daypart".split())
_SAY_IT_ALL: Final = frozenset({Intent.HUMAN_AGENT, Intent.GOODBYE, Intent.OPT_OUT})  # these have no object


def is_whole(understanding: Understanding) -> bool:
    """The last words are a value that was understood ("... of my lisinopril"), or the wish needs none.

    "I need a refill" and "an appointment" are not: their object may still come. Whoever tells of symptoms
    is never hurried.
    """
    if Intent.SYMPTOM_REPORT in understanding.intents:
        return False
    certain = understanding.confidence >= _CERTAIN
    return (certain and understanding.intent in _SAY_IT_ALL) or _ends_in_value(understanding)


def _ends_in_value(understanding: Understanding) -> bool:
    words = understanding.text.lower().split()
    while words and words[-1] in _POLITE:
        words.pop()
    end = len(" ".join(words))
    return any(
        entity.span[1] >= end > 0 and entity.certainty >= _SURE
        for name, entity in understanding.entities.items()
        if name in _CLOSING
    )
