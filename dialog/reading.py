"""What an understanding says, in the dialog's terms. An answer that could be either is no answer."""

from __future__ import annotations

import re
from datetime import date

from dialog.dictated import person_within
from models.domain import SURE, Entity, Hint, Intent, Transcript, Understanding
from words.numbers import parse_digits
from words.tokens import words

_PERSON = re.compile(r"\b(representative|operator)\b")
# "I need my operator refilled": a misheard medicine. "My representative" alone is the word that we ask for.
_AS_MEDICINE = re.compile(
    r"\bmy (operator|representative) (refill|renew)"
    r"|\b(refills?|renewal) (of|for|on) my (operator|representative)\b"
)
_GET_ME = re.compile(
    r"\b((get|give) me|let me (talk|speak) (to|with)|(want|need|like)( to (talk|speak) (to|with))?) "
    r"(a |an )?((real|live|actual|human) )*(person|human( being)?)\b"
)
_SHORT = 4  # words
_A_PERSON = re.compile(r"(?<!in )\b(person|human)\b")
_PLEASE = re.compile(r"^(a |the |i'm |now )?(pardon|parson|prison|persons) please$")  # a person, misheard
_SPEAKS_TO = re.compile(r"\b(speak|talk|spell|speech|like|want|need)\b.*\b(to|with|told|they|due|day)\b")
_SPEAKS_TO_SOME = re.compile(
    r"\b(like|want|need) .*\b(speak|talk) (to|with) (an?|some) "
    r"(?!doctor|nurse|provider|pharmacist|specialist)\w+( please)?$"
)
_MAY_ASK = re.compile(
    r"\b(person|human|some ?(one|body)|any ?(one|body)|agent|representative|operator|receptionist|desk|staff"
    r"|nurse|doctor|people|live|real|assistant|secretary|manager|supervisor|transfer|connect|talk|speak|robot"
    r"|machine|computer|help|zero|service|put|through|get|give|let|call|bot|ai|recording)\b"
)
_NO_THANKS = re.compile(r"(no|nope|nah)( thank\w*)?( \w+)? (you|your|thank\w*)$")
_SOMEBODY = re.compile(r"\b(person|human|someone|somebody|receptionist|front desk|real people|staff)\b")
# "If somebody cancels can you call me": to be called about an opening, and no person now.
_CALL_ME_IF = re.compile(
    r"^(?!.*\b(speak|talk|person|human|receptionist|front desk|staff)\b).*\b(call|ring|text|phone) me\b"
)
# Wishes that an answer in free words may turn out to be, and how they are then put.
_OTHER_WISHES = frozenset(
    {Intent.REFILL_REQUEST, Intent.REFILL_STATUS, Intent.OFFICE_INFO, Intent.RECORDS_REQUEST}
    | {Intent.BILLING_QUESTION, Intent.SCHEDULE_LOOKUP, Intent.SCHEDULE_CANCEL, Intent.MESSAGE_FOR_PROVIDER}
)
_PUT_AS_WISH = re.compile(
    r"^((no|and|so|oh|um|uh|well|actually|also|wait|first|hi|hello|please|but|before that)[ ,]+)*"
    r"(i (also |just |really )?(need|want|would like|have to|was hoping|wanted)|i'd (also )?like"
    r"|i'm (calling|out)|(can|could) (i|you|we)|may i|do you|are you|is there|what|when|where|how|cancel"
    r"|refill|please)\b"
)


_REFUSES = re.compile(r"^no\b")
_OF_WHOM = frozenset({"relation", "other_person"})  # who is meant, and no value


def asks_other(heard: Understanding) -> bool:
    """Whether what might be a reason in free words is a clear wish of another kind."""
    if says(heard, _REFUSES):
        return not _OTHER_WISHES.isdisjoint(heard.intents) and says(heard, _PUT_AS_WISH)
    return heard.intent in _OTHER_WISHES and says(heard, _PUT_AS_WISH) and yes(heard) is None


def yes(heard: Understanding) -> bool | None:
    """True or False for a clear answer, None for anything else."""
    entity = heard.entities.get("yes_no")
    by_intent = {Intent.AFFIRM: True, Intent.DENY: False}.get(heard.intent) if heard.intent else None
    if entity is None:  # beside a value, a yes or no that nobody read in the words is a guess
        return None if heard.entities.keys() - _OF_WHOM else by_intent
    if entity.certainty < SURE or (by_intent is not None and by_intent is not entity.value):
        return None
    return bool(entity.value)


def explicit_yes(heard: Understanding) -> bool | None:
    """The same before something is done: a yes that only the network heard ("whatever") is none."""
    answer = yes(heard)
    return None if answer and "yes_no" not in heard.entities else answer


def declines_politely(heard: Understanding) -> bool:
    """ "No thank you", also where the middle of it was misheard: "no hang you"."""
    return bool(_NO_THANKS.match(heard.text.lower().strip(" .!")))


def says_person(heard: Understanding) -> bool:
    """A person is asked for by name, whatever the classifier thinks."""
    return names_person(heard.text.lower())


def names_person(text: str) -> bool:
    return bool(_PERSON.search(text) or _SOMEBODY.search(text))


def wants_person(heard: Understanding) -> bool:
    if says(heard, _CALL_ME_IF) and value(heard, "mode") == "waitlist":
        return says(heard, _PERSON)
    if person_within(heard.text) or says(heard, _AS_MEDICINE):
        return False
    asked = heard.intent is Intent.HUMAN_AGENT or Intent.HUMAN_AGENT in heard.intents
    asked = asked and not _is_scrap(heard.text.lower())
    return (
        asked
        or says(heard, _PERSON)
        or says(heard, _GET_ME)
        or (_names_one_shortly(heard.text.lower()) or _asks_in_second_hearing(heard.transcript))
    )


def _asks_in_second_hearing(transcript: Transcript) -> bool:
    """ "Uh third june three oh", where free speech heard "a person please"."""
    unsure = 0 < transcript.confidence < SURE
    return unsure and any(_names_one_shortly(text.lower()) for text in transcript.alternatives[:1])


def _is_scrap(text: str) -> bool:
    """ "Who's please": a few misheard words that name nobody and ask for nothing."""
    return word_count(text) <= _SHORT and not _MAY_ASK.search(text)


def _names_one_shortly(text: str) -> bool:
    """ "Now person please", "I'd like they spell to a person"."""
    short = word_count(text) <= _SHORT or _SPEAKS_TO.search(text)
    return bool(_PLEASE.match(text) or (short and _A_PERSON.search(text))) or bool(
        _SPEAKS_TO_SOME.search(text)
    )


def value(heard: Understanding, name: str) -> str:
    """An entity's value as text, "" when it was not said."""
    entity = heard.entities.get(name)
    return "" if entity is None else str(entity.value)


def sure_value(heard: Understanding, name: str) -> str:
    """The same, "" also where the hearing was too doubtful to act on: it is asked for again, or keyed in."""
    entity = heard.entities.get(name)
    return str(entity.value) if entity and entity.certainty >= SURE else ""


def values(entity: Entity) -> tuple[str, ...]:
    """The value and its rivals, best first."""
    return (str(entity.value), *(str(other) for other in entity.alternatives))


def words_at(heard: Understanding, name: str) -> str:
    """The caller's own words for an entity, "" where keys or context gave it."""
    entity = heard.entities.get(name)
    return heard.text[slice(*entity.span)].strip() if entity else ""


def day(text: str) -> date | None:
    """An ISO date, None when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def says(heard: Understanding, pattern: re.Pattern[str]) -> bool:
    return bool(pattern.search(heard.text.lower()))


def digits_said(text: str) -> str:
    """All digits of a sentence in a row, in any grouping."""
    said = words(text)
    found, at = "", 0
    while at < len(said):
        run = parse_digits(said, at)
        found, at = (found + run[0], run[1]) if run else (found, at + 1)
    return found


def hints_at(heard: Understanding, *any_of: Hint) -> bool:
    """Whether the words hold one of these hints on visits and openings."""
    return any(hint in heard.hints for hint in any_of)


def word_count(text: str) -> int:
    return len(text.split())


def texts(transcript: Transcript) -> tuple[str, ...]:
    """Everything the recogniser may have heard, best first."""
    return tuple(text for text in (transcript.text, *transcript.alternatives) if text.strip())
