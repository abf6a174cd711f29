"""Calendar days as they read on a page."""

from __future__ import annotations

from datetime import date


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
