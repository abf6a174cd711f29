"""What callers notice of an attack: the replies of whole calls, on a whole server.

    python -m benchmarks.attack_replies                      # about eight minutes, one table

`benchmarks.attack` watches a key's way there and back, a millisecond without any rule behind it; a caller
waits for a sentence that was understood, decided and stored. Here the same attackers meet the server as it
is shipped (stand-in recogniser), and the time from a caller's last word to our first sound is measured
before, during and after each attack. The server has one core; callers and, at a lower priority, the
attackers have the other. To reach: p95 (p99 for frames) within 15 % of the better control.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.attackers import KINDS
from benchmarks.line_server import ACCOUNT_SID, AUTH_TOKEN, PUBLIC_URL
from benchmarks.load_calls import STAGGER_S
from benchmarks.load_sections import STAFF_NUMBER, WORSE, cores
from benchmarks.load_server import STAND_IN, Loaded, Point, loaded, on_cores
from benchmarks.machine import commit, size
from benchmarks.reply_load import SHORT

RESULTS = Path(__file__).parent / "results" / "attack_replies.jsonl"
COLUMNS = "attack,control ms,attacked ms,ratio,replies,without a reply,web CPU,memory MiB,tried"
MIB = 2**20


@dataclass(frozen=True)
class Row:
    """One attack beside its control; ``watched`` is the percentile in question."""

    attack: str
    watched: int
    control: Point
    attacked: Point
    memory_mib: float
    tried: dict[str, int]

    @property
    def ratio(self) -> float:
        return watched_ms(self.attacked, self.watched) / watched_ms(self.control, self.watched)


def watched_ms(point: Point, percentile: int) -> float:
    return point.p99_ms if percentile == 99 else point.p95_ms


def measured(server: Loaded, options: argparse.Namespace) -> list[Row]:
    rows, before = [], quiet(server, options)
    for kind in options.only.split(","):
        length_s = options.calls * STAGGER_S + options.seconds + 2.0
        attacker = begin(kind, server.server.base_url, length_s, options)
        attacked = server.under(options.calls, SHORT, options.seconds, note=kind)
        tried = json.loads(attacker.communicate(timeout=120)[0] or "{}")
        after = quiet(server, options)
        watched = 99 if kind == "frames" else 95
        control = min(before, after, key=lambda point: watched_ms(point, watched))
        more = (attacked.pss_bytes - before.pss_bytes) / MIB
        rows.append(Row(kind, watched, control, attacked, more, tried))
        print(f"{kind}: {rows[-1].ratio:.2f} of the control", flush=True)
        before = after
    return rows


def quiet(server: Loaded, options: argparse.Namespace) -> Point:
    return server.under(options.calls, SHORT, options.seconds, note="control")


def begin(kind: str, base: str, length_s: float, options: argparse.Namespace) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.attackers", kind, "--base", base, "--seconds", str(length_s)]
    command += ["--rate", str(options.rate), "--seed", str(options.seed)]
    with on_cores(server_and_callers()[1]):
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def server_and_callers() -> tuple[tuple[int, ...], tuple[int, ...]]:
    return cores()[:1], cores()[1:2]


def table_of(rows: list[Row]) -> Table:
    table = Table(title=f"Replies under attack, {size()}, at {commit()}")
    for column in COLUMNS.split(","):
        table.add_column(column, justify="left" if column in ("attack", "tried") else "right")
    for row in rows:
        control, attacked = row.control, row.attacked
        table.add_row(
            f"{row.attack} (p{row.watched})",
            f"{watched_ms(control, row.watched):.0f}", f"{watched_ms(attacked, row.watched):.0f}",
            f"{row.ratio:.2f}{'' if row.ratio <= WORSE else ' (!)'}",
            f"{control.replies} / {attacked.replies}", str(attacked.missing + attacked.failed),
            f"{control.cpu['web']:.0%} / {attacked.cpu['web']:.0%}", f"{row.memory_mib:+.1f}",
            " ".join(f"{name}={count}" for name, count in sorted(row.tried.items())),
        )  # fmt: skip
    return table


def record(rows: list[Row], options: argparse.Namespace) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    head = {"on": date.today().isoformat(), "commit": commit(), "machine": size(), "seed": options.seed}
    with RESULTS.open("a", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps({**head, "ratio": round(row.ratio, 3), **asdict(row)}) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default=",".join(KINDS), help="attacks, with commas between")
    parser.add_argument("--calls", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=35.0, help="of each attack and each control")
    parser.add_argument("--rate", type=float, default=1_000.0, help="hostile frames or connections a second")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    known = {"public_url": PUBLIC_URL, "twilio_account_sid": ACCOUNT_SID, "twilio_auth_token": AUTH_TOKEN}
    ours, callers = server_and_callers()
    with loaded(
        STAND_IN, server_on=ours, callers_on=callers, turn_away=True, staff_number=STAFF_NUMBER, **known
    ) as server:
        rows = measured(server, options)
    record(rows, options)
    Console(width=170).print(table_of(rows))


if __name__ == "__main__":
    main()
