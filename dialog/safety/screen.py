"""The danger screen: every caller turn, in every phase, on all of the recogniser's alternatives.

No model, network, clock or database. A sign that is present raises its flag; one that is doubtful,
imagined or asked about is settled with one direct question, where anything but a clear "no" counts
as present.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from dialog.safety.answers import is_clear_no
from dialog.safety.assertion import Assertion, Mode, Who
from dialog.safety.catalogue import CATALOGUE, by_id
from dialog.safety.matching import Concern, Matcher
from dialog.safety.negation import Polarity
from dialog.safety.redflag import URGENCY, Code, RedFlag
from dialog.safety.timing import When
from models.domain import DangerPhrase, RedFlagRaised

_BY_QUESTION = {flag.question: flag for flag in CATALOGUE}


class Handling(Enum):
    """What a concern asks for."""

    RAISE = auto()
    ASK = auto()
    NOTE = auto()
    DENIED = auto()
    IGNORE = auto()


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the screen found in one turn.

    ``flag``    the most urgent danger sign that is present, None when there is none
    ``code``    its disposition, which picks the fixed sentence
    ``doubt``   ask this entry's direct question before going on: it is doubtful, imagined or asked
                about, or (with ``flag`` urgent) was there within 72 hours and may still be
    ``raised``  every sign that is present, most urgent first
    ``history`` signs of the past or of someone else's past: noted, no action
    ``denied``  ids the caller denied
    """

    flag: RedFlagRaised | None = None
    code: Code | None = None
    doubt: RedFlag | None = None
    raised: tuple[RedFlagRaised, ...] = ()
    history: tuple[Concern, ...] = ()
    denied: tuple[str, ...] = ()


def matcher(added: tuple[DangerPhrase, ...] = ()) -> Matcher:
    """The compiled catalogue and what the practice has added to it.

    A second of work, so a server asks for it before its first call. Raises `PhraseError`, and
    KeyError for an unknown id; `added.problem_of` finds the first when the practice's file is read.
    """
    return _compiled(added)


@lru_cache(maxsize=4)
def _compiled(added: tuple[DangerPhrase, ...]) -> Matcher:
    return Matcher(CATALOGUE, added)


def screen(texts: Sequence[str], added: tuple[DangerPhrase, ...] = ()) -> RedFlagRaised | None:
    """The most urgent danger sign that is certainly said, in any of the alternatives."""
    return assess(texts, added=added).flag


def assess(
    texts: Sequence[str],
    asked: str = "",
    answer: bool | None = None,
    added: tuple[DangerPhrase, ...] = (),
) -> Assessment:
    """Screen one turn.

    ``asked`` is the id (or the direct question) of the entry that was just asked about, "" when none
    was; ``answer`` its yes or no where a reader has understood one. Anything but a clear no to it
    raises it, silence too. ``added`` are the practice's own phrases.
    """
    heard_with = matcher(added)
    concerns = [concern for text in texts for concern in heard_with.concerns(text)]
    if (flag := _asked_flag(asked)) is not None:
        concerns = _with_answer(flag, texts, answer, concerns)
    return _assessment(concerns)


def answered(flag_id: str, yes: bool | None, quote: str = "") -> RedFlagRaised | None:
    """The flag that an answer to its direct question raises; None (unclear) counts as present.

    Raises KeyError for an unknown id.
    """
    flag = by_id(flag_id)
    return None if yes is False else RedFlagRaised(flag.id, flag.kind, quote)


def code_of(raised: RedFlagRaised) -> Code:
    """The disposition code of a raised flag, as its entry and its kind give it."""
    own = by_id(raised.red_flag_id).code
    if own.kind == raised.disposition:
        return own
    return Code.D0 if raised.disposition == "emergency" else Code.D1


def _asked_flag(asked: str) -> RedFlag | None:
    known = {flag.id: flag for flag in CATALOGUE}
    return known.get(asked) or _BY_QUESTION.get(asked)


def _with_answer(
    flag: RedFlag, texts: Sequence[str], answer: bool | None, concerns: list[Concern]
) -> list[Concern]:
    """The turn's concerns with the doubt about the asked entry settled one way or the other."""
    others = [c for c in concerns if c.flag is not flag]
    own = [c for c in concerns if c.flag is flag]
    present = [c for c in own if _handling(c) is Handling.RAISE and c.meant.when is When.NOW]
    denied = answer is False or (answer is None and is_clear_no(texts)) or _only_denied(own)
    if present:
        return [*others, *present]
    if denied:
        return [*others, _settled(flag, texts, Polarity.ABSENT)]
    return [*others, _settled(flag, texts, Polarity.PRESENT)]


def _only_denied(own: Iterable[Concern]) -> bool:
    handled = {_handling(concern) for concern in own}
    return handled == {Handling.DENIED}


def _settled(flag: RedFlag, texts: Sequence[str], polarity: Polarity) -> Concern:
    quote = next((text.strip() for text in texts if text.strip()), "")
    return Concern(flag, flag.code, Assertion(polarity), quote)


def _handling(concern: Concern) -> Handling:
    """The rule of what each kind of assertion leads to."""
    meant, flag = concern.meant, concern.flag
    if meant.mode is Mode.NAME:
        return Handling.IGNORE
    if meant.polarity is Polarity.ABSENT:
        return Handling.DENIED
    if meant.when is When.PAST:
        return Handling.ASK if flag.careful and meant.who is Who.PATIENT else Handling.NOTE
    if meant.mode is not Mode.ACTUAL or concern.code is None:
        return Handling.ASK
    if meant.polarity is Polarity.UNCERTAIN and not flag.careful:
        return Handling.ASK
    return Handling.RAISE


def _assessment(concerns: list[Concern]) -> Assessment:
    handled = [(concern, _handling(concern)) for concern in concerns]
    raised = _most_urgent_each((c, _due(c)) for c, h in handled if h is Handling.RAISE)
    asks = [(c.flag, c.flag.code) for c, h in handled if h is Handling.ASK]
    asks += [(c.flag, c.flag.code) for c, h in handled if h is Handling.RAISE and _may_go_on(c)]
    flag, code = raised[0] if raised else (None, None)
    worse = [one for one in asks if code is None or _rank(one[1]) < _rank(code)]
    present = {one.red_flag_id for one, _ in raised} | {one.id for one, _ in asks}
    denied = {c.flag.id for c, h in handled if h is Handling.DENIED} - present
    return Assessment(
        flag=flag,
        code=code,
        doubt=min(worse, key=lambda one: _rank(one[1]))[0] if worse else None,
        raised=tuple(one for one, _ in raised),
        history=tuple(c for c, h in handled if h is Handling.NOTE or c.meant.when is When.PAST),
        denied=tuple(sorted(denied)),
    )


def _most_urgent_each(found: Iterable[tuple[Concern, Code]]) -> list[tuple[RedFlagRaised, Code]]:
    """One raised flag for each entry, most urgent first; catalogue order among equals."""
    best: dict[str, tuple[RedFlagRaised, Code]] = {}
    for concern, code in found:
        kept = best.get(concern.flag.id)
        if kept is None or _rank(code) < _rank(kept[1]):
            best[concern.flag.id] = (RedFlagRaised(concern.flag.id, code.kind, concern.quote), code)
    return sorted(best.values(), key=lambda one: (_rank(one[1]), one[0].red_flag_id))


def _due(concern: Concern) -> Code:
    """The disposition of a present sign; of a recent one that is over, what its entry says."""
    if concern.meant.when is When.RECENT:
        return concern.flag.recent
    return concern.code or concern.flag.code


def _may_go_on(concern: Concern) -> bool:
    """It was there within 72 hours and is over: is it there now?"""
    return concern.meant.when is When.RECENT and concern.flag.recent is not concern.flag.code


def _rank(code: Code) -> int:
    return URGENCY.index(code)
