"""One transcript -> its meaning. What was asked decides which readers run; the classifier adds the wishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from intents import cues
from intents.classifier import Classifier
from intents.decisions import Scored
from intents.network import WEIGHTS
from intents.readers.hints import read_hints
from intents.reading import read_entities, wanted_entity
from intents.site_weights import SHIPPED
from models.domain import (
    SURE,
    Context,
    Entity,
    Expectation,
    ExpectationKind,
    Intent,
    Transcript,
    Understanding,
)

SURE_HEARING = 0.9  # of a transcript: two ways of listening gave the same words
CONTRADICTED = 0.55  # of a birth date: low enough to be asked about
UNSURE_HEARING = 0.5  # of a transcript: below it, no value dictated in it is any surer
ALTERNATIVE_CERTAINTY = 0.8  # of what an alternative of the recogniser says, against the best text
ASIDE_CONFIDENCE = 0.6  # a wish beside an answer must be at least so likely
CERTAIN = 0.98
MAX_CHARACTERS = 2_000  # of a turn: about two minutes of speech, and a bound on time
_DICTATED = ("dob", "phone", "zip", "letters")  # a sound misheard is another value, as good as the right one
_ANSWERS = (Intent.AFFIRM, Intent.DENY)
_NO_WISH = (*_ANSWERS, Intent.GREETING, Intent.OUT_OF_SCOPE)

Wishes = tuple[tuple[Intent, float], ...]


class MindService:
    """Understands caller turns. Made cheaply; ``load`` reads the weights in the worker process."""

    def __init__(self, weights: Path = SHIPPED) -> None:
        self.weights = weights
        self.classifier = Classifier()

    def load(self) -> None:
        """Read the classifier and run once. Raises EncoderError, or ValueError for foreign weights."""
        self.classifier.load(self.weights / WEIGHTS.name)

    def understand(self, transcript: Transcript, expectation: Expectation, context: Context) -> Understanding:
        """Wishes and values of one turn. Silence and failures are understood as nothing."""
        best = replace(transcript, text=transcript.text[:MAX_CHARACTERS])
        if not any(character.isalnum() for character in best.text):
            return Understanding(transcript)
        entities = _with_alternatives(best, expectation, context)
        scored = self._scored(best.text, expectation.kind)
        chosen = choose(best.text, scored.intents, expectation, entities)
        return Understanding(
            transcript=transcript,
            intent=chosen[0][0] if chosen else None,
            intents=tuple(intent for intent, _ in chosen),
            confidence=round(chosen[0][1], 4) if chosen else 0.0,
            entities=entities,
            suspected=scored.suspected,
            hints=read_hints(best.text),
        )

    def opinion(self, text: str, kind: ExpectationKind) -> dict[str, float]:
        """The network's own probabilities of what it found, before readers and plain phrases decide."""
        read = text[:MAX_CHARACTERS]
        said = any(character.isalnum() for character in read)
        return {intent.value: round(p, 4) for intent, p in (self._scored(read, kind).intents if said else ())}

    def _scored(self, text: str, kind: ExpectationKind) -> Scored:
        return self.classifier.score(text, kind)


def choose(text: str, wishes: Wishes, expectation: Expectation, entities: Mapping[str, Entity]) -> Wishes:
    """The classifier's wishes, ordered with what is certain: plain phrases, yes and no, an answer given."""
    certain = tuple((intent, CERTAIN) for intent in cues.certain_wishes(text))
    answer = _answer(expectation, entities)
    likely = _plainly(text) or _without_a_drugs_language(_without_portrait(text, wishes), entities)
    rest = [(intent, p) for intent, p in likely if intent not in dict(certain)]
    if answer or _is_answered(expectation, entities):
        rest = [wish for wish in rest if _is_aside(wish, entities)]
    ordered = (*certain, *answer, *rest)
    return ordered if certain or not answer else (*answer, *rest)


def _without_a_drugs_language(wishes: Wishes, entities: Mapping[str, Entity]) -> Wishes:
    """ "Need losartan": an unknown word is no language where it was read as a medicine."""
    drug = entities.get("drug")
    if drug is None or drug.certainty < SURE:
        return wishes
    found: dict[Intent, float] = {}
    for wish, probability in wishes:
        found.setdefault(Intent.REFILL_REQUEST if wish is Intent.LANGUAGE_REQUEST else wish, probability)
    return tuple(found.items())


def _plainly(text: str) -> Wishes:
    """What words alone decide, whatever the classifier thinks of them."""
    if cues.is_attack(text):
        return ((Intent.OUT_OF_SCOPE, CERTAIN),)
    return ((Intent.GOODBYE, CERTAIN),) if cues.is_farewell(text) else ()


def _without_portrait(text: str, wishes: Wishes) -> Wishes:
    """ "I need someone nice" tells what a doctor should be like, and asks for nobody to come to the phone."""
    if not cues.portrays_somebody(text):
        return wishes
    return tuple(wish for wish in wishes if wish[0] is not Intent.HUMAN_AGENT)


def _is_aside(wish: tuple[Intent, float], entities: Mapping[str, Entity]) -> bool:
    """Whether a wish stands beside an answer: "no, I've been feeling fine" reports no symptom."""
    intent, probability = wish
    if intent is Intent.SYMPTOM_REPORT and "symptom" not in entities:
        return False
    return intent not in _NO_WISH and probability >= ASIDE_CONFIDENCE


def _answer(expectation: Expectation, entities: Mapping[str, Entity]) -> Wishes:
    """A yes or no where one was asked for is the caller's first meaning."""
    said = entities.get("yes_no")
    if said is None or expectation.kind not in (ExpectationKind.YES_NO, ExpectationKind.CHOICE):
        return ()
    if expectation.kind is ExpectationKind.CHOICE and "choice" in entities:
        return ()
    return ((Intent.AFFIRM if said.value else Intent.DENY, said.certainty),)


def _is_answered(expectation: Expectation, entities: Mapping[str, Entity]) -> bool:
    """Whether the value that was asked for has been given: then a weak wish is no wish."""
    name = wanted_entity(expectation.kind)
    return bool(name and name in entities and entities[name].certainty >= 0.5)


def _with_alternatives(
    transcript: Transcript, expectation: Expectation, context: Context
) -> dict[str, Entity]:
    """Values of the best text; a value that was asked for and is missing, from the alternatives."""
    entities = read_entities(transcript.text, expectation, context)
    name = wanted_entity(expectation.kind)
    wanted = entities.get(name) or _from_alternatives(transcript, expectation, context, name)
    if wanted is None:
        return entities
    if name == "dob" and name in entities:
        wanted = _doubted(wanted, transcript, expectation, context)
    if name in _DICTATED and 0 < transcript.confidence < UNSURE_HEARING:
        wanted = replace(wanted, certainty=min(wanted.certainty, transcript.confidence))
    return {**entities, name: wanted}


def _from_alternatives(
    transcript: Transcript, expectation: Expectation, context: Context, name: str
) -> Entity | None:
    for alternative in transcript.alternatives if name else ():
        found = read_entities(alternative[:MAX_CHARACTERS], expectation, context).get(name)
        if found:
            certainty = round(found.certainty * ALTERNATIVE_CERTAINTY, 3)
            return replace(found, certainty=certainty, span=(0, len(transcript.text)))
    return None


def _doubted(birth: Entity, transcript: Transcript, expectation: Expectation, context: Context) -> Entity:
    """A birth date that the second hearing contradicts ("sixty", "sixteen") is unsure: it is read back."""
    second = transcript.alternatives[:1] if transcript.confidence < SURE_HEARING else ()
    rival = read_entities(second[0][:MAX_CHARACTERS], expectation, context).get("dob") if second else None
    if rival is None or rival.value in (birth.value, *birth.alternatives):
        return birth
    others = (*birth.alternatives, rival.value)
    return replace(birth, certainty=min(birth.certainty, CONTRADICTED), alternatives=others)
