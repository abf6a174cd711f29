"""Whom a sentence is about, as it was read: the one who calls, or somebody they speak for."""

from __future__ import annotations

from dialog.reading import value
from models.domain import Understanding
from words.relatives import PATIENTS, is_relative
from words.tokens import words


def relation_in(heard: Understanding) -> str:
    """For whom the words are said, in the caller's own word ("mother"); "" when they speak for themselves."""
    return value(heard, "relation")


def points_away(heard: Understanding) -> bool:
    """Whether the words are about somebody without saying who: "she needs her pills"."""
    return "other_person" in heard.entities


def for_self(heard: Understanding) -> bool | None:
    """True for "it's for me", "I'm the patient"; None for anything else."""
    return True if "for_self" in heard.entities else None


def names_one(heard: Understanding) -> bool:
    """A relative is named, in whatever words; "the patient" may be the caller."""
    return any(is_relative(word) and word not in PATIENTS for word in words(heard.text))


def lets_speak(heard: Understanding) -> bool:
    """ "I give my daughter permission to speak for me"."""
    return "lets_speak" in heard.entities
