"""How fast a stream may talk to us, on a clock of the test's own."""

from __future__ import annotations

from models.domain import CallerAudio
from telephony.events import KeyPressed, MarkReached
from telephony.throttle import Throttle

FRAME = CallerAudio(b"\xff" * 160, 0)


def test_a_telephone_never_waits() -> None:
    throttle = Throttle(burst_ms=10_000)
    for number in range(100_000):  # half an hour, with keys and marks beside the audio
        assert throttle.wait_ms(FRAME, number * 20.0) == 0
        if number % 10 == 0:
            assert throttle.wait_ms(MarkReached("m"), number * 20.0) == 0
            assert throttle.wait_ms(KeyPressed("1"), number * 20.0) == 0


def test_what_a_stalled_network_held_back_is_read_at_once() -> None:
    throttle = Throttle(burst_ms=10_000)
    throttle.wait_ms(FRAME, 0.0)
    assert all(throttle.wait_ms(FRAME, 9_000.0) == 0 for _ in range(450))


def test_a_flood_is_read_in_real_time() -> None:
    throttle, now_ms, read = Throttle(burst_ms=1_000), 0.0, 0
    while now_ms < 60_000:
        now_ms += throttle.wait_ms(FRAME, now_ms)
        read += 1
    assert read * 20 <= 60_000 + 1_000 + 40


def test_one_huge_frame_is_paid_for_before_the_next() -> None:
    assert Throttle(burst_ms=1_000).wait_ms(CallerAudio(b"\xff" * 48_000, 0), 0.0) == 5_000


def test_empty_frames_keys_and_garbage_cost_something_too() -> None:
    for event in (CallerAudio(b"", 0), KeyPressed("1"), None):
        throttle = Throttle(burst_ms=1_000)
        assert sum(throttle.wait_ms(event, 0.0) > 0 for _ in range(1_000)) >= 799


def test_silence_earns_no_more_than_the_burst() -> None:
    throttle = Throttle(burst_ms=1_000)
    throttle.wait_ms(FRAME, 0.0)
    waits = [throttle.wait_ms(FRAME, 3_600_000.0) for _ in range(60)]
    assert waits[:50] == [0.0] * 50
    assert waits[50] > 0
