"""What `benchmarks.load` measures, section by section: points as they were measured, rows of its table."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial

from benchmarks import transport
from benchmarks.load_server import POCKETSPHINX, STAND_IN, Loaded, Point, loaded, on_cores
from benchmarks.reply_load import SHORT
from benchmarks.voice_rows import Row, within

WELL_MS = 1_500.0  # of the 95th percentile
STAFF_NUMBER = "+15555550199"  # else there is none to dial, and those turned away are called back
WORSE = 1.15  # what overload may do to accepted calls
LATE, LATE_MORE = 0.001, 0.0005  # share of frames, and how much more than the control
DIALLED_MS = 1_000.0
SLOW_CALLERS_MS = 4_000.0  # callers who take long over their answers: fewer turns of as many calls
WHISPER = "tiny.en"
SATURATED = 0.85  # of the server's cores: beyond it nothing is linear


@dataclass(frozen=True)
class Options:
    quick: bool = False
    minutes: float = 10.0  # of the transport's row
    seconds: float = 60.0  # of every other point
    capacity: int = 4  # of a core, where it is not measured in the same run

    @property
    def transport_calls(self) -> int:
        return 40 if self.quick else 300

    @property
    def transport_s(self) -> float:
        return 5.0 if self.quick else self.minutes * 60

    @property
    def point_s(self) -> float:
        return 45.0 if self.quick else self.seconds


@dataclass
class Found:
    """One section's: rows of the table, and the points that they were made of."""

    rows: list[Row] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    transport: list[dict[str, object]] = field(default_factory=list)


def cores() -> tuple[int, ...]:
    return tuple(sorted(os.sched_getaffinity(0)))


# ---------------------------------------------------------------- frames only


def frames_only(options: Options, say: Callable[[str], None]) -> Found:
    pair, found = transport.cores(), Found()
    with on_cores(pair[1:] if pair else ()):
        ours, control = (
            _frames(app, pair, options, say, found) for app in ("firstring", "control")
        )  # fmt: skip
    late_most = min(LATE, control.late_share + LATE_MORE)
    per_core = transport.PLANNED_LOAD * 1_000 / ours.ms_per_call_second
    note = (
        f"{ours.calls} calls for {options.transport_s / 60:.1f} min on one core; the control "
        f"{control.cpu_share:.0%} and {control.late_share:.3%} late; others took {ours.others_share:.0%}"
    )
    enough = within([(300.0, per_core)])
    found.rows += [
        Row("transport only, calls a core at 70 %", f"{per_core:.0f} ({ours.cpu_share:.0%} of a core at "
            f"{ours.calls})", ">= 300", note, enough),
        Row("transport only, frames over 40 ms late", f"{ours.late_share:.3%}",
            f"<= 0.1 % and <= control + 0.05 points ({late_most:.3%})", note,
            within([(ours.late_share, late_most)])),
    ]  # fmt: skip
    return found


def _frames(
    app: str, pair: tuple[int, int] | None, options: Options, say: Callable[[str], None], found: Found
) -> transport.Row:
    row = asyncio.run(transport.measure(app, pair, options.transport_calls, options.transport_s))
    say(f"{app}: {row.calls} calls, {row.cpu_share:.0%} of a core, {row.late_share:.3%} late")
    kept = {key: value for key, value in asdict(row).items() if key != "round_trips_ms"}
    found.transport.append({"app": app, **kept})
    return row


# ---------------------------------------------------------------- whole calls


def stand_in(options: Options, say: Callable[[str], None]) -> Found:
    """The server on one core, its callers on another: what everything but recognition costs."""
    ours, callers = cores()[:1], cores()[1:2]
    with loaded(STAND_IN, server_on=ours, callers_on=callers) as server:
        levels = (2, 4) if options.quick else (6, 12, 18, 24, 30, 36, 42, 48, 60, 72)
        found = Found(points=list(_ladder(server, levels, options, say, len(ours))))
        slow = levels[:1] if options.quick else levels[1:3]
        for calls in slow:
            note = "slow callers"
            point = server.under(calls, SHORT, options.point_s, hesitation_ms=SLOW_CALLERS_MS, note=note)
            say(told(point))
            found.points.append(point)
    found.rows.append(_knee("stand-in recogniser, calls a core", found.points, 0.7))
    return found


def real_speech(engine: str, options: Options, say: Callable[[str], None]) -> Found:
    """The server and its callers on all cores, as in a practice."""
    tries = {POCKETSPHINX: (4, 6, 8, 10, 12, 14, 16, 20), WHISPER: (2, 3, 4, 5, 6, 8, 10)}[engine]
    with loaded(engine) as server:
        levels = (2,) if options.quick else tries
        found = Found(points=list(_ladder(server, levels, options, say, len(cores()))))
    name = engine if engine == POCKETSPHINX else f"Whisper {engine} size, random weights"
    found.rows.append(_knee(f"{name}, calls on {len(cores())} cores", found.points))
    return found


def _ladder(
    server: Loaded, levels: Sequence[int], options: Options, say: Callable[[str], None], on: int
) -> Iterator[Point]:
    """Ever more calls, up to the first load that is served badly."""
    for calls in levels:
        point = server.under(calls, SHORT, options.point_s)
        say(told(point))
        yield point
        if point.p95_ms > WELL_MS or point.total_cpu > SATURATED * on:
            return


def is_well(point: Point, most_cpu: float = float("inf")) -> bool:
    return point.p95_ms <= WELL_MS and point.total_cpu <= most_cpu


def _knee(measure: str, points: Sequence[Point], most_cpu: float = float("inf")) -> Row:
    usual = [point for point in points if not point.note]
    well = [point for point in usual if is_well(point, most_cpu)]
    best = max(well, key=lambda point: point.calls, default=None)
    tried = ", ".join(f"{each.calls}: {each.p95_ms:.0f} ms, {each.total_cpu:.0%}" for each in usual)
    figure = f"{best.calls}, p95 {best.p95_ms:.0f} ms" if best else f"fewer than {usual[0].calls}"
    if best is usual[-1]:
        figure = f"at least {figure}"
    limits = "p95 <= 1.5 s" + (f", <= {most_cpu:.0%} of the core" if most_cpu < 10 else "")
    return Row(f"{measure} at {limits}", figure, "", f"tried {tried}; others took {_others(usual)}")


def _others(points: Sequence[Point]) -> str:
    return f"{max(point.others_share for point in points):.0%} of the machine"


def told(point: Point) -> str:
    parts = ", ".join(f"{part} {share:.0%}" for part, share in point.cpu.items())
    return (
        f"{point.engine}: {point.calls} lines{' (' + point.note + ')' if point.note else ''}, "
        f"{point.live_mean:.1f} on the line, reply p50 {point.p50_ms:.0f} p95 {point.p95_ms:.0f} ms "
        f"of {point.replies}, {point.missing} missing, refused {point.refused}, {parts}"
    )


# ---------------------------------------------------------------- too many


def overload(capacity: int, options: Options, say: Callable[[str], None]) -> Found:
    """As many as are served well, then twice as many: a server of its own for each."""
    ours, callers = cores()[:1], cores()[1:2]
    found = Found()
    for lines in (capacity, 2 * capacity):
        with loaded(
            STAND_IN, server_on=ours, callers_on=callers, turn_away=True, staff_number=STAFF_NUMBER
        ) as server:
            point = server.under(lines, SHORT, options.point_s, note=f"{lines / capacity:.0f} x capacity")
        say(told(point))
        found.points.append(point)
    once, twice = found.points
    ratio = twice.p95_ms / once.p95_ms
    note = (
        f"stand-in recogniser; {once.live_mean:.1f} of {once.calls} callers on the line, then "
        f"{twice.live_mean:.1f} of {twice.calls}; p95 {once.p95_ms:.0f} and {twice.p95_ms:.0f} ms; "
        f"others took {_others(found.points)}"
    )
    found.rows += [
        Row("twice the capacity: latency of accepted calls, p95 to p95 at capacity", f"{ratio:.2f}",
            f"<= {WORSE}", note, within([(ratio, WORSE)])),
        _dialled_out(twice),
    ]  # fmt: skip
    return found


def _dialled_out(point: Point) -> Row:
    name, wanted = "twice the capacity: the rest dialled out, slowest", "<= 1,000 ms"
    unanswered = f"{point.failed} got no answer"
    if point.refused_max_ms is None:  # the capacity that was tried is less than there is
        return Row(name, "nobody was turned away", wanted, unanswered, None if not point.failed else False)
    slowest, p95 = (
        f"{point.refused_max_ms:.0f} ms of {point.refused}",
        f"p95 {point.refused_p95_ms or 0:.0f} ms",
    )
    in_time = within([(point.refused_max_ms, DIALLED_MS)]) and not point.failed
    return Row(name, slowest, wanted, f"{p95}; {unanswered}", in_time)


def capacity_of(points: Sequence[Point]) -> int:
    """The highest load that was served well; the lowest tried where none was."""
    usual = [point for point in points if not point.note]
    well = [point.calls for point in usual if is_well(point, 0.7)]
    return max(well, default=usual[0].calls)


SPEECH: Mapping[str, Callable[[Options, Callable[[str], None]], Found]] = {
    "pocketsphinx": partial(real_speech, POCKETSPHINX),
    "whisper": partial(real_speech, WHISPER),
}
