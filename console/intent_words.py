"""What a caller may want, as staff read and choose it."""

from __future__ import annotations

from collections.abc import Iterable

from models.domain import Intent

WISHES = {
    Intent.REFILL_REQUEST: "refill a medicine",
    Intent.REFILL_STATUS: "how a refill stands",
    Intent.SCHEDULE_BOOK: "book a visit",
    Intent.SCHEDULE_RESCHEDULE: "move a visit",
    Intent.SCHEDULE_CANCEL: "cancel a visit",
    Intent.SCHEDULE_LOOKUP: "when the visit is",
    Intent.SYMPTOM_REPORT: "tells of a symptom",
    Intent.CHECKIN_RETURN: "a check-in",
    Intent.MEDICATION_QUESTION: "a question about a medicine",
    Intent.RESULTS_INQUIRY: "results",
    Intent.BILLING_QUESTION: "a bill",
    Intent.REFERRAL_REQUEST: "a referral",
    Intent.RECORDS_REQUEST: "medical records",
    Intent.OFFICE_INFO: "hours, address, insurance",
    Intent.HUMAN_AGENT: "a person",
    Intent.MESSAGE_FOR_PROVIDER: "a message for a provider",
    Intent.UPDATE_INFO: "change what is on file",
    Intent.PROFESSIONAL_CALLER: "a pharmacy, hospital or laboratory calls",
    Intent.LANGUAGE_REQUEST: "another language",
    Intent.OPT_OUT: "no more texts or calls",
    Intent.AFFIRM: "yes",
    Intent.DENY: "no",
    Intent.REPEAT: "say it again",
    Intent.WAIT: "wait a moment",
    Intent.DONT_KNOW: "does not know",
    Intent.GREETING: "hello",
    Intent.GOODBYE: "goodbye",
    Intent.OUT_OF_SCOPE: "nothing that we do",
}
NOT_UNDERSTOOD = "no wish understood"


def meaning(labels: Iterable[str]) -> str:
    """ "refill a medicine, a person"; a label that is not known any more reads as it is."""
    return ", ".join(_words(label) for label in labels) or NOT_UNDERSTOOD


def _words(label: str) -> str:
    return WISHES[Intent(label)] if label in set(Intent) else label.replace("_", " ")
