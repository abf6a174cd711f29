"""What an operator does next, by what the write-back met: a table over the beginnings of errors."""

from __future__ import annotations

from ehr_writeback.ledger import PAUSED
from ehr_writeback.outbox import HELD, NO_NOTES
from fhir.errors import (
    AnswerTooLarge,
    Conflicting,
    Forbidden,
    Gone,
    NotFhir,
    Permanent,
    Redirected,
    RefusedDespiteSuccess,
    Unauthorised,
    Unverifiable,
)
from fhir.outcome import NO_ANSWER

_RETRY = "then `firstring writeback retry`."
_GOES_ON = "It goes on by itself."
AWAY = (
    "The chart server does not answer: see whether it and the network are up (`firstring doctor`). "
    f"It is asked every half minute. {_GOES_ON}"
)
AWAY_TOO_LONG = f"The chart server was away for 48 hours. See that it is back, {_RETRY}"
FORBIDDEN = (
    f"The chart server forbids this: grant the missing scope there; tried every 15 minutes. {_GOES_ON}"
)
BUSY = "The chart server is busy or broken; its own log says more. Tried ever more seldom, for 48 hours."

# How a cause begins, and what to do; the first that fits counts.
ADVICE: tuple[tuple[str, str], ...] = (
    (Unauthorised.code, f"Our token is refused: check FHIR_TOKEN or the registration. {_GOES_ON}"),
    (Forbidden.code, FORBIDDEN),
    (PAUSED, FORBIDDEN),
    (
        HELD,
        "No chart is certainly this patient's: find it, then `firstring writeback link CALL Patient/ID`; "
        "the call's task says why.",
    ),
    (Gone.code, f"What it refers to is gone there; was the chart merged? Set it right, {_RETRY}"),
    (Conflicting.code, f"Somebody changes the same resource, or several match: look there, {_RETRY}"),
    (
        Permanent.code,
        f"The chart server refuses it; its reasons are in the call's task. Set it right, {_RETRY}",
    ),
    (
        RefusedDespiteSuccess.code,
        f"The chart server refuses it; its reasons are in the call's task. Set it right, {_RETRY}",
    ),
    (NotFhir.code, f"Something else answers in the server's place (a proxy, a login page). {_GOES_ON}"),
    (Redirected.code, f"The server has moved: set FHIR_BASE_URL to its new address. {_GOES_ON}"),
    (AnswerTooLarge.code, f"Its answer does not end: look at what sends it. {_GOES_ON}"),
    (Unverifiable.code, f"What the chart server answers cannot be believed: look into it, {_RETRY}"),
    (
        "invalid",
        "We made it wrong: tell the developers the cause; after an update `firstring writeback retry`.",
    ),
    (NO_NOTES, "The chart server takes no notes: staff enter it by hand; it is in the call's task."),
    ("awaiting EHR", "Somebody over there must accept it. Looked for every 15 minutes, for 48 hours."),
    ("not accepted", f"Nobody over there accepted it in 48 hours: ask them, {_RETRY}"),
)


def what_to_do(cause: str, *, is_dead: bool) -> str:
    """One sentence or two for the operator, also for a cause that the table does not know."""
    if not cause:
        return f"Nothing. {_GOES_ON}"
    if cause.endswith(NO_ANSWER):
        return AWAY_TOO_LONG if is_dead else AWAY
    known = next((advice for beginning, advice in ADVICE if cause.startswith(beginning)), "")
    return known or (f"Read the call's task, set it right, {_RETRY}" if is_dead else BUSY)
