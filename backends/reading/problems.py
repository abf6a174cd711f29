"""Why a chart of another system could not be asked; with a sentence for the caller and a fix for staff."""

from __future__ import annotations

from fhir.errors import FhirError, Forbidden, Gone, NetworkAmbiguous, Retryable, Unauthorised
from models.errors import BackendError, NotFound


class ChartNotReached(BackendError):
    """No answer in time, or the server is down or busy: another minute may do."""

    code = "chart-not-reached"
    fix = "Look whether the FHIR server is up and quick; `firstring doctor` asks it."
    caller_sentence = "I'm sorry, I can't reach the chart just now."


class ChartNotOpen(BackendError):
    """The server answers, and does not let us read or write what a call needs."""

    code = "chart-not-open"
    fix = "Grant the missing scope at the FHIR server, or take it out of FHIR_READ."
    caller_sentence = ChartNotReached.caller_sentence


class ChartNotUnderstood(BackendError):
    """The server's answer is not the FHIR R4 that it should be."""

    code = "chart-not-understood"
    fix = "The log names the resource and the element that is wrong; tell the FHIR server's operator."
    caller_sentence = ChartNotReached.caller_sentence


class NotOffered(BackendError):
    """What the practice's FHIR server gives no safe way to do: staff do it."""

    code = "not-offered"
    fix = "docs/ehr.md, section Reading, says what a server must offer for it."


def problem_of(error: FhirError) -> BackendError:
    """What a failed interaction means for the call."""
    match error:
        case Retryable() | NetworkAmbiguous():
            return ChartNotReached(str(error))
        case Unauthorised() | Forbidden():
            return ChartNotOpen(str(error))
        case Gone():
            return NotFound(str(error))
    return ChartNotUnderstood(str(error))
