"""What no sentence of the agent's may be: a claim of licence, advice, a diagnosis, comfort, hard to follow.

California Business and Professions Code 4999.9 (AB 489): no words that imply a licence. Federal Food, Drug
and Cosmetic Act 520(o)(1)(E): what patients hear is routed, never advised. One rule a line, read by people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from dialog import safety, speech, wording
from dialog.flows import questionnaire
from models.domain import PracticeFacts
from words import plain

HARDEST_GRADE = 6.0  # Flesch-Kincaid, of one sentence
_LICENSED = r"nurse|doctor|physician|clinician|pharmacist|therapist|medic|counsel(l)?or|medical assistant"
_AILMENT = r"infection|virus|flu|cold|allergy|reaction|condition|disease|heart attack|stroke|cancer|attack"


def _rule(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{pattern})\b" for pattern in patterns), re.IGNORECASE)


# "8 a.m. to 5 p.m." is no end, unless a new sentence follows
_SENTENCE = re.compile(
    r"(?:[^.?!]|(?<=\d)\.(?=\d)|(?<=\b[ap])\.(?=m\b)|(?<=\b[ap]\.m)\.(?!\s*$| [A-Z]))+[.?!]+"
)
RULES: Mapping[str, re.Pattern[str]] = {
    "claims a licence": _rule(
        rf"(i'm|i am|as|you're speaking (with|to)) (a|an|your|the) (\w+ )?({_LICENSED})",
        "licensed|certified|board certified|doctor-level|medical professional|medical expert",
        "my (patients?|practice|diagnosis|medical)",
    ),
    "gives advice": _rule(
        "you (should|shouldn't|ought to|need to|must|had better)",
        "i('d| would)? (recommend|suggest|advise)|my advice|medical advice",
        r"(take|try|use|skip|double|stop|start) (taking|your|an?|some|two|one|more|less|another) "
        r"(\w+ )?(pills?|tablets?|doses?|aspirin|tylenol|ibuprofen|medicines?|medications?|insulin|inhaler)",
        "(stop|start|keep) taking",
        "(drink|get) (plenty|some|more|lots)|rest (up|in bed)|keep an eye|see how you feel|wait and see",
        "go to (the |an? )?(er|emergency room|hospital|urgent care)",
    ),
    "names a diagnosis": _rule(
        r"(it|this|that|you)('s|'re| is| are)? (may|might|could|probably|likely|sounds?|looks?)\b"
        rf".*({_AILMENT})",
        rf"you (probably |may |might |could |must )?have (a|an|the|got) (\w+ )?({_AILMENT})",
        "diagnos(e|ed|is)|sign of|symptom of|caused by|probably|most likely|the chances are",
    ),
    "says that all is well": _rule(
        "you('re| are|'ll be| will be) (fine|ok|okay|all right|safe)",
        "(nothing|no need|no reason) to worry|don't worry|not (serious|dangerous|an emergency)|harmless",
        "(that|it|this)('s| is) (normal|nothing|common|fine|okay)|everything (is|will be)",
    ),
    "calls a request approved": _rule("approved|approve|authori[sz]ed|prescribed|guaranteed?|for sure"),
}
# Dates, times and numbers are as long as they are: they count as one word, "it".
_VALUE_WORDS = "|".join(
    (
        *(*speech.WEEKDAYS, *speech.MONTHS, *map(speech.ordinal, range(1, 20)), "twentieth", "thirtieth"),
        *(*map(speech.number, range(100)), "oh", "hundred", "thousand", "noon", r"[ap]\.?m"),
    )
)
_VALUES = re.compile(
    rf"\b(?:{_VALUE_WORDS}|\d[\d,.]*\d|\d)\b"
    rf"(?:[,\s-]*(?:\b(?:at|to|through|and)\b )?\b(?:{_VALUE_WORDS})\b)*",
    re.IGNORECASE,
)
# Said only by the outcome that did it.
_DONE = _rule(
    "(is|are|was|been|have|i've|we've) (now )?(booked|cancelled|sent|passed|moved|transferred|saved|deleted)",
    "passed it on|you're (booked|all set)",
)
# Reviewed: sentences that break a rule's letter, each with the reason why it stays as it is.
_OF_SIGNS = "a danger question names its signs, which have no shorter names (catalogue, section 5.3)"
REVIEWED: Mapping[str, str] = {
    wording.NOT_VERIFIED: "prescribed word for word where identity fails",
    "If someone collapses, has a seizure or can't breathe, call 911.": "poisoning: the rule for 911, in full",
    **{flag.question: _OF_SIGNS for flag in safety.CATALOGUE},
    **{safety.sentence(code): "prescribed word for word for its disposition" for code in safety.Code},
}


def sentences(text: str) -> list[str]:
    """A text's sentences; the points of "100.4" and "8 a.m." end none."""
    return [part.strip() for part in _SENTENCE.findall(text)] or [text]


def says_done(text: str) -> bool:
    """Whether it says that something was done: only an outcome may."""
    return bool(_DONE.search(text))


@lru_cache(maxsize=8)
def prescribed(practice: PracticeFacts) -> frozenset[str]:
    """What stands in the rules word for word: greeting, closing, danger, and the reviewed sentences; and the
    items of a published instrument, which is no longer that in other words.
    """
    texts = (*wording.greeting(practice), *wording.closing(practice), *safety.all_sentences(), *REVIEWED)
    scored = (
        text
        for one in practice.questionnaires
        for question in one.questions
        if any(option.score is not None for option in question.options)
        for text in (question.text, *(question.reasks or questionnaire.reasks(question)))
    )
    return frozenset((*texts, *scored))


@lru_cache(maxsize=4096)
def faults(text: str, practice: PracticeFacts) -> tuple[str, ...]:
    """What is wrong with a text that the agent would say; () where nothing is."""
    for free in prescribed(practice):
        text = text.replace(free, "")
    found = [name for name, pattern in RULES.items() if pattern.search(text)]
    names = names_of(practice)
    hard = [sentence for sentence in sentences(text) if _grade(sentence, names) > HARDEST_GRADE]
    return (*found, *(f"hard to follow: {sentence}" for sentence in hard))


def _grade(sentence: str, names: frozenset[str]) -> float:
    """The second of two times that are offered is a breath of its own: "..., or Thursday at nine". So is
    each day of the opening hours.
    """
    breaths = re.split(", or it |; ", _VALUES.sub("it", sentence))
    return max(plain.grade(breath, names=names) for breath in breaths)


@lru_cache(maxsize=8)
def names_of(practice: PracticeFacts) -> frozenset[str]:
    """The words of names that nobody can say more plainly: of the practice, its people, medicines, visits."""
    said = (
        *(practice.name, practice.address, *practice.pharmacies, *practice.medicine_names),
        *(provider.name for provider in practice.providers),
        *(visit.name for visit in practice.visit_types),
        *(line.name for line in practice.lines),
    )
    return frozenset(word for text in said for word in re.findall(r"[a-z]+", text.lower()))
