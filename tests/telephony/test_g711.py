"""Mu-law against the Recommendation's own values, Python's former codec, and the double's tables."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from telephony import g711
from telephony.double.sound import to_mulaw, to_samples

ALL_CODES = bytes(range(256))
ALL_SAMPLES = np.arange(-32_768, 32_768, dtype=np.int32).astype(np.int16)

# ITU-T G.711 table 2a: character signal (all bits inverted on the line) -> decoder output, x4 for 16 bits
TABLE_2A = [
    (0b1000_0000, 8_031), (0b1000_1111, 4_191), (0b1001_1111, 2_079), (0b1010_1111, 1_023),
    (0b1011_1111, 495), (0b1100_1111, 231), (0b1101_1111, 99), (0b1110_1111, 33), (0b1111_1110, 2),
    (0b1111_1111, 0),
]  # fmt: skip


@pytest.mark.parametrize(("code", "value"), TABLE_2A)
def test_decoding_is_the_standards_table(code: int, value: int) -> None:
    assert np.frombuffer(g711.decode(bytes([code])), dtype="<i2")[0] == value * 4
    assert np.frombuffer(g711.decode(bytes([code & 0x7F])), dtype="<i2")[0] == -value * 4


def test_every_code_survives_a_round_trip_but_the_second_zero() -> None:
    again = g711.encode(g711.decode(ALL_CODES))
    assert [code for code in ALL_CODES if again[code] != code] == [0x7F]
    assert again[0x7F] == 0xFF


def test_no_sample_moves_by_more_than_half_a_step() -> None:
    decoded = g711.decode_array(g711.encode_array(ALL_SAMPLES)).astype(int)
    step = np.maximum(8, 2.0 ** (np.floor(np.log2(np.abs(ALL_SAMPLES.astype(int)) + 132)) - 4))
    inside = np.abs(ALL_SAMPLES.astype(int)) <= 32_635
    assert (np.abs(decoded - ALL_SAMPLES)[inside] <= step[inside] / 2 + 4).all()


def test_signs_are_mirrored() -> None:
    positive = g711.encode_array(np.arange(0, 32_767, dtype=np.int16))
    negative = g711.encode_array((-np.arange(1, 32_768, dtype=np.int32)).astype(np.int16))
    assert (positive ^ 0x80 == negative).all()


def test_agrees_with_pythons_former_codec() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        audioop = pytest.importorskip("audioop", reason="audioop left Python with 3.13")
    assert g711.decode(ALL_CODES) == audioop.ulaw2lin(ALL_CODES, 2)
    louder = ALL_SAMPLES[ALL_SAMPLES >= 0].astype("<i2").tobytes()
    assert g711.encode(louder) == audioop.lin2ulaw(louder, 2)


def test_the_doubles_own_tables_decode_alike_and_encode_within_a_step() -> None:
    assert (to_samples(ALL_CODES) == g711.decode_array(np.frombuffer(ALL_CODES, np.uint8))).all()
    ours = g711.decode(g711.encode(ALL_SAMPLES.astype("<i2").tobytes()))
    theirs = to_samples(to_mulaw(ALL_SAMPLES)).astype("<i2").tobytes()
    apart = np.abs(np.frombuffer(ours, "<i2").astype(int) - np.frombuffer(theirs, "<i2"))
    assert apart.max() <= 1_024
    assert (apart == 0).mean() > 0.98


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple"):
        g711.encode(b"\x00")
