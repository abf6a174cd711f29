"""What the readers of national files share: bad lines, and one key for one set of ingredients."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Salts, and words that name no ingredient: "metoprolol succinate" and "metoprolol" are one drug here.
_SALTS = frozenset(
    "hydrochloride hcl dihydrochloride hydrobromide bromide chloride sodium disodium potassium calcium "
    "magnesium succinate tartrate bitartrate maleate besylate mesylate dimesylate fumarate hemifumarate "
    "citrate sulfate phosphate acetate carbonate gluconate oxide tosylate propionate furoate medoxomil "
    "pamoate disoproxil alafenamide monohydrate dihydrate trihydrate hemihydrate anhydrous acid human "
    "and".split()
)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be used: its file, its number from 1, and why."""

    file: str
    line: int
    why: str

    def __str__(self) -> str:
        return f"{self.file} line {self.line}: {self.why}"


def key_of(name: str) -> str:
    """The ingredients in a name without salts and order: "Hydrochlorothiazide / Lisinopril" as one of ours.

    A name of nothing but salts ("potassium chloride") keeps them all.
    """
    words = frozenset(re.findall(r"[a-z0-9]+", name.lower()))
    return " ".join(sorted(words - _SALTS or words))
