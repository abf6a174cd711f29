"""The capacity model finds again what it was made from, and says by how much it is wrong."""

from __future__ import annotations

import pytest

from benchmarks import capacity
from benchmarks.capacity import PARTS, Check, Cost, Model, Sample, carried, check, fit
from telephony.double.wire import Wire

TRUE = Model(
    {
        "web": Cost(0.02, 0.012, 0.05),
        "ear": Cost(0.0, 0.0, 0.4),
        "mind": Cost(0.01, 0.0, 0.06),
        "mouth": Cost(0.0, 0.0, 0.03),
    },
    500e6,
    2e6,
    4.0,
    0.5,
)


def sample(calls: float, turns: float, model: Model = TRUE) -> Sample:
    writes = model.writes_per_turn * turns
    cpu = {part: model.cpu[part].of(calls, turns) for part in PARTS}
    return Sample(calls, turns, cpu, writes, writes * model.transactions_per_write, model.bytes(calls))


LOADS = [sample(5, 0.5), sample(10, 1.0), sample(10, 0.4), sample(15, 1.4)]


def test_what_it_was_made_from_is_found_again() -> None:
    model = fit(LOADS, TRUE.empty_bytes)
    for part in PARTS:
        assert model.cpu[part].of(7, 0.9) == pytest.approx(TRUE.cpu[part].of(7, 0.9), abs=1e-9)
    assert model.bytes_per_call == pytest.approx(2e6)
    assert (model.writes_per_turn, model.transactions_per_write) == pytest.approx((4.0, 0.5))


def test_no_cost_is_below_zero() -> None:
    odd = [sample(5, 0.5), sample(10, 1.0), Sample(20, 2.0, {**sample(20, 2.0).cpu, "web": 0.1}, 8, 4, 5e8)]
    web = fit(odd, TRUE.empty_bytes).cpu["web"]
    assert min(web.idle, web.per_call, web.per_turn) >= 0


def test_another_load_says_how_wrong_it_is() -> None:
    model = fit(LOADS, TRUE.empty_bytes)
    assert all(each.relative_error < 1e-6 for each in check(model, sample(30, 2.5)))
    dearer = Sample(30, 2.5, {part: 2 * cores for part, cores in sample(30, 2.5).cpu.items()}, 10, 5, 5e8)
    assert check(model, dearer)[0].relative_error == pytest.approx(0.5)
    assert Check("nothing", 1.0, 0.0).relative_error == float("inf")


def test_two_loads_are_too_few() -> None:
    with pytest.raises(ValueError, match="three"):
        fit(LOADS[:2], TRUE.empty_bytes)


def test_ten_thousand_calls_are_as_many_times_one() -> None:
    one, many = (carried(TRUE, calls, 0.1, 0.4) for calls in (1_000, 10_000))
    assert many.cores == pytest.approx(10 * one.cores)
    assert many.web_cores == pytest.approx((0.012 * 10_000 + 0.05 * 1_000) / 0.7)
    assert many.writes == pytest.approx(4_000)
    assert many.machines(16) == -(-int(many.cores + 1) // 16)


def test_a_frame_is_as_long_as_the_model_says() -> None:
    wire = Wire("MZ" + "0" * 32, "AC" + "0" * 32, "CA" + "0" * 32)
    for _ in range(20_000):
        message = wire.media(b"\xff" * 160)
    assert len(message) == pytest.approx(capacity.FRAME_MESSAGE_BYTES, rel=0.1)
