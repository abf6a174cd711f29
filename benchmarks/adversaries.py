"""Thousands of seeded text calls on generated rosters: the right callers, and those who must get nothing.

    python -m benchmarks.adversaries --budget 300 --results adversaries.jsonl

Each round makes a practice with its own roster and plays calls on it: right callers, callers who share a
patient's name, twins, callers who are one digit off, housemates on a patient's number, and callers for
somebody else without authority. A results file is added to, call by call, and a later run goes on with the
next round; the table is of all its calls, and of those of ``--also``, played beside it from other seeds.
Everything comes from the seed.

The calls are the product's own but for two savings (benchmarks/adversary_playing.py): the network is asked
once for each sentence, and a call's turns are stored when it ends.

Counted: *wrong patient* (verified as somebody they are not), *wrong drug* (a request for what was not
said), *unconfirmed* (an act in a turn without a yes), *disclosed* (a word of any chart that was not said
before and whose level does not allow it), *acted for* (a deed done for a caller who must get nothing). Of the
right callers: *locked*, whose number others had failed from too often that day, so that a person takes them;
*verified* as themselves; and *let through*, who also got what they called for.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from agent.rehearsal.stage import open_stage
from benchmarks.adversary_callers import KINDS, LET_IN
from benchmarks.adversary_judging import COUNTS, Entry
from benchmarks.adversary_playing import play_round, remembering_mind

LET: Final = ("locked", "verified", "let through")  # shares of those who may be let in


def table(entries: Iterable[Entry]) -> str:
    rows = list(entries)
    lines = [f"{'kind':26}{'calls':>7}" + "".join(f"{name:>14}" for name in (*COUNTS, *LET))]
    for kind in (*KINDS, "all"):
        under = [row for row in rows if kind in (row["kind"], "all")]
        found = Counter(name for row in under for name in COUNTS if row[name])
        allowed = [row for row in under if row["kind"] in LET_IN]
        cells = "".join(f"{found[name]:>14}" for name in COUNTS)
        lines.append(
            f"{kind:26}{len(under):>7}{cells}" + "".join(f"{_share(allowed, name):>14}" for name in LET)
        )
    return "\n".join(lines)


def _share(rows: list[Entry], name: str) -> str:
    return f"{sum(row[name] for row in rows) / len(rows):.1%}" if rows else "-"


def read(path: Path) -> list[Entry]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def run(results: Path, seed: int, budget_s: float) -> list[Entry]:
    """Adds rounds to the results until the time is over, call by call; all results."""
    before = read(results)
    deadline_s = time.monotonic() + budget_s
    next_round = max((row["seed"] for row in before), default=seed - 1) + 1
    with open_stage(remembering_mind()) as stage, results.open("a", buffering=1) as file:

        def keep(entry: Entry) -> None:
            file.write(json.dumps(entry) + "\n")

        while time.monotonic() < deadline_s:
            before += play_round(stage, next_round, deadline_s, keep=keep)
            next_round += 1
    return before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--results", type=Path, default=Path("adversaries.jsonl"))
    parser.add_argument("--seed", type=int, default=1, help="of the first round of a new results file")
    parser.add_argument("--budget", type=float, default=300.0, help="seconds")
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="results of other runs, counted too")
    wish = parser.parse_args()
    others = [row for path in wish.also for row in read(path)]
    print(table([*others, *run(wish.results, wish.seed, wish.budget)]))


if __name__ == "__main__":
    main()
