"""A practice with so many turns is backed up, and put back on an empty machine: how long each takes.

    python -m benchmarks.restore_drill [--turns 1000000] [--only sqlite]

What is measured is what `firstring backup` and `firstring restore` do: every hash, every row, every entry of
the audit trail, whose chain is a real one here. The result is added to RESULTS.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url
from sqlmodel import Session

from agent.custody.backup import make_backup
from agent.custody.restore import restore
from agent.first_run import make_data_dir
from agent.local_server import DEMO_NOW, demo_settings
from agent.preparing import keyring_of
from agent.settings import Settings
from benchmarks.booking_race import postgresql
from benchmarks.console_bulk import settle
from benchmarks.console_rows import TURNS, Year, seal
from models import audit
from models.keyring import current_keyring
from models.storage import Storage
from models.tables import AuditHead

RESULTS = Path(__file__).parent / "results" / "restore_drill.jsonl"
TARGET_S = 15 * 60
NOW = datetime.fromisoformat(DEMO_NOW)
CHAIN, PATIENTS = "bench", 2_000
PASSPHRASE = "of a machine that is thrown away"


class ChainedYear(Year):
    """A year whose audit entries follow one another as they do in a real trail."""

    last = (0, audit.GENESIS)

    def audit(self) -> Iterator[Sequence[Any]]:
        ring, why, last = current_keyring(), seal("audit_entry.why", ""), audit.GENESIS
        for n in range(self.count * 2):
            subject, at, actor = f"call/{self.call_id(n // 2)}", self.started(n // 2), ("kim", "lee")[n % 2]
            made = audit.hash_of(CHAIN, n + 1, at, actor, "view", subject, "", last)
            sealed, blind = seal("audit_entry.subject", subject), ring.blind(audit.SUBJECT, subject)
            yield CHAIN, n + 1, at, actor, "view", sealed, blind, why, last, made
            last = made
        self.last = (self.count * 2, last)


def make_practice(chosen: Settings, turns: int) -> dict[str, int]:
    """Fills an empty database with about so many turns; what it holds."""
    make_data_dir(chosen)
    storage = Storage.open(chosen.database, keyring_of(chosen))
    try:
        year = ChainedYear(round(turns * 2 / sum(TURNS)), NOW, [f"p{n}" for n in range(PATIENTS)])
        year.fill(storage.engines.writing)
        storage.write_now(lambda session: _sign(session, *year.last))
        settle(storage.engines.writing)
        return {"calls": year.count, "audit_entries": year.last[0]}
    finally:
        storage.close()


def _sign(session: Session, number: int, last: str) -> None:
    head = AuditHead(chain=CHAIN, number=number, hash=last, signature="")
    head.signature = audit.signature_of(head)
    session.add(head)


def drill(folder: Path, turns: int, urls: tuple[str, str]) -> dict[str, Any]:
    """``urls``: of the database that is lost and of the empty one; "" each for files."""
    began = time.monotonic()
    there = demo_settings(folder / "there", database_url=urls[0])
    held = make_practice(there, turns)
    made_s = time.monotonic() - began
    backup = make_backup(there, folder / "backups", folder / "apart" / "keys", PASSPHRASE)
    if not urls[0]:
        shutil.rmtree(there.data_dir)  # the machine is lost
    here = replace(there, data_dir=folder / "here", database_url=urls[1])
    steps: list[tuple[str, float]] = []
    begin = time.monotonic()
    done = restore(
        here, backup.archive, folder / "apart" / "keys", PASSPHRASE,
        lambda line: steps.append((line, round(time.monotonic() - begin, 1))),
    )  # fmt: skip
    counts = done.manifest.state.counts
    return {
        "database": done.manifest.engine,
        "turns": counts["turn"],
        "rows": sum(counts.values()),
        **held,
        "archive_mib": round(backup.size_bytes / 2**20),
        "made_s": round(made_s),
        "backup_s": round(backup.seconds, 1),
        "restore_s": round(done.seconds, 1),
        "chain_s": round(steps[-1][1] - steps[-2][1], 1),
        "within": done.seconds <= TARGET_S,
    }


def append(result: dict[str, Any]) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
        cwd=RESULTS.parent,
    )
    where = {
        "on": date.today().isoformat(),
        "commit": commit.stdout.strip(),
        "machine": f"{os.cpu_count()} cores",
        "load": round(os.getloadavg()[0], 1),
    }
    with RESULTS.open("a") as file:
        file.write(json.dumps(where | result) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=1_000_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--folder", type=Path, help="where there is room; a temporary folder else")
    options = parser.parse_args()
    for database in (options.only,) if options.only else ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            folder = Path(name)
            if database == "sqlite":
                result = drill(folder, options.turns, ("", ""))
            else:
                folder.chmod(0o755)  # as root the server runs as a user of its own
                with postgresql(folder) as url:
                    result = drill(folder, options.turns, _two(url))
        append(result)
        print(json.dumps(result, indent=1))


def _two(url: str) -> tuple[str, str]:
    """Two databases of one server, the second one empty."""
    from sqlalchemy import create_engine, text

    there = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(there, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE restored TEMPLATE template0"))
    engine.dispose()
    plain = there.render_as_string(hide_password=False)
    return plain, there.set(database="restored").render_as_string(hide_password=False)


if __name__ == "__main__":
    main()
