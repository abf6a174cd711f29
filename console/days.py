"""Calendar days as they read on a page."""

from __future__ import annotations

from datetime import date

EARLIEST, LATEST = 1900, 2999  # years


def said(day: date) -> str:
    """ "Mar 5, 1981"."""
    return f"{day:%b} {day.day}, {day.year}"


def born(text: str, today: date) -> str:
    """ "Mar 5, 1981 (45)"; as the chart writes it where that is no whole date."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    age = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    return f"{said(day)} ({age})"


def near(text: str) -> date | None:
    """The day that is written, None for none, and for one that no call can be of: its neighbours and its
    midnight in any zone are days too."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if EARLIEST <= day.year <= LATEST else None
