"""What a message is about: what is said first, what is asked, and how staff see it. One subject a row.

Results, diagnoses and notes are never told by voice, and nothing that guards a chart (telephone number,
e-mail, pharmacy) is changed by voice alone (domain rules section 2). No payment card is taken by voice (6).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dialog import wording
from models.domain import Intent

WHAT_TO_TELL = "What would you like me to tell them?"
REASKS = ("Please say your message in a few words.", "For example, say please call me tomorrow.")


@dataclass(frozen=True, slots=True)
class Detail:
    """A further question, asked once; ``label`` is how its answer stands in the task."""

    slot: str
    label: str
    ask: str
    reasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """``title`` goes before the caller's words in the task; ``lead`` is said once, before any question."""

    ask: str = WHAT_TO_TELL
    reasks: tuple[str, ...] = REASKS
    lead: str = ""
    title: str = ""
    details: tuple[Detail, ...] = ()


SUBJECTS: Mapping[str, Subject] = {
    Intent.RESULTS_INQUIRY: Subject(
        "Which test is it about?",
        ("What kind of test was it, and when?", "For example, say my blood test from Monday."),
        "I can't give results on this call, so I'll ask your care team to call you.",
        "Test result",
    ),
    Intent.REFERRAL_REQUEST: Subject(
        "Who would you like to see, and what is it for?",
        ("What kind of doctor is it?", "For example, say a skin doctor for a rash."),
        title="Referral",
    ),
    Intent.RECORDS_REQUEST: Subject(
        "Which papers or records do you need?",  # says what was understood: it may have been misheard
        ("Which papers is it about?", "For example, say my shot record for school."),
        title="Records or forms",
        details=(
            Detail(
                *("where", "Send to", "Where should the papers go?"),
                ("Who should get them?", "For example, say to my new doctor, or I'll pick them up."),
            ),
            Detail(
                *("by_when", "Needed by", "When do you need them?"),
                ("By which day do you need them?", "For example, say by next Friday, or any time."),
            ),
        ),
    ),
    Intent.BILLING_QUESTION: Subject(
        "What is your question about the bill?",
        ("Please tell me about the bill in a few words.", "For example, say I was billed twice."),
    ),
    Intent.UPDATE_INFO: Subject(
        "What has changed?",
        ("Is it your address, your number, or your insurance?", "For example, say I have a new address."),
        "I can't change that on this call, so our staff will call you to check it.",
        "Change of details",
    ),
    "complaint": Subject(lead=wording.SORRY_TO_HEAR),
}
PLAIN = Subject()
PAYING = re.compile(r"\b(pay|paying|payment|card|credit|debit)\b")


def leads() -> tuple[str, ...]:
    return tuple(subject.lead for subject in SUBJECTS.values() if subject.lead)


def questions() -> tuple[str, ...]:
    """Every question of every subject, and its other wordings."""
    asked = [text for one in SUBJECTS.values() for text in (one.ask, *one.reasks)]
    for subject in SUBJECTS.values():
        asked += [text for detail in subject.details for text in (detail.ask, *detail.reasks)]
    return tuple(dict.fromkeys(asked))
