"""The write-back's measurements, small: a few kills, a few calls, and a count that can tell a difference."""

from __future__ import annotations

import os
from pathlib import Path

import orjson
import pytest

from benchmarks.writeback_calls import promised
from benchmarks.writeback_chaos import Chaos, run
from benchmarks.writeback_count import compare
from benchmarks.writeback_sending import utc_now
from benchmarks.writeback_speed import backlog
from ehr_writeback.faulty_server import Mode

CALLS = promised([0], utc_now())
FIRST = "CA000000"


def journal(tmp_path: Path, *names: str) -> Path:
    """What a server wrote that made these, "Type name" each."""
    lines = []
    for number, (kind, name) in enumerate((entry.split(" ", 1) for entry in names), start=1):
        made = {"resourceType": kind, "id": f"{kind.lower()}-{number}", "identifier": [{"value": name}]}
        lines.append({"name": f"x|{name}" if kind != "Provenance" else name, "made": made, "references": []})
    file = tmp_path / "journal"
    file.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    return file


ENCOUNTER, NOTE = f"Encounter {FIRST}/enc", f"DocumentReference {FIRST}/note"


def test_what_is_all_there_once_and_in_order_makes_no_difference(tmp_path: Path) -> None:
    found = compare(CALLS, journal(tmp_path, "Device d", ENCOUNTER, NOTE, "Provenance Encounter/encounter-2"))
    assert found.none, found
    assert (found.sent, found.held) == (4, 4)


@pytest.mark.parametrize(
    ("names", "difference"),
    [
        ((ENCOUNTER, "Provenance Encounter/encounter-1"), "1 lost, 0 doubled, 0 foreign, 0 disordered"),
        ((ENCOUNTER, NOTE, NOTE), "1 lost, 1 doubled, 0 foreign, 0 disordered"),
        ((ENCOUNTER, "Provenance Encounter/encounter-1", NOTE), "0 lost, 0 doubled, 0 foreign, 1 disordered"),
        ((ENCOUNTER, NOTE, f"Task {FIRST}/task/9"), "1 lost, 0 doubled, 1 foreign, 0 disordered"),
        (("Device d", "Device d"), "3 lost, 1 doubled, 0 foreign, 0 disordered"),
    ],
)
def test_every_kind_of_difference_is_counted(tmp_path: Path, names: tuple[str, ...], difference: str) -> None:
    assert difference in str(compare(CALLS, journal(tmp_path, *names)))


@pytest.mark.parametrize("mode", [Mode.TRANSACTION, Mode.PLAIN])
def test_a_sender_that_is_killed_loses_and_doubles_nothing(tmp_path: Path, mode: Mode) -> None:
    chaos = Chaos(seed=7, kills=3, database_url=f"sqlite:///{tmp_path}/calls.db", mode=mode, calls_each=2)
    result = run(chaos, tmp_path)
    assert result.good, result


def test_a_backlog_of_an_outage_is_drained_once(tmp_path: Path) -> None:
    done = backlog(6, f"sqlite:///{tmp_path}/calls.db", tmp_path)
    assert done.difference.none, done.difference
    assert done.dead_letters == 0


@pytest.mark.slow(about_s=60)
@pytest.mark.skipif("BUDGET" not in os.environ, reason="a long check")
@pytest.mark.parametrize("mode", [Mode.TRANSACTION, Mode.CONDITIONAL, Mode.PLAIN])
def test_many_kills(tmp_path: Path, mode: Mode) -> None:
    seed, kills = int(os.environ.get("SEED", "1")), int(os.environ["BUDGET"]) // 3
    result = run(Chaos(seed, kills, f"sqlite:///{tmp_path}/calls.db", mode), tmp_path)
    assert result.good, result
