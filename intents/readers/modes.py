"""Finer wishes inside an intent: confirm, waitlist, slower, start over, complaint, wrong number, sales."""

from __future__ import annotations

import re

from intents.readers.corrections import opens_with_correction
from intents.readers.hearing import heard
from models.domain import Entity
from words.tokens import Phrases, find_phrase, phrases, span


def _tables(listed: dict[str, str]) -> dict[str, Phrases]:
    return {value: phrases(said) for value, said in listed.items()}


_FREED = "|".join(
    f"{when} {who} {does}"
    for when in ("if", "in case", "when")
    for who in ("someone", "somebody", "anyone", "anybody")
    for does in ("cancels", "drops out", "backs out", "gives up")
)
_MODES = _tables(
    {
        "waitlist": "waitlist|waiting list|wait list|cancellation list|if something opens|if anything opens"
        "|if one opens|if a spot opens|if something opened|something sooner opens|anything sooner opens"
        "|something earlier opens|anything earlier opens|if there is a cancellation|if there's a cancellation"
        f"|when something opens|in case there is a cancellation|in case there's a cancellation|{_FREED}"
        "|anybody drops out|somebody drops out|anyone drops out|someone drops out"
        "|in case something opens|in case a spot opens"
        "|text about an opening|text about an open|text saying a time|texted me about an opening",
        "confirm": "confirm|confirming|still on for|double check my appointment|verify my appointment",
        "slower": "slower|slow down|slow it down|more slowly|too fast|not so fast",
        "faster": "faster|speed up|speed it up|more quickly|too slow|too slowly",
        "normal_pace": "normal speed|normal pace|regular speed|usual speed|speak normally|talk normally",
        "louder": "louder|speak up|turn it up|can't hear you",
        "start_over": "start over|start again|from the beginning|begin again|go back to the start",
    }
)
# "If anybody ... I can be there": whatever they are to do.
_COMES_IF = re.compile(
    r"\b(if|in case|when) (any|some)(body|one)\b.*\bi can (be there|be in|come|make it|get there)\b"
)
_KINDS = _tables(
    {
        "complaint": "complaint|complain|unacceptable|rude|disappointed|not happy|ridiculous|grievance"
        "|somebody to know about|someone to know about|sat in your waiting room|waited in your waiting room"
        "|treated me badly|treated badly|hung up on me|never called me back|speak to whoever is in charge",
        "wrong_number": "wrong number|misdialed|who is this|is this the pizza|did i dial",
        "sales": "special offer|business listing|extended warranty|merchant services|google listing",
    }
)


def read_mode(text: str, *, after_question: bool = False) -> Entity | None:
    """Entity of a mode, or None. ``after_question``: an answer that opens by taking something back."""
    mode = _read(text, _MODES)
    if comes := _COMES_IF.search(text.lower()):
        return Entity("waitlist", comes.span(), 0.8)
    if mode is None and after_question:
        found = heard(text)
        if len(found) > 1 and opens_with_correction([token.text for token in found]):
            return Entity("correction", span(found, 0, 1), 0.8)
    return mode


def read_kind(text: str) -> Entity | None:
    """Entity of a kind (complaint, wrong_number, sales), or None."""
    return _read(text, _KINDS)


def _read(text: str, table: dict[str, Phrases]) -> Entity | None:
    found = heard(text)
    words = [token.text for token in found]
    for value, said in table.items():
        for phrase in said:
            at = find_phrase(words, phrase)
            if at is not None:
                return Entity(value, span(found, at, at + len(phrase)), 0.9)
    return None
