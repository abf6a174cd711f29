"""Sentences as callers say them, with what the screen must make of each: a table a page of the lexicon.

A row is what is due, a tab, the sentence. Due is the whole answer as `witnesses.answer` words it ("silent",
"asks RF01", "RF01 urgent, asks RF01"), or a sign with its disposition that must be among those raised. Each
line of the lexicon decides a row; ``python -m tests.dialog_safety.mutations`` names one that does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_FOLDER = Path(__file__).parent


def _rows(path: Path) -> tuple[tuple[str, str], ...]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple((due, said) for due, said in (line.split("\t") for line in lines))


# table -> (due, sentence)
TOLD: Mapping[str, tuple[tuple[str, str], ...]] = {
    path.stem: _rows(path) for path in sorted(_FOLDER.glob("*.tsv"))
}
