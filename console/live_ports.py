"""What the page of a live call reaches of who leads calls. Without them it shows what is stored."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from models.domain import CallGlance


class Listening(Protocol):
    """What is heard on a call that goes on, for one or several who listen."""

    @property
    def is_full(self) -> bool: ...

    def sound(self) -> AsyncGenerator[bytes, None]:
        """Signed 16-bit little-endian PCM, 8 kHz, one channel, until the call ends."""


def _not_here(call_id: str) -> Listening | None:
    return None


def _nothing() -> None:
    return


@dataclass(frozen=True, slots=True)
class Phone:
    """One of the practice's telephones, named by whose it is."""

    name: str
    number: str  # E.164


def _no_phones(came_in_on: frozenset[str]) -> Sequence[Phone]:
    return ()


@dataclass(frozen=True)
class LivePorts:
    """``glance``: what the dialog knows of a call, from the state stored with it. ``phones``: where a call
    may be taken over that came in on these numbers. ``order_given`` is told that an order of a call was
    stored. ``listen``: the sound of a call that this process leads, None of any other.
    """

    glance: Callable[[Mapping[str, Any]], CallGlance] | None = None
    phones: Callable[[frozenset[str]], Sequence[Phone]] = _no_phones
    order_given: Callable[[], None] = _nothing
    listen: Callable[[str], Listening | None] = _not_here
