"""Which pharmacy: one of the practice's list, the usual one, by mail, or another with its street.

The one on file is never named by us: the caller says it, or says "my usual one".
"""

from __future__ import annotations

import re

from dialog.confirming import change
from dialog.flows.refill_heard import PASS_ON, told_beside
from dialog.reading import says, value, word_count, yes
from dialog.speech import quoted
from dialog.steps import Step
from dialog.turn import Turn
from models.domain import Choice, Expectation, ExpectationKind, Intent, Understanding

WHICH = "Which pharmacy should we use?"
USUAL = "your usual pharmacy"
BY_MAIL = "your mail order pharmacy"
WHICH_STREET = "Which street is that pharmacy on?"
CONSTANTS = (WHICH_STREET,)
_ASKED = ("refill.pharmacy", "refill.change", "refill.street")
_USUAL = re.compile(r"\b(usual|regular|same (one|pharmacy|place)|on file|always (use|go))\b")
_USUAL_ANYWHERE = re.compile(r"\b(usual|regular|same) (pharmacy|place)\b|\bpharmacy (you have )?on file\b")
_MAIL = re.compile(r"\bmail[- ]?(order|away|in)\b|\bby mail\b|\bin the mail\b|\bmailed\b|\bhome delivery\b")
_PLACE = re.compile(  # how callers begin to name a pharmacy that the practice does not list
    r"^(?:(?:um|uh|well|no|yes|please|oh) )*(?:(?:it's|its|that's|use|the one at|i use|i go to|i'd like|"
    r"make it|send it to|at|to|the|let's use|can you use|please use) )*"
)
_STREET = re.compile(r"^(?:(?:it's|its|that's|on|at|the one on) )+")
_STORE = re.compile(
    r"\b(?:pharmacy|drugs?|drug ?store|chemist|cvs|walgreens?|rite ?aid|walmart|costco|kroger|target|safeway|"
    r"publix|market|grocery|store)\b"
)
_MOST_WORDS = 10  # of a pharmacy's name


def absorb(turn: Turn, heard: Understanding) -> Turn:
    pharmacy = _said(turn, heard)
    if pharmacy:
        return change(turn, pharmacy=pharmacy).drop("elsewhere")
    elsewhere = _elsewhere(turn, heard)
    return change(turn, elsewhere=elsewhere) if elsewhere else turn


def _said(turn: Turn, heard: Understanding) -> str:
    """The pharmacy that a sentence names, "" for none."""
    said = value(heard, "pharmacy")
    if turn.state.asking == "refill.street" and not says(heard, _STORE):
        return ""  # "Elm Street" is no Elm Square Pharmacy here
    asked = turn.state.asking in _ASKED
    if not said and (says(heard, _USUAL_ANYWHERE) or (asked and says(heard, _USUAL))):
        return USUAL if _on_file(turn) else ""
    if not said and says(heard, _MAIL):
        return BY_MAIL
    if not said and asked:
        said = value(heard, "choice")
    known = {name.lower(): name for name in turn.practice.pharmacies}
    return known.get(said.lower(), said)


def _on_file(turn: Turn) -> bool:
    """Before identity nobody knows; then it is asked again only where there is none."""
    return turn.patient is None or bool(turn.patient.pharmacy_name)


def _elsewhere(turn: Turn, heard: Understanding) -> str:
    """The name of a pharmacy that the practice does not list, in the caller's words."""
    if turn.state.asking != "refill.pharmacy" or not says(heard, _STORE) or yes(heard) is not None:
        return ""
    words = _PLACE.sub("", heard.text.strip().lower()).strip(" .,!?")
    return quoted(words, 60) if 1 <= word_count(words) <= _MOST_WORDS else ""


def _expect(turn: Turn) -> Expectation:
    return Expectation(
        ExpectationKind.CHOICE, tuple(Choice(p, (p,)) for p in turn.practice.pharmacies), digits=1
    )


def _hear(turn: Turn, heard: Understanding) -> Turn | None:
    if turn.has("pharmacy") or turn.has("elsewhere"):
        return turn
    if told_beside(heard):
        return turn.say(PASS_ON)
    return turn.put(pharmacy=quoted(heard.text, 60)) if heard.text and not turn.practice.pharmacies else None


def _hear_street(turn: Turn, heard: Understanding) -> Turn | None:
    """Name and street go to the care team as they were said; who does not know the street goes on without."""
    if turn.has("pharmacy"):
        return turn
    name = turn.slot("elsewhere")
    if heard.intent is Intent.DONT_KNOW or yes(heard) is False:
        return turn.put(pharmacy=name).drop("elsewhere")
    words = _STREET.sub("", heard.text.strip().lower()).strip(" .,!?")
    return turn.put(pharmacy=f"{name} on {quoted(words, 60)}").drop("elsewhere") if words else None


def on_file(turn: Turn) -> str:
    """What the request names: the pharmacy on file where the caller said "my usual one"."""
    said = turn.slot("pharmacy")
    return turn.patient.pharmacy_name if said == USUAL and turn.patient else said


def _is_missing(turn: Turn) -> bool:
    """ "My usual one" said before identity, and none is on file."""
    return not turn.has("pharmacy") or (turn.slot("pharmacy") == USUAL and not _on_file(turn))


STEPS = (
    Step(
        "street",
        WHICH_STREET,
        lambda turn: turn.has("elsewhere") and not turn.has("pharmacy"),
        _hear_street,
        reasks=(
            "Please say the street of that pharmacy, or the town.",
            "You can say I don't know.",
        ),
    ),
    Step(
        "pharmacy",
        WHICH,
        _is_missing,
        _hear,
        _expect,
        ("What is the name of your pharmacy?", "Please say the pharmacy's name, or say my usual one."),
    ),
)
