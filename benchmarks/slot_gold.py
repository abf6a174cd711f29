"""Which values of ``../shared/evaldata/slots`` are not scored, and why. Rows are counted from 1.

NLU++ normalised its values by rule (Casanueva et al. 2022, arXiv:2204.13021), and its rules err in the ways
named here. Each was judged by the sentence alone, before any reader was asked.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

REFERENCE: Final = datetime(2022, 3, 15, 9, 0)  # "now" of the source: a Tuesday


def _places(name: str, *numbers: int) -> set[tuple[int, str]]:
    return {(number, name) for number in numbers}


EXCLUDED: Final[dict[str, set[tuple[int, str]]]] = {
    "one end of a range, read by the source without the month of the other": (
        _places("date_from", 7, 29, 46, 47, 48, 49, 50, 92, 93, 94, 95, 96, 158, 181, 228, 269, 309, 395, 406)
        | _places("date_to", 286, 333, 353, 371)
    ),
    "end of a range before its beginning": _places("date_to", 230, 235, 243, 260, 310, 350, 374, 389, 403),
    "weekday and day disagree: the source takes a year in which they agree": _places(
        "date", 122, 190, 244, 268
    ),
    "told of the past, and the source gives a day to come": (
        _places("date", 66, 68, 142, 189, 213, 401)
        | _places("date_from", 51, 69, 70, 71, 137, 182, 183)
        | _places("date_to", 46, 47, 48, 49, 50, 69, 70, 92, 93, 96, 97, 137, 181, 182)
    ),
    "a day to come, and the source gives one that has passed": (
        _places("date", 143) | _places("date_from", 330) | _places("date_to", 332)
    ),
    "a year alone, or a week counted wrongly": _places("date", 108) | _places("date_from", 9),
}
