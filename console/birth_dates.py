"""Birth dates as staff type them. Pure."""

from __future__ import annotations

import re
from datetime import date

_US_DATE = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})")


def birth_date(text: str) -> date | None:
    """ "1981-03-05", "3/5/1981" (month first). None for anything else."""
    text = text.strip()
    try:
        if text.isascii() and (us := _US_DATE.fullmatch(text)):
            month, day, year = map(int, us.groups())
            return date(year, month, day)
        return date.fromisoformat(text)
    except ValueError:
        return None
