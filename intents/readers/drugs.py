"""Which medicine: the patient's own list first, then the formulary, by spelling and by sound.

A name that is easily taken for another lowers the certainty, so that somebody asks. Lay names ("my
water pill") mean something only against a patient's own list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from intents.readers.corrections import is_refused, last_correction
from intents.readers.drug_certainty import RIVAL_REACH, Candidate, certainty_of, is_common
from intents.readers.hearing import heard
from intents.readers.likeness import Window, alike, likely_places
from models.domain import Choice, Entity, Medicine
from words import formulary
from words.common import COMMON
from words.tokens import Token, span, tokens

_LISTED_FLOOR, _FORMULARY_FLOOR, _EXPECTED_FLOOR = 0.74, 0.88, 0.8
_SOUND_FLOOR = 0.85  # for the sound of a name as spelled by ear: only what is nearly that
_COMMON_FLOOR = 0.92  # for everyday words that together sound like a name
_SHORT, _SHORT_FLOOR = 4, 0.95  # letters of a name that half a word may sound like
_WHOLE_FLOOR = 0.8  # for a listed combination, to go before one of its parts
_LONGEST_WINDOW = 5  # words a recogniser may make of one name: "a tour of a statin"
_LONGEST_UNASKED = 3  # the same where no medicine was asked for


@dataclass(frozen=True, slots=True)
class Listed:
    """A medicine likely to be meant. ``name`` is the generic, ``value`` what the question stores."""

    name: str
    forms: tuple[str, ...]
    value: str = ""


def listed_medicines(choices: Sequence[Choice], medicines: Sequence[Medicine]) -> tuple[Listed, ...]:
    """The closed list: what the question offers, then the patient's other medicines."""
    by_order = {medicine.order_id: medicine for medicine in medicines}
    offered = [_listed_choice(choice, by_order) for choice in choices]
    named = {listed.name for listed in offered}
    rest = [Listed(m.name, (m.name, *m.spoken)) for m in medicines if m.name not in named]
    return (*offered, *rest)


def read_drug(
    text: str, listed: Sequence[Listed] = (), more_names: Sequence[str] = (), *, expected: bool = False
) -> Entity | None:
    """Entity of a generic name, or None. ``more_names``: what this practice prescribes besides."""
    found = heard(text)
    words = [token.text for token in found]
    candidates = [
        *_listed_candidates(words, listed, expected),
        *_formulary_candidates(words, expected, frozenset(medicine.name for medicine in listed)),
        *_other_candidates(words, more_names),
    ]
    candidates = _tightest(candidates)
    candidates = _unreplaced([c for c in candidates if not is_refused(words, c.at)], words)
    best = _best_by_name(candidates)
    return _entity(best, listed, found) if best else None


def _listed_choice(choice: Choice, by_order: dict[str, Medicine]) -> Listed:
    medicine = by_order.get(choice.value)
    forms = (choice.value, *choice.spoken, *((medicine.name, *medicine.spoken) if medicine else ()))
    known = next((drug for form in forms if (drug := formulary.by_name(form))), None)
    name = (
        medicine.name
        if medicine
        else known.generic
        if known
        else choice.spoken[0]
        if choice.spoken
        else choice.value
    )
    return Listed(name, forms, choice.value)


def _listed_candidates(words: Sequence[str], listed: Sequence[Listed], expected: bool) -> list[Candidate]:
    spoken = [form for medicine in listed for form in _spoken(medicine)]
    wanted = [form.words for form in spoken]
    least = _LONGEST_WINDOW if expected else _LONGEST_UNASKED
    most = max((len(said) for said in wanted), default=0)
    places = likely_places(words, wanted, max(least, most), _LISTED_FLOOR)
    return [
        Candidate(form.name, at, after, min(score, form.most), True, form.is_lay)
        for form, windows in zip(spoken, places, strict=True)
        for at, after, score in _heard_at(words, form, windows, expected)
    ]


@dataclass(frozen=True, slots=True)
class _Spoken:
    """One form of a listed medicine, ``floor`` at least and ``most`` at most alike."""

    name: str
    words: tuple[str, ...]
    floor: float
    most: float
    is_lay: bool


def _spoken(medicine: Listed) -> Iterator[_Spoken]:
    lay, sounds = _lay_names(medicine), _sounds(medicine)
    for form in (*_forms(medicine), *sounds):
        wanted = tuple(token.text for token in tokens(form) if token.text[0].isalpha())
        limits = (_SOUND_FLOOR, formulary.SAID_AS_LIKENESS) if form in sounds else (_LISTED_FLOOR, 1.0)
        if wanted:
            yield _Spoken(medicine.name, wanted, *limits, form.lower() in lay)


def _forms(medicine: Listed) -> tuple[str, ...]:
    drug = formulary.by_name(medicine.name)
    known = (*drug.names, *drug.spoken) if drug else ()
    return tuple(dict.fromkeys(form.lower() for form in (medicine.name, *medicine.forms, *known) if form))


def _sounds(medicine: Listed) -> tuple[str, ...]:
    drug = formulary.by_name(medicine.name)
    return drug.said_as if drug else ()


def _lay_names(medicine: Listed) -> frozenset[str]:
    drug = formulary.by_name(medicine.name)
    return frozenset(drug.spoken if drug else ())


def _heard_at(
    words: Sequence[str], form: _Spoken, windows: Sequence[Window], expected: bool
) -> Iterator[tuple[int, int, float]]:
    """Where a form was said. One name may come as several words, never as common words alone."""
    longest = max(_LONGEST_WINDOW if expected else _LONGEST_UNASKED, len(form.words))
    for at, size in windows:
        window = tuple(words[at : at + size])
        is_everyday = window != form.words and is_common(window)
        if size > longest or (is_everyday and (not expected or size == 1)):
            continue
        floor = _COMMON_FLOOR if is_everyday else form.floor
        score = alike(window, form.words, floor)
        if score >= floor:
            yield at, at + size, score


def _formulary_candidates(words: Sequence[str], expected: bool, own: frozenset[str]) -> list[Candidate]:
    """Any drug of the table; one of ``own`` names is the patient's, by whichever form it was heard."""
    floor = _EXPECTED_FLOOR if expected else _FORMULARY_FLOOR
    found = []
    for size in range(1, 5 if expected else 4):
        for at in range(len(words) - size + 1):
            window = words[at : at + size]
            if is_common(window):
                continue
            if words[at] in COMMON and size > 1 and not expected:
                continue
            found += [
                Candidate(likeness.drug.generic, at, at + size, likeness.score, likeness.drug.generic in own)
                for likeness in formulary.nearest(" ".join(window), limit=2, floor=floor)
                if likeness.score >= (_SHORT_FLOOR if len(likeness.name) <= _SHORT else floor)
            ]
    return found


def _other_candidates(words: Sequence[str], names: Sequence[str]) -> list[Candidate]:
    """Names the practice uses that the formulary lacks: as written only."""
    found, heard = [], set(words)
    for name in names:
        wanted = tuple(name.lower().split())
        if not heard.issuperset(wanted):
            continue
        for at in range(len(words) - len(wanted) + 1):
            if wanted and tuple(words[at : at + len(wanted)]) == wanted and not is_common(wanted):
                drug = formulary.by_name(name)
                found.append(
                    Candidate(drug.generic if drug else name.lower(), at, at + len(wanted), 1.0, False)
                )
    return found


def _unreplaced(candidates: list[Candidate], words: Sequence[str]) -> list[Candidate]:
    strong = [c for c in candidates if c.score >= 0.85] or candidates
    last = max((c.at for c in strong), default=0)
    taken_back = last_correction(words, last)
    return [c for c in candidates if c.at >= last or c.after > taken_back]


def _tightest(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Without what holds a better hearing of its name: "not lisinopril" is no lisinopril of two words."""
    by_place: dict[tuple[str, int], list[Candidate]] = {}
    for candidate in candidates:
        by_place.setdefault((candidate.name, candidate.at), []).append(candidate)
    return [c for c in candidates if not _holds_better(c, by_place)]


def _holds_better(whole: Candidate, by_place: Mapping[tuple[str, int], Sequence[Candidate]]) -> bool:
    inside = (part for at in range(whole.at, whole.after) for part in by_place.get((whole.name, at), ()))
    return any(_is_part(part, whole) and part.score >= whole.score for part in inside)


def _best_by_name(candidates: Sequence[Candidate]) -> list[Candidate]:
    best: dict[str, Candidate] = {}
    for candidate in candidates:
        known = best.get(candidate.name)
        if known is None or (candidate.rank, candidate.is_listed) > (known.rank, known.is_listed):
            best[candidate.name] = candidate
    whole = [c for c in best.values() if c.is_listed and c.score >= _WHOLE_FLOOR]
    left = [c for c in best.values() if not any(_names_part(c, other) for other in whole)]
    ranked = sorted(left, key=lambda candidate: (-candidate.rank, candidate.at - candidate.after))
    return [c for c in ranked if c is ranked[0] or not _is_part(c, ranked[0])]


def _names_part(part: Candidate, whole: Candidate) -> bool:
    """The "codeine" in the patient's own "acetaminophen codeine", heard in more words than itself."""
    names_less = set(part.name.split()) < set(whole.name.split())
    return not part.is_listed and names_less and _is_part(part, whole)


def _is_part(part: Candidate, whole: Candidate) -> bool:
    """ "acetaminophen" within "acetaminophen codeine" is no rival of it."""
    size, whole_size = part.after - part.at, whole.after - whole.at
    return whole.at <= part.at and part.after <= whole.after and size < whole_size


def _entity(best: list[Candidate], listed: Sequence[Listed], found: tuple[Token, ...]) -> Entity:
    first = best[0]
    rivals = [c.name for c in best[1:] if c.rank > first.rank - RIVAL_REACH]
    alarms = [medicine.name for medicine in listed if medicine.name in formulary.confusables(first.name)]
    others = tuple(dict.fromkeys([*rivals, *(name for name in alarms if name != first.name)]))
    certainty = certainty_of(best, alarms, bool(listed), found)
    return Entity(first.name, span(found, first.at, first.after), certainty, others[:4])
