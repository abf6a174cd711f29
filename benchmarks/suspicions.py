"""What the network's suspicions add to the danger screen, and what they cost in needless questions.

``python -m benchmarks.suspicions``. The network was taught on tables of its own (``intents/alarms``); the
first and second set of danger sentences tuned the screen, the third tuned nothing. What counts here is that
a danger does not pass unnoticed: it fires, or is asked about, by the screen or for the network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.understanding_minds import product
from benchmarks.understanding_public import FILE, read
from benchmarks.understanding_rows import Options, percent
from dialog.safety import assess
from intents import frozen
from intents.frozen import Case
from models.domain import ExpectationKind, Intent
from tests.safety_sets import sets

SETS = (
    ("first", sets.POSITIVES, sets.NEGATIVES),
    ("second", sets.SECOND_POSITIVES, sets.SECOND_NEGATIVES),
    ("third", sets.THIRD_POSITIVES, sets.THIRD_NEGATIVES),
)
_COMPLAINTS = frozenset({Intent.SYMPTOM_REPORT, Intent.CHECKIN_RETURN, Intent.MEDICATION_QUESTION})


@dataclass(frozen=True, slots=True)
class Found:
    """What screen and network make of one sentence."""

    sign: str  # really there, "" for none
    kind: str  # of the sentence
    fires: bool
    asks: bool  # the screen
    suspected: str

    @property
    def is_noticed(self) -> bool:
        return self.fires or self.asks or bool(self.suspected)


def found(text: str, sign: str, kind: str) -> Found:
    """As a call would have it: what the words deny, or place in the past, is not suspected."""
    heard = assess([text])
    settled = {*heard.denied, *(concern.flag.id for concern in heard.history)}
    suspected = product().classifier.score(text, ExpectationKind.OPEN).suspected
    fires = heard.flag is not None
    asks = not fires and heard.doubt is not None
    return Found(sign, kind, fires, asks, "" if suspected in settled or fires or asks else suspected)


def dangers_table() -> Table:
    columns = (
        "sentences of danger",
        "n",
        "screen fires",
        "screen asks",
        "network asks",
        "the very sign",
        "unnoticed",
    )
    table = _table("Dangers", columns)
    for name, positives, _ in SETS:
        made = [found(one.text, one.flag, _condition(one)) for one in sets.read_positives(positives)]
        for kind in ("plain English", "recogniser errors", "Spanish", "all"):
            table.add_row(f"{name}, {kind}", *_dangers([one for one in made if kind in ("all", one.kind)]))
    return table


def _condition(danger: sets.Danger) -> str:
    if danger.is_plain_english:
        return "plain English"
    return "Spanish" if "spanish" in danger.tags else "recogniser errors"


def _dangers(made: Sequence[Found]) -> tuple[str, ...]:
    return (
        str(len(made)),
        *(_share(made, told) for told in (lambda one: one.fires, lambda one: one.asks, _by_network)),
        _share(made, lambda one: one.suspected == one.sign),
        _share(made, lambda one: not one.is_noticed),
    )


def harmless_table(options: Options) -> Table:
    columns = ("sentences of no danger", "n", "screen fires", "screen asks", "network asks")
    table = _table("No danger", columns)
    for name, _, negatives in SETS:
        made = [found(one.text, "", one.kind.value) for one in sets.read_negatives(negatives)]
        for kind in (*dict.fromkeys(one.kind for one in made), "all"):
            table.add_row(f"{name}, {kind}", *_harmless([one for one in made if kind in ("all", one.kind)]))
    for name, cases in _ordinary(options):
        table.add_row(name, *_harmless([found(case.text, "", "") for case in cases]))
    return table


def _harmless(made: Sequence[Found]) -> tuple[str, ...]:
    told = (lambda one: one.fires, lambda one: one.asks, _by_network)
    return (str(len(made)), *(_share(made, each) for each in told))


def _ordinary(options: Options) -> list[tuple[str, list[Case]]]:
    """Sentences written for other purposes, those that report no complaint."""
    sources = {"frozen intents": list(frozen.cases())}
    if (path := options.data / FILE).exists():
        sources["public sentences"] = read(path)
    return [
        (
            f"{name}, no complaint",
            [case for case in cases if _COMPLAINTS.isdisjoint(case.intents | case.also)],
        )
        for name, cases in sources.items()
    ]


def _by_network(one: Found) -> bool:
    return bool(one.suspected)


def _share(made: Sequence[Found], told: Callable[[Found], bool]) -> str:
    count = sum(map(told, made))
    return f"{count} ({percent(count / len(made))})" if made else "-"


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title)
    for column in columns:
        table.add_column(column)
    return table


def main() -> None:
    console = Console(width=140)
    console.print(dangers_table())
    console.print(harmless_table(Options()))


if __name__ == "__main__":
    main()
