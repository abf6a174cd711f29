"""People's sentences from public collections (``intents/utterances.jsonl`` of the evaluation data).

Half of them, by a hash of their words, may be read while developing; the other half is only scored. An
answer ("yes", "no thanks") is scored as one to a yes/no question, with the words before it where they are
known. The collections give each sentence one label; what may stand beside it is said here.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.understanding_minds import answers, by_baseline, by_baseline_inside, by_product
from benchmarks.understanding_rows import Options, Row, absent, at_least, at_most, percent, write_misses
from intents.frozen import Case
from intents.frozen.scoring import Answer, Score, is_right, score
from models.domain import Expectation, ExpectationKind, Intent

FILE = "intents/utterances.jsonl"
ACCURACY, LABEL, CAUGHT, REFUSED, OVER_BASELINE = 0.90, 0.75, 0.88, 0.06, 0.05
COUNTED = 20  # sentences that a label must have for a figure of its own
_ANSWERS = (Intent.AFFIRM, Intent.DENY)
_OPEN = Expectation(asked="How can I help?")
# A visit is asked for with its reason and a reason told with the wish; a "yes" comes with why.
_BESIDE = {
    Intent.SCHEDULE_BOOK: frozenset({Intent.SYMPTOM_REPORT}),
    Intent.SYMPTOM_REPORT: frozenset({Intent.SCHEDULE_BOOK}),
    Intent.AFFIRM: frozenset({Intent.SYMPTOM_REPORT}),
}


def rows(options: Options) -> Iterator[Row]:
    path = options.data / FILE
    if not path.exists():
        yield absent("public sentences", f"{FILE} is not here", f">= {percent(ACCURACY)}")
        return
    cases = read(path)[:: 10 if options.quick else 1]
    for name, half in halves(cases, options):
        yield from _half(name, half)
    if options.misses:
        write_misses(options, "public", _misses([case for case in cases if is_readable(case.text)]))


def halves(cases: Sequence[Case], options: Options) -> list[tuple[str, list[Case]]]:
    """The sentences by whether they may be read, and all of them; while developing, the first only."""
    readable = [case for case in cases if is_readable(case.text)]
    if options.developing:
        return [("readable half", readable)]
    scored = [case for case in cases if not is_readable(case.text)]
    return [("readable half", readable), ("scored half", scored), ("both halves", list(cases))]


def is_readable(text: str) -> bool:
    """Whether a sentence may be looked at while developing: by the first bit of a hash of it."""
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 0


def read(path: Path) -> list[Case]:
    return [_case(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _case(entry: dict[str, str]) -> Case:
    intent = Intent(entry["intent"])
    before = entry.get("context") or ""
    kind = ExpectationKind.YES_NO if intent in _ANSWERS else ExpectationKind.OPEN
    asked = Expectation(kind, asked=before) if before or intent in _ANSWERS else _OPEN
    beside = _BESIDE.get(intent, frozenset())
    return Case(entry["text"], frozenset({intent}), beside, None, asked, entry["text"], 1.0, ())


def _half(name: str, cases: Sequence[Case]) -> Iterator[Row]:
    ours, theirs = answers(cases, by_product), answers(cases, by_baseline)
    mine, base, inside = score(ours), score(theirs), score(answers(cases, by_baseline_inside))
    note = f"{len(cases)} sentences; the baseline with our cues and readers {percent(inside.accuracy)}"
    yield at_least(f"accuracy, {name}", mine.accuracy, ACCURACY, base.accuracy, note)
    yield _lead(name, mine, base)
    yield from _labels(name, ours, theirs)
    yield at_least(f"out of scope caught, {name}", mine.out_of_scope_caught, CAUGHT, base.out_of_scope_caught)
    yield at_most(f"rest refused, {name}", mine.others_refused, REFUSED, base.others_refused)


def _lead(name: str, mine: Score, base: Score) -> Row:
    lead = mine.accuracy - base.accuracy
    wanted = f">= {100 * OVER_BASELINE:.0f} points"
    return Row(f"over the baseline, {name}", f"{100 * lead:.1f} points", wanted, "", lead >= OVER_BASELINE)


def _labels(name: str, ours: Sequence[Answer], theirs: Sequence[Answer]) -> Iterator[Row]:
    """Accuracy of each label that has enough sentences, the worst first."""
    mine, base = by_label(ours), by_label(theirs)
    for label in sorted(mine, key=lambda label: mine[label][0]):
        share, size = mine[label]
        measure = f"{label.value}, {name}"
        if size >= COUNTED:
            yield at_least(measure, share, LABEL, base[label][0], f"{size} sentences")
        else:
            yield Row(measure, percent(share), "", f"{size} sentences", None, percent(base[label][0]))


def by_label(given: Sequence[Answer]) -> dict[Intent, tuple[float, int]]:
    """Share of right answers and number of sentences of each label."""
    marks: defaultdict[Intent, list[bool]] = defaultdict(list)
    for case, said in given:
        (intent,) = case.intents
        marks[intent].append(is_right(case, said))
    return {intent: (sum(right) / len(right), len(right)) for intent, right in marks.items()}


def _misses(cases: Sequence[Case]) -> list[str]:
    missed = [(case, said) for case, said in answers(cases, by_product) if not is_right(case, said)]
    return [
        f"{', '.join(case.intents)}\t{', '.join(said) or 'nothing'}\t{case.text}\t{case.expectation.asked}"
        for case, said in missed
    ]
