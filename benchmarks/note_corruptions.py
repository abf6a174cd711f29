"""Does the note's checker refuse what was not so, and only that? `python -m benchmarks.note_corruptions`

True notes come of typed calls of every kind and of rehearsed callers; each is falsified in seeded ways
(`benchmarks.note_lies`). A lie is caught when it stands neither in the note that is filed nor, where it was
noted wrongly, in any other resource of the call (`benchmarks.note_resources`).
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from benchmarks import note_lies, note_misnoted
from benchmarks.note_changes import CHANGES
from benchmarks.note_lies import Lie, lines_of
from benchmarks.note_resources import false_in_resources, lost_in_resources
from ehr_writeback.checker import unsupported
from ehr_writeback.note import without, write_note
from models.domain import CallRecord

PER_KIND = 12


@dataclass
class Found:
    """What became of the lies, and which true notes lost a line or whose other resources a fact."""

    lies: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    never_written: int = 0  # noted wrongly, and nothing would say it, checked or not
    beside: int = 0  # lies that other resources of the call would tell too
    missed: list[Lie] = field(default_factory=list)
    notes: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)  # call and line

    @property
    def caught(self) -> float:
        return 1 - len(self.missed) / self.lies if self.lies else 0.0

    @property
    def refused_notes(self) -> float:
        return len({call for call, _ in self.refused}) / self.notes if self.notes else 0.0


def lies_of(records: Sequence[CallRecord], seed: int, per_kind: int = PER_KIND) -> list[Lie]:
    """The same for the same records and seed; each kind as often as the others where there are enough."""
    dice, found = random.Random(seed), defaultdict(list)
    for lie in _all_lies(records, dice):
        found[lie.kind].append(lie)
    return [lie for kind in sorted(found) for lie in _some(found[kind], per_kind, dice)]


def _some(lies: list[Lie], count: int, dice: random.Random) -> list[Lie]:
    return dice.sample(lies, min(count, len(lies)))


def _all_lies(records: Sequence[CallRecord], dice: random.Random) -> Iterator[Lie]:
    notes = [write_note(record) for record in records]
    for record, note in zip(records, notes, strict=True):
        for kind, change in CHANGES.items():
            if lie := note_lies.altered(kind, record, note, change, dice):
                yield lie
        others = (
            note_lies.invented(record, note, dice),
            note_lies.of_another_call(record, note, dice.choice(notes), dice),
            note_lies.in_the_other_list(record, note, dice),
            note_lies.our_words_as_theirs(record, note, dice),
        )
        yield from (lie for lie in others if lie)
        for kind, wrong, false in note_misnoted.misnoted(record, dice):
            yield note_misnoted.noted(kind, wrong, false, record)


def judged(records: Mapping[str, CallRecord], seed: int, per_kind: int = PER_KIND) -> Found:
    found = Found(notes=len(records))
    for name, record in records.items():
        found.refused += [(name, fault.line) for fault in unsupported(write_note(record), record)]
        found.refused += [(name, f"in other resources: {lost}") for lost in lost_in_resources(record)]
    for lie in lies_of(list(records.values()), seed, per_kind):
        found.lies += 1
        found.kinds[lie.kind] += 1
        told_beside = bool(lie.true and false_in_resources(lie.record, lie.true, checked=False))
        found.beside += told_beside
        found.never_written += not lie.lies and not told_beside
        if stands(lie):
            found.missed.append(lie)
    return found


def stands(lie: Lie) -> bool:
    """Whether a lie is in the note that would be filed, or in another resource of its call."""
    filed = without(lie.text, unsupported(lie.text, lie.record))
    beside = lie.true is not None and bool(false_in_resources(lie.record, lie.true))
    return beside or bool(set(lie.lies) & set(lines_of(filed)))


def table(found: Found) -> Table:
    caption = f"{found.beside} would stand in other resources too; {found.never_written} reach nothing"
    shown = Table(title="The note's checker", caption=caption)
    for name in ("kind", "lies", "caught"):
        shown.add_column(name, justify="left" if name == "kind" else "right")
    missed = Counter(lie.kind for lie in found.missed)
    for kind, count in sorted(found.kinds.items()):
        shown.add_row(kind, str(count), str(count - missed[kind]))
    shown.add_section()
    shown.add_row("all (reach: 100 %)", str(found.lies), f"{found.caught:.1%}")
    refused = len({call for call, _ in found.refused})
    shown.add_row(
        "true calls that lost a line or a fact (reach: <= 2 %)",
        str(found.notes),
        f"{refused} ({found.refused_notes:.1%})",
    )
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-kind", type=int, default=PER_KIND)
    parser.add_argument("--rehearsed", type=int, default=20, help="rehearsed callers beside the typed calls")
    chosen = parser.parse_args()
    from benchmarks.note_calls import all_records

    found = judged(all_records(chosen.rehearsed, chosen.seed), chosen.seed, chosen.per_kind)
    out = Console()
    out.print(table(found))
    for lie in found.missed:
        beside = false_in_resources(lie.record, lie.true) if lie.true else []
        told = [line for _, line in lie.lies] + beside
        out.print(f"missed: {lie.kind}: {lie.record.call_id}: {told}", markup=False)
    for call, line in found.refused:
        out.print(f"true but refused: {call}: {line}", markup=False)


if __name__ == "__main__":
    main()
