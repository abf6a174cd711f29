"""What a sentence says of medicines: named, spelled, told by their use; taken beside; to be changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dialog.flows.refill_list import (
    MOST,
    Mention,
    begin,
    has_current,
    next_up,
    put_waiting,
    put_wanted,
    waiting,
    wanted,
)
from dialog.reading import says, value, values
from dialog.speech import quoted
from dialog.spelled_drugs import UNSURE_SPELLING, nearest_name
from dialog.turn import Turn
from models.domain import Entity, JsonScalar, Understanding
from words.dosing import days_left, tells_of_taking
from words.medicine_uses import Described, described, serves
from words.strengths import first_strength

_SHORTEST_NAME = 4  # letters of a spelled name
_ALSO = re.compile(r"\b(and|also|too|as well|plus|another|add|both)\b")
_NOT_ASKED = ("refill.problem", "refill.problem_words", "refill.early")  # answers that may name a medicine
_TAKEN_OFF = re.compile(
    r"\b(not|without|drop|remove|skip|except|take (?:off|out)|leave (?:off|out)|forget|don't need)\b"
)
# "I also take ibuprofen": told, not asked for.
_BESIDE = re.compile(
    r"\b(?:i|i'm|i am|he|she)\b(?: \w+)? (?:also |now |sometimes )?(?:take|taking|takes|on|use|using)\b.*"
    r"\b(?:also|too|besides?|as well|over[- ]the[- ]counter)\b"
    r"|\b(?:also|besides) (?:take|taking|takes|on|use|using)\b|\bover[- ]the[- ]counter\b"
)
_REFILL = re.compile(
    r"\b(?:refill(?:ed|s)?|renew(?:al|ed)?|(?:getting|running|going) low on|almost out of)\b"
)
# What may stand beside a name and wishes for nothing else.
_NOTHING_ELSE = re.compile(
    r"\W*(?:(?:the|my|some|more|please|same|as|always|again|usual|old|pills?|tablets?|hi|hello|yes|um|uh|and"
    r"|for|me|just|it's|i|need|want|get|mine)\b\W*)*"
)
PASS_ON = "I'll pass on what else you take."
_ASKS = re.compile(r"\b(?:refill(?:ed|s)?|renew(?:al|ed)?|need|order|prescriptions?|out of|running low)\b")
# Stop, raise, switch: a change of treatment is no refill.
_CHANGE = re.compile(
    r"\b(?:stop|stopped|stopping|quit|quitting|come off|get off|go off|wean off) (?:taking |using )?"
    r"(?:my|the|this|that|it|them)\b"
    r"|\b(?:raise|increase|lower|decrease|reduce|change|adjust|double|up) (?:my |the |that |this |its )?"
    r"(?:\w+ )?(?:dose|dosage|strength)\b"
    r"|\b(?:higher|lower|stronger|bigger|smaller|different|other) "
    r"(?:dose|dosage|strength|medicine|medication)\b"
    r"|\b(?:switch|change)(?: me| it| that| this| them| my \w+| the \w+)?(?: over)? (?:to|from|for)\b"
)
_PHARMACY = re.compile(r"\b(?:pharmacy|pharmacies|drug ?store)\b")
_EARLY = re.compile(
    r"\b(?:travel(?:l?ing)?|trips?|vacation|holiday|going away|going to be away|out of (?:town|the country)"
    r"|lost|stolen|stole|spilled|flushed|threw (?:them|it) (?:out|away)|dog ate"
    r"|dose (?:was |is |has been )?(?:raised|increased|doubled|changed)|dose went up)\b"
)


def absorb(turn: Turn, heard: Understanding) -> Turn:
    """Keep what any sentence says of medicines; a later one corrects or joins an earlier one."""
    turn = _facts(turn, heard)
    mentions = _mentions(turn, heard)
    if mentions and _is_beside(heard):
        return turn.put(beside=quoted(heard.text, 80))
    if turn.state.asking in _NOT_ASKED and not says(heard, _ALSO):
        return turn
    if mentions:
        turn = _taken(turn, heard, mentions)
    elif has_current(turn) and tells_of_taking(heard.text):
        turn = turn.put(taking=quoted(heard.text, 80), strength=value(heard, "strength") or None)
    elif not has_current(turn):
        turn = _strength_alone(turn, heard)
    return _without_refused(turn, heard)


def _strength_alone(turn: Turn, heard: Understanding) -> Turn:
    """The name was not heard, its strength was: it is kept for the medicine that is named next, or a changed
    dose would be filled as it stands on the chart.
    """
    strength = value(heard, "strength")
    if not strength:
        return turn
    return turn.put(strength_before=strength, taking_before=quoted(heard.text, 80), again=True)


def _facts(turn: Turn, heard: Understanding) -> Turn:
    facts: dict[str, JsonScalar] = {}
    if (days := days_left(heard.text)) is not None:
        facts["days_left"] = days
    if _wants_change(turn, heard):
        facts["change"] = quoted(heard.text)
    if says(heard, _EARLY):
        facts["early"] = quoted(heard.text)
    return turn.put(**facts)


def _wants_change(turn: Turn, heard: Understanding) -> bool:
    """Of the treatment; "change it to Main Street" and "switch my pharmacy" are of the request."""
    of_request = turn.state.asking in ("refill.change", "refill.confirm", "refill.pharmacy")
    return says(heard, _CHANGE) and not (of_request or says(heard, _PHARMACY) or "pharmacy" in heard.entities)


def told_beside(heard: Understanding) -> bool:
    """ "I also take ibuprofen": kept for the screen of pairs, and no answer to what was asked."""
    return _is_beside(heard) and bool([*_named(heard), *_told_by_use(heard)])


def asks_for_refill(heard: Understanding) -> bool:
    """ "A refill of ..." with a medicine in the sentence, whatever wish the words sound like."""
    return says(heard, _REFILL) and bool([*_named(heard), *_told_by_use(heard)])


def names_medicine_alone(heard: Understanding) -> bool:
    """ "The metformin, same as always": at an open question more of it is wanted."""
    named = list(_named(heard))
    if not named or not all(_NOTHING_ELSE.fullmatch(part) for part in _around(heard.text, named)):
        return False
    return "symptom" not in heard.entities


def _around(text: str, named: Sequence[_Placed]) -> Iterator[str]:
    """What is said before, between and after the names, in lower case."""
    at = 0
    for one in sorted(named, key=lambda placed: placed.start):
        yield text[at : one.start].lower()
        at = max(at, one.end)
    yield text[at:].lower()


def _is_beside(heard: Understanding) -> bool:
    return says(heard, _BESIDE) and not says(heard, _ASKS)


# --------------------------------------------------------------------------- mentions


@dataclass(frozen=True, slots=True)
class _Placed:
    mention: Mention
    start: int
    end: int


def _mentions(turn: Turn, heard: Understanding) -> tuple[Mention, ...]:
    """Every medicine of a sentence, in order, each with what is said of how it is taken."""
    placed = sorted((*_named(heard), *_told_by_use(heard)), key=lambda one: one.start)
    if not placed:
        return _spelled(turn, heard)
    if len(placed) == 1:
        return (_with_taking(placed[0].mention, heard.text, value(heard, "strength")),)
    ends = (*(one.start for one in placed[1:]), len(heard.text))
    starts = (0, *(one.start for one in placed[1:]))
    parts = (heard.text[start:end] for start, end in zip(starts, ends, strict=True))
    return tuple(
        _with_taking(one.mention, part, first_strength(part)) for one, part in zip(placed, parts, strict=True)
    )


def _with_taking(mention: Mention, text: str, strength: str) -> Mention:
    taking = quoted(text.strip(" ,.;"), 80) if tells_of_taking(text) else ""
    return replace(mention, taking=taking, strength=strength)


def _entities(heard: Understanding) -> Iterator[Entity]:
    entities: Mapping[str, Entity] = heard.entities
    if "drug" in entities:
        yield entities["drug"]
    number = 2
    while f"drug_{number}" in entities:
        yield entities[f"drug_{number}"]
        number += 1


def _named(heard: Understanding) -> Iterator[_Placed]:
    """Those that the readers heard. Words for a use ("water pill") stay that, whichever drug they suggest."""
    for entity in _entities(heard):
        words = heard.text[slice(*entity.span)].strip()
        if not described(words):
            names = values(entity)
            yield _Placed(Mention(names, words or names[0], entity.certainty), *entity.span)


def _told_by_use(heard: Understanding) -> Iterator[_Placed]:
    """ "My omeprazole, the stomach capsules" names one and tells of it."""
    named = [one for one in _named(heard) if one.end > one.start]
    for found in described(heard.text):
        if not any(_is_same(one, found, heard.text) for one in named):
            words = heard.text[found.start : found.end]
            yield _Placed(Mention((), words, use=found.use.name), found.start, found.end)


def _is_same(one: _Placed, found: Described, text: str) -> bool:
    """Whether a use is told of the medicine that was named: in its words, or beside it and not "and"."""
    if one.start < found.end and found.start < one.end:
        return True
    first, second = sorted(((one.start, one.end), (found.start, found.end)))
    apart = _ALSO.search(text[first[1] : second[0]].lower())
    return not apart and any(serves(name, found.use) for name in one.mention.names)


def _spelled(turn: Turn, heard: Understanding) -> tuple[Mention, ...]:
    """A name given letter by letter, where the name was asked for."""
    letters = heard.entities.get("letters")
    asked = turn.state.asking in ("refill.drug", "refill.label")
    if letters is None or not asked or len(str(letters.value)) < _SHORTEST_NAME:
        return ()
    said = str(letters.value).lower()
    name = nearest_name(said)
    if name == said or not name:
        return (Mention((said,), said, letters.certainty),)
    return (Mention((name,), name, UNSURE_SPELLING),)


# --------------------------------------------------------------------------- into the list


def _taken(turn: Turn, heard: Understanding, mentions: tuple[Mention, ...]) -> Turn:
    """The first becomes, or corrects, the one being settled; others, and what is added, wait."""
    joins = says(heard, _ALSO)
    mentions = tuple(m for m in mentions if not _is_known(turn, m)) if not has_current(turn) else mentions
    if not mentions:  # only the one that is settled, once more: there was no other
        return next_up(turn) if turn.has("again") and wanted(turn) else turn
    if has_current(turn) and not joins:
        return _corrected(turn, mentions)
    if has_current(turn):
        new = tuple(m for m in mentions if not (m.names and m.names[0] == turn.slot("drug")))
        return _queued(turn, new)
    if wanted(turn) and not turn.has("again"):
        turn = turn if joins or len(wanted(turn)) > 1 else put_wanted(turn, ())
        turn = turn.put(changed=True)
    return _queued(begin(turn, mentions[0]), mentions[1:])


def _corrected(turn: Turn, mentions: tuple[Mention, ...]) -> Turn:
    first = mentions[0]
    if first.names and turn.slot("drug") == first.names[0]:  # heard twice: no mishearing
        turn = turn if turn.has("unlikely") or turn.has("alike") else turn.put(drug_sure=True)
        turn = turn.put(**_said_of(first))
    elif not (first.use and first.use == turn.slot("use")):
        turn = begin(turn, first).put(changed=True)
    return _queued(turn, mentions[1:])


def _said_of(mention: Mention) -> dict[str, JsonScalar]:
    kept = {"taking": mention.taking, "strength": mention.strength}
    return {name: text for name, text in kept.items() if text}


def _queued(turn: Turn, mentions: tuple[Mention, ...]) -> Turn:
    known = {(m.names[:1], m.use) for m in waiting(turn)}
    new = tuple(m for m in mentions if (m.names[:1], m.use) not in known)
    turn = put_waiting(turn, (*waiting(turn), *new))
    count = len(wanted(turn)) + len(waiting(turn)) + has_current(turn)
    return turn.put(too_many=True) if count > MOST else turn


def _is_known(turn: Turn, mention: Mention) -> bool:
    """Named again after it was settled."""
    said = {item.said.lower() for item in wanted(turn)}
    return bool({mention.said.lower(), *mention.names} & said)


def _without_refused(turn: Turn, heard: Understanding) -> Turn:
    """ "Not the metformin", "take off the metformin": no longer asked for."""
    text = heard.text.lower()
    refused = [
        item
        for item in wanted(turn)
        if re.search(rf"{_TAKEN_OFF.pattern}(?: \w+)?(?: \w+)? {re.escape(item.said.lower())}\b", text)
    ]
    if not refused:
        return turn
    kept = [item for item in wanted(turn) if item not in refused]
    return put_wanted(turn, kept).put(changed=True)
