"""What was promised, what the server holds, and the difference: counted in the server's own journal."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ehr_writeback.planned import ORDER, PROVENANCE

Json = dict[str, Any]
_OURS = re.compile(r"urn:.*|(\w+)/(?i:\1)-\d+")  # placeholders, and ids as `Store.make` gives them


@dataclass(frozen=True)
class Difference:
    """``lost``, ``doubled`` and ``disordered`` name "call/resource"; ``dangling`` references to nothing."""

    sent: int
    held: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    foreign: tuple[str, ...]
    disordered: tuple[str, ...]
    dangling: tuple[str, ...]

    @property
    def none(self) -> bool:
        return not (self.lost or self.doubled or self.foreign or self.disordered or self.dangling)

    def __str__(self) -> str:
        counts = ", ".join(
            f"{len(getattr(self, name))} {name}"
            for name in ("lost", "doubled", "foreign", "disordered", "dangling")
        )
        return f"sent {self.sent}, held {self.held}, difference: {'none' if self.none else counts}"


def compare(promised: Mapping[str, Sequence[str]], journal: Path) -> Difference:
    """``promised``: call id -> names of its resources; a Device is counted too, once for all calls."""
    lines = [orjson.loads(line) for line in journal.read_bytes().splitlines()]
    calls = _call_of_encounters(lines)
    held = [_name(line, calls) for line in lines]
    counts = Counter(name for name in held if not name.startswith("device/"))
    wanted = {name for names in promised.values() for name in names}
    devices = Counter(name for name in held if name.startswith("device/"))
    return Difference(
        sent=len(wanted) + bool(promised),
        held=len(held),
        lost=tuple(sorted(wanted - counts.keys())),
        doubled=tuple(sorted(name for name, count in (counts | devices).items() if count > 1)),
        foreign=tuple(sorted(counts.keys() - wanted)),
        disordered=tuple(_disordered(held)),
        dangling=tuple(_dangling(lines)),
    )


def _call_of_encounters(lines: Sequence[Json]) -> dict[str, str]:
    """A Provenance has no identifier: it goes by its first target, the call's Encounter."""
    made = [line["made"] for line in lines if line["made"]["resourceType"] == "Encounter"]
    return {f"Encounter/{one['id']}": one["identifier"][0]["value"].split("/")[0] for one in made}


def _name(line: Json, calls: Mapping[str, str]) -> str:
    """ "call/resource" as the identifiers say it, "device/..." for a Device."""
    kind, name = line["made"]["resourceType"], line["name"]
    if kind == "Device":
        return f"device/{name}"
    if kind == "Provenance":
        return f"{calls.get(name, name)}/{PROVENANCE}"
    return str(name.split("|", 1)[1])


def _disordered(held: Sequence[str]) -> list[str]:
    """Whatever stands behind something of its own call that should follow it (domain rules, section 1.2)."""
    highest: dict[str, tuple[int, int]] = defaultdict(lambda: (-1, -1))
    found = []
    for name in held:
        call_id, _, key = name.partition("/")
        if call_id == "device":
            continue
        kind, _, number = key.partition("/")
        rank = (ORDER.index(kind), int(number.removeprefix("w") or 0))
        if rank < highest[call_id]:
            found.append(name)
        highest[call_id] = max(rank, highest[call_id])
    return found


def _dangling(lines: Sequence[Json]) -> list[str]:
    """References to what this server should have made, and had not made yet; and placeholders."""
    there: set[str] = set()
    found = []
    for line in lines:
        made = line["made"]
        wanted = [reference for reference in line["references"] if _OURS.fullmatch(reference)]
        found += [f"{made['resourceType']}/{made['id']} -> {ref}" for ref in wanted if ref not in there]
        there.add(f"{made['resourceType']}/{made['id']}")
    return found
