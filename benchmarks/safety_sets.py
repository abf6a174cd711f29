"""The danger screen against the frozen sentences: sensitivity, specificity, what 0 misses of n still allow.

``python -m benchmarks.safety_sets`` prints the tables; ``--each`` names every miss and false alarm;
``--second`` takes the second set, which came after the lexicon had been tuned to the first; ``--third`` the
third, by an author who had seen neither the screen nor the other two sets.
How the sentences are scored: tests/safety_sets/README.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.understanding_rows import Options, Row, at_least
from tests.safety_sets.score import (
    Scored,
    false_alarms,
    has_right_flag,
    is_caught,
    missed,
    percent,
    score,
)
from tests.safety_sets.sets import (
    FLAGS,
    NEGATIVES,
    POSITIVES,
    SECOND_NEGATIVES,
    SECOND_POSITIVES,
    THIRD_NEGATIVES,
    THIRD_POSITIVES,
    Danger,
    Kind,
    NoDanger,
    read_negatives,
    read_positives,
)

Dangers = Sequence[Scored[Danger]]
NoDangers = Sequence[Scored[NoDanger]]

SENSITIVITY, SPECIFICITY = 1.0, 0.97
READ = "sentences that the lexicon's author has read: unseen ones, docs/safety.md"
OTHER_SETS = (("second", SECOND_POSITIVES, SECOND_NEGATIVES), ("third", THIRD_POSITIVES, THIRD_NEGATIVES))
CONDITIONS: dict[str, Callable[[Danger], bool]] = {
    "plain English": lambda danger: danger.is_plain_english,
    "recogniser errors": lambda danger: "noised" in danger.tags,
    "Spanish": lambda danger: "spanish" in danger.tags,
    "all": lambda danger: True,
}


def tables(dangers: Dangers, harmless: NoDangers) -> tuple[Table, Table, Table]:
    """Sensitivity by condition and by red flag, specificity by kind."""
    return _sensitivity(dangers), _by_flag(dangers), _specificity(harmless)


def rows(options: Options) -> Iterator[Row]:
    """The same as measures of the table of `benchmarks.understanding`."""
    step = 10 if options.quick else 1
    dangers, harmless = score(read_positives()[::step]), score(read_negatives()[::step])
    for name, belongs in CONDITIONS.items():
        said = [one for one in dangers if belongs(one.sentence)]
        misses = len(missed(said))
        note = f"{misses} of {len(said)} missed; bound 3/n {bound(misses, len(said))}; {READ}"
        yield at_least(f"red flags caught: {name}", 1 - misses / len(said), SENSITIVITY, note=note)
    alarms = len(false_alarms(harmless))
    note = f"{alarms} of {len(harmless)} alarm, most chosen to mislead; {READ}"
    yield at_least("no danger, left alone", 1 - alarms / len(harmless), SPECIFICITY, note=note)


def bound(misses: int, of: int) -> str:
    """The 95 % upper bound on the miss rate that no miss of n leaves; "-" when there are misses."""
    return f"{300 / of:.2f} %" if of and not misses else "-"


def _sensitivity(dangers: Dangers) -> Table:
    table = _table(
        "Danger, own sentences: caught", "said as", "n", "caught", "sensitivity", "bound 3/n", "right flag"
    )
    for name, belongs in CONDITIONS.items():
        table.add_row(name, *_caught_row([one for one in dangers if belongs(one.sentence)]))
    return table


def _by_flag(dangers: Dangers) -> Table:
    table = _table("Danger by red flag", "flag", "n", "caught", "sensitivity", "bound 3/n", "right flag")
    for flag in FLAGS:
        table.add_row(flag, *_caught_row([one for one in dangers if one.sentence.flag == flag]))
    return table


def _caught_row(dangers: Dangers) -> tuple[str, ...]:
    of, caught = len(dangers), sum(map(is_caught, dangers))
    right = percent(sum(map(has_right_flag, dangers)), of)
    return str(of), str(caught), f"{percent(caught, of):.1f} %", bound(of - caught, of), f"{right:.1f} %"


def _specificity(harmless: NoDangers) -> Table:
    table = _table("No danger, own sentences: left alone", "kind", "n", "alarms", "specificity", "asked")
    groups: list[tuple[str, NoDangers]] = [
        (kind.value, [one for one in harmless if one.sentence.kind is kind]) for kind in Kind
    ]
    hard = [one for one in harmless if one.sentence.is_hard]
    for name, of_kind in (*groups, ("hard kinds", hard), ("all", harmless)):
        alarms, asked = len(false_alarms(of_kind)), sum(one.asks for one in of_kind)
        right = percent(len(of_kind) - alarms, len(of_kind))
        table.add_row(name, str(len(of_kind)), str(alarms), f"{right:.1f} %", str(asked))
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title)
    for column in columns:
        table.add_column(column)
    return table


def _each(dangers: Dangers, harmless: NoDangers) -> Iterable[str]:
    for miss in missed(dangers):
        yield f"missed {miss.sentence.flag} ({miss}): {miss.sentence.text}"
    for alarm in false_alarms(harmless):
        yield f"alarm at {alarm.sentence.kind.value} ({alarm}): {alarm.sentence.text}"


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", action="store_true", help="name every miss and false alarm")
    parser.set_defaults(files=(POSITIVES, NEGATIVES))
    which = parser.add_mutually_exclusive_group()
    for name, *files in OTHER_SETS:
        which.add_argument(
            f"--{name}", dest="files", action="store_const", const=files, help=f"score the {name} set"
        )
    return parser


def main() -> None:
    chosen = _options().parse_args()
    positives, negatives = chosen.files
    dangers, harmless = score(read_positives(positives)), score(read_negatives(negatives))
    console = Console()
    for table in tables(dangers, harmless):
        console.print(table)
    if chosen.each:
        for line in _each(dangers, harmless):
            console.print(line, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
