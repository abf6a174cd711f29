"""What the waitlist says by text, and how an answer to it is read.

A text holds the practice's name, the date, the time and the number to call, and nothing about the visit
(what may stand in a reminder, domain rules section 4).
"""

from __future__ import annotations

from datetime import datetime

from backends.practice import Practice

_YES = frozenset("y yes yep yeah yup ok okay sure accept 1 si".split())
_NO = frozenset("n no nope decline pass 2".split())
_FILLERS = frozenset("please thanks thank you".split())


def read_answer(body: str) -> bool | None:
    """Yes, no, or None for a text that is neither: one word decides, beside a please or thanks."""
    words = [word.strip(".,!'\"").lower() for word in body.split()]
    telling = {word for word in words if word and word not in _FILLERS}
    if telling and telling <= _YES:
        return True
    return False if telling and telling <= _NO else None


class Replies:
    """The sentences of one practice."""

    def __init__(self, practice: Practice) -> None:
        self._practice = practice

    def offer(self, start: datetime, minutes: int) -> str:
        """The opening, and that it is held for so many minutes."""
        return (
            f"{self._practice.name}: a time is open on {self._when(start)}. Reply Y to take it or N to pass, "
            f"within {minutes} minutes, or call {self._phone()}. Reply STOP for no more texts."
        )

    def booked(self, start: datetime) -> str:
        when = self._when(start)
        return f"{self._practice.name}: you are booked on {when}. Call {self._phone()} to change it."

    def kept_waiting(self) -> str:
        return (
            f"{self._practice.name}: all right. You are still on the list. Call {self._phone()} to leave it."
        )

    def too_late(self) -> str:
        return (
            f"{self._practice.name}: that time is no longer held. You are still on the list. "
            f"Call {self._phone()} with any question."
        )

    def _when(self, start: datetime) -> str:
        """ "Tue Dec 1 at 2:20 PM", in the practice's time."""
        local = start.astimezone(self._practice.zone)
        return f"{local:%a %b} {local.day} at {local.hour % 12 or 12}:{local:%M %p}"

    def _phone(self) -> str:
        digits = self._practice.phone.removeprefix("+1")
        national = len(digits) == 10 and digits.isdigit()
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}" if national else self._practice.phone
