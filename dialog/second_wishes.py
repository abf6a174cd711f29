"""A further wish of a sentence, where a word of it is about that wish: a misheard word alone makes none."""

from __future__ import annotations

import re
from collections.abc import Mapping

from models.domain import Intent, Understanding

# What each of these is asked for with, whatever the sentence: stems, as a caller says them.
_WORDS: Mapping[Intent, re.Pattern[str]] = {
    intent: re.compile(rf"\b({stems})")
    for intent, stems in (
        (
            Intent.BILLING_QUESTION,
            r"bill|pay|paid|charg|cost|owe|fee|copay|co pay|insur|price|statement|balance",
        ),
        (
            Intent.MESSAGE_FOR_PROVIDER,
            r"messag|complain|tell|let .* know|ask|say|pass|call|note|question|talk|speak",
        ),
        (Intent.OPT_OUT, r"stop|unsubscribe|opt|remove|no more|quit|don't|off"),
        (Intent.REFERRAL_REQUEST, r"refer|specialist|\w+ologist|surgeon|therap|orthop|send me"),
        (
            Intent.RECORDS_REQUEST,
            r"record|cop(y|ies)|chart|form|letter|file|fax|note|paper|send|sign|history",
        ),
        (
            Intent.RESULTS_INQUIRY,
            r"result|test|lab|blood|scan|x.?ray|mri|biops|panel|came back|culture|number",
        ),
        (Intent.UPDATE_INFO, r"address|phone|number|email|insur|mov|chang|updat|name|new|married|plan|card"),
    )
}
# "When is my next visit" asks for none.
_BOOKS = re.compile(
    r"\b(book|make|schedul|set up|need|want|another|new|come in|in sooner"
    r"|(get|see) (an?|the|dr|doctor|my|some)\b)"
)
# "I need an entiendo": one foreign word within an English sentence that asks for no language is a mishearing.
_ENGLISH = re.compile(r"\b(i|i'm|i'd|i've|my|me|we)\b")
_OF_LANGUAGE = re.compile(
    r"\b(speak|talk|language|english|spanish|interpret\w*|translat\w*|understand|habl\w+|some ?(one|body)"
    r"|any ?(one|body)|person|help)\b"
)
_SHORT, _SCRAP = 4, 3  # words


def is_borne_out(intent: Intent, heard: Understanding) -> bool:
    """The likeliest intent mostly is; another one of what staff are left needs a word of its own.

    A recogniser's wrong word is often enough for the network to think of a bill beside a visit. What a
    caller wants besides is asked at the end of every call.
    """
    if intent is Intent.LANGUAGE_REQUEST:
        text = heard.text.lower()
        told = len(text.split()) <= _SHORT or not _ENGLISH.search(text)
        return told or bool(_OF_LANGUAGE.search(text))
    if intent is Intent.SCHEDULE_BOOK and heard.intent is Intent.SCHEDULE_LOOKUP:
        return bool(_BOOKS.search(heard.text.lower()))
    is_sentence = len(heard.text.split()) > _SCRAP
    if intent not in _WORDS or (intent is heard.intent and is_sentence):
        return True
    return bool(_WORDS[intent].search(heard.text.lower()))
