"""Our own test half: whole sentences right, and the labels' mean F1; with and without shared wordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.understanding_minds import answers, by_baseline, by_baseline_inside, by_product
from benchmarks.understanding_rows import Options, Row, absent, at_least, percent
from intents import frozen
from intents.corpus import examples
from intents.frozen import Case
from intents.frozen.scoring import Score, score

ACCURACY, MACRO_F1 = 0.95, 0.93


def rows(options: Options) -> Iterator[Row]:
    if options.developing:
        yield absent("own test half", "kept for the closing figures")
        return
    cases = list(frozen.cases())[:: 40 if options.quick else 1]
    yield from _figures("all", cases)
    yield from _figures("not word for word in the corpus", _unseen(cases))


def _unseen(cases: Sequence[Case]) -> list[Case]:
    return frozen.unseen(cases, [example.text for example in examples()])


def _figures(name: str, cases: Sequence[Case]) -> Iterator[Row]:
    ours, theirs = score(answers(cases, by_product)), score(answers(cases, by_baseline))
    inside = score(answers(cases, by_baseline_inside))
    note = f"{len(cases)} sentences; the baseline with our cues and readers {{}}"
    yield at_least(
        f"accuracy, {name}", ours.accuracy, ACCURACY, theirs.accuracy, note.format(percent(inside.accuracy))
    )
    yield Row(
        f"macro-F1, {name}",
        f"{ours.macro_f1:.3f}",
        f">= {MACRO_F1}",
        note.format(f"{inside.macro_f1:.3f}"),
        ours.macro_f1 >= MACRO_F1,
        f"{theirs.macro_f1:.3f}",
    )
    yield _refusals(name, ours, theirs)
    yield _weakest(name, ours)


def _refusals(name: str, ours: Score, theirs: Score) -> Row:
    return Row(
        f"strangers caught / others refused, {name}",
        f"{percent(ours.out_of_scope_caught)} / {percent(ours.others_refused)}",
        baseline=f"{percent(theirs.out_of_scope_caught)} / {percent(theirs.others_refused)}",
    )


def _weakest(name: str, ours: Score) -> Row:
    worst = sorted(ours.f1.items(), key=lambda pair: pair[1])[:4]
    return Row(f"weakest labels (F1), {name}", ", ".join(f"{label.value} {f1:.2f}" for label, f1 in worst))
