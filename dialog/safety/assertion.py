"""What a mention of a danger sign means: is it there, when, in whom, and is it said as a fact?

After NegEx (https://doi.org/10.1006/jbin.2001.1029) and ConText (https://doi.org/10.1016/j.jbi.2009.05.002).
Presence is assumed and absence must be proved: without a cue a mention is present, now and actual.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dialog.safety import cues
from dialog.safety.negation import Polarity, polarity
from dialog.safety.reading import Mention, Reading
from dialog.safety.timing import When, when

_HEDGE_REACH = 4
_MEDICINE_REACH = 2
_HAPPENS_REACH = 6
_SUBJECT_REACH = 5
_NAME_WORDS = 3
_FICTION_REACH = 6


class Who(StrEnum):
    PATIENT = "patient"
    OTHER_PRESENT = "other person present"  # treated like the patient
    OTHER = "other"


class Mode(StrEnum):
    ACTUAL = "actual"
    HYPOTHETICAL = "hypothetical"
    QUESTION = "question"
    NAME = "name"  # part of a name only: "stroke clinic"


@dataclass(frozen=True, slots=True)
class Assertion:
    polarity: Polarity = Polarity.PRESENT
    when: When = When.NOW
    who: Who = Who.PATIENT
    mode: Mode = Mode.ACTUAL


def assertion(reading: Reading, mention: Mention, *, among_circumstances: bool = False) -> Assertion:
    """How one mention is asserted."""
    mode = _mode(reading, mention)
    found = polarity(reading, mention)
    if found is Polarity.PRESENT and _hedged(reading, mention):
        found = Polarity.UNCERTAIN
    time = when(reading, mention, among_circumstances=among_circumstances)
    if mention.condition and time is not When.PAST:
        time, found = _condition(reading, mention, found)
    return Assertion(found, time, _who(reading, mention, time), mode)


def _hedged(reading: Reading, mention: Mention) -> bool:
    return any(
        mention.first - span[1] <= _HEDGE_REACH and not reading.covered("not_hedge", span)
        for span in reading.before("hedge_before", mention)
    ) or any(
        span[0] - mention.after <= 1 and not reading.covered("not_hedge", span)
        for span in reading.after("hedge_after", mention)
    )


def _condition(reading: Reading, mention: Mention, found: Polarity) -> tuple[When, Polarity]:
    """A diagnosis by name counts when it is said to be happening; owned ("my stroke") it is history."""
    before = reading.said.words[max(0, mention.first - 2) : mention.first]
    if _said_now(reading, mention):
        return When.NOW, found
    if _within_days(reading, mention):
        return When.RECENT, found
    if {"since", "after", "from"}.intersection(before) or _has_had(reading, mention):
        return When.PAST, found
    if bool(reading.before("happening", mention)):
        return When.NOW, found
    if before[-1:] and before[-1] in cues.THE_ONE:
        return When.PAST, found
    return When.NOW, found if found is Polarity.ABSENT else Polarity.UNCERTAIN


def _within_days(reading: Reading, mention: Mention) -> bool:
    """ "We think he had a stroke this morning"."""
    return bool(reading.beside("recent", mention))


def _has_had(reading: Reading, mention: Mention) -> bool:
    """ "I've had two heart attacks and a stroke": so many, and none of them now."""
    words = reading.said.words[reading.clause_at(mention.first).first : mention.first]
    return "had" in words and not {
        "think",
        "thinks",
        "might",
        "may",
        "just",
        "could",
        "must",
        "probably",
        "sure",
    }.intersection(words)


def _said_now(reading: Reading, mention: Mention) -> bool:
    now = {"now", "today", "tonight", "again", "currently"}
    return any(now.intersection(reading.said.words[a:b]) for a, b in reading.beside("now", mention))


def _who(reading: Reading, mention: Mention, time: When) -> Who:
    words = reading.said.words[reading.clause_at(mention.first).first : mention.after]
    if not cues.OTHERS.intersection(words):
        return Who.PATIENT
    return Who.OTHER if time is When.PAST else Who.OTHER_PRESENT


def _mode(reading: Reading, mention: Mention) -> Mode:
    words = reading.said.words
    following = words[mention.after] if mention.after < len(words) else ""
    named = mention.after - mention.first <= _NAME_WORDS
    if named and following in cues.NEUTRAL_AFTER and reading.said.marks[mention.after] in ("", ","):
        return Mode.NAME
    told = any(0 <= mention.first - b <= _FICTION_REACH for _, b in reading.cues("fiction"))
    if told or _of_no_person(reading, mention):
        return Mode.NAME
    if following in cues.DOUBT_AFTER:
        return Mode.QUESTION
    if _is_so(reading, mention):
        return Mode.ACTUAL
    if reading.later("not_yet", mention) and (reading.cues("hypothetical") or reading.cues("question")):
        return Mode.HYPOTHETICAL
    if any(_imagines(reading, cue) for cue in reading.before("hypothetical", mention)):
        return Mode.HYPOTHETICAL
    return Mode.QUESTION if _asked(reading, mention) else Mode.ACTUAL


def _of_no_person(reading: Reading, mention: Mention) -> bool:
    """ "Our dog has seizures", "the fax had a seizure", "an unresponsive website"."""
    words, first = reading.said.words, reading.clause_at(mention.first).first
    before = words[max(first, mention.first - _SUBJECT_REACH) : mention.first]
    if (cues.PERSONS - cues.THE_ONE).intersection(before):
        return False
    return bool(cues.NO_PERSONS.intersection(before)) or (
        mention.after < len(words)
        and words[mention.after] in cues.NO_PERSONS
        and mention.after - mention.first == 1
    )


def _is_so(reading: Reading, mention: Mention) -> bool:
    """However it is asked, the caller says that it is there: now, this morning, "because it's happening"."""
    if _said_now(reading, mention) or reading.later("so_it_is", mention):
        return True
    words = reading.said.words
    recent = any(words[a] not in ("on", "over") for a, _ in reading.beside("recent", mention))
    return recent or any(a <= mention.first <= b + _HAPPENS_REACH for a, b in reading.cues("happens_if"))


def _imagines(reading: Reading, cue: tuple[int, int]) -> bool:
    """ "if I get"; not "if I can get an appointment", but "if I can't breathe"."""
    words = reading.said.words
    requests = [(a, b) for a, b in reading.cues("not_hypothetical") if a < cue[1] and cue[0] < b]
    return all(words[b : b + 1] == ("not",) for _, b in requests)


def _asked(reading: Reading, mention: Mention) -> bool:
    """ "Does it cause chest pain?", "the signs of a stroke"; not "what causes my chest pain"."""
    words = reading.said.words
    clause = reading.clause_at(mention.first)
    before = words[clause.first : mention.first]
    definite = bool(before) and before[-1] in cues.THE_ONE
    if not definite and bool(reading.before("question", mention)):
        return not _has_signs(before)
    if not definite and any(
        mention.first - span[1] <= _MEDICINE_REACH for span in reading.before("medicine_for", mention)
    ):
        return True
    begins = not clause.first or reading.said.marks[clause.first] in (".", "?")
    return begins and _opens_question(before) and not cues.PERSONS.intersection(before)


def _opens_question(before: tuple[str, ...]) -> bool:
    """ "Is chest pain ..."; "can't" opens no question."""
    return before[:1] != () and before[0] in cues.QUESTION_OPENERS and before[1:2] != ("not",)


def _has_signs(before: tuple[str, ...]) -> bool:
    """ "He has the signs of a stroke" is a statement."""
    says = {"having", "have", "has", "showing", "got", "with", "shows", "getting"}
    names = {"signs", "symptoms", "sign", "symptom"}
    return bool(says.intersection(before) and names.intersection(before))
