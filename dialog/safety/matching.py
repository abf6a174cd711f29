"""Finding the catalogue's signs in an utterance, each with what the caller says about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dialog.safety.added import as_notation
from dialog.safety.assertion import Assertion, Mode, assertion
from dialog.safety.cues import ANNOUNCING, DENIALS
from dialog.safety.idioms import COMPOUNDS, IDIOMS
from dialog.safety.negation import Polarity
from dialog.safety.notation import Lexicon, Part, WordIndex, compile_phrase
from dialog.safety.reading import Mention, Reading, Span, read
from dialog.safety.redflag import Code, RedFlag
from dialog.safety.sounds import reheard
from dialog.safety.text import Spoken, spoken, windows
from dialog.safety.timing import When
from models.domain import DangerPhrase

_QUOTE_CHARS = 300
_HIDING = Lexicon({"idiom": IDIOMS, "compound": COMPOUNDS})
_TIME_ORDER = (When.NOW, When.RECENT, When.PAST)


@dataclass(frozen=True, slots=True, eq=False)
class Sign:
    """One compiled phrase of an entry. ``code`` None: a hint, enough for a question only."""

    flag: RedFlag
    code: Code | None
    parts: tuple[Part, ...]
    condition: bool = False


@dataclass(frozen=True, slots=True)
class Concern:
    """A danger sign that was mentioned, how it was meant, and the caller's words."""

    flag: RedFlag
    code: Code | None
    meant: Assertion
    quote: str


class Matcher:
    """The compiled catalogue. Immutable once built; safe to share between calls."""

    def __init__(self, catalogue: Iterable[RedFlag], added: Iterable[DangerPhrase] = ()) -> None:
        flags = tuple(catalogue)
        own = (sign for flag in flags for sign in _signs(flag))
        self.signs = (*own, *_added_signs({flag.id: flag for flag in flags}, added))
        self._signs: WordIndex[Sign] = WordIndex()
        self._unless = Lexicon({flag.id: flag.unless for flag in flags})
        for sign in self.signs:
            self._signs.add(sign, (need for part in sign.parts for need in part.needs))

    def concerns(self, text: str) -> list[Concern]:
        """Every danger sign in one alternative, as heard and as it may have been said. Takes any text."""
        return [concern for _, concern in self.signed(text)]

    def signed(self, text: str) -> list[tuple[Sign, Concern]]:
        """The concerns, each with the phrase that found it."""
        return [one for piece in windows(text) for one in self._signed(piece)]

    def _signed(self, text: str) -> list[tuple[Sign, Concern]]:
        said = spoken(text)
        found = list(self._found(said))
        if again := reheard(said):
            quote = text.strip()[: 2 * _QUOTE_CHARS].strip()
            found += [(sign, replace(one, quote=quote)) for sign, one in self._found(spoken(again))]
        return found

    def _found(self, said: Spoken) -> Iterator[tuple[Sign, Concern]]:
        signs = self._signs.candidates(frozenset(said.words))
        if not signs:
            return
        shown = _shown_parts(said, signs)
        found = [sign for sign in signs if all(part in shown for part in sign.parts)]
        if found:
            yield from self._asserted(read(said), found, shown)

    def _asserted(
        self, reading: Reading, signs: Iterable[Sign], shown: dict[Part, list[Span]]
    ) -> Iterator[tuple[Sign, Concern]]:
        doubted = self._unless.find(reading.said).keys()
        meanings = _Meanings(reading, shown)
        for sign in signs:
            softened = sign.flag.id in doubted and not sign.flag.careful
            for meant, span in meanings.of(sign):
                if softened and meant.polarity is Polarity.PRESENT:
                    meant = replace(meant, polarity=Polarity.UNCERTAIN)
                if sign.flag.careful and _announced(reading, meant, span):
                    meant = replace(meant, mode=Mode.ACTUAL)
                yield sign, Concern(sign.flag, sign.code, meant, _quote(reading, span))


def _shown_parts(said: Spoken, signs: Iterable[Sign]) -> dict[Part, list[Span]]:
    """Where the parts of these signs are said, less what figures of speech hide."""
    spans = {part: list(part.find(said)) for part in {p: None for sign in signs for p in sign.parts}}
    hit = {part: found for part, found in spans.items() if found}
    if not hit:
        return {}
    hidden = _HIDING.find(said)
    kept = {part: _shown_beside(part, said, _shown(found, hidden), hidden) for part, found in hit.items()}
    return {part: spans for part, spans in kept.items() if spans}


def _shown_beside(part: Part, said: Spoken, found: list[Span], hidden: dict[str, list[Span]]) -> list[Span]:
    """Of a part with sides, where every side is shown: "blood pressure pills filled" fills no blood."""
    sides = [_shown(list(side.find(said)), hidden) for side in part.sides]
    return [(a, b) for a, b in found if all(any(a <= x and y <= b for x, y in spans) for spans in sides)]


def _signs(flag: RedFlag) -> Iterator[Sign]:
    for phrases, code, condition in (
        (flag.phrases, flag.code, False),
        (flag.emergency, Code.D0, False),
        (flag.urgent, Code.D1, False),
        (flag.hints, None, False),
        (flag.conditions, flag.code, True),
    ):
        for phrase in phrases:
            yield Sign(flag, code, compile_phrase(phrase), condition)


def _added_signs(flags: Mapping[str, RedFlag], added: Iterable[DangerPhrase]) -> Iterator[Sign]:
    """What a practice adds. It stands beside the catalogue's signs: nothing of it can take one away."""
    for one in added:
        flag = flags[one.red_flag_id]
        yield Sign(flag, flag.code, compile_phrase(as_notation(one.phrase)))


def _shown(found: list[Span], hidden: dict[str, list[Span]]) -> list[Span]:
    """The spans that no figure of speech covers and that take no half of a compound."""
    idioms, compounds = hidden.get("idiom", []), hidden.get("compound", [])
    return [
        (a, b)
        for a, b in found
        if not any(x < b and a < y for x, y in idioms)
        and not any(x < b and a < y and not (a <= x and y <= b) for x, y in compounds)
    ]


class _Meanings:
    """What each mention in one utterance means; several signs share a mention, it is judged once."""

    def __init__(self, reading: Reading, shown: Mapping[Part, list[Span]]) -> None:
        self._reading = reading
        self._shown = shown
        self._judged: dict[tuple[Mention, bool], Assertion] = {}

    def of(self, sign: Sign) -> Iterator[tuple[Assertion, Span]]:
        """One meaning for each place of a simple phrase; one for all parts of a combination."""
        if len(sign.parts) > 1:
            yield self._of_combination(sign.parts)
            return
        for span in self._shown[sign.parts[0]]:
            if sign.parts[0].sides:
                yield self._beside(sign.parts[0].sides, span), span
            else:
                yield self._judge(Mention(*span, condition=sign.condition), False), span

    def _beside(self, sides: Sequence[Part], within: Span) -> Assertion:
        """Of things said beside one another: denied or past when one of them is; imagined as a whole."""
        whole = self._judge(Mention(*within), False)
        found = [one for side in sides if (one := self._side(side, within)) is not None]
        times = {meant.when for meant, _ in found}
        time = When.PAST if When.PAST in times else min(times, key=_TIME_ORDER.index)
        return replace(whole, polarity=self._polarity_beside(found), when=time)

    def _side(self, side: Part, within: Span) -> tuple[Assertion, Span] | None:
        spans = [s for s in side.find(self._reading.said) if within[0] <= s[0] and s[1] <= within[1]]
        judged = [(self._judge(Mention(*span), False), span) for span in spans]
        return min(judged, key=lambda one: _worry(one[0]), default=None)

    def _polarity_beside(self, found: Sequence[tuple[Assertion, Span]]) -> Polarity:
        """A "not" that is itself one of the things ("not" beside "pee") denies none that follows it."""
        words = self._reading.said.words
        denials = [span[0] for _, span in found if not DENIALS.isdisjoint(words[slice(*span)])]
        polarities = {
            meant.polarity
            for meant, (first, _) in found
            if not (meant.polarity is Polarity.ABSENT and any(denial < first for denial in denials))
        }
        if Polarity.ABSENT in polarities:
            return Polarity.ABSENT
        return Polarity.UNCERTAIN if polarities == {Polarity.UNCERTAIN} else Polarity.PRESENT

    def _of_combination(self, parts: Sequence[Part]) -> tuple[Assertion, Span]:
        circumstances = any(part.circumstance for part in parts)
        chosen = [self._strongest(part, circumstances) for part in parts]
        span = min(first for _, (first, _) in chosen), max(after for _, (_, after) in chosen)
        return _together([meant for meant, _ in chosen]), span

    def _strongest(self, part: Part, circumstances: bool) -> tuple[Assertion, Span]:
        """Of several mentions of one thing the most worrying."""
        found = [
            (
                self._beside(part.sides, span) if part.sides else self._judge(Mention(*span), circumstances),
                span,
            )
            for span in self._shown[part]
        ]
        meant, span = min(found, key=lambda one: _worry(one[0]))
        return (_as_circumstance(meant) if part.circumstance else meant), span

    def _judge(self, mention: Mention, circumstances: bool) -> Assertion:
        key = mention, circumstances
        if key not in self._judged:
            self._judged[key] = assertion(self._reading, mention, among_circumstances=circumstances)
        return self._judged[key]


def _announced(reading: Reading, meant: Assertion, span: Span) -> bool:
    """ "If I don't get help I'm going to ...": a threat, with its condition before it."""
    conditions = [after for _, after in reading.cues("hypothetical") if after <= span[0]]
    if meant.mode is not Mode.HYPOTHETICAL or not conditions:
        return False
    return not ANNOUNCING.isdisjoint(reading.said.words[conditions[-1] : span[1]])


def _worry(meant: Assertion) -> tuple[bool, bool, int, bool]:
    return (
        meant.polarity is Polarity.ABSENT,
        meant.mode is not Mode.ACTUAL,
        _TIME_ORDER.index(meant.when),
        meant.polarity is Polarity.UNCERTAIN,
    )


def _as_circumstance(meant: Assertion) -> Assertion:
    """A surgery or a pregnancy counts whenever it was; only a denied or imagined one does not."""
    mode = meant.mode if meant.mode is Mode.HYPOTHETICAL else Mode.ACTUAL
    return Assertion(meant.polarity, When.NOW, meant.who, mode)


def _together(parts: list[Assertion]) -> Assertion:
    """A combination is only as sure as its least sure part."""
    polarities = [part.polarity for part in parts]
    modes = [part.mode for part in parts if part.mode is not Mode.ACTUAL]
    weakest = next((p for p in (Polarity.ABSENT, Polarity.UNCERTAIN) if p in polarities), Polarity.PRESENT)
    time = max((part.when for part in parts), key=_TIME_ORDER.index)
    return Assertion(weakest, time, parts[-1].who, modes[0] if modes else Mode.ACTUAL)


def _quote(reading: Reading, span: Span) -> str:
    """The caller's own words: all of a turn of usual length, the surroundings in a long one."""
    text = reading.said.original.strip()
    if len(text) <= _QUOTE_CHARS:
        return text
    first, last = reading.said.spans[span[0]][0], reading.said.spans[span[1] - 1][1]
    room = max(0, (_QUOTE_CHARS - (last - first)) // 2)
    piece = reading.said.original[max(0, first - room) : last + room]
    return piece.strip() if len(piece) <= 2 * _QUOTE_CHARS else piece[: 2 * _QUOTE_CHARS].strip()
