"""Our own test half as a poor recogniser would write it: words lost, doubled, or taken for others like them.

The noise is made by the code that makes noisy training rows (`intents.augment`), from other dice and from
the words of the recogniser's language model: it is kinder than a recogniser it was not made for would be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.understanding_minds import answers, by_baseline, by_product
from benchmarks.understanding_rows import Options, Row, absent, percent
from intents import frozen
from intents.augment import noisy
from intents.corpus import sentences
from intents.frozen import Case
from intents.frozen.scoring import score
from words.tokens import words

LOSSES = {0.10: 0.02, 0.25: 0.06}  # word error -> most that may be lost


def rows(options: Options) -> Iterator[Row]:
    if options.developing:
        yield absent("recogniser noise", "kept for the closing figures")
        return
    cases = list(frozen.cases())[:: 40 if options.quick else 1]
    clean = score(answers(cases, by_product)).accuracy
    theirs = score(answers(cases, by_baseline)).accuracy
    for rate, most in LOSSES.items():
        yield _row(cases, rate, most, clean, theirs)


def _row(cases: Sequence[Case], rate: float, most: float, clean: float, theirs: float) -> Row:
    vocabulary = sorted({word for sentence in sentences() for word in sentence.split() if len(word) > 2})
    heard = [noisy(case.text, vocabulary, rate, dice="bench") for case in cases]
    found = score(answers(cases, by_product, heard)).accuracy
    base, made = score(answers(cases, by_baseline, heard)).accuracy, percent(word_error(cases, heard))
    return Row(
        f"lost at {percent(rate)} word error",
        f"{100 * (clean - found):.1f} points",
        f"<= {100 * most:.0f} points",
        f"accuracy {percent(clean)} -> {percent(found)}; errors made in {made} of words",
        clean - found <= most,
        f"{100 * (theirs - base):.1f} points",
    )


def word_error(cases: Sequence[Case], heard: Sequence[str]) -> float:
    """Words changed, lost and added, of the words said."""
    from rapidfuzz.distance import Levenshtein

    said = [words(case.text) for case in cases]
    errors = sum(Levenshtein.distance(one, words(other)) for one, other in zip(said, heard, strict=True))
    return errors / sum(map(len, said))
