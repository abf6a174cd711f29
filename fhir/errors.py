"""What may go wrong between us and a FHIR server, by what the sender should do next.

Messages name the interaction, the HTTP status and the coded part of an OperationOutcome. Its free text may
quote the chart, so it stays in ``issues`` and out of messages and logs.
"""

from __future__ import annotations

from fhir.outcome import Issue, brief
from models.errors import BackendError


class FhirError(BackendError):
    """Base of all failures of a FHIR interaction. ``status`` is the HTTP status, 0 when none came."""

    code = "fhir"
    fix = "Check FHIR_BASE_URL and the FHIR server's own log; `firstring doctor` tries the connection."

    def __init__(
        self,
        interaction: str,
        *,
        status: int = 0,
        issues: tuple[Issue, ...] = (),
        retry_after_s: float | None = None,
    ) -> None:
        self.interaction = interaction
        self.status = status
        self.issues = issues
        self.retry_after_s = retry_after_s
        super().__init__(f"{interaction}: {brief(status, issues)}")


class Permanent(FhirError):
    """The server read the request and will never take it (400, 422, and every 4xx not named below)."""

    code = "fhir-permanent"
    fix = "Read the issues on the write-back page: the resource or the server's profile must change."


class Retryable(FhirError):
    """The server cannot now (429, 5xx) or was never reached. It may have acted before a 5xx: look first."""

    code = "fhir-retryable"


class NotFhir(Retryable):
    """A successful answer that is no FHIR JSON: a login page, a proxy. It passes, or somebody mends it."""

    code = "fhir-not-fhir"
    fix = "Something else answers at FHIR_BASE_URL (a proxy, a login page): open the address and see."


class Redirected(Retryable):
    """3xx. Never followed: our token would go along to wherever it points."""

    code = "fhir-redirected"
    fix = "Set FHIR_BASE_URL to the address that the server has now."


class Unauthorised(FhirError):
    """401, also with a fresh token."""

    code = "fhir-unauthorised"
    fix = "Check FHIR_TOKEN or the client registration at the FHIR server."


class Forbidden(FhirError):
    """403: the registration does not allow this interaction. A configuration alarm, not a data error."""

    code = "fhir-forbidden"
    fix = "Grant the missing scope at the FHIR server."


class Gone(FhirError):
    """404, 410: the resource, or something it refers to, is not there."""

    code = "fhir-gone"


class Conflicting(FhirError):
    """409, 412: somebody else changed it first, or a condition matches several resources. Read again."""

    code = "fhir-conflicting"


class NetworkAmbiguous(FhirError):
    """The request went out and no answer came back: it may have been done. Look before repeating."""

    code = "fhir-ambiguous"


class AnswerTooLarge(NetworkAmbiguous):
    """The answer did not end within bounds: it was cut off and nothing of it believed."""

    code = "fhir-answer-too-large"
    fix = "Look at what the FHIR server, or something before it, sends at this address."


class WrongAnswer(NetworkAmbiguous):
    """A successful answer about something else than was asked: another type, another id."""

    code = "fhir-wrong-answer"
    fix = "Report it to the server's vendor; what the chart really holds must be looked at."


class RefusedDespiteSuccess(Permanent):
    """2xx with an OperationOutcome that says error: believed is the outcome."""

    code = "fhir-refused-despite-success"


class Unverifiable(FhirError):
    """An attempt may have been carried out, and the server answers no search that could tell."""

    code = "fhir-unverifiable"
    fix = "Look into the chart; enter by hand what is missing there."


def error_for(
    interaction: str, status: int, issues: tuple[Issue, ...] = (), retry_after_s: float | None = None
) -> FhirError:
    """The error for an HTTP status of 300 or more. Statuses: https://hl7.org/fhir/R4/http.html#Status-Codes"""
    kinds: dict[int, type[FhirError]] = {
        401: Unauthorised,
        403: Forbidden,
        404: Gone,
        409: Conflicting,
        410: Gone,
        412: Conflicting,
        408: Retryable,
        425: Retryable,
        429: Retryable,
    }
    others = Redirected if status < 400 else Retryable if status >= 500 else Permanent
    kind = kinds.get(status, others)
    return kind(interaction, status=status, issues=issues, retry_after_s=retry_after_s)
