"""What to do after a failed attempt: a pure table over the kinds of FHIR errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fhir.errors import Conflicting, FhirError, Forbidden, Gone, Permanent, Unverifiable

FIRST_DELAY_S = 2.0
LONGEST_DELAY_S = 900.0
LONGEST_RETRY_AFTER_S = 3_600.0  # a server that asks for more is asked again all the same
LONGEST_WAIT_S = 1.1 * LONGEST_RETRY_AFTER_S  # see `politely`
GIVE_UP_AFTER_S = 48 * 3_600.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """``again_in_s`` None: never again, a person must look. ``pause``: leave the type alone so long."""

    again_in_s: float | None
    pause: bool = False


DEAD = Verdict(None)


def judge(
    error: FhirError, attempts: int, age_s: float, random: Callable[[], float], *, repeated: bool = False
) -> Verdict:
    """``attempts`` counts those made; ``age_s`` is the time since the call ended; ``random`` gives [0, 1).
    ``repeated``: the attempt before met an error of the same kind.

    Domain rules, section 1.7: 400, 422 and what is gone never heal; 403 is a configuration alarm; a conflict
    is read again once; all else waits longer each time, or as long as the server asks, for 48 hours at most.
    """
    if isinstance(error, Permanent | Gone | Unverifiable) or age_s > GIVE_UP_AFTER_S:
        return DEAD
    if isinstance(error, Forbidden):
        return Verdict(LONGEST_DELAY_S, pause=True)
    if isinstance(error, Conflicting):
        return DEAD if repeated else Verdict(FIRST_DELAY_S)
    return Verdict(max(politely(error.retry_after_s, random), backoff_s(attempts, random)))


def politely(retry_after_s: float | None, random: Callable[[], float]) -> float:
    """As long as the server asks, an hour at most, and up to a tenth more: not all at the same instant."""
    return min(retry_after_s or 0.0, LONGEST_RETRY_AFTER_S) * (1.0 + 0.1 * max(0.0, random()))


def backoff_s(attempts: int, random: Callable[[], float]) -> float:
    """2 s doubling to 15 min, give or take a quarter so that many rows do not return at one instant."""
    base = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** max(0, min(attempts - 1, 30)))
    return base * (0.75 + 0.5 * random())
