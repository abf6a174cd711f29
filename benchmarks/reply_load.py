"""Several calls at once: reply times, how many calls are served well, what each costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from agent.demo_report import percentile
from benchmarks.reply_latency import reply_row
from benchmarks.reply_server import POCKETSPHINX, Measured, Served, serving
from benchmarks.turn_calls import NUMBERS, REFILL, SCRIPTS, Script
from benchmarks.voice_rows import Options, Row

LEVELS = (5, 10, 20)
WELL_MS = 1_500.0  # of the 95th percentile
_AIMED_AT = {(POCKETSPHINX, 10)}
_TURNS = 6  # of a call: what matters is how many are on the line at once
SHORT = tuple(replace(script, turns=script.turns[:_TURNS]) for script in SCRIPTS)
QUICK = (Script(NUMBERS[0], REFILL[:2]),)


def rows(options: Options) -> Iterator[Row]:
    with serving(POCKETSPHINX) as served:
        yield from load_rows(served, POCKETSPHINX, (2,) if options.quick else LEVELS, options)


def load_rows(served: Served, engine: str, levels: Sequence[int], options: Options) -> Iterator[Row]:
    """A row a level, up to the first that is served badly, and what came of them all."""
    found: list[Measured] = []
    for level in levels:
        found.append(served.under(level, QUICK if options.quick else SHORT))
        yield _level_row(found[-1], engine)
        if p95_ms(found[-1]) > WELL_MS:
            break
    yield _knee(found, engine, levels)
    yield _cost(found, engine)


def p95_ms(found: Measured) -> float:
    return percentile(found.figures.replies_ms(), 95)


def _level_row(found: Measured, engine: str) -> Row:
    aim = (WELL_MS, WELL_MS) if (engine, found.at_once) in _AIMED_AT else ()
    row = reply_row(f"{found.at_once} calls at once, {engine}", found.figures, aim, found.disturbed)
    wanted = f"p95 <= {WELL_MS:,.0f} ms" if aim else ""
    return Row(row.measure, row.figure, wanted, row.note, row.reached)


def _knee(found: Sequence[Measured], engine: str, levels: Sequence[int]) -> Row:
    well = [each.at_once for each in found if p95_ms(each) <= WELL_MS]
    tried = ", ".join(str(each.at_once) for each in found)
    figure = f"{max(well)} calls" if well else f"fewer than {min(levels)}"
    more = "" if len(well) < len(found) else "; the knee was not reached"
    return Row(f"calls at once within p95 1.5 s, {engine}", figure, "", f"tried {tried}{more}")


def _cost(found: Sequence[Measured], engine: str) -> Row:
    """Of the highest load that was served well, or the lowest tried."""
    well = [each for each in found if p95_ms(each) <= WELL_MS] or found[:1]
    each = well[-1]
    megabytes = each.memory_bytes / each.at_once / 2**20
    client = each.figures.client_cpu_s / each.figures.length_s
    return Row(
        f"processor per call-second / memory per call, {engine}",
        f"{each.cpu_share * 1_000:.0f} ms / {megabytes:.1f} MiB",
        "",
        f"at {each.at_once} calls, all processes; the measuring program took {client * 1_000:.0f} ms more",
    )
