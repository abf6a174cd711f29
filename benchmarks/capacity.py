"""The capacity model: what calls and turns cost, fitted to measured loads, checked on another, carried on.

    processor of a part = idle + per call * calls on the line + per turn * turns a second
    memory              = empty + per call * calls on the line
    writes a second     = per turn * turns a second

All of it is linear, which holds while nothing is saturated: points whose replies were late are to be left
out by who calls it. No coefficient is below zero.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PARTS = ("web", "ear", "mind", "mouth")
PLANNED_LOAD = 0.7  # of a core: beyond it, delays grow fast
FRAMES_PER_S = 50
OVERHEAD_BYTES = 8 + 20 + 20 + 14  # of a message: websocket, TCP, IP, Ethernet
FRAME_MESSAGE_BYTES = 400  # one 20 ms frame as the carrier sends it: base64 in JSON
CHUNK_MESSAGE_BYTES = 2_240  # 200 ms of our voice, five times a second while we speak
SPEAKS_SHARE = 0.6  # of a call, at most: callers speak and think, too

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """One measured load. ``cpu``: cores of each part; rates are a second."""

    calls: float
    turns: float
    cpu: Mapping[str, float]
    writes: float
    transactions: float
    bytes: float

    @property
    def total_cpu(self) -> float:
        return sum(self.cpu[part] for part in PARTS)


@dataclass(frozen=True)
class Cost:
    """Cores of one part: idle, for each call, for each turn a second."""

    idle: float
    per_call: float
    per_turn: float

    def of(self, calls: float, turns: float) -> float:
        return self.idle + self.per_call * calls + self.per_turn * turns


@dataclass(frozen=True)
class Model:
    cpu: Mapping[str, Cost]
    empty_bytes: float
    bytes_per_call: float
    writes_per_turn: float
    transactions_per_write: float  # at the loads measured: more share one under more load

    def total_cpu(self, calls: float, turns: float) -> float:
        return sum(cost.of(calls, turns) for cost in self.cpu.values())

    def bytes(self, calls: float) -> float:
        return self.empty_bytes + self.bytes_per_call * calls


@dataclass(frozen=True)
class Check:
    """A load that was not used for the fit: what the model says, and what was measured."""

    name: str
    said: float
    measured: float

    @property
    def relative_error(self) -> float:
        return abs(self.said - self.measured) / self.measured if self.measured else math.inf


def fit(samples: Sequence[Sample], empty_bytes: float) -> Model:
    """Least squares without negative coefficients. Raises ``ValueError`` with fewer than three samples."""
    if len(samples) < 3:
        raise ValueError("three coefficients want three loads at least")
    table = np.array([[1.0, each.calls, each.turns] for each in samples])
    cpu = {part: Cost(*_not_negative(table, np.array([each.cpu[part] for each in samples])))
           for part in PARTS}  # fmt: skip
    calls, turns = table[:, 1], table[:, 2]
    grown = np.array([each.bytes for each in samples]) - empty_bytes
    writes = np.array([each.writes for each in samples])
    transactions = np.array([each.transactions for each in samples])
    return Model(
        cpu, empty_bytes, max(0.0, _slope(calls, grown)), _slope(turns, writes), _slope(writes, transactions)
    )


def check(model: Model, sample: Sample) -> list[Check]:
    return [
        Check("cores, all parts", model.total_cpu(sample.calls, sample.turns), sample.total_cpu),
        Check("cores, web", model.cpu["web"].of(sample.calls, sample.turns), sample.cpu["web"]),
        Check("writes a second", model.writes_per_turn * sample.turns, sample.writes),
        Check("MiB of all parts", model.bytes(sample.calls) / 2**20, sample.bytes / 2**20),
    ]


def _slope(x: Floats, y: Floats) -> float:
    """Through the origin."""
    return float(x @ y / (x @ x)) if x.any() else 0.0


def _not_negative(table: Floats, wanted: Floats) -> Sequence[float]:
    """The best fit among those with no coefficient below zero: there are only eight sets to try."""
    best, best_error = [0.0] * table.shape[1], float(wanted @ wanted)
    columns = range(table.shape[1])
    for size in range(1, table.shape[1] + 1):
        for chosen in itertools.combinations(columns, size):
            found, *_ = np.linalg.lstsq(table[:, chosen], wanted, rcond=None)
            error = float(np.square(table[:, chosen] @ found - wanted).sum())
            if (found >= 0).all() and error < best_error - 1e-12:
                best_error = error
                best = [float(found[chosen.index(at)]) if at in chosen else 0.0 for at in columns]
    return best


@dataclass(frozen=True)
class Machines:
    """What so many calls at once need. Cores at ``PLANNED_LOAD``."""

    calls: int
    turns: float  # a second
    web_cores: float
    mind_cores: float
    mouth_cores: float
    ear_cores: float
    web_processes: int
    ram_gib: float
    writes: float  # a second
    in_mbit: float
    out_mbit: float

    @property
    def cores(self) -> float:
        return self.web_cores + self.mind_cores + self.mouth_cores + self.ear_cores

    def machines(self, cores_each: int) -> int:
        return math.ceil(self.cores / cores_each)


def carried(model: Model, calls: int, turns_per_call: float, ear_per_turn: float) -> Machines:
    """To another size. ``ear_per_turn``: cores of the recogniser for a turn a second.

    A process leads at most what fits into ``PLANNED_LOAD`` of a core; each has parts of its own, whose empty
    memory counts once for each process.
    """
    turns = calls * turns_per_call

    def cores(part: str) -> float:
        cost = model.cpu[part]
        return (cost.per_call * calls + cost.per_turn * turns) / PLANNED_LOAD

    web = cores("web")
    processes = math.ceil(web)
    frame_bytes = FRAMES_PER_S * (FRAME_MESSAGE_BYTES + OVERHEAD_BYTES)
    voice_bytes = 5 * SPEAKS_SHARE * (CHUNK_MESSAGE_BYTES + OVERHEAD_BYTES)
    return Machines(
        calls, turns, web, cores("mind"), cores("mouth"), ear_per_turn * turns / PLANNED_LOAD, processes,
        (processes * model.empty_bytes + calls * model.bytes_per_call) / 2**30,
        model.writes_per_turn * turns, calls * frame_bytes * 8 / 1e6, calls * voice_bytes * 8 / 1e6,
    )  # fmt: skip
