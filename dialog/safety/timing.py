"""When a mentioned danger sign was: now, within 72 hours and over, or long ago."""

from __future__ import annotations

from enum import StrEnum

from dialog.safety import cues_of_time
from dialog.safety.reading import Mention, Reading

_NEAR = 3  # words between "I had" and the sign
_MONTHS = frozenset("day days week weeks month months".split())
_OPENING = 3  # the first words of a turn


class When(StrEnum):
    NOW = "now"
    RECENT = "recent"  # within 72 hours, and over or not said to go on
    PAST = "past"


def when(reading: Reading, mention: Mention, *, among_circumstances: bool = False) -> When:
    """Now, unless the caller places it in the past.

    ``among_circumstances``: the sign has a circumstance such as surgery, which may own the past
    expression ("knee replacement last week, calf swollen").
    """
    if _goes_on(reading, mention):
        return When.NOW
    if _history_of(reading, mention) or bool(reading.beside("lifelong", mention)):
        return When.PAST
    if among_circumstances and _ages_ago(reading, mention):
        return When.PAST
    if not among_circumstances and (ago := reading.beside("long_ago", mention)):
        goes_on = bool(reading.beside("going_on", mention)) and all(
            _within_months(reading, span) for span in ago
        )
        return When.NOW if goes_on or _present_tense(reading, mention) else When.PAST
    if _told_of_the_past(reading, mention):
        return When.PAST
    if bool(reading.beside("going_on", mention)):
        return When.NOW
    if _ended(reading, mention):
        return When.RECENT
    if _present_tense(reading, mention):
        return When.NOW
    if bool(reading.beside("recent", mention)):
        return When.RECENT
    return _by_tense(reading, mention)


def _history_of(reading: Reading, mention: Mention) -> bool:
    """ "A history of seizures", "used to get chest pain"."""
    within = [span for span in reading.cues("history_of") if mention.first <= span[0] < mention.after - 1]
    return bool(within) or any(
        mention.first - b <= cues_of_time.HISTORY_REACH for _, b in reading.before("history_of", mention)
    )


def _goes_on(reading: Reading, mention: Mention) -> bool:
    now = any(not reading.covered("not_now", span) for span in reading.beside("now", mention))
    return now or _it_goes_on(reading, mention)


def _it_goes_on(reading: Reading, mention: Mention) -> bool:
    """ "The pain came on last month and it keeps coming back"."""
    clause = reading.clause_at(mention.after - 1)
    words = reading.said.words
    if clause.after == len(words) or words[clause.after] not in ("it", "this"):
        return False
    following = reading.clause_at(clause.after)
    spans = [*reading.cues("now"), *reading.cues("going_on")]
    return any(first in following and not reading.covered("ended", (first, after)) for first, after in spans)


def _ages_ago(reading: Reading, mention: Mention) -> bool:
    """ "Her wound opened after the c-section years ago"."""
    return bool(reading.beside("ages_ago", mention)) and not _present_tense(reading, mention)


def _told_of_the_past(reading: Reading, mention: Mention) -> bool:
    """A past that another clause gives: "as a child I ... and turned blue", "..., that was years ago"."""
    first = reading.clause_at(mention.first).first
    told = cues_of_time.TOLD_PAST.intersection(reading.said.words[first : mention.after])
    if not told or _present_tense(reading, mention) or bool(reading.beside("recent", mention)):
        return False
    if reading.later("closed", mention) or bool(reading.cues("deceased")):
        return True
    return _after_an_opening(reading, mention, first)


def _after_an_opening(reading: Reading, mention: Mention, first: int) -> bool:
    """The turn begins long ago, or what was long ago goes on with a "because"."""
    words = reading.said.words
    opened = any(
        span[0] < _OPENING and span[1] <= mention.first and not _within_months(reading, span)
        for span in reading.cues("long_ago")
    )
    if opened and words[first] not in ("but", "now"):
        return True
    before = reading.clause_at(first - 1) if first and words[first - 1] in ("because", "when") else None
    return before is not None and any(a in before for a, _ in reading.cues("long_ago"))


def _within_months(reading: Reading, span: tuple[int, int]) -> bool:
    """ "Two weeks ago" is past, but what started then goes on."""
    return bool(_MONTHS.intersection(reading.said.words[span[0] : span[1]]))


def _by_tense(reading: Reading, mention: Mention) -> When:
    """ "I had chest pain": over, or so it sounds; a diagnosis by name is long over."""
    if not _past_tense(reading, mention):
        return When.NOW
    return When.PAST if mention.condition else When.RECENT


def _ended(reading: Reading, mention: Mention) -> bool:
    """It went away, said in the same clause or in the next one ("..., it went away")."""
    clause = reading.clause_at(mention.after - 1)
    limit = clause.after
    words = reading.said.words
    if limit < len(words) and words[limit] in ("it", "that", "this", "but", "they", "then", "now"):
        limit = reading.clause_at(limit).after
    return any(
        a >= mention.after and b <= limit and not reading.covered("not_ended", (a, b))
        for a, b in reading.cues("ended")
    )


def _present_tense(reading: Reading, mention: Mention) -> bool:
    words = reading.said.words
    first = reading.clause_at(mention.first).first
    near = words[max(first, mention.first - 3) : mention.first]
    inside = words[mention.first : mention.after]
    if any(word in cues_of_time.PAST_VERBS for word in (*near, *inside)):
        return False
    if any(word in cues_of_time.PRESENT_IN_SIGN for word in inside):
        return not (mention.condition or _past_tense(reading, mention))
    return any(word in cues_of_time.PRESENT_VERBS for word in near)


def _past_tense(reading: Reading, mention: Mention) -> bool:
    """ "had ..." within a few words before, unless it is "have had" or "just had"."""
    words = reading.said.words
    first = reading.clause_at(mention.first).first
    for index in range(mention.first - 1, max(first, mention.first - 1 - _NEAR) - 1, -1):
        if words[index] in ("is", "are"):
            return False  # "where the needle was is gushing"
        if words[index] in cues_of_time.PAST_VERBS:
            before = words[index - 1] if index else ""
            return mention.condition or before not in ("have", "has", "just", "i've")
    return False
