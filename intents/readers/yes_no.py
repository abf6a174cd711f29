"""Yes or no, in all the forms people use on a telephone."""

from __future__ import annotations

from intents.readers import yes_no_phrases as said
from intents.readers.agreement import agreed, declined, proposes
from intents.readers.hearing import all_heard
from models.domain import Entity
from words.tokens import find_phrase, holds_any, longest_at, span, starts_with, word_set

_LISTENING = word_set("right alright sure all")  # said to what was heard as often as to what was asked
_TURN_REACH = 4  # words within which the first answer stands
_LEAST = 0.3  # a yes taken back in the same breath is no answer
_LONG = 14  # words: in a longer answer a set phrase in the middle is about something else

Answer = tuple[bool, float, int, int]  # value, certainty, first word, number of words


def read_yes_no(text: str, asked: str = "") -> Entity | None:
    """True or False with its place, or None for anything undecided: "yeah that's right", "no I mean ...".

    ``asked`` is the question before: "no problem" agrees, unless problems were asked about.
    A yes or no must open the answer; set phrases ("I don't think so") count anywhere in a short one.
    """
    found = tuple(token for token in all_heard(text) if token.text[0].isalnum())
    words = [token.text for token in found]
    answer = _asked_for(words, asked) or _turned(words) or _answer(words, is_proposal=proposes(asked))
    if answer is None:
        return None
    value, certainty, at, size = answer
    if certainty < _LEAST:
        return None
    return Entity(value, span(found, at, at + size), certainty)


def _asked_for(words: list[str], asked: str) -> Answer | None:
    """ "No problem", to "Any new problems?", and "that's it", to "Anything else?": the opposite of
    elsewhere.
    """
    at = _start(words)
    size = longest_at(words, at, said.NO_PROBLEM) if "problem" in asked.lower() else 0
    if size:
        return False, 0.9, at, size
    size = longest_at(words, at, said.NOTHING_ELSE) if "anything else" in asked.lower() else 0
    return (False, 0.85, at, size) if size else None


def _turned(words: list[str]) -> Answer | None:
    """ "Yes, I mean no": what is said last. None unless a yes or no is taken back for another."""
    first = _answer(words[:_TURN_REACH]) if words else None
    if first is None or len(words) > _LONG:
        return None
    for at in range(first[2] + 1, len(words)):
        size = longest_at(words, at, said.TURNED)
        later = words[at + size :] if size else []
        if later and (longest_at(later, 0, said.STRONG_NO) or _agreement(later, 0)):
            return _turned_to(words, at + size, first)
    return None


def _turned_to(words: list[str], at: int, first: Answer) -> Answer | None:
    last = _answer(words[at:])
    if last is None or last[0] is first[0]:
        return None
    return last[0], min(last[1], 0.75), at + last[2], last[3]


def _answer(words: list[str], *, is_proposal: bool = False) -> Answer | None:
    """(value, certainty, first word, number of words)."""
    start = _start(words)
    undecided = holds_any(words, said.UNDECIDED)
    if (
        start == len(words)
        or longest_at(words, start, said.NOT_AN_ANSWER)
        or longest_at(words, start, said.UNDECIDED)
    ):
        return None
    doubt = 0.45 if undecided else 0.0
    if size := longest_at(words, start, said.YES_DESPITE_NO):
        return True, 0.75 - doubt, start, size
    if size := longest_at(words, start, said.NO_FIRST):
        return False, (0.6 if words[start] in ("yes", "yeah") else 0.95) - doubt, start, size
    if is_proposal and (size := declined(words, start)):
        return False, 0.85 - doubt, start, size
    size = _agreement(words, start, is_proposal=is_proposal)
    return None if undecided and not size else _later_no_or_yes(words, start, size, doubt)


def _agreement(words: list[str], at: int, *, is_proposal: bool = False) -> int:
    """Number of words of a yes that begins at a place, 0 for none."""
    return max(longest_at(words, at, said.YES_FIRST), agreed(words, at, to_proposal=is_proposal))


def _later_no_or_yes(words: list[str], start: int, agreement: int, doubt: float) -> Answer | None:
    if len(words) <= _LONG:
        for phrase in said.NO_ANYWHERE:
            at = find_phrase(words, phrase)
            if at is not None:
                return False, 0.85 - doubt, at, len(phrase)
    if agreement:
        return _yes_or_more(words, start, agreement, doubt)
    size = longest_at(words, start, said.YES_ALONE)
    if size and set(words[start + size :]) <= said.TAILS:
        return True, 0.8, start, size
    return _last_word(words)


def _yes_or_more(words: list[str], start: int, size: int, doubt: float) -> Answer:
    """A yes, as what follows leaves it: "okay no", "yes it isn't", "sure no problem"."""
    rest = start + size
    is_weak = longest_at(words, start, said.WEAK) > 0 or words[start] in _LISTENING
    if longest_at(words, rest, said.YES_DESPITE_NO):
        return True, 0.9 - doubt, start, size
    if later := longest_at(words, rest, said.STRONG_NO):
        return False, (0.8 if is_weak else 0.6) - doubt, rest, later
    if longest_at(words, rest, said.BUT_NOT) or _is_limited(words, rest, is_weak=is_weak):
        return True, 0.4 - doubt, start, size
    return True, _yes_certainty(words, start, size) - doubt, start, size


def _is_limited(words: list[str], at: int, *, is_weak: bool) -> bool:
    """ "Okay but can we do Thursday", "yes but not on Friday"."""
    return starts_with(words, at, ("but",)) and (is_weak or starts_with(words, at + 1, ("not",)))


def _yes_certainty(words: list[str], start: int, size: int) -> float:
    """Weak yeses are weaker still when more follows: "okay what about Thursday"."""
    if not longest_at(words, start, said.WEAK):
        return 0.95
    return 0.75 if len(words) - start - size <= 2 else 0.5


def _last_word(words: list[str]) -> Answer | None:
    """ "I said yes", "the answer is no": a short answer may end with it."""
    if len(words) > 6 or words[-1] not in ("yes", "no", "correct", "yeah", "nope"):
        return None
    return words[-1] not in ("no", "nope"), 0.8, len(words) - 1, 1


def _start(words: list[str]) -> int:
    """Past openers, but "uh huh" and "um hum" are answers."""
    start = 0
    while start < len(words) and words[start] in said.OPENERS:
        if longest_at(words, start, said.YES_FIRST) or longest_at(words, start, said.NO_FIRST):
            break
        start += 1
    return start
