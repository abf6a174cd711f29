"""Fuzz what reads from outside: the stream codec, TwiML, form bodies, FHIR, dates and numbers.

    python -m benchmarks.fuzz                                   # ten minutes a target, one after the other
    python -m benchmarks.fuzz --target codec --seconds 60 --seed 7 --jobs 2

Needs the extra `fuzz` (atheris). What was found worth keeping stays in ``.fuzz/``, and the next run goes on
from it. Every run adds a line to ``benchmarks/results/fuzz.jsonl``: runs, seconds, crashes. A crash is an
exception outside our error tree, an answer that may not be, ten seconds for one input, or two gigabytes. Its
input is in the line (``input``, base64) and plays again by ``--replay TARGET=BASE64``. Exits with 1 then.
"""

from __future__ import annotations

import argparse
import base64
import importlib
import json
import re
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.fuzzing import TARGETS
from benchmarks.machine import commit, size

RESULTS = Path(__file__).parent / "results" / "fuzz.jsonl"
CORPORA = Path(".fuzz")
INPUT_LIMIT_BYTES = 8_192
WORDS_LIMIT_BYTES = 256  # a turn of some seconds: longer ones find the same, slower
INPUT_LIMIT_S = 10
MEMORY_LIMIT_MIB = 2_048


@dataclass(frozen=True)
class Result:
    target: str
    seed: int
    seconds: float
    runs: int
    edges: int
    crashes: int
    input: str = ""  # base64 of the input that crashed it
    error: str = ""


def _inherited_mib() -> int:
    """libFuzzer reads the peak of its process, which on Linux begins with that of whoever started it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024


def fuzz(target: str, seconds: float, seed: int, corpus: Path) -> Result:
    """One target in a process of its own, until its time is over or it crashes."""
    corpus.mkdir(parents=True, exist_ok=True)
    _sow(target, corpus)
    found = corpus.parent / f"{target}.crash"
    found.unlink(missing_ok=True)
    longest = WORDS_LIMIT_BYTES if target == "words" else INPUT_LIMIT_BYTES
    began = time.monotonic()
    done = subprocess.run(
        [
            sys.executable, "-m", "benchmarks.fuzzing.run", target, f"-max_total_time={round(seconds)}",
            f"-seed={seed}", f"-max_len={longest}", f"-timeout={INPUT_LIMIT_S}",
            f"-rss_limit_mb={MEMORY_LIMIT_MIB + _inherited_mib()}", f"-exact_artifact_path={found}",
            "-print_final_stats=1", str(corpus),
        ],
        capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    spent_s = time.monotonic() - began
    said = done.stdout + done.stderr
    crash = base64.b64encode(found.read_bytes()).decode() if found.exists() else ""
    crashed = done.returncode != 0
    runs, edges = _last(r"number_of_executed_units:\s+(\d+)|^#(\d+)", said), _last(r"cov: (\d+)", said)
    error = _named(said) if crashed else ""
    return Result(target, seed, round(spent_s, 1), runs, edges, int(crashed), crash, error)


def _sow(target: str, corpus: Path) -> None:
    for number, seed in enumerate(importlib.import_module(f"benchmarks.fuzzing.{target}").seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)


def _last(pattern: str, text: str) -> int:
    found = re.findall(pattern, text, re.MULTILINE)
    last = found[-1] if found else "0"
    return int(last if isinstance(last, str) else next(part for part in last if part))


def _named(said: str) -> str:
    """The exception, or libFuzzer's own words."""
    lines = [
        line
        for line in said.splitlines()
        if re.match(r"\w*(Error|Exception|Interrupt)\b|==\d+== ERROR", line)
    ]
    return lines[0][:200] if lines else said[-200:]


def record(result: Result) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    line = {"on": date.today().isoformat(), "commit": commit(), "machine": size(), **asdict(result)}
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def replay(spec: str) -> None:
    """The input once more, without atheris: raises what it raised."""
    target, _, text = spec.partition("=")
    importlib.import_module(f"benchmarks.fuzzing.{target}").once(base64.b64decode(text))


def table_of(results: list[Result]) -> Table:
    table = Table(title="Fuzz (atheris)")
    for column in ("target", "seconds", "runs", "edges", "crashes", "error"):
        table.add_column(column)
    for each in results:
        cells = (
            each.target,
            f"{each.seconds:.0f}",
            f"{each.runs:,}",
            str(each.edges),
            str(each.crashes),
            each.error,
        )
        table.add_row(*cells)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--target", action="append", choices=list(TARGETS))
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--replay", metavar="TARGET=BASE64")
    options = parser.parse_args()
    if options.replay:
        replay(options.replay)
        return
    results = []
    with ThreadPoolExecutor(options.jobs) as pool:
        targets = options.target or TARGETS
        for result in pool.map(
            lambda target: fuzz(target, options.seconds, options.seed, CORPORA / target), targets
        ):
            record(result)
            results.append(result)
    Console(width=140).print(table_of(results))
    raise SystemExit(any(each.crashes for each in results))


if __name__ == "__main__":
    main()
