from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ehr_writeback.retry import DEAD, GIVE_UP_AFTER_S, LONGEST_DELAY_S, Verdict, backoff_s, judge
from fhir.errors import FhirError, NetworkAmbiguous, Retryable, error_for


def middle() -> float:
    return 0.5


@pytest.mark.parametrize(
    ("status", "attempts", "verdict"),
    [
        (400, 1, DEAD),
        (422, 1, DEAD),
        (404, 1, DEAD),
        (410, 1, DEAD),
        (401, 1, Verdict(2.0)),
        (403, 1, Verdict(900.0, pause=True)),
        (409, 1, Verdict(2.0)),
        (412, 2, Verdict(2.0)),
        (429, 1, Verdict(2.0)),
        (503, 3, Verdict(8.0)),
    ],
)
def test_the_table(status: int, attempts: int, verdict: Verdict) -> None:
    assert judge(error_for("create Task", status), attempts, 0.0, middle) == verdict


def test_a_conflict_is_read_again_once() -> None:
    assert judge(error_for("create Task", 409), 5, 0.0, middle) == Verdict(2.0)
    assert judge(error_for("create Task", 412), 6, 0.0, middle, repeated=True) == DEAD


def test_what_the_server_asks_for_is_honoured_within_reason() -> None:
    assert judge(error_for("x", 429, (), 120.0), 1, 0.0, middle) == Verdict(126.0)
    assert judge(error_for("x", 503, (), 1e9), 1, 0.0, middle) == Verdict(3_780.0)
    assert judge(error_for("x", 429, (), 120.0), 1, 0.0, lambda: 0.0) == Verdict(120.0)  # never sooner
    assert judge(NetworkAmbiguous("x"), 2, 0.0, middle) == Verdict(4.0)


def test_after_48_hours_a_person_takes_over() -> None:
    assert judge(Retryable("x"), 9, GIVE_UP_AFTER_S + 1, middle) == DEAD


@given(st.integers(0, 10_000), st.floats(0, 0.999))
def test_waits_grow_to_fifteen_minutes_and_never_vanish(attempts: int, jitter: float) -> None:
    wait = backoff_s(attempts, lambda: jitter)
    assert 1.5 <= wait <= LONGEST_DELAY_S * 1.25
    assert judge(FhirError("x"), attempts, 0.0, lambda: jitter).again_in_s == wait
