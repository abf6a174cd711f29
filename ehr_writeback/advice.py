"""What an operator does next, by what the write-back met: a table over the beginnings of errors."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ehr_writeback.outbox import HELD, NO_NOTES, PAUSED
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
from fhir.smart import CLOCK_FIX, WRONG_CLOCK, TokenRefused

_RETRY = "then `firstring writeback retry`."
_GOES_ON = "It goes on by itself."
NOT_TRIED = (
    "Nothing: it goes within seconds of the call's end. If it stays here, see that `firstring serve` runs."
)
AWAY = (
    "See whether the chart server and the network are up (`firstring doctor`). It is asked every half "
    "minute, however long that takes; then everything goes by itself."
)
AWAY_TOO_LONG = f"See that the chart server is back, {_RETRY}"
FORBIDDEN = f"Grant the missing scope at the chart server. Tried every 15 minutes. {_GOES_ON}"
BUSY = (
    "Read the chart server's own log. Tried ever more seldom, for 48 hours; then it is given up, with a task."
)
_REFUSED = f"Read the server's reasons in the call's task (console, Tasks), set it right, {_RETRY}"


@dataclass(frozen=True, slots=True)
class Advice:
    """``begins``: how a cause begins. ``means`` says it in words, ``do`` what to do about it.

    ``is_server``: not one resource waits but all of them, and nothing else helps before that is mended.
    """

    begins: str
    means: str
    do: str
    is_server: bool = False


# The first that fits counts.
ADVICE: tuple[Advice, ...] = (
    Advice(
        f"{TokenRefused.code}: the authorisation server refused the token: invalid_scope",
        "the authorisation server does not grant the scopes that we ask for",
        f"Grant them there, or set FHIR_SCOPES to those that are granted; restart. {_GOES_ON}",
        is_server=True,
    ),
    Advice(
        TokenRefused.code,
        "the authorisation server gives us no token",
        f"`firstring doctor` tries it. {TokenRefused.fix} {_GOES_ON}",
        is_server=True,
    ),
    Advice(
        Unauthorised.code,
        "the chart server does not accept our token",
        f"Check FHIR_TOKEN, or the client's registration there; restart after a change. {_GOES_ON}",
        is_server=True,
    ),
    Advice(
        f"{Forbidden.code}: capabilities", "the chart server lets us in nowhere", FORBIDDEN, is_server=True
    ),
    Advice(Forbidden.code, "the chart server forbids this kind of resource", FORBIDDEN),
    Advice(PAUSED, "the chart server forbids this kind of resource", FORBIDDEN),
    Advice(
        HELD,
        "no chart there is certainly this patient's",
        "Find the chart, then link the call: console, Unlinked calls, or `firstring writeback link CALL "
        "Patient/ID`. The call's task says why none was certain.",
    ),
    Advice(
        Gone.code,
        "what it refers to is gone there",
        f"See whether the chart was merged, set it right, {_RETRY}",
    ),
    Advice(
        Conflicting.code,
        "somebody changes the same resource there, or several match",
        f"Look at it there, {_RETRY}",
    ),
    Advice(Permanent.code, "the chart server refuses it", _REFUSED),
    Advice(
        RefusedDespiteSuccess.code, "the chart server refuses it, under a status that says success", _REFUSED
    ),
    Advice(
        NotFhir.code,
        "something else answers in the chart server's place (a proxy, a login page)",
        f"Open FHIR_BASE_URL/metadata in a browser and see what. {_GOES_ON}",
        is_server=True,
    ),
    Advice(
        Redirected.code,
        "the chart server has moved",
        "Set FHIR_BASE_URL to its new address and restart; our token is never sent after a redirect.",
        is_server=True,
    ),
    Advice(AnswerTooLarge.code, "its answer does not end", f"Look at what sends it. {_GOES_ON}"),
    Advice(
        Unverifiable.code,
        "nobody can tell whether it is in the chart",
        "Look into the chart. If it is missing there: `firstring writeback retry`.",
    ),
    Advice(
        "invalid",
        "we made it wrong",
        "Tell the developers the code below; after an update `firstring writeback retry`.",
    ),
    Advice(
        NO_NOTES,
        "the chart server takes no notes",
        "Staff enter the call by hand: it is in its task (console, Tasks).",
    ),
    Advice(
        "awaiting EHR",
        "somebody over there must accept it first",
        "Ask them if it is urgent. Looked for every 15 minutes, for 48 hours.",
    ),
    Advice("not accepted", "nobody over there accepted it in 48 hours", f"Ask them, {_RETRY}"),
)


def advice_on(cause: str, *, is_dead: bool) -> Advice:
    """What a cause means and what to do, also for one that the table does not know."""
    if not cause:
        return Advice("", "on its way, not tried yet", NOT_TRIED)
    if cause.endswith(NO_ANSWER):
        if is_dead:
            return Advice("", "the chart server was away for 48 hours", AWAY_TOO_LONG)
        return Advice("", "the chart server does not answer", AWAY, is_server=True)
    for known in ADVICE:
        if cause.startswith(known.begins):
            clock = cause.partition(f"{WRONG_CLOCK} ")[2]
            return (
                replace(known, means=f"{known.means}: {WRONG_CLOCK} {clock}", do=CLOCK_FIX)
                if clock
                else known
            )
    if is_dead:
        return Advice("", "the chart server did not take it", _REFUSED)
    return Advice("", "the chart server is busy or broken", BUSY)


def what_to_do(cause: str, *, is_dead: bool) -> str:
    """One sentence or two for the operator."""
    return advice_on(cause, is_dead=is_dead).do
