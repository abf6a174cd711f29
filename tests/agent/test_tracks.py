"""Two tracks on one clock, and the watch for payment card numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.card_numbers import CardWatch
from agent.tracks import SILENCE, Side, Tracks, silenced
from words.cards import passes_luhn

QUIET = bytes([SILENCE])


def test_both_sides_lie_at_their_times() -> None:
    tracks = Tracks()
    tracks.put(Side.AGENT, 2, b"A" * 8)
    tracks.put(Side.CALLER, 1, b"C" * 16)
    mixed = tracks.take_rest()
    assert mixed[Side.CALLER :: 2] == QUIET * 8 + b"C" * 16
    assert mixed[Side.AGENT :: 2] == QUIET * 16 + b"A" * 8


PIECES = st.lists(
    st.tuples(st.sampled_from(Side), st.integers(0, 200), st.binary(min_size=1, max_size=80)), max_size=12
)


@given(PIECES, st.integers(1, 400))
def test_however_it_is_taken_away_it_is_the_same(pieces: list[tuple[Side, int, bytes]], size: int) -> None:
    whole, cut = Tracks(), Tracks()
    for side, at_ms, mulaw in pieces:
        whole.put(side, at_ms, mulaw)
        cut.put(side, at_ms, mulaw)
    taken = b""
    while part := cut.take(size, cut.end_ms):
        taken += part
    assert taken + cut.take_rest() == whole.take_rest()


def test_what_comes_too_late_is_lost_and_nothing_else() -> None:
    tracks = Tracks()
    tracks.put(Side.CALLER, 0, b"C" * 80)
    assert tracks.take(40, 10) == (b"C" + QUIET) * 40
    tracks.put(Side.AGENT, 0, b"a" * 40 + b"A" * 40)
    assert tracks.take_rest() == b"CA" * 40


def test_a_clock_that_jumps_by_hours_lays_no_hours_of_silence() -> None:
    tracks = Tracks()
    tracks.put(Side.CALLER, 10**9, b"C")
    assert tracks.take_rest() == b""


def test_silence_takes_one_side_only() -> None:
    tracks = Tracks()
    tracks.put(Side.CALLER, 0, b"C" * 24)
    tracks.put(Side.AGENT, 0, b"A" * 24)
    tracks.silence(Side.CALLER, 1, 2)
    assert tracks.take_rest()[0::2] == b"C" * 8 + QUIET * 8 + b"C" * 8
    assert silenced(b"CA" * 4, Side.CALLER, -5, 2) == QUIET + b"A" + QUIET + b"A" + b"CACA"
    assert silenced(b"CA", Side.CALLER, 5, 9) == b"CA"


VISA = "four one one one one one one one one one one one one one one one"  # the well-known test number


@pytest.mark.parametrize(
    "text",
    [
        VISA,
        f"my card number is {VISA} and it expires twelve twenty nine",
        "it's 4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "three seven eight two eight two two four six three one oh oh oh five",
    ],
)
def test_a_card_number_is_noticed(text: str) -> None:
    assert CardWatch().heard(text, (0, 9_000)) == [(0, 9_000)]


def test_a_card_number_in_pieces_is_silenced_from_its_first_piece() -> None:
    watch = CardWatch()
    assert watch.heard("yes my card is four one one one", (0, 3_000)) == []
    assert watch.heard("one one one one", (4_000, 6_000)) == []
    found = watch.heard("one one one one one one one one", (8_000, 11_000))
    assert found == [(0, 3_000), (4_000, 6_000), (8_000, 11_000)]


@pytest.mark.parametrize(
    "text",
    [
        "six one seven five five five oh one two three",
        "march third nineteen fifty eight",
        "",
        "4111 1111 1111 1112",
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert CardWatch().heard(text, (0, 1)) == []


def test_numbers_of_other_minutes_do_not_make_one() -> None:
    watch = CardWatch()
    watch.heard("four one one one one one one one", (0, 3_000))
    assert watch.heard("one one one one one one one one", (90_000, 93_000)) == []


@given(st.integers(10**11, 10**18).map(str))
def test_exactly_one_last_digit_passes(digits: str) -> None:
    assert sum(passes_luhn(digits + last) for last in "0123456789") == 1


def test_what_is_put_and_not_taken_is_counted() -> None:
    tracks = Tracks()
    tracks.put(Side.CALLER, 0, b"C" * 8_000)
    assert tracks.held_ms == 1_000
    tracks.take(4_000, 10_000)
    assert tracks.held_ms == 500
