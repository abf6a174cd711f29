"""Whether a mention is denied. A denial must be proved; one that is not clear makes the mention uncertain."""

from __future__ import annotations

from enum import StrEnum

from dialog.safety import cues
from dialog.safety.reading import Mention, Reading, Span
from dialog.safety.vocabulary import NUMERALS


class Polarity(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"
    UNCERTAIN = "uncertain"


def polarity(reading: Reading, mention: Mention) -> Polarity:
    """Present unless a negation reaches the mention."""
    if _doubly_negated(reading, mention):
        return Polarity.UNCERTAIN
    found = [_reach(reading, mention, cue) for cue in _negations(reading, mention)]
    if Polarity.ABSENT in found or _denied_after(reading, mention):
        return Polarity.ABSENT
    return Polarity.UNCERTAIN if Polarity.UNCERTAIN in found else Polarity.PRESENT


def _doubly_negated(reading: Reading, mention: Mention) -> bool:
    return bool(reading.before("double", mention)) or any(
        a < mention.after and mention.first < b for a, b in reading.cues("double")
    )


def _negations(reading: Reading, mention: Mention) -> list[Span]:
    """Cues before the mention that do negate: no pseudo-negation, no "can't", no answering "No, ..."."""
    return [
        cue
        for cue in reading.before("negation", mention)
        if mention.first - cue[1] <= cues.LIST_REACH
        and _negator(reading, cue) < mention.first
        and _negates(reading, cue, mention)
    ]


def _negator(reading: Reading, cue: Span) -> int:
    """The place of the "not" itself: one that belongs to the sign ("is not responding") denies nothing."""
    words = reading.said.words
    return next((i for i in range(*cue) if words[i] == "not"), cue[0])


def _negates(reading: Reading, cue: Span, mention: Mention) -> bool:
    first, after = cue
    words = reading.said.words
    if any(a <= _negator(reading, cue) < b for a, b in reading.cues("pseudo")):
        return False
    starts_with_not = words[first] == "not"
    if starts_with_not and first and words[first - 1] in cues.NOT_NEGATING_BEFORE:
        does = words[first - 1] in ("do", "does", "did")
        return does and (after - first > 1 or mention.first == after)
    if words[first] == "no" and _corrects(words, first):
        return False
    if words[first] == "no" and after < len(words):
        return words[after] not in cues.SUBJECT_PRONOUNS or words[after : after + 2] in cues.SPANISH_PERFECT
    return True


def _corrects(words: tuple[str, ...], index: int) -> bool:
    """ "Eight, no, nine weeks": the caller corrects a number."""
    return index > 0 and words[index - 1] in NUMERALS and index + 1 < len(words)


def _reach(reading: Reading, mention: Mention, cue: Span) -> Polarity:
    """What one negation does to a mention, by what stands between them."""
    words, marks = reading.said.words, reading.said.marks
    between = words[cue[1] : mention.first]
    comma_first = marks[cue[1]] == "," if cue[1] < len(marks) else False
    if comma_first and words[cue[0]] == "no":
        return Polarity.UNCERTAIN  # "no, chest pain": an answer to something, or a denial?
    listed = any(word in cues.LIST_WORDS for word in between) or any(
        marks[i] == "," for i in range(cue[1], mention.first + 1)
    )
    limit = cues.LIST_REACH if listed else cues.REACH
    if words[cue[0] : cue[1]] == ("not",):
        limit = cues.BARE_NOT_REACH
    if len(between) > limit:
        return Polarity.PRESENT
    if any(word in cues.BREAKS_NEGATION for word in between):
        return Polarity.UNCERTAIN
    return Polarity.ABSENT


def _denied_after(reading: Reading, mention: Mention) -> bool:
    """ "Chest pain? No." and "my chest is fine"."""
    words, marks = reading.said.words, reading.said.marks
    end = mention.after
    if end < len(words) and words[end] in cues.DENIED_AFTER:
        return end + 1 == len(words) or marks[end + 1] != ""
    return any(span[0] == end for span in reading.after("fine", mention))
