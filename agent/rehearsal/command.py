"""`firstring rehearse`: simulated callers against the real product, and a scorecard."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import SettingsError

if TYPE_CHECKING:
    from agent.rehearsal.played import Played
    from agent.rehearsal.scenario import Scenario
    from agent.rehearsal.scorecard import Judged

NO_NOISE = 100.0  # dB: none is mixed in
PLAIN_WIDTH = 160


@dataclass(frozen=True, slots=True)
class Wish:
    """How the scenarios are to be played."""

    scenarios: tuple[Scenario, ...]
    seed: int = 1
    repeat: int = 1
    noise: float = 0.0
    audio: bool = False
    snr_db: float = NO_NOISE
    keep: Path | None = None
    folder: Path | None = None  # of the scenarios, where it is not the checkout's own
    real_time: bool = False

    @property
    def conditions(self) -> str:
        if self.audio:
            noise = "" if self.snr_db >= NO_NOISE else f" {self.snr_db:g} dB"
            return f"audio{noise}{' in real time' if self.real_time else ''}"
        return f"text {self.noise:.0%} noise" if self.noise else "text"

    def again(self, scenario: Scenario, seed: int) -> tuple[str, ...]:
        parts = ["--scenario", scenario.name, "--seed", str(seed)]
        parts += ["--noise", f"{self.noise:g}"] if self.noise else []
        parts += ["--audio"] if self.audio else []
        parts += ["--snr", f"{self.snr_db:g}"] if self.audio and self.snr_db < NO_NOISE else []
        parts += ["--real-time"] if self.real_time else []
        parts += ["--scenarios", str(self.folder)] if self.folder else []
        return tuple(parts)


def rehearse(
    scenario: Annotated[list[str] | None, typer.Option(help="only this one; may be given again")] = None,
    theme: Annotated[list[str] | None, typer.Option(help="only this theme; may be given again")] = None,
    seed: Annotated[int, typer.Option(help="of the first call of each scenario")] = 1,
    repeat: Annotated[int, typer.Option(min=1, help="calls of each scenario, each with the next seed")] = 1,
    noise: Annotated[float, typer.Option(min=0, max=0.9, help="share of words misheard, by text")] = 0.0,
    audio: Annotated[bool, typer.Option("--audio", help="by voice, through the recogniser")] = False,
    snr: Annotated[float, typer.Option(help="with --audio: dB of speech over noise")] = NO_NOISE,
    real_time: Annotated[
        bool, typer.Option("--real-time", help="with --audio: as long as a call takes")
    ] = False,
    sample: Annotated[int, typer.Option(min=0, help="only so many scenarios, spread over all; 0: all")] = 0,
    keep: Annotated[Path | None, typer.Option(help="keep transcripts, and audio, in this folder")] = None,
    scenarios: Annotated[Path | None, typer.Option(help="folder of scenario files")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a call, for programs")] = False,
) -> None:
    """Simulated callers against the whole product: a scorecard, and every failure to play again.

    Exit code 1 when a call did not come out right.
    """
    from agent.rehearsal import scorecard
    from agent.rehearsal.scenario import default_folder, read_folder

    known = read_folder(scenarios or default_folder())
    chosen = _chosen(known, scenario or [], theme or [])
    chosen = spread([one for one in chosen if one.audio or not audio], sample)
    wish = Wish(chosen, seed, repeat, noise, audio, snr, keep, scenarios, real_time)
    began_s, calls = time.perf_counter(), []
    for one in played(wish):
        calls.append(one)
        _keep_transcript(wish, one)
        if as_json:
            typer.echo(json.dumps(scorecard.as_json(one)))
        elif not one.verdict.passed:
            typer.echo("\n".join(scorecard.failure_lines(one)))
    if not as_json:
        _show(calls, time.perf_counter() - began_s)
    raise typer.Exit(0 if all(one.verdict.passed for one in calls) else 1)


def _chosen(known: Sequence[Scenario], names: Sequence[str], themes: Sequence[str]) -> tuple[Scenario, ...]:
    """Raises SettingsError for a name that no scenario has."""
    for asked, there in ((names, {one.name for one in known}), (themes, {one.theme for one in known})):
        if unknown := sorted(set(asked) - there):
            raise SettingsError(
                f"there is no {unknown[0]!r} among the scenarios",
                fix=f"There are: {', '.join(sorted(there))}.",
            )
    return tuple(
        one for one in known if (not names or one.name in names) and (not themes or one.theme in themes)
    )


def spread(chosen: Sequence[Scenario], sample: int) -> tuple[Scenario, ...]:
    """``sample`` of them at even distances, so that every theme has its share; 0: all."""
    if not sample or sample >= len(chosen):
        return tuple(chosen)
    return tuple(chosen[at * len(chosen) // sample] for at in range(sample))


def played(wish: Wish) -> Iterator[Judged]:
    """Every call that is wished for, one after the other."""
    from agent.rehearsal.judge import judge
    from agent.rehearsal.scorecard import Judged

    for scenario, found in _calls(wish):
        again = wish.again(scenario, found.seed)
        yield Judged(scenario, found, judge(scenario, found), wish.conditions, again)


def _calls(wish: Wish) -> Iterator[tuple[Scenario, Played]]:
    seeds = range(wish.seed, wish.seed + wish.repeat)
    wanted = [(one, seed) for one in wish.scenarios for seed in seeds if one.audio or not wish.audio]
    if wish.audio:
        yield from _audio_calls(wish, wanted)
        return
    from agent.rehearsal.stage import open_stage
    from agent.rehearsal.text_calls import play

    with open_stage() as stage:
        for scenario, seed in wanted:
            yield scenario, play(stage, scenario, seed, wish.noise)


def _audio_calls(wish: Wish, wanted: Sequence[tuple[Scenario, int]]) -> Iterator[tuple[Scenario, Played]]:
    from agent.rehearsal.audio_calls import open_audio_stage, play

    snr_db = None if wish.snr_db >= NO_NOISE else wish.snr_db
    with open_audio_stage(real_time=wish.real_time) as stage:
        for scenario, seed in wanted:
            yield scenario, play(stage, scenario, seed, snr_db, wish.keep)


def _keep_transcript(wish: Wish, one: Judged) -> None:
    if wish.keep is None:
        return
    wish.keep.mkdir(parents=True, exist_ok=True)
    lines = [f"# {one.scenario.name}, seed {one.played.seed}, {one.conditions}", *one.played.transcript()]
    lines += [f"# {failure}" for failure in one.verdict.failures] or ["# passed"]
    (wish.keep / f"{one.scenario.name}-{one.played.seed}.txt").write_text("\n".join(lines) + "\n")


def _show(calls: Sequence[Judged], took_s: float) -> None:
    from rich.console import Console

    from agent.rehearsal import scorecard

    out = Console(width=None if Console().is_terminal else PLAIN_WIDTH)
    out.print(scorecard.table(calls))
    found = scorecard.medians(calls)
    told = ", ".join(f"{goal} {turns:g}" for goal, turns in found.items())
    out.print(f"caller's turns after identity, median: {told or 'none measured'}")
    failed = sum(not one.verdict.passed for one in calls)
    out.print(f"{len(calls)} calls in {took_s:.0f} s, {failed} failed")
