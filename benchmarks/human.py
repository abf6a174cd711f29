"""How well people are heard at phone band, and our sentences in several voices and noise.

    python -m benchmarks.human [--quick] [--half tune] [--only people]

**People.** Clips of the AN4 corpus (evaldata/audio, 30 speakers, about 1991), resampled to 8 kHz and through
mu-law. Speakers are split by a hash; only the half "test" is told, the other half tuned the product. Each
clip goes the way of a call: recogniser with the question's Expectation, readers, and the dialog's own rule
of what it takes (`agent.transcribe.value_of`):

exact   the value that the dialog would act upon, without another question, is what was said
wrong   it would act upon another value. That a later "Is that right?" might catch it does not count
asked   it would ask again, read the value back or offer the keypad: nothing heard, or not surely enough

What was said is the corpus's value; where that is missing, what our readers find in its transcript; where
they find none, any value taken is wrong. A telephone number of seven digits is none here, so that asking is
right, and every value taken from one is wrong. A spelled name is given without a roster.

**Voices.** Sentences worded apart from those that built the model, by flite's voices and espeak-ng, clean and
with noise at 20 and 10 dB below the speech: of rooms, water and dishes where the recordings are there, else
white. Word error, and which of the values in the sentence were read as from its text.

The speakers gave what look like true details: nothing but counts is told.
"""

from __future__ import annotations

import argparse
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.human_cases import KINDS, Case, people, voices
from benchmarks.human_ears import Heard, begin, hear
from benchmarks.voice_rows import Options, Row, absent

_WORKERS: Final = 2
_MOST_WRONG: Final = 0.03
_LEAST_EXACT: Final = {"birth_date": 0.60, "zip_code": 0.50, "yes_no": 0.80}
_LADDER: Final = {"rms": 14, "slt": 34, "awb": 21, "kal16": 16}  # % of words, clean, before our own engine
_NORMAL_95: Final = 1.96
_QUICK: Final = 12  # clips of people
_QUICK_SENTENCES: Final = 2


def wilson(hits: int, cases: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson, JASA 22, 1927)."""
    if not cases:
        return 0.0, 1.0
    share, square = hits / cases, _NORMAL_95**2
    middle = (share + square / (2 * cases)) / (1 + square / cases)
    spread = share * (1 - share) / cases + square / (4 * cases**2)
    half = _NORMAL_95 / (1 + square / cases) * spread**0.5
    return max(0.0, middle - half), min(1.0, middle + half)


def rows(options: Options, half: str = "test", parts: str = "people voices") -> Iterator[Row]:
    """The rows of ``benchmarks.voice``."""
    wanted = "wrong <= 3 %; exact >= 60 % births, >= 50 % zips, >= 80 % yes/no"
    with TemporaryDirectory() as folder:
        spawn = get_context("spawn")
        with ProcessPoolExecutor(_WORKERS, spawn, begin, (folder,)) as workers:
            if "people" in parts:
                cases = people(options.data, half)
                if not cases:
                    yield absent("people at phone band", f"no recordings in {options.data}/audio", wanted)
                yield from _people_rows(list(workers.map(hear, cases[: _QUICK if options.quick else None])))
            if "voices" in parts:
                spoken = voices(options.data, sentences=_QUICK_SENTENCES if options.quick else None)
                yield from _voice_rows(list(workers.map(hear, spoken, chunksize=4)))


def _people_rows(heard: list[Heard]) -> Iterator[Row]:
    for kind in KINDS:
        own = [each for each in heard if each.case.kind == kind]
        if own:
            yield _people_row(kind.replace("_", " "), own, _LEAST_EXACT.get(kind))
    if heard:
        yield _people_row("pooled", heard, None)
        finish = [each.finish_ms for each in heard]
        yield Row(
            "people: end of the audio -> words and values",
            f"p50 {statistics.median(finish):.0f}, p95 {statistics.quantiles(finish, n=20)[18]:.0f} ms",
            note=f"pocketsphinx, {_WORKERS} decoding at a time; speculation hides 150 to 200 ms of it",
        )


def _people_row(name: str, heard: list[Heard], least: float | None) -> Row:
    count = Counter(each.outcome for each in heard)
    cases = len(heard)
    parts = [_share(outcome, count[outcome], cases) for outcome in ("exact", "wrong", "asked")]
    wanted = f"wrong <= {_MOST_WRONG:.0%}" + (f", exact >= {least:.0%}" if least else "")
    reached = count["wrong"] <= _MOST_WRONG * cases and count["exact"] >= (least or 0) * cases
    note = f"pocketsphinx; {cases} clips of {len({each.case.speaker for each in heard})} speakers"
    return Row(f"people, {name}", "; ".join(parts), wanted, note, reached)


def _share(name: str, hits: int, cases: int) -> str:
    low, high = wilson(hits, cases)
    return f"{name} {hits}/{cases} = {hits / cases:.0%} ({low:.0%} to {high:.0%})"


def _voice_rows(heard: list[Heard]) -> Iterator[Row]:
    for voice in dict.fromkeys(each.case.speaker for each in heard):
        parts = []
        clean = 100.0
        for noise in dict.fromkeys(each.case.noise for each in heard):
            own = [each for each in heard if (each.case.speaker, each.case.noise) == (voice, noise)]
            error = 100 * _sum(each.word_errors for each in own) / _sum(each.words for each in own)
            slots, right = _sum(each.slots for each in own), _sum(each.slots_right for each in own)
            clean = error if not noise else clean
            parts.append(f"{noise or 'clean'}: {error:.0f} % words, slots {right}/{slots}")
        most = _LADDER.get(voice)
        wanted = f"clean < {most} %" if most else ""
        note = f"pocketsphinx; {len(own)} sentences each"
        yield Row(f"voice {voice}", "; ".join(parts), wanted, note, clean < most if most else None)


def _sum(numbers: Iterable[int]) -> int:
    return sum(numbers)


def main() -> None:
    parser = argparse.ArgumentParser(description="How well people and voices are heard")
    parser.add_argument("--data", type=Path, default=Options().data)
    parser.add_argument("--quick", action="store_true", help="a few cases of each, no figure to be quoted")
    parser.add_argument("--half", choices=("test", "tune"), default="test", help="of the speakers")
    parser.add_argument("--only", choices=("people", "voices"), default="people voices")
    chosen = parser.parse_args()
    for row in rows(Options(chosen.quick, chosen.data), chosen.half, chosen.only):
        mark = {True: "reached", False: "MISSED", None: ""}[row.reached]
        print(f"{row.measure:28} {row.figure}\n{'':28} {row.wanted} {mark} [{row.note}]", flush=True)


__all__ = ["Case", "rows", "wilson"]

if __name__ == "__main__":
    main()
