"""What a call can be found by, each as one number: a keyed fingerprint, which tells nobody anything.

64 bits are enough: a false meeting of two words would show one call too many, and hide none.
"""

from __future__ import annotations

from collections.abc import Iterable

from models.domain import Intent
from models.keyring import current_keyring
from models.search_words import search_words

UNSURE_BELOW = 0.6  # a recogniser's confidence under which staff should hear for themselves
HEX_DIGITS = 16  # of 64 bits
OFFSET = 1 << 63  # databases count 64 bits from below zero

# Answers and courtesies: every call has some, and nobody looks for them.
ANSWERS = frozenset(
    {
        Intent.AFFIRM,
        Intent.DENY,
        Intent.REPEAT,
        Intent.WAIT,
        Intent.DONT_KNOW,
        Intent.GREETING,
        Intent.GOODBYE,
    }
)
LAST_FOUR = 4


def word_keys(text: str) -> frozenset[int]:
    """One for each word of ``text`` that is searched by."""
    return frozenset(_key("word", word) for word in search_words(text))


def intent_key(intent: str) -> int:
    return _key("intent", intent)


def intent_keys(intents: Iterable[str]) -> frozenset[int]:
    """Of what was wished for; answers and courtesies are none."""
    return frozenset(intent_key(intent) for intent in intents if intent and intent not in ANSWERS)


def disposition_key(disposition: str) -> int:
    return _key("disposition", disposition)


def flag_key(red_flag_id: str = "") -> int:
    """``red_flag_id`` "": any danger sign."""
    return _key("flag", red_flag_id)


def unsure_key() -> int:
    """A turn that the recogniser was not sure of."""
    return _key("unsure", "")


def unreviewed_key() -> int:
    return _key("unreviewed", "")


def teaching_key() -> int:
    return _key("teaching", "")


def number_end_key(last_four: str) -> int:
    """The last four digits of the caller's number."""
    return _key("number_end", last_four)


def blind_key(blind: str) -> int:
    """Of a blind index: `models.calls.phone_blind` or `patient_blind`."""
    return int(blind[:HEX_DIGITS], 16) - OFFSET


def _key(purpose: str, value: str) -> int:
    return blind_key(current_keyring().blind(f"call_key.{purpose}", value))
