"""Mutation harness of the danger screen: which removals would no test notice?

``python -m tests.dialog_safety.mutations`` (some minutes; ``--uncaught`` lists them) takes out every lexicon
line and switches off every assertion rule, one at a time. A removal is noticed when a frozen sentence or a
sentence of this folder's tables then answers otherwise than the tests allow: a danger that is missed or no
longer named, an alarm or a question that was not there. It ends with 1 where one is not noticed: write the
sentence that the line is there for into ``told``, or take the line out.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator

from tests.dialog_safety.mutants import Mutant, all_mutants
from tests.dialog_safety.witnesses import Witness, witnesses


def survivors(mutants: Iterable[Mutant], seen: tuple[Witness, ...]) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant, and whether a witness notices it."""
    for mutant in mutants:
        yield mutant, any(mutant.changes(witness) for witness in mutant.concerned(seen))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uncaught", action="store_true", help="name every removal that no test notices")
    parser.add_argument(
        "--only", default="", help="kinds of mutants that begin so, as printed in the first column"
    )
    options = parser.parse_args()
    started_s = time.monotonic()
    caught: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for mutant, noticed in survivors(all_mutants(options.only), witnesses()):
        tried[mutant.kind] += 1
        caught[mutant.kind] += noticed
        if options.uncaught and not noticed:
            print(f"not noticed: {mutant.kind}: {mutant.name}")
    for kind in tried:
        print(f"{kind:24} {caught[kind]:5} of {tried[kind]:5} removals noticed")
    total = f"{caught.total():5} of {tried.total():5} removals noticed"
    print(f"{'all':24} {total} in {time.monotonic() - started_s:.0f} s")
    sys.exit(caught.total() < tried.total())


if __name__ == "__main__":
    main()
