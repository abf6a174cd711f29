"""What the list of calls is asked for: as typed, as an address, and as keys to search by.

An address can be passed on, and stands in browsers' histories and servers' logs: what is personal (a number,
words that were said) is kept here under an id, and only the id stands in the address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import phonenumbers
from fastapi import Query

from console import days, wording
from console.intent_words import WISHES
from models import search_keys
from models.call_search import CallWish, Place
from models.calls import phone_blind
from models.search_words import search_words

REGION = "US"  # of numbers that are typed without their country
ANY_FLAG = "any"
YES = "yes"
MOST_WORDS = 10
SEARCHED = {intent.value: words for intent, words in WISHES.items() if intent not in search_keys.ANSWERS}
_FLAG = re.compile(r"RF\d\d")
_BLIND = re.compile(r"[0-9a-f]{64}")
_PLACE = re.compile(r"(\d{1,17})-([A-Za-z0-9_-]{1,64})")
Text = Annotated[str, Query(max_length=80)]


@dataclass(frozen=True)
class CallAsk:
    """The address's query. Days are the practice's; ``patient`` is a blind index, ``search`` the id of what
    is personal, ``older`` and ``newer`` the place that a page begins at."""

    first: Text = ""
    last: Text = ""
    intent: Text = ""
    ended: Text = ""
    flag: Text = ""
    unsure: Text = ""
    unreviewed: Text = ""
    teaching: Text = ""
    patient: Text = ""
    search: Text = ""
    older: Text = ""
    newer: Text = ""

    def address(self, **more: str) -> str:
        """The page that asks the same, but for ``more``; it begins at the newest call."""
        asked = {**asdict(self), "older": "", "newer": "", **more}
        query = urlencode({key: value for key, value in asked.items() if value})
        return f"/calls?{query}" if query else "/calls"

    def problem(self) -> str:
        """Why it cannot be answered, in a sentence; "" where it can."""
        for wrong, words in self._checks():
            if wrong:
                return words
        return ""

    def _checks(self) -> Iterator[tuple[bool, str]]:
        first, last = days.near(self.first), days.near(self.last)
        yield bool(self.first) and first is None, "The first day is not a date."
        yield bool(self.last) and last is None, "The last day is not a date."
        yield bool(first and last and first > last), "The last day is before the first."
        yield bool(self.intent) and self.intent not in SEARCHED, "There is no such wish."
        yield bool(self.ended) and self.ended not in wording.HOW_IT_ENDED, "No call ends in that way."
        yield bool(self.flag) and not _is_flag(self.flag), "There is no such danger sign."
        yield bool(self.patient) and not _BLIND.fullmatch(self.patient), "This address names no patient."
        for place in (self.older, self.newer):
            yield bool(place) and not _PLACE.fullmatch(place), "This address names no page."

    def keys(self) -> Iterator[int]:
        if self.intent:
            yield search_keys.intent_key(self.intent)
        if self.ended:
            yield search_keys.disposition_key(self.ended)
        if self.flag:
            yield search_keys.flag_key("" if self.flag == ANY_FLAG else self.flag)
        if self.patient:
            yield search_keys.blind_key(self.patient)
        for wanted, key in (
            (self.unsure, search_keys.unsure_key),
            (self.unreviewed, search_keys.unreviewed_key),
            (self.teaching, search_keys.teaching_key),
        ):
            if wanted:
                yield key()

    def wish(self, personal: Personal, zone: ZoneInfo) -> CallWish:
        """Needs the key ring. What has a `problem` must not be asked."""
        last = days.near(self.last)
        return CallWish(
            keys=tuple(dict.fromkeys((*self.keys(), *personal.keys()))),
            first=_midnight(days.near(self.first), zone),
            before=_midnight(last + timedelta(days=1) if last else None, zone),
            older_than=_place(self.older),
            newer_than=_place(self.newer),
        )

    def told(self) -> Iterator[tuple[str, str]]:
        """What is asked for, in words."""
        yield "From", self.first
        yield "To", self.last
        yield "Wish", SEARCHED.get(self.intent, "")
        yield "Ended", wording.HOW_IT_ENDED.get(self.ended, "")
        yield "Danger sign", self.flag
        yield "Patient", "one" if self.patient else ""
        for name, wanted in (
            ("Low confidence", self.unsure),
            ("Unreviewed", self.unreviewed),
            ("For teaching", self.teaching),
        ):
            yield name, "only" if wanted else ""


@dataclass(frozen=True)
class Personal:
    """What is personal of a search: a caller's number, or its last four digits, and words that were said."""

    number: str = ""
    words: str = ""

    def __bool__(self) -> bool:
        return bool(self.number or self.words)

    def problem(self) -> str:
        """As `CallAsk.problem`."""
        if self.number and not read_number(self.number):
            return "The number is neither a telephone number nor its last four digits."
        words = search_words(self.words)
        if self.words and not words:
            return "Nearly every call has these words: add one that tells them apart."
        return f"At most {MOST_WORDS} words can be searched for." if len(words) > MOST_WORDS else ""

    def keys(self) -> Iterator[int]:
        number = read_number(self.number)
        if number.startswith("+"):
            yield search_keys.blind_key(phone_blind(number))
        elif number:
            yield search_keys.number_end_key(number)
        yield from sorted(search_keys.word_keys(self.words))

    def told(self) -> Iterator[tuple[str, str]]:
        yield "Number", self.number
        yield "Words", self.words


def read_number(typed: str) -> str:
    """E.164, or the last four digits where only those were typed; "" where it is no number."""
    digits = re.sub(r"\D", "", typed)
    if len(digits) == search_keys.LAST_FOUR and not typed.strip().startswith("+"):
        return digits
    try:
        number = phonenumbers.parse(typed, REGION)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def written_place(place: Place) -> str:
    return f"{place.started_us}-{place.call_id}"


def _place(written: str) -> Place | None:
    found = _PLACE.fullmatch(written)
    return Place(int(found[1]), found[2]) if found else None


def _is_flag(flag: str) -> bool:
    return flag == ANY_FLAG or _FLAG.fullmatch(flag) is not None


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), zone) if day else None
