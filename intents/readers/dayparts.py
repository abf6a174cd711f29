"""Parts of the day: mornings, after lunch, tonight; greetings and what returns every day are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from words.tokens import phrases, starts_with, word_at, word_set

MORNING, AFTERNOON, EVENING = "morning", "afternoon", "evening"
NIGHTS = word_set("night nights")
DAYPART_WORDS = {
    word: part
    for part, listed in (
        (MORNING, "morning mornings forenoon"),
        (AFTERNOON, "afternoon afternoons lunchtime"),
        (EVENING, "evening evenings night nights tonight"),
    )
    for word in listed.split()
}
_DAYPART_PHRASES = {
    phrase: part
    for part, listed in (
        (MORNING, "first thing|before work|before lunch|early in the day|before noon|before midday"),
        (AFTERNOON, "after lunch|end of the day|later in the day|after noon|lunch time"),
        (EVENING, "after work"),
    )
    for phrase in phrases(listed)
}

_THERE_IS = word_set("you you've you're they they've that available open there")


@dataclass(frozen=True, slots=True)
class Daypart:
    at: int
    after: int
    value: str


def find_dayparts(words: Sequence[str]) -> list[Daypart]:
    """Morning, afternoon, evening; "good morning" is a greeting and is left out."""
    found = []
    for at, word in enumerate(words):
        if word in DAYPART_WORDS and word_at(words, at - 1) != "good" and not _is_no_wish(words, at):
            found.append(Daypart(at, at + 1, DAYPART_WORDS[word]))
        for phrase, value in _DAYPART_PHRASES.items():
            if starts_with(words, at, phrase) and not _is_first_of_all(words, at, phrase):
                found.append(Daypart(at, at + len(phrase), value))
    return found


def _is_first_of_all(words: Sequence[str], at: int, phrase: tuple[str, ...]) -> bool:
    """ "The first thing you have": the soonest there is, at any hour."""
    return phrase[0] == "first" and word_at(words, at + len(phrase)) in _THERE_IS


def _is_no_wish(words: Sequence[str], at: int) -> bool:
    """ "last night", "the other night", "every morning", "it hurts at night": not a wish."""
    before = word_at(words, at - 1)
    return before in ("last", "other", "all", "every") or (before == "at" and words[at] in NIGHTS)
