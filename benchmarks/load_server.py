"""A whole server under load, on given cores: processor time and memory of its parts, its own counters."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from agent.demo_report import percentile
from agent.local_server import LocalServer, demo_settings, running_server
from benchmarks.forced_whisper import write_clips
from benchmarks.load_calls import Lines, crowd
from benchmarks.spent import Watch
from benchmarks.turn_calls import ROOT, Script, Webhook
from benchmarks.turns import memory_bytes
from benchmarks.whisper import SIZES
from tests.voice.whisper_checkpoints import checkpoint

PARTS = ("web", "ear", "mind", "mouth")
STAND_IN, POCKETSPHINX = "stand-in", "pocketsphinx"
COUNTERS = {
    "turns": "firstring_reply_seconds_count",
    "writes": "firstring_writes_total",
    "transactions": "firstring_write_transactions_total",
}


@dataclass(frozen=True)
class Point:
    """One load for one window. Shares are of one core; rates are a second; times in ms."""

    engine: str
    calls: int  # lines that called
    seconds: float
    cpu: Mapping[str, float]  # by part
    rates: Mapping[str, float]  # turns, writes, transactions
    pss_bytes: int  # of all parts
    empty_bytes: int  # before the first call
    p50_ms: float
    p95_ms: float
    replies: int
    missing: int
    early: int
    streams: int  # calls answered in the window
    refused: int
    failed: int
    refused_p95_ms: float | None
    refused_max_ms: float | None
    callers_late_share: float  # of frames that the callers' program sent late
    others_share: float  # of the whole machine, taken by other programs
    note: str = ""
    live_mean: float = 0.0  # calls on the line, over the window
    p99_ms: float = 0.0  # added later than the others

    @property
    def total_cpu(self) -> float:
        return sum(self.cpu.values())

    def row(self) -> dict[str, Any]:
        return asdict(self)


@contextlib.contextmanager
def on_cores(cores: Sequence[int]) -> Iterator[None]:
    """What is started within runs on these; nothing is changed where there are none to choose from."""
    before = os.sched_getaffinity(0)
    if cores:
        os.sched_setaffinity(0, set(cores))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass
class Loaded:
    """A running server and the cores of its callers."""

    server: LocalServer
    engine: str
    callers_on: Sequence[int]
    empty_bytes: int = field(init=False)

    def __post_init__(self) -> None:
        self.empty_bytes = memory_bytes(self.server)

    def under(
        self, calls: int, scripts: Sequence[Script], seconds: float, *, hesitation_ms: float = 400.0,
        note: str = "",
    ) -> Point:  # fmt: skip
        chosen = self.server.settings
        door = Webhook(
            self.server.base_url, chosen.public_url, chosen.twilio_account_sid, chosen.twilio_auth_token
        )
        with on_cores(self.callers_on), crowd(door, scripts, calls, hesitation_ms=hesitation_ms) as calling:
            watch, before = Watch([self.server.process.pid, calling.pid]), self._look()
            most, live = self._sampled(seconds)
            after, others = self._look(), watch.spent().others_share
            lines = calling.finish()
        return self._point(calls, before, after, lines, most, others, note, live)

    def _sampled(self, seconds: float) -> tuple[int, float]:
        """The most memory, and the mean of calls on the line."""
        end_s, most, live = time.monotonic() + seconds, 0, []
        while (left_s := end_s - time.monotonic()) > 0:
            most = max(most, memory_bytes(self.server))
            live.append(counters(self.server)["firstring_live_calls"])
            time.sleep(min(max(left_s, 0.0), 2.0))
        return most, sum(live) / len(live)

    def _look(self) -> tuple[float, dict[str, float], dict[str, float]]:
        return time.monotonic(), cpu_s(self.server), counters(self.server)

    def _point(
        self, calls: int, before: tuple[float, dict[str, float], dict[str, float]],
        after: tuple[float, dict[str, float], dict[str, float]], lines: Lines, most: int, others: float,
        note: str, live: float,
    ) -> Point:  # fmt: skip
        length_s = after[0] - before[0]
        replies, refused = lines.replies_ms, lines.refused_ms
        return Point(
            self.engine, calls, round(length_s, 1),
            {part: (after[1][part] - before[1].get(part, 0.0)) / length_s for part in PARTS},
            {name: (after[2][key] - before[2][key]) / length_s for name, key in COUNTERS.items()},
            most, self.empty_bytes, percentile(replies, 50), percentile(replies, 95), len(replies),
            lines.missing, lines.early, sum(call.answer == "stream" for call in lines.calls), len(refused),
            lines.failed, percentile(refused, 95) if refused else None, max(refused, default=None),
            lines.late_share, others, note, live, percentile(replies, 99),
        )  # fmt: skip


def cpu_s(server: LocalServer) -> dict[str, float]:
    """Processor seconds of each part so far; the supervisor's own are not worth a column."""
    found: dict[str, float] = defaultdict(float)
    for process in psutil.Process(server.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            found[part_of(process.cmdline())] += times.user + times.system
    return found


def part_of(command: Sequence[str]) -> str:
    if "agent.nursery" in command:  # the web process, and what forked it
        return "web"
    return next(
        (part for part in PARTS for word in command if re.fullmatch(rf"{part}(-\d+)?", word)), "other"
    )


def counters(server: LocalServer) -> dict[str, float]:
    """What the server says of itself, without labels."""
    with urllib.request.urlopen(f"{server.private_url}/metrics", timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    plain = (line.split() for line in lines if line and not line.startswith("#") and "{" not in line)
    return {name: float(value) for name, value, *_ in plain}


@contextlib.contextmanager
def loaded(
    engine: str, *, server_on: Sequence[int] = (), callers_on: Sequence[int] = (), **changes: object
) -> Iterator[Loaded]:
    """The demo's practice with this recogniser, on these cores."""
    with tempfile.TemporaryDirectory(prefix="firstring-load-") as folder:
        chosen, program = _settings(engine, Path(folder), changes)
        with contextlib.ExitStack() as stack:
            with on_cores(server_on):
                server = stack.enter_context(running_server(chosen, program=program))
            yield Loaded(server, engine, callers_on)


def _settings(engine: str, data: Path, changes: dict[str, object]) -> tuple[Any, str]:
    if engine == POCKETSPHINX:
        return demo_settings(data, **changes), "agent.cli"
    clips = write_clips(ROOT / "audio_fixtures", data / "clips.jsonl")
    known: dict[str, object] = {"stt": "stand-in", "stand_in_clips": clips, **changes}
    if engine == STAND_IN:
        return demo_settings(data, **known), "agent.cli"
    weights = checkpoint(data / f"{engine}.pt", SIZES[engine])
    return demo_settings(data, **known, whisper_model=str(weights)), "benchmarks.forced_whisper"
