"""What the practice tells anybody who asks: its hours on a day, and the topics it has written down.

Nothing is made up: a question that no topic answers becomes a message for the staff.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dialog.reading import day, says, value
from dialog.speech import clock, day_name
from dialog.turn import Turn
from models.domain import Context, Intent, OfficeTopic, PracticeFacts, Understanding

_ASKS = re.compile(
    r"\b(what|what's|whats|where|where's|when|when's|how|which|who)\b"
    r"|^(so |and |um |uh |hi |hello |well )*(do|does|did|are|is|can|could|may|will|would)\b"
)
_OPEN_NOW = re.compile(r"\b(open (right )?now|still open|are you open$|closed (right )?now)\b")
_BETWEEN = 3  # other words that may stand between two of a topic's
# What a question about the office is taken for when the classifier thinks of another wish first.
_READ_AS = frozenset(
    {
        *(None, Intent.OFFICE_INFO, Intent.OUT_OF_SCOPE, Intent.RECORDS_REQUEST, Intent.UPDATE_INFO),
        *(Intent.SCHEDULE_LOOKUP, Intent.GREETING, Intent.REPEAT, Intent.BILLING_QUESTION),
        *(Intent.MEDICATION_QUESTION, Intent.SCHEDULE_BOOK),
    }
)


def asked(turn: Turn, heard: Understanding) -> tuple[str, ...]:
    """The written topics that a question is about. "Please send the forms" asks for no information."""
    if heard.intent is not Intent.OFFICE_INFO and not says(heard, _ASKS):
        return ()
    if heard.intent not in _READ_AS:
        return ()
    return topics_in(heard.text, turn.practice.office_info)


def topics_in(text: str, known: Iterable[OfficeTopic]) -> tuple[str, ...]:
    """Topics by their own words, the longest first: "new patient forms" is no "new patients"."""
    text = text.lower()
    found = {
        topic.topic: max(len(words.split()) for words in topic.spoken if _pattern(words).search(text))
        for topic in known
        if any(_pattern(words).search(text) for words in topic.spoken)
    }
    longest = max(found.values(), default=0)
    return tuple(topic for topic, words in found.items() if words == longest)


@lru_cache(maxsize=512)
def _pattern(words: str) -> re.Pattern[str]:
    """Its words in their order, a plural or a few words more allowed between them."""
    gap = rf"(?:\s+\S+){{0,{_BETWEEN}}}\s+"
    return re.compile(r"\b" + gap.join(rf"{re.escape(word)}s?\b" for word in words.lower().split()))


def answer(practice: PracticeFacts, topic: str) -> str:
    return next((one.answer for one in practice.office_info if one.topic == topic), "")


# --------------------------------------------------------------------------- hours of a day


def day_asked(context: Context, heard: Understanding) -> str:
    """The one day that opening is asked for, as ISO; "" for the week."""
    if said := day(value(heard, "date")):
        return said.isoformat()
    today = _local(context).date()
    if says(heard, _OPEN_NOW):
        return today.isoformat()
    if weekday := value(heard, "weekday"):
        ahead = (int(weekday) - today.weekday()) % 7
        return (today + timedelta(days=ahead)).isoformat()
    return ""


def hours_on(context: Context, on: date) -> str:
    """ "We're open today from eight AM to noon, and from one PM to five PM.", or that we are closed."""
    practice, today = context.practice, _local(context).date()
    named = {today: "today", today + timedelta(days=1): "tomorrow"}.get(on, f"on {day_name(on)}")
    closed = next((one for one in practice.closed_days if one.day == on), None)
    spans = [(one.opens, one.closes) for one in practice.hours if one.weekday == on.weekday()]
    if closed or not spans:
        reason = f", for {closed.reason}" if closed and closed.reason else ""
        return f"We're closed {named}{reason}."
    return f"We're open {named} {_spans(spans)}."


def _spans(spans: list[tuple[time, time]]) -> str:
    said = [f"from {clock(opens)} to {clock(closes)}" for opens, closes in spans]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])}, and {said[-1]}"


def _local(context: Context) -> datetime:
    return context.now.astimezone(ZoneInfo(context.practice.timezone))
