"""The soak's judgement: growth is seen, noise and warming up are not taken for it."""

from __future__ import annotations

import random

from benchmarks.load_calls import Lines
from benchmarks.soak import Series, judged


def series(grows_mb_per_h: float, *, files: float = 0.0, minutes: int = 60) -> Series:
    noise, found = random.Random(1), Series()
    for at_s in range(0, minutes * 60, 10):
        warming_mb = min(at_s, 300) / 10
        memory = 800 + warming_mb + grows_mb_per_h * at_s / 3_600 + noise.uniform(-0.2, 0.2)
        found.add(at_s, {"memory_mb": memory, "web_files": 60 + files * at_s / 3_600 + noise.randint(0, 4)})
    return found


NONE = Lines([], 0.0)


def test_a_server_that_has_warmed_up_and_stays_as_it_is_passes() -> None:
    assert judged(series(0.0), NONE, 5)["reached"]


def test_a_leak_of_two_megabytes_an_hour_is_seen() -> None:
    found = judged(series(2.0), NONE, 5)
    assert not found["reached"]
    assert 1.5 < found["slopes_per_h"]["memory_mb"] < 2.5


def test_descriptors_that_are_never_closed_are_seen() -> None:
    assert not judged(series(0.0, files=40), NONE, 5)["reached"]


def test_nothing_measured_reaches_nothing() -> None:
    assert not judged(Series(), NONE, 5)["reached"]
