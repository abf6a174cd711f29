"""The same turns through pipecat: our server's recognisers and voice, pipecat's line and turn-taking.

    make bench-voice ARGS="--only pipecat"      # about a quarter of an hour

One Firstring server, whose recogniser processes all sides use, one side after another: our own calls, then
pipecat's with its recommended turn-taking, then pipecat's after our silences. Each of pipecat's calls has a
process of its own, warm before the first call, as its authors advise. What the comparison can and cannot
say: docs/adr/0013.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.demo_report import percentile
from agent.local_server import LocalServer, demo_settings, running_server
from agent.supervisor import socket_of, worker_names
from benchmarks.hesitation import PAUSED, hesitating
from benchmarks.pipecat_server import PeerUnavailable, ensure_installed, running_agents
from benchmarks.spent import Spent, Watch
from benchmarks.turn_calls import NUMBERS, REFILL, SCRIPTS, Figures, Script, Socket, Webhook, measured
from benchmarks.voice_rows import Options, Row, absent, within

OURS, RECOMMENDED, OUR_SILENCE = "ours", "pipecat as recommended", "pipecat with our silences"
TURNS = {RECOMMENDED: "recommended", OUR_SILENCE: "ours"}
SHARE = 0.7  # of the reply time of pipecat's better setting
TIMES = 3  # as many calls at once
AIMED_AT = (1, 10)  # calls at once
NEXT = {10: 20, 1: 5}  # what is tried of a side that carried so many of them
WELL_MS = 1_500.0  # of the 95th percentile
REFILL_BEGUN = Script(NUMBERS[0], REFILL[:2])
TOO_BUSY = 0.1  # of the machine, by other programs
TOO_LATE = 0.01  # of the callers' frames


@dataclass(frozen=True)
class Load:
    """What all sides are given: these callers, so many at once, each for some calls."""

    at_once: int
    rounds: int = 1
    scripts: Sequence[Script] = SCRIPTS
    hesitating: bool = False


@dataclass(frozen=True)
class Found:
    """One side under one load."""

    side: str
    load: Load
    figures: Figures
    spent: Spent  # by the side's processes and the recognisers

    def reply_ms(self, percent: float) -> float:
        return percentile(self.figures.replies_ms(), percent)

    @property
    def cut_off(self) -> tuple[int, int]:
        """Turns answered too early, of how many; of hesitating callers, only those with a pause in them."""
        turns = [turn for turn in self.figures.turns if PAUSED in turn.clip or not self.load.hesitating]
        return sum(turn.early for turn in turns), len(turns)

    @property
    def carried(self) -> bool:
        """Every turn that was not cut off got its answer, 95 of 100 within 1.5 s."""
        return not self.figures.missing and self.reply_ms(95) <= WELL_MS

    @property
    def doubts(self) -> str:
        """Why it may be something else that was measured."""
        doubts = []
        if self.spent.others_share > TOO_BUSY:
            doubts.append(f"other programs took {self.spent.others_share:.0%} of the machine")
        if self.figures.late_share > TOO_LATE:
            doubts.append(f"{self.figures.late_share:.0%} of the callers' frames were late")
        return "; ".join(doubts)


def rows(options: Options) -> Iterator[Row]:
    try:
        ensure_installed()
    except PeerUnavailable as problem:
        yield absent("the same turns through pipecat", str(problem), f"<= {SHARE}")
        return
    with (
        tempfile.TemporaryDirectory(prefix="firstring-pipecat-") as folder,
        running_server(demo_settings(Path(folder))) as server,
    ):
        found: list[Found] = []
        for each in compare(server, loads(options, Path(folder))):
            found.append(each)
            yield _cut_off_row(each) if each.load.hesitating else _row(each)
    fluent = [each for each in found if not each.load.hesitating]
    yield from (
        _share_row(fluent, calls) for calls in AIMED_AT if any(f.load.at_once == calls for f in fluent)
    )
    yield _most_row(fluent)


def loads(options: Options, folder: Path) -> list[Load]:
    """``folder``: for clips."""
    if options.quick:
        return [Load(1, scripts=[REFILL_BEGUN]), Load(1, 1, hesitating(folder)[:1], hesitating=True)]
    fluent = [Load(1, rounds=len(SCRIPTS)), Load(10), Load(20), Load(5)]
    return [*fluent, Load(6, 1, hesitating(folder), hesitating=True)]


def compare(server: LocalServer, planned: Sequence[Load]) -> Iterator[Found]:
    """Every side under the loads that tell something, on this server's ears. Raises PeerUnavailable."""
    settings, parent = server.settings, server.process.pid
    webhook = Webhook(
        server.base_url, settings.public_url, settings.twilio_account_sid, settings.twilio_auth_token
    )
    ears = [socket_of(settings, name) for name in worker_names(settings) if name.startswith("ear-")]
    yield from _under_all(OURS, webhook, planned, [parent])
    for side, turns in TURNS.items():
        with running_agents(turns, ears, max(load.at_once for load in planned)) as (door, agents):
            yield from _under_all(side, door, planned, [parent, agents])


def _under_all(
    side: str, door: Socket | Webhook, planned: Sequence[Load], parents: Sequence[int]
) -> Iterator[Found]:
    carried = 0
    for load in planned:
        if load.at_once in NEXT.values() and load.at_once != NEXT.get(carried):
            continue
        watch = Watch(parents)
        figures = measured(door, load.scripts, at_once=load.at_once, rounds=load.rounds)
        found = Found(side, load, figures, watch.spent(also_s=figures.client_cpu_s))
        carried = load.at_once if found.carried else carried
        yield found


# -------------------------------------------------------------------------------------------- what it says


def share(found: Sequence[Found], at_once: int, percent: float) -> float:
    """Our reply time as a share of pipecat's better setting at this load."""
    times = {each.side: each.reply_ms(percent) for each in found if each.load.at_once == at_once}
    theirs = [ms for side, ms in times.items() if side != OURS and not math.isnan(ms)]
    return times[OURS] / min(theirs) if theirs and OURS in times else math.nan


def most_carried(found: Sequence[Found], side: str) -> int:
    """Calls at once; 0 when the side carried none of the loads."""
    return max((each.load.at_once for each in found if each.side == side and each.carried), default=0)


def _row(found: Found) -> Row:
    early, turns = found.cut_off
    cost_ms = found.spent.by_us_s / found.figures.length_s * 1_000 if found.figures.length_s else math.nan
    told = f"{turns} turns, {early} early cut-offs, {found.figures.missing} unanswered"
    return Row(
        f"{found.side}, {found.load.at_once} at once: p50 / p95",
        f"{found.reply_ms(50):.0f} / {found.reply_ms(95):,.0f} ms",
        note="; ".join(filter(None, (told, f"{cost_ms:.0f} ms of processor a call-second", found.doubts))),
    )


def _cut_off_row(found: Found) -> Row:
    early, turns = found.cut_off
    figure = f"{early} of {turns}"
    return Row(f"{found.side}: cut off in a pause of 0.5 to 1 s", figure, note=found.doubts)


def _share_row(found: Sequence[Found], at_once: int) -> Row:
    shares = share(found, at_once, 50), share(found, at_once, 95)
    return Row(
        f"ours as a share of the better pipecat, {at_once} at once: p50 / p95",
        f"{shares[0]:.2f} / {shares[1]:.2f}",
        f"<= {SHARE}",
        "the better of its two settings at either percentile",
        within((each, SHARE) for each in shares),
    )


def _most_row(found: Sequence[Found]) -> Row:
    ours = most_carried(found, OURS)
    theirs = max(most_carried(found, side) for side in TURNS)
    tried = ", ".join(str(calls) for calls in sorted({each.load.at_once for each in found}))
    return Row(
        "calls at once within p95 1.5 s: ours / better pipecat",
        f"{ours} / {theirs}",
        f">= {TIMES} times",
        f"of {tried}; 0 where none was carried, unanswered turns counted",
        ours >= TIMES * max(1, theirs),
    )
